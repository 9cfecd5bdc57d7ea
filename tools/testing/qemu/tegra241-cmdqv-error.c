/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Raising errors, and the interrupt
 *
 * GERROR and GERRORN are a toggle pair: a bit is active while they differ, so
 * an error that is still active cannot be raised again. Every new error makes
 * one edge, whatever is pending.
 */

#include "qemu/osdep.h"
#include "hw/irq.h"
#include "qemu/log.h"
#include "tegra241-cmdqv-hw.h"

#define IRQ_REPEAT_NS   (10 * SCALE_US)

static void irq_later(CmdqvState *s)
{
    int64_t delay = cmdqv_async(s) ? cmdqv_async_delay(s) : IRQ_REPEAT_NS;

    if (s->irqs_left) {
        timer_mod(s->irq_timer,
                  qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + delay);
    }
}

static void irq_timer(void *opaque)
{
    CmdqvState *s = opaque;

    if (!s->irqs_left) {
        return;
    }
    s->irqs_left--;
    if (!cmdqv_async(s)) {
        s->count.interrupts++;
    }
    qemu_irq_pulse(s->irq);
    irq_later(s);
}

/* @q has the error that it tells of, if any */
void cmdqv_pulse_irq(CmdqvState *s, const CmdqvQueue *q)
{
    bool faulty = cmdqv_fault_irq(s, q);

    if (faulty && s->faults.irq_lost) {
        s->faults.irq_lost--;
        s->count.interrupts_lost++;
        return;
    }
    s->count.interrupts++;
    if (faulty) {
        s->irqs_left += s->faults.irq_repeat;
    }
    if (cmdqv_async(s)) {
        /* Late, and counted now */
        s->count.interrupts += faulty ? s->faults.irq_repeat : 0;
        s->irqs_left++;
    } else {
        qemu_irq_pulse(s->irq);
    }
    irq_later(s);
}

void cmdqv_queue_raise(CmdqvQueue *q, uint32_t gerror_bits, unsigned code)
{
    CmdqvState *s = q->s;
    uint32_t fresh = gerror_bits & ~cmdqv_queue_errors(q);

    qemu_log_mask(LOG_GUEST_ERROR, "cmdqv-hw: VCMDQ%u: GERROR 0x%x, code %u, "
                  "CONS 0x%x\n", q->index, gerror_bits, code, q->cons);
    if (!fresh) {
        return;
    }
    if (fresh & R_VCMDQ_GERROR_CMDQ_ERR_MASK) {
        q->cons = FIELD_DP32(q->cons, VCMDQ_CONS, ERR, code);
        s->count.queues[q->index].errors[code % CMDQV_ERR_CODES]++;
    }
    if (fresh & R_VCMDQ_GERROR_CMDQ_INIT_ERR_MASK) {
        s->count.init_errors++;
    }
    q->gerror ^= fresh;

    if (!cmdqv_queue_mapped(q) && cmdqv_alt(s, CMDQV_ALT_UNMAPPED_EDGE)) {
        return;
    }
    if (cmdqv_queue_mapped(q) && !cmdqv_alt(s, CMDQV_ALT_INT_MASK) &&
        (s->int_mask & BIT_ULL(cmdqv_queue_vintf(q)))) {
        s->count.interrupts_masked++;
        s->masked_edges |= BIT_ULL(cmdqv_queue_vintf(q));
        return;
    }
    cmdqv_pulse_irq(s, q);
}

/* An edge that was masked is lost, or comes now, one for each VINTF */
void cmdqv_int_mask_changed(CmdqvState *s)
{
    uint64_t edges = s->masked_edges & ~s->int_mask;

    s->masked_edges &= s->int_mask;
    if (edges && cmdqv_alt(s, CMDQV_ALT_MASKED_EDGE)) {
        cmdqv_pulse_irq(s, NULL);
    }
}

void cmdqv_irq_init(CmdqvState *s)
{
    s->irq_timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, irq_timer, s);
}

void cmdqv_irq_reset(CmdqvState *s)
{
    timer_del(s->irq_timer);
    s->irqs_left = 0;
    s->masked_edges = 0;
}
