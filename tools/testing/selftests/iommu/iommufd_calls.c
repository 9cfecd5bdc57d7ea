// SPDX-License-Identifier: GPL-2.0
/*
 * Calls of iommufd and VFIO: each function fills in one structure and makes one
 * ioctl. The caller gets outputs only on success, except for the progress that
 * the kernel reports on failure.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/ioctl.h>

#include "iommufd_calls.h"

unsigned long iommufd_ioctls;

int iommufd_ioctl(int fd, unsigned long request, void *arg)
{
	iommufd_ioctls++;
	return ioctl(fd, request, arg) < 0 ? -errno : 0;
}

int iommufd_open(void)
{
	int fd = open("/dev/iommu", O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int iommufd_destroy(int fd, __u32 id)
{
	struct iommu_destroy cmd = { .size = sizeof(cmd), .id = id };

	return iommufd_ioctl(fd, IOMMU_DESTROY, &cmd);
}

int iommufd_ioas_alloc(int fd, __u32 *id)
{
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd) };
	int rc = iommufd_ioctl(fd, IOMMU_IOAS_ALLOC, &cmd);

	if (!rc)
		*id = cmd.out_ioas_id;
	return rc;
}

int iommufd_ioas_map(int fd, __u32 ioas, void *va, __u64 iova, __u64 length,
		     __u32 flags)
{
	struct iommu_ioas_map cmd = {
		.size = sizeof(cmd),
		.flags = flags | IOMMU_IOAS_MAP_FIXED_IOVA,
		.ioas_id = ioas,
		.user_va = (uintptr_t)va,
		.length = length,
		.iova = iova,
	};

	return iommufd_ioctl(fd, IOMMU_IOAS_MAP, &cmd);
}

int iommufd_ioas_map_file(int fd, __u32 ioas, int file, __u64 start,
			  __u64 length, __u64 iova, __u32 flags)
{
	struct iommu_ioas_map_file cmd = {
		.size = sizeof(cmd),
		.flags = flags | IOMMU_IOAS_MAP_FIXED_IOVA,
		.ioas_id = ioas,
		.fd = file,
		.start = start,
		.length = length,
		.iova = iova,
	};

	return iommufd_ioctl(fd, IOMMU_IOAS_MAP_FILE, &cmd);
}

int iommufd_ioas_copy(int fd, __u32 src_ioas, __u64 src_iova, __u32 dst_ioas,
		      __u64 dst_iova, __u64 length, __u32 flags)
{
	struct iommu_ioas_copy cmd = {
		.size = sizeof(cmd),
		.flags = flags | IOMMU_IOAS_MAP_FIXED_IOVA,
		.dst_ioas_id = dst_ioas,
		.src_ioas_id = src_ioas,
		.length = length,
		.dst_iova = dst_iova,
		.src_iova = src_iova,
	};

	return iommufd_ioctl(fd, IOMMU_IOAS_COPY, &cmd);
}

int iommufd_ioas_change_process(int fd)
{
	struct iommu_ioas_change_process cmd = { .size = sizeof(cmd) };

	return iommufd_ioctl(fd, IOMMU_IOAS_CHANGE_PROCESS, &cmd);
}

/* On success @length becomes the number of bytes unmapped */
int iommufd_ioas_unmap(int fd, __u32 ioas, __u64 iova, __u64 *length)
{
	struct iommu_ioas_unmap cmd = {
		.size = sizeof(cmd),
		.ioas_id = ioas,
		.iova = iova,
		.length = *length,
	};
	int rc = iommufd_ioctl(fd, IOMMU_IOAS_UNMAP, &cmd);

	if (!rc)
		*length = cmd.length;
	return rc;
}

int iommufd_hw_info(int fd, __u32 dev, __u32 type, void *data, __u32 len)
{
	struct iommu_hw_info cmd = {
		.size = sizeof(cmd),
		.flags = IOMMU_HW_INFO_FLAG_INPUT_TYPE,
		.dev_id = dev,
		.data_len = len,
		.data_uptr = (uintptr_t)data,
		.in_data_type = type,
	};
	int rc = iommufd_ioctl(fd, IOMMU_GET_HW_INFO, &cmd);

	if (!rc && cmd.out_data_type != type)
		return -EPROTO;
	return rc;
}

int iommufd_hwpt_alloc(int fd, __u32 dev, __u32 pt, __u32 flags, __u32 *id)
{
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.flags = flags,
		.dev_id = dev,
		.pt_id = pt,
	};
	int rc = iommufd_ioctl(fd, IOMMU_HWPT_ALLOC, &cmd);

	if (!rc)
		*id = cmd.out_hwpt_id;
	return rc;
}

int iommufd_hwpt_nested(int fd, __u32 dev, __u32 viommu, const __u64 ste[2],
			__u32 *id)
{
	struct iommu_hwpt_arm_smmuv3 data = { .ste = { ste[0], ste[1] } };
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.dev_id = dev,
		.pt_id = viommu,
		.data_type = IOMMU_HWPT_DATA_ARM_SMMUV3,
		.data_len = sizeof(data),
		.data_uptr = (uintptr_t)&data,
	};
	int rc = iommufd_ioctl(fd, IOMMU_HWPT_ALLOC, &cmd);

	if (!rc)
		*id = cmd.out_hwpt_id;
	return rc;
}

/* @num becomes the number of executed commands, also on failure */
int iommufd_hwpt_invalidate(int fd, __u32 viommu, const struct smmu_cmd *cmds,
			    __u32 *num)
{
	struct iommu_hwpt_invalidate cmd = {
		.size = sizeof(cmd),
		.hwpt_id = viommu,
		.data_uptr = (uintptr_t)cmds,
		.data_type = IOMMU_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3,
		.entry_len = sizeof(*cmds),
		.entry_num = *num,
	};
	int rc = iommufd_ioctl(fd, IOMMU_HWPT_INVALIDATE, &cmd);

	*num = cmd.entry_num;
	return rc;
}

int iommufd_viommu_alloc(int fd, __u32 dev, __u32 parent, __u32 type,
			 void *data, __u32 len, __u32 *id)
{
	struct iommu_viommu_alloc cmd = {
		.size = sizeof(cmd),
		.type = type,
		.dev_id = dev,
		.hwpt_id = parent,
		.data_len = len,
		.data_uptr = (uintptr_t)data,
	};
	int rc = iommufd_ioctl(fd, IOMMU_VIOMMU_ALLOC, &cmd);

	if (!rc)
		*id = cmd.out_viommu_id;
	return rc;
}

int iommufd_vdevice_alloc(int fd, __u32 viommu, __u32 dev, __u64 virt_id,
			  __u32 *id)
{
	struct iommu_vdevice_alloc cmd = {
		.size = sizeof(cmd),
		.viommu_id = viommu,
		.dev_id = dev,
		.virt_id = virt_id,
	};
	int rc = iommufd_ioctl(fd, IOMMU_VDEVICE_ALLOC, &cmd);

	if (!rc)
		*id = cmd.out_vdevice_id;
	return rc;
}

int iommufd_veventq_alloc(int fd, __u32 viommu, __u32 type, __u32 depth,
			  __u32 *id, int *events)
{
	struct iommu_veventq_alloc cmd = {
		.size = sizeof(cmd),
		.viommu_id = viommu,
		.type = type,
		.veventq_depth = depth,
	};
	int rc = iommufd_ioctl(fd, IOMMU_VEVENTQ_ALLOC, &cmd);

	if (!rc) {
		*id = cmd.out_veventq_id;
		*events = cmd.out_veventq_fd;
	}
	return rc;
}

int iommufd_hw_queue_alloc(int fd, __u32 viommu, __u32 type, __u32 index,
			   __u64 iova, __u64 length, __u32 *id)
{
	struct iommu_hw_queue_alloc cmd = {
		.size = sizeof(cmd),
		.viommu_id = viommu,
		.type = type,
		.index = index,
		.nesting_parent_iova = iova,
		.length = length,
	};
	int rc = iommufd_ioctl(fd, IOMMU_HW_QUEUE_ALLOC, &cmd);

	if (!rc)
		*id = cmd.out_hw_queue_id;
	return rc;
}

int vfio_bind(int devfd, int iommufd, __u32 *dev)
{
	struct vfio_device_bind_iommufd cmd = {
		.argsz = sizeof(cmd),
		.iommufd = iommufd,
	};
	int rc = iommufd_ioctl(devfd, VFIO_DEVICE_BIND_IOMMUFD, &cmd);

	if (!rc)
		*dev = cmd.out_devid;
	return rc;
}

int vfio_attach(int devfd, __u32 pt)
{
	struct vfio_device_attach_iommufd_pt cmd = {
		.argsz = sizeof(cmd),
		.pt_id = pt,
	};

	return iommufd_ioctl(devfd, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &cmd);
}

int vfio_detach(int devfd)
{
	struct vfio_device_detach_iommufd_pt cmd = { .argsz = sizeof(cmd) };

	return iommufd_ioctl(devfd, VFIO_DEVICE_DETACH_IOMMUFD_PT, &cmd);
}

/* The first interrupt of kind @index signals @fd; none if @fd is negative */
int vfio_set_irq(int devfd, __u32 index, int fd)
{
	struct {
		struct vfio_irq_set set;
		int fd;
	} cmd = {
		.set = {
			.argsz = sizeof(cmd),
			.flags = VFIO_IRQ_SET_ACTION_TRIGGER |
				 (fd < 0 ? VFIO_IRQ_SET_DATA_NONE :
					   VFIO_IRQ_SET_DATA_EVENTFD),
			.index = index,
			.count = fd < 0 ? 0 : 1,
		},
		.fd = fd,
	};

	return iommufd_ioctl(devfd, VFIO_DEVICE_SET_IRQS, &cmd);
}

int vfio_region(int devfd, __u32 index, __u64 *offset, __u64 *size)
{
	struct vfio_region_info cmd = { .argsz = sizeof(cmd), .index = index };
	int rc = iommufd_ioctl(devfd, VFIO_DEVICE_GET_REGION_INFO, &cmd);

	if (!rc) {
		*offset = cmd.offset;
		*size = cmd.size;
	}
	return rc;
}
