/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Execution of commands
 *
 * A host queue (HYP_OWN = 1) may execute the commands of the SMMU's own queue.
 * A guest queue may execute four commands, with VMID and StreamID replaced.
 * Both act on the caches of QEMU's SMMUv3, so a missing or wrong invalidation
 * leaves a stale translation, which DMA then uses.
 *
 * smmuv3.c has private functions for the SMMU's queue; this file uses the
 * interface of smmu-common.h.
 */

#include "qemu/osdep.h"
#include "qemu/log.h"
#include "system/dma.h"
#include "pci-dma-test.h"
#include "tegra241-cmdqv-hw.h"

static void inv_configs(CmdqvState *s, uint32_t start, uint32_t end)
{
    SMMUSIDRange range = { .start = start, .end = end };

    smmu_configs_inv_sid_range(ARM_SMMU(s->smmu), range);
}

static void act_cfgi(CmdqvState *s, Cmd *cmd)
{
    uint32_t sid = CMD_SID(cmd);
    uint32_t mask;

    if (CMD_TYPE(cmd) != SMMU_CMD_CFGI_STE_RANGE) {
        inv_configs(s, sid, sid);
        return;
    }
    /* CFGI_ALL is the range of everything: 2^32 StreamIDs */
    mask = MAKE_64BIT_MASK(0, CMD_STE_RANGE(cmd) + 1);
    inv_configs(s, sid & ~mask, sid | mask);
}

/* The IOTLB needs a range as aligned powers of two */
static void inv_range(CmdqvState *s, Cmd *cmd, int asid, int vmid, bool stage2)
{
    SMMUState *smmu = ARM_SMMU(s->smmu);
    uint8_t tg = CMD_TG(cmd);
    unsigned granule = tg ? tg * 2 + 10 : 12;
    uint64_t pages = tg ? (CMD_NUM(cmd) + 1) * BIT_ULL(CMD_SCALE(cmd)) : 1;
    uint64_t addr = CMD_ADDR(cmd) & ~MAKE_64BIT_MASK(0, granule);
    uint64_t left = pages << granule;

    while (left) {
        uint64_t mask = dma_aligned_pow2_mask(addr, addr + left - 1, 64);
        uint64_t n = (mask + 1) >> granule;

        if (stage2) {
            smmu_iotlb_inv_ipa(smmu, vmid, addr, tg, n, CMD_TTL(cmd));
        } else {
            smmu_iotlb_inv_iova(smmu, asid, vmid, addr, tg, n, CMD_TTL(cmd));
        }
        addr += mask + 1;
        left -= mask + 1;
    }
}

static void act_tlbi(CmdqvState *s, Cmd *cmd)
{
    SMMUState *smmu = ARM_SMMU(s->smmu);
    bool s2 = STAGE2_SUPPORTED(s->smmu);
    /* The IOTLB's VMID is -1 without stage 2 */
    int vmid = s2 ? CMD_VMID(cmd) : -1;

    switch (CMD_TYPE(cmd)) {
    case SMMU_CMD_TLBI_NH_ALL:
        if (s2) {
            smmu_iotlb_inv_vmid_s1(smmu, vmid);
        } else {
            smmu_iotlb_inv_all(smmu);
        }
        break;
    case SMMU_CMD_TLBI_NH_ASID:
        smmu_iotlb_inv_asid_vmid(smmu, CMD_ASID(cmd), vmid);
        break;
    case SMMU_CMD_TLBI_NH_VA:
        inv_range(s, cmd, CMD_ASID(cmd), vmid, false);
        break;
    case SMMU_CMD_TLBI_NH_VAA:
        inv_range(s, cmd, -1, vmid, false);
        break;
    case SMMU_CMD_TLBI_S12_VMALL:
        smmu_iotlb_inv_vmid(smmu, vmid);
        break;
    case SMMU_CMD_TLBI_S2_IPA:
        inv_range(s, cmd, -1, vmid, true);
        break;
    default:
        smmu_iotlb_inv_all(smmu);
        break;
    }
    /* More than a range needs; affects only devices with notifiers */
    smmu_inv_notifiers_all(smmu);
}

static void act_atc_inv(CmdqvState *s, CmdqvQueue *q, Cmd *cmd)
{
    uint32_t sid = CMD_SID(cmd);

    if (q) {
        s->count.last_atc_sid = sid;
        if (cmdqv_fault_atc_timeout(q, sid)) {
            q->atc_timed_out = true;
            return;
        }
    } else if (cmdqv_fault_main_atc_timeout(s, sid)) {
        s->mainq.atc_timed_out = true;
        return;
    }
    if (!cmdqv_ats_invalidate(s, cmd)) {
        *(q ? &q->atc_timed_out : &s->mainq.atc_timed_out) = true;
    }
}

/* CMDQV_ERR_ILL unless @cmd, which is no CMD_SYNC, can have its effect */
unsigned cmdqv_command_check(const CmdqvState *s, const Cmd *cmd)
{
    switch (CMD_TYPE(cmd)) {
    case SMMU_CMD_CFGI_STE:
    case SMMU_CMD_CFGI_STE_RANGE:
    case SMMU_CMD_CFGI_CD:
    case SMMU_CMD_CFGI_CD_ALL:
        return CMD_SSEC(cmd) ? CMDQV_ERR_ILL : CMDQV_ERR_NONE;
    case SMMU_CMD_TLBI_NH_ALL:
    case SMMU_CMD_TLBI_NH_ASID:
    case SMMU_CMD_TLBI_NH_VA:
    case SMMU_CMD_TLBI_NH_VAA:
        return STAGE1_SUPPORTED(s->smmu) ? CMDQV_ERR_NONE : CMDQV_ERR_ILL;
    case SMMU_CMD_TLBI_S12_VMALL:
    case SMMU_CMD_TLBI_S2_IPA:
        return STAGE2_SUPPORTED(s->smmu) ? CMDQV_ERR_NONE : CMDQV_ERR_ILL;
    case SMMU_CMD_ATC_INV:
    case SMMU_CMD_PREFETCH_CONFIG:
    case SMMU_CMD_PREFETCH_ADDR:
    case SMMU_CMD_PRI_RESP:
    case SMMU_CMD_RESUME:
    case SMMU_CMD_STALL_TERM:
    case SMMU_CMD_TLBI_EL2_ALL:
    case SMMU_CMD_TLBI_EL2_ASID:
    case SMMU_CMD_TLBI_EL2_VA:
    case SMMU_CMD_TLBI_EL2_VAA:
    case SMMU_CMD_TLBI_EL3_ALL:
    case SMMU_CMD_TLBI_EL3_VA:
    case SMMU_CMD_TLBI_NSNH_ALL:
        return CMDQV_ERR_NONE;
    default:
        return CMDQV_ERR_ILL;
    }
}

/* The effect of a checked command; @q is NULL for the SMMU's own queue */
void cmdqv_command_act(CmdqvState *s, CmdqvQueue *q, Cmd *cmd)
{
    qemu_mutex_lock(&s->smmu->mutex);
    switch (CMD_TYPE(cmd)) {
    case SMMU_CMD_CFGI_STE:
    case SMMU_CMD_CFGI_STE_RANGE:
    case SMMU_CMD_CFGI_CD:
    case SMMU_CMD_CFGI_CD_ALL:
        act_cfgi(s, cmd);
        break;
    case SMMU_CMD_ATC_INV:
        act_atc_inv(s, q, cmd);
        break;
    case SMMU_CMD_TLBI_NH_ALL:
    case SMMU_CMD_TLBI_NH_ASID:
    case SMMU_CMD_TLBI_NH_VA:
    case SMMU_CMD_TLBI_NH_VAA:
    case SMMU_CMD_TLBI_NSNH_ALL:
    case SMMU_CMD_TLBI_S12_VMALL:
    case SMMU_CMD_TLBI_S2_IPA:
        act_tlbi(s, cmd);
        break;
    default:
        /* Accepted, and without effect on QEMU's SMMU */
        break;
    }
    qemu_mutex_unlock(&s->smmu->mutex);
}

/*
 * All before a CMD_SYNC in its queue is complete when CONS passes it. If a knob
 * makes it late, CONS stays.
 */
static unsigned exec_sync(CmdqvQueue *q, Cmd *cmd, CmdqvActor actor)
{
    uint64_t msi = deposit64(cmd->word[2], 32, 32, cmd->word[3]);

    /* No queue here can signal a completion in another way than by CONS */
    if (CMD_SYNC_CS(cmd) != CMD_SYNC_SIG_NONE &&
        !cmdqv_alt(q->s, CMDQV_ALT_CS)) {
        return CMDQV_ERR_ILL;
    }
    cmdqv_effects_drain(&q->effects);
    if (cmdqv_fault_sync_late(q)) {
        return CMDQV_LATE;
    }
    if (msi & MAKE_64BIT_MASK(2, 50)) {
        cmdqv_strict(q->s, CMDQV_SYNC_MSI_ADDRESS, actor, "VCMDQ%u", q->index);
    }
    cmdqv_erratum_sync(&q->effects);
    if (q->atc_timed_out) {
        q->atc_timed_out = false;
        return CMDQV_ERR_ATC_SYNC;
    }
    pci_dma_test_sync(q->s->smmu);
    return CMDQV_ERR_NONE;
}

static unsigned exec_any(CmdqvQueue *q, Cmd *cmd, CmdqvActor actor)
{
    unsigned code;

    if (CMD_TYPE(cmd) == SMMU_CMD_SYNC) {
        return exec_sync(q, cmd, actor);
    }
    code = cmdqv_command_check(q->s, cmd);
    if (code != CMDQV_ERR_NONE || cmdqv_erratum_drops(&q->effects, cmd)) {
        return code;
    }
    if (cmdqv_async(q->s)) {
        cmdqv_effects_add(&q->effects, cmd);
    } else {
        cmdqv_command_act(q->s, q, cmd);
    }
    return code;
}

static unsigned refusal(const CmdqvState *s)
{
    return cmdqv_alt(s, CMDQV_ALT_REFUSAL) ? CMDQV_ERR_ACCESS : CMDQV_ERR_ILL;
}

/* Translates a guest's command, refuses it, or completes it (@drop) */
static unsigned guest_translate(CmdqvQueue *q, unsigned v, Cmd *cmd,
                                bool *drop)
{
    CmdqvVintf *vintf = &q->s->vintfs[v];
    uint32_t sid;

    switch (CMD_TYPE(cmd)) {
    case SMMU_CMD_TLBI_NH_ASID:
    case SMMU_CMD_TLBI_NH_VA:
        cmd->word[1] = deposit32(cmd->word[1], 0, 16,
                                 FIELD_EX32(vintf->config, VINTF_CONFIG,
                                            VMID));
        return CMDQV_ERR_NONE;
    case SMMU_CMD_ATC_INV:
        if (!cmdqv_vintf_find_sid(q->s, v, CMD_SID(cmd), &sid)) {
            *drop = cmdqv_alt(q->s, CMDQV_ALT_SID_MISS);
            return *drop ? CMDQV_ERR_NONE : refusal(q->s);
        }
        cmd->word[1] = sid;
        return CMDQV_ERR_NONE;
    case SMMU_CMD_SYNC:
        return CMDQV_ERR_NONE;
    default:
        return refusal(q->s);
    }
}

/*
 * Returns the code for CONS.ERR, CMDQV_ERR_NONE if the command completed, or
 * CMDQV_LATE
 */
unsigned cmdqv_execute(CmdqvQueue *q, Cmd *cmd)
{
    CmdqvState *s = q->s;
    unsigned v = cmdqv_queue_vintf(q);
    unsigned code = CMDQV_ERR_NONE;
    CmdqvActor actor = CMDQV_HOST;
    bool drop = false;

    if (s->smmu_off) {
        cmdqv_strict(s, CMDQV_COMMAND_SMMU_OFF, CMDQV_HOST, "VCMDQ%u",
                     q->index);
    }
    if (!cmdqv_vintf_hyp_own(s, v)) {
        actor = CMDQV_GUEST;
        code = guest_translate(q, v, cmd, &drop);
    }
    if (code == CMDQV_ERR_NONE && !drop) {
        code = exec_any(q, cmd, actor);
    }
    if (code == CMDQV_ERR_ILL || code == CMDQV_ERR_ACCESS) {
        qemu_log_mask(LOG_GUEST_ERROR, "cmdqv-hw: VCMDQ%u: refused command "
                      "%08x %08x %08x %08x\n", q->index, cmd->word[0],
                      cmd->word[1], cmd->word[2], cmd->word[3]);
    }
    return code;
}
