/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instructions that order the stores before them
 *
 * DMB and DSB have their shareability domain in CRm[3:2] and the ordered
 * accesses in CRm[1:0]. The others are release stores and atomics.
 */

#include "cmdq-barriers.h"

#define IS(insn, mask, value)   (((insn) & (mask)) == (value))

enum { DOMAIN_OUTER, DOMAIN_NON, DOMAIN_INNER, DOMAIN_SYSTEM };
enum { ACCESSES_RESERVED, ACCESSES_LOADS, ACCESSES_STORES, ACCESSES_ALL };

static Order decode_barrier(unsigned int domain, unsigned int accesses)
{
    if (accesses == ACCESSES_LOADS || domain == DOMAIN_NON) {
        return ORDER_NONE;
    }
    return domain == DOMAIN_INNER ? ORDER_RELEASE : ORDER_BARRIER;
}

/* STLR, STLXR, STLXP, CAS and CASP with release, in all sizes */
static bool release_exclusive(uint32_t insn)
{
    bool o2 = insn >> 23 & 1, load = insn >> 22 & 1, o1 = insn >> 21 & 1;
    bool cas = o1 && (o2 || !(insn >> 31));

    return IS(insn, 0x3f008000, 0x08008000) && (!load || cas);
}

/* SWP and LD<op> with release, in all sizes */
static bool release_atomic(uint32_t insn)
{
    return IS(insn, 0x3f600c00, 0x38600000);
}

/* STLUR, in all sizes */
static bool release_unscaled(uint32_t insn)
{
    return IS(insn, 0x3fe00c00, 0x19000000);
}

Order decode_order(uint32_t insn)
{
    unsigned int crm = insn >> 8 & 15;

    /* Encodings without a name are full barriers */
    if (IS(insn, 0xfffff0ff, 0xd50330bf)) {
        return decode_barrier(crm & 3 ? crm >> 2 : DOMAIN_SYSTEM,
                              crm & 3 ? crm & 3 : ACCESSES_ALL);
    }
    /* DSB; SSBB and PSSBB have two of its encodings */
    if (IS(insn, 0xfffff0ff, 0xd503309f)) {
        if (crm == 0 || crm == 4) {
            return ORDER_NONE;
        }
        return decode_barrier(crm & 3 ? crm >> 2 : DOMAIN_SYSTEM,
                              crm & 3 ? crm & 3 : ACCESSES_ALL);
    }
    /* DSB nXS, of all accesses */
    if (IS(insn, 0xfffff3ff, 0xd503323f)) {
        return decode_barrier(crm >> 2, ACCESSES_ALL);
    }
    return release_exclusive(insn) || release_atomic(insn) ||
           release_unscaled(insn) ? ORDER_RELEASE : ORDER_NONE;
}
