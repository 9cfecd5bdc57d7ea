/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stores to rings that no barrier has ordered yet, of each processor
 *
 * A moment counts the releases of all processors. A store that its processor
 * has released keeps the moment; it is ordered for a processor that has
 * executed a barrier at that moment or later.
 */

#include "cmdq-barriers.h"

typedef struct Store {
    uint64_t pa;
    /* 0: not released */
    uint64_t released;
} Store;

typedef struct Cpu {
    GArray *stores;
    /* Moment of the last barrier */
    uint64_t barrier;
} Cpu;

static Cpu cpus[MAX_CPUS];
static uint64_t moment;

void order_barrier(unsigned int cpu)
{
    if (cpus[cpu].stores) {
        g_array_set_size(cpus[cpu].stores, 0);
    }
    cpus[cpu].barrier = moment;
}

void order_release(unsigned int cpu)
{
    GArray *stores = cpus[cpu].stores;

    if (!stores || !stores->len) {
        return;
    }
    moment++;
    for (guint i = 0; i < stores->len; i++) {
        Store *s = &g_array_index(stores, Store, i);

        if (!s->released) {
            s->released = moment;
        }
    }
}

/* One entry is often stored in two halves; both are one */
void order_store(unsigned int cpu, uint64_t pa, unsigned int size)
{
    Cpu *c = &cpus[cpu];

    if (!c->stores) {
        c->stores = g_array_new(false, false, sizeof(Store));
    }
    for (uint64_t at = pa & ~(ENTRY_SIZE - 1ull); at < pa + size;
         at += ENTRY_SIZE) {
        Store new = { .pa = at };
        Store *last = c->stores->len ?
            &g_array_index(c->stores, Store, c->stores->len - 1) : NULL;

        if (last && last->pa == at && !last->released) {
            continue;
        }
        g_array_append_val(c->stores, new);
    }
}

static uint64_t ring_bytes(const Ring *r)
{
    return (uint64_t)ENTRY_SIZE << r->log2size;
}

/* Remove the stores to count entries; returns whether one was not ordered */
static bool take(unsigned int cpu, unsigned int writer, const Ring *r,
                 uint32_t first, uint32_t count)
{
    GArray *stores = cpus[writer].stores;
    uint32_t mask = (1u << r->log2size) - 1;
    bool broken = false;

    for (guint i = stores ? stores->len : 0; i-- > 0;) {
        const Store *s = &g_array_index(stores, Store, i);
        uint32_t idx = (s->pa - r->base) / ENTRY_SIZE;

        if (s->pa - r->base >= ring_bytes(r) ||
            ((idx - first) & mask) >= count) {
            continue;
        }
        if (cpu == writer || !s->released ||
            cpus[cpu].barrier < s->released) {
            broken = true;
        }
        g_array_remove_index_fast(stores, i);
    }
    return broken;
}

bool order_broken(unsigned int cpu, const Ring *r, uint32_t first,
                  uint32_t count)
{
    bool broken = false;

    for (unsigned int writer = 0; writer < MAX_CPUS; writer++) {
        broken |= take(cpu, writer, r, first, count);
    }
    return broken;
}

bool order_own_broken(unsigned int cpu, const Ring *r)
{
    return take(cpu, cpu, r, 0, 1u << r->log2size);
}

/* The memory has another use */
void order_forget(const Ring *r)
{
    for (unsigned int writer = 0; writer < MAX_CPUS; writer++) {
        take(writer, writer, r, 0, 1u << r->log2size);
    }
}
