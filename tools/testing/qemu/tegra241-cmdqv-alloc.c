/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The allocation map: the logical number of a physical queue
 *
 * Within a VINTF queues must be allocated in ascending and removed in
 * descending order. Strict mode refuses a change out of order; otherwise the
 * model makes the change.
 */

#include "qemu/osdep.h"
#include "qemu/log.h"
#include "tegra241-cmdqv-hw.h"

#define ALLOC_MAP_MASK  (R_CMDQV_ALLOC_MAP_ALLOCATED_MASK | \
                         R_CMDQV_ALLOC_MAP_LVCMDQ_MASK | \
                         R_CMDQV_ALLOC_MAP_VINTF_MASK)

bool cmdqv_queue_mapped(const CmdqvQueue *q)
{
    return FIELD_EX32(q->alloc, CMDQV_ALLOC_MAP, ALLOCATED);
}

/* That of a queue that is not mapped is the one in which it was last */
unsigned cmdqv_queue_vintf(const CmdqvQueue *q)
{
    return q->vintf;
}

static unsigned queue_lvcmdq(const CmdqvQueue *q)
{
    return FIELD_EX32(q->alloc, CMDQV_ALLOC_MAP, LVCMDQ);
}

CmdqvQueue *cmdqv_logical_queue(CmdqvState *s, unsigned v, unsigned l)
{
    int index = s->logical[v][l];

    return index < 0 ? NULL : &s->queues[index];
}

unsigned cmdqv_vintf_mapped_queues(CmdqvState *s, unsigned v)
{
    unsigned n = 0;

    for (unsigned l = 0; l < CMDQV_MAX_LVCMDQS; l++) {
        n += s->logical[v][l] >= 0;
    }
    return n;
}

/* True if strict mode permits that queue @q becomes (@v, @l) */
static bool alloc_may_map(CmdqvState *s, CmdqvQueue *q, unsigned v,
                          unsigned l)
{
    if (!s->enabled) {
        cmdqv_strict(s, CMDQV_MAP_CMDQV_OFF, CMDQV_HOST, "VCMDQ%u", q->index);
    } else if (!s->vintfs[v].enabled) {
        cmdqv_strict(s, CMDQV_MAP_VINTF_OFF, CMDQV_HOST,
                     "VCMDQ%u to VINTF%u", q->index, v);
    } else if (s->vintfs[v].unpolled) {
        cmdqv_strict(s, CMDQV_CONFIG_UNPOLLED, CMDQV_HOST,
                     "VCMDQ%u mapped to VINTF%u", q->index, v);
    }
    if (q->enabled) {
        cmdqv_strict(s, CMDQV_MAP_QUEUE_ON, CMDQV_HOST, "VCMDQ%u", q->index);
    }
    if (l > 0 && s->logical[v][l - 1] < 0) {
        qemu_log_mask(LOG_GUEST_ERROR, "cmdqv-hw: VINTF%u: LVCMDQ%u mapped "
                      "before LVCMDQ%u\n", v, l, l - 1);
        cmdqv_strict(s, CMDQV_MAP_ORDER, CMDQV_HOST, "VINTF%u LVCMDQ%u", v, l);
        return false;
    }
    return true;
}

static bool alloc_may_unmap(CmdqvState *s, CmdqvQueue *q, unsigned v,
                            unsigned l)
{
    if (q->enabled) {
        cmdqv_strict(s, CMDQV_UNMAP_QUEUE_ON, cmdqv_queue_enabler(q),
                     "VCMDQ%u", q->index);
    } else {
        cmdqv_queue_check_polled(q, CMDQV_HOST, "unmapped");
    }
    cmdqv_queue_check_flushed(q);
    if (l + 1 < CMDQV_MAX_LVCMDQS && s->logical[v][l + 1] >= 0) {
        qemu_log_mask(LOG_GUEST_ERROR, "cmdqv-hw: VINTF%u: LVCMDQ%u unmapped "
                      "before LVCMDQ%u\n", v, l, l + 1);
        cmdqv_strict(s, CMDQV_UNMAP_ORDER, CMDQV_HOST, "VINTF%u LVCMDQ%u", v,
                     l);
        return false;
    }
    return true;
}

static bool alloc_conflict(CmdqvState *s, CmdqvQueue *q, unsigned v,
                           unsigned l)
{
    int other = v < cmdqv_num_vintfs(s) ? s->logical[v][l] : -1;

    if (v < cmdqv_num_vintfs(s) && (other < 0 || other == q->index)) {
        return false;
    }
    qemu_log_mask(LOG_GUEST_ERROR, "cmdqv-hw: VCMDQ%u cannot be LVCMDQ%u of "
                  "VINTF%u\n", q->index, l, v);
    cmdqv_strict(s, CMDQV_MAP_CONFLICT, CMDQV_HOST,
                 "VCMDQ%u as LVCMDQ%u of VINTF%u", q->index, l, v);
    return v >= cmdqv_num_vintfs(s) || !cmdqv_alt(s, CMDQV_ALT_SLOT_TWICE);
}

void cmdqv_alloc_write(CmdqvState *s, unsigned index, uint32_t value)
{
    CmdqvQueue *q = &s->queues[index];
    uint32_t next = value & ALLOC_MAP_MASK;
    unsigned v = FIELD_EX32(next, CMDQV_ALLOC_MAP, VINTF);
    unsigned l = FIELD_EX32(next, CMDQV_ALLOC_MAP, LVCMDQ);
    bool was = cmdqv_queue_mapped(q);
    bool on = FIELD_EX32(next, CMDQV_ALLOC_MAP, ALLOCATED);

    cmdqv_check_reserved(s, CMDQV_HOST, "ALLOC_MAP", value, ALLOC_MAP_MASK);
    if (s->unpolled) {
        cmdqv_strict(s, CMDQV_CONFIG_UNPOLLED, CMDQV_HOST,
                     "allocation map written");
    }
    if (was && on && next != q->alloc) {
        cmdqv_strict(s, CMDQV_MAP_MOVE, CMDQV_HOST, "VCMDQ%u", index);
    }
    /* Strict or not, one logical slot has one queue at most */
    if (on && alloc_conflict(s, q, v, l)) {
        return;
    }
    if (on && !was && !alloc_may_map(s, q, v, l) &&
        (s->strict || cmdqv_alt(s, CMDQV_ALT_ORDER))) {
        return;
    }
    if (was && !on && cmdqv_fault_take(s, &s->faults.guest_enable, index)) {
        cmdqv_queue_guest_enable(q);
    }
    if (was && !on &&
        !alloc_may_unmap(s, q, cmdqv_queue_vintf(q), queue_lvcmdq(q)) &&
        s->strict) {
        return;
    }
    /* Another queue may have replaced it there */
    if (was && cmdqv_logical_queue(s, cmdqv_queue_vintf(q),
                                   queue_lvcmdq(q)) == q) {
        s->logical[cmdqv_queue_vintf(q)][queue_lvcmdq(q)] = -1;
    }
    q->alloc = next;
    if (on) {
        q->vintf = v;
        s->logical[v][l] = index;
        if (!was) {
            cmdqv_queue_mapped_again(q);
        }
        cmdqv_queue_run(q);
    }
}

void cmdqv_alloc_reset(CmdqvState *s)
{
    for (unsigned i = 0; i < CMDQV_MAX_VCMDQS; i++) {
        s->queues[i].alloc = 0;
        s->queues[i].vintf = 0;
    }
    memset(s->logical, 0xff, sizeof(s->logical));
}
