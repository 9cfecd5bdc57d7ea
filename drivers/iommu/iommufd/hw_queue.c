// SPDX-License-Identifier: GPL-2.0
/*
 * HW_QUEUE: a hardware queue that the guest owns, in guest memory.
 *
 * The hardware reads the queue by physical address, without translation. So its
 * memory must be contiguous and pinned for the life of the object. The nesting
 * parent maps and thereby pins it: the queue holds the vIOMMU, which holds the
 * parent. In addition the areas are locked: an unmap from the IOAS gives EBUSY,
 * because the hardware cannot release memory on request. The nesting parent has
 * the physical address. Pinning the memory a second time, as drivers do, would
 * cost several hundred instructions for each page.
 *
 * An access object of the queue keeps the areas of the IOAS on whole pages. Unlike
 * the access objects of drivers it has no reference of the file, since the queue
 * is destroyed with the file; and it has no callback for an unmap.
 *
 * If a driver reports at teardown that the hardware did not answer, each page gets
 * one more reference, which is never put. The hardware may still read the pages,
 * so they are never reused.
 */
#define pr_fmt(fmt) "iommufd: " fmt

#include <linux/iommu.h>
#include <linux/iommufd.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched.h>

#include "io_pagetable.h"
#include "viommu.h"

static void iommufd_hw_queue_unmap(void *data, unsigned long iova,
				   unsigned long length)
{
	/* Locked areas are not unmapped; other areas do not affect the queue */
}

static const struct iommufd_access_ops iommufd_hw_queue_access_ops = {
	/* Areas on whole pages */
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

/* Number of pages of the queue; cannot overflow after the queue was locked */
static size_t iommufd_hw_queue_npages(struct iommufd_hw_queue *hw_queue)
{
	return DIV_ROUND_UP(offset_in_page(hw_queue->base_addr) + hw_queue->length,
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
	/* The file holds the queue, so the queue must not hold the file */
	iommufd_ctx_put(viommu->ictx);

	rc = iommufd_access_attach(access, viommu->hwpt->ioas->obj.id);
	if (rc) {
		iommufd_access_destroy(access);
		return rc;
	}
	hw_queue->access = access;
	return 0;
}

/*
 * A locked area also counts as accessed, so that it is not split. Writers of both
 * counters hold the iova_rwsem for reading.
 */
static void iommufd_hw_queue_lock_area(struct iopt_area *area)
{
	mutex_lock(&area->pages->mutex);
	area->num_accesses++;
	area->num_locks++;
	mutex_unlock(&area->pages->mutex);
}

static void iommufd_hw_queue_unlock_area(struct iopt_area *area)
{
	mutex_lock(&area->pages->mutex);
	if (!WARN_ON(!area->num_locks || !area->num_accesses)) {
		area->num_accesses--;
		area->num_locks--;
	}
	mutex_unlock(&area->pages->mutex);
}

/* Unlock the areas in a range that are all locked; the iova_rwsem is held */
static void iommufd_hw_queue_unlock_range(struct io_pagetable *iopt,
					  unsigned long iova,
					  unsigned long last_iova)
{
	struct iopt_area_contig_iter iter;
	struct iopt_area *area;

	iopt_for_each_contig_area(&iter, area, iopt, iova, last_iova) {
		iommufd_hw_queue_unlock_area(area);
		/* User space may have given each page an area of its own */
		cond_resched();
	}
}

static int iommufd_hw_queue_check_area(struct iopt_area *area,
				       unsigned long iova, unsigned long last)
{
	if (area->prevent_access ||
	    !PAGE_ALIGNED(iopt_area_start_byte(area, iova)) ||
	    !PAGE_ALIGNED(iopt_area_start_byte(area, last) + 1))
		return -EINVAL;
	return area->iommu_prot & IOMMU_READ ? 0 : -EPERM;
}

/* Lock the whole pages of the queue; the iova_rwsem is held */
static int iommufd_hw_queue_lock_range(struct io_pagetable *iopt,
				       unsigned long iova,
				       unsigned long last_iova)
{
	struct iopt_area_contig_iter iter;
	struct iopt_area *area;
	int rc;

	iopt_for_each_contig_area(&iter, area, iopt, iova, last_iova) {
		rc = iommufd_hw_queue_check_area(area, iter.cur_iova,
						 min(last_iova, iopt_area_last_iova(area)));
		if (rc)
			goto err_unlock;
		iommufd_hw_queue_lock_area(area);
		cond_resched();
	}
	if (iopt_area_contig_done(&iter))
		return 0;
	rc = -ENOENT;

err_unlock:
	if (iova < iter.cur_iova)
		iommufd_hw_queue_unlock_range(iopt, iova, iter.cur_iova - 1);
	return rc;
}

/* Physical address of @iova; *@length is cut to the contiguous part */
static phys_addr_t iommufd_hw_queue_contig(struct iommufd_hw_queue *hw_queue,
					   unsigned long iova, size_t *length)
{
	struct iommufd_viommu *viommu = hw_queue->viommu;

	if (viommu->ops->parent_iova_contig)
		return viommu->ops->parent_iova_contig(viommu, iova, length);
	*length = min_t(size_t, *length, PAGE_SIZE - offset_in_page(iova));
	return iommu_iova_to_phys(viommu->hwpt->common.domain,
				  PAGE_ALIGN_DOWN(iova)) + offset_in_page(iova);
}

static int iommufd_hw_queue_find_memory(struct iommufd_hw_queue *hw_queue)
{
	size_t done, contig;
	phys_addr_t pa;

	for (done = 0; done < hw_queue->length; done += contig) {
		contig = hw_queue->length - done;
		pa = iommufd_hw_queue_contig(hw_queue, hw_queue->base_addr + done, &contig);
		if (!done)
			hw_queue->base_addr_pa = pa;
		if (!contig || pa != hw_queue->base_addr_pa + done)
			return -EFAULT;
		cond_resched();
	}
	return 0;
}

static void iommufd_hw_queue_unlock(struct iommufd_hw_queue *hw_queue)
{
	struct io_pagetable *iopt = &hw_queue->viommu->hwpt->ioas->iopt;
	unsigned long iova = PAGE_ALIGN_DOWN(hw_queue->base_addr);
	size_t npages = iommufd_hw_queue_npages(hw_queue);

	down_read(&iopt->iova_rwsem);
	iommufd_hw_queue_unlock_range(iopt, iova,
				      iova + npages * PAGE_SIZE - 1);
	up_read(&iopt->iova_rwsem);
	iommufd_access_destroy(hw_queue->access);
}

static int iommufd_hw_queue_lock(struct iommufd_hw_queue *hw_queue)
{
	struct io_pagetable *iopt = &hw_queue->viommu->hwpt->ioas->iopt;
	unsigned long iova = PAGE_ALIGN_DOWN(hw_queue->base_addr);
	unsigned long last_iova;
	size_t end;
	int rc;

	if (check_add_overflow((size_t)offset_in_page(hw_queue->base_addr),
			       hw_queue->length, &end) ||
	    check_add_overflow(end, PAGE_SIZE - 1, &end))
		return -ERANGE;
	/*
	 * User space may pass any length. Mainline needs an array of the pages,
	 * and kvmalloc() allocates at most INT_MAX bytes.
	 */
	if (end / PAGE_SIZE > INT_MAX / sizeof(struct page *))
		return -ENOMEM;
	if (check_add_overflow(iova, PAGE_ALIGN_DOWN(end) - 1, &last_iova))
		return -EOVERFLOW;

	rc = iommufd_hw_queue_create_access(hw_queue);
	if (rc)
		return rc;

	down_read(&iopt->iova_rwsem);
	rc = iommufd_hw_queue_lock_range(iopt, iova, last_iova);
	up_read(&iopt->iova_rwsem);
	if (rc) {
		iommufd_access_destroy(hw_queue->access);
		return rc;
	}

	rc = iommufd_hw_queue_find_memory(hw_queue);
	if (rc)
		iommufd_hw_queue_unlock(hw_queue);
	return rc;
}

static void iommufd_hw_queue_lose_memory(struct iommufd_hw_queue *hw_queue)
{
	struct page *page = pfn_to_page(PHYS_PFN(hw_queue->base_addr_pa));
	size_t npages = iommufd_hw_queue_npages(hw_queue);
	size_t i;

	for (i = 0; i < npages; i++)
		get_page(nth_page(page, i));
	pr_err("hardware did not stop: %zu pages at %pa are never used again\n",
	       npages, &hw_queue->base_addr_pa);
}

/**
 * iommufd_hw_queue_destroy() - Destroy a HW queue
 * @obj: Base object of the queue
 *
 * The hardware is stopped before the memory is unlocked.
 */
void iommufd_hw_queue_destroy(struct iommufd_object *obj)
{
	struct iommufd_hw_queue *hw_queue =
		container_of(obj, struct iommufd_hw_queue, obj);

	if (hw_queue->destroy)
		hw_queue->destroy(hw_queue);
	if (hw_queue->memory_lost)
		iommufd_hw_queue_lose_memory(hw_queue);
	iommufd_hw_queue_unlock(hw_queue);
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
	hw_queue->base_addr = cmd->nesting_parent_iova;
	hw_queue->length = cmd->length;
	/* Pairs with iommufd_hw_queue_destroy() */
	refcount_inc(&viommu->obj.users);

	rc = iommufd_hw_queue_lock(hw_queue);
	if (rc)
		goto out_abort;

	rc = viommu->ops->hw_queue_init_phys(hw_queue, cmd->index,
					     hw_queue->base_addr_pa);
	if (rc)
		goto out_unlock;
	return hw_queue;

out_unlock:
	/* The driver may have failed to stop the hardware again */
	if (hw_queue->memory_lost)
		iommufd_hw_queue_lose_memory(hw_queue);
	iommufd_hw_queue_unlock(hw_queue);
out_abort:
	refcount_dec(&viommu->obj.users);
	iommufd_object_abort(ucmd->ictx, obj);
	return ERR_PTR(rc);
}

static size_t iommufd_hw_queue_size(struct iommufd_viommu *viommu, u32 type)
{
	size_t size;

	if (!viommu->ops->get_hw_queue_size || !viommu->ops->hw_queue_init_phys)
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
 * Checks and their order: Documentation/userspace-api/viommu/checks.rst,
 * section 4.4.
 *
 * Return: 0, or
 * * -EOPNOTSUPP: flags, or no queue of this type on the vIOMMU
 * * -EINVAL, -EOVERFLOW, -ERANGE, -ENOMEM: the length
 * * -ENOENT: no such vIOMMU, or not all of the memory is mapped in the IOAS
 * * -EADDRINUSE, -EINVAL, -EPERM: the memory cannot be used as it is mapped
 * * -EFAULT: the memory is not contiguous, or the command cannot be written
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
