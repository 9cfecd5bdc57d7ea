/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls of iommufd and VFIO, for all tests: one function per request. Every
 * function returns 0 or a negative errno.
 */
#ifndef _IOMMUFD_CALLS_H
#define _IOMMUFD_CALLS_H

#include <stddef.h>
#include <linux/iommufd.h>
#include <linux/vfio.h>

/* A command of the SMMUv3, for queues and for IOMMU_HWPT_INVALIDATE */
struct smmu_cmd {
	__u64 w[2];
};

/* Number of ioctls this program has made; iommufd_ioctl() is the only way to make one */
extern unsigned long iommufd_ioctls;

int iommufd_ioctl(int fd, unsigned long request, void *arg);

int iommufd_open(void);
int iommufd_destroy(int fd, __u32 id);
int iommufd_ioas_alloc(int fd, __u32 *id);
int iommufd_ioas_map(int fd, __u32 ioas, void *va, __u64 iova, __u64 length,
		     __u32 flags);
int iommufd_ioas_map_file(int fd, __u32 ioas, int file, __u64 start,
			  __u64 length, __u64 iova, __u32 flags);
int iommufd_ioas_copy(int fd, __u32 src_ioas, __u64 src_iova, __u32 dst_ioas,
		      __u64 dst_iova, __u64 length, __u32 flags);
int iommufd_ioas_change_process(int fd);
int iommufd_ioas_unmap(int fd, __u32 ioas, __u64 iova, __u64 *length);
int iommufd_hw_info(int fd, __u32 dev, __u32 type, void *data, __u32 len);
int iommufd_hwpt_alloc(int fd, __u32 dev, __u32 pt, __u32 flags, __u32 *id);
int iommufd_hwpt_nested(int fd, __u32 dev, __u32 viommu, const __u64 ste[2],
			__u32 *id);
int iommufd_hwpt_invalidate(int fd, __u32 viommu, const struct smmu_cmd *cmds,
			    __u32 *num);
int iommufd_viommu_alloc(int fd, __u32 dev, __u32 parent, __u32 type,
			 void *data, __u32 len, __u32 *id);
int iommufd_vdevice_alloc(int fd, __u32 viommu, __u32 dev, __u64 virt_id,
			  __u32 *id);
int iommufd_veventq_alloc(int fd, __u32 viommu, __u32 type, __u32 depth,
			  __u32 *id, int *events);
int iommufd_hw_queue_alloc(int fd, __u32 viommu, __u32 type, __u32 index,
			   __u64 iova, __u64 length, __u32 *id);

int vfio_bind(int devfd, int iommufd, __u32 *dev);
int vfio_attach(int devfd, __u32 pt);
int vfio_detach(int devfd);
int vfio_set_irq(int devfd, __u32 index, int fd);
int vfio_region(int devfd, __u32 index, __u64 *offset, __u64 *size);

#endif
