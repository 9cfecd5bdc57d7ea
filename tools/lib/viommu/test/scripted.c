// SPDX-License-Identifier: MIT OR GPL-2.0
/* The scripted kernel of scripted.h */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <viommu.h>

#include "scripted.h"
#include "test.h"

struct scripted_kernel kernel;
struct scripted_mapping mapping;
struct viommu_ctx *ctx;
bool no_memory;

int __wrap_ioctl(int fd, unsigned long request, ...);
void *__wrap_mmap(void *addr, size_t size, int prot, int flags, int fd, off_t offset);
int __wrap_madvise(void *addr, size_t size, int advice);
int __wrap_munmap(void *addr, size_t size);
int __real_munmap(void *addr, size_t size);
void *__wrap_calloc(size_t num, size_t size);
void *__real_calloc(size_t num, size_t size);

void *__wrap_calloc(size_t num, size_t size)
{
	return no_memory ? NULL : __real_calloc(num, size);
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	kernel.calls++;
	kernel.fd = fd;
	kernel.request = request;
	/* The size comes first in every structure of iommufd and VFIO */
	kernel.size = *(uint32_t *)arg;
	CHECK(kernel.size >= 4 && kernel.size <= sizeof(kernel.got));
	if (kernel.size <= sizeof(kernel.got))
		memcpy(kernel.got, arg, kernel.size);
	if (kernel.answer)
		kernel.answer(arg);
	errno = kernel.err;
	return kernel.err ? -1 : 0;
}

void *__wrap_mmap(void *addr, size_t size, int prot, int flags, int fd, off_t offset)
{
	CHECK(!addr);
	mapping.size = size;
	mapping.prot = prot;
	mapping.flags = flags;
	mapping.fd = fd;
	mapping.offset = offset;
	errno = mapping.err;
	return mapping.err ? MAP_FAILED : &mapping;
}

int __wrap_madvise(void *addr, size_t size, int advice)
{
	CHECK(addr == &mapping);
	EQUAL(size, mapping.size);
	mapping.advice = advice;
	errno = mapping.advice_err;
	return mapping.advice_err ? -1 : 0;
}

int __wrap_munmap(void *addr, size_t size)
{
	if (addr != &mapping)
		return __real_munmap(addr, size);
	EQUAL(size, mapping.size);
	mapping.unmapped++;
	return 0;
}

void arrived(unsigned long request, size_t size)
{
	EQUAL(kernel.fd, viommu_ctx_fd(ctx));
	EQUAL(kernel.request, request);
	EQUAL(kernel.size, size);
}

void set_up(void)
{
	memset(&kernel, 0, sizeof(kernel));
	EQUAL(viommu_ctx_open("/dev/null", &ctx), 0);
}

void tear_down(void)
{
	viommu_ctx_close(ctx);
	ctx = NULL;
}
