/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Erratum T264-SMMU-3: an invalidation may be lost unless it is done twice
 *
 * With erratum=on it is lost.  A TLBI or CFGI has its effect only if its queue
 * has consumed the same command before, with a CMD_SYNC in between; each pair
 * counts once.  ATC_INV has no erratum.
 *
 * The SMMU's own queue has it only with a seed, because without one QEMU's
 * SMMUv3 executes that queue.
 */

#include "qemu/osdep.h"
#include "tegra241-cmdqv-hw.h"

#define MAX_FIRSTS  4096

typedef struct CmdqvFirst {
    Cmd cmd;
    bool complete;      /* a CMD_SYNC came after it */
} CmdqvFirst;

static bool has_erratum(const Cmd *cmd)
{
    uint8_t type = CMD_TYPE(cmd);

    return (type >= SMMU_CMD_CFGI_STE && type <= SMMU_CMD_CFGI_ALL) ||
           (type >= SMMU_CMD_TLBI_NH_ALL && type <= SMMU_CMD_TLBI_NSNH_ALL);
}

/* Whether @cmd, which is legal, has no effect */
bool cmdqv_erratum_drops(CmdqvEffects *e, const Cmd *cmd)
{
    CmdqvFirst first = { .cmd = *cmd };

    if (!e->s->erratum || !has_erratum(cmd)) {
        return false;
    }
    for (int i = 0; i < e->firsts->len; i++) {
        const CmdqvFirst *f = &g_array_index(e->firsts, CmdqvFirst, i);

        if (f->complete && !memcmp(&f->cmd, cmd, sizeof(*cmd))) {
            g_array_remove_index(e->firsts, i);
            return false;
        }
    }
    if (e->firsts->len == MAX_FIRSTS) {
        g_array_remove_index(e->firsts, 0);
    }
    g_array_append_val(e->firsts, first);
    return true;
}

void cmdqv_erratum_sync(CmdqvEffects *e)
{
    for (int i = 0; i < e->firsts->len; i++) {
        g_array_index(e->firsts, CmdqvFirst, i).complete = true;
    }
}

void cmdqv_erratum_reset(CmdqvEffects *e)
{
    g_array_set_size(e->firsts, 0);
}

void cmdqv_erratum_init(CmdqvEffects *e)
{
    e->firsts = g_array_new(false, false, sizeof(CmdqvFirst));
}
