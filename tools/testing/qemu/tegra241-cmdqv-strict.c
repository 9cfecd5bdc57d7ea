/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strict mode: an access that breaks an order rule is counted by name
 *
 * A broken rule has no other effect, with one exception: in strict mode an
 * allocation map change out of order is refused (tegra241-cmdqv-alloc.c).
 */

#include "qemu/osdep.h"
#include "qemu/log.h"
#include "qapi/visitor.h"
#include "tegra241-cmdqv-hw.h"

const char *const cmdqv_rule_names[CMDQV_RULES] = {
    [CMDQV_BAD_ACCESS]             = "bad-access",
    [CMDQV_READ_ONLY_WRITE]        = "read-only-write",
    [CMDQV_UNMAPPED_READ]          = "unmapped-read",
    [CMDQV_UNMAPPED_WRITE]         = "unmapped-write",
    [CMDQV_CONFIG_BITS_LOST]       = "config-bits-lost",
    [CMDQV_CONFIG_UNPOLLED]        = "config-unpolled",
    [CMDQV_CMDQV_OFF_VINTF_ON]     = "cmdqv-off-vintf-on",
    [CMDQV_VINTF_ON_CMDQV_OFF]     = "vintf-on-cmdqv-off",
    [CMDQV_VINTF_ON_ONE_STEP]      = "vintf-on-one-step",
    [CMDQV_VINTF_ON_SID_STALE]     = "vintf-on-sid-stale",
    [CMDQV_VINTF_ON_VMID_ZERO]     = "vintf-on-vmid-zero",
    [CMDQV_VINTF_CONFIG_LIVE]      = "vintf-config-live",
    [CMDQV_VINTF_OFF_QUEUE_MAPPED] = "vintf-off-queue-mapped",
    [CMDQV_VINTF_OFF_QUEUE_ON]     = "vintf-off-queue-on",
    [CMDQV_MAP_CMDQV_OFF]          = "map-cmdqv-off",
    [CMDQV_MAP_VINTF_OFF]          = "map-vintf-off",
    [CMDQV_MAP_ORDER]              = "map-order",
    [CMDQV_UNMAP_ORDER]            = "unmap-order",
    [CMDQV_MAP_CONFLICT]           = "map-conflict",
    [CMDQV_MAP_MOVE]               = "map-move",
    [CMDQV_MAP_QUEUE_ON]           = "map-queue-on",
    [CMDQV_UNMAP_QUEUE_ON]         = "unmap-queue-on",
    [CMDQV_PROGRAM_UNMAPPED]       = "program-unmapped",
    [CMDQV_BASE_WRITE_QUEUE_ON]    = "base-write-queue-on",
    [CMDQV_CONS_WRITE_QUEUE_ON]    = "cons-write-queue-on",
    [CMDQV_QUEUE_ON_UNMAPPED]      = "queue-on-unmapped",
    [CMDQV_QUEUE_ON_VINTF_OFF]     = "queue-on-vintf-off",
    [CMDQV_QUEUE_ON_NO_BASE]       = "queue-on-no-base",
    [CMDQV_QUEUE_ON_MISALIGNED]    = "queue-on-misaligned",
    [CMDQV_QUEUE_ON_NOT_EMPTY]     = "queue-on-not-empty",
    [CMDQV_QUEUE_ON_ERROR_LEFT]    = "queue-on-error-left",
    [CMDQV_PROD_OVERRUN]           = "prod-overrun",
    [CMDQV_ACK_WITHOUT_ERROR]      = "ack-without-error",
    [CMDQV_SYNC_MSI_ADDRESS]       = "sync-msi-address",
    [CMDQV_CONS_TO_MEMORY]         = "cons-to-memory",
    [CMDQV_QUEUE_OFF_NO_FLUSH]     = "queue-off-no-flush",
    [CMDQV_SMMU_OFF_CMDQV_ON]      = "smmu-off-cmdqv-on",
    [CMDQV_SID_MATCH_FIRST]        = "sid-match-first",
    [CMDQV_SID_MATCH_LIVE]         = "sid-match-live",
    [CMDQV_SID_REPLACE_LIVE]       = "sid-replace-live",
    [CMDQV_SID_DUPLICATE]          = "sid-duplicate",
    [CMDQV_SID_VINTF_OFF]          = "sid-vintf-off",
    [CMDQV_COMMAND_SMMU_OFF]       = "command-smmu-off",
    [CMDQV_CMDQ_ON_QUEUE_ON]       = "cmdq-on-queue-on",
    [CMDQV_RESERVED_BITS]          = "reserved-bits",
    [CMDQV_QUEUE_OFF_NOT_EMPTY]    = "queue-off-not-empty",
    [CMDQV_FETCH_GIVEN_UP]         = "fetch-given-up",
};

static const char *const actor_prefix[CMDQV_ACTORS] = {
    [CMDQV_HOST]  = "strict",
    [CMDQV_GUEST] = "strict-guest",
};

/* The hardware allows these, and drivers that are right do them */
static bool rule_unmapped(CmdqvRule rule)
{
    return rule == CMDQV_UNMAPPED_READ || rule == CMDQV_UNMAPPED_WRITE ||
           rule == CMDQV_PROGRAM_UNMAPPED;
}

void cmdqv_strict(CmdqvState *s, CmdqvRule rule, CmdqvActor actor,
                  const char *fmt, ...)
{
    va_list ap;

    if (!s->strict || (s->allow_unmapped && rule_unmapped(rule))) {
        return;
    }
    s->rules.broken[actor][rule]++;
    if (!qemu_loglevel_mask(LOG_GUEST_ERROR)) {
        return;
    }

    va_start(ap, fmt);
    g_autofree char *detail = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    qemu_log("cmdqv-hw: %s %s: %s\n", actor_prefix[actor],
             cmdqv_rule_names[rule], detail);
}

/* Bits that the register does not keep */
void cmdqv_check_reserved(CmdqvState *s, CmdqvActor actor, const char *reg,
                          uint64_t value, uint64_t known)
{
    if (value & ~known) {
        cmdqv_strict(s, CMDQV_RESERVED_BITS, actor, "%s 0x%" PRIx64, reg,
                     value);
    }
}

uint64_t cmdqv_strict_total(const CmdqvState *s, CmdqvActor actor)
{
    uint64_t total = 0;

    for (int i = 0; i < CMDQV_RULES; i++) {
        total += s->rules.broken[actor][i];
    }
    return total;
}

/* Lists all rules of the host, so that a test can compare the whole list */
void cmdqv_strict_report(const CmdqvState *s, GString *out)
{
    if (!s->strict) {
        g_string_append(out, "cmdqv-hw: strict off\n");
        return;
    }
    for (int actor = 0; actor < CMDQV_ACTORS; actor++) {
        for (int i = 0; i < CMDQV_RULES; i++) {
            uint64_t n = s->rules.broken[actor][i];

            if (n || actor == CMDQV_HOST) {
                g_string_append_printf(out, "cmdqv-hw: %s %s %" PRIu64 "\n",
                                       actor_prefix[actor],
                                       cmdqv_rule_names[i], n);
            }
        }
        g_string_append_printf(out, "cmdqv-hw: %s total %" PRIu64 "\n",
                               actor_prefix[actor],
                               cmdqv_strict_total(s, actor));
    }
}

static void strict_get_total(Object *obj, Visitor *v, const char *name,
                             void *opaque, Error **errp)
{
    CmdqvActor actor = GPOINTER_TO_UINT(opaque);
    uint64_t n = cmdqv_strict_total(TEGRA241_CMDQV_HW(obj), actor);

    visit_type_uint64(v, name, &n, errp);
}

void cmdqv_strict_add_properties(Object *obj)
{
    CmdqvState *s = TEGRA241_CMDQV_HW(obj);

    for (int actor = 0; actor < CMDQV_ACTORS; actor++) {
        for (int i = 0; i < CMDQV_RULES; i++) {
            g_autofree char *name = g_strdup_printf("%s-%s",
                                                    actor_prefix[actor],
                                                    cmdqv_rule_names[i]);

            object_property_add_uint64_ptr(obj, name,
                                           &s->rules.broken[actor][i],
                                           OBJ_PROP_FLAG_READ);
        }
        g_autofree char *total = g_strdup_printf("%s-total",
                                                 actor_prefix[actor]);

        object_property_add(obj, total, "uint64", strict_get_total, NULL,
                            NULL, GUINT_TO_POINTER(actor));
    }
}
