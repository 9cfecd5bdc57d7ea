/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NVIDIA CMDQ-V, hardware view: the device
 *
 * A device without a bus, so that no machine needs a change: at realize it
 * maps its aperture into a hole of the virt machine, connects to one input of
 * the GIC, and looks for its SMMUv3, or makes it. An SSDT of the tests
 * (tegra241-cmdqv.asl) with the default base and SPI describes it to the
 * guest.
 *
 * It sets IDR3.FWB on the SMMU, which is true for an emulator without caches:
 * stage 2 can force write-back. With IDR0.ATS, if requested, an ATC_INV
 * reaches the DMA test device, the only device with such a cache. IDR3.RIL
 * (range invalidation) can be hidden, and SMMU_IIDR be that of another
 * implementation.
 */

#include "qemu/osdep.h"
#include "exec/address-spaces.h"
#include "hw/pci/pci_bus.h"
#include "hw/qdev-properties.h"
#include "migration/vmstate.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "qemu/module.h"
#include "system/reset.h"
#include "system/system.h"
#include "tegra241-cmdqv-hw.h"

/*
 * As on the part: CMDQV_EN, PER_CMD_OFFSET 1, CMDQ_MAX_CLK_BATCH 8,
 * CMDQ_MAX_CMD_BATCH 32.  A driver that does not want CMDQ-V has to turn it
 * off.
 */
#define CONFIG_RESET    0x00020083

static void cmdqv_reset(void *opaque)
{
    CmdqvState *s = opaque;

    s->config = s->config_reset;
    s->enabled = FIELD_EX32(s->config, CMDQV_CONFIG, EN);
    s->unpolled = false;
    s->int_mask = 0;
    s->smmu_off = false;
    s->smmu_failed = false;
    cmdqv_posted_reset(&s->posted);
    cmdqv_handshake_forget(&s->handshake);
    memset(s->vintfs, 0, sizeof(s->vintfs));
    for (int v = 0; v < CMDQV_MAX_VINTFS; v++) {
        cmdqv_handshake_forget(&s->vintf_handshakes[v]);
    }
    for (int i = 0; i < CMDQV_MAX_VCMDQS; i++) {
        cmdqv_queue_reset(&s->queues[i]);
    }
    cmdqv_mainq_reset(s);
    cmdqv_async_reset(s);
    cmdqv_alloc_reset(s);
    cmdqv_irq_reset(s);
    cmdqv_faults_reset(s);
}

static void cmdqv_report(Notifier *n, void *data)
{
    CmdqvState *s = container_of(n, CmdqvState, exit);
    g_autofree char *counters = cmdqv_counters_report(s);
    g_autoptr(GString) out = g_string_new(counters);
    g_autoptr(GError) err = NULL;

    if (s->seed) {
        g_string_append_printf(out, "cmdqv-hw: seed %" PRIu64 "\n", s->seed);
    }
    cmdqv_strict_report(s, out);
    if (!s->report) {
        fputs(out->str, stderr);
    } else if (!g_file_set_contents(s->report, out->str, out->len, &err)) {
        error_report("cmdqv-hw: %s", err->message);
    }
}

/* NULL if the model can have these numbers */
const char *cmdqv_size_problem(unsigned log2_vintfs, unsigned log2_vcmdqs,
                               unsigned log2_sids)
{
    if (log2_vintfs > 6 || log2_vcmdqs > 7 || log2_sids > 4) {
        return "at most 64 VINTFs, 128 VCMDQs and 16 StreamID slots: "
               "log2-vintfs=6, log2-vcmdqs=7, log2-sids=4";
    }
    if (log2_vcmdqs < log2_vintfs) {
        return "every VINTF needs a VCMDQ: log2-vcmdqs must not be less than "
               "log2-vintfs";
    }
    return NULL;
}

static bool cmdqv_check_properties(CmdqvState *s, Error **errp)
{
    const char *problem = cmdqv_size_problem(s->log2_vintfs, s->log2_vcmdqs,
                                             s->log2_sids);

    if (problem) {
        error_setg(errp, "%s", problem);
        return false;
    }
    if (s->base_addr % CMDQV_PAGE_SIZE) {
        error_setg(errp, "base must be a multiple of 64 KiB");
        return false;
    }
    if (s->config_reset & ~(R_CMDQV_CONFIG_EN_MASK |
                            R_CMDQV_CONFIG_TUNING_MASK)) {
        error_setg(errp, "config-reset has bits that CONFIG has not");
        return false;
    }
    if (s->version > 15) {
        error_setg(errp, "version must be below 16");
        return false;
    }
    return true;
}

static void cmdqv_realize(DeviceState *dev, Error **errp)
{
    CmdqvState *s = TEGRA241_CMDQV_HW(dev);

    if (!cmdqv_facts_load(s, errp) || !cmdqv_check_properties(s, errp) ||
        !cmdqv_smmu_init(s, errp)) {
        return;
    }

    if (s->fwb) {
        s->smmu->idr[3] = FIELD_DP32(s->smmu->idr[3], IDR3, FWB, 1);
    }
    if (s->ats) {
        s->smmu->idr[0] = FIELD_DP32(s->smmu->idr[0], IDR0, ATS, 1);
    }
    if (s->smmu_iidr) {
        s->smmu->iidr = s->smmu_iidr;
    }
    cmdqv_irq_init(s);
    cmdqv_posted_init(&s->posted, s);
    cmdqv_handshake_init(&s->handshake, s, CMDQV_LEVEL_GLOBAL, 0);
    for (int v = 0; v < CMDQV_MAX_VINTFS; v++) {
        cmdqv_handshake_init(&s->vintf_handshakes[v], s, CMDQV_LEVEL_VINTF, v);
    }
    for (int i = 0; i < CMDQV_MAX_VCMDQS; i++) {
        cmdqv_queue_init(&s->queues[i], s, i);
    }
    cmdqv_aperture_init(s);
    memory_region_add_subregion(get_system_memory(), s->base_addr,
                                &s->aperture);
    cmdqv_mainq_watch(s);
    qemu_register_reset(cmdqv_reset, s);
    s->exit.notify = cmdqv_report;
    qemu_add_exit_notifier(&s->exit);
}

static const VMStateDescription cmdqv_vmstate = {
    .name = TYPE_TEGRA241_CMDQV_HW,
    .unmigratable = 1,
};

static const Property cmdqv_properties[] = {
    /* on: unmapped-read, unmapped-write and program-unmapped do not count */
    DEFINE_PROP_BOOL("allow-unmapped", CmdqvState, allow_unmapped, false),
    DEFINE_PROP_BOOL("ats", CmdqvState, ats, false),
    DEFINE_PROP_UINT64("base", CmdqvState, base_addr, 0x0b000000),
    DEFINE_PROP_UINT32("config-reset", CmdqvState, config_reset, CONFIG_RESET),
    /* T264-SMMU-3 */
    DEFINE_PROP_BOOL("erratum", CmdqvState, erratum, false),
    /* file of answers that hardware has given */
    DEFINE_PROP_STRING("facts", CmdqvState, facts),
    DEFINE_PROP_BOOL("fwb", CmdqvState, fwb, true),
    /* off: HYP_OWN reads zero, as in a guest */
    DEFINE_PROP_BOOL("hyp-own", CmdqvState, hyp_own, true),
    DEFINE_PROP_UINT8("log2-sids", CmdqvState, log2_sids, 4),
    DEFINE_PROP_UINT8("log2-vcmdqs", CmdqvState, log2_vcmdqs, 7),
    DEFINE_PROP_UINT8("log2-vintfs", CmdqvState, log2_vintfs, 6),
    /* consumed entries of rings are overwritten */
    DEFINE_PROP_BOOL("poison", CmdqvState, poison, false),
    /* another SMMU, for this bus; without it the SMMU of the machine */
    DEFINE_PROP_LINK("primary-bus", CmdqvState, primary_bus, TYPE_PCI_BUS,
                     PCIBus *),
    /* file for the report at exit; standard error without one */
    DEFINE_PROP_STRING("report", CmdqvState, report),
    DEFINE_PROP_BOOL("ril", CmdqvState, ril, true),
    /* 0: all at once; any other number: as late as may be, see async.c */
    DEFINE_PROP_UINT64("seed", CmdqvState, seed, 0),
    /* SMMU_IIDR, 0: QEMU's own */
    DEFINE_PROP_UINT32("smmu-iidr", CmdqvState, smmu_iidr, 0),
    DEFINE_PROP_UINT32("spi", CmdqvState, spi, 200),
    DEFINE_PROP_BOOL("strict", CmdqvState, strict, false),
    DEFINE_PROP_UINT8("version", CmdqvState, version, 1),
};

static void cmdqv_instance_init(Object *obj)
{
    cmdqv_actor_add_properties(obj);
    cmdqv_alternatives_add_properties(obj);
    cmdqv_counters_add_properties(obj);
    cmdqv_faults_add_properties(obj);
    cmdqv_strict_add_properties(obj);
}

static void cmdqv_class_init(ObjectClass *oc, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(oc);

    dc->desc = "NVIDIA CMDQ-V command queues beside the SMMUv3";
    dc->realize = cmdqv_realize;
    dc->vmsd = &cmdqv_vmstate;
    dc->hotpluggable = false;
    dc->user_creatable = true;
    device_class_set_props(dc, cmdqv_properties);
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
}

static const TypeInfo cmdqv_type = {
    .name = TYPE_TEGRA241_CMDQV_HW,
    .parent = TYPE_DEVICE,
    .instance_size = sizeof(CmdqvState),
    .instance_init = cmdqv_instance_init,
    .class_init = cmdqv_class_init,
};

static void cmdqv_register(void)
{
    type_register_static(&cmdqv_type);
}

type_init(cmdqv_register)
