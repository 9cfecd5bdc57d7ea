/* SPDX-License-Identifier: GPL-2.0 */
/* Commands for memory that has a file: map_file.c, change_process.c */
#ifndef __IOMMUFD_MAP_FILE_H
#define __IOMMUFD_MAP_FILE_H

#include <linux/types.h>

struct iommufd_ucmd;

/* Entries of iommufd_ioctl_ops[]; IOCTL_OP is defined there */
#define IOMMUFD_OP_IOAS_CHANGE_PROCESS                                     \
	IOCTL_OP(IOMMU_IOAS_CHANGE_PROCESS, iommufd_ioas_change_process,   \
		 struct iommu_ioas_change_process, __reserved)
#define IOMMUFD_OP_IOAS_MAP_FILE                             \
	IOCTL_OP(IOMMU_IOAS_MAP_FILE, iommufd_ioas_map_file, \
		 struct iommu_ioas_map_file, iova)

/* ioas.c */
int conv_iommu_prot(u32 map_flags);

/* change_process.c */
int iommufd_ioas_change_process(struct iommufd_ucmd *ucmd);

/* map_file.c */
int iommufd_ioas_map_file(struct iommufd_ucmd *ucmd);

#endif
