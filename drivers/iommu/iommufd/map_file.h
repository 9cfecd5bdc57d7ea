/* SPDX-License-Identifier: GPL-2.0 */
/* Commands for memory of files: map_file.c, change_process.c */
#ifndef __IOMMUFD_MAP_FILE_H
#define __IOMMUFD_MAP_FILE_H

#include <linux/types.h>

struct iommufd_ucmd;

/* ioas.c */
int conv_iommu_prot(u32 map_flags);

/* change_process.c */
int iommufd_ioas_change_process(struct iommufd_ucmd *ucmd);

/* map_file.c */
int iommufd_ioas_map_file(struct iommufd_ucmd *ucmd);

#endif
