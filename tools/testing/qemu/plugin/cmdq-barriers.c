/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A TCG plugin that demands barriers between commands and PROD
 *
 * The hardware reads the entries of a command queue when PROD tells it to. A
 * store to PROD, which is a register of a device, may reach the hardware
 * before an earlier store to memory does. TCG executes stores in program
 * order, so a missing barrier has no other effect there. This plugin looks
 * at the instructions instead.
 *
 * The rule. Entries are published by
 *
 *   - a store to PROD of a queue that is on: the entries from the last
 *     published one to the new PROD;
 *   - a store that turns a queue on: those from CONS, or from the last
 *     published one, to PROD;
 *   - a store to GERRORN, which lets a queue in error go on: all entries that
 *     the same processor has stored, because it may have repaired one.
 *
 * The last store to each published entry must be ordered before that:
 *
 *   - the processor that made it has executed a barrier since. A barrier is
 *     a DMB or DSB of stores or of all accesses, of the outer shareable
 *     domain or the full system: a device need not be in a smaller one. Or
 *   - another processor publishes, the storing one has released the entry to
 *     other processors since (by a release store or atomic, or by a DMB or
 *     DSB of stores, of the inner shareable domain at least), and the
 *     publishing one has executed a barrier after that. A lock does this, and
 *     so does a thread that moves to another processor.
 *
 * Neither an exception, its return, an ISB, nor a release store to PROD
 * itself counts as a barrier.
 *
 * So the algorithm of Linux's arm-smmu-v3 is right: several processors store
 * entries, each executes dma_wmb() and then marks its entries as valid; the
 * owner waits for these marks and stores to PROD without a barrier of its
 * own. Entries behind the published ones may be stored meanwhile.
 *
 * Queues are those of SMMUs and CMDQ-Vs, by the physical address of their
 * registers (all views) and of their memory, whoever stores: kernel, program
 * or the guest of a virtual machine. The plugin learns them from the stores
 * to BASE, CONFIG.EN, CR0 and the allocation map.
 *
 * Not seen: stores before BASE was written; DC ZVA and the memory copy
 * instructions, which TCG does not report ("unseen-entries" counts published
 * entries without a store); a barrier after the mark that tells another
 * processor to publish, but before this publishes.
 *
 * Processors must take turns, as under -icount: a callback comes after its
 * store, and another processor must not act between them.
 *
 * Arguments: smmu=ADDRESS and cmdqv=ADDRESS, each as often as there are
 * instances. It needs the device cmdq-barriers-support.
 */

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <qemu-plugin.h>
#include "cmdq-barriers.h"

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;

#define MAX_INSTANCES           4
#define MAX_SAID                20

/* Registers of an SMMU */
#define SMMU_SIZE               0x10000
#define SMMU_CR0                0x20
#define SMMU_CR0_CMDQEN         (1u << 3)
#define SMMU_GERRORN            0x64
#define SMMU_CMDQ_BASE          0x90
#define SMMU_CMDQ_PROD          0x98
#define SMMU_CMDQ_CONS          0x9c

/* Of CMDQ-V: pages of 64 KiB */
#define VINTFS                  64
#define CMDQV_SIZE              (0x30000 + 0x20000 * VINTFS)
#define PAGE_BITS               16
#define ALLOC_MAP               0x200
#define ALLOC_MAP_ALLOCATED     1u
#define QUEUE_BYTES             0x80
#define VCMDQ_CONS              0x0
#define VCMDQ_PROD              0x4
#define VCMDQ_CONFIG            0x8
#define VCMDQ_GERRORN           0x14
#define VCMDQ_BASE              0x0

/* Configuration, physical view 0 and 1, then two for each VINTF */
enum { PAGE_CONFIG, PAGE_PHYSICAL_0, PAGE_PHYSICAL_1, PAGE_VINTF_0 };

typedef struct Instance {
    uint64_t address;
    Ring rings[VCMDQS];
    uint32_t alloc_map[VCMDQS];
} Instance;

typedef struct Smmu {
    uint64_t address;
    Ring ring;
} Smmu;

/* A store to a register */
typedef struct Access {
    unsigned int cpu;
    uint64_t pc, pa, value;
    unsigned int size;
} Access;

static const char *const rule_names[RULES] = {
    [ENABLE_NO_BARRIER] = "enable-no-barrier",
    [PROD_NO_BARRIER]   = "prod-no-barrier",
    [REPAIR_NO_BARRIER] = "repair-no-barrier",
};

Counts counts;
static Instance instances[MAX_INSTANCES];
static Smmu smmus[MAX_INSTANCES];
static unsigned int num_instances, num_smmus;
static unsigned int (*executing_cpu)(void);
static pthread_t thread;
static bool has_thread;

static void judge(const Access *a, Rule rule, bool broken)
{
    static unsigned int said;

    if (!broken) {
        return;
    }
    counts.broken[rule]++;
    if (said++ < MAX_SAID) {
        fprintf(stderr, "cmdq-barriers: %s: CPU %u stores 0x%" PRIx64
                " to 0x%" PRIx64 " at PC 0x%" PRIx64 ".\n", rule_names[rule],
                a->cpu, a->value, a->pa, a->pc);
    }
}

static void store_base(const Access *a, Ring *r, unsigned int half)
{
    if (a->size == 8) {
        ring_base(r, a->value, UINT64_MAX);
    } else if (a->size == 4) {
        ring_base(r, a->value << 8 * half, 0xffffffffull << 8 * half);
    }
}

static void store_smmu(const Access *a, Smmu *s, unsigned int reg)
{
    switch (reg) {
    case SMMU_CR0:
        judge(a, ENABLE_NO_BARRIER,
              ring_enable(a->cpu, &s->ring, a->value & SMMU_CR0_CMDQEN));
        break;
    case SMMU_GERRORN:
        judge(a, REPAIR_NO_BARRIER, ring_repair(a->cpu, &s->ring));
        break;
    case SMMU_CMDQ_BASE:
    case SMMU_CMDQ_BASE + 4:
        store_base(a, &s->ring, reg - SMMU_CMDQ_BASE);
        break;
    case SMMU_CMDQ_PROD:
        judge(a, PROD_NO_BARRIER, ring_prod(a->cpu, &s->ring, a->value));
        break;
    case SMMU_CMDQ_CONS:
        ring_cons(&s->ring, a->value);
        break;
    }
}

/* The queue of a logical slot */
static Ring *logical(Instance *inst, unsigned int vintf, unsigned int slot)
{
    for (unsigned int q = 0; q < VCMDQS; q++) {
        uint32_t map = inst->alloc_map[q];

        if ((map & ALLOC_MAP_ALLOCATED) && (map >> 1 & 0x7f) == slot &&
            (map >> 15 & 0x3f) == vintf) {
            return &inst->rings[q];
        }
    }
    return NULL;
}

static void store_page0(const Access *a, Ring *r, unsigned int reg)
{
    switch (reg) {
    case VCMDQ_CONS:
        ring_cons(r, a->value);
        break;
    case VCMDQ_PROD:
        judge(a, PROD_NO_BARRIER, ring_prod(a->cpu, r, a->value));
        break;
    case VCMDQ_CONFIG:
        judge(a, ENABLE_NO_BARRIER, ring_enable(a->cpu, r, a->value & 1));
        break;
    case VCMDQ_GERRORN:
        judge(a, REPAIR_NO_BARRIER, ring_repair(a->cpu, r));
        break;
    }
}

static void store_cmdqv(const Access *a, Instance *inst, uint64_t offset)
{
    unsigned int page = offset >> PAGE_BITS;
    unsigned int in_page = offset & ((1u << PAGE_BITS) - 1);
    unsigned int number = in_page / QUEUE_BYTES, reg = in_page % QUEUE_BYTES;
    unsigned int vintf = (page - PAGE_VINTF_0) / 2;
    bool page1;
    Ring *r;

    if (page == PAGE_CONFIG) {
        if (in_page >= ALLOC_MAP && in_page < ALLOC_MAP + 4 * VCMDQS) {
            inst->alloc_map[(in_page - ALLOC_MAP) / 4] = a->value;
        }
        return;
    }
    if (number >= VCMDQS) {
        return;
    }
    if (page < PAGE_VINTF_0) {
        r = &inst->rings[number];
        page1 = page == PAGE_PHYSICAL_1;
    } else {
        r = logical(inst, vintf, number);
        page1 = (page - PAGE_VINTF_0) % 2;
    }
    if (!r) {
        return;
    }
    if (!page1) {
        store_page0(a, r, reg);
    } else if (reg < VCMDQ_BASE + 8) {
        store_base(a, r, reg - VCMDQ_BASE);
    }
}

static void store_register(const Access *a)
{
    for (unsigned int i = 0; i < num_smmus; i++) {
        if (a->pa - smmus[i].address < SMMU_SIZE) {
            store_smmu(a, &smmus[i], a->pa - smmus[i].address);
        }
    }
    for (unsigned int i = 0; i < num_instances; i++) {
        if (a->pa - instances[i].address < CMDQV_SIZE) {
            store_cmdqv(a, &instances[i], a->pa - instances[i].address);
        }
    }
}

static void store_ring(unsigned int cpu, uint64_t pa, unsigned int size)
{
    Ring *r = ring_at(pa);

    if (r) {
        counts.ring_stores++;
        r->stored[(pa - r->base) / ENTRY_SIZE] = true;
        order_store(cpu, pa, size);
    }
}

static uint64_t stored_value(qemu_plugin_meminfo_t info)
{
    qemu_plugin_mem_value v = qemu_plugin_mem_get_value(info);

    switch (v.type) {
    case QEMU_PLUGIN_MEM_VALUE_U8:
        return v.data.u8;
    case QEMU_PLUGIN_MEM_VALUE_U16:
        return v.data.u16;
    case QEMU_PLUGIN_MEM_VALUE_U32:
        return v.data.u32;
    case QEMU_PLUGIN_MEM_VALUE_U64:
        return v.data.u64;
    default:
        return v.data.u128.low;
    }
}

static void on_store(unsigned int unused, qemu_plugin_meminfo_t info,
                     uint64_t vaddr, void *pc)
{
    struct qemu_plugin_hwaddr *hw = qemu_plugin_get_hwaddr(info, vaddr);
    unsigned int size = 1u << qemu_plugin_mem_size_shift(info);
    unsigned int cpu = executing_cpu();
    uint64_t pa;

    if (!hw) {
        return;
    }
    pa = qemu_plugin_hwaddr_phys_addr(hw);
    if (!qemu_plugin_hwaddr_is_io(hw)) {
        if (rings_have(pa)) {
            store_ring(cpu, pa, size);
        }
        return;
    }
    Access a = { .cpu = cpu, .pc = (uintptr_t)pc, .pa = pa, .size = size,
                 .value = stored_value(info) };
    store_register(&a);
}

static void on_barrier(unsigned int unused, void *data)
{
    order_barrier(executing_cpu());
}

static void on_release(unsigned int unused, void *data)
{
    order_release(executing_cpu());
}

/* The device exists before the first instruction */
static void find_support(void)
{
    const char *address = getenv("CMDQ_BARRIERS_CPU");

    if (!address) {
        fprintf(stderr, "cmdq-barriers: no -device cmdq-barriers-support\n");
        exit(1);
    }
    executing_cpu = (unsigned int (*)(void))(uintptr_t)
        g_ascii_strtoull(address, NULL, 16);
}

static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    if (!executing_cpu) {
        find_support();
    }
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        void *pc = (void *)(uintptr_t)qemu_plugin_insn_vaddr(insn);
        uint32_t word = 0;

        qemu_plugin_insn_data(insn, &word, sizeof(word));
        switch (decode_order(GUINT32_FROM_LE(word))) {
        case ORDER_BARRIER:
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_barrier,
                                                   QEMU_PLUGIN_CB_NO_REGS,
                                                   NULL);
            break;
        case ORDER_RELEASE:
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_release,
                                                   QEMU_PLUGIN_CB_NO_REGS,
                                                   NULL);
            break;
        case ORDER_NONE:
            break;
        }
        qemu_plugin_register_vcpu_mem_cb(insn, on_store,
                                         QEMU_PLUGIN_CB_NO_REGS,
                                         QEMU_PLUGIN_MEM_W, pc);
    }
}

static void on_cpu(qemu_plugin_id_t id, unsigned int cpu)
{
    if (cpu >= MAX_CPUS || (has_thread && !pthread_equal(thread,
                                                         pthread_self()))) {
        fprintf(stderr, "cmdq-barriers: processors must take turns, and be at "
                "most %u: -icount or -accel tcg,thread=single\n", MAX_CPUS);
        exit(1);
    }
    thread = pthread_self();
    has_thread = true;
}

static void print_report(qemu_plugin_id_t id, void *unused)
{
    uint64_t total = 0;

    for (int i = 0; i < RULES; i++) {
        fprintf(stderr, "cmdq-barriers: strict %s %" PRIu64 "\n",
                rule_names[i], counts.broken[i]);
        total += counts.broken[i];
    }
    fprintf(stderr, "cmdq-barriers: strict total %" PRIu64 "\n", total);
    fprintf(stderr, "cmdq-barriers: count publications %" PRIu64 "\n",
            counts.publications);
    fprintf(stderr, "cmdq-barriers: count ring-stores %" PRIu64 "\n",
            counts.ring_stores);
    fprintf(stderr, "cmdq-barriers: count unseen-entries %" PRIu64 "\n",
            counts.unseen);
}

/* The instance at this address; returns whether the argument is right */
static bool add_instance(const char *arg)
{
    const char *value = strchr(arg, '=');
    uint64_t address;
    char *end;

    if (!value || !g_ascii_isdigit(value[1])) {
        return false;
    }
    address = g_ascii_strtoull(value + 1, &end, 0);
    if (*end || !address) {
        return false;
    }
    if (g_str_has_prefix(arg, "smmu=") && num_smmus < MAX_INSTANCES) {
        Smmu *s = &smmus[num_smmus++];

        s->address = address;
        ring_add(&s->ring);
        return true;
    }
    if (g_str_has_prefix(arg, "cmdqv=") && num_instances < MAX_INSTANCES) {
        Instance *inst = &instances[num_instances++];

        inst->address = address;
        for (unsigned int q = 0; q < VCMDQS; q++) {
            ring_add(&inst->rings[q]);
        }
        return true;
    }
    return false;
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id,
                                           const qemu_info_t *info,
                                           int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        if (!add_instance(argv[i])) {
            fprintf(stderr, "cmdq-barriers: \"%s\" is neither smmu=ADDRESS nor "
                    "cmdqv=ADDRESS, at most %u of each\n", argv[i],
                    MAX_INSTANCES);
            return -1;
        }
    }
    if (!num_smmus && !num_instances) {
        fprintf(stderr, "cmdq-barriers: neither smmu=ADDRESS nor "
                "cmdqv=ADDRESS\n");
        return -1;
    }
    qemu_plugin_register_vcpu_init_cb(id, on_cpu);
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
    qemu_plugin_register_atexit_cb(id, print_report, NULL);
    return 0;
}
