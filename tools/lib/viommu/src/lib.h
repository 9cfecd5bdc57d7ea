/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * What the files of the library share. Names that are not for users begin with
 * vi_ so that the static library stays out of the way of its users.
 */
#ifndef VI_LIB_H
#define VI_LIB_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <linux/iommufd.h>
#include <viommu.h>

#include "trace.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

struct viommu_ctx {
	int fd;
	bool owned;
	atomic_uint_fast64_t ioctls;
};

/* All ioctls go through here: 0 or -errno, counted, never retried */
int vi_ioctl(struct viommu_ctx *ctx, int fd, unsigned long request, void *arg);

#endif
