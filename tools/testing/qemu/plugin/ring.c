/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Command queues, as the stores to their registers describe them
 *
 * A queue that is on publishes the entries up to PROD. One that is off
 * publishes them when it goes on.
 */

#include <stdlib.h>
#include "cmdq-barriers.h"

#define BASE_LOG2SIZE           0x1full
#define BASE_ADDR               0x000fffffffffffe0ull
#define MAX_LOG2SIZE            19
#define PAGE_SHIFT              12
/* Pages of memory share a counter; zero says that none is of a ring */
#define FILTER                  65536

static GPtrArray *rings;
static uint16_t filter[FILTER];

static uint32_t entries(const Ring *r)
{
    return 1u << r->log2size;
}

static uint64_t last_byte(const Ring *r)
{
    return r->base + (uint64_t)ENTRY_SIZE * entries(r) - 1;
}

void ring_add(Ring *r)
{
    if (!rings) {
        rings = g_ptr_array_new();
    }
    g_ptr_array_add(rings, r);
}

bool rings_have(uint64_t pa)
{
    return filter[(pa >> PAGE_SHIFT) % FILTER];
}

Ring *ring_at(uint64_t pa)
{
    for (guint i = 0; i < rings->len; i++) {
        Ring *r = g_ptr_array_index(rings, i);

        if (r->known && pa >= r->base && pa <= last_byte(r)) {
            return r;
        }
    }
    return NULL;
}

static void filter_pages(const Ring *r, int change)
{
    for (uint64_t page = r->base >> PAGE_SHIFT;
         page <= last_byte(r) >> PAGE_SHIFT; page++) {
        filter[page % FILTER] += change;
    }
}

static void forget(Ring *r)
{
    if (r->known) {
        order_forget(r);
        filter_pages(r, -1);
        free(r->stored);
        r->stored = NULL;
        r->known = false;
    }
}

/* The bits of mask in BASE become those of value; ignored while it is on */
void ring_base(Ring *r, uint64_t value, uint64_t mask)
{
    if (r->on) {
        return;
    }
    forget(r);
    r->base_reg = (r->base_reg & ~mask) | (value & mask);
    r->log2size = MIN(r->base_reg & BASE_LOG2SIZE, MAX_LOG2SIZE);
    r->base = r->base_reg & BASE_ADDR &
              ~((uint64_t)ENTRY_SIZE * entries(r) - 1);
    if (!r->base) {
        return;
    }
    r->stored = calloc(entries(r), 1);
    if (!r->stored) {
        abort();
    }
    r->known = true;
    filter_pages(r, 1);
}

void ring_cons(Ring *r, uint32_t value)
{
    if (!r->on) {
        r->published = value;
    }
}

/* Publish up to PROD; returns whether a store was not ordered */
static bool publish(unsigned int cpu, Ring *r)
{
    uint32_t first = r->published & (entries(r) - 1);
    uint32_t count = (r->prod - r->published) & (2 * entries(r) - 1);

    r->published = r->prod;
    if (!r->known) {
        return false;
    }
    /* PROD is out of its range: the whole ring */
    count = MIN(count, entries(r));
    counts.publications += count != 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t idx = (first + i) & (entries(r) - 1);

        counts.unseen += !r->stored[idx];
        r->stored[idx] = false;
    }
    return count && order_broken(cpu, r, first, count);
}

bool ring_prod(unsigned int cpu, Ring *r, uint32_t value)
{
    r->prod = value;
    return r->on && publish(cpu, r);
}

bool ring_enable(unsigned int cpu, Ring *r, bool on)
{
    bool start = on && !r->on;

    r->on = on;
    return start && publish(cpu, r);
}

bool ring_repair(unsigned int cpu, Ring *r)
{
    return r->on && r->known && order_own_broken(cpu, r);
}
