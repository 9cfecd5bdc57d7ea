/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PCI device for tests: one DMA per register write, at once, with a result
 *
 * A command acts before the write of the register returns, through the PCI
 * address space and so through the SMMU with the StreamID of this device.
 * There is no engine, no delay and no hidden state, except for an address
 * translation cache: a command fills it, and only ATC_INV (or a reset)
 * empties it. A register makes the device ignore ATC_INVs, and it also does
 * so from a function level reset (flr=on) or one of its bus to the next read
 * of its configuration, which is how software detects the end of the reset;
 * and, if the reset has turned ATS off, until ATS is on again.
 *
 * A register makes the device read at each CMD_SYNC that its SMMU executes:
 * between all steps of a change of an STE, each of which ends with one.
 *
 * One MSI or MSI-X vector can be sent by register.  BAR 2 shows the counters
 * of the CMDQ-V model; that is a test interface, not hardware.
 */

#include "qemu/osdep.h"
#include "hw/pci/msi.h"
#include "hw/pci/msix.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/pci_device.h"
#include "hw/pci/pcie.h"
#include "hw/qdev-properties.h"
#include "migration/vmstate.h"
#include "qapi/error.h"
#include "qemu/module.h"
#include "exec/address-spaces.h"
#include "exec/memory.h"
#include "pci-dma-test.h"
#include "pci-dma-test-regs.h"
#include "tegra241-cmdqv-given-up.h"
#include "tegra241-cmdqv-window.h"

OBJECT_DECLARE_SIMPLE_TYPE(PciDmaTest, PCI_DMA_TEST)

#define ATC_SLOTS   16

typedef struct AtcEntry {
    bool valid;
    uint32_t pasid;
    IOMMUTLBEntry tlb;
} AtcEntry;

struct PciDmaTest {
    PCIDevice parent_obj;

    MemoryRegion regs;
    MemoryRegion counters;

    uint64_t addr;
    uint64_t data;
    uint64_t size;
    uint64_t result;
    uint64_t pasid;
    uint64_t oks;
    uint64_t failures;
    uint64_t interrupts;
    uint64_t atc_invalidated;
    AtcEntry atc[ATC_SLOTS];
    unsigned atc_next;
    bool flr;
    bool resetting;
    bool ats_lost;
    uint64_t silent;
    uint64_t unanswered;
    uint64_t resets;
    bool at_sync;

    QLIST_ENTRY(PciDmaTest) next;
};

static QLIST_HEAD(, PciDmaTest) dma_test_devices =
    QLIST_HEAD_INITIALIZER(dma_test_devices);

static uint64_t dma_result(MemTxResult res)
{
    if (res == MEMTX_OK) {
        return DMA_TEST_OK;
    }
    return res & MEMTX_DECODE_ERROR ? DMA_TEST_FAULT : DMA_TEST_DEVICE_ERROR;
}

static uint64_t dma_rw(PciDmaTest *t, AddressSpace *as, hwaddr addr,
                       uint64_t *value, bool write)
{
    uint64_t le = cpu_to_le64(*value);
    MemTxAttrs attrs = MEMTXATTRS_UNSPECIFIED;
    MemTxResult res;

    attrs.unspecified = 0;
    attrs.requester_id = pci_requester_id(PCI_DEVICE(t));
    if (write) {
        res = address_space_write(as, addr, attrs, &le, t->size);
    } else {
        le = 0;
        res = address_space_read(as, addr, attrs, &le, t->size);
        if (res == MEMTX_OK) {
            *value = le64_to_cpu(le);
        }
    }
    return dma_result(res);
}

static uint64_t dma_swap(PciDmaTest *t, AddressSpace *as)
{
    uint64_t old = 0;
    uint64_t result = dma_rw(t, as, t->addr, &old, false);

    if (result == DMA_TEST_OK) {
        result = dma_rw(t, as, t->addr, &t->data, true);
    }
    if (result == DMA_TEST_OK) {
        t->data = old;
    }
    return result;
}

static AtcEntry *atc_find(PciDmaTest *t, hwaddr addr)
{
    for (int i = 0; i < ATC_SLOTS; i++) {
        AtcEntry *e = &t->atc[i];

        if (e->valid && e->pasid == t->pasid &&
            (addr & ~e->tlb.addr_mask) == e->tlb.iova) {
            return e;
        }
    }
    return NULL;
}

/*
 * Result of a translation request, whatever ATS in the STE. A PASID is only a
 * mark of the entry: QEMU's SMMU translates without.
 */
static uint64_t atc_fill(PciDmaTest *t, AddressSpace *as)
{
    MemTxAttrs attrs = MEMTXATTRS_UNSPECIFIED;
    IOMMUTLBEntry tlb = address_space_get_iotlb_entry(as, t->addr, false,
                                                      attrs);
    AtcEntry *e = atc_find(t, t->addr);

    if (!(tlb.perm & IOMMU_RO)) {
        return DMA_TEST_FAULT;
    }
    if (!e) {
        e = &t->atc[t->atc_next];
        t->atc_next = (t->atc_next + 1) % ATC_SLOTS;
    }
    tlb.iova &= ~tlb.addr_mask;
    tlb.translated_addr &= ~tlb.addr_mask;
    *e = (AtcEntry) { .valid = true, .pasid = t->pasid, .tlb = tlb };
    return DMA_TEST_OK;
}

static uint64_t atc_rw(PciDmaTest *t, bool write)
{
    AtcEntry *e = atc_find(t, t->addr);

    if (!e) {
        return DMA_TEST_ATC_MISS;
    }
    if (!pci_dma_test_translated(PCI_DEVICE(t))) {
        return DMA_TEST_FAULT;
    }
    return dma_rw(t, e->tlb.target_as ?: &address_space_memory,
                  e->tlb.translated_addr | (t->addr & e->tlb.addr_mask),
                  &t->data, write);
}

static void atc_drop(PciDmaTest *t)
{
    memset(t->atc, 0, sizeof(t->atc));
    t->atc_next = 0;
}

static bool atc_is_silent(const PciDmaTest *t)
{
    return t->resetting || t->ats_lost || t->silent;
}

static unsigned atc_entries(PciDmaTest *t)
{
    unsigned n = 0;

    for (int i = 0; i < ATC_SLOTS; i++) {
        n += t->atc[i].valid;
    }
    return n;
}

bool pci_dma_test_any_silent(const SMMUv3State *smmu)
{
    PciDmaTest *t;

    QLIST_FOREACH(t, &dma_test_devices, next) {
        if (atc_is_silent(t) && pci_dma_test_is_behind(PCI_DEVICE(t), smmu)) {
            return true;
        }
    }
    return false;
}

bool pci_dma_test_atc_inv(const SMMUv3State *smmu, uint32_t sid, hwaddr addr,
                          unsigned size, uint32_t pasid, uint32_t pasid_mask)
{
    /* 2^52 pages and more are the whole address space */
    hwaddr mask = size >= 52 ? UINT64_MAX : (0x1000ull << size) - 1;
    PciDmaTest *t;

    QLIST_FOREACH(t, &dma_test_devices, next) {
        if (pci_requester_id(PCI_DEVICE(t)) != sid ||
            !pci_dma_test_is_behind(PCI_DEVICE(t), smmu)) {
            continue;
        }
        if (atc_is_silent(t)) {
            t->unanswered++;
            return false;
        }
        for (int i = 0; i < ATC_SLOTS; i++) {
            AtcEntry *e = &t->atc[i];
            hwaddr either = mask | e->tlb.addr_mask;

            if (e->valid && (e->pasid & pasid_mask) == pasid &&
                (addr & ~either) == (e->tlb.iova & ~either)) {
                e->valid = false;
                t->atc_invalidated++;
            }
        }
    }
    return true;
}

static uint64_t dma_command(PciDmaTest *t, uint64_t command)
{
    PCIDevice *pci = PCI_DEVICE(t);
    AddressSpace *as = pci_get_address_space(pci);

    if (command == DMA_TEST_ATC_DROP) {
        atc_drop(t);
        return DMA_TEST_OK;
    }
    if (!(pci_get_word(pci->config + PCI_COMMAND) & PCI_COMMAND_MASTER)) {
        return DMA_TEST_NO_BUS_MASTER;
    }
    if (t->size > 8 || !is_power_of_2(t->size) || t->addr % t->size) {
        return DMA_TEST_BAD_SIZE;
    }
    switch (command) {
    case DMA_TEST_READ:
        return dma_rw(t, as, t->addr, &t->data, false);
    case DMA_TEST_WRITE:
        return dma_rw(t, as, t->addr, &t->data, true);
    case DMA_TEST_SWAP:
        return dma_swap(t, as);
    case DMA_TEST_ATC_FILL:
        return atc_fill(t, as);
    case DMA_TEST_ATC_READ:
        return atc_rw(t, false);
    case DMA_TEST_ATC_WRITE:
        return atc_rw(t, true);
    default:
        return DMA_TEST_BAD_COMMAND;
    }
}

static void dma_run(PciDmaTest *t, uint64_t command)
{
    t->result = dma_command(t, command);
    if (t->result == DMA_TEST_OK) {
        t->oks++;
    } else {
        t->failures++;
    }
}

void pci_dma_test_sync(const SMMUv3State *smmu)
{
    PciDmaTest *t;

    QLIST_FOREACH(t, &dma_test_devices, next) {
        if (t->at_sync && pci_dma_test_is_behind(PCI_DEVICE(t), smmu)) {
            dma_run(t, DMA_TEST_READ);
        }
    }
}

static void send_interrupt(PciDmaTest *t)
{
    PCIDevice *pci = PCI_DEVICE(t);

    if (msix_enabled(pci)) {
        msix_notify(pci, 0);
    } else if (msi_enabled(pci)) {
        msi_notify(pci, 0);
    } else {
        return;
    }
    t->interrupts++;
}

static uint64_t regs_read(void *opaque, hwaddr reg, unsigned size)
{
    PciDmaTest *t = opaque;

    switch (reg) {
    case DMA_TEST_ID:
        return DMA_TEST_ID_VALUE;
    case DMA_TEST_ADDR:
        return t->addr;
    case DMA_TEST_DATA:
        return t->data;
    case DMA_TEST_RESULT:
        return t->result;
    case DMA_TEST_SIZE:
        return t->size;
    case DMA_TEST_OKS:
        return t->oks;
    case DMA_TEST_FAILURES:
        return t->failures;
    case DMA_TEST_INTERRUPT:
        return t->interrupts;
    case DMA_TEST_ATC_ENTRIES:
        return atc_entries(t);
    case DMA_TEST_ATC_INVALIDATED:
        return t->atc_invalidated;
    case DMA_TEST_GIVEN_UP:
        return cmdqv_given_up_pages();
    case DMA_TEST_ATC_SILENT:
        return t->silent;
    case DMA_TEST_ATC_UNANSWERED:
        return t->unanswered;
    case DMA_TEST_RESETS:
        return t->resets;
    case DMA_TEST_AT_SYNC:
        return t->at_sync;
    case DMA_TEST_PASID:
        return t->pasid;
    default:
        return 0;
    }
}

static void regs_write(void *opaque, hwaddr reg, uint64_t value,
                       unsigned size)
{
    PciDmaTest *t = opaque;

    switch (reg) {
    case DMA_TEST_ADDR:
        t->addr = value;
        break;
    case DMA_TEST_DATA:
        t->data = value;
        break;
    case DMA_TEST_COMMAND:
        dma_run(t, value);
        break;
    case DMA_TEST_SIZE:
        t->size = value;
        break;
    case DMA_TEST_INTERRUPT:
        send_interrupt(t);
        break;
    case DMA_TEST_GIVEN_UP:
        cmdqv_give_up(value, value & DMA_TEST_GIVEN_UP_ON);
        break;
    case DMA_TEST_ATC_SILENT:
        t->silent = value;
        break;
    case DMA_TEST_AT_SYNC:
        t->at_sync = value;
        break;
    case DMA_TEST_PASID:
        t->pasid = value & DMA_TEST_PASID_VALID ?
                   value & (DMA_TEST_PASID_VALID | DMA_TEST_PASID_NUMBER) : 0;
        break;
    default:
        break;
    }
}

static const MemoryRegionOps regs_ops = {
    .read = regs_read,
    .write = regs_write,
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

static uint64_t counters_read(void *opaque, hwaddr off, unsigned size)
{
    uint64_t value = cmdqv_window_read(PCI_DEVICE(opaque), off & ~7ull);

    return extract64(value, 8 * (off % 8), 8 * size);
}

static void counters_write(void *opaque, hwaddr off, uint64_t value,
                           unsigned size)
{
}

static const MemoryRegionOps counters_ops = {
    .read = counters_read,
    .write = counters_write,
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

/* The secondary bus of the bridge above is in reset */
static bool bus_in_reset(PCIDevice *pci)
{
    PCIDevice *bridge = pci_get_bus(pci)->parent_dev;

    return bridge && (pci_get_word(bridge->config + PCI_BRIDGE_CONTROL) &
                      PCI_BRIDGE_CTL_BUS_RESET);
}

/* A reset of the function or of its bus, which does not end at once */
static void begin_reset(PciDmaTest *t)
{
    PCIDevice *pci = PCI_DEVICE(t);
    uint8_t *ats = pci->config + pci->exp.ats_cap + PCI_ATS_CTRL;

    t->ats_lost = pci_get_word(ats) & PCI_ATS_CTRL_ENABLE;
    pci_set_word(ats, 0);
    t->resetting = true;
    t->resets++;
}

static void dma_test_reset(DeviceState *dev)
{
    PciDmaTest *t = PCI_DMA_TEST(dev);

    t->addr = 0;
    t->data = 0;
    t->size = 8;
    t->result = DMA_TEST_OK;
    t->pasid = 0;
    t->oks = 0;
    t->failures = 0;
    t->interrupts = 0;
    t->atc_invalidated = 0;
    t->ats_lost = false;
    if (t->silent != DMA_TEST_SILENT_FOR_GOOD) {
        t->silent = 0;
    }
    t->at_sync = false;
    atc_drop(t);
    if (bus_in_reset(PCI_DEVICE(dev))) {
        begin_reset(t);
    }
}

static uint32_t dma_test_config_read(PCIDevice *pci, uint32_t addr, int len)
{
    PCI_DMA_TEST(pci)->resetting = bus_in_reset(pci);
    return pci_default_read_config(pci, addr, len);
}

static void dma_test_config_write(PCIDevice *pci, uint32_t addr, uint32_t val,
                                  int len)
{
    PciDmaTest *t = PCI_DMA_TEST(pci);
    uint8_t *devctl = pci->config + pci->exp.exp_cap + PCI_EXP_DEVCTL;
    uint8_t *ats = pci->config + pci->exp.ats_cap + PCI_ATS_CTRL;

    pci_default_write_config(pci, addr, val, len);
    if (pci_get_word(devctl) & PCI_EXP_DEVCTL_BCR_FLR) {
        pcie_cap_flr_write_config(pci, addr, val, len);
        begin_reset(t);
    }
    if (pci_get_word(ats) & PCI_ATS_CTRL_ENABLE) {
        t->ats_lost = false;
    }
}

static void dma_test_realize(PCIDevice *pci, Error **errp)
{
    PciDmaTest *t = PCI_DMA_TEST(pci);

    memory_region_init_io(&t->regs, OBJECT(t), &regs_ops, t,
                          "pci-dma-test-regs", PCI_DMA_TEST_BAR_SIZE);
    pci_register_bar(pci, PCI_DMA_TEST_BAR_REGS,
                     PCI_BASE_ADDRESS_MEM_TYPE_64, &t->regs);
    memory_region_init_io(&t->counters, OBJECT(t), &counters_ops, t,
                          "pci-dma-test-counters", PCI_DMA_TEST_BAR_SIZE);
    pci_register_bar(pci, PCI_DMA_TEST_BAR_COUNTERS,
                     PCI_BASE_ADDRESS_MEM_TYPE_64, &t->counters);

    if (pcie_endpoint_cap_init(pci, 0) < 0) {
        error_setg(errp, "no room for the PCI Express capability");
        return;
    }
    if (t->flr) {
        pcie_cap_flr_init(pci);
    }
    pcie_ats_init(pci, PCI_CONFIG_SPACE_SIZE, true);
    if (msix_init_exclusive_bar(pci, 1, PCI_DMA_TEST_BAR_MSIX, errp)) {
        pcie_cap_exit(pci);
        return;
    }
    msix_vector_use(pci, 0);
    if (msi_init(pci, 0, 1, true, false, errp)) {
        msix_uninit_exclusive_bar(pci);
        pcie_cap_exit(pci);
        return;
    }
    QLIST_INSERT_HEAD(&dma_test_devices, t, next);
}

static void dma_test_exit(PCIDevice *pci)
{
    QLIST_REMOVE(PCI_DMA_TEST(pci), next);
    msi_uninit(pci);
    msix_uninit_exclusive_bar(pci);
    pcie_cap_exit(pci);
}

static const VMStateDescription dma_test_vmstate = {
    .name = TYPE_PCI_DMA_TEST,
    .unmigratable = 1,
};

static const Property dma_test_properties[] = {
    DEFINE_PROP_BOOL("flr", PciDmaTest, flr, false),
};

static void dma_test_class_init(ObjectClass *oc, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(oc);
    PCIDeviceClass *pc = PCI_DEVICE_CLASS(oc);

    pc->realize = dma_test_realize;
    pc->exit = dma_test_exit;
    pc->config_read = dma_test_config_read;
    pc->config_write = dma_test_config_write;
    pc->vendor_id = PCI_DMA_TEST_VENDOR_ID;
    pc->device_id = PCI_DMA_TEST_DEVICE_ID;
    pc->class_id = PCI_CLASS_OTHERS;
    dc->desc = "PCI device for tests of DMA translation";
    dc->vmsd = &dma_test_vmstate;
    device_class_set_legacy_reset(dc, dma_test_reset);
    device_class_set_props(dc, dma_test_properties);
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
}

static const TypeInfo dma_test_type = {
    .name = TYPE_PCI_DMA_TEST,
    .parent = TYPE_PCI_DEVICE,
    .instance_size = sizeof(PciDmaTest),
    .class_init = dma_test_class_init,
    .interfaces = (InterfaceInfo[]) {
        { INTERFACE_PCIE_DEVICE },
        { },
    },
};

static void dma_test_register(void)
{
    type_register_static(&dma_test_type);
}

type_init(dma_test_register)
