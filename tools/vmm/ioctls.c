// SPDX-License-Identifier: GPL-2.0
/*
 * The ioctls of this process, counted. The program is linked with
 * --wrap=ioctl, so that each call comes by here, those of libviommu as well;
 * nobody has to be trusted to count. KVM_RUN is not counted: what it returns
 * with is an exit, and has a counter of its own.
 */
#include <stdarg.h>
#include <stdatomic.h>
#include <linux/kvm.h>

#include "vmm.h"

int __real_ioctl(int fd, unsigned long request, void *arg);
int __wrap_ioctl(int fd, unsigned long request, ...);

static atomic_uint_fast64_t count;

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	void *arg;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (request != KVM_RUN)
		atomic_fetch_add_explicit(&count, 1, memory_order_relaxed);
	return __real_ioctl(fd, request, arg);
}

uint64_t ioctls_made(void)
{
	return atomic_load_explicit(&count, memory_order_relaxed);
}
