// SPDX-License-Identifier: GPL-2.0
/*
 * vIOMMU: a virtual machine's share of one physical IOMMU.
 *
 * The object binds a physical IOMMU to a nesting parent. Nested HWPTs, vDEVICEs
 * and HW queues are made on it and hold it; it holds the nesting parent. The
 * device that user space names only selects the physical IOMMU: it may be
 * unbound while the vIOMMU lives.
 *
 * The driver implements the vIOMMU in hardware. It reports the size of its
 * structure, the core allocates it, the driver's init fills it in.
 */
#include <linux/iommu.h>

#include "viommu.h"

/**
 * iommufd_viommu_destroy() - Destroy a vIOMMU that is not held any more
 * @obj: Base object of the vIOMMU
 */
void iommufd_viommu_destroy(struct iommufd_object *obj)
{
	struct iommufd_viommu *viommu =
		container_of(obj, struct iommufd_viommu, obj);

	if (viommu->ops->destroy)
		viommu->ops->destroy(viommu);
	xa_destroy(&viommu->veventqs);
	xa_destroy(&viommu->vdevs);
	refcount_dec(&viommu->hwpt->common.obj.users);
}

/* The caller holds hwpt and idev; the result is not published yet */
static struct iommufd_viommu *
iommufd_viommu_create(struct iommufd_ucmd *ucmd, size_t size,
		      struct iommufd_hwpt_paging *hwpt,
		      struct iommufd_device *idev)
{
	const struct iommu_viommu_ops *ops =
		dev_iommu_ops(idev->dev)->viommu_ops;
	struct iommu_viommu_alloc *cmd = ucmd->cmd;
	const struct iommu_user_data user_data = {
		.type = cmd->type,
		.uptr = u64_to_user_ptr(cmd->data_uptr),
		.len = cmd->data_len,
	};
	struct iommufd_viommu *viommu;
	struct iommufd_object *obj;
	int rc;

	obj = _iommufd_object_alloc(ucmd->ictx, size, IOMMUFD_OBJ_VIOMMU);
	if (IS_ERR(obj))
		return ERR_CAST(obj);
	viommu = container_of(obj, struct iommufd_viommu, obj);

	viommu->ictx = ucmd->ictx;
	viommu->iommu_dev = idev->dev->iommu->iommu_dev;
	viommu->hwpt = hwpt;
	viommu->type = cmd->type;
	xa_init(&viommu->vdevs);
	xa_init(&viommu->veventqs);
	/* Pairs with iommufd_viommu_destroy() */
	refcount_inc(&hwpt->common.obj.users);

	rc = ops->viommu_init(viommu, hwpt->common.domain,
			      cmd->data_len ? &user_data : NULL);
	if (rc)
		goto out_abort;
	return viommu;

out_abort:
	refcount_dec(&hwpt->common.obj.users);
	iommufd_object_abort(ucmd->ictx, obj);
	return ERR_PTR(rc);
}

static size_t iommufd_viommu_size(struct device *dev, u32 type)
{
	const struct iommu_viommu_ops *ops = dev_iommu_ops(dev)->viommu_ops;
	size_t size;

	if (!ops || !ops->get_viommu_size || !ops->viommu_init)
		return 0;
	size = ops->get_viommu_size(dev, type);
	if (WARN_ON_ONCE(size && size < sizeof(struct iommufd_viommu)))
		return 0;
	return size;
}

/**
 * iommufd_viommu_alloc_ioctl() - IOMMU_VIOMMU_ALLOC
 * @ucmd: Command of user space, &struct iommu_viommu_alloc
 *
 * Checks and their order: Documentation/userspace-api/viommu/checks.rst,
 * section 4.1.
 *
 * Return: 0, or
 * * -EOPNOTSUPP: flags or type, or no such vIOMMU on this IOMMU
 * * -ENOENT: no such device, or no such paging HWPT
 * * -EINVAL: the HWPT is no nesting parent of this driver's
 * * -ENOMEM, -EFAULT, or the result of the driver's init
 */
int iommufd_viommu_alloc_ioctl(struct iommufd_ucmd *ucmd)
{
	struct iommu_viommu_alloc *cmd = ucmd->cmd;
	struct iommufd_hwpt_paging *hwpt;
	struct iommufd_viommu *viommu;
	struct iommufd_device *idev;
	size_t size;
	int rc;

	if (cmd->flags || cmd->type == IOMMU_VIOMMU_TYPE_DEFAULT)
		return -EOPNOTSUPP;

	idev = iommufd_get_device(ucmd, cmd->dev_id);
	if (IS_ERR(idev))
		return PTR_ERR(idev);

	size = iommufd_viommu_size(idev->dev, cmd->type);
	if (!size) {
		rc = -EOPNOTSUPP;
		goto out_put_idev;
	}

	hwpt = iommufd_get_hwpt_paging(ucmd, cmd->hwpt_id);
	if (IS_ERR(hwpt)) {
		rc = PTR_ERR(hwpt);
		goto out_put_idev;
	}
	if (!hwpt->nest_parent ||
	    hwpt->common.domain->owner != dev_iommu_ops(idev->dev)) {
		rc = -EINVAL;
		goto out_put_hwpt;
	}

	viommu = iommufd_viommu_create(ucmd, size, hwpt, idev);
	if (IS_ERR(viommu)) {
		rc = PTR_ERR(viommu);
		goto out_put_hwpt;
	}

	cmd->out_viommu_id = viommu->obj.id;
	rc = iommufd_ucmd_respond(ucmd, sizeof(*cmd));
	if (rc)
		iommufd_object_abort_and_destroy(ucmd->ictx, &viommu->obj);
	else
		iommufd_object_finalize(ucmd->ictx, &viommu->obj);

out_put_hwpt:
	iommufd_put_object(ucmd->ictx, &hwpt->common.obj);
out_put_idev:
	iommufd_put_object(ucmd->ictx, &idev->obj);
	return rc;
}
