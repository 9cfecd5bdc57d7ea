/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facts: what the experiments of the driver have found on hardware
 *
 * facts=FILE makes the model that hardware.  The file, as `./run probe` writes
 * it, has one fact on a line, words with one space between, and comments that
 * begin with "#":
 *
 *   cmdqv-facts 1              first line
 *   found NAME VALUE           a register before the driver wrote any;
 *                              CONFIG and PARAM become the model's
 *   alt-NAME ANSWER            an alternative; other and undecided leave it
 *   check-NAME ANSWER          yes, no, other or undecided
 *
 * A fact beats the property of the same meaning.  Each mistake is an error
 * with its line, and then nothing of the file is taken.  A fact that this
 * model cannot follow is a warning.
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/cutils.h"
#include "qemu/error-report.h"
#include "tegra241-cmdqv-hw.h"

#define FIRST_LINE  "cmdqv-facts 1"
#define MAX_WORDS   3

typedef struct CmdqvFact {
    unsigned line;
    char **word;
} CmdqvFact;

static bool is_open(const char *answer)
{
    return !strcmp(answer, "other") || !strcmp(answer, "undecided");
}

static bool fact_error(CmdqvState *s, unsigned line, Error **errp,
                       const char *problem, const char *word)
{
    error_setg(errp, "facts: %s:%u: %s%s%s", s->facts, line, problem,
               word ? ": " : "", word ?: "");
    return false;
}

static void found_config(CmdqvState *s, unsigned line, uint32_t value)
{
    const uint32_t known = R_CMDQV_CONFIG_EN_MASK | R_CMDQV_CONFIG_TUNING_MASK;

    if (value & ~known) {
        warn_report("facts: %s:%u: CONFIG: the model has none of the bits "
                    "0x%08x", s->facts, line, value & ~known);
    }
    s->config_reset = value & known;
}

/* The properties of the model stay if it cannot be this part */
static void found_param(CmdqvState *s, unsigned line, uint32_t value)
{
    const uint32_t known = R_CMDQV_PARAM_VERSION_MASK |
                           R_CMDQV_PARAM_LOG2_VCMDQS_MASK |
                           R_CMDQV_PARAM_LOG2_VINTFS_MASK |
                           R_CMDQV_PARAM_LOG2_SIDS_MASK;
    unsigned vcmdqs = FIELD_EX32(value, CMDQV_PARAM, LOG2_VCMDQS);
    unsigned vintfs = FIELD_EX32(value, CMDQV_PARAM, LOG2_VINTFS);
    unsigned sids = FIELD_EX32(value, CMDQV_PARAM, LOG2_SIDS);
    const char *problem = cmdqv_size_problem(vintfs, vcmdqs, sids);

    if (value & ~known) {
        warn_report("facts: %s:%u: PARAM: the model has none of the bits "
                    "0x%08x", s->facts, line, value & ~known);
    }
    if (problem) {
        warn_report("facts: %s:%u: PARAM: %s", s->facts, line, problem);
        return;
    }
    s->version = FIELD_EX32(value, CMDQV_PARAM, VERSION);
    s->log2_vcmdqs = vcmdqs;
    s->log2_vintfs = vintfs;
    s->log2_sids = sids;
}

static bool fact_found(CmdqvState *s, const CmdqvFact *f, bool take,
                       Error **errp)
{
    uint32_t value;
    const char *end;

    if (g_strv_length(f->word) != 3) {
        return fact_error(s, f->line, errp, "found NAME VALUE is needed", NULL);
    }
    if (strlen(f->word[2]) != 10 || strncmp(f->word[2], "0x", 2) ||
        qemu_strtoui(f->word[2], &end, 16, &value) || *end) {
        return fact_error(s, f->line, errp, "no value 0x and eight digits",
                          f->word[2]);
    }
    if (!take) {
        return true;
    }
    if (!strcmp(f->word[1], "CONFIG")) {
        found_config(s, f->line, value);
    } else if (!strcmp(f->word[1], "PARAM")) {
        found_param(s, f->line, value);
    }
    return true;
}

static bool fact_check(CmdqvState *s, const CmdqvFact *f, bool take,
                       Error **errp)
{
    bool yes = !strcmp(f->word[1], "yes");

    if (!yes && strcmp(f->word[1], "no") && !is_open(f->word[1])) {
        return fact_error(s, f->line, errp,
                          "neither yes, no, other nor undecided", f->word[1]);
    }
    if (!strcmp(f->word[0], "check-hyp-own")) {
        if (take && !is_open(f->word[1])) {
            s->hyp_own = yes;
        }
    } else if (strcmp(f->word[0], "check-edges") &&
               strcmp(f->word[0], "check-maps")) {
        return fact_error(s, f->line, errp, "no such check", f->word[0]);
    } else if (take && !strcmp(f->word[1], "no")) {
        warn_report("facts: %s:%u: %s: the model knows only yes", s->facts,
                    f->line, f->word[0]);
    }
    return true;
}

static bool fact_alternative(CmdqvState *s, const CmdqvFact *f, bool take,
                             Error **errp)
{
    if (!cmdqv_alternative_known(f->word[0], NULL)) {
        return fact_error(s, f->line, errp, "no such alternative", f->word[0]);
    }
    if (is_open(f->word[1])) {
        if (take && !strcmp(f->word[1], "other")) {
            warn_report("facts: %s:%u: %s: the model has none of its answers",
                        s->facts, f->line, f->word[0]);
        }
        return true;
    }
    if (!cmdqv_alternative_known(f->word[0], f->word[1])) {
        return fact_error(s, f->line, errp, "not an answer of it",
                          f->word[1]);
    }
    return !take ||
           object_property_set_str(OBJECT(s), f->word[0], f->word[1], errp);
}

static bool fact_apply(CmdqvState *s, const CmdqvFact *f, bool take,
                       Error **errp)
{
    const char *name = f->word[0];

    if (!strcmp(name, "found")) {
        return fact_found(s, f, take, errp);
    }
    if (g_strv_length(f->word) != 2) {
        return fact_error(s, f->line, errp, "NAME ANSWER is needed", NULL);
    }
    if (g_str_has_prefix(name, "alt-")) {
        return fact_alternative(s, f, take, errp);
    }
    if (g_str_has_prefix(name, "check-")) {
        return fact_check(s, f, take, errp);
    }
    return fact_error(s, f->line, errp, "no such fact", name);
}

/* Two facts of one name contradict each other, or one is superfluous */
static bool fact_is_new(CmdqvState *s, GHashTable *names, const CmdqvFact *f,
                        Error **errp)
{
    const char *name = f->word[!strcmp(f->word[0], "found") && f->word[1]];

    return g_hash_table_add(names, g_strdup(name)) ||
           fact_error(s, f->line, errp, "named twice", name);
}

static bool facts_apply(CmdqvState *s, char **lines, bool take, Error **errp)
{
    g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal,
                                                        g_free, NULL);

    for (unsigned i = 1; lines[i]; i++) {
        g_auto(GStrv) word = g_strsplit(lines[i], " ", MAX_WORDS + 1);
        CmdqvFact fact = { .line = i + 1, .word = word };

        if (!word[0] || word[0][0] == '#') {
            continue;
        }
        if (!fact_is_new(s, names, &fact, errp) ||
            !fact_apply(s, &fact, take, errp)) {
            return false;
        }
    }
    return true;
}

/* Reads all of the file before anything changes */
bool cmdqv_facts_load(CmdqvState *s, Error **errp)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    g_autoptr(GError) err = NULL;
    gsize length;

    if (!s->facts) {
        return true;
    }
    if (!g_file_get_contents(s->facts, &text, &length, &err)) {
        error_setg(errp, "facts: %s", err->message);
        return false;
    }
    if (strlen(text) != length || !g_str_has_suffix(text, "\n")) {
        error_setg(errp, "facts: %s: not lines of text", s->facts);
        return false;
    }
    lines = g_strsplit(text, "\n", -1);
    if (strcmp(lines[0], FIRST_LINE)) {
        return fact_error(s, 1, errp, "not " FIRST_LINE, NULL);
    }
    return facts_apply(s, lines, false, errp) &&
           facts_apply(s, lines, true, errp);
}
