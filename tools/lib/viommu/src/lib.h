/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Shared by the files of the library. Names that are not for users begin with
 * vi_ so that the static library stays out of the way of its users.
 */
#ifndef VI_LIB_H
#define VI_LIB_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
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

/* End of a member, which is the length of a structure that ended with it */
#define END_OF(type, member) (offsetof(type, member) + sizeof(((type *)0)->member))

/*
 * Structures that begin with their size, so that they can grow. The caller's may be older
 * or newer than the library.
 *
 * vi_take() copies @size bytes of the caller's into one of the library's @len. False if it
 * is shorter than @least, longer than any can be, or says something that the library does
 * not know.
 *
 * vi_give() fills the caller's from one of the library's @len, all but the size; what the
 * library does not know is 0. vi_gives() tells beforehand whether it can.
 */
bool vi_take(void *to, size_t len, const void *from, size_t size, size_t least);
bool vi_gives(const uint32_t *size, size_t least);
void vi_give(uint32_t *size, const void *from, size_t len);

/* Have a descriptor never wait: 0 or -errno */
int vi_nonblocking(int fd);

/* All ioctls go through here: 0 or -errno, counted, never retried */
int vi_ioctl(struct viommu_ctx *ctx, int fd, unsigned long request, void *arg);

#endif
