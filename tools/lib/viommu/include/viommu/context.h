/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Context: one open /dev/iommu. IDs of objects are per context.
 *
 * A context may be used by several threads at once; the kernel does the
 * locking.
 */
#ifndef VIOMMU_CONTEXT_H
#define VIOMMU_CONTEXT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VIOMMU_VERSION_MAJOR 1
#define VIOMMU_VERSION_MINOR 0
#define VIOMMU_VERSION_PATCH 0

/* Version of these headers as one number, that grows */
#define VIOMMU_VERSION \
	(VIOMMU_VERSION_MAJOR << 16 | VIOMMU_VERSION_MINOR << 8 | VIOMMU_VERSION_PATCH)

/**
 * viommu_version - Version of the library
 *
 * A program that was compiled with an older version runs with this one, as long as the
 * major numbers are equal. One that was compiled with a newer version has to ask,
 * before it uses what the older one does not have.
 *
 * Return: VIOMMU_VERSION of the library that is linked.
 */
uint32_t viommu_version(void);

struct viommu_ctx;

/**
 * viommu_ctx_open - Open iommufd
 * @path: Path of the device, or NULL for /dev/iommu
 * @ctx: The new context
 *
 * Return: 0, -ENOMEM, or what open() reports: -ENOENT without iommufd,
 * -EACCES without permission.
 */
int viommu_ctx_open(const char *path, struct viommu_ctx **ctx);

/**
 * viommu_ctx_from_fd - Use an open descriptor of iommufd
 * @fd: Descriptor, opened for reading and writing. It stays the caller's:
 *      viommu_ctx_close() does not close it.
 * @ctx: The new context
 *
 * For a VMM that got its descriptor from a management process.
 *
 * Return: 0, -EBADF if @fd is no open descriptor, -ENOMEM.
 */
int viommu_ctx_from_fd(int fd, struct viommu_ctx **ctx);

/**
 * viommu_ctx_close - Forget a context
 * @ctx: Context or NULL
 *
 * Closes the descriptor if viommu_ctx_open() opened it. The kernel keeps its
 * objects until the last mapping, event descriptor and bound device are gone.
 */
void viommu_ctx_close(struct viommu_ctx *ctx);

/**
 * viommu_ctx_fd - Descriptor of a context
 * @ctx: Context
 *
 * Return: The descriptor; it belongs to the context, or to whoever gave it.
 */
int viommu_ctx_fd(const struct viommu_ctx *ctx);

/**
 * viommu_ctx_ioctls - Count the ioctls of a context
 * @ctx: Context
 *
 * Return: How many ioctls the library has made for the context, on its descriptor
 * and on those of VFIO devices, including those that failed.
 */
uint64_t viommu_ctx_ioctls(const struct viommu_ctx *ctx);

/**
 * viommu_destroy - Destroy an object of any kind
 * @ctx: Context
 * @id: Object
 *
 * Return: 0, -ENOENT if there is no such object, -EBUSY if something still
 * uses it (Documentation/userspace-api/viommu/checks.rst, section 4.8 and
 * Documentation/userspace-api/viommu/lifetime.rst, section 6): a vIOMMU with
 * anything on it or with a live mapping, an attached HWPT, a HW queue below
 * another one, a vEVENTQ whose descriptor is open, a device.
 */
int viommu_destroy(struct viommu_ctx *ctx, uint32_t id);

#ifdef __cplusplus
}
#endif

#endif
