/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A queue: its registers, its enable handshake and the engine
 *
 * The engine runs while the queue, its VINTF and the whole block are enabled,
 * the queue is mapped and no CMDQ_ERR is active.  Commands execute inside the
 * register write that made them visible, so a guest that reads CONS next sees
 * the result; a seed, or the slow-consumer knob, moves them to a timer instead.
 *
 * Unmapping does not disable a queue: the physical view keeps telling that it
 * is on, and it goes on where it stopped when it is mapped again, or does not
 * even stop (alt-unmapped).  A driver has to cope with that (a guest can enable
 * its queue at any moment).
 */

#include "qemu/osdep.h"
#include "qemu/log.h"
#include "exec/address-spaces.h"
#include "system/dma.h"
#include "tegra241-cmdqv-given-up.h"
#include "tegra241-cmdqv-hw.h"

#define CMD_SIZE    sizeof(Cmd)
#define CONS_MASK   (R_VCMDQ_CONS_INDEX_MASK | R_VCMDQ_CONS_ERR_MASK)

/* Rings of queues that are on out of reset: in RAM of the virt machine */
#define LEFT_ON_RINGS       0x41000000ull
#define LEFT_ON_LOG2SIZE    8
#define LEFT_ON_INDEX       7

static bool queue_guest(const CmdqvQueue *q)
{
    return cmdqv_queue_mapped(q) &&
           !cmdqv_vintf_hyp_own(q->s, cmdqv_queue_vintf(q));
}

static uint32_t queue_index_mask(const CmdqvQueue *q)
{
    return (1u << q->log2size) - 1;
}

static uint32_t queue_wrap_mask(const CmdqvQueue *q)
{
    return (2u << q->log2size) - 1;
}

static bool queue_empty(const CmdqvQueue *q)
{
    return !((q->cons ^ q->prod) & queue_wrap_mask(q));
}

uint32_t cmdqv_queue_errors(const CmdqvQueue *q)
{
    return q->gerror ^ q->gerrorn;
}

/*
 * Whether no level has lost EN while STATUS has not followed (alt-off-late). A
 * queue that drains (alt-disable) needs its own EN only to begin.
 */
static bool queue_levels_work(const CmdqvQueue *q)
{
    const CmdqvState *s = q->s;

    return !cmdqv_alt(s, CMDQV_ALT_OFF_LATE) ||
           (FIELD_EX32(s->config, CMDQV_CONFIG, EN) &&
            FIELD_EX32(s->vintfs[cmdqv_queue_vintf(q)].config, VINTF_CONFIG,
                       EN) &&
            (FIELD_EX32(q->config, VCMDQ_CONFIG, EN) ||
             cmdqv_alt(s, CMDQV_ALT_DISABLE)));
}

static bool queue_may_run(const CmdqvQueue *q)
{
    CmdqvState *s = q->s;

    return q->enabled && s->enabled && !s->smmu_failed &&
           queue_levels_work(q) &&
           (cmdqv_queue_mapped(q) || cmdqv_alt(s, CMDQV_ALT_UNMAPPED)) &&
           s->vintfs[cmdqv_queue_vintf(q)].enabled &&
           !(cmdqv_queue_errors(q) & R_VCMDQ_GERROR_CMDQ_ERR_MASK) &&
           !queue_empty(q);
}

static MemTxResult queue_fetch(CmdqvQueue *q, uint32_t index, Cmd *cmd)
{
    hwaddr addr = q->ring + CMD_SIZE * index;
    MemTxResult res;

    if (cmdqv_given_up(addr)) {
        cmdqv_strict(q->s, CMDQV_FETCH_GIVEN_UP, CMDQV_HOST,
                     "VCMDQ%u: 0x%" HWADDR_PRIx, q->index, addr);
    }
    res = address_space_read(&address_space_memory, addr,
                             MEMTXATTRS_UNSPECIFIED, cmd, CMD_SIZE);
    for (int i = 0; i < ARRAY_SIZE(cmd->word); i++) {
        le32_to_cpus(&cmd->word[i]);
    }
    return res;
}

/* Executes the command at CONS; returns true if the queue can continue */
static bool queue_step(CmdqvQueue *q)
{
    CmdqvState *s = q->s;
    CmdqvQueueCounters *count = &s->count.queues[q->index];
    unsigned code = CMDQV_ERR_NONE;
    Cmd cmd;

    if (!queue_may_run(q) || cmdqv_late(&q->late)) {
        return false;
    }
    if (q->late.on) {
        cmd = q->late.cmd;
        code = cmdqv_execute(q, &cmd);
    } else if (cmdqv_fault_take(s, &s->faults.fetch_abort, q->index) ||
               queue_fetch(q, q->cons & queue_index_mask(q), &cmd) !=
                   MEMTX_OK) {
        code = CMDQV_ERR_ABT;
    } else if (cmdqv_fault_sfm(q)) {
        cmdqv_mainq_fail(s);
        return false;
    } else if (cmdqv_fault_take(s, &s->faults.illegal, q->index)) {
        code = CMDQV_ERR_ILL;
    } else {
        code = cmdqv_execute(q, &cmd);
    }
    if (code == CMDQV_LATE) {
        q->late.cmd = cmd;
        timer_mod(q->timer, q->late.until);
        return false;
    }
    if (code != CMDQV_ERR_NONE) {
        cmdqv_queue_raise(q, R_VCMDQ_GERROR_CMDQ_ERR_MASK, code);
        return false;
    }

    count->commands++;
    count->opcodes[CMD_TYPE(&cmd)]++;
    cmdqv_poison(s, q->ring + CMD_SIZE * (q->cons & queue_index_mask(q)));
    q->cons = (q->cons & ~queue_wrap_mask(q)) |
              ((q->cons + 1) & queue_wrap_mask(q));
    return true;
}

/* Executes up to @n commands; returns whether the queue can go on */
static bool queue_steps(CmdqvQueue *q, unsigned n)
{
    while (n--) {
        if (!queue_step(q)) {
            return false;
        }
    }
    return true;
}

static void queue_later(CmdqvQueue *q, int64_t ns)
{
    if (queue_may_run(q) && !timer_pending(q->timer)) {
        timer_mod(q->timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + ns);
    }
}

void cmdqv_queue_run(CmdqvQueue *q)
{
    CmdqvState *s = q->s;
    uint32_t slow = cmdqv_fault_slow_ns(q);

    if (slow) {
        queue_later(q, slow);
    } else if (cmdqv_async(s)) {
        if (cmdqv_async_now(s)) {
            queue_steps(q, cmdqv_async_burst(s));
        }
        queue_later(q, cmdqv_async_delay(s));
    } else {
        queue_steps(q, UINT_MAX);
    }
}

static void queue_timer(void *opaque)
{
    CmdqvQueue *q = opaque;
    CmdqvState *s = q->s;

    if (queue_steps(q, cmdqv_fault_slow_ns(q) || !cmdqv_async(s) ?
                       1 : cmdqv_async_burst(s))) {
        cmdqv_queue_run(q);
    }
}

/* The first and the last entry must be readable */
static bool queue_latch_base(CmdqvQueue *q)
{
    unsigned log2size = q->base & VCMDQ_BASE_LOG2SIZE_MASK;
    unsigned max = FIELD_EX32(q->s->smmu->idr[1], IDR1, CMDQS);
    bool large = log2size > max;
    Cmd cmd;

    if (large && !cmdqv_alt(q->s, CMDQV_ALT_SIZE_LARGE)) {
        return false;
    }
    if (!q->base && cmdqv_alt(q->s, CMDQV_ALT_BASE_ZERO)) {
        return false;
    }
    q->log2size = MIN(log2size, max);
    q->ring = q->base & VCMDQ_BASE_ADDR_MASK;
    if (large || cmdqv_alt(q->s, CMDQV_ALT_UNREADABLE)) {
        return true;
    }
    return queue_fetch(q, 0, &cmd) == MEMTX_OK &&
           queue_fetch(q, queue_index_mask(q), &cmd) == MEMTX_OK;
}

static void queue_check_enable(CmdqvQueue *q, CmdqvActor actor)
{
    CmdqvState *s = q->s;
    uint64_t size = CMD_SIZE << (q->base & VCMDQ_BASE_LOG2SIZE_MASK);
    unsigned v = cmdqv_queue_vintf(q);

    if (!cmdqv_queue_mapped(q)) {
        cmdqv_strict(s, CMDQV_QUEUE_ON_UNMAPPED, actor, "VCMDQ%u", q->index);
    } else if (!s->enabled || !s->vintfs[v].enabled) {
        cmdqv_strict(s, CMDQV_QUEUE_ON_VINTF_OFF, actor, "VCMDQ%u, VINTF%u",
                     q->index, v);
    } else if (s->vintfs[v].unpolled) {
        cmdqv_strict(s, CMDQV_CONFIG_UNPOLLED, CMDQV_HOST,
                     "VCMDQ%u enabled", q->index);
    }
    if (!q->base) {
        cmdqv_strict(s, CMDQV_QUEUE_ON_NO_BASE, actor, "VCMDQ%u", q->index);
    } else if ((q->base & VCMDQ_BASE_ADDR_MASK) % size) {
        cmdqv_strict(s, CMDQV_QUEUE_ON_MISALIGNED, actor, "VCMDQ%u: BASE 0x%"
                     PRIx64, q->index, q->base);
    }
    if ((q->prod ^ q->cons) & R_VCMDQ_CONS_INDEX_MASK) {
        cmdqv_strict(s, CMDQV_QUEUE_ON_NOT_EMPTY, actor,
                     "VCMDQ%u: PROD 0x%x, CONS 0x%x", q->index, q->prod,
                     q->cons);
    }
    if (cmdqv_queue_errors(q)) {
        cmdqv_strict(s, CMDQV_QUEUE_ON_ERROR_LEFT, actor, "VCMDQ%u",
                     q->index);
    }
    if (q->cons_indx_base) {
        qemu_log_mask(LOG_UNIMP, "cmdqv-hw: VCMDQ%u: writing CONS to memory "
                      "is not modelled\n", q->index);
        cmdqv_strict(s, CMDQV_CONS_TO_MEMORY, CMDQV_HOST, "VCMDQ%u",
                     q->index);
    }
}

/*
 * EN is written: what the queue starts with is settled now, whatever is written
 * until STATUS follows
 */
static bool queue_may_start(CmdqvQueue *q)
{
    CmdqvState *s = q->s;

    if (!s->enabled || !cmdqv_queue_mapped(q) ||
        !s->vintfs[cmdqv_queue_vintf(q)].enabled) {
        return false;
    }
    if (!queue_latch_base(q)) {
        cmdqv_queue_raise(q, R_VCMDQ_GERROR_CMDQ_INIT_ERR_MASK,
                          CMDQV_ERR_NONE);
        return false;
    }
    return true;
}

static void queue_start(CmdqvQueue *q)
{
    unsigned code;

    q->enabled = true;
    q->unflushed = false;
    if (cmdqv_fault_start_error(q, &code)) {
        cmdqv_queue_raise(q, R_VCMDQ_GERROR_CMDQ_ERR_MASK, code);
    }
    cmdqv_queue_run(q);
}

void cmdqv_queue_stop(CmdqvQueue *q)
{
    q->config = FIELD_DP32(q->config, VCMDQ_CONFIG, EN, 0);
    q->early = false;
    if (q->enabled) {
        q->enabled = false;
        q->unflushed = true;
        timer_del(q->timer);
        q->late.on = false;
    }
    cmdqv_handshake_forget(&q->handshake);
}

/* The level above goes off, and comes back */
void cmdqv_queue_stop_below(CmdqvQueue *q)
{
    uint32_t config = q->config;

    cmdqv_queue_stop(q);
    if (cmdqv_alt(q->s, CMDQV_ALT_LEVELS)) {
        q->config = config;
    }
}

void cmdqv_queue_start_below(CmdqvQueue *q)
{
    CmdqvAlt why = q->early ? CMDQV_ALT_EARLY : CMDQV_ALT_LEVELS;

    if (FIELD_EX32(q->config, VCMDQ_CONFIG, EN) && !q->enabled &&
        cmdqv_alt(q->s, why) && queue_may_start(q)) {
        queue_start(q);
    }
}

/* The next owner may find, or may not, whether errors were odd in number */
void cmdqv_queue_mapped_again(CmdqvQueue *q)
{
    if (cmdqv_alt(q->s, CMDQV_ALT_GERROR)) {
        q->gerror = 0;
        q->gerrorn = 0;
    }
}

/*
 * The actor that enabled a queue that is on when the host stops it. After a
 * disable or a flush only the guest can have enabled it again: the host would
 * have set its memory first.
 */
CmdqvActor cmdqv_queue_enabler(const CmdqvQueue *q)
{
    return queue_guest(q) && q->released ? CMDQV_GUEST : CMDQV_HOST;
}

/*
 * An access of the host that would be wrong only because the queue is on: the
 * guest is to blame if it has enabled it meanwhile.
 */
static CmdqvActor queue_blame(const CmdqvQueue *q, CmdqvActor actor)
{
    return q->enabled && actor == CMDQV_HOST ? cmdqv_queue_enabler(q) : actor;
}

/*
 * The step after a change of EN, which has to wait for STATUS.  The side that
 * changed EN waits; a guest that comes in between does not make the host look
 * wrong.
 */
void cmdqv_queue_check_polled(CmdqvQueue *q, CmdqvActor actor,
                              const char *what)
{
    if (!q->unpolled || (actor == CMDQV_GUEST && q->changed_by == CMDQV_HOST)) {
        return;
    }
    q->unpolled = false;
    cmdqv_strict(q->s, CMDQV_CONFIG_UNPOLLED, q->changed_by, "VCMDQ%u %s",
                 q->index, what);
}

/*
 * Between disabling a queue and clearing its registers the host must let a
 * CMD_SYNC pass the SMMU's own queue.  Each time it does not counts once.
 * None passes if the SMMU has failed.
 */
void cmdqv_queue_check_flushed(CmdqvQueue *q)
{
    if (q->unflushed) {
        q->unflushed = false;
        if (!q->s->smmu_failed) {
            cmdqv_strict(q->s, CMDQV_QUEUE_OFF_NO_FLUSH, CMDQV_HOST,
                         "VCMDQ%u", q->index);
        }
    }
}

/* Commands of the host get lost; those of a guest are its own affair */
static void queue_check_disable(CmdqvQueue *q)
{
    if (q->enabled && !queue_guest(q) && cmdqv_queue_mapped(q) &&
        !queue_empty(q) && !cmdqv_queue_errors(q) && !q->s->smmu_failed) {
        cmdqv_strict(q->s, CMDQV_QUEUE_OFF_NOT_EMPTY, CMDQV_HOST,
                     "VCMDQ%u: PROD 0x%x, CONS 0x%x", q->index, q->prod,
                     q->cons);
    }
}

static void queue_handshake(CmdqvQueue *q, bool on)
{
    if (on && !q->enabled && !cmdqv_handshake_pending(&q->handshake)) {
        q->early = !queue_may_start(q);
        if (q->early) {
            return;
        }
    }
    cmdqv_handshake(&q->handshake, on);
}

static void queue_config_write(CmdqvQueue *q, uint32_t value,
                               CmdqvActor actor)
{
    bool was = FIELD_EX32(q->config, VCMDQ_CONFIG, EN);
    bool on = FIELD_EX32(value, VCMDQ_CONFIG, EN);

    cmdqv_check_reserved(q->s, actor, "VCMDQ CONFIG", value,
                         R_VCMDQ_CONFIG_EN_MASK);
    if (!on) {
        q->released = true;
        queue_check_disable(q);
    }
    if (on == was && on == q->enabled) {
        return;
    }
    if (on && !was) {
        queue_check_enable(q, actor);
        if (actor == CMDQV_HOST) {
            cmdqv_queue_check_flushed(q);
        }
    }
    q->config = on;
    if (on != was) {
        q->unpolled = true;
        q->changed_by = actor;
    }
    if (cmdqv_fault_acknowledge(q->s, CMDQV_LEVEL_VCMDQ, q->index, on)) {
        queue_handshake(q, on);
    }
}

/* A change of EN that had to wait (alt-superseded) */
void cmdqv_queue_change(CmdqvQueue *q, bool on)
{
    q->config = on;
    queue_handshake(q, on);
}

/* STATUS follows CONFIG */
void cmdqv_queue_acknowledge(CmdqvQueue *q, bool on)
{
    if (!on) {
        /* A CMD_SYNC that is late makes STATUS late */
        if (cmdqv_alt(q->s, CMDQV_ALT_DISABLE)) {
            queue_steps(q, UINT_MAX);
            if (queue_may_run(q) && cmdqv_late(&q->late)) {
                cmdqv_handshake_wait(&q->handshake, q->late.until);
                return;
            }
        }
        cmdqv_queue_stop(q);
    } else if (!q->enabled) {
        queue_start(q);
    } else {
        cmdqv_queues_resume(q->s);
    }
}

/* A level has EN again, and STATUS never went to 0 (alt-off-late) */
void cmdqv_queues_resume(CmdqvState *s)
{
    if (!cmdqv_alt(s, CMDQV_ALT_OFF_LATE)) {
        return;
    }
    for (unsigned i = 0; i < cmdqv_num_vcmdqs(s); i++) {
        cmdqv_queue_run(&s->queues[i]);
    }
}

/* A guest with page 0 can do this at any moment (fault-guest-enable*) */
void cmdqv_queue_guest_enable(CmdqvQueue *q)
{
    queue_config_write(q, R_VCMDQ_CONFIG_EN_MASK, CMDQV_GUEST);
    q->unpolled = false;
}

/* As a kernel leaves it that crashes: on, with a ring, and at rest */
void cmdqv_queue_leave_on(CmdqvQueue *q)
{
    q->config = R_VCMDQ_CONFIG_EN_MASK;
    q->enabled = true;
    q->log2size = LEFT_ON_LOG2SIZE;
    q->ring = LEFT_ON_RINGS + ((hwaddr)q->index << CMDQV_PAGE_SHIFT);
    q->base = q->ring | q->log2size;
    q->prod = LEFT_ON_INDEX;
    q->cons = LEFT_ON_INDEX;
}

static void queue_prod_write(CmdqvQueue *q, uint32_t value, CmdqvActor actor)
{
    uint32_t ahead;

    cmdqv_check_reserved(q->s, actor, "VCMDQ PROD", value,
                         R_VCMDQ_PROD_INDEX_MASK);
    q->prod = value;
    if (!cmdqv_alt(q->s, CMDQV_ALT_RESERVED)) {
        q->prod &= R_VCMDQ_PROD_INDEX_MASK;
    }
    if (!q->enabled) {
        return;
    }
    ahead = (q->prod - q->cons) & queue_wrap_mask(q);
    if (ahead > 1u << q->log2size) {
        cmdqv_strict(q->s, CMDQV_PROD_OVERRUN, queue_blame(q, actor),
                     "VCMDQ%u: PROD 0x%x, CONS 0x%x", q->index, q->prod,
                     q->cons);
    }
    cmdqv_queue_run(q);
}

/* After the acknowledgement of CMDQ_ERR the queue continues at CONS */
static void queue_gerrorn_write(CmdqvQueue *q, uint32_t value,
                                CmdqvActor actor)
{
    uint32_t before = cmdqv_queue_errors(q);
    uint32_t after;

    cmdqv_check_reserved(q->s, actor, "VCMDQ GERRORN", value,
                         VCMDQ_GERROR_MASK);
    q->gerrorn = value & VCMDQ_GERROR_MASK;
    after = cmdqv_queue_errors(q);
    if (after & ~before) {
        cmdqv_strict(q->s, CMDQV_ACK_WITHOUT_ERROR, actor,
                     "VCMDQ%u: GERROR 0x%x, GERRORN 0x%x", q->index,
                     q->gerror, q->gerrorn);
    }
    if (before & ~after & R_VCMDQ_GERROR_CMDQ_ERR_MASK) {
        if (!cmdqv_alt(q->s, CMDQV_ALT_CONS_ERR)) {
            q->cons = FIELD_DP32(q->cons, VCMDQ_CONS, ERR, 0);
        }
        cmdqv_queue_run(q);
    }
}

static bool queue_read_page0(CmdqvQueue *q, hwaddr reg, uint64_t *value,
                             CmdqvActor actor)
{
    bool done;

    switch (reg) {
    case A_VCMDQ_CONS:
        *value = q->cons;
        return true;
    case A_VCMDQ_PROD:
        *value = q->prod;
        return true;
    case A_VCMDQ_CONFIG:
        *value = q->config;
        return true;
    case A_VCMDQ_STATUS:
        done = cmdqv_handshake_read(&q->handshake);
        /* A guest that reads STATUS does not do it for the host */
        if (actor == CMDQV_HOST || q->changed_by == CMDQV_GUEST) {
            q->unpolled &= !done;
        }
        *value = q->enabled;
        return true;
    case A_VCMDQ_GERROR:
        *value = q->gerror;
        return true;
    case A_VCMDQ_GERRORN:
        *value = q->gerrorn;
        return true;
    default:
        return false;
    }
}

/*
 * A queue may be programmed after its allocation and its handshake. It may be
 * cleared after its removal: its guest may have changed it just before.
 */
static void queue_check_program(CmdqvQueue *q, uint64_t value,
                                CmdqvActor actor)
{
    if (!cmdqv_queue_mapped(q) && value) {
        cmdqv_strict(q->s, CMDQV_PROGRAM_UNMAPPED, actor, "VCMDQ%u",
                     q->index);
    }
    cmdqv_queue_check_polled(q, actor, "programmed");
}

static bool queue_write_page0(CmdqvQueue *q, hwaddr reg, uint32_t value,
                              CmdqvActor actor)
{
    switch (reg) {
    case A_VCMDQ_CONS:
        queue_check_program(q, value, actor);
        if (q->enabled) {
            cmdqv_strict(q->s, CMDQV_CONS_WRITE_QUEUE_ON,
                         queue_blame(q, actor), "VCMDQ%u", q->index);
            if (!cmdqv_alt(q->s, CMDQV_ALT_CONS_LIVE)) {
                return true;
            }
            q->late.on = false;
            timer_del(q->timer);
        }
        if (actor == CMDQV_HOST) {
            cmdqv_queue_check_flushed(q);
        }
        cmdqv_check_reserved(q->s, actor, "VCMDQ CONS", value, CONS_MASK);
        q->cons = value & CONS_MASK;
        cmdqv_queue_run(q);
        return true;
    case A_VCMDQ_PROD:
        queue_check_program(q, value, actor);
        if (actor == CMDQV_HOST) {
            cmdqv_queue_check_flushed(q);
        }
        queue_prod_write(q, value, actor);
        return true;
    case A_VCMDQ_CONFIG:
        queue_config_write(q, value, actor);
        return true;
    case A_VCMDQ_GERRORN:
        queue_gerrorn_write(q, value, actor);
        return true;
    case A_VCMDQ_STATUS:
    case A_VCMDQ_GERROR:
        cmdqv_strict(q->s, CMDQV_READ_ONLY_WRITE, actor,
                     "VCMDQ%u + 0x%02" HWADDR_PRIx, q->index, reg);
        return true;
    default:
        return false;
    }
}

static uint64_t *queue_page1_reg(CmdqvQueue *q, hwaddr reg)
{
    switch (reg & ~7ull) {
    case A_VCMDQ_BASE:
        return &q->base;
    case A_VCMDQ_CONS_INDX_BASE:
        return &q->cons_indx_base;
    default:
        return NULL;
    }
}

static void queue_write_page1(CmdqvQueue *q, uint64_t *reg, unsigned shift,
                              unsigned bits, uint64_t value)
{
    if (value &&
        cmdqv_fault_take(q->s, &q->s->faults.guest_enable_base, q->index)) {
        cmdqv_queue_guest_enable(q);
    }
    queue_check_program(q, value, CMDQV_HOST);
    if (q->enabled) {
        cmdqv_strict(q->s, CMDQV_BASE_WRITE_QUEUE_ON, cmdqv_queue_enabler(q),
                     "VCMDQ%u", q->index);
        if (!cmdqv_alt(q->s, CMDQV_ALT_BASE_LIVE)) {
            return;
        }
    }
    cmdqv_queue_check_flushed(q);
    if (value && !q->enabled) {
        q->released = false;
    }
    value = deposit64(*reg, shift, bits, value);
    cmdqv_check_reserved(q->s, CMDQV_HOST, "VCMDQ BASE", value,
                         VCMDQ_BASE_MASK);
    *reg = value & VCMDQ_BASE_MASK;
}

/* Another size than 4: a part of a register, or two of them (alt-width) */
static bool queue_read_part(CmdqvQueue *q, hwaddr reg, unsigned size,
                            uint64_t *value, CmdqvActor actor)
{
    uint64_t word[2] = { 0, 0 };
    hwaddr first = reg & ~3ull;

    if (!cmdqv_alt(q->s, CMDQV_ALT_WIDTH) ||
        !queue_read_page0(q, first, &word[0], actor) ||
        (size == 8 && !queue_read_page0(q, first + 4, &word[1], actor))) {
        return false;
    }
    *value = extract64(word[0] | word[1] << 32, 8 * (reg - first), 8 * size);
    return true;
}

bool cmdqv_queue_read(CmdqvQueue *q, unsigned page, hwaddr reg, unsigned size,
                      uint64_t *value, CmdqvActor actor)
{
    uint64_t *wide;

    if (page == 0) {
        return size == 4 ? queue_read_page0(q, reg, value, actor) :
                           queue_read_part(q, reg, size, value, actor);
    }
    wide = queue_page1_reg(q, reg);
    if (!wide || size < 4) {
        return false;
    }
    *value = extract64(*wide, 8 * (reg % 8), 8 * size);
    return true;
}

bool cmdqv_queue_write(CmdqvQueue *q, unsigned page, hwaddr reg,
                       unsigned size, uint64_t value, CmdqvActor actor)
{
    uint64_t *wide;

    if (page == 0) {
        return size == 4 && queue_write_page0(q, reg, value, actor);
    }
    wide = queue_page1_reg(q, reg);
    if (!wide || size < 4) {
        return false;
    }
    queue_write_page1(q, wide, 8 * (reg % 8), 8 * size, value);
    return true;
}

void cmdqv_queue_init(CmdqvQueue *q, CmdqvState *s, unsigned index)
{
    q->s = s;
    q->index = index;
    q->timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, queue_timer, q);
    cmdqv_handshake_init(&q->handshake, s, CMDQV_LEVEL_VCMDQ, index);
    cmdqv_effects_init(&q->effects, s, q);
}

/* The allocation map has its own reset */
void cmdqv_queue_reset(CmdqvQueue *q)
{
    timer_del(q->timer);
    cmdqv_handshake_forget(&q->handshake);
    cmdqv_effects_reset(&q->effects);
    q->cons = 0;
    q->prod = 0;
    q->config = 0;
    q->gerror = 0;
    q->gerrorn = 0;
    q->base = 0;
    q->cons_indx_base = 0;
    q->enabled = false;
    q->log2size = 0;
    q->ring = 0;
    q->atc_timed_out = false;
    q->late.on = false;
    q->unflushed = false;
    q->released = false;
    q->unpolled = false;
    q->early = false;
    q->changed_by = CMDQV_HOST;
}
