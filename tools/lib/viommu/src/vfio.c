// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * The few requests of VFIO that tie a device to a context.
 */
#include <errno.h>
#include <fcntl.h>

#include <linux/vfio.h>

#include "lib.h"

int viommu_vfio_open(const char *path, int *fd)
{
	int new = open(path, O_RDWR | O_CLOEXEC);
	int rc = new < 0 ? -errno : 0;

	if (!rc)
		*fd = new;
	vi_trace(vfio_open, path, new, rc);
	return rc;
}

int viommu_vfio_bind(struct viommu_ctx *ctx, int fd, uint32_t *dev)
{
	struct vfio_device_bind_iommufd cmd = {
		.argsz = sizeof(cmd),
		.iommufd = ctx->fd,
	};
	int rc = vi_ioctl(ctx, fd, VFIO_DEVICE_BIND_IOMMUFD, &cmd);

	if (!rc)
		*dev = cmd.out_devid;
	vi_trace(vfio_bind, ctx->fd, fd, cmd.out_devid, rc);
	return rc;
}

int viommu_vfio_attach(struct viommu_ctx *ctx, int fd, uint32_t pt)
{
	struct vfio_device_attach_iommufd_pt cmd = {
		.argsz = sizeof(cmd),
		.pt_id = pt,
	};
	int rc = vi_ioctl(ctx, fd, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &cmd);

	vi_trace(vfio_attach, ctx->fd, fd, pt, rc);
	return rc;
}

int viommu_vfio_detach(struct viommu_ctx *ctx, int fd)
{
	struct vfio_device_detach_iommufd_pt cmd = { .argsz = sizeof(cmd) };
	int rc = vi_ioctl(ctx, fd, VFIO_DEVICE_DETACH_IOMMUFD_PT, &cmd);

	vi_trace(vfio_detach, ctx->fd, fd, rc);
	return rc;
}
