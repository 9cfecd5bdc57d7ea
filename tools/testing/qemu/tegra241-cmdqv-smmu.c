/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The SMMU of an instance
 *
 * Each instance belongs to one SMMU, and acts on the caches of that one alone.
 * It is the SMMU of the virt machine unless `primary-bus` names a PCI bus, for
 * example that of a root port: then the instance makes another SMMU for the
 * devices on this bus and below.  Its registers follow the largest aperture of
 * CMDQ-V, its four SPIs follow that of CMDQ-V.  QEMU describes neither to the
 * kernel: the IORT of virt-iort.py does, or a device tree overlay.
 */

#include "qemu/osdep.h"
#include "hw/arm/virt.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/pci_device.h"
#include "hw/qdev-properties.h"
#include "hw/sysbus.h"
#include "qapi/error.h"
#include "qemu/queue.h"
#include "pci-dma-test.h"
#include "tegra241-cmdqv-hw.h"
#include "tegra241-cmdqv-window.h"

#define SMMU_OFFSET     CMDQV_APERTURE_SIZE(CMDQV_MAX_VINTFS)
#define SMMU_SIZE       0x20000
#define SMMU_SPIS       4

/* Number of SPIs of the virt machine; private in virt.c */
#define VIRT_SPIS       256

static QLIST_HEAD(, CmdqvState) instances = QLIST_HEAD_INITIALIZER(instances);

/* The SMMUv3 of devices on @bus, NULL for none or for another IOMMU */
static SMMUv3State *smmu_of_bus(PCIBus *bus)
{
    while (!bus->iommu_ops && bus->parent_dev) {
        bus = pci_get_bus(bus->parent_dev);
    }
    if (!bus->iommu_ops) {
        return NULL;
    }
    return (SMMUv3State *)object_dynamic_cast(OBJECT(bus->iommu_opaque),
                                              TYPE_ARM_SMMUV3);
}

static SMMUv3State *smmu_make(CmdqvState *s, VirtMachineState *machine)
{
    DeviceState *dev = qdev_new(TYPE_ARM_SMMUV3);
    SysBusDevice *bus = SYS_BUS_DEVICE(dev);

    object_property_set_str(OBJECT(dev), "stage", "nested", &error_abort);
    object_property_set_link(OBJECT(dev), "primary-bus",
                             OBJECT(s->primary_bus), &error_abort);
    sysbus_realize_and_unref(bus, &error_fatal);
    sysbus_mmio_map(bus, 0, s->base_addr + SMMU_OFFSET);
    for (unsigned i = 0; i < SMMU_SPIS; i++) {
        sysbus_connect_irq(bus, i,
                           qdev_get_gpio_in(machine->gic, s->spi + 1 + i));
    }
    return ARM_SMMUV3(dev);
}

static uint64_t last_address(const CmdqvState *s)
{
    return s->base_addr - 1 +
           (s->primary_bus ? SMMU_OFFSET + SMMU_SIZE :
                             CMDQV_APERTURE_SIZE(cmdqv_num_vintfs(s)));
}

static uint64_t last_spi(const CmdqvState *s)
{
    return (uint64_t)s->spi + (s->primary_bus ? SMMU_SPIS : 0);
}

static bool check_others(CmdqvState *s, const SMMUv3State *smmu, Error **errp)
{
    CmdqvState *other;

    QLIST_FOREACH(other, &instances, next) {
        if (other->smmu == smmu) {
            error_setg(errp, "only one " TYPE_TEGRA241_CMDQV_HW
                       " is possible for an SMMU; primary-bus makes another "
                       "SMMU");
            return false;
        }
        if (s->base_addr <= last_address(other) &&
            other->base_addr <= last_address(s)) {
            error_setg(errp, "base is in use");
            return false;
        }
        if (s->spi <= last_spi(other) && other->spi <= last_spi(s)) {
            error_setg(errp, "spi is in use");
            return false;
        }
    }
    return true;
}

bool cmdqv_smmu_init(CmdqvState *s, Error **errp)
{
    VirtMachineState *machine = (VirtMachineState *)
        object_dynamic_cast(qdev_get_machine(), TYPE_VIRT_MACHINE);
    SMMUv3State *smmu = NULL;

    if (machine && !s->primary_bus) {
        smmu = smmu_of_bus(machine->bus);
    }
    if (!machine || (!smmu && !s->primary_bus)) {
        error_setg(errp, TYPE_TEGRA241_CMDQV_HW
                   " needs -M virt,iommu=smmuv3");
        return false;
    }
    if (last_spi(s) >= VIRT_SPIS) {
        error_setg(errp, "spi must be below %d", VIRT_SPIS);
        return false;
    }
    if (s->primary_bus && s->primary_bus->iommu_ops) {
        error_setg(errp, "primary-bus has an IOMMU");
        return false;
    }
    if (!check_others(s, smmu, errp)) {
        return false;
    }
    s->smmu = smmu ?: smmu_make(s, machine);
    s->irq = qdev_get_gpio_in(machine->gic, s->spi);
    QLIST_INSERT_HEAD(&instances, s, next);
    return true;
}

bool pci_dma_test_is_behind(PCIDevice *dev, const SMMUv3State *smmu)
{
    return smmu_of_bus(pci_get_bus(dev)) == smmu;
}

CmdqvState *cmdqv_of_device(PCIDevice *dev)
{
    SMMUv3State *smmu = smmu_of_bus(pci_get_bus(dev));
    CmdqvState *s;

    QLIST_FOREACH(s, &instances, next) {
        if (s->smmu == smmu) {
            return s;
        }
    }
    return NULL;
}
