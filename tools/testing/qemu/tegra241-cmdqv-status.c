/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Handshakes: STATUS follows CONFIG, at once or late
 *
 * With a seed STATUS of the block, of a VINTF and of a queue follows the EN of
 * its CONFIG up to half a millisecond later.  Until then the level is as it
 * was: one that goes off still works, or not any more (alt-off-late), and one
 * that goes on does not yet.  A new EN supersedes one that STATUS has not
 * followed, or waits until it has (alt-superseded).  A driver that does not
 * poll STATUS, or that looks at it once, meets config-unpolled.
 *
 * A driver gives a VINTF that has not answered one millisecond more, so the
 * delays are shorter than that.  A read takes a microsecond on hardware, and an
 * instruction here: each read of STATUS makes the wait a microsecond shorter,
 * for software that counts reads.
 */

#include "qemu/osdep.h"
#include "tegra241-cmdqv-hw.h"

/* Whether STATUS is still to follow CONFIG */
bool cmdqv_handshake_pending(const CmdqvHandshake *h)
{
    return timer_pending(h->timer);
}

/* STATUS */
static bool handshake_enabled(const CmdqvHandshake *h)
{
    const CmdqvState *s = h->s;

    switch (h->level) {
    case CMDQV_LEVEL_GLOBAL:
        return s->enabled;
    case CMDQV_LEVEL_VINTF:
        return s->vintfs[h->index].enabled;
    default:
        return s->queues[h->index].enabled;
    }
}

/* EN of CONFIG */
static bool handshake_wanted(const CmdqvHandshake *h)
{
    const CmdqvState *s = h->s;

    switch (h->level) {
    case CMDQV_LEVEL_GLOBAL:
        return FIELD_EX32(s->config, CMDQV_CONFIG, EN);
    case CMDQV_LEVEL_VINTF:
        return FIELD_EX32(s->vintfs[h->index].config, VINTF_CONFIG, EN);
    default:
        return FIELD_EX32(s->queues[h->index].config, VCMDQ_CONFIG, EN);
    }
}

static void handshake_acknowledge(CmdqvHandshake *h)
{
    CmdqvState *s = h->s;

    switch (h->level) {
    case CMDQV_LEVEL_GLOBAL:
        cmdqv_global_acknowledge(s, h->on);
        break;
    case CMDQV_LEVEL_VINTF:
        cmdqv_vintf_acknowledge(s, h->index, h->on);
        break;
    default:
        cmdqv_queue_acknowledge(&s->queues[h->index], h->on);
        break;
    }
}

/* EN was changed again before STATUS had followed */
static void handshake_change(CmdqvHandshake *h, bool on)
{
    CmdqvState *s = h->s;

    switch (h->level) {
    case CMDQV_LEVEL_GLOBAL:
        cmdqv_handshake(h, on);
        break;
    case CMDQV_LEVEL_VINTF:
        cmdqv_vintf_change(s, h->index, on);
        break;
    default:
        cmdqv_queue_change(&s->queues[h->index], on);
        break;
    }
}

static void handshake_follow(CmdqvHandshake *h)
{
    handshake_acknowledge(h);
    if (!cmdqv_handshake_pending(h) && h->last != h->on) {
        handshake_change(h, h->last);
    }
}

static void handshake_timer(void *opaque)
{
    handshake_follow(opaque);
}

/* STATUS does not follow before this time */
void cmdqv_handshake_wait(CmdqvHandshake *h, int64_t until)
{
    h->reads = (until - qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL)) / SCALE_US;
    timer_mod(h->timer, until);
}

/* EN of CONFIG was written as @on, at a level that answers */
void cmdqv_handshake(CmdqvHandshake *h, bool on)
{
    bool again = cmdqv_handshake_pending(h) && h->on == on;

    h->last = on;
    if (cmdqv_handshake_pending(h) &&
        cmdqv_alt(h->s, CMDQV_ALT_SUPERSEDED)) {
        return;
    }
    h->on = on;
    if (!cmdqv_async(h->s) || handshake_enabled(h) == on) {
        timer_del(h->timer);
        handshake_acknowledge(h);
    } else if (!again) {
        cmdqv_handshake_wait(h, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) +
                             cmdqv_async_status_delay(h->s));
    }
}

/*
 * STATUS is read; whether that ends a poll.  It does if STATUS is as CONFIG,
 * although an older change may be to come (alt-superseded), or if STATUS will
 * not follow.
 */
bool cmdqv_handshake_read(CmdqvHandshake *h)
{
    if (cmdqv_handshake_pending(h) && !h->reads--) {
        timer_del(h->timer);
        handshake_follow(h);
    }
    return !cmdqv_handshake_pending(h) ||
           handshake_enabled(h) == handshake_wanted(h);
}

/* The level is off for another reason, or the machine starts anew */
void cmdqv_handshake_forget(CmdqvHandshake *h)
{
    timer_del(h->timer);
}

void cmdqv_handshake_init(CmdqvHandshake *h, CmdqvState *s, CmdqvLevel level,
                          unsigned index)
{
    h->s = s;
    h->level = level;
    h->index = index;
    h->timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, handshake_timer, h);
}
