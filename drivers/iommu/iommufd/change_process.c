// SPDX-License-Identifier: GPL-2.0
/*
 * IOMMU_IOAS_CHANGE_PROCESS: charge the locked memory of a context to the caller.
 *
 * A VMM that is replaced while its guest runs passes its descriptors to a successor.
 * The memory of files stays mapped, but is charged to the process that has mapped
 * it. This command moves the charge of all memory, or of none.
 *
 * The charge of pages changes when an area is filled or emptied, and when an access
 * pins or unpins. The first begins and ends under the iova_rwsem, and area->pages is
 * NULL in between; the second holds the iova_rwsem. So while the iova_rwsem of every
 * IOAS is held for writing and area->pages of no area is NULL, no charge can change:
 *
 *   1. lock every IOAS; the ioas_creation_lock prevents new ones
 *   2. check every area, and list its pages once with their charge
 *   3. charge the caller for the sum; this can fail
 *   4. uncharge the previous process, and record the caller
 *
 * Pages keep the mode of accounting with which they were mapped: none, the user, or
 * the mm. The limit of the caller must cover all pages that move, also those that
 * its user is charged for already.
 */
#include <linux/cred.h>
#include <linux/list.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sched/user.h>
#include <linux/slab.h>

#include "io_pagetable.h"
#include "map_file.h"

struct iommufd_locked_ioas {
	struct list_head next;
	struct iommufd_ioas *ioas;
};

/**
 * struct iommufd_process_change - A move of charges
 * @ictx: Context
 * @ioas: Every IOAS, locked; of &struct iommufd_locked_ioas
 * @pages: All pages, each once; of &struct iopt_pages.file.moved
 * @user_pages: Pages to charge to the user of the caller
 * @mm_pages: Pages to charge to the mm of the caller
 * @user_moves: True if pages that are charged to a user move to the caller
 */
struct iommufd_process_change {
	struct iommufd_ctx *ictx;
	struct list_head ioas;
	struct hlist_head pages;
	unsigned long user_pages;
	unsigned long mm_pages;
	bool user_moves;
};

static void iommufd_unlock_ioas(struct iommufd_process_change *change)
{
	struct iommufd_locked_ioas *elm, *next;

	list_for_each_entry_safe_reverse(elm, next, &change->ioas, next) {
		up_write(&elm->ioas->iopt.iova_rwsem);
		iommufd_put_object(change->ictx, &elm->ioas->obj);
		kfree(elm);
	}
}

static int iommufd_lock_ioas(struct iommufd_process_change *change)
{
	struct iommufd_ctx *ictx = change->ictx;
	struct iommufd_locked_ioas *elm;
	unsigned long id = 0;

	for (; xa_find(&ictx->objects, &id, ULONG_MAX, XA_PRESENT); id++) {
		struct iommufd_ioas *ioas = iommufd_get_ioas(ictx, id);

		cond_resched();
		/* Another object, or an IOAS that is being destroyed */
		if (IS_ERR(ioas))
			continue;
		elm = kmalloc(sizeof(*elm), GFP_KERNEL_ACCOUNT);
		if (!elm) {
			iommufd_put_object(ictx, &ioas->obj);
			iommufd_unlock_ioas(change);
			return -ENOMEM;
		}
		elm->ioas = ioas;
		down_write_nest_lock(&ioas->iopt.iova_rwsem,
				     &ictx->ioas_creation_lock);
		list_add_tail(&elm->next, &change->ioas);
	}
	return 0;
}

static void iommufd_list_pages(struct iommufd_process_change *change,
			       struct iopt_pages *pages)
{
	if (!hlist_unhashed(&pages->file.moved))
		return;
	hlist_add_head(&pages->file.moved, &change->pages);

	mutex_lock(&pages->mutex);
	if (pages->account_mode == IOPT_PAGES_ACCOUNT_USER) {
		if (pages->source_user != current_user())
			change->user_pages += pages->last_npinned;
		if (pages->source_user != current_user() ||
		    pages->source_mm != current->mm)
			change->user_moves = true;
	}
	if (pages->account_mode == IOPT_PAGES_ACCOUNT_MM &&
	    pages->source_mm != current->mm)
		change->mm_pages += pages->last_npinned;
	mutex_unlock(&pages->mutex);
}

static int iommufd_list_areas(struct iommufd_process_change *change)
{
	struct iommufd_locked_ioas *elm;
	struct iopt_area *area;
	int rc = 0;

	list_for_each_entry(elm, &change->ioas, next) {
		for (area = iopt_area_iter_first(&elm->ioas->iopt, 0, ULONG_MAX);
		     area; area = iopt_area_iter_next(area, 0, ULONG_MAX)) {
			cond_resched();
			/* The area is being mapped or unmapped */
			if (!area->pages)
				return -EBUSY;
			if (area->pages->file.is_source)
				iommufd_list_pages(change, area->pages);
			else
				rc = -EINVAL;
		}
	}
	return rc;
}

static int iommufd_charge_user(unsigned long npages)
{
	unsigned long limit = rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;
	atomic_long_t *locked_vm = &current_user()->locked_vm;
	long old = atomic_long_read(locked_vm);

	do {
		if (npages > limit || old > limit - npages)
			return -ENOMEM;
	} while (!atomic_long_try_cmpxchg(locked_vm, &old, old + npages));
	return 0;
}

static int iommufd_charge_mm(unsigned long npages)
{
	int rc;

	mmap_write_lock(current->mm);
	rc = __account_locked_vm(current->mm, npages, true, current, false);
	mmap_write_unlock(current->mm);
	return rc;
}

static int iommufd_charge_caller(struct iommufd_process_change *change)
{
	int rc;

	if (change->user_moves) {
		rc = iommufd_charge_user(change->user_pages);
		if (rc)
			return rc;
	}
	if (change->mm_pages) {
		rc = iommufd_charge_mm(change->mm_pages);
		if (rc)
			goto err_user;
	}
	return 0;

err_user:
	atomic_long_sub(change->user_pages, &current_user()->locked_vm);
	return rc;
}

/* The caller has been charged */
static void iommufd_move_pages(struct iopt_pages *pages)
{
	unsigned long npages;

	mutex_lock(&pages->mutex);
	npages = pages->last_npinned;
	if (pages->source_user != current_user()) {
		if (pages->account_mode == IOPT_PAGES_ACCOUNT_USER)
			atomic_long_sub(npages, &pages->source_user->locked_vm);
		free_uid(pages->source_user);
		pages->source_user = get_uid(current_user());
	}
	if (pages->source_mm != current->mm) {
		if (pages->account_mode == IOPT_PAGES_ACCOUNT_MM)
			iopt_file_update_locked_vm(pages, npages, false);
		atomic64_sub(npages, &pages->source_mm->pinned_vm);
		atomic64_add(npages, &current->mm->pinned_vm);
		mmgrab(current->mm);
		mmdrop(pages->source_mm);
		pages->source_mm = current->mm;
	}
	get_task_struct(current->group_leader);
	put_task_struct(pages->source_task);
	pages->source_task = current->group_leader;
	mutex_unlock(&pages->mutex);
}

static int iommufd_change_process(struct iommufd_process_change *change)
{
	struct hlist_node *next;
	struct iopt_pages *pages;
	int rc;

	rc = iommufd_list_areas(change);
	if (!rc)
		rc = iommufd_charge_caller(change);
	hlist_for_each_entry_safe(pages, next, &change->pages, file.moved) {
		hlist_del_init(&pages->file.moved);
		if (!rc)
			iommufd_move_pages(pages);
		cond_resched();
	}
	return rc;
}

/**
 * iommufd_ioas_change_process() - IOMMU_IOAS_CHANGE_PROCESS
 * @ucmd: Command of user space, &struct iommu_ioas_change_process
 *
 * Return: 0, or an error, and then nothing has changed
 * * -EOPNOTSUPP: the reserved word
 * * -EBUSY: an area is being mapped or unmapped
 * * -EINVAL: an area has memory of a process
 * * -ENOMEM: the limit of the caller, or no memory
 */
int iommufd_ioas_change_process(struct iommufd_ucmd *ucmd)
{
	struct iommu_ioas_change_process *cmd = ucmd->cmd;
	struct iommufd_process_change change = { .ictx = ucmd->ictx };
	int rc;

	if (cmd->__reserved)
		return -EOPNOTSUPP;

	INIT_LIST_HEAD(&change.ioas);
	mutex_lock(&ucmd->ictx->ioas_creation_lock);
	rc = iommufd_lock_ioas(&change);
	if (!rc) {
		rc = iommufd_change_process(&change);
		iommufd_unlock_ioas(&change);
	}
	mutex_unlock(&ucmd->ictx->ioas_creation_lock);
	return rc;
}
