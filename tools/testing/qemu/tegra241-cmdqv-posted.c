/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Posted writes: a write of the aperture is over before it has arrived
 *
 * With a seed the writes wait in a queue of their own, in order.  A read of the
 * aperture waits for all of them, as reads of a device do; without one they
 * arrive some time later.  Registers of the SMMU are another device: a read or
 * write there waits for nothing here.  A driver that has to know that a write
 * has arrived must read.
 *
 * An access belongs to the processor that made it, whenever it arrives.
 */

#include "qemu/osdep.h"
#include "tegra241-cmdqv-hw.h"

/* More than any interconnect holds */
#define MAX_POSTED  64

static void posted_arrive(CmdqvPosted *p, unsigned n)
{
    while (n-- && p->len) {
        CmdqvWrite w = p->writes[0];

        p->len--;
        memmove(p->writes, p->writes + 1, p->len * sizeof(w));
        cmdqv_aperture_apply(p->s, &w);
    }
}

static void posted_timer(void *opaque)
{
    CmdqvPosted *p = opaque;

    posted_arrive(p, cmdqv_async_burst(p->s));
    if (p->len) {
        timer_mod(p->timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) +
                  cmdqv_async_delay(p->s));
    }
}

/* Before a read of the aperture */
void cmdqv_posted_flush(CmdqvPosted *p)
{
    posted_arrive(p, MAX_POSTED);
    timer_del(p->timer);
}

void cmdqv_posted_write(CmdqvPosted *p, const CmdqvWrite *w)
{
    if (!cmdqv_async(p->s)) {
        cmdqv_aperture_apply(p->s, w);
        return;
    }
    if (p->len == MAX_POSTED) {
        posted_arrive(p, 1);
    }
    p->writes[p->len++] = *w;
    if (!timer_pending(p->timer)) {
        timer_mod(p->timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) +
                  cmdqv_async_delay(p->s));
    }
}

void cmdqv_posted_reset(CmdqvPosted *p)
{
    p->len = 0;
    timer_del(p->timer);
}

void cmdqv_posted_init(CmdqvPosted *p, CmdqvState *s)
{
    p->s = s;
    p->writes = g_new(CmdqvWrite, MAX_POSTED);
    p->timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, posted_timer, p);
}
