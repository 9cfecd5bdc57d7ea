/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counters: sums, the report at exit, and read-only properties
 *
 * The property `counters` and the report are the same text, one `cmdqv-hw:
 * count ...` line per counter that is not zero; common sums have properties
 * of their own. Counters start at power-on and survive a reset of the
 * machine.
 */

#include "qemu/osdep.h"
#include "qapi/visitor.h"
#include "tegra241-cmdqv-hw.h"

uint64_t cmdqv_queue_count_errors(const CmdqvQueueCounters *q)
{
    uint64_t n = 0;

    for (int i = 0; i < CMDQV_ERR_CODES; i++) {
        n += q->errors[i];
    }
    return n;
}

uint64_t cmdqv_count_commands(const CmdqvState *s)
{
    uint64_t n = 0;

    for (int i = 0; i < CMDQV_MAX_VCMDQS; i++) {
        n += s->count.queues[i].commands;
    }
    return n;
}

uint64_t cmdqv_count_errors(const CmdqvState *s)
{
    uint64_t n = 0;

    for (int i = 0; i < CMDQV_MAX_VCMDQS; i++) {
        n += cmdqv_queue_count_errors(&s->count.queues[i]);
    }
    return n;
}

uint64_t cmdqv_count_opcode(const CmdqvState *s, uint8_t opcode)
{
    uint64_t n = 0;

    for (int i = 0; i < CMDQV_MAX_VCMDQS; i++) {
        n += s->count.queues[i].opcodes[opcode];
    }
    return n;
}

static void report_accesses(GString *out, const char *name, int index,
                            const CmdqvAccesses *a)
{
    if (!a->reads && !a->writes) {
        return;
    }
    g_string_append_printf(out, "cmdqv-hw: count page %s", name);
    if (index >= 0) {
        g_string_append_printf(out, "%d-page%d", (index - 3) / 2,
                               (index - 3) % 2);
    }
    g_string_append_printf(out, " reads %" PRIu64 " writes %" PRIu64 "\n",
                           a->reads, a->writes);
}

static void report_queue(GString *out, const char *name, int index,
                         const CmdqvQueueCounters *q)
{
    g_autofree char *who = index < 0 ? g_strdup(name) :
                                       g_strdup_printf("%s%d", name, index);

    for (int op = 0; op < ARRAY_SIZE(q->opcodes); op++) {
        const char *op_name = smmu_cmd_string(op);

        if (!q->opcodes[op]) {
            continue;
        }
        if (g_str_has_prefix(op_name, "SMMU_CMD_")) {
            op_name += strlen("SMMU_CMD_");
        }
        g_string_append_printf(out, "cmdqv-hw: count %s %s %" PRIu64 "\n",
                               who, op_name, q->opcodes[op]);
    }
    for (int i = 0; i < CMDQV_ERR_CODES; i++) {
        if (q->errors[i]) {
            g_string_append_printf(out, "cmdqv-hw: count %s error%d %" PRIu64
                                   "\n", who, i, q->errors[i]);
        }
    }
}

static uint64_t count_vintfs_on(const CmdqvState *s)
{
    uint64_t n = 0;

    for (int v = 0; v < CMDQV_MAX_VINTFS; v++) {
        n += s->vintfs[v].enabled;
    }
    return n;
}

static uint64_t count_queues_on(const CmdqvState *s)
{
    uint64_t n = 0;

    for (int i = 0; i < CMDQV_MAX_VCMDQS; i++) {
        n += s->queues[i].enabled;
    }
    return n;
}

char *cmdqv_counters_report(const CmdqvState *s)
{
    GString *out = g_string_new(NULL);
    const struct {
        const char *name;
        uint64_t value;
    } sums[] = {
        { "commands", cmdqv_count_commands(s) },
        { "syncs", cmdqv_count_opcode(s, SMMU_CMD_SYNC) },
        { "errors", cmdqv_count_errors(s) },
        { "init-errors", s->count.init_errors },
        { "interrupts", s->count.interrupts },
        { "interrupts-masked", s->count.interrupts_masked },
        { "interrupts-lost", s->count.interrupts_lost },
        { "late-syncs", s->count.late_syncs },
        { "main-commands", s->count.mainq.commands },
        { "main-syncs", s->count.mainq.opcodes[SMMU_CMD_SYNC] },
        /* no sums, but what is left when the machine ends */
        { "block-on", s->enabled },
        { "queues-on", count_queues_on(s) },
        { "vintfs-on", count_vintfs_on(s) },
    };

    report_accesses(out, "smmu", -1, &s->count.smmu);
    report_accesses(out, "config", -1, &s->count.pages[0]);
    report_accesses(out, "physical-page0", -1, &s->count.pages[1]);
    report_accesses(out, "physical-page1", -1, &s->count.pages[2]);
    for (int i = 3; i < CMDQV_PAGES; i++) {
        report_accesses(out, "vintf", i, &s->count.pages[i]);
    }
    report_queue(out, "main", -1, &s->count.mainq);
    for (int i = 0; i < CMDQV_MAX_VCMDQS; i++) {
        report_queue(out, "vcmdq", i, &s->count.queues[i]);
    }
    for (int i = 0; i < ARRAY_SIZE(sums); i++) {
        g_string_append_printf(out, "cmdqv-hw: count %s %" PRIu64 "\n",
                               sums[i].name, sums[i].value);
    }
    return g_string_free(out, false);
}

static char *counters_get(Object *obj, Error **errp)
{
    return cmdqv_counters_report(TEGRA241_CMDQV_HW(obj));
}

typedef uint64_t CmdqvSum(const CmdqvState *s);

static uint64_t sum_syncs(const CmdqvState *s)
{
    return cmdqv_count_opcode(s, SMMU_CMD_SYNC);
}

static void sum_get(Object *obj, Visitor *v, const char *name, void *opaque,
                    Error **errp)
{
    CmdqvSum *const *sum = opaque;
    uint64_t n = (*sum)(TEGRA241_CMDQV_HW(obj));

    visit_type_uint64(v, name, &n, errp);
}

void cmdqv_counters_add_properties(Object *obj)
{
    static const struct {
        const char *name;
        CmdqvSum *sum;
    } sums[] = {
        { "count-commands", cmdqv_count_commands },
        { "count-errors", cmdqv_count_errors },
        { "count-syncs", sum_syncs },
    };
    CmdqvCounters *c = &TEGRA241_CMDQV_HW(obj)->count;
    const struct {
        const char *name;
        const uint64_t *value;
    } words[] = {
        { "count-init-errors", &c->init_errors },
        { "count-interrupts", &c->interrupts },
        { "count-interrupts-lost", &c->interrupts_lost },
        { "count-interrupts-masked", &c->interrupts_masked },
        { "count-last-atc-sid", &c->last_atc_sid },
        { "count-late-syncs", &c->late_syncs },
        { "count-main-commands", &c->mainq.commands },
        { "count-main-syncs", &c->mainq.opcodes[SMMU_CMD_SYNC] },
        { "count-smmu-reads", &c->smmu.reads },
        { "count-smmu-writes", &c->smmu.writes },
    };

    object_property_add_str(obj, "counters", counters_get, NULL);
    for (int i = 0; i < ARRAY_SIZE(sums); i++) {
        object_property_add(obj, sums[i].name, "uint64", sum_get, NULL, NULL,
                            (void *)&sums[i].sum);
    }
    for (int i = 0; i < ARRAY_SIZE(words); i++) {
        object_property_add_uint64_ptr(obj, words[i].name, words[i].value,
                                       OBJ_PROP_FLAG_READ);
    }
}
