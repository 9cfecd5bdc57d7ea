// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * Contexts, and the one way to make an ioctl. A context is a descriptor, whose
 * it is, and a count.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib.h"

int vi_ioctl(struct viommu_ctx *ctx, int fd, unsigned long request, void *arg)
{
	atomic_fetch_add_explicit(&ctx->ioctls, 1, memory_order_relaxed);
	return ioctl(fd, request, arg) < 0 ? -errno : 0;
}

int vi_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) ? -errno : 0;
}

static int ctx_new(int fd, bool owned, struct viommu_ctx **ctx)
{
	struct viommu_ctx *new = calloc(1, sizeof(*new));

	if (!new)
		return -ENOMEM;
	new->fd = fd;
	new->owned = owned;
	*ctx = new;
	return 0;
}

int viommu_ctx_open(const char *path, struct viommu_ctx **ctx)
{
	int fd, rc;

	if (!path)
		path = "/dev/iommu";
	fd = open(path, O_RDWR | O_CLOEXEC);
	rc = fd < 0 ? -errno : ctx_new(fd, true, ctx);
	if (fd >= 0 && rc)
		close(fd);
	vi_trace(ctx_open, path, fd, rc);
	return rc;
}

int viommu_ctx_from_fd(int fd, struct viommu_ctx **ctx)
{
	int rc = fcntl(fd, F_GETFD) < 0 ? -errno : ctx_new(fd, false, ctx);

	vi_trace(ctx_from_fd, fd, rc);
	return rc;
}

void viommu_ctx_close(struct viommu_ctx *ctx)
{
	if (!ctx)
		return;
	vi_trace(ctx_close, ctx->fd, ctx->owned);
	if (ctx->owned)
		close(ctx->fd);
	free(ctx);
}

int viommu_ctx_fd(const struct viommu_ctx *ctx)
{
	return ctx->fd;
}

uint64_t viommu_ctx_ioctls(const struct viommu_ctx *ctx)
{
	return atomic_load_explicit(&ctx->ioctls, memory_order_relaxed);
}

int viommu_destroy(struct viommu_ctx *ctx, uint32_t id)
{
	struct iommu_destroy cmd = { .size = sizeof(cmd), .id = id };
	int rc = vi_ioctl(ctx, ctx->fd, IOMMU_DESTROY, &cmd);

	vi_trace(destroy, ctx->fd, id, rc);
	return rc;
}
