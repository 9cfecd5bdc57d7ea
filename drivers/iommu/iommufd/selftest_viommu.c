// SPDX-License-Identifier: GPL-2.0
/*
 * The mock driver's vIOMMU, vDEVICE, vEVENTQ and HW_QUEUE.
 *
 * Included by selftest.c, because its mock device and mock domains have no header.
 *
 * The vIOMMU has a region of two pages of ordinary memory for mmap(). Its cache is
 * four words in each mock device, which invalidation clears. A HW queue only checks
 * the arguments of the core. It warns if its memory is not locked while hardware
 * could read it. A vIOMMU warns if its parent, its vDEVICEs or its vEVENTQs are
 * destroyed too early or too late.
 */
#include <linux/iommufd_viommu_driver.h>
#include <linux/property.h>

#include "viommu.h"

#define MOCK_MMAP_ORDER 1
#define MOCK_MMAP_LENGTH (PAGE_SIZE << MOCK_MMAP_ORDER)

struct mock_viommu {
	struct iommufd_viommu core;
	struct iommu_domain *parent;
	/* protects queues and holds */
	struct mutex lock;
	struct iommufd_hw_queue *queues[IOMMU_TEST_HW_QUEUE_MAX];
	unsigned int holds;
	/* NULL if there is no region */
	u32 *mmap_base;
	unsigned long mmap_offset;
};

struct mock_hw_queue {
	struct iommufd_hw_queue core;
	struct iommufd_hw_queue *lower;
	u32 index;
};

/* xa_empty() would not do: a store that found no memory leaves empty nodes */
static bool mock_xa_used(struct xarray *xa)
{
	unsigned long index = 0;

	return xa_find(xa, &index, ULONG_MAX, XA_PRESENT);
}

static struct mock_viommu *to_mock_viommu(struct iommufd_viommu *viommu)
{
	return container_of(viommu, struct mock_viommu, core);
}

static struct mock_hw_queue *to_mock_hw_queue(struct iommufd_hw_queue *hw_queue)
{
	return container_of(hw_queue, struct mock_hw_queue, core);
}

/*
 * The one property of a mock device with PASIDs. No software node: the base drops a
 * reference to one that it did not take, if device_add() cannot make a link to it.
 */
static bool mock_fwnode_property_present(const struct fwnode_handle *fwnode,
					 const char *name)
{
	return !strcmp(name, "pasid-num-bits");
}

static int mock_fwnode_read_int_array(const struct fwnode_handle *fwnode,
				      const char *name, unsigned int elem_size,
				      void *val, size_t nval)
{
	if (!mock_fwnode_property_present(fwnode, name))
		return -EINVAL;
	if (!val)
		return 1;
	if (elem_size != sizeof(u32) || nval != 1)
		return -EOVERFLOW;
	*(u32 *)val = MOCK_PASID_WIDTH;
	return 0;
}

static const struct fwnode_operations mock_fwnode_ops = {
	.property_present = mock_fwnode_property_present,
	.property_read_int_array = mock_fwnode_read_int_array,
};

static void mock_dev_init_viommu(struct mock_dev *mdev)
{
	int i;

	for (i = 0; i < MOCK_DEV_CACHE_NUM; i++)
		mdev->cache[i] = IOMMU_TEST_DEV_CACHE_DEFAULT;
	init_rwsem(&mdev->viommu_rwsem);

	if (mdev->flags & MOCK_FLAGS_DEVICE_PASID) {
		fwnode_init(&mdev->fwnode, &mock_fwnode_ops);
		device_set_node(&mdev->dev, &mdev->fwnode);
	}
}

/*
 * The vIOMMU side of an attach. As with hardware, the device reports events with
 * its virtual ID at the time of the attach.
 */
static int mock_dev_attach_viommu(struct mock_dev *mdev,
				  struct iommu_domain *domain)
{
	struct iommufd_viommu *viommu = NULL;
	unsigned long virt_id = 0;
	int rc;

	if (domain->type == IOMMU_DOMAIN_NESTED)
		viommu = container_of(domain, struct mock_iommu_domain_nested,
				      domain)->viommu;
	/* The current domain must be accepted, also if the vDEVICE is gone */
	if (viommu && domain == mdev->nested) {
		virt_id = mdev->virt_id;
	} else if (viommu) {
		rc = iommufd_viommu_get_vdev_id(viommu, &mdev->dev, &virt_id);
		if (rc)
			return rc;
	}

	down_write(&mdev->viommu_rwsem);
	mdev->viommu = viommu;
	mdev->nested = viommu ? domain : NULL;
	mdev->virt_id = virt_id;
	up_write(&mdev->viommu_rwsem);
	return 0;
}

static struct iommu_domain *
mock_viommu_alloc_domain_nested(struct iommufd_viommu *viommu, u32 flags,
				const struct iommu_user_data *user_data)
{
	struct mock_iommu_domain *mock_parent =
		container_of(to_mock_viommu(viommu)->parent,
			     struct mock_iommu_domain, domain);
	struct iommu_hwpt_selftest user_cfg;
	struct iommu_domain *domain;
	int rc;

	if (flags || user_data->type != IOMMU_HWPT_DATA_SELFTEST)
		return ERR_PTR(-EOPNOTSUPP);
	rc = iommu_copy_struct_from_user(&user_cfg, user_data,
					 IOMMU_HWPT_DATA_SELFTEST, iotlb);
	if (rc)
		return ERR_PTR(rc);

	domain = __mock_domain_alloc_nested(mock_parent, &user_cfg);
	if (!IS_ERR(domain))
		container_of(domain, struct mock_iommu_domain_nested, domain)
			->viommu = viommu;
	return domain;
}

static int
mock_viommu_invalidate_one(struct iommufd_viommu *viommu,
			   const struct iommu_viommu_invalidate_selftest *inv)
{
	struct mock_dev *mdev;
	struct device *dev;

	if (inv->flags & ~IOMMU_TEST_INVALIDATE_FLAG_ALL)
		return -EOPNOTSUPP;
	if (inv->cache_id > MOCK_DEV_CACHE_ID_MAX)
		return -EINVAL;

	xa_lock(&viommu->vdevs);
	dev = iommufd_viommu_find_dev(viommu, inv->vdev_id);
	if (!dev) {
		xa_unlock(&viommu->vdevs);
		return -EINVAL;
	}
	mdev = container_of(dev, struct mock_dev, dev);
	if (inv->flags & IOMMU_TEST_INVALIDATE_FLAG_ALL)
		memset(mdev->cache, 0, sizeof(mdev->cache));
	else
		mdev->cache[inv->cache_id] = 0;
	xa_unlock(&viommu->vdevs);
	return 0;
}

static int mock_viommu_cache_invalidate(struct iommufd_viommu *viommu,
					struct iommu_user_data_array *array)
{
	struct iommu_viommu_invalidate_selftest inv;
	u32 done = 0;
	int rc = 0;

	if (array->type != IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST)
		rc = -EINVAL;

	while (!rc && done != array->entry_num) {
		rc = iommu_copy_struct_from_user_array(&inv, array,
						       IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST,
						       done, cache_id);
		if (!rc)
			rc = mock_viommu_invalidate_one(viommu, &inv);
		if (!rc)
			done++;
	}
	array->entry_num = done;
	return rc;
}

static bool mock_hw_queue_is_locked(struct iommufd_hw_queue *hw_queue)
{
	struct io_pagetable *iopt = &hw_queue->viommu->hwpt->ioas->iopt;
	struct iopt_area *area;
	bool locked;

	down_read(&iopt->iova_rwsem);
	area = iopt_area_iter_first(iopt, hw_queue->base_addr, hw_queue->base_addr);
	locked = area && area->num_locks;
	up_read(&iopt->iova_rwsem);
	return locked;
}

static void mock_hw_queue_destroy(struct iommufd_hw_queue *hw_queue)
{
	struct mock_viommu *mock = to_mock_viommu(hw_queue->viommu);
	struct mock_hw_queue *mock_queue = to_mock_hw_queue(hw_queue);

	WARN_ON(!mock_hw_queue_is_locked(hw_queue));
	mutex_lock(&mock->lock);
	mock->queues[mock_queue->index] = NULL;
	if (mock_queue->lower)
		iommufd_hw_queue_undepend(hw_queue, mock_queue->lower);
	mutex_unlock(&mock->lock);
}

static size_t mock_get_hw_queue_size(struct iommufd_viommu *viommu,
				     enum iommu_hw_queue_type type)
{
	/* The value is none of the enum */
	if ((u32)type != IOMMU_HW_QUEUE_TYPE_SELFTEST)
		return 0;
	return sizeof(struct mock_hw_queue);
}

/* Physical address in the nesting parent; the mock looks up whole pages */
static phys_addr_t mock_viommu_iova_to_phys(struct mock_viommu *mock, u64 iova)
{
	u64 offset = iova % MOCK_IO_PAGE_SIZE;

	return iommu_iova_to_phys(mock->parent, iova - offset) + offset;
}

static int mock_hw_queue_init(struct iommufd_hw_queue *hw_queue, u32 index,
			      phys_addr_t base_pa)
{
	struct mock_viommu *mock = to_mock_viommu(hw_queue->viommu);
	struct mock_hw_queue *mock_queue = to_mock_hw_queue(hw_queue);
	struct iommufd_hw_queue *lower = NULL;
	int rc = 0;

	WARN_ON(!mock_hw_queue_is_locked(hw_queue));
	if (index >= IOMMU_TEST_HW_QUEUE_MAX)
		return -EINVAL;

	mutex_lock(&mock->lock);
	if (mock->queues[index]) {
		rc = -EEXIST;
		goto out_unlock;
	}
	if (index)
		lower = mock->queues[index - 1];
	if (index && (!lower || iommufd_hw_queue_depend(hw_queue, lower))) {
		rc = -EIO;
		goto out_unlock;
	}
	if (mock_viommu_iova_to_phys(mock, hw_queue->base_addr) != base_pa) {
		rc = -EFAULT;
		goto out_undepend;
	}

	mock_queue->index = index;
	mock_queue->lower = lower;
	hw_queue->destroy = mock_hw_queue_destroy;
	mock->queues[index] = hw_queue;
	mutex_unlock(&mock->lock);
	return 0;

out_undepend:
	if (lower)
		iommufd_hw_queue_undepend(hw_queue, lower);
out_unlock:
	mutex_unlock(&mock->lock);
	return rc;
}

static void mock_viommu_free_mmap(struct mock_viommu *mock)
{
	if (!mock->mmap_base)
		return;
	iommufd_viommu_destroy_mmap(&mock->core, mock->mmap_offset);
	free_pages((unsigned long)mock->mmap_base, MOCK_MMAP_ORDER);
}

static void mock_viommu_destroy(struct iommufd_viommu *viommu)
{
	struct mock_viommu *mock = to_mock_viommu(viommu);

	/* The parent's own reference and that of the vIOMMU */
	WARN_ON(refcount_read(&viommu->hwpt->common.obj.users) < 2);
	WARN_ON(mock_xa_used(&viommu->vdevs) || mock_xa_used(&viommu->veventqs));
	mock_viommu_free_mmap(mock);
	mutex_destroy(&mock->lock);
}

static int mock_vdevice_init(struct iommufd_vdevice *vdev)
{
	return vdev->virt_id == IOMMU_TEST_VIRT_ID_REFUSED ? -EIO : 0;
}

static const struct iommufd_viommu_ops mock_viommu_object_ops = {
	.alloc_domain_nested = mock_viommu_alloc_domain_nested,
	.cache_invalidate = mock_viommu_cache_invalidate,
	.destroy = mock_viommu_destroy,
	.get_hw_queue_size = mock_get_hw_queue_size,
	.hw_queue_init_phys = mock_hw_queue_init,
	.vdevice_init = mock_vdevice_init,
};

static int mock_viommu_alloc_mmap(struct mock_viommu *mock, u32 data)
{
	u32 *base;
	int rc;

	base = (u32 *)__get_free_pages(GFP_KERNEL_ACCOUNT | __GFP_ZERO,
				       MOCK_MMAP_ORDER);
	if (!base)
		return -ENOMEM;
	*base = data;
	rc = iommufd_viommu_alloc_mmap(&mock->core, virt_to_phys(base),
				       MOCK_MMAP_LENGTH, &mock->mmap_offset);
	if (rc) {
		free_pages((unsigned long)base, MOCK_MMAP_ORDER);
		return rc;
	}
	mock->mmap_base = base;
	return 0;
}

static int mock_viommu_init_data(struct mock_viommu *mock,
				 const struct iommu_user_data *user_data)
{
	struct iommu_viommu_selftest data;
	int rc;

	rc = iommu_copy_struct_from_user(&data, user_data,
					 IOMMU_VIOMMU_TYPE_SELFTEST, out_data);
	if (rc)
		return rc;
	rc = mock_viommu_alloc_mmap(mock, data.in_data);
	if (rc)
		return rc;

	data.out_data = data.in_data;
	data.out_mmap_offset = mock->mmap_offset;
	data.out_mmap_length = MOCK_MMAP_LENGTH;
	rc = iommu_copy_struct_to_user(user_data, &data,
				       IOMMU_VIOMMU_TYPE_SELFTEST, out_data);
	if (rc)
		mock_viommu_free_mmap(mock);
	return rc;
}

static size_t mock_get_viommu_size(struct device *dev,
				   enum iommu_viommu_type type)
{
	/* The value is none of the enum */
	if ((u32)type != IOMMU_VIOMMU_TYPE_SELFTEST)
		return 0;
	return sizeof(struct mock_viommu);
}

static int mock_viommu_init(struct iommufd_viommu *viommu,
			    struct iommu_domain *parent,
			    const struct iommu_user_data *user_data)
{
	struct mock_viommu *mock = to_mock_viommu(viommu);
	int rc;

	mock->parent = parent;
	mutex_init(&mock->lock);
	if (user_data) {
		rc = mock_viommu_init_data(mock, user_data);
		if (rc) {
			mutex_destroy(&mock->lock);
			return rc;
		}
	}
	viommu->ops = &mock_viommu_object_ops;
	return 0;
}

static const struct iommu_viommu_ops mock_viommu_ops = {
	.get_viommu_size = mock_get_viommu_size,
	.viommu_init = mock_viommu_init,
};

static int iommufd_test_dev_check_cache(struct iommufd_ucmd *ucmd, u32 dev_id,
					u32 cache_id, u32 cache)
{
	struct iommufd_device *idev;
	struct mock_dev *mdev;
	int rc = 0;

	idev = iommufd_get_device(ucmd, dev_id);
	if (IS_ERR(idev))
		return PTR_ERR(idev);

	mdev = container_of(idev->dev, struct mock_dev, dev);
	if (!iommufd_selftest_is_mock_dev(idev->dev) ||
	    cache_id > MOCK_DEV_CACHE_ID_MAX || mdev->cache[cache_id] != cache)
		rc = -EINVAL;
	iommufd_put_object(ucmd->ictx, &idev->obj);
	return rc;
}

/* The attached nested domain holds the vIOMMU, and the lock keeps the domain alive */
static int mock_dev_trigger_vevent(struct mock_dev *mdev)
{
	struct iommu_viommu_event_selftest event = {};
	int rc = -ENOENT;

	down_read(&mdev->viommu_rwsem);
	if (mdev->viommu && mdev->virt_id) {
		event.virt_id = mdev->virt_id;
		rc = iommufd_viommu_report_event(mdev->viommu,
						 IOMMU_VEVENTQ_TYPE_SELFTEST,
						 &event, sizeof(event));
		/* The reader sees the loss in the sequence */
		if (rc == -EOVERFLOW)
			rc = 0;
	}
	up_read(&mdev->viommu_rwsem);
	return rc;
}

static int iommufd_test_trigger_vevent(struct iommufd_ucmd *ucmd, u32 dev_id)
{
	struct iommufd_device *idev;
	struct mock_dev *mdev;
	int rc = -EINVAL;

	idev = iommufd_get_device(ucmd, dev_id);
	if (IS_ERR(idev))
		return PTR_ERR(idev);

	mdev = container_of(idev->dev, struct mock_dev, dev);
	if (iommufd_selftest_is_mock_dev(idev->dev))
		rc = mock_dev_trigger_vevent(mdev);
	iommufd_put_object(ucmd->ictx, &idev->obj);
	return rc;
}

/* As a driver does it when a device of the VM is reset */
static int mock_viommu_hold_mmap(struct mock_viommu *mock, bool hold)
{
	if (!mock->mmap_base)
		return -ENXIO;
	guard(mutex)(&mock->lock);
	if (!hold && !mock->holds)
		return -EINVAL;
	if (hold) {
		mock->holds++;
		iommufd_viommu_hold_mmap(&mock->core, mock->mmap_offset);
	} else {
		mock->holds--;
		iommufd_viommu_release_mmap(&mock->core, mock->mmap_offset);
	}
	return 0;
}

static int iommufd_test_hold_mmap(struct iommufd_ucmd *ucmd, u32 id, bool hold)
{
	struct iommufd_viommu *viommu = iommufd_get_viommu(ucmd, id);
	int rc = -EINVAL;

	if (IS_ERR(viommu))
		return PTR_ERR(viommu);
	if (viommu->ops == &mock_viommu_object_ops)
		rc = mock_viommu_hold_mmap(to_mock_viommu(viommu), hold);
	iommufd_put_object(ucmd->ictx, &viommu->obj);
	return rc;
}

/* The operations that the base does not have */
static int iommufd_test_viommu(struct iommufd_ucmd *ucmd,
			       struct iommu_test_cmd *cmd)
{
	switch (cmd->op) {
	case IOMMU_TEST_OP_DEV_CHECK_CACHE:
		return iommufd_test_dev_check_cache(ucmd, cmd->id,
						    cmd->check_dev_cache.id,
						    cmd->check_dev_cache.cache);
	case IOMMU_TEST_OP_HOLD_MMAP:
	case IOMMU_TEST_OP_RELEASE_MMAP:
		return iommufd_test_hold_mmap(ucmd, cmd->id,
					      cmd->op == IOMMU_TEST_OP_HOLD_MMAP);
	case IOMMU_TEST_OP_TRIGGER_VEVENT:
		return iommufd_test_trigger_vevent(ucmd,
						   cmd->trigger_vevent.dev_id);
	default:
		return -EOPNOTSUPP;
	}
}
