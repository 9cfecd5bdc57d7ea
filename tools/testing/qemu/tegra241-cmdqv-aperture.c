/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The aperture: from an address to a register, and the global registers
 *
 * Any size reaches the callbacks, if it is aligned; QEMU answers the others
 * with a bus error.  A size or an address without a register reads as zero,
 * ignores writes and is counted.
 */

#include "qemu/osdep.h"
#include "qemu/log.h"
#include "tegra241-cmdqv-hw.h"

static void bad_access(CmdqvState *s, bool write, hwaddr addr, unsigned size,
                       CmdqvActor actor)
{
    qemu_log_mask(LOG_GUEST_ERROR, "cmdqv-hw: bad %u-byte %s at 0x%05"
                  HWADDR_PRIx "\n", size, write ? "write" : "read", addr);
    cmdqv_strict(s, CMDQV_BAD_ACCESS, actor, "%u-byte %s at 0x%05"
                 HWADDR_PRIx, size, write ? "write" : "read", addr);
}

static uint32_t global_param(CmdqvState *s)
{
    uint32_t param = 0;

    if (s->faults.param_irq) {
        cmdqv_pulse_irq(s, NULL);
    }
    if (s->faults.param) {
        return s->faults.param;
    }
    param = FIELD_DP32(param, CMDQV_PARAM, VERSION, s->version);
    param = FIELD_DP32(param, CMDQV_PARAM, LOG2_VCMDQS, s->log2_vcmdqs);
    param = FIELD_DP32(param, CMDQV_PARAM, LOG2_VINTFS, s->log2_vintfs);
    param = FIELD_DP32(param, CMDQV_PARAM, LOG2_SIDS, s->log2_sids);
    return param;
}

/* Whether anything below the block is on */
bool cmdqv_busy(const CmdqvState *s)
{
    for (unsigned v = 0; v < cmdqv_num_vintfs(s); v++) {
        if (s->vintfs[v].enabled) {
            return true;
        }
    }
    for (unsigned i = 0; i < cmdqv_num_vcmdqs(s); i++) {
        if (s->queues[i].enabled) {
            return true;
        }
    }
    return false;
}

static void global_stop(CmdqvState *s)
{
    for (unsigned v = 0; v < cmdqv_num_vintfs(s); v++) {
        cmdqv_vintf_stop(s, v);
    }
    /* Those that are not mapped, and so in no VINTF */
    for (unsigned i = 0; i < cmdqv_num_vcmdqs(s); i++) {
        cmdqv_queue_stop_below(&s->queues[i]);
    }
}

/* Levels that have kept their EN (alt-levels) come back with the block */
static void global_start(CmdqvState *s)
{
    for (unsigned v = 0; v < cmdqv_num_vintfs(s); v++) {
        CmdqvVintf *vintf = &s->vintfs[v];

        if (FIELD_EX32(vintf->config, VINTF_CONFIG, EN) && !vintf->enabled &&
            cmdqv_alt(s, CMDQV_ALT_LEVELS)) {
            cmdqv_vintf_start(s, v);
        }
    }
}

/* STATUS follows CONFIG */
void cmdqv_global_acknowledge(CmdqvState *s, bool on)
{
    bool was = s->enabled;

    s->enabled = on;
    if (!on) {
        global_stop(s);
    } else if (!was) {
        global_start(s);
    } else {
        cmdqv_queues_resume(s);
    }
}

static void global_config_write(CmdqvState *s, uint32_t value)
{
    bool was = FIELD_EX32(s->config, CMDQV_CONFIG, EN);
    bool on = FIELD_EX32(value, CMDQV_CONFIG, EN);

    cmdqv_check_reserved(s, CMDQV_HOST, "CONFIG", value,
                         R_CMDQV_CONFIG_EN_MASK | R_CMDQV_CONFIG_TUNING_MASK);
    if ((value ^ s->config) & R_CMDQV_CONFIG_TUNING_MASK) {
        cmdqv_strict(s, CMDQV_CONFIG_BITS_LOST, CMDQV_HOST,
                     "CONFIG 0x%x over 0x%x", value, s->config);
    }
    s->config = value & (R_CMDQV_CONFIG_EN_MASK | R_CMDQV_CONFIG_TUNING_MASK);
    if (on != was) {
        s->unpolled = true;
    }
    if (was && !on) {
        for (unsigned v = 0; v < cmdqv_num_vintfs(s); v++) {
            /* A kernel that takes over after a crash knows of no VINTFs */
            if (s->vintfs[v].enabled && !s->vintfs[v].left_on) {
                cmdqv_strict(s, CMDQV_CMDQV_OFF_VINTF_ON, CMDQV_HOST,
                             "VINTF%u still enabled", v);
            }
        }
    }
    if (!cmdqv_fault_acknowledge(s, CMDQV_LEVEL_GLOBAL, 0, on)) {
        return;
    }
    cmdqv_handshake(&s->handshake, on);
}

static bool config_page_read32(CmdqvState *s, hwaddr off, uint64_t *value)
{
    switch (off) {
    case A_CMDQV_CONFIG:
        *value = s->config;
        return true;
    case A_CMDQV_PARAM:
        *value = global_param(s);
        return true;
    case A_CMDQV_STATUS:
        s->unpolled &= !cmdqv_handshake_read(&s->handshake);
        *value = s->enabled;
        return true;
    case A_CMDQV_VINTF_ERR_MAP:
    case A_CMDQV_VINTF_ERR_MAP + 4:
        *value = extract64(cmdqv_vintf_err_map(s),
                           8 * (off - A_CMDQV_VINTF_ERR_MAP), 32);
        return true;
    case A_CMDQV_VINTF_INT_MASK:
    case A_CMDQV_VINTF_INT_MASK + 4:
        *value = extract64(s->int_mask,
                           8 * (off - A_CMDQV_VINTF_INT_MASK), 32);
        return true;
    case A_CMDQV_CMDQ_ERR_MAP ... A_CMDQV_CMDQ_ERR_MAP + 12:
        *value = cmdqv_vcmdq_err_map(s, (off - A_CMDQV_CMDQ_ERR_MAP) / 4);
        return true;
    default:
        break;
    }
    if (off >= A_CMDQV_ALLOC_MAP &&
        off < A_CMDQV_ALLOC_MAP + 4 * cmdqv_num_vcmdqs(s)) {
        *value = s->queues[(off - A_CMDQV_ALLOC_MAP) / 4].alloc;
        return true;
    }
    return false;
}

static bool config_page_write32(CmdqvState *s, hwaddr off, uint32_t value)
{
    switch (off) {
    case A_CMDQV_CONFIG:
        global_config_write(s, value);
        return true;
    case A_CMDQV_VINTF_INT_MASK:
    case A_CMDQV_VINTF_INT_MASK + 4:
        s->int_mask = deposit64(s->int_mask,
                                8 * (off - A_CMDQV_VINTF_INT_MASK), 32, value);
        cmdqv_int_mask_changed(s);
        return true;
    case A_CMDQV_PARAM:
    case A_CMDQV_STATUS:
    case A_CMDQV_VINTF_ERR_MAP:
    case A_CMDQV_VINTF_ERR_MAP + 4:
    case A_CMDQV_CMDQ_ERR_MAP ... A_CMDQV_CMDQ_ERR_MAP + 12:
        cmdqv_strict(s, CMDQV_READ_ONLY_WRITE, CMDQV_HOST,
                     "0x%05" HWADDR_PRIx, off);
        return true;
    default:
        break;
    }
    if (off >= A_CMDQV_ALLOC_MAP &&
        off < A_CMDQV_ALLOC_MAP + 4 * cmdqv_num_vcmdqs(s)) {
        cmdqv_alloc_write(s, (off - A_CMDQV_ALLOC_MAP) / 4, value);
        return true;
    }
    return false;
}

/* True if @off is in the block of an existing VINTF */
static bool config_page_vintf(CmdqvState *s, hwaddr off, unsigned *v)
{
    if (off < A_CMDQV_VINTF) {
        return false;
    }
    *v = (off - A_CMDQV_VINTF) / CMDQV_VINTF_STRIDE;
    return *v < cmdqv_num_vintfs(s);
}

/*
 * The queue with registers at @addr outside the configuration page. Returns
 * false if there is no such slot; *@q is NULL for a logical slot without a
 * queue.
 */
static bool queue_slot(CmdqvState *s, hwaddr addr, CmdqvQueue **q,
                       unsigned *page, bool guest, CmdqvActor *actor)
{
    unsigned number = addr >> CMDQV_PAGE_SHIFT;
    unsigned slot = (addr % CMDQV_PAGE_SIZE) / CMDQV_QUEUE_STRIDE;
    unsigned v;

    if (number < 3) {
        *page = number - 1;
        if (slot >= cmdqv_num_vcmdqs(s)) {
            return false;
        }
        *q = &s->queues[slot];
        return true;
    }
    v = (number - 3) / 2;
    *page = (number - 3) % 2;
    *actor = *page == 0 ? cmdqv_page0_actor(s, v, guest) : CMDQV_HOST;
    if (slot >= CMDQV_MAX_LVCMDQS) {
        return false;
    }
    *q = cmdqv_logical_queue(s, v, slot);
    return true;
}

/* The physical view may not reach a queue that is not mapped (alt-physical) */
static bool queue_hidden(const CmdqvQueue *q, hwaddr addr)
{
    return addr >> CMDQV_PAGE_SHIFT < 3 && !cmdqv_queue_mapped(q) &&
           cmdqv_alt(q->s, CMDQV_ALT_PHYSICAL);
}

static MemTxResult aperture_read(void *opaque, hwaddr addr, uint64_t *value,
                                 unsigned size, MemTxAttrs attrs)
{
    CmdqvState *s = opaque;
    hwaddr off = addr % CMDQV_PAGE_SIZE;
    CmdqvActor actor = CMDQV_HOST;
    CmdqvQueue *q;
    unsigned v, page;
    bool ok;

    *value = 0;
    s->count.pages[addr >> CMDQV_PAGE_SHIFT].reads++;
    cmdqv_posted_flush(&s->posted);
    if (addr < CMDQV_PAGE_SIZE) {
        if (config_page_vintf(s, off, &v)) {
            ok = cmdqv_vintf_read(s, v, off % CMDQV_VINTF_STRIDE, size,
                                  value);
        } else {
            ok = size == 4 && config_page_read32(s, off, value);
        }
    } else {
        ok = queue_slot(s, addr, &q, &page, cmdqv_accessed_by_guest(s, attrs),
                        &actor);
        if (ok && !q) {
            cmdqv_strict(s, CMDQV_UNMAPPED_READ, actor,
                         "0x%05" HWADDR_PRIx, addr);
            *value = cmdqv_alt(s, CMDQV_ALT_SLOT) ?
                     MAKE_64BIT_MASK(0, 8 * size) : 0;
        } else if (ok && !queue_hidden(q, addr)) {
            ok = cmdqv_queue_read(q, page, addr % CMDQV_QUEUE_STRIDE, size,
                                  value, actor);
        }
    }
    if (!ok) {
        bad_access(s, false, addr, size, actor);
    }
    return MEMTX_OK;
}

/* A write arrives */
void cmdqv_aperture_apply(CmdqvState *s, const CmdqvWrite *w)
{
    hwaddr addr = w->addr;
    hwaddr off = addr % CMDQV_PAGE_SIZE;
    uint64_t value = w->value;
    unsigned size = w->size;
    CmdqvActor actor = CMDQV_HOST;
    CmdqvQueue *q;
    unsigned v, page;
    bool ok;

    if (addr < CMDQV_PAGE_SIZE) {
        if (config_page_vintf(s, off, &v)) {
            ok = cmdqv_vintf_write(s, v, off % CMDQV_VINTF_STRIDE, size,
                                   value);
        } else {
            ok = size == 4 && config_page_write32(s, off, value);
        }
    } else {
        ok = queue_slot(s, addr, &q, &page, w->guest, &actor);
        if (ok && !q) {
            cmdqv_strict(s, CMDQV_UNMAPPED_WRITE, actor,
                         "0x%05" HWADDR_PRIx, addr);
        } else if (ok && !queue_hidden(q, addr)) {
            ok = cmdqv_queue_write(q, page, addr % CMDQV_QUEUE_STRIDE, size,
                                   value, actor);
        }
    }
    if (!ok) {
        bad_access(s, true, addr, size, actor);
    }
}

static MemTxResult aperture_write(void *opaque, hwaddr addr, uint64_t value,
                                  unsigned size, MemTxAttrs attrs)
{
    CmdqvState *s = opaque;
    CmdqvWrite w = {
        .addr = addr,
        .value = value,
        .size = size,
        .guest = cmdqv_accessed_by_guest(s, attrs),
    };

    s->count.pages[addr >> CMDQV_PAGE_SHIFT].writes++;
    cmdqv_posted_write(&s->posted, &w);
    return MEMTX_OK;
}

static const MemoryRegionOps aperture_ops = {
    .read_with_attrs = aperture_read,
    .write_with_attrs = aperture_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = {
        .min_access_size = 1,
        .max_access_size = 8,
    },
    .impl = {
        .min_access_size = 1,
        .max_access_size = 8,
    },
};

void cmdqv_aperture_init(CmdqvState *s)
{
    memory_region_init_io(&s->aperture, OBJECT(s), &aperture_ops, s,
                          TYPE_TEGRA241_CMDQV_HW,
                          CMDQV_APERTURE_SIZE(cmdqv_num_vintfs(s)));
}
