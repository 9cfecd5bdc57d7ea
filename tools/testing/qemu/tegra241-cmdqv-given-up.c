/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that no queue may read any more
 *
 * A program inside the machine lists physical pages of 4 KiB by a register of
 * the DMA test device: memory of a queue that the driver has told it is free.
 * A queue that reads one of them has not stopped, and breaks fetch-given-up.
 * The pages are of the machine, so there is one list for every CMDQ-V.
 */

#include "qemu/osdep.h"
#include "system/reset.h"
#include "tegra241-cmdqv-given-up.h"

#define PAGE_SHIFT  12

static GHashTable *pages;

static gpointer page_key(hwaddr addr)
{
    return GSIZE_TO_POINTER(addr >> PAGE_SHIFT);
}

static void forget_pages(void *opaque)
{
    g_hash_table_remove_all(pages);
}

/* @page is given up, or in use again; a reset of the machine forgets all */
void cmdqv_give_up(hwaddr page, bool given_up)
{
    if (!pages) {
        pages = g_hash_table_new(NULL, NULL);
        qemu_register_reset(forget_pages, NULL);
    }
    if (given_up) {
        g_hash_table_add(pages, page_key(page));
    } else {
        g_hash_table_remove(pages, page_key(page));
    }
}

bool cmdqv_given_up(hwaddr addr)
{
    return pages && g_hash_table_contains(pages, page_key(addr));
}

unsigned cmdqv_given_up_pages(void)
{
    return pages ? g_hash_table_size(pages) : 0;
}
