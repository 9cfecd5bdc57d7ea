/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Late effects: a seeded generator, and effects that wait for a CMD_SYNC
 *
 * With seed=0 a command has its effect inside the register write that made it
 * visible.  With any other seed hardware is as slow as it may be.  A queue
 * consumes its commands in bursts, now or later; and a command that it has
 * consumed has its effect later still, in any order with others of its queue.
 * Only a CMD_SYNC of the same queue waits for all before it.  So an
 * invalidation that nobody waits for, or that somebody waits for in another
 * queue, is seen as a stale translation.  Edges of the interrupt come late as
 * well, each of them.
 *
 * With poison=on a consumed entry becomes an illegal command, so that a driver
 * which moves PROD past what it has not written meets an error, and not the
 * same command once more.
 *
 * All of it comes from one generator and from the virtual clock: under -icount,
 * the same seed is the same run.
 */

#include "qemu/osdep.h"
#include "exec/address-spaces.h"
#include "tegra241-cmdqv-hw.h"

/* A guest that never waits must not take memory without end */
#define MAX_EFFECTS         4096
/*
 * Powers of two: an effect waits for up to 65 ms, STATUS for up to 512 us, a
 * burst for up to 13 us
 */
#define EFFECT_DELAYS       17
#define STATUS_DELAYS       10
#define BURST_DELAYS        8
#define BURST_DELAY_NS      100
#define MAX_BURST           32

/* splitmix64: a counter, and a mix of its bits */
static uint64_t random_next(CmdqvState *s)
{
    uint64_t z = s->random += 0x9e3779b97f4a7c15ull;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
}

static unsigned random_below(CmdqvState *s, unsigned n)
{
    return random_next(s) % n;
}

bool cmdqv_async(const CmdqvState *s)
{
    return s->seed;
}

/* Whether a queue begins at once with what it was given */
bool cmdqv_async_now(CmdqvState *s)
{
    return random_below(s, 2);
}

unsigned cmdqv_async_burst(CmdqvState *s)
{
    return 1 + random_below(s, MAX_BURST);
}

int64_t cmdqv_async_delay(CmdqvState *s)
{
    return (int64_t)BURST_DELAY_NS << random_below(s, BURST_DELAYS);
}

int64_t cmdqv_async_status_delay(CmdqvState *s)
{
    return (int64_t)SCALE_US << random_below(s, STATUS_DELAYS);
}

void cmdqv_async_reset(CmdqvState *s)
{
    s->random = s->seed;
}

void cmdqv_poison(CmdqvState *s, hwaddr entry)
{
    uint8_t illegal[sizeof(Cmd)];

    if (s->poison) {
        memset(illegal, 0xff, sizeof(illegal));
        address_space_write(&address_space_memory, entry,
                            MEMTXATTRS_UNSPECIFIED, illegal, sizeof(illegal));
    }
}

static void effects_arm(CmdqvEffects *e)
{
    int64_t delay = (int64_t)SCALE_US << random_below(e->s, EFFECT_DELAYS);

    timer_mod(e->timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + delay);
}

static void effects_take(CmdqvEffects *e, unsigned i)
{
    Cmd cmd = g_array_index(e->list, Cmd, i);

    g_array_remove_index(e->list, i);
    cmdqv_command_act(e->s, e->q, &cmd);
}

/* One effect of those that wait, whichever */
static void effects_timer(void *opaque)
{
    CmdqvEffects *e = opaque;

    if (e->list->len) {
        effects_take(e, random_below(e->s, e->list->len));
    }
    if (e->list->len) {
        effects_arm(e);
    }
}

/* @cmd is legal, with VMID and StreamID replaced; it may have its effect now */
void cmdqv_effects_add(CmdqvEffects *e, const Cmd *cmd)
{
    if (e->list->len == MAX_EFFECTS) {
        effects_take(e, 0);
    }
    g_array_append_vals(e->list, cmd, 1);
    if (!timer_pending(e->timer)) {
        effects_arm(e);
    }
}

/* The effects that a CMD_SYNC waits for */
void cmdqv_effects_drain(CmdqvEffects *e)
{
    while (e->list->len) {
        effects_take(e, 0);
    }
    timer_del(e->timer);
}

void cmdqv_effects_reset(CmdqvEffects *e)
{
    g_array_set_size(e->list, 0);
    cmdqv_erratum_reset(e);
    timer_del(e->timer);
}

/* @q is NULL for the SMMU's own queue */
void cmdqv_effects_init(CmdqvEffects *e, CmdqvState *s, CmdqvQueue *q)
{
    e->s = s;
    e->q = q;
    e->list = g_array_new(false, false, sizeof(Cmd));
    cmdqv_erratum_init(e);
    e->timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, effects_timer, e);
}
