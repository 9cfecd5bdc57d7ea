/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guest RAM and the stage-1 tables in it.
 *
 * The layout is fixed:
 *
 *	0x000000  stage-1 tables of level 1, 2, 3, the context descriptor
 *	0x010000  data pages, the targets of DMA
 *	0x200000  memory of queue 0, one huge page
 *	0x400000  memory of queue 1, one huge page
 *	0x600000  free
 */
#ifndef _CMDQV_RAM_H
#define _CMDQV_RAM_H

#include <linux/types.h>

#define RAM_HUGE_PAGE	0x200000ULL
#define RAM_SIZE	(4 * RAM_HUGE_PAGE)
#define RAM_GPA		0x40000000ULL	/* guest-physical address of RAM */

#define RAM_TABLES	0x000000ULL
#define RAM_DATA	0x010000ULL
#define RAM_QUEUE(i)	(RAM_HUGE_PAGE * (1 + (i)))
#define RAM_FREE	0x600000ULL

#define RAM_PAGE	0x1000ULL	/* of the guest; the host's may be larger */

/**
 * struct guest_ram - Memory of the guest, on 2 MiB huge pages
 * @va: Address in this program
 * @gpa: Guest-physical address
 * @size: Bytes
 */
struct guest_ram {
	char *va;
	__u64 gpa;
	__u64 size;
};

__u64 ram_host_page(void);
int ram_reserve_huge_pages(unsigned int count);
int ram_alloc(struct guest_ram *ram);
char *ram_huge_pages(unsigned int pages);
void ram_free(struct guest_ram *ram);
long ram_pinned_kib(void);

static inline void *ram_va(const struct guest_ram *ram, __u64 offset)
{
	return ram->va + offset;
}

static inline __u64 ram_gpa(const struct guest_ram *ram, __u64 offset)
{
	return ram->gpa + offset;
}

static inline volatile __u64 *ram_data(const struct guest_ram *ram,
				       unsigned int page)
{
	return ram_va(ram, RAM_DATA + page * RAM_PAGE);
}

/* Device addresses that stage 1 can map: 512 pages from here on */
#define STAGE1_IOVA	0x10000000ULL
#define STAGE1_PAGES	512

/* Window of the MSI doorbells that the kernel maps in stage 2 */
#define MSI_WINDOW	0x08000000ULL

void stage1_init(const struct guest_ram *ram, __u16 asid);
void stage1_disable(const struct guest_ram *ram);
void stage1_map(const struct guest_ram *ram, __u64 iova, __u64 gpa);
void stage1_map_msi_window(const struct guest_ram *ram);
void stage1_unmap(const struct guest_ram *ram, __u64 iova);
void stage1_ste(const struct guest_ram *ram, __u64 ste[2]);

#endif
