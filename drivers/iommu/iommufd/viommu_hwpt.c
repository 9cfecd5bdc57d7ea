// SPDX-License-Identifier: GPL-2.0
/*
 * HWPTs and vIOMMUs: nested HWPTs on a vIOMMU, and invalidation.
 *
 * A nested HWPT on a vIOMMU holds the vIOMMU, which holds the nesting parent.
 * hwpt_nested->parent is also set, because the rest of iommufd finds the paging
 * HWPT of a nested one there.
 *
 * IOMMU_HWPT_INVALIDATE takes a nested HWPT or a vIOMMU. A nested HWPT that was
 * made on a vIOMMU need not have an invalidation of its own.
 */
#include <linux/iommu.h>

#include "viommu.h"

/**
 * iommufd_hwpt_nested_put() - Put the vIOMMU or the parent of a nested HWPT
 * @hwpt_nested: HWPT that is being destroyed
 */
void iommufd_hwpt_nested_put(struct iommufd_hwpt_nested *hwpt_nested)
{
	if (hwpt_nested->viommu)
		refcount_dec(&hwpt_nested->viommu->obj.users);
	else
		refcount_dec(&hwpt_nested->parent->common.obj.users);
}

/**
 * iommufd_hwpt_bad_fault() - True if a fault object would get no faults
 * @hwpt: HWPT for an attach of a device
 *
 * Return: true if @hwpt has a fault object, and its faults are events of its vIOMMU
 */
bool iommufd_hwpt_bad_fault(struct iommufd_hw_pagetable *hwpt)
{
	struct iommufd_hwpt_nested *hwpt_nested =
		container_of(hwpt, struct iommufd_hwpt_nested, common);

	return hwpt->fault && hwpt->obj.type == IOMMUFD_OBJ_HWPT_NESTED &&
	       hwpt_nested->viommu &&
	       hwpt_nested->viommu->ops->faults_are_events;
}

static struct iommufd_hw_pagetable *
iommufd_viommu_create_hwpt(struct iommufd_viommu *viommu, u32 flags,
			   const struct iommu_user_data *user_data)
{
	struct iommufd_hwpt_nested *hwpt_nested;
	struct iommufd_hw_pagetable *hwpt;
	int rc;

	hwpt_nested = __iommufd_object_alloc(viommu->ictx, hwpt_nested,
					     IOMMUFD_OBJ_HWPT_NESTED,
					     common.obj);
	if (IS_ERR(hwpt_nested))
		return ERR_CAST(hwpt_nested);
	hwpt = &hwpt_nested->common;

	/* Pairs with iommufd_hwpt_nested_put() */
	refcount_inc(&viommu->obj.users);
	hwpt_nested->viommu = viommu;
	hwpt_nested->parent = viommu->hwpt;

	hwpt->domain = viommu->ops->alloc_domain_nested(viommu, flags,
							user_data);
	if (IS_ERR(hwpt->domain)) {
		rc = PTR_ERR(hwpt->domain);
		hwpt->domain = NULL;
		goto out_abort;
	}
	hwpt->domain->owner = viommu->iommu_dev->ops;
	hwpt->domain->msi_domain = viommu->hwpt->common.domain;

	if (WARN_ON_ONCE(hwpt->domain->type != IOMMU_DOMAIN_NESTED)) {
		rc = -EINVAL;
		goto out_abort;
	}
	return hwpt;

out_abort:
	iommufd_object_abort_and_destroy(viommu->ictx, &hwpt->obj);
	return ERR_PTR(rc);
}

/**
 * iommufd_viommu_alloc_hwpt() - Make a nested HWPT on a vIOMMU
 * @ucmd: Command of user space, &struct iommu_hwpt_alloc
 * @pt_obj: Object of pt_id; must be a vIOMMU
 * @idev: Device of dev_id
 * @user_data: Driver data of the command
 *
 * Checks and their order: Documentation/userspace-api/viommu/checks.rst,
 * section 4.5.
 *
 * Return: the HWPT, not published yet, or ERR_PTR of
 * * -EINVAL: no vIOMMU, or the device is behind another IOMMU
 * * -EOPNOTSUPP: flags, no driver data, or no nested HWPTs on this vIOMMU
 * * -ENOMEM, or the result of the driver
 */
struct iommufd_hw_pagetable *
iommufd_viommu_alloc_hwpt(struct iommufd_ucmd *ucmd,
			  struct iommufd_object *pt_obj,
			  struct iommufd_device *idev,
			  const struct iommu_user_data *user_data)
{
	struct iommu_hwpt_alloc *cmd = ucmd->cmd;
	struct iommufd_viommu *viommu;

	if (pt_obj->type != IOMMUFD_OBJ_VIOMMU)
		return ERR_PTR(-EINVAL);
	viommu = container_of(pt_obj, struct iommufd_viommu, obj);

	if (viommu->iommu_dev != idev->dev->iommu->iommu_dev)
		return ERR_PTR(-EINVAL);
	if ((cmd->flags & ~IOMMU_HWPT_FAULT_ID_VALID) || !user_data->len ||
	    !viommu->ops->alloc_domain_nested)
		return ERR_PTR(-EOPNOTSUPP);

	/* The caller handles the fault object, so no flag is left */
	return iommufd_viommu_create_hwpt(viommu, 0, user_data);
}

static int iommufd_object_invalidate(struct iommufd_object *obj,
				     struct iommu_user_data_array *array)
{
	struct iommufd_hw_pagetable *hwpt;
	struct iommufd_viommu *viommu;
	struct iommu_domain *domain;

	switch (obj->type) {
	case IOMMUFD_OBJ_HWPT_NESTED:
		hwpt = container_of(obj, struct iommufd_hw_pagetable, obj);
		domain = hwpt->domain;
		if (domain->ops->cache_invalidate_user)
			return domain->ops->cache_invalidate_user(domain,
								  array);
		array->entry_num = 0;
		return -EOPNOTSUPP;
	case IOMMUFD_OBJ_VIOMMU:
		viommu = container_of(obj, struct iommufd_viommu, obj);
		if (viommu->ops->cache_invalidate)
			return viommu->ops->cache_invalidate(viommu, array);
		array->entry_num = 0;
		return -EOPNOTSUPP;
	default:
		array->entry_num = 0;
		return -EINVAL;
	}
}

/**
 * iommufd_viommu_invalidate() - Pass invalidation requests to the driver
 * @ucmd: Command of user space
 * @id: ID of a nested HWPT or a vIOMMU
 * @array: The requests; entry_num becomes the number of executed ones
 *
 * Checks and their order: Documentation/userspace-api/viommu/checks.rst,
 * section 4.6.
 *
 * Return: 0, or
 * * -ENOENT: no such object
 * * -EOPNOTSUPP: the object has no invalidation
 * * -EINVAL: the object is of another type
 * * or the result of the driver
 */
int iommufd_viommu_invalidate(struct iommufd_ucmd *ucmd, u32 id,
			      struct iommu_user_data_array *array)
{
	struct iommufd_object *obj;
	int rc;

	obj = iommufd_get_object(ucmd->ictx, id, IOMMUFD_OBJ_ANY);
	if (IS_ERR(obj)) {
		array->entry_num = 0;
		return PTR_ERR(obj);
	}
	rc = iommufd_object_invalidate(obj, array);
	iommufd_put_object(ucmd->ictx, obj);
	return rc;
}
