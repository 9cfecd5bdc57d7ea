/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VINTF registers: handshake, StreamID slots, error maps
 */

#include "qemu/osdep.h"
#include "tegra241-cmdqv-hw.h"

#define CONFIG_MASK     (R_VINTF_CONFIG_EN_MASK | R_VINTF_CONFIG_VMID_MASK | \
                         R_VINTF_CONFIG_HYP_OWN_MASK)
#define SID_MATCH_MASK  (R_SID_MATCH_ENABLE_MASK | R_SID_MATCH_SID_MASK)

void cmdqv_vintf_start(CmdqvState *s, unsigned v)
{
    CmdqvVintf *vintf = &s->vintfs[v];

    vintf->enabled = s->enabled;
    vintf->guest = s->enabled && !cmdqv_vintf_hyp_own(s, v);
    for (unsigned l = 0; l < CMDQV_MAX_LVCMDQS; l++) {
        CmdqvQueue *q = cmdqv_logical_queue(s, v, l);

        if (q) {
            cmdqv_queue_start_below(q);
        }
    }
}

/* Queues lose their enable with their VINTF and need a new one afterwards */
void cmdqv_vintf_stop(CmdqvState *s, unsigned v)
{
    CmdqvVintf *vintf = &s->vintfs[v];

    if (!cmdqv_alt(s, CMDQV_ALT_LEVELS)) {
        vintf->config = FIELD_DP32(vintf->config, VINTF_CONFIG, EN, 0);
    }
    vintf->enabled = false;
    vintf->left_on = false;
    cmdqv_handshake_forget(&s->vintf_handshakes[v]);
    for (unsigned l = 0; l < CMDQV_MAX_LVCMDQS; l++) {
        CmdqvQueue *q = cmdqv_logical_queue(s, v, l);

        if (q) {
            cmdqv_queue_stop_below(q);
        }
    }
}

/* As a kernel that crashes leaves it: VINTF 0 is its own, the others guests' */
void cmdqv_vintf_leave_on(CmdqvState *s, unsigned v)
{
    CmdqvVintf *vintf = &s->vintfs[v];

    vintf->config = FIELD_DP32(0, VINTF_CONFIG, EN, 1);
    vintf->config = FIELD_DP32(vintf->config, VINTF_CONFIG, VMID, v);
    vintf->config = FIELD_DP32(vintf->config, VINTF_CONFIG, HYP_OWN,
                               s->hyp_own && v == 0);
    vintf->enabled = true;
    vintf->left_on = true;
}

bool cmdqv_vintf_find_sid(CmdqvState *s, unsigned v, uint32_t sid,
                          uint32_t *replace)
{
    CmdqvVintf *vintf = &s->vintfs[v];

    if (cmdqv_alt(s, CMDQV_ALT_VSID)) {
        sid &= R_SID_MATCH_SID_MASK >> R_SID_MATCH_SID_SHIFT;
    }
    for (unsigned i = 0; i < cmdqv_num_sids(s); i++) {
        if (FIELD_EX32(vintf->sid_match[i], SID_MATCH, ENABLE) &&
            FIELD_EX32(vintf->sid_match[i], SID_MATCH, SID) == sid) {
            *replace = vintf->sid_replace[i] & R_SID_REPLACE_SID_MASK;
            return true;
        }
    }
    return false;
}

static uint64_t vintf_lvcmdq_err_map(CmdqvState *s, unsigned v, unsigned word)
{
    uint64_t map = s->faults.vintf < 0 || s->faults.vintf == v ?
                   s->faults.lvcmdq_err_map[word] : 0;

    for (unsigned bit = 0; bit < 64; bit++) {
        CmdqvQueue *q = cmdqv_logical_queue(s, v, 64 * word + bit);

        if (q && cmdqv_queue_errors(q)) {
            map |= BIT_ULL(bit);
        }
    }
    return map;
}

uint64_t cmdqv_vintf_err_map(CmdqvState *s)
{
    uint64_t map = s->faults.vintf_err_map;

    for (unsigned i = 0; i < cmdqv_num_vcmdqs(s); i++) {
        CmdqvQueue *q = &s->queues[i];

        if (cmdqv_queue_mapped(q) && cmdqv_queue_errors(q)) {
            map |= BIT_ULL(cmdqv_queue_vintf(q));
        }
    }
    return map;
}

uint32_t cmdqv_vcmdq_err_map(CmdqvState *s, unsigned word)
{
    uint32_t map = 0;

    for (unsigned bit = 0; bit < 32; bit++) {
        if (cmdqv_queue_errors(&s->queues[32 * word + bit])) {
            map |= BIT(bit);
        }
    }
    return map;
}

static uint32_t vintf_status(CmdqvState *s, unsigned v)
{
    uint32_t status = 0;

    status = FIELD_DP32(status, VINTF_STATUS, ENABLED, s->vintfs[v].enabled);
    status = FIELD_DP32(status, VINTF_STATUS, CODE,
                        extract64(cmdqv_vintf_err_map(s), v, 1));
    return FIELD_DP32(status, VINTF_STATUS, LVCMDQS,
                      cmdqv_vintf_mapped_queues(s, v));
}

static void vintf_check_enable(CmdqvState *s, unsigned v, uint32_t value)
{
    CmdqvVintf *vintf = &s->vintfs[v];

    if ((value ^ vintf->config) & ~R_VINTF_CONFIG_EN_MASK) {
        cmdqv_strict(s, CMDQV_VINTF_ON_ONE_STEP, CMDQV_HOST,
                     "VINTF%u: CONFIG 0x%x over 0x%x", v, value,
                     vintf->config);
    }
    if (!s->enabled) {
        cmdqv_strict(s, CMDQV_VINTF_ON_CMDQV_OFF, CMDQV_HOST, "VINTF%u", v);
    } else if (s->unpolled) {
        cmdqv_strict(s, CMDQV_CONFIG_UNPOLLED, CMDQV_HOST, "VINTF%u enabled",
                     v);
    }
    /* The VINTF 0 of a guest has the VMID that its host gave it */
    if (s->hyp_own && !FIELD_EX32(value, VINTF_CONFIG, HYP_OWN) &&
        !FIELD_EX32(value, VINTF_CONFIG, VMID)) {
        cmdqv_strict(s, CMDQV_VINTF_ON_VMID_ZERO, CMDQV_HOST, "VINTF%u", v);
    }
    for (unsigned i = 0; i < cmdqv_num_sids(s); i++) {
        if (vintf->sid_match[i] || vintf->sid_replace[i]) {
            cmdqv_strict(s, CMDQV_VINTF_ON_SID_STALE, CMDQV_HOST,
                         "VINTF%u: slot %u", v, i);
        }
    }
}

static void vintf_check_disable(CmdqvState *s, unsigned v)
{
    for (unsigned l = 0; l < CMDQV_MAX_LVCMDQS; l++) {
        CmdqvQueue *q = cmdqv_logical_queue(s, v, l);

        if (!q) {
            continue;
        }
        cmdqv_strict(s, CMDQV_VINTF_OFF_QUEUE_MAPPED, CMDQV_HOST,
                     "VINTF%u: LVCMDQ%u", v, l);
        if (q->enabled) {
            cmdqv_strict(s, CMDQV_VINTF_OFF_QUEUE_ON, CMDQV_HOST,
                         "VINTF%u: LVCMDQ%u", v, l);
        }
    }
}

static void vintf_config_write(CmdqvState *s, unsigned v, uint32_t value)
{
    CmdqvVintf *vintf = &s->vintfs[v];
    bool was = FIELD_EX32(vintf->config, VINTF_CONFIG, EN);
    bool on = FIELD_EX32(value, VINTF_CONFIG, EN);

    cmdqv_check_reserved(s, CMDQV_HOST, "VINTF CONFIG", value, CONFIG_MASK);
    value &= CONFIG_MASK;
    if (!s->hyp_own) {
        value = FIELD_DP32(value, VINTF_CONFIG, HYP_OWN, 0);
    }
    if (on && !was) {
        vintf_check_enable(s, v, value);
    } else if (was && !on && vintf->enabled) {
        vintf_check_disable(s, v);
    } else if (on && value != vintf->config) {
        cmdqv_strict(s, CMDQV_VINTF_CONFIG_LIVE, CMDQV_HOST,
                     "VINTF%u: CONFIG 0x%x over 0x%x", v, value,
                     vintf->config);
    }
    if (on != was) {
        vintf->unpolled = true;
    }
    vintf->config = value;
    vintf->left_on = false;
    if (!cmdqv_fault_acknowledge(s, CMDQV_LEVEL_VINTF, v, on)) {
        return;
    }
    cmdqv_handshake(&s->vintf_handshakes[v], on);
}

/* STATUS follows CONFIG */
void cmdqv_vintf_acknowledge(CmdqvState *s, unsigned v, bool on)
{
    CmdqvVintf *vintf = &s->vintfs[v];

    if (!on) {
        cmdqv_vintf_stop(s, v);
    } else if (!vintf->enabled) {
        cmdqv_vintf_start(s, v);
    } else {
        vintf->guest = !cmdqv_vintf_hyp_own(s, v);
        cmdqv_queues_resume(s);
    }
}

/* A change of EN that had to wait (alt-superseded) */
void cmdqv_vintf_change(CmdqvState *s, unsigned v, bool on)
{
    CmdqvVintf *vintf = &s->vintfs[v];

    vintf->config = FIELD_DP32(vintf->config, VINTF_CONFIG, EN, on);
    cmdqv_handshake(&s->vintf_handshakes[v], on);
}

/* Bits that a register keeps */
static uint32_t kept_bits(const CmdqvState *s, uint32_t known)
{
    return cmdqv_alt(s, CMDQV_ALT_RESERVED) ? UINT32_MAX : known;
}

static void sid_match_write(CmdqvState *s, unsigned v, unsigned slot,
                            uint32_t value)
{
    CmdqvVintf *vintf = &s->vintfs[v];
    uint32_t sid = FIELD_EX32(value, SID_MATCH, SID);
    bool was = FIELD_EX32(vintf->sid_match[slot], SID_MATCH, ENABLE);
    bool on = FIELD_EX32(value, SID_MATCH, ENABLE);
    uint32_t replace;

    cmdqv_check_reserved(s, CMDQV_HOST, "SID_MATCH", value, SID_MATCH_MASK);
    if (on) {
        if (was) {
            cmdqv_strict(s, CMDQV_SID_MATCH_LIVE, CMDQV_HOST,
                         "VINTF%u: slot %u", v, slot);
        } else if (!(vintf->sid_replaced & BIT(slot))) {
            cmdqv_strict(s, CMDQV_SID_MATCH_FIRST, CMDQV_HOST,
                         "VINTF%u: slot %u", v, slot);
        }
        if (!vintf->enabled) {
            cmdqv_strict(s, CMDQV_SID_VINTF_OFF, CMDQV_HOST,
                         "VINTF%u: slot %u", v, slot);
        }
        vintf->sid_match[slot] = 0;
        if (cmdqv_vintf_find_sid(s, v, sid, &replace)) {
            cmdqv_strict(s, CMDQV_SID_DUPLICATE, CMDQV_HOST,
                         "VINTF%u: slot %u, StreamID 0x%x", v, slot, sid);
        }
    }
    vintf->sid_match[slot] = value & kept_bits(s, SID_MATCH_MASK);
    vintf->sid_replaced &= ~BIT(slot);
    vintf->sid_clearing &= ~BIT(slot);
    if (!on) {
        vintf->sid_clearing |= BIT(slot);
    }
}

static void sid_replace_write(CmdqvState *s, unsigned v, unsigned slot,
                              uint32_t value)
{
    CmdqvVintf *vintf = &s->vintfs[v];

    if (FIELD_EX32(vintf->sid_match[slot], SID_MATCH, ENABLE)) {
        cmdqv_strict(s, CMDQV_SID_REPLACE_LIVE, CMDQV_HOST,
                     "VINTF%u: slot %u", v, slot);
    }
    cmdqv_check_reserved(s, CMDQV_HOST, "SID_REPLACE", value,
                         R_SID_REPLACE_SID_MASK);
    vintf->sid_replace[slot] = value & kept_bits(s, R_SID_REPLACE_SID_MASK);
    /*
     * The zero that comes after clearing MATCH does not prepare a slot for the
     * next one; another zero is the StreamID of a device.
     */
    if (!vintf->sid_replace[slot] && (vintf->sid_clearing & BIT(slot))) {
        vintf->sid_replaced &= ~BIT(slot);
    } else {
        vintf->sid_replaced |= BIT(slot);
    }
    vintf->sid_clearing &= ~BIT(slot);
}

bool cmdqv_vintf_read(CmdqvState *s, unsigned v, hwaddr reg, unsigned size,
                      uint64_t *value)
{
    hwaddr sids = 4 * cmdqv_num_sids(s);

    if (reg >= A_VINTF_LVCMDQ_ERR_MAP && reg < A_VINTF_LVCMDQ_ERR_MAP + 16 &&
        size >= 4) {
        unsigned byte = reg - A_VINTF_LVCMDQ_ERR_MAP;

        *value = vintf_lvcmdq_err_map(s, v, byte / 8);
        *value = extract64(*value, 8 * (byte % 8), 8 * size);
        return true;
    }
    if (size != 4) {
        return false;
    }
    if (reg == A_VINTF_CONFIG) {
        *value = s->vintfs[v].config;
    } else if (reg == A_VINTF_STATUS) {
        s->vintfs[v].unpolled &=
            !cmdqv_handshake_read(&s->vintf_handshakes[v]);
        *value = vintf_status(s, v);
    } else if (reg >= A_VINTF_SID_MATCH && reg < A_VINTF_SID_MATCH + sids) {
        *value = s->vintfs[v].sid_match[(reg - A_VINTF_SID_MATCH) / 4];
    } else if (reg >= A_VINTF_SID_REPLACE &&
               reg < A_VINTF_SID_REPLACE + sids) {
        *value = s->vintfs[v].sid_replace[(reg - A_VINTF_SID_REPLACE) / 4];
    } else {
        return false;
    }
    return true;
}

bool cmdqv_vintf_write(CmdqvState *s, unsigned v, hwaddr reg, unsigned size,
                       uint64_t value)
{
    hwaddr sids = 4 * cmdqv_num_sids(s);

    if (size != 4) {
        return false;
    }
    if (reg == A_VINTF_CONFIG) {
        vintf_config_write(s, v, value);
    } else if (reg >= A_VINTF_SID_MATCH && reg < A_VINTF_SID_MATCH + sids) {
        sid_match_write(s, v, (reg - A_VINTF_SID_MATCH) / 4, value);
    } else if (reg >= A_VINTF_SID_REPLACE &&
               reg < A_VINTF_SID_REPLACE + sids) {
        sid_replace_write(s, v, (reg - A_VINTF_SID_REPLACE) / 4, value);
    } else if (reg == A_VINTF_STATUS ||
               (reg >= A_VINTF_LVCMDQ_ERR_MAP &&
                reg < A_VINTF_LVCMDQ_ERR_MAP + 16)) {
        cmdqv_strict(s, CMDQV_READ_ONLY_WRITE, CMDQV_HOST,
                     "VINTF%u + 0x%02" HWADDR_PRIx, v, reg);
    } else {
        return false;
    }
    return true;
}
