/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The counters window (BAR 2 of the DMA test device)
 *
 * A program inside the machine compares its commands with those that the
 * model executed, exactly and without QMP.
 */

#include "qemu/osdep.h"
#include "qemu/cutils.h"
#include "pci-dma-test-regs.h"
#include "tegra241-cmdqv-hw.h"
#include "tegra241-cmdqv-window.h"

QEMU_BUILD_BUG_ON(CMDQV_RULES > CMDQV_WIN_MAX_RULES);

static uint64_t window_global(CmdqvState *s, hwaddr off)
{
    const CmdqvCounters *c = &s->count;
    unsigned i = (off - CMDQV_WIN_CONFIG_READS) / 8;

    switch (off) {
    case CMDQV_WIN_ID:
        return CMDQV_WIN_ID_VALUE;
    case CMDQV_WIN_VINTFS:
        return cmdqv_num_vintfs(s);
    case CMDQV_WIN_VCMDQS:
        return cmdqv_num_vcmdqs(s);
    case CMDQV_WIN_STRICT:
        return cmdqv_strict_total(s, CMDQV_HOST);
    case CMDQV_WIN_STRICT_GUEST:
        return cmdqv_strict_total(s, CMDQV_GUEST);
    case CMDQV_WIN_INTERRUPTS:
        return c->interrupts;
    case CMDQV_WIN_INT_MASKED:
        return c->interrupts_masked;
    case CMDQV_WIN_INT_LOST:
        return c->interrupts_lost;
    case CMDQV_WIN_ERRORS:
        return cmdqv_count_errors(s);
    case CMDQV_WIN_INIT_ERRORS:
        return c->init_errors;
    case CMDQV_WIN_COMMANDS:
        return cmdqv_count_commands(s);
    case CMDQV_WIN_SYNCS:
        return cmdqv_count_opcode(s, SMMU_CMD_SYNC);
    case CMDQV_WIN_MAIN_COMMANDS:
        return c->mainq.commands;
    case CMDQV_WIN_MAIN_SYNCS:
        return c->mainq.opcodes[SMMU_CMD_SYNC];
    case CMDQV_WIN_MAIN_ERRORS:
        return cmdqv_queue_count_errors(&c->mainq);
    case CMDQV_WIN_LAST_ATC_SID:
        return c->last_atc_sid;
    case CMDQV_WIN_SMMU_READS:
        return c->smmu.reads;
    case CMDQV_WIN_SMMU_WRITES:
        return c->smmu.writes;
    case CMDQV_WIN_CONFIG_READS ... CMDQV_WIN_PHYS1_WRITES:
        return i % 2 ? c->pages[i / 2].writes : c->pages[i / 2].reads;
    case CMDQV_WIN_LATE_SYNCS:
        return c->late_syncs;
    case CMDQV_WIN_RULES:
        return CMDQV_RULES;
    default:
        return 0;
    }
}

static uint64_t window_vintf(const CmdqvCounters *c, hwaddr off)
{
    unsigned v = off / 0x20;
    const CmdqvAccesses *pages = &c->pages[3 + 2 * v];

    switch (off % 0x20) {
    case CMDQV_WIN_PAGE0_READS:
        return pages[0].reads;
    case CMDQV_WIN_PAGE0_WRITES:
        return pages[0].writes;
    case CMDQV_WIN_PAGE1_READS:
        return pages[1].reads;
    default:
        return pages[1].writes;
    }
}

static uint64_t window_rule(CmdqvState *s, hwaddr off)
{
    CmdqvActor actor = off < CMDQV_WIN_RULE_GUEST(0) ? CMDQV_HOST :
                                                       CMDQV_GUEST;
    unsigned i = (off - (actor == CMDQV_HOST ? CMDQV_WIN_RULE(0) :
                                               CMDQV_WIN_RULE_GUEST(0))) / 8;

    return i < CMDQV_RULES ? s->rules.broken[actor][i] : 0;
}

static uint64_t window_rule_name(hwaddr off)
{
    unsigned i = off / 32;
    char name[32] = "";

    if (i < CMDQV_RULES) {
        pstrcpy(name, sizeof(name), cmdqv_rule_names[i]);
    }
    return ldq_le_p(name + off % 32);
}

static uint64_t window_queue(const CmdqvQueueCounters *q, hwaddr off)
{
    static const uint8_t opcodes[] = {
        [CMDQV_WIN_Q_SYNCS / 8]        = SMMU_CMD_SYNC,
        [CMDQV_WIN_Q_TLBI_NH_VA / 8]   = SMMU_CMD_TLBI_NH_VA,
        [CMDQV_WIN_Q_TLBI_NH_ASID / 8] = SMMU_CMD_TLBI_NH_ASID,
        [CMDQV_WIN_Q_TLBI_NH_ALL / 8]  = SMMU_CMD_TLBI_NH_ALL,
        [CMDQV_WIN_Q_TLBI_NH_VAA / 8]  = SMMU_CMD_TLBI_NH_VAA,
        [CMDQV_WIN_Q_TLBI_S12 / 8]     = SMMU_CMD_TLBI_S12_VMALL,
        [CMDQV_WIN_Q_TLBI_S2_IPA / 8]  = SMMU_CMD_TLBI_S2_IPA,
        [CMDQV_WIN_Q_TLBI_ALL / 8]     = SMMU_CMD_TLBI_NSNH_ALL,
        [CMDQV_WIN_Q_ATC_INV / 8]      = SMMU_CMD_ATC_INV,
        [CMDQV_WIN_Q_CFGI_STE / 8]     = SMMU_CMD_CFGI_STE,
        [CMDQV_WIN_Q_CFGI_RANGE / 8]   = SMMU_CMD_CFGI_STE_RANGE,
        [CMDQV_WIN_Q_CFGI_CD / 8]      = SMMU_CMD_CFGI_CD,
        [CMDQV_WIN_Q_CFGI_CD_ALL / 8]  = SMMU_CMD_CFGI_CD_ALL,
    };

    if (off == CMDQV_WIN_Q_COMMANDS) {
        return q->commands;
    }
    if (off == CMDQV_WIN_Q_ERRORS) {
        return cmdqv_queue_count_errors(q);
    }
    if (off >= CMDQV_WIN_Q_ERROR(0) &&
        off < CMDQV_WIN_Q_ERROR(CMDQV_ERR_CODES)) {
        return q->errors[(off - CMDQV_WIN_Q_ERROR(0)) / 8];
    }
    return off / 8 < ARRAY_SIZE(opcodes) ? q->opcodes[opcodes[off / 8]] : 0;
}

uint64_t cmdqv_window_read(PCIDevice *dev, hwaddr off)
{
    CmdqvState *s = cmdqv_of_device(dev);

    if (!s) {
        return 0;
    }
    if (off >= CMDQV_WIN_QUEUE(0)) {
        hwaddr q = off - CMDQV_WIN_QUEUE(0);

        return window_queue(&s->count.queues[q / 0x100], q % 0x100);
    }
    if (off >= CMDQV_WIN_MAIN_OPCODE(0x100)) {
        return 0;
    }
    if (off >= CMDQV_WIN_MAIN_OPCODE(0)) {
        return s->count.mainq.opcodes[(off - CMDQV_WIN_MAIN_OPCODE(0)) / 8];
    }
    if (off >= CMDQV_WIN_RULE_NAME(0)) {
        return window_rule_name(off - CMDQV_WIN_RULE_NAME(0));
    }
    if (off >= CMDQV_WIN_RULE(0)) {
        return window_rule(s, off);
    }
    if (off >= CMDQV_WIN_VINTF(CMDQV_MAX_VINTFS)) {
        return 0;
    }
    if (off >= CMDQV_WIN_VINTF(0)) {
        return window_vintf(&s->count, off - CMDQV_WIN_VINTF(0));
    }
    return window_global(s, off);
}
