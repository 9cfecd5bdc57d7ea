/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Order rules of CMDQ-V, each with its own name and counter
 *
 * The names are part of the test interface: `cmdqv-hw: strict NAME COUNT` at
 * exit and the read-only property `strict-NAME` carry them.  Append new rules
 * before CMDQV_RULES; the number of a rule is visible to guest software.
 *
 * A rule broken by whoever owns a guest's page 0 is charged to CMDQV_GUEST,
 * because a hostile guest must not make the host's driver look wrong.  The
 * host touches the same page while it sets a queue up, and is charged for what
 * it does there; tegra241-cmdqv-actor.c tells the two apart.
 */

#ifndef TEGRA241_CMDQV_STRICT_H
#define TEGRA241_CMDQV_STRICT_H

#include "qom/object.h"

typedef enum CmdqvActor {
    CMDQV_HOST,
    CMDQV_GUEST,
    CMDQV_ACTORS,
} CmdqvActor;

typedef enum CmdqvRule {
    /* accesses */
    CMDQV_BAD_ACCESS,
    CMDQV_READ_ONLY_WRITE,
    CMDQV_UNMAPPED_READ,
    CMDQV_UNMAPPED_WRITE,
    /* levels above the queue */
    CMDQV_CONFIG_BITS_LOST,
    CMDQV_CONFIG_UNPOLLED,
    CMDQV_CMDQV_OFF_VINTF_ON,
    CMDQV_VINTF_ON_CMDQV_OFF,
    CMDQV_VINTF_ON_ONE_STEP,
    CMDQV_VINTF_ON_SID_STALE,
    CMDQV_VINTF_ON_VMID_ZERO,
    CMDQV_VINTF_CONFIG_LIVE,
    CMDQV_VINTF_OFF_QUEUE_MAPPED,
    CMDQV_VINTF_OFF_QUEUE_ON,
    /* allocation map */
    CMDQV_MAP_CMDQV_OFF,
    CMDQV_MAP_VINTF_OFF,
    CMDQV_MAP_ORDER,
    CMDQV_UNMAP_ORDER,
    CMDQV_MAP_CONFLICT,
    CMDQV_MAP_MOVE,
    CMDQV_MAP_QUEUE_ON,
    CMDQV_UNMAP_QUEUE_ON,
    /* queues */
    CMDQV_PROGRAM_UNMAPPED,
    CMDQV_BASE_WRITE_QUEUE_ON,
    CMDQV_CONS_WRITE_QUEUE_ON,
    CMDQV_QUEUE_ON_UNMAPPED,
    CMDQV_QUEUE_ON_VINTF_OFF,
    CMDQV_QUEUE_ON_NO_BASE,
    CMDQV_QUEUE_ON_MISALIGNED,
    CMDQV_QUEUE_ON_NOT_EMPTY,
    CMDQV_QUEUE_ON_ERROR_LEFT,
    CMDQV_PROD_OVERRUN,
    CMDQV_ACK_WITHOUT_ERROR,
    CMDQV_SYNC_MSI_ADDRESS,
    CMDQV_CONS_TO_MEMORY,
    /* the flush of a disabled queue */
    CMDQV_QUEUE_OFF_NO_FLUSH,
    CMDQV_SMMU_OFF_CMDQV_ON,
    /* StreamID slots */
    CMDQV_SID_MATCH_FIRST,
    CMDQV_SID_MATCH_LIVE,
    CMDQV_SID_REPLACE_LIVE,
    CMDQV_SID_DUPLICATE,
    CMDQV_SID_VINTF_OFF,
    /* the end of the SMMU */
    CMDQV_COMMAND_SMMU_OFF,
    /* and its beginning */
    CMDQV_CMDQ_ON_QUEUE_ON,
    /* any register */
    CMDQV_RESERVED_BITS,
    /* commands of the host that are lost */
    CMDQV_QUEUE_OFF_NOT_EMPTY,
    /* memory of queues that are gone */
    CMDQV_FETCH_GIVEN_UP,
    CMDQV_RULES,
} CmdqvRule;

typedef struct CmdqvState CmdqvState;

typedef struct CmdqvStrict {
    uint64_t broken[CMDQV_ACTORS][CMDQV_RULES];
} CmdqvStrict;

extern const char *const cmdqv_rule_names[CMDQV_RULES];

void cmdqv_strict(CmdqvState *s, CmdqvRule rule, CmdqvActor actor,
                  const char *fmt, ...) G_GNUC_PRINTF(4, 5);
void cmdqv_check_reserved(CmdqvState *s, CmdqvActor actor, const char *reg,
                          uint64_t value, uint64_t known);
uint64_t cmdqv_strict_total(const CmdqvState *s, CmdqvActor actor);
void cmdqv_strict_report(const CmdqvState *s, GString *out);
void cmdqv_strict_add_properties(Object *obj);

#endif
