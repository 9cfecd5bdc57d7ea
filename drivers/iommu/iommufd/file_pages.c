// SPDX-License-Identifier: GPL-2.0
/*
 * Pages of a file behind an IOAS.
 *
 * A struct iopt_pages takes its pages from a process or from a file. Areas, domains,
 * accesses and HW queues do not see the difference. The three storage tiers (see
 * pages.c) stay as they are; only the origin of the PFNs differs:
 *
 *   request of pages.c           a process                   a file
 *   PFNs for a domain            pfn_reader_user_pin()       iopt_file_fill_batch()
 *   pages for an access          pfn_reader_user_pin()       iopt_file_fill_pages()
 *   a copy from or to the pages  by address, if possible     always through the PFNs
 *   locked memory of a process   while the process lives     also later
 *
 * The reader pins folios in batches, and processes them in order. With a whole folio
 * the reader also passes its own pin, so that the pages of the folio need one pin
 * less. At its end the reader unpins the folios that are left.
 *
 * After the command that maps the file, no process is needed. The file is held by
 * reference. Memory is charged to the mm of that process, whose structure outlives the
 * process, until IOMMU_IOAS_CHANGE_PROCESS.
 *
 * A file whose pages can never be pinned is not held: it might hold this context,
 * and then neither would ever be freed.
 */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/iommufd.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "file_pin.h"
#include "io_pagetable.h"

/* Bytes of the array of folios that are pinned at a time */
#define IOPT_FILE_WINDOW PAGE_SIZE

/**
 * iopt_alloc_file_pages() - Allocate the pages of a file, without pins
 * @file: File
 * @start: Byte offset in the file
 * @length: Length in bytes
 * @writable: True if the pages may be written; the caller has checked the seals
 *
 * Return: the pages, or an ERR_PTR():
 * * -EINVAL: length out of range
 * * -ENOMEM: no memory
 * * -EPERM: the file was sealed against writing
 */
struct iopt_pages *iopt_alloc_file_pages(struct file *file, u64 start,
					 unsigned long length, bool writable)
{
	struct iopt_pages *pages;
	int rc;

	/* Only the offset in the page is used; there is no address */
	pages = iopt_alloc_pages((void __user *)(uintptr_t)offset_in_page(start),
				 length, writable);
	if (IS_ERR(pages))
		return pages;

	pages->file.is_source = true;
	pages->file.write_only = !(file->f_mode & FMODE_READ);
	pages->file.start = start - offset_in_page(start);
	pages->file.last = start + length - 1;
	if (!iopt_file_can_pin(file))
		return pages;

	if (writable) {
		/* As for a shared mapping of a process: no seal can be added during its life */
		rc = mapping_map_writable(file->f_mapping);
		if (rc) {
			iopt_put_pages(pages);
			return ERR_PTR(rc);
		}
	}
	pages->file.file = get_file(file);
	return pages;
}

/**
 * iopt_file_release() - Release the file, if there is one
 * @pages: Pages that are freed
 */
void iopt_file_release(struct iopt_pages *pages)
{
	struct file *file = pages->file.file;

	if (!file)
		return;
	if (pages->writable)
		mapping_unmap_writable(file->f_mapping);
	fput(file);
}

/**
 * iopt_pages_address() - Address for the alignment of an IOVA
 * @pages: Pages
 *
 * Return: the address of page 0 in the process, or its offset in the file.
 */
unsigned long iopt_pages_address(struct iopt_pages *pages)
{
	if (pages->file.is_source)
		return pages->file.start;
	return (uintptr_t)pages->uptr;
}

/**
 * iopt_pages_may_read() - True if a device or a driver may read the pages
 * @pages: Pages
 */
bool iopt_pages_may_read(struct iopt_pages *pages)
{
	return !pages->file.write_only;
}

/**
 * iopt_file_update_locked_vm() - Charge or uncharge the mm
 * @pages: Pages of a file
 * @npages: Number of pages
 * @inc: True to charge
 *
 * Return: 0, or -ENOMEM if the limit is exceeded.
 */
int iopt_file_update_locked_vm(struct iopt_pages *pages, unsigned long npages,
			       bool inc)
{
	int rc;

	/* The structure exists also after the end of the process */
	mmap_write_lock(pages->source_mm);
	rc = __account_locked_vm(pages->source_mm, npages, inc,
				 pages->source_task, false);
	mmap_write_unlock(pages->source_mm);
	return rc;
}

/**
 * iopt_file_reader_init() - Initialise a reader, without pins
 * @reader: Reader
 */
void iopt_file_reader_init(struct iopt_file_reader *reader)
{
	reader->folios = NULL;
	reader->nr = 0;
	reader->next = 0;
}

static void iopt_file_reader_unpin(struct iopt_file_reader *reader)
{
	if (reader->next != reader->nr)
		unpin_folios(reader->folios + reader->next,
			     reader->nr - reader->next);
	reader->nr = 0;
	reader->next = 0;
}

/**
 * iopt_file_reader_destroy() - Unpin the folios that are left in a reader
 * @reader: Reader
 */
void iopt_file_reader_destroy(struct iopt_file_reader *reader)
{
	iopt_file_reader_unpin(reader);
	kfree(reader->folios);
}

/* Make index the next page of the reader; pins folios if needed */
static int iopt_file_reader_seek(struct iopt_file_reader *reader,
				 struct iopt_pages *pages, unsigned long index,
				 unsigned long last_index)
{
	struct iopt_file *file = &pages->file;
	u64 start = file->start + (u64)index * PAGE_SIZE;
	u64 last = file->start + (u64)(last_index + 1) * PAGE_SIZE - 1;
	long nr;

	if (reader->next != reader->nr && reader->index == index)
		return 0;
	iopt_file_reader_unpin(reader);

	if (!file->file)
		return -EINVAL;
	if (iommufd_should_fail())
		return -ENOMEM;
	if (!reader->folios) {
		reader->folios = kmalloc(IOPT_FILE_WINDOW, GFP_KERNEL);
		if (!reader->folios)
			return -ENOMEM;
	}
	nr = iopt_file_pin_folios(file->file, start, min(last, file->last),
				  reader->folios,
				  IOPT_FILE_WINDOW / sizeof(*reader->folios),
				  &reader->offset);
	if (nr < 0)
		return nr;
	reader->nr = nr;
	reader->index = index;
	reader->last_index = last_index;
	return 0;
}

/* Number of contiguous pages, not beyond last_index; 0 at the end of the batch */
static unsigned long iopt_file_reader_contig(struct iopt_file_reader *reader,
					     unsigned long last_index,
					     struct page **page)
{
	struct folio *folio;

	if (reader->next == reader->nr || reader->index > last_index)
		return 0;
	folio = reader->folios[reader->next];
	*page = folio_page(folio, reader->offset);
	return min(folio_nr_pages(folio) - reader->offset,
		   last_index - reader->index + 1);
}

/* Pass on the first contiguous pages, each with a pin of its own */
static int iopt_file_reader_give(struct iopt_file_reader *reader,
				 struct iopt_pages *pages, unsigned long npages)
{
	struct folio *folio = reader->folios[reader->next];
	bool whole = reader->offset + npages == folio_nr_pages(folio) ||
		     reader->index + npages > reader->last_index;
	int rc;

	rc = iopt_folio_add_pins(folio, whole ? npages - 1 : npages);
	if (rc)
		return rc;
	reader->index += npages;
	if (whole) {
		reader->next++;
		reader->offset = 0;
	} else {
		reader->offset += npages;
	}
	pages->npinned += npages;
	return 0;
}

/* Number of contiguous PFNs from pfn on for which the batch has room */
static unsigned long iopt_batch_room(struct pfn_batch *batch, unsigned long pfn,
				     unsigned long npages)
{
	unsigned int last = batch->end - 1;

	if (batch->end && pfn == batch->pfns[last] + batch->npfns[last] &&
	    batch->npfns[last] != U32_MAX)
		return min(npages, U32_MAX - batch->npfns[last]);
	return batch->end == batch->array_size ? 0 : min(npages, U32_MAX);
}

static void iopt_batch_add(struct pfn_batch *batch, unsigned long pfn,
			   u32 npages)
{
	unsigned int last = batch->end - 1;

	if (batch->end && pfn == batch->pfns[last] + batch->npfns[last] &&
	    npages <= U32_MAX - batch->npfns[last]) {
		batch->npfns[last] += npages;
	} else {
		batch->pfns[batch->end] = pfn;
		batch->npfns[batch->end] = npages;
		batch->end++;
	}
	batch->total_pfns += npages;
}

/**
 * iopt_file_fill_batch() - Pin pages of a file, and add them to a batch
 * @reader: Reader; its folios may be replaced
 * @pages: Pages of a file
 * @batch: Batch
 * @index: First page
 * @last_index: Last page
 *
 * Adds the pages that one batch of the reader has and for which @batch has room.
 * @batch.total_pfns tells the caller the number.
 *
 * Return: 0, or an error, and then nothing was added
 * * -EINVAL: a file of another kind
 * * -ENOMEM: no memory, or too many references of a folio
 * * or an error of iopt_file_pin_folios()
 */
int iopt_file_fill_batch(struct iopt_file_reader *reader,
			 struct iopt_pages *pages, struct pfn_batch *batch,
			 unsigned long index, unsigned long last_index)
{
	unsigned long npages, pfn;
	bool added = false;
	struct page *page;
	int rc;

	rc = iopt_file_reader_seek(reader, pages, index, last_index);
	if (rc)
		return rc;

	while ((npages = iopt_file_reader_contig(reader, last_index, &page))) {
		pfn = page_to_pfn(page);
		npages = iopt_batch_room(batch, pfn, npages);
		if (!npages)
			break;
		rc = iopt_file_reader_give(reader, pages, npages);
		if (rc)
			return added ? 0 : rc;
		iopt_batch_add(batch, pfn, npages);
		added = true;
	}
	return 0;
}

/**
 * iopt_file_fill_pages() - Pin pages of a file, and list them
 * @reader: Reader; its folios may be replaced
 * @pages: Pages of a file
 * @index: First page
 * @last_index: Last page
 * @out_pages: Array for all of them
 *
 * Return: 0, or an error of iopt_file_fill_batch(), and then nothing is pinned.
 */
int iopt_file_fill_pages(struct iopt_file_reader *reader,
			 struct iopt_pages *pages, unsigned long index,
			 unsigned long last_index, struct page **out_pages)
{
	unsigned long npages, i, done = 0;
	struct page *page;
	int rc;

	while (index + done <= last_index) {
		rc = iopt_file_reader_seek(reader, pages, index + done,
					   last_index);
		if (rc)
			goto err_unpin;
		npages = iopt_file_reader_contig(reader, last_index, &page);
		rc = iopt_file_reader_give(reader, pages, npages);
		if (rc)
			goto err_unpin;
		for (i = 0; i < npages; i++)
			out_pages[done++] = nth_page(page, i);
	}
	return 0;

err_unpin:
	unpin_user_pages(out_pages, done);
	pages->npinned -= done;
	return rc;
}
