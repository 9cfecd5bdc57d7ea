// SPDX-License-Identifier: GPL-2.0
/*
 * vDEVICE: a bound device on a vIOMMU, under its ID in the guest.
 *
 * A device has one vDEVICE at most, and a vIOMMU one vDEVICE per virtual ID. The
 * vDEVICE holds its vIOMMU, and it holds the device like a command in flight: users
 * and shortterm_users. So unbinding the device, which cannot fail, waits for a
 * vDEVICE that user space is destroying. As for any command in flight the wait ends
 * after 60 s, with a message about a bug of the kernel: the destruction of a vDEVICE
 * must finish well under 60 s, whatever another user does.
 *
 * Unbinding removes a vDEVICE that user space has not destroyed. Its ID then stays
 * reserved (a tombstone): user space may still use the ID, which must not name
 * another object.
 *
 * The group's lock serialises allocation, teardown and unbinding. Under that lock
 * the memory of a vDEVICE in idev->vdev is valid. Allocation releases the lock for
 * the copy to user space, which may take any time; the vDEVICE is then in
 * idev->vdev, so that no second one can be made, but not published. Drivers use the
 * table viommu->vdevs under its own xa_lock; it has published vDEVICEs only.
 */
#include <linux/iommu.h>

#include "viommu.h"

/* Undo of iommufd_vdevice_create() */
static void iommufd_vdevice_teardown(struct iommufd_vdevice *vdev)
{
	lockdep_assert_held(&vdev->idev->igroup->lock);

	if (vdev->destroy)
		vdev->destroy(vdev);
	xa_erase(&vdev->viommu->vdevs, vdev->virt_id);
	refcount_dec(&vdev->viommu->obj.users);
	vdev->idev->vdev = NULL;
}

/**
 * iommufd_vdevice_destroy() - Destroy a vDEVICE
 * @obj: Base object of the vDEVICE
 */
void iommufd_vdevice_destroy(struct iommufd_object *obj)
{
	struct iommufd_vdevice *vdev =
		container_of(obj, struct iommufd_vdevice, obj);
	struct iommufd_device *idev = vdev->idev;

	mutex_lock(&idev->igroup->lock);
	iommufd_vdevice_teardown(vdev);
	mutex_unlock(&idev->igroup->lock);
	/* After this an unbind may free idev, and the group with it */
	iommufd_put_object(idev->ictx, &idev->obj);
}

/**
 * iommufd_device_remove_vdevice() - Remove the vDEVICE of a device, if it has one
 * @idev: Device that is being unbound
 *
 * The device cannot get another vDEVICE. If user space is making or destroying the
 * vDEVICE at this moment, the caller waits for it, as a short-term user of @idev,
 * up to 60 s. Documentation/userspace-api/viommu/lifetime.rst, section 6.1.
 */
void iommufd_device_remove_vdevice(struct iommufd_device *idev)
{
	struct iommufd_vdevice *vdev;

	mutex_lock(&idev->igroup->lock);
	idev->destroying = true;
	vdev = idev->vdev;
	if (vdev && !iommufd_object_try_use(idev->ictx, &vdev->obj,
					    &idev->igroup->lock))
		vdev = NULL;
	mutex_unlock(&idev->igroup->lock);

	if (vdev)
		WARN_ON(iommufd_object_remove(idev->ictx, &vdev->obj,
					      vdev->obj.id,
					      REMOVE_WAIT_SHORTTERM |
					      REMOVE_OBJ_TOMBSTONE));
}

static size_t iommufd_vdevice_size(struct iommufd_viommu *viommu)
{
	size_t size = viommu->ops->vdevice_size ?: sizeof(struct iommufd_vdevice);

	if (WARN_ON_ONCE(size < sizeof(struct iommufd_vdevice)))
		return 0;
	return size;
}

/* The caller holds viommu and idev; the result is not published yet */
static struct iommufd_vdevice *
iommufd_vdevice_create(struct iommufd_viommu *viommu,
		       struct iommufd_device *idev, unsigned long virt_id)
{
	size_t size = iommufd_vdevice_size(viommu);
	struct iommufd_vdevice *vdev;
	struct iommufd_object *obj;
	int rc;

	lockdep_assert_held(&idev->igroup->lock);

	if (idev->destroying)
		return ERR_PTR(-ENOENT);
	if (idev->vdev)
		return ERR_PTR(-EEXIST);
	if (!size)
		return ERR_PTR(-EOPNOTSUPP);
	obj = _iommufd_object_alloc(viommu->ictx, size, IOMMUFD_OBJ_VDEVICE);
	if (IS_ERR(obj))
		return ERR_CAST(obj);
	vdev = container_of(obj, struct iommufd_vdevice, obj);

	vdev->viommu = viommu;
	vdev->idev = idev;
	vdev->dev = idev->dev;
	vdev->virt_id = virt_id;
	/* Pairs with iommufd_vdevice_teardown() */
	refcount_inc(&viommu->obj.users);

	/* Reserves the virtual ID; drivers do not find the vDEVICE yet */
	rc = xa_insert(&viommu->vdevs, virt_id, NULL, GFP_KERNEL_ACCOUNT);
	if (rc) {
		if (rc == -EBUSY)
			rc = -EEXIST;
		goto out_abort;
	}

	if (viommu->ops->vdevice_init) {
		rc = viommu->ops->vdevice_init(vdev);
		if (rc)
			goto out_release;
	}
	idev->vdev = vdev;
	return vdev;

out_release:
	xa_release(&viommu->vdevs, virt_id);
out_abort:
	refcount_dec(&viommu->obj.users);
	iommufd_object_abort(viommu->ictx, obj);
	return ERR_PTR(rc);
}

/* The last step of making a vDEVICE */
static int iommufd_vdevice_publish(struct iommufd_vdevice *vdev)
{
	struct iommufd_device *idev = vdev->idev;

	lockdep_assert_held(&idev->igroup->lock);

	/* Unbinding has already looked for a vDEVICE and found none */
	if (idev->destroying)
		return -ENOENT;

	/* Pairs with iommufd_vdevice_destroy(); the caller has a reference too */
	refcount_inc(&idev->obj.users);
	refcount_inc(&idev->obj.shortterm_users);
	/* The slot is reserved, so this needs no memory */
	xa_store(&vdev->viommu->vdevs, vdev->virt_id, vdev, GFP_KERNEL_ACCOUNT);
	iommufd_object_finalize(idev->ictx, &vdev->obj);
	return 0;
}

static int iommufd_vdevice_alloc(struct iommufd_ucmd *ucmd,
				 struct iommufd_viommu *viommu,
				 struct iommufd_device *idev)
{
	struct iommu_vdevice_alloc *cmd = ucmd->cmd;
	struct mutex *lock = &idev->igroup->lock;
	struct iommufd_vdevice *vdev;
	int rc;

	mutex_lock(lock);
	vdev = iommufd_vdevice_create(viommu, idev, cmd->virt_id);
	mutex_unlock(lock);
	if (IS_ERR(vdev))
		return PTR_ERR(vdev);

	/* User space can stall this, so no lock is held */
	cmd->out_vdevice_id = vdev->obj.id;
	rc = iommufd_ucmd_respond(ucmd, sizeof(*cmd));

	mutex_lock(lock);
	if (!rc)
		rc = iommufd_vdevice_publish(vdev);
	if (rc) {
		iommufd_vdevice_teardown(vdev);
		iommufd_object_abort(ucmd->ictx, &vdev->obj);
	}
	mutex_unlock(lock);
	return rc;
}

/**
 * iommufd_vdevice_alloc_ioctl() - IOMMU_VDEVICE_ALLOC
 * @ucmd: Command of user space, &struct iommu_vdevice_alloc
 *
 * Checks and their order: Documentation/userspace-api/viommu/checks.rst,
 * section 4.2.
 *
 * Return: 0, or
 * * -EINVAL: the virtual ID does not fit, or the device is behind another IOMMU
 * * -ENOENT: no such vIOMMU or device, or the device is being unbound
 * * -EEXIST: the device has a vDEVICE, or the virtual ID is in use
 * * -ENOMEM, -EFAULT, or the result of the driver's init
 */
int iommufd_vdevice_alloc_ioctl(struct iommufd_ucmd *ucmd)
{
	struct iommu_vdevice_alloc *cmd = ucmd->cmd;
	struct iommufd_viommu *viommu;
	struct iommufd_device *idev;
	int rc;

	if (cmd->virt_id > ULONG_MAX)
		return -EINVAL;

	viommu = iommufd_get_viommu(ucmd, cmd->viommu_id);
	if (IS_ERR(viommu))
		return PTR_ERR(viommu);

	idev = iommufd_get_device(ucmd, cmd->dev_id);
	if (IS_ERR(idev)) {
		rc = PTR_ERR(idev);
		goto out_put_viommu;
	}
	if (viommu->iommu_dev != idev->dev->iommu->iommu_dev) {
		rc = -EINVAL;
		goto out_put_idev;
	}

	rc = iommufd_vdevice_alloc(ucmd, viommu, idev);

out_put_idev:
	iommufd_put_object(ucmd->ictx, &idev->obj);
out_put_viommu:
	iommufd_put_object(ucmd->ictx, &viommu->obj);
	return rc;
}
