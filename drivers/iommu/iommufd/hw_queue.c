// SPDX-License-Identifier: GPL-2.0
/*
 * HW_QUEUE: a hardware queue that the guest owns, in guest memory.
 *
 * The hardware reads the queue by physical address, past any translation. So its
 * memory must be contiguous, and must stay where it is for the life of the
 * object: the pages are pinned, and unmapping them from the IOAS is refused with
 * EBUSY, because no one could tell the hardware to let go.
 *
 * Both come from an access object that the queue makes for itself. Two things
 * tell it from the access objects of drivers: it has no file reference, since the
 * queue dies with the file; and the areas it pins are locked. It belongs to no
 * driver, so there is nothing to call when something else is unmapped.
 *
 * When a driver reports at teardown that the hardware did not answer, the pages
 * get one more reference each that is never put. The hardware may go on reading
 * them, and they never become someone else's.
 */
#define pr_fmt(fmt) "iommufd: " fmt

#include <linux/iommufd.h>
#include <linux/mm.h>
#include <linux/overflow.h>

#include "io_pagetable.h"
#include "viommu.h"

static void iommufd_hw_queue_unmap(void *data, unsigned long iova,
				   unsigned long length)
{
	/* Locked areas are not unmapped; other areas do not concern the queue */
}

static const struct iommufd_access_ops iommufd_hw_queue_access_ops = {
	.needs_pin_pages = 1,
	.unmap = iommufd_hw_queue_unmap,
};

/**
 * iommufd_access_is_internal() - True for the access object of a HW queue
 * @access: Access object
 *
 * An internal access holds no reference of the iommufd file.
 */
bool iommufd_access_is_internal(struct iommufd_access *access)
{
	return access->ops == &iommufd_hw_queue_access_ops;
}

/**
 * iommufd_access_lock_area() - Forbid unmapping an area that was just pinned
 * @access: Who pinned it; only an internal access locks
 * @area: The area
 *
 * The caller holds the iova_rwsem of the io_pagetable, at least for reading.
 */
void iommufd_access_lock_area(struct iommufd_access *access,
			      struct iopt_area *area)
{
	if (!iommufd_access_is_internal(access))
		return;
	mutex_lock(&area->pages->mutex);
	area->num_locks++;
	mutex_unlock(&area->pages->mutex);
}

/**
 * iommufd_access_unlock_area() - Undo iommufd_access_lock_area()
 * @access: Who pinned it
 * @area: The area
 */
void iommufd_access_unlock_area(struct iommufd_access *access,
				struct iopt_area *area)
{
	if (!iommufd_access_is_internal(access))
		return;
	mutex_lock(&area->pages->mutex);
	if (!WARN_ON(!area->num_locks))
		area->num_locks--;
	mutex_unlock(&area->pages->mutex);
}

/* The pages that the queue touches; cannot overflow once the queue is pinned */
static size_t iommufd_hw_queue_npages(struct iommufd_hw_queue *hw_queue)
{
	return DIV_ROUND_UP(offset_in_page(hw_queue->iova) + hw_queue->length,
			    PAGE_SIZE);
}

static int iommufd_hw_queue_create_access(struct iommufd_hw_queue *hw_queue)
{
	struct iommufd_viommu *viommu = hw_queue->viommu;
	struct iommufd_access *access;
	u32 unused_id;
	int rc;

	access = iommufd_access_create(viommu->ictx,
				       &iommufd_hw_queue_access_ops, NULL,
				       &unused_id);
	if (IS_ERR(access))
		return PTR_ERR(access);
	/* The queue must not keep the file open that keeps the queue */
	iommufd_ctx_put(viommu->ictx);

	rc = iommufd_access_attach(access, viommu->hwpt->ioas->obj.id);
	if (rc) {
		iommufd_access_destroy(access);
		return rc;
	}
	hw_queue->access = access;
	return 0;
}

static int iommufd_hw_queue_pin_pages(struct iommufd_hw_queue *hw_queue,
				      struct page **pages, size_t npages)
{
	unsigned long iova = PAGE_ALIGN_DOWN(hw_queue->iova);
	unsigned long length = npages * PAGE_SIZE;
	size_t i;
	int rc;

	rc = iommufd_access_pin_pages(hw_queue->access, iova, length, pages,
				      IOMMUFD_ACCESS_RW_READ);
	if (rc)
		return rc;

	for (i = 1; i < npages; i++) {
		if (page_to_pfn(pages[i]) != page_to_pfn(pages[0]) + i) {
			iommufd_access_unpin_pages(hw_queue->access, iova,
						   length);
			return -EFAULT;
		}
	}
	hw_queue->base_pa = page_to_phys(pages[0]) +
			    offset_in_page(hw_queue->iova);
	return 0;
}

static int iommufd_hw_queue_pin(struct iommufd_hw_queue *hw_queue)
{
	struct page **pages;
	size_t npages, end;
	int rc;

	if (check_add_overflow((size_t)offset_in_page(hw_queue->iova),
			       hw_queue->length, &end) ||
	    check_add_overflow(end, PAGE_SIZE - 1, &end))
		return -ERANGE;
	npages = end / PAGE_SIZE;

	/*
	 * User space may ask for any length. kmalloc() bounds the array at a
	 * size far above that of any queue.
	 */
	pages = kcalloc(npages, sizeof(*pages),
			GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!pages)
		return -ENOMEM;

	rc = iommufd_hw_queue_create_access(hw_queue);
	if (rc)
		goto out_free;

	rc = iommufd_hw_queue_pin_pages(hw_queue, pages, npages);
	if (rc)
		iommufd_access_destroy(hw_queue->access);
out_free:
	kfree(pages);
	return rc;
}

static void iommufd_hw_queue_unpin(struct iommufd_hw_queue *hw_queue)
{
	iommufd_access_unpin_pages(hw_queue->access,
				   PAGE_ALIGN_DOWN(hw_queue->iova),
				   iommufd_hw_queue_npages(hw_queue) *
					   PAGE_SIZE);
	iommufd_access_destroy(hw_queue->access);
}

static void iommufd_hw_queue_lose_memory(struct iommufd_hw_queue *hw_queue)
{
	struct page *page = pfn_to_page(PHYS_PFN(hw_queue->base_pa));
	size_t npages = iommufd_hw_queue_npages(hw_queue);
	size_t i;

	for (i = 0; i < npages; i++)
		get_page(nth_page(page, i));
	pr_err("hardware did not stop: %zu pages at %pa are never used again\n",
	       npages, &hw_queue->base_pa);
}

/**
 * iommufd_hw_queue_destroy() - Destroy a HW queue
 * @obj: Base object of the queue
 *
 * The hardware is stopped before the memory is let go.
 */
void iommufd_hw_queue_destroy(struct iommufd_object *obj)
{
	struct iommufd_hw_queue *hw_queue =
		container_of(obj, struct iommufd_hw_queue, obj);

	if (hw_queue->destroy)
		hw_queue->destroy(hw_queue);
	if (hw_queue->memory_lost)
		iommufd_hw_queue_lose_memory(hw_queue);
	iommufd_hw_queue_unpin(hw_queue);
	refcount_dec(&hw_queue->viommu->obj.users);
}

/* The caller holds viommu; the result is not published yet */
static struct iommufd_hw_queue *
iommufd_hw_queue_create(struct iommufd_ucmd *ucmd, size_t size,
			struct iommufd_viommu *viommu)
{
	struct iommu_hw_queue_alloc *cmd = ucmd->cmd;
	struct iommufd_hw_queue *hw_queue;
	struct iommufd_object *obj;
	int rc;

	obj = _iommufd_object_alloc(ucmd->ictx, size, IOMMUFD_OBJ_HW_QUEUE);
	if (IS_ERR(obj))
		return ERR_CAST(obj);
	hw_queue = container_of(obj, struct iommufd_hw_queue, obj);

	hw_queue->viommu = viommu;
	hw_queue->type = cmd->type;
	hw_queue->iova = cmd->nesting_parent_iova;
	hw_queue->length = cmd->length;
	/* Pairs with iommufd_hw_queue_destroy() */
	refcount_inc(&viommu->obj.users);

	rc = iommufd_hw_queue_pin(hw_queue);
	if (rc)
		goto out_abort;

	rc = viommu->ops->hw_queue_init(hw_queue, cmd->index,
					hw_queue->base_pa);
	if (rc)
		goto out_unpin;
	return hw_queue;

out_unpin:
	/* The hardware may have begun to read and then not have stopped */
	if (hw_queue->memory_lost)
		iommufd_hw_queue_lose_memory(hw_queue);
	iommufd_hw_queue_unpin(hw_queue);
out_abort:
	refcount_dec(&viommu->obj.users);
	iommufd_object_abort(ucmd->ictx, obj);
	return ERR_PTR(rc);
}

static size_t iommufd_hw_queue_size(struct iommufd_viommu *viommu, u32 type)
{
	size_t size;

	if (!viommu->ops->get_hw_queue_size || !viommu->ops->hw_queue_init)
		return 0;
	size = viommu->ops->get_hw_queue_size(viommu, type);
	if (WARN_ON_ONCE(size && size < sizeof(struct iommufd_hw_queue)))
		return 0;
	return size;
}

/**
 * iommufd_hw_queue_alloc_ioctl() - IOMMU_HW_QUEUE_ALLOC
 * @ucmd: Command of user space, &struct iommu_hw_queue_alloc
 *
 * Checks and their order: user ABI specification, section 4.4.
 *
 * Return: 0, or
 * * -EOPNOTSUPP: flags, or no queue of this type on the vIOMMU
 * * -EINVAL, -EOVERFLOW, -ERANGE, -ENOMEM: the length
 * * -ENOENT: no such vIOMMU, or not all of the memory is mapped in the IOAS
 * * -EADDRINUSE, -EINVAL, -EPERM: the memory cannot be pinned as it is mapped
 * * -EFAULT: the memory is not contiguous, or user memory faults
 * * or the result of the driver's init
 */
int iommufd_hw_queue_alloc_ioctl(struct iommufd_ucmd *ucmd)
{
	struct iommu_hw_queue_alloc *cmd = ucmd->cmd;
	struct iommufd_hw_queue *hw_queue;
	struct iommufd_viommu *viommu;
	size_t size;
	u64 last;
	int rc;

	if (cmd->flags || cmd->type == IOMMU_HW_QUEUE_TYPE_DEFAULT)
		return -EOPNOTSUPP;
	if (!cmd->length)
		return -EINVAL;
	if (check_add_overflow(cmd->nesting_parent_iova, cmd->length - 1,
			       &last) ||
	    last > ULONG_MAX)
		return -EOVERFLOW;

	viommu = iommufd_get_viommu(ucmd, cmd->viommu_id);
	if (IS_ERR(viommu))
		return PTR_ERR(viommu);

	size = iommufd_hw_queue_size(viommu, cmd->type);
	if (!size) {
		rc = -EOPNOTSUPP;
		goto out_put_viommu;
	}

	hw_queue = iommufd_hw_queue_create(ucmd, size, viommu);
	if (IS_ERR(hw_queue)) {
		rc = PTR_ERR(hw_queue);
		goto out_put_viommu;
	}

	cmd->out_hw_queue_id = hw_queue->obj.id;
	rc = iommufd_ucmd_respond(ucmd, sizeof(*cmd));
	if (rc)
		iommufd_object_abort_and_destroy(ucmd->ictx, &hw_queue->obj);
	else
		iommufd_object_finalize(ucmd->ictx, &hw_queue->obj);

out_put_viommu:
	iommufd_put_object(ucmd->ictx, &viommu->obj);
	return rc;
}
