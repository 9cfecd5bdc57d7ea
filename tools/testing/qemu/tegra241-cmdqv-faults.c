/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fault knobs
 *
 * Each is a property named fault-*, to be set on the command line or at any
 * time through QMP.  A knob that says "so many of the next" counts down and
 * shows what is left; UINT32_MAX never ends.  fault-vintf and fault-vcmdq
 * narrow those that are about a VINTF or a queue to one VINTF and one physical
 * queue (-1: all); an interrupt that tells of no queue is never out of bounds.
 *
 * A level whose disable is never acknowledged keeps running, or begins no
 * command any more (alt-off-late).
 *
 * A CMD_SYNC that is late stays at CONS: it is fetched once, and when its time
 * has come it completes or reports an ATC timeout.
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "tegra241-cmdqv-hw.h"

/* An hour */
#define MAX_SYNC_LATE_NS    (3600 * (uint64_t)NANOSECONDS_PER_SECOND)

static bool fault_selects(const CmdqvState *s, CmdqvLevel level,
                          unsigned index)
{
    const CmdqvFaults *f = &s->faults;
    const CmdqvQueue *q;

    switch (level) {
    case CMDQV_LEVEL_GLOBAL:
        return true;
    case CMDQV_LEVEL_VINTF:
        return f->vintf < 0 || f->vintf == index;
    default:
        q = &s->queues[index];
        return (f->vcmdq < 0 || f->vcmdq == index) &&
               (f->vintf < 0 || (cmdqv_queue_mapped(q) &&
                                 cmdqv_queue_vintf(q) == f->vintf));
    }
}

/* True if STATUS follows CONFIG */
bool cmdqv_fault_acknowledge(CmdqvState *s, CmdqvLevel level, unsigned index,
                             bool enable)
{
    bool stuck = enable ? s->faults.enable_stuck[level] :
                          s->faults.disable_stuck[level];

    return !stuck || !fault_selects(s, level, index);
}

/* Whether an interrupt may get lost or come again */
bool cmdqv_fault_irq(const CmdqvState *s, const CmdqvQueue *q)
{
    return !q || fault_selects(s, CMDQV_LEVEL_VCMDQ, q->index);
}

uint32_t cmdqv_fault_slow_ns(const CmdqvQueue *q)
{
    return fault_selects(q->s, CMDQV_LEVEL_VCMDQ, q->index) ?
           q->s->faults.slow_ns : 0;
}

static bool fault_take(uint32_t *budget)
{
    if (!*budget) {
        return false;
    }
    if (*budget != UINT32_MAX) {
        (*budget)--;
    }
    return true;
}

/* Takes one from @budget if the knob applies to physical queue @queue */
bool cmdqv_fault_take(CmdqvState *s, uint32_t *budget, unsigned queue)
{
    return fault_selects(s, CMDQV_LEVEL_VCMDQ, queue) && fault_take(budget);
}

bool cmdqv_fault_start_error(CmdqvQueue *q, unsigned *code)
{
    *code = q->s->faults.start_error;
    return *code && fault_selects(q->s, CMDQV_LEVEL_VCMDQ, q->index);
}

/* Whether the SMMU fails at the next command of @q */
bool cmdqv_fault_sfm(CmdqvQueue *q)
{
    uint32_t *left = &q->s->faults.sfm;

    return cmdqv_fault_take(q->s, left, q->index) && !*left;
}

static bool fault_selects_sid(const CmdqvFaults *f, uint32_t sid)
{
    return f->atc_timeout_sid < 0 || f->atc_timeout_sid == sid;
}

bool cmdqv_fault_atc_timeout(CmdqvQueue *q, uint32_t sid)
{
    CmdqvFaults *f = &q->s->faults;

    return fault_selects_sid(f, sid) &&
           cmdqv_fault_take(q->s, &f->atc_timeout, q->index);
}

/* In the SMMU's own queue */
bool cmdqv_fault_main_atc_timeout(CmdqvState *s, uint32_t sid)
{
    return fault_selects_sid(&s->faults, sid) &&
           fault_take(&s->faults.main_atc_timeout);
}

/* True while the CMD_SYNC at CONS may not complete */
bool cmdqv_late(const CmdqvLate *late)
{
    return late->on && qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) < late->until;
}

/* Begins to hold a CMD_SYNC */
static void fault_begin_late(CmdqvState *s, CmdqvLate *late)
{
    late->on = true;
    late->until = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) +
                  s->faults.sync_late_ns;
    s->count.late_syncs++;
}

/* Whether the knobs are about a CMD_SYNC, behind such an ATC_INV or not */
static bool fault_selects_sync(const CmdqvFaults *f, bool unanswered)
{
    return f->sync_late_ns && (unanswered || !f->sync_unanswered);
}

/* True if the CMD_SYNC at CONS does not complete now */
bool cmdqv_fault_sync_late(CmdqvQueue *q)
{
    CmdqvFaults *f = &q->s->faults;

    if (q->late.on) {
        q->late.on = cmdqv_late(&q->late);
    } else if (fault_selects_sync(f, q->atc_timed_out) &&
               cmdqv_fault_take(q->s, &f->sync_late, q->index)) {
        fault_begin_late(q->s, &q->late);
    }
    return q->late.on;
}

/* The same in the SMMU's own queue */
bool cmdqv_fault_main_sync_late(CmdqvState *s)
{
    CmdqvLate *late = &s->mainq.late;

    if (late->on) {
        late->on = cmdqv_late(late);
    } else if (fault_selects_sync(&s->faults, s->mainq.atc_timed_out) &&
               fault_take(&s->faults.main_sync_late)) {
        fault_begin_late(s, late);
    }
    return late->on;
}

/* True if a CMD_SYNC there can be late */
bool cmdqv_fault_main_syncs_late(const CmdqvState *s)
{
    return s->faults.main_sync_late && s->faults.sync_late_ns;
}

/*
 * State that a previous kernel may leave: mapped queues, running and in error,
 * without the edge of the error
 */
void cmdqv_faults_reset(CmdqvState *s)
{
    unsigned per_vintf = MAX(cmdqv_num_vcmdqs(s) / cmdqv_num_vintfs(s), 1);
    uint32_t left = s->faults.boot_error | s->faults.boot_on;

    for (unsigned i = 0; i < 32 && i < cmdqv_num_vcmdqs(s); i++) {
        CmdqvQueue *q = &s->queues[i];
        unsigned v = i / per_vintf, l = i % per_vintf;

        if (!(left & BIT(i)) ||
            (s->faults.vcmdq >= 0 && s->faults.vcmdq != i) ||
            (s->faults.vintf >= 0 && s->faults.vintf != v)) {
            continue;
        }
        q->alloc = FIELD_DP32(0, CMDQV_ALLOC_MAP, ALLOCATED, 1);
        q->alloc = FIELD_DP32(q->alloc, CMDQV_ALLOC_MAP, VINTF, v);
        q->alloc = FIELD_DP32(q->alloc, CMDQV_ALLOC_MAP, LVCMDQ, l);
        q->vintf = v;
        s->logical[v][l] = i;
        if (s->faults.boot_on & BIT(i)) {
            s->config = FIELD_DP32(s->config, CMDQV_CONFIG, EN, 1);
            s->enabled = true;
            cmdqv_vintf_leave_on(s, v);
            cmdqv_queue_leave_on(q);
        }
        if (s->faults.boot_error & BIT(i)) {
            q->cons = FIELD_DP32(q->cons, VCMDQ_CONS, ERR, CMDQV_ERR_ILL);
            q->gerror = R_VCMDQ_GERROR_CMDQ_ERR_MASK;
        }
    }
}

static bool fault_get_irq_now(Object *obj, Error **errp)
{
    return false;
}

static void fault_set_irq_now(Object *obj, bool value, Error **errp)
{
    if (value) {
        cmdqv_pulse_irq(TEGRA241_CMDQV_HW(obj), NULL);
    }
}

static void fault_get_int32(Object *obj, Visitor *v, const char *name,
                            void *opaque, Error **errp)
{
    visit_type_int32(v, name, opaque, errp);
}

static void fault_set_int32(Object *obj, Visitor *v, const char *name,
                            void *opaque, Error **errp)
{
    visit_type_int32(v, name, opaque, errp);
}

static void fault_get_bool(Object *obj, Visitor *v, const char *name,
                           void *opaque, Error **errp)
{
    visit_type_bool(v, name, opaque, errp);
}

static void fault_set_bool(Object *obj, Visitor *v, const char *name,
                           void *opaque, Error **errp)
{
    visit_type_bool(v, name, opaque, errp);
}

static void fault_get_uint64(Object *obj, Visitor *v, const char *name,
                             void *opaque, Error **errp)
{
    visit_type_uint64(v, name, opaque, errp);
}

static void fault_set_sync_late_ns(Object *obj, Visitor *v, const char *name,
                                   void *opaque, Error **errp)
{
    uint64_t *value = opaque;
    uint64_t ns;

    if (!visit_type_uint64(v, name, &ns, errp)) {
        return;
    }
    if (ns > MAX_SYNC_LATE_NS) {
        error_setg(errp, "%s is at most %" PRIu64, name, MAX_SYNC_LATE_NS);
        return;
    }
    *value = ns;
}

static void fault_add_bools(Object *obj, CmdqvFaults *f)
{
    const struct {
        const char *name;
        bool *value;
    } bools[] = {
        { "fault-cmdqv-disable-stuck",
          &f->disable_stuck[CMDQV_LEVEL_GLOBAL] },
        { "fault-cmdqv-enable-stuck", &f->enable_stuck[CMDQV_LEVEL_GLOBAL] },
        { "fault-param-irq", &f->param_irq },
        { "fault-sync-unanswered", &f->sync_unanswered },
        { "fault-vcmdq-disable-stuck", &f->disable_stuck[CMDQV_LEVEL_VCMDQ] },
        { "fault-vcmdq-enable-stuck", &f->enable_stuck[CMDQV_LEVEL_VCMDQ] },
        { "fault-vintf-disable-stuck", &f->disable_stuck[CMDQV_LEVEL_VINTF] },
        { "fault-vintf-enable-stuck", &f->enable_stuck[CMDQV_LEVEL_VINTF] },
    };

    for (int i = 0; i < ARRAY_SIZE(bools); i++) {
        object_property_add(obj, bools[i].name, "bool", fault_get_bool,
                            fault_set_bool, NULL, bools[i].value);
    }
    object_property_add_bool(obj, "fault-irq-now", fault_get_irq_now,
                             fault_set_irq_now);
}

static void fault_add_words(Object *obj, CmdqvFaults *f)
{
    const struct {
        const char *name;
        uint32_t *value;
    } words[] = {
        { "fault-atc-timeout", &f->atc_timeout },
        { "fault-boot-error", &f->boot_error },
        { "fault-boot-on", &f->boot_on },
        { "fault-fetch-abort", &f->fetch_abort },
        { "fault-guest-enable", &f->guest_enable },
        { "fault-guest-enable-base", &f->guest_enable_base },
        { "fault-illegal-command", &f->illegal },
        { "fault-irq-lost", &f->irq_lost },
        { "fault-irq-repeat", &f->irq_repeat },
        { "fault-main-atc-timeout", &f->main_atc_timeout },
        { "fault-main-sync-late", &f->main_sync_late },
        { "fault-param", &f->param },
        { "fault-sfm", &f->sfm },
        { "fault-slow-ns", &f->slow_ns },
        { "fault-start-error", &f->start_error },
        { "fault-sync-late", &f->sync_late },
    };

    for (int i = 0; i < ARRAY_SIZE(words); i++) {
        object_property_add_uint32_ptr(obj, words[i].name, words[i].value,
                                       OBJ_PROP_FLAG_READWRITE);
    }
}

static void fault_add_maps(Object *obj, CmdqvFaults *f)
{
    const struct {
        const char *name;
        uint64_t *value;
    } maps[] = {
        { "fault-lvcmdq-err-map0", &f->lvcmdq_err_map[0] },
        { "fault-lvcmdq-err-map1", &f->lvcmdq_err_map[1] },
        { "fault-vintf-err-map", &f->vintf_err_map },
    };

    for (int i = 0; i < ARRAY_SIZE(maps); i++) {
        object_property_add_uint64_ptr(obj, maps[i].name, maps[i].value,
                                       OBJ_PROP_FLAG_READWRITE);
    }
}

static void fault_add_selectors(Object *obj, CmdqvFaults *f)
{
    const struct {
        const char *name;
        int32_t *value;
    } selectors[] = {
        { "fault-atc-timeout-sid", &f->atc_timeout_sid },
        { "fault-vcmdq", &f->vcmdq },
        { "fault-vintf", &f->vintf },
    };

    for (int i = 0; i < ARRAY_SIZE(selectors); i++) {
        *selectors[i].value = -1;
        object_property_add(obj, selectors[i].name, "int32", fault_get_int32,
                            fault_set_int32, NULL, selectors[i].value);
    }
}

void cmdqv_faults_add_properties(Object *obj)
{
    CmdqvFaults *f = &TEGRA241_CMDQV_HW(obj)->faults;

    fault_add_bools(obj, f);
    fault_add_words(obj, f);
    fault_add_maps(obj, f);
    fault_add_selectors(obj, f);
    object_property_add(obj, "fault-sync-late-ns", "uint64", fault_get_uint64,
                        fault_set_sync_late_ns, NULL, &f->sync_late_ns);
}
