/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Alternatives: behaviour that is open or inferred, with both answers
 *
 * This table is the only list of them.  Each row is a property alt-NAME; the
 * first answer is the default.  The code asks cmdqv_alt(), which is true for
 * the second answer.  A driver has to be right with either.
 *
 * README.md has the same table, and a test compares them.
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "tegra241-cmdqv-hw.h"

typedef struct CmdqvAlternative {
    const char *name;
    const char *answers[2];
    const char *what;
    const char *source;
} CmdqvAlternative;

static const CmdqvAlternative alternatives[CMDQV_ALTERNATIVES] = {
    [CMDQV_ALT_BASE_LIVE] = {
        "base-live", { "ignored", "stored" },
        "BASE is written while the queue is on; stored, it is latched later",
        "inferred: drivers write it only while the queue is off",
    },
    [CMDQV_ALT_BASE_ZERO] = {
        "base-zero", { "runs", "init-error" },
        "a queue goes on with BASE = 0: at physical address 0, or CMDQ_INIT_ERR",
        "open",
    },
    [CMDQV_ALT_CONS_ERR] = {
        "cons-err", { "cleared", "kept" },
        "CONS.ERR after the acknowledgement",
        "open; SMMUv3: unknown after it",
    },
    [CMDQV_ALT_CONS_LIVE] = {
        "cons-live", { "ignored", "stored" },
        "CONS is written while the queue is on; stored, it goes on there",
        "inferred: drivers write it only while the queue is off",
    },
    [CMDQV_ALT_CS] = {
        "cs", { "illegal", "ignored" },
        "CMD_SYNC with a completion signal; ignored, it is as with CS = 0",
        "inferred: drivers poll CONS instead",
    },
    [CMDQV_ALT_DISABLE] = {
        "disable", { "drops", "drains" },
        "EN goes to 0 with commands left; drained, STATUS is 0 after the last",
        "open",
    },
    [CMDQV_ALT_EARLY] = {
        "early", { "again", "starts" },
        "EN is set while the VINTF is off; again, it needs a new write of EN",
        "open",
    },
    [CMDQV_ALT_GERROR] = {
        "gerror", { "kept", "cleared" },
        "GERROR and GERRORN of a queue that is mapped again",
        "open",
    },
    [CMDQV_ALT_INT_MASK] = {
        "int-mask", { "masks", "nothing" },
        "a bit of VINTF_INT_MASK",
        "header: the name; drivers never write it",
    },
    [CMDQV_ALT_LEVELS] = {
        "levels", { "clear", "keep" },
        "EN of the levels below one that goes off; kept, they start with it",
        "inferred: a driver enables each level anew",
    },
    [CMDQV_ALT_MASKED_EDGE] = {
        "masked-edge", { "lost", "kept" },
        "the interrupt for an error while it was masked; kept, it comes later",
        "open",
    },
    [CMDQV_ALT_OFF_LATE] = {
        "off-late", { "works", "stops" },
        "a level that goes off, until STATUS follows; stopped, no command begins",
        "open",
    },
    [CMDQV_ALT_ORDER] = {
        "order", { "done", "refused" },
        "a queue is mapped before the one with the number below",
        "open; strict mode refuses it",
    },
    [CMDQV_ALT_PHYSICAL] = {
        "physical", { "reaches", "zero" },
        "the physical view of a queue that is not mapped; zero, as such a slot",
        "inferred: the driver stops a guest's queue there",
    },
    [CMDQV_ALT_REFUSAL] = {
        "refusal", { "illegal", "access" },
        "a guest's command that is not for it; code 1 or 4",
        "open; 4 was seen in a log of a guest",
    },
    [CMDQV_ALT_RESERVED] = {
        "reserved", { "zero", "kept" },
        "bits that no field of SID_MATCH, SID_REPLACE and PROD has",
        "open",
    },
    [CMDQV_ALT_SID_MISS] = {
        "sid-miss", { "refused", "dropped" },
        "an ATC_INV whose StreamID no slot has; dropped, it completes",
        "open",
    },
    [CMDQV_ALT_SIZE_LARGE] = {
        "size-large", { "init-error", "runs" },
        "a queue goes on with LOG2SIZE above IDR1.CMDQS; it runs with CMDQS",
        "header: there is a CMDQ_INIT_ERR",
    },
    [CMDQV_ALT_SLOT] = {
        "slot", { "zero", "ones" },
        "reads of a logical slot without a queue",
        "inferred: mainline's driver reads such slots",
    },
    [CMDQV_ALT_SLOT_TWICE] = {
        "slot-twice", { "refused", "accepted" },
        "a second queue for one logical slot; accepted, it replaces the first",
        "open",
    },
    [CMDQV_ALT_SUPERSEDED] = {
        "superseded", { "dropped", "finished" },
        "a change of EN that STATUS has not followed when EN changes again",
        "open",
    },
    [CMDQV_ALT_UNMAPPED] = {
        "unmapped", { "stops", "runs" },
        "a queue is unmapped while it is on",
        "open",
    },
    [CMDQV_ALT_UNMAPPED_EDGE] = {
        "unmapped-edge", { "comes", "none" },
        "the interrupt for an error of a queue that is not mapped",
        "open",
    },
    [CMDQV_ALT_UNREADABLE] = {
        "unreadable", { "init-error", "runs" },
        "a queue goes on whose ring cannot be read; it runs to the first fetch",
        "header: there is a CMDQ_INIT_ERR",
    },
    [CMDQV_ALT_VSID] = {
        "vsid", { "32-bits", "20-bits" },
        "bits of a virtual StreamID that are compared with a slot",
        "open; the register has 20 bits",
    },
    [CMDQV_ALT_WIDTH] = {
        "width", { "zero", "part" },
        "reads of 1, 2 and 8 bytes in page 0, whose registers have 4",
        "open",
    },
};

/* Whether the second answer holds */
bool cmdqv_alt(const CmdqvState *s, CmdqvAlt which)
{
    return s->alt[which];
}

/* Whether there is this property, with this answer unless that is NULL */
bool cmdqv_alternative_known(const char *property, const char *answer)
{
    for (int i = 0; i < CMDQV_ALTERNATIVES; i++) {
        const CmdqvAlternative *a = &alternatives[i];

        if (g_str_has_prefix(property, "alt-") &&
            !strcmp(property + strlen("alt-"), a->name)) {
            return !answer || !strcmp(answer, a->answers[0]) ||
                   !strcmp(answer, a->answers[1]);
        }
    }
    return false;
}

static void alt_get(Object *obj, Visitor *v, const char *name, void *opaque,
                    Error **errp)
{
    CmdqvAlt which = GPOINTER_TO_UINT(opaque);
    bool second = TEGRA241_CMDQV_HW(obj)->alt[which];
    char *answer = (char *)alternatives[which].answers[second];

    visit_type_str(v, name, &answer, errp);
}

static void alt_set(Object *obj, Visitor *v, const char *name, void *opaque,
                    Error **errp)
{
    CmdqvAlt which = GPOINTER_TO_UINT(opaque);
    const CmdqvAlternative *a = &alternatives[which];
    g_autofree char *answer = NULL;

    if (!visit_type_str(v, name, &answer, errp)) {
        return;
    }
    for (int i = 0; i < ARRAY_SIZE(a->answers); i++) {
        if (!strcmp(answer, a->answers[i])) {
            TEGRA241_CMDQV_HW(obj)->alt[which] = i;
            return;
        }
    }
    error_setg(errp, "%s is %s or %s", name, a->answers[0], a->answers[1]);
}

/* A row for each: property, answers, behaviour, source */
static char *alternatives_get(Object *obj, Error **errp)
{
    GString *out = g_string_new(NULL);

    for (int i = 0; i < CMDQV_ALTERNATIVES; i++) {
        const CmdqvAlternative *a = &alternatives[i];

        g_string_append_printf(out, "| `alt-%s` | %s, %s | %s | %s |\n",
                               a->name, a->answers[0], a->answers[1],
                               a->what, a->source);
    }
    return g_string_free(out, false);
}

void cmdqv_alternatives_add_properties(Object *obj)
{
    for (int i = 0; i < CMDQV_ALTERNATIVES; i++) {
        g_autofree char *name = g_strdup_printf("alt-%s",
                                                alternatives[i].name);

        object_property_add(obj, name, "str", alt_get, alt_set, NULL,
                            GUINT_TO_POINTER(i));
    }
    object_property_add_str(obj, "alternatives", alternatives_get, NULL);
}
