/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Order of stores: the part of the barriers plugin that decides
 *
 * It knows processors and rings by number only, and nothing of QEMU.
 */

#ifndef CMDQ_BARRIERS_H
#define CMDQ_BARRIERS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define MAX_CPUS                64
#define ENTRY_SIZE              16
/* Of a CMDQ-V */
#define VCMDQS                  128

/* The store that lets the hardware read entries */
typedef enum Rule {
    ENABLE_NO_BARRIER,
    PROD_NO_BARRIER,
    REPAIR_NO_BARRIER,
    RULES
} Rule;

typedef enum Order {
    ORDER_NONE,
    /* Other processors see the stores before it first, devices may not */
    ORDER_RELEASE,
    /* Devices, too */
    ORDER_BARRIER,
} Order;

/* A command queue: registers as they were stored, and its memory */
typedef struct Ring {
    uint64_t base_reg, base;
    uint32_t log2size;
    uint32_t prod, published;
    bool on, known;
    /* One for each entry: it has been stored since it was published last */
    uint8_t *stored;
} Ring;

typedef struct Counts {
    uint64_t broken[RULES];
    uint64_t publications, ring_stores, unseen;
} Counts;

extern Counts counts;

/* decode.c */
Order decode_order(uint32_t insn);

/* ring.c */
bool rings_have(uint64_t pa);
Ring *ring_at(uint64_t pa);
void ring_add(Ring *r);
void ring_base(Ring *r, uint64_t value, uint64_t mask);
void ring_cons(Ring *r, uint32_t value);
bool ring_enable(unsigned int cpu, Ring *r, bool on);
bool ring_prod(unsigned int cpu, Ring *r, uint32_t value);
bool ring_repair(unsigned int cpu, Ring *r);

/* order.c */
void order_barrier(unsigned int cpu);
void order_forget(const Ring *r);
void order_release(unsigned int cpu);
void order_store(unsigned int cpu, uint64_t pa, unsigned int size);
bool order_broken(unsigned int cpu, const Ring *r, uint32_t first,
                  uint32_t count);
bool order_own_broken(unsigned int cpu, const Ring *r);

#endif
