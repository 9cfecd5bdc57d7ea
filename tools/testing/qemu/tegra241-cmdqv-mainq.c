/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Watching the SMMU's own command queue, without a change to QEMU's SMMUv3
 *
 * A region of ours lies over the SMMU's register region, as a subregion of a
 * higher priority.  It hands every access on to the SMMU.  A write may have
 * made the SMMU consume commands; then the entries between the old and the new
 * CONS are exactly those executed, and they are still in memory because nobody
 * else has run since.
 *
 * It also hides IDR3.RIL if the SMMU is to have no range invalidation.
 *
 * Four things depend on it: a CMD_SYNC there flushes the pending ATC timeouts of
 * disabled queues, the SMMU must not be switched off before VINTFs and queues,
 * its own queue must not go on while a kernel that crashed has left some on, and
 * the counters show how much work stays with the main queue.
 */

#include "qemu/osdep.h"
#include "exec/address-spaces.h"
#include "system/dma.h"
#include "pci-dma-test.h"
#include "tegra241-cmdqv-hw.h"

static void mainq_sync(CmdqvState *s)
{
    for (unsigned i = 0; i < cmdqv_num_vcmdqs(s); i++) {
        CmdqvQueue *q = &s->queues[i];

        if (!q->enabled) {
            q->atc_timed_out = false;
            q->unflushed = false;
            q->released = true;
        }
    }
}

static void mainq_executed(CmdqvState *s, uint32_t cons)
{
    SMMUQueue *cmdq = &s->smmu->cmdq;
    CmdqvQueueCounters *count = &s->count.mainq;
    uint32_t wrap = WRAP_INDEX_MASK(cmdq);

    while ((cons ^ cmdq->cons) & wrap) {
        hwaddr addr = Q_BASE(cmdq) + (cons & INDEX_MASK(cmdq)) * sizeof(Cmd);
        Cmd cmd = { };

        dma_memory_read(&address_space_memory, addr, &cmd, sizeof(cmd),
                        MEMTXATTRS_UNSPECIFIED);
        for (int i = 0; i < ARRAY_SIZE(cmd.word); i++) {
            le32_to_cpus(&cmd.word[i]);
        }
        count->commands++;
        count->opcodes[CMD_TYPE(&cmd)]++;
        if (CMD_TYPE(&cmd) == SMMU_CMD_SYNC) {
            mainq_sync(s);
        } else if (CMD_TYPE(&cmd) == SMMU_CMD_ATC_INV) {
            pci_dma_test_atc_inv(CMD_SID(&cmd), CMD_ADDR(&cmd),
                                 extract32(cmd.word[2], 0, 6));
        }
        cons = (cons + 1) & wrap;
    }
}

static MemTxResult watch_read(void *opaque, hwaddr addr, uint64_t *data,
                              unsigned size, MemTxAttrs attrs)
{
    CmdqvState *s = opaque;

    MemTxResult res;

    s->count.smmu.reads++;
    res = memory_region_dispatch_read(&ARM_SMMU(s->smmu)->iomem, addr, data,
                                      size_memop(size) | MO_LE, attrs);
    /* The SMMU sets the bit at each reset, so it is hidden here */
    if (addr == A_IDR3 && !s->ril) {
        *data &= ~(uint64_t)R_IDR3_RIL_MASK;
    }
    return res;
}

static bool smmu_ready(SMMUv3State *smmu)
{
    return smmu_enabled(smmu) && smmuv3_cmdq_enabled(smmu);
}

static MemTxResult watch_write(void *opaque, hwaddr addr, uint64_t data,
                               unsigned size, MemTxAttrs attrs)
{
    CmdqvState *s = opaque;
    SMMUv3State *smmu = s->smmu;
    bool was_ready = smmu_ready(smmu);
    bool had_queue = smmuv3_cmdq_enabled(smmu);
    uint32_t cons = smmu->cmdq.cons;
    uint32_t error = smmu->gerror ^ smmu->gerrorn;
    hwaddr reg = addr & ~0x10000ull;
    MemTxResult res;

    s->count.smmu.writes++;
    res = memory_region_dispatch_write(&ARM_SMMU(smmu)->iomem, addr, data,
                                       size_memop(size) | MO_LE, attrs);

    /* The registers that make the SMMU look at its queue */
    if (reg == A_CMDQ_PROD || reg == A_CR0 || reg == A_GERRORN) {
        mainq_executed(s, cons);
    }
    if (FIELD_EX32((smmu->gerror ^ smmu->gerrorn) & ~error, GERROR,
                   CMDQ_ERR)) {
        unsigned code = FIELD_EX32(smmu->cmdq.cons, CMDQ_CONS, ERR);

        s->count.mainq.errors[code % CMDQV_ERR_CODES]++;
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

/* Access sizes as the SMMU has them */
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

void cmdqv_mainq_watch(CmdqvState *s)
{
    MemoryRegion *iomem = &ARM_SMMU(s->smmu)->iomem;

    memory_region_init_io(&s->smmu_watch, OBJECT(s), &watch_ops, s,
                          "cmdqv-hw-smmu-watch", memory_region_size(iomem));
    memory_region_add_subregion_overlap(iomem, 0, &s->smmu_watch, 1);
}
