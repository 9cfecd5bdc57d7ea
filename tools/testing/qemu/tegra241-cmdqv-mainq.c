/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Watching the SMMU's own command queue, without a change to QEMU's SMMUv3
 *
 * A region lies over the SMMU's register region, as a subregion of a higher
 * priority. It forwards every access to the SMMU. If a write made the SMMU
 * execute commands, these are exactly the entries between the old and the new
 * CONS. They are still in memory, because no other code has run since.
 *
 * It also hides IDR3.RIL if the SMMU is to have no range invalidation.
 *
 * Four things depend on it: a CMD_SYNC there flushes the pending ATC timeouts
 * of disabled queues, the SMMU must not be switched off before VINTFs and
 * queues, its own queue must not go on while a kernel that crashed has left
 * some on, and the counters show how much work stays with the main queue.
 *
 * With a seed the SMMU is not told of PROD at once.  This file then consumes
 * the commands, as late as tegra241-cmdqv-async.c wants; the effects of all
 * but CMD_SYNC wait.  Each CMD_SYNC, and whatever is illegal, is left to the
 * SMMU itself: by PROD it is told of just that command.
 *
 * While an ATC_INV of this queue is to time out, or a CMD_SYNC to be late, this
 * file consumes the commands as well, without a seed at once.  The CMD_SYNC
 * after such an ATC_INV is not left to the SMMU but stops the queue with an
 * error, as in a queue of CMDQ-V.
 *
 * The SMMU also enters its Service Failure Mode here, which QEMU's SMMU does
 * not have: it is told of no command any more, and aborts each transaction
 * until the machine is reset.
 */

#include "qemu/osdep.h"
#include "exec/address-spaces.h"
#include "hw/irq.h"
#include "system/dma.h"
#include "pci-dma-test.h"
#include "tegra241-cmdqv-hw.h"

static void mainq_sync(CmdqvState *s)
{
    for (unsigned i = 0; i < cmdqv_num_vcmdqs(s); i++) {
        CmdqvQueue *q = &s->queues[i];

        if (!q->enabled) {
            cmdqv_effects_drain(&q->effects);
            q->atc_timed_out = false;
            q->unflushed = false;
            q->released = true;
        }
    }
}

static MemTxResult mainq_fetch(const SMMUQueue *cmdq, uint32_t cons, Cmd *cmd)
{
    hwaddr addr = Q_BASE(cmdq) + (cons & INDEX_MASK(cmdq)) * sizeof(*cmd);
    MemTxResult res = dma_memory_read(&address_space_memory, addr, cmd,
                                      sizeof(*cmd), MEMTXATTRS_UNSPECIFIED);

    for (int i = 0; i < ARRAY_SIZE(cmd->word); i++) {
        le32_to_cpus(&cmd->word[i]);
    }
    return res;
}

static void mainq_count(CmdqvState *s, const Cmd *cmd)
{
    s->count.mainq.commands++;
    s->count.mainq.opcodes[CMD_TYPE(cmd)]++;
    if (CMD_TYPE(cmd) == SMMU_CMD_SYNC) {
        cmdqv_erratum_sync(&s->mainq.effects);
        mainq_sync(s);
        pci_dma_test_sync(s->smmu);
    }
}

/* Commands that the SMMU has executed */
static void mainq_executed(CmdqvState *s, uint32_t cons)
{
    SMMUQueue *cmdq = &s->smmu->cmdq;
    uint32_t wrap = WRAP_INDEX_MASK(cmdq);

    while ((cons ^ cmdq->cons) & wrap) {
        Cmd cmd = { };

        mainq_fetch(cmdq, cons, &cmd);
        mainq_count(s, &cmd);
        if (CMD_TYPE(&cmd) == SMMU_CMD_ATC_INV) {
            cmdqv_ats_invalidate(s, &cmd);
        }
        cons = (cons + 1) & wrap;
    }
}

/* A register that makes the SMMU look at its queue */
static bool mainq_register(hwaddr reg)
{
    return reg == A_CMDQ_PROD || reg == A_CR0 || reg == A_GERRORN;
}

/* Hands a write on to the SMMU, and looks at what it did with its queue */
static MemTxResult mainq_write(CmdqvState *s, hwaddr addr, uint64_t data,
                               unsigned size, MemTxAttrs attrs)
{
    SMMUv3State *smmu = s->smmu;
    uint32_t cons = smmu->cmdq.cons;
    uint32_t error = smmu->gerror ^ smmu->gerrorn;
    MemTxResult res;

    res = memory_region_dispatch_write(&ARM_SMMU(smmu)->iomem, addr, data,
                                       size_memop(size) | MO_LE, attrs);
    if (mainq_register(addr & ~0x10000ull)) {
        mainq_executed(s, cons);
    }
    if (FIELD_EX32((smmu->gerror ^ smmu->gerrorn) & ~error, GERROR,
                   CMDQ_ERR)) {
        unsigned code = FIELD_EX32(smmu->cmdq.cons, CMDQ_CONS, ERR);

        s->count.mainq.errors[code % CMDQV_ERR_CODES]++;
    }
    return res;
}

static void mainq_tell(CmdqvState *s, uint32_t prod)
{
    mainq_write(s, A_CMDQ_PROD, prod, 4, MEMTXATTRS_UNSPECIFIED);
}

static bool mainq_in_error(const SMMUv3State *smmu)
{
    return FIELD_EX32(smmu->gerror ^ smmu->gerrorn, GERROR, CMDQ_ERR);
}

/* As the SMMU does it */
static void mainq_raise(CmdqvState *s, unsigned code)
{
    SMMUv3State *smmu = s->smmu;

    smmu_write_cmdq_err(smmu, code);
    smmu->gerror ^= R_GERROR_CMDQ_ERR_MASK;
    s->count.mainq.errors[code]++;
    if (smmuv3_gerror_irq_enabled(smmu)) {
        qemu_irq_pulse(smmu->irq[SMMU_IRQ_GERROR]);
    }
}

static void mainq_release(CmdqvState *s)
{
    s->mainq.held = false;
    s->mainq.late.on = false;
    mainq_tell(s, s->mainq.prod);
}

/* The effect of a legal command that is consumed */
static void mainq_act(CmdqvState *s, Cmd *cmd)
{
    if (cmdqv_erratum_drops(&s->mainq.effects, cmd)) {
        return;
    }
    if (cmdqv_async(s)) {
        cmdqv_effects_add(&s->mainq.effects, cmd);
    } else {
        cmdqv_command_act(s, NULL, cmd);
    }
}

/* A command that the SMMU is not told of is complete */
static void mainq_pass(CmdqvState *s, const Cmd *cmd)
{
    SMMUQueue *cmdq = &s->smmu->cmdq;
    hwaddr entry = Q_CONS_ENTRY(cmdq);

    mainq_count(s, cmd);
    queue_cons_incr(cmdq);
    cmdq->prod = cmdq->cons & WRAP_INDEX_MASK(cmdq);
    cmdqv_poison(s, entry);
}

/* Whether the CMD_SYNC at CONS reports an ATC timeout */
static bool mainq_sync_fails(CmdqvState *s)
{
    if (!s->mainq.atc_timed_out) {
        return false;
    }
    s->mainq.atc_timed_out = false;
    mainq_raise(s, CMDQV_ERR_ATC_SYNC);
    return true;
}

/*
 * The CMD_SYNC at CONS was late.  It is not left to the SMMU, which would fetch
 * it again.
 */
static bool mainq_step_late(CmdqvState *s)
{
    CmdqvLate *late = &s->mainq.late;

    if (cmdqv_fault_main_sync_late(s)) {
        timer_mod(s->mainq.timer, late->until);
        return false;
    }
    if (mainq_sync_fails(s)) {
        return false;
    }
    if (CMD_SYNC_CS(&late->cmd) & CMD_SYNC_SIG_IRQ) {
        qemu_irq_pulse(s->smmu->irq[SMMU_IRQ_CMD_SYNC]);
    }
    mainq_pass(s, &late->cmd);
    return true;
}

/* Consumes the command at CONS; returns whether there may be another */
static bool mainq_step(CmdqvState *s)
{
    SMMUv3State *smmu = s->smmu;
    SMMUQueue *cmdq = &smmu->cmdq;
    uint32_t wrap = WRAP_INDEX_MASK(cmdq);
    uint32_t next = (cmdq->cons + 1) & wrap;
    hwaddr entry = Q_CONS_ENTRY(cmdq);
    Cmd cmd = { };
    bool sync;

    if (s->smmu_failed) {
        return false;
    }
    if (!((cmdq->cons ^ s->mainq.prod) & wrap) || !smmuv3_cmdq_enabled(smmu)) {
        /* All is consumed, or nothing will be until the next register write */
        mainq_release(s);
        return false;
    }
    if (mainq_in_error(smmu)) {
        /* It goes on with the acknowledgement */
        return false;
    }
    if (s->mainq.late.on) {
        return mainq_step_late(s);
    }
    if (mainq_fetch(cmdq, cmdq->cons, &cmd) == MEMTX_OK &&
        CMD_TYPE(&cmd) != SMMU_CMD_SYNC &&
        cmdqv_command_check(s, &cmd) == CMDQV_ERR_NONE) {
        mainq_act(s, &cmd);
        mainq_pass(s, &cmd);
        return true;
    }
    sync = CMD_TYPE(&cmd) == SMMU_CMD_SYNC;
    cmdqv_effects_drain(&s->mainq.effects);
    if (sync && cmdqv_fault_main_sync_late(s)) {
        s->mainq.late.cmd = cmd;
        timer_mod(s->mainq.timer, s->mainq.late.until);
        return false;
    }
    if (sync && mainq_sync_fails(s)) {
        return false;
    }
    mainq_tell(s, next);
    if ((cmdq->cons & wrap) == next) {
        cmdqv_poison(s, entry);
    } else {
        /* In error: this file goes on, after the acknowledgement */
        cmdq->prod = cmdq->cons & wrap;
    }
    return true;
}

static void mainq_burst(CmdqvState *s)
{
    unsigned n = cmdqv_async(s) ? cmdqv_async_burst(s) : UINT_MAX;

    while (n && mainq_step(s)) {
        n--;
    }
}

static void mainq_later(CmdqvState *s)
{
    if (s->mainq.held && !s->smmu_failed && !mainq_in_error(s->smmu) &&
        !timer_pending(s->mainq.timer)) {
        timer_mod(s->mainq.timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) +
                  cmdqv_async_delay(s));
    }
}

static void mainq_timer(void *opaque)
{
    CmdqvState *s = opaque;

    mainq_burst(s);
    mainq_later(s);
}

static void mainq_hold(CmdqvState *s, uint32_t prod)
{
    s->mainq.held = true;
    s->mainq.prod = prod;
    if (!cmdqv_async(s) || cmdqv_async_now(s)) {
        mainq_burst(s);
    }
    mainq_later(s);
}

/* Whether a CMD_SYNC was late, which is not any more */
static bool mainq_hurry(CmdqvState *s)
{
    if (!s->mainq.late.on || s->smmu_failed || mainq_in_error(s->smmu)) {
        return false;
    }
    s->mainq.late.until = 0;
    return true;
}

/* Whether the queue keeps its commands in such a write */
static bool mainq_stays(hwaddr reg, uint64_t data)
{
    return reg == A_GERRORN ||
           (reg == A_CR0 && FIELD_EX32(data, CR0, CMDQEN));
}

/*
 * Before a register is written that the queue depends on.  Only a write of
 * GERRORN leaves a CMD_SYNC late; before any other it completes, or reports its
 * error.
 */
static void mainq_finish(CmdqvState *s, hwaddr reg, uint64_t data)
{
    do {
        while (s->mainq.held && mainq_step(s)) {
            ;
        }
    } while (reg != A_GERRORN && mainq_hurry(s));
    timer_del(s->mainq.timer);
    cmdqv_effects_drain(&s->mainq.effects);
    if (s->mainq.held && !s->smmu_failed && !mainq_stays(reg, data)) {
        mainq_release(s);
    }
}

/* Whether this file consumes the commands */
static bool mainq_mine(const CmdqvState *s)
{
    return cmdqv_async(s) || s->mainq.held || s->mainq.atc_timed_out ||
           s->faults.main_atc_timeout || pci_dma_test_any_silent(s->smmu) ||
           cmdqv_fault_main_syncs_late(s);
}

static MemTxResult watch_read(void *opaque, hwaddr addr, uint64_t *data,
                              unsigned size, MemTxAttrs attrs)
{
    CmdqvState *s = opaque;
    MemTxResult res;

    s->count.smmu.reads++;
    if (s->mainq.held && size == 4 && (addr & ~0x10000ull) == A_CMDQ_PROD) {
        *data = s->mainq.prod;
        return MEMTX_OK;
    }
    res = memory_region_dispatch_read(&ARM_SMMU(s->smmu)->iomem, addr, data,
                                      size_memop(size) | MO_LE, attrs);
    /* The SMMU sets the bit at each reset, so it is hidden here */
    if (addr == A_IDR3 && !s->ril) {
        *data &= ~(uint64_t)R_IDR3_RIL_MASK;
    }
    return res;
}

/* By CR0ACK: an SMMU that has failed is not enabled in the state of QEMU */
static bool smmu_ready(SMMUv3State *smmu)
{
    return FIELD_EX32(smmu->cr0ack, CR0, SMMU_ENABLE) &&
           FIELD_EX32(smmu->cr0ack, CR0, CMDQEN);
}

static void smmu_abort(SMMUv3State *smmu)
{
    smmu->cr[0] = FIELD_DP32(smmu->cr[0], CR0, SMMU_ENABLE, 0);
    smmu->gbpa = FIELD_DP32(smmu->gbpa, GBPA, ABORT, 1);
}

/* Service Failure Mode */
void cmdqv_mainq_fail(CmdqvState *s)
{
    SMMUv3State *smmu = s->smmu;
    SMMUQueue *cmdq = &smmu->cmdq;

    s->smmu_failed = true;
    timer_del(s->mainq.timer);
    if (!s->mainq.held) {
        s->mainq.held = true;
        s->mainq.prod = cmdq->prod;
        cmdq->prod = cmdq->cons & WRAP_INDEX_MASK(cmdq);
    }
    smmu_abort(smmu);
    smmu->gerror ^= R_GERROR_MSI_SFM_ERR_MASK;
    if (smmuv3_gerror_irq_enabled(smmu)) {
        qemu_irq_pulse(smmu->irq[SMMU_IRQ_GERROR]);
    }
}

static MemTxResult watch_write(void *opaque, hwaddr addr, uint64_t data,
                               unsigned size, MemTxAttrs attrs)
{
    CmdqvState *s = opaque;
    SMMUv3State *smmu = s->smmu;
    bool was_ready = smmu_ready(smmu);
    bool had_queue = smmuv3_cmdq_enabled(smmu);
    hwaddr reg = addr & ~0x10000ull;
    MemTxResult res;

    s->count.smmu.writes++;
    if (mainq_mine(s)) {
        if (reg == A_CMDQ_PROD && size == 4) {
            mainq_hold(s, data);
            return MEMTX_OK;
        }
        if (mainq_register(reg) ||
            (reg >= A_CMDQ_BASE && reg <= A_CMDQ_CONS)) {
            mainq_finish(s, reg, data);
        }
    }
    res = mainq_write(s, addr, data, size, attrs);
    if (reg == A_GERRORN && s->mainq.held) {
        mainq_hold(s, s->mainq.prod);
    }
    if (s->smmu_failed) {
        smmu_abort(smmu);
    }
    if (was_ready && !smmu_ready(smmu) && cmdqv_busy(s)) {
        cmdqv_strict(s, CMDQV_SMMU_OFF_CMDQV_ON, CMDQV_HOST, "CR0 0x%x",
                     smmu->cr[0]);
    }
    if (!had_queue && smmuv3_cmdq_enabled(smmu) && cmdqv_busy(s)) {
        cmdqv_strict(s, CMDQV_CMDQ_ON_QUEUE_ON, CMDQV_HOST, "CR0 0x%x",
                     smmu->cr[0]);
    }
    s->smmu_off = !smmu_ready(smmu) && (was_ready || s->smmu_off);
    return res;
}

/* Access sizes of the SMMU */
static const MemoryRegionOps watch_ops = {
    .read_with_attrs = watch_read,
    .write_with_attrs = watch_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = {
        .min_access_size = 4,
        .max_access_size = 8,
    },
    .impl = {
        .min_access_size = 4,
        .max_access_size = 8,
    },
};

void cmdqv_mainq_reset(CmdqvState *s)
{
    s->mainq.held = false;
    s->mainq.late.on = false;
    s->mainq.atc_timed_out = false;
    timer_del(s->mainq.timer);
    cmdqv_effects_reset(&s->mainq.effects);
}

void cmdqv_mainq_watch(CmdqvState *s)
{
    MemoryRegion *iomem = &ARM_SMMU(s->smmu)->iomem;

    s->mainq.timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, mainq_timer, s);
    cmdqv_effects_init(&s->mainq.effects, s, NULL);
    memory_region_init_io(&s->smmu_watch, OBJECT(s), &watch_ops, s,
                          "cmdqv-hw-smmu-watch", memory_region_size(iomem));
    memory_region_add_subregion_overlap(iomem, 0, &s->smmu_watch, 1);
}
