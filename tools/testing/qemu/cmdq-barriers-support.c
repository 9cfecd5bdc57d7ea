/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device for the barriers plugin, with two things that QEMU 10.0 lacks
 *
 * Room. QEMU looks up the physical address of a store for a plugin after the
 * store, and asserts that the number which the TLB has for its section of
 * the memory map is below the number of sections. A store that removes
 * sections, such as one that turns the BARs of a PCI device off, may come
 * from one of the last sections, and QEMU would abort. Sections are numbered
 * by address. With this device the last ones are regions that are never
 * used and stay, more than one store removes.
 *
 * The processor. If processors take turns, the number that a callback gets
 * is that of the processor which translated the instruction, and code is
 * translated once for all. The plugin finds the address of a function that
 * knows better in the environment: QEMU exports only the interface of
 * plugins.
 */

#include "qemu/osdep.h"
#include "exec/address-spaces.h"
#include "exec/memory.h"
#include "hw/core/cpu.h"
#include "hw/qdev-core.h"
#include "qemu/module.h"

#define TYPE_CMDQ_BARRIERS_SUPPORT "cmdq-barriers-support"
OBJECT_DECLARE_SIMPLE_TYPE(SupportState, CMDQ_BARRIERS_SUPPORT)

#define ROOM_REGIONS    256
/* Above all that the virt machine has */
#define ROOM_BASE       (1ull << 50)
#define ROOM_SIZE       0x1000
#define ROOM_STRIDE     0x2000

struct SupportState {
    DeviceState parent_obj;
    MemoryRegion regions[ROOM_REGIONS];
};

static unsigned int executing_cpu(void)
{
    return current_cpu->cpu_index;
}

static void support_realize(DeviceState *dev, Error **errp)
{
    SupportState *s = CMDQ_BARRIERS_SUPPORT(dev);
    g_autofree char *address = g_strdup_printf("%" PRIxPTR,
                                               (uintptr_t)executing_cpu);

    g_setenv("CMDQ_BARRIERS_CPU", address, true);
    for (unsigned i = 0; i < ROOM_REGIONS; i++) {
        memory_region_init_io(&s->regions[i], OBJECT(s), NULL, s, "room",
                              ROOM_SIZE);
        memory_region_add_subregion(get_system_memory(),
                                    ROOM_BASE + i * ROOM_STRIDE,
                                    &s->regions[i]);
    }
}

static void support_class_init(ObjectClass *oc, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(oc);

    dc->desc = "Support for the barriers plugin";
    dc->realize = support_realize;
    dc->hotpluggable = false;
    dc->user_creatable = true;
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
}

static const TypeInfo support_types[] = {
    {
        .name = TYPE_CMDQ_BARRIERS_SUPPORT,
        .parent = TYPE_DEVICE,
        .instance_size = sizeof(SupportState),
        .class_init = support_class_init,
    },
};

DEFINE_TYPES(support_types)
