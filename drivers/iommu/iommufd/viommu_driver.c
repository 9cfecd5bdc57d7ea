// SPDX-License-Identifier: GPL-2.0
/*
 * Functions for IOMMU drivers with vIOMMUs, see
 * <linux/iommufd_viommu_driver.h>.
 *
 * Built in if a driver selects it, since a driver may be built in while iommufd
 * is a module. This file calls no function of that module.
 */
#include <kunit/static_stub.h>
#include <linux/cleanup.h>
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "viommu.h"

/**
 * iommufd_viommu_find_dev() - Find a device by its virtual ID
 * @viommu: The vIOMMU
 * @virt_id: ID of the device on the vIOMMU
 *
 * The caller holds xa_lock of viommu->vdevs; the result is valid until the
 * unlock.
 *
 * Return: the device, or NULL
 */
struct device *iommufd_viommu_find_dev(struct iommufd_viommu *viommu,
				       unsigned long virt_id)
{
	struct iommufd_vdevice *vdev;

	lockdep_assert_held(&viommu->vdevs.xa_lock);

	vdev = xa_load(&viommu->vdevs, virt_id);
	return vdev ? vdev->dev : NULL;
}
EXPORT_SYMBOL_NS_GPL(iommufd_viommu_find_dev, IOMMUFD);

/**
 * iommufd_viommu_get_vdev_id() - Find the virtual ID of a device
 * @viommu: The vIOMMU
 * @dev: The physical device
 * @virt_id: Receives the ID of the device on the vIOMMU
 *
 * Return: 0, or -ENOENT if the device has no vDEVICE on the vIOMMU
 */
int iommufd_viommu_get_vdev_id(struct iommufd_viommu *viommu,
			       struct device *dev, unsigned long *virt_id)
{
	struct iommufd_vdevice *vdev;
	unsigned long index;
	int rc = -ENOENT;

	xa_lock(&viommu->vdevs);
	xa_for_each(&viommu->vdevs, index, vdev) {
		if (vdev->dev == dev) {
			*virt_id = index;
			rc = 0;
			break;
		}
	}
	xa_unlock(&viommu->vdevs);
	return rc;
}
EXPORT_SYMBOL_NS_GPL(iommufd_viommu_get_vdev_id, IOMMUFD);

/**
 * iommufd_viommu_alloc_mmap() - Offer a region of MMIO to user space for mmap()
 * @viommu: Owner of the region
 * @base: Physical address, a multiple of the page size
 * @length: Length in bytes, a multiple of the page size
 * @offset: Receives the offset for mmap(), in bytes; never 0
 *
 * Call it in the init operation of the vIOMMU. User space can map the region
 * after the vIOMMU was published.
 *
 * Return: 0, or
 * * -EINVAL: not whole pages
 * * -ENOMEM
 * * -EBUSY: no room for the region in the offset space
 */
int iommufd_viommu_alloc_mmap(struct iommufd_viommu *viommu, phys_addr_t base,
			      size_t length, unsigned long *offset)
{
	struct iommufd_mmap *region;
	int rc;

	if (!length || offset_in_page(length) || offset_in_page(base))
		return -EINVAL;

	region = kzalloc(sizeof(*region), GFP_KERNEL_ACCOUNT);
	if (!region)
		return -ENOMEM;
	region->viommu = viommu;
	region->base = base;
	region->length = length;
	mutex_init(&region->lock);
	init_waitqueue_head(&region->released);

	/* The first page stays free, so that 0 is the offset of no region */
	rc = mtree_alloc_range(&viommu->ictx->mt_mmap, &region->pgoff, region,
			       length >> PAGE_SHIFT, 1, ULONG_MAX >> PAGE_SHIFT,
			       GFP_KERNEL_ACCOUNT);
	if (rc) {
		mutex_destroy(&region->lock);
		kfree(region);
		return rc;
	}
	*offset = region->pgoff << PAGE_SHIFT;
	return 0;
}
EXPORT_SYMBOL_NS_GPL(iommufd_viommu_alloc_mmap, IOMMUFD);

/**
 * iommufd_viommu_destroy_mmap() - Undo iommufd_viommu_alloc_mmap()
 * @viommu: Owner of the region
 * @offset: Offset of the region, in bytes
 *
 * Call it in the destroy operation of the vIOMMU or in the error path of its
 * init; there are no mappings then.
 */
void iommufd_viommu_destroy_mmap(struct iommufd_viommu *viommu,
				 unsigned long offset)
{
	MA_STATE(mas, &viommu->ictx->mt_mmap, offset >> PAGE_SHIFT,
		 offset >> PAGE_SHIFT);
	struct iommufd_mmap *region;

	mas_lock(&mas);
	region = mas_walk(&mas);
	if (WARN_ON(!region || region->viommu != viommu)) {
		mas_unlock(&mas);
		return;
	}
	/* mas_walk() has selected the whole range; removal must not fail */
	mas_reset(&mas);
	mas_store_gfp(&mas, NULL, GFP_KERNEL | __GFP_NOFAIL);
	mas_unlock(&mas);
	mutex_destroy(&region->lock);
	kfree(region);
}
EXPORT_SYMBOL_NS_GPL(iommufd_viommu_destroy_mmap, IOMMUFD);

/* The region at an offset; it stays as long as its vIOMMU */
static struct iommufd_mmap *iommufd_find_mmap(struct iommufd_viommu *viommu,
					      unsigned long offset)
{
	MA_STATE(mas, &viommu->ictx->mt_mmap, offset >> PAGE_SHIFT,
		 offset >> PAGE_SHIFT);
	struct iommufd_mmap *region;

	/* Other regions come and go, and the table is not in RCU mode */
	mas_lock(&mas);
	region = mas_walk(&mas);
	mas_unlock(&mas);
	return WARN_ON(!region || region->viommu != viommu) ? NULL : region;
}

/**
 * iommufd_viommu_hold_mmap() - Keep user space and its guest out of a region
 * @viommu: Owner of the region
 * @offset: Offset of the region, in bytes
 *
 * When this returns no mapping of the region is in use. An access waits, in a page fault,
 * for iommufd_viommu_release_mmap(). A fatal signal ends the wait. Calls nest.
 *
 * User space decides how long this takes, since it may have mapped the region many times.
 * The caller holds no lock that others need.
 */
void iommufd_viommu_hold_mmap(struct iommufd_viommu *viommu,
			      unsigned long offset)
{
	struct iommufd_mmap *region;

	KUNIT_STATIC_STUB_REDIRECT(iommufd_viommu_hold_mmap, viommu, offset);

	region = iommufd_find_mmap(viommu, offset);
	if (!region)
		return;
	guard(mutex)(&region->lock);
	WRITE_ONCE(region->holds, region->holds + 1);
	/* Queues are often made before the guest has accessed the region */
	if (!region->accessed)
		return;
	unmap_mapping_range(viommu->ictx->file->f_mapping,
			    (loff_t)region->pgoff << PAGE_SHIFT,
			    region->length, 1);
	region->accessed = false;
}
EXPORT_SYMBOL_NS_GPL(iommufd_viommu_hold_mmap, IOMMUFD);

/**
 * iommufd_viommu_release_mmap() - Undo iommufd_viommu_hold_mmap()
 * @viommu: Owner of the region
 * @offset: Offset of the region, in bytes
 */
void iommufd_viommu_release_mmap(struct iommufd_viommu *viommu,
				 unsigned long offset)
{
	struct iommufd_mmap *region;

	KUNIT_STATIC_STUB_REDIRECT(iommufd_viommu_release_mmap, viommu, offset);

	region = iommufd_find_mmap(viommu, offset);
	if (!region)
		return;
	scoped_guard(mutex, &region->lock)
		WRITE_ONCE(region->holds, region->holds - 1);
	wake_up_all(&region->released);
}
EXPORT_SYMBOL_NS_GPL(iommufd_viommu_release_mmap, IOMMUFD);

static const struct iommu_viommu_ops *iommu_device_viommu_ops(struct device *dev)
{
	return dev->iommu && dev->iommu->iommu_dev ?
		       dev->iommu->iommu_dev->ops->viommu_ops : NULL;
}

/**
 * iommu_device_reset_prepare() - Tell the IOMMU driver that a device is to be reset
 * @dev: The device, which has no IOMMU or stays with it. Its lock is held.
 */
void iommu_device_reset_prepare(struct device *dev)
{
	const struct iommu_viommu_ops *ops = iommu_device_viommu_ops(dev);

	if (ops && ops->reset_prepare)
		ops->reset_prepare(dev);
}

/**
 * iommu_device_reset_done() - Undo iommu_device_reset_prepare()
 * @dev: The device
 */
void iommu_device_reset_done(struct device *dev)
{
	const struct iommu_viommu_ops *ops = iommu_device_viommu_ops(dev);

	if (ops && ops->reset_done)
		ops->reset_done(dev);
}

/**
 * iommufd_hw_queue_depend() - Make a queue hold another one
 * @hw_queue: Queue that is being made
 * @on: Queue that must not be destroyed before @hw_queue
 *
 * The caller has a lock that keeps the memory of @on valid.
 *
 * Return: 0, or
 * * -EINVAL: the queues are not on the same vIOMMU
 * * -ENOENT: @on is being destroyed, or is not finished yet
 */
int iommufd_hw_queue_depend(struct iommufd_hw_queue *hw_queue,
			    struct iommufd_hw_queue *on)
{
	KUNIT_STATIC_STUB_REDIRECT(iommufd_hw_queue_depend, hw_queue, on);

	if (WARN_ON_ONCE(hw_queue->viommu != on->viommu))
		return -EINVAL;
	if (!__iommufd_object_try_use(on->viommu->ictx, &on->obj))
		return -ENOENT;
	return 0;
}
EXPORT_SYMBOL_NS_GPL(iommufd_hw_queue_depend, IOMMUFD);

/**
 * iommufd_hw_queue_undepend() - Undo iommufd_hw_queue_depend()
 * @hw_queue: Queue that is being destroyed
 * @on: Queue that it depended on
 */
void iommufd_hw_queue_undepend(struct iommufd_hw_queue *hw_queue,
			       struct iommufd_hw_queue *on)
{
	KUNIT_STATIC_STUB_REDIRECT(iommufd_hw_queue_undepend, hw_queue, on);

	WARN_ON_ONCE(hw_queue->viommu != on->viommu);
	refcount_dec(&on->obj.users);
}
EXPORT_SYMBOL_NS_GPL(iommufd_hw_queue_undepend, IOMMUFD);
