// SPDX-License-Identifier: GPL-2.0
/*
 * Pins folios of shmem and hugetlbfs files for the long term.
 *
 * memfd_pin_folios() of the base pins, with one pin for each folio. Its callers must
 * handle four cases:
 *
 * - It takes a missing huge page from the reservation of a mapping of the file. A
 *   file that was never mapped has none, and the machine's count of reserved huge
 *   pages becomes wrong. So fallocate() first fills holes of a hugetlbfs file, and
 *   the lock of the inode keeps the pages in the file from the check for all of them
 *   until they are pinned.
 * - fallocate() makes shmem folios that the first use clears. They are cleared here:
 *   the device must not see old memory, and a later fault must not clear data of the
 *   device.
 * - It looks up folios in groups. If a hole is punched and filled between two
 *   groups, a folio may begin before the requested page. Then all of it is repeated.
 * - The file may contain poisoned memory, which is refused.
 *
 * iommufd unpins page by page, so each page that it uses needs a pin of its own.
 * They are added to a folio at once, up to a limit: the reference count of a folio
 * has 32 bits, and user space can map one page many times.
 */
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/hugetlb.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/shmem_fs.h>
#include <linux/vmstat.h>
#include <linux/xarray.h>
#include <uapi/linux/falloc.h>

#include "file_pin.h"

/**
 * iopt_file_can_pin() - True if the pages of a file can be pinned at all
 * @file: File
 */
bool iopt_file_can_pin(struct file *file)
{
	return shmem_file(file) || is_file_hugepages(file);
}

/**
 * iopt_file_is_sealed() - True if a memfd is sealed against new writers
 * @file: File; only a memfd has seals
 */
bool iopt_file_is_sealed(struct file *file)
{
	unsigned int seals = 0;

	if (shmem_file(file))
		seals = READ_ONCE(SHMEM_I(file_inode(file))->seals);
#ifdef CONFIG_HUGETLBFS
	else if (is_file_hugepages(file))
		seals = READ_ONCE(HUGETLBFS_I(file_inode(file))->seals);
#endif
	return seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE);
}

/* True if the file has every huge page that the page offsets first to last touch */
static bool iopt_hugetlb_present(struct address_space *mapping, pgoff_t first,
				 pgoff_t last, unsigned long step)
{
	pgoff_t next = round_down(first, step);
	XA_STATE(xas, &mapping->i_pages, next);
	void *entry;

	rcu_read_lock();
	xas_for_each(&xas, entry, last) {
		if (xas_retry(&xas, entry))
			continue;
		if (xa_is_value(entry) || xas.xa_index >= next + step)
			break;
		next += step;
	}
	rcu_read_unlock();
	return next > last;
}

static int iopt_hugetlb_fill(struct file *file, u64 start, u64 last)
{
	int rc = file->f_op->fallocate(file, FALLOC_FL_KEEP_SIZE, start,
				       last - start + 1);

	switch (rc) {
	case -EFBIG:
	case -EPERM:
		/* The file was truncated */
		return -EINVAL;
	case -EINTR:
		/* Restart after the signal is handled */
		return -ERESTARTNOINTR;
	default:
		return rc;
	}
}

static long iopt_hugetlb_pin_folios(struct file *file, u64 start, u64 last,
				    struct folio **folios, unsigned int max,
				    pgoff_t *offset)
{
	u64 size = huge_page_size(hstate_file(file));
	struct inode *inode = file_inode(file);
	long rc;

	last = min(last, round_down(start, size) + max * size - 1);
	do {
		if (fatal_signal_pending(current))
			return -EINTR;
		inode_lock_shared(inode);
		if (last >= i_size_read(inode))
			rc = -EINVAL;
		else if (iopt_hugetlb_present(file->f_mapping,
					      start >> PAGE_SHIFT,
					      last >> PAGE_SHIFT,
					      size >> PAGE_SHIFT))
			rc = memfd_pin_folios(file, start, last, folios, max,
					      offset);
		else
			rc = 0;
		inode_unlock_shared(inode);
		if (rc)
			return rc;
		rc = iopt_hugetlb_fill(file, start, last);
	} while (!rc);
	return rc;
}

static void iopt_folio_clear(struct folio *folio)
{
	folio_lock(folio);
	if (!folio_test_uptodate(folio)) {
		folio_zero_segment(folio, 0, folio_size(folio));
		flush_dcache_folio(folio);
		folio_mark_uptodate(folio);
	}
	folio_unlock(folio);
}

/* -EAGAIN if the folios are not consecutive */
static int iopt_check_folios(struct folio **folios, long nr)
{
	long i;

	for (i = 0; i < nr; i++) {
		if (i && folios[i]->index != folio_next_index(folios[i - 1]))
			return -EAGAIN;
		if (folio_contain_hwpoisoned_page(folios[i]))
			return -EHWPOISON;
		if (!folio_test_uptodate(folios[i]))
			iopt_folio_clear(folios[i]);
	}
	return 0;
}

static long iopt_pin_folios_once(struct file *file, u64 start, u64 last,
				 struct folio **folios, unsigned int max,
				 pgoff_t *offset)
{
	long nr;
	int rc;

	if (fatal_signal_pending(current))
		return -EINTR;
	cond_resched();

	if (is_file_hugepages(file))
		nr = iopt_hugetlb_pin_folios(file, start, last, folios, max,
					     offset);
	else
		nr = memfd_pin_folios(file, start, last, folios, max, offset);
	if (nr <= 0)
		return nr;

	rc = iopt_check_folios(folios, nr);
	if (rc) {
		unpin_folios(folios, nr);
		return rc;
	}
	return nr;
}

/**
 * iopt_file_pin_folios() - Pin the folios of a range of a file
 * @file: A file whose pages can be pinned
 * @start: First byte
 * @last: Last byte
 * @folios: Receives the folios, each with one more pin
 * @max: Size of the array
 * @offset: First page of @start in the first folio
 *
 * Return: the number of folios pinned from @start on, at least one; or
 * * -EHWPOISON: the hardware has lost a page of it
 * * -EINTR: the process is being killed
 * * -EINVAL: the range is not in the file
 * * -ENOMEM: no memory, no huge page, or the file system is full
 * * -ERESTARTNOINTR: a signal came during the allocation of huge pages
 */
long iopt_file_pin_folios(struct file *file, u64 start, u64 last,
			  struct folio **folios, unsigned int max,
			  unsigned long *offset)
{
	pgoff_t offset_in_bytes;
	long nr;

	/* Also prevents overflows below */
	if (last >= i_size_read(file_inode(file)))
		return -EINVAL;
	do {
		nr = iopt_pin_folios_once(file, start, last, folios, max,
					  &offset_in_bytes);
	} while (nr == -EAGAIN);
	if (nr == -ENOSPC || nr == -EDQUOT)
		return -ENOMEM;
	if (nr > 0)
		*offset = offset_in_bytes >> PAGE_SHIFT;
	return nr;
}

/**
 * iopt_folio_add_pins() - Add pins to a pinned folio
 * @folio: Folio
 * @npages: Number of pages
 *
 * Return: 0, or -ENOMEM if the folio has too many references already.
 */
int iopt_folio_add_pins(struct folio *folio, unsigned long npages)
{
	unsigned long refs = npages;

	if (!npages)
		return 0;
	if (!folio_test_large(folio))
		refs *= GUP_PIN_COUNTING_BIAS;
	/* The margin suffices for all processors at once */
	if (refs > INT_MAX / 2 || folio_ref_count(folio) > INT_MAX / 2 - (int)refs)
		return -ENOMEM;

	folio_ref_add(folio, refs);
	if (folio_test_large(folio))
		atomic_add(npages, &folio->_pincount);
	mod_node_page_state(folio_pgdat(folio), NR_FOLL_PIN_ACQUIRED, npages);
	return 0;
}
