/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pages of a file behind an IOAS, see file_pages.c; also the structures of
 * pages.c and io_pagetable.c that file_pages.c needs.
 */
#ifndef __IOMMUFD_FILE_PAGES_H
#define __IOMMUFD_FILE_PAGES_H

#include <linux/list.h>
#include <linux/types.h>

struct file;
struct folio;
struct iopt_area;
struct iopt_pages;
struct page;

/**
 * struct iopt_file - The file of a &struct iopt_pages
 * @file: Reference of the file; NULL if its pages can never be pinned
 * @start: Byte offset in the file of page 0, page aligned
 * @last: Last byte in the file that is mapped
 * @moved: On the list of a command that changes the process, else unhashed
 * @is_source: The pages come from a file, not from a process
 * @write_only: The descriptor cannot be read
 */
struct iopt_file {
	struct file *file;
	u64 start;
	u64 last;
	struct hlist_node moved;
	bool is_source;
	bool write_only;
};

/**
 * struct iopt_file_reader - Reads the pages of a file in order
 * @folios: The folios that were pinned last, each with one pin
 * @nr: Number of @folios
 * @next: The first folio that is left
 * @offset: First page in @next that is left
 * @index: Its index in the &struct iopt_pages
 * @last_index: The last index that was pinned
 */
struct iopt_file_reader {
	struct folio **folios;
	unsigned int nr;
	unsigned int next;
	unsigned long offset;
	unsigned long index;
	unsigned long last_index;
};

/* From io_pagetable.c: pages for the next area of an IOAS */
struct iopt_pages_list {
	struct iopt_pages *pages;
	struct iopt_area *area;
	struct list_head next;
	unsigned long start_byte;
	unsigned long length;
};

/* From pages.c: contiguous PFNs for a copy between storage tiers */
struct pfn_batch {
	unsigned long *pfns;
	u32 *npfns;
	unsigned int array_size;
	unsigned int end;
	unsigned int total_pfns;
};

struct iopt_pages *iopt_alloc_file_pages(struct file *file, u64 start,
					 unsigned long length, bool writable);
void iopt_file_release(struct iopt_pages *pages);
unsigned long iopt_pages_address(struct iopt_pages *pages);
bool iopt_pages_may_read(struct iopt_pages *pages);
int iopt_file_update_locked_vm(struct iopt_pages *pages, unsigned long npages,
			       bool inc);

int iopt_file_fill_batch(struct iopt_file_reader *reader,
			 struct iopt_pages *pages, struct pfn_batch *batch,
			 unsigned long index, unsigned long last_index);
int iopt_file_fill_pages(struct iopt_file_reader *reader,
			 struct iopt_pages *pages, unsigned long index,
			 unsigned long last_index, struct page **out_pages);
void iopt_file_reader_init(struct iopt_file_reader *reader);
void iopt_file_reader_destroy(struct iopt_file_reader *reader);

#endif
