// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * Address spaces. Maps are always at a given address: a VMM knows where its
 * guest has its memory.
 */
#include <errno.h>

#include "lib.h"

int viommu_ioas_alloc(struct viommu_ctx *ctx, uint32_t *ioas)
{
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd) };
	int rc = vi_ioctl(ctx, ctx->fd, IOMMU_IOAS_ALLOC, &cmd);

	if (!rc)
		*ioas = cmd.out_ioas_id;
	vi_trace(ioas_alloc, ctx->fd, cmd.out_ioas_id, rc);
	return rc;
}

static int map_flags(unsigned int access, uint32_t *flags)
{
	if (!access || access & ~(VIOMMU_MAP_READ | VIOMMU_MAP_WRITE))
		return -EINVAL;
	*flags = IOMMU_IOAS_MAP_FIXED_IOVA;
	if (access & VIOMMU_MAP_READ)
		*flags |= IOMMU_IOAS_MAP_READABLE;
	if (access & VIOMMU_MAP_WRITE)
		*flags |= IOMMU_IOAS_MAP_WRITEABLE;
	return 0;
}

int viommu_ioas_map(struct viommu_ctx *ctx, uint32_t ioas, void *va,
		    uint64_t iova, uint64_t length, unsigned int access)
{
	struct iommu_ioas_map cmd = {
		.size = sizeof(cmd),
		.ioas_id = ioas,
		.user_va = (uintptr_t)va,
		.length = length,
		.iova = iova,
	};
	int rc = map_flags(access, &cmd.flags);

	if (!rc)
		rc = vi_ioctl(ctx, ctx->fd, IOMMU_IOAS_MAP, &cmd);
	vi_trace(ioas_map, ctx->fd, ioas, va, iova, length, access, rc);
	return rc;
}

const char *viommu_ioas_map_reason(int err)
{
	switch (-err) {
	case 0:
		return "no error";
	case EBADF:
		return "the descriptor is not open";
	case EEXIST:
		return "something is mapped at these addresses";
	case EFAULT:
		return "a part cannot be pinned: it is not memory, or memory of a device, as a BAR or that of a GPU";
	case EINVAL:
		return "address, length, offset, kind of file or access is wrong";
	case ENOENT:
		return "there is no such IOAS";
	case ENOMEM:
		return "no memory, or the limit of locked memory is reached";
	case ENOTTY:
		return "this kernel does not map files";
	case EOVERFLOW:
		return "the range ends beyond the last address";
	case EPERM:
		return "the descriptor or a seal of the file does not permit the access";
	default:
		return "the kernel refused for another reason";
	}
}

int viommu_ioas_map_file(struct viommu_ctx *ctx, uint32_t ioas, int fd,
			 uint64_t start, uint64_t iova, uint64_t length,
			 unsigned int access)
{
	struct iommu_ioas_map_file cmd = {
		.size = sizeof(cmd),
		.ioas_id = ioas,
		.fd = fd,
		.start = start,
		.length = length,
		.iova = iova,
	};
	int rc = map_flags(access, &cmd.flags);

	if (!rc)
		rc = vi_ioctl(ctx, ctx->fd, IOMMU_IOAS_MAP_FILE, &cmd);
	vi_trace(ioas_map_file, ctx->fd, ioas, fd, start, iova, length, access, rc);
	return rc;
}

int viommu_ioas_change_process(struct viommu_ctx *ctx)
{
	struct iommu_ioas_change_process cmd = { .size = sizeof(cmd) };
	int rc = vi_ioctl(ctx, ctx->fd, IOMMU_IOAS_CHANGE_PROCESS, &cmd);

	vi_trace(ioas_change_process, ctx->fd, rc);
	return rc;
}

int viommu_ioas_unmap(struct viommu_ctx *ctx, uint32_t ioas, uint64_t iova,
		      uint64_t *length)
{
	struct iommu_ioas_unmap cmd = {
		.size = sizeof(cmd),
		.ioas_id = ioas,
		.iova = iova,
		.length = *length,
	};
	int rc = vi_ioctl(ctx, ctx->fd, IOMMU_IOAS_UNMAP, &cmd);

	if (!rc)
		*length = cmd.length;
	vi_trace(ioas_unmap, ctx->fd, ioas, iova, cmd.length, rc);
	return rc;
}

int viommu_ioas_ranges(struct viommu_ctx *ctx, uint32_t ioas,
		       struct viommu_iova_range *ranges, uint32_t *num,
		       uint64_t *alignment)
{
	struct iommu_ioas_iova_ranges cmd = {
		.size = sizeof(cmd),
		.ioas_id = ioas,
		.num_iovas = *num,
		.allowed_iovas = (uintptr_t)ranges,
	};
	int rc = vi_ioctl(ctx, ctx->fd, IOMMU_IOAS_IOVA_RANGES, &cmd);

	if (!rc || rc == -EMSGSIZE)
		*num = cmd.num_iovas;
	if (!rc && alignment)
		*alignment = cmd.out_iova_alignment;
	vi_trace(ioas_ranges, ctx->fd, ioas, cmd.num_iovas, rc);
	return rc;
}

_Static_assert(sizeof(struct viommu_iova_range) == sizeof(struct iommu_iova_range),
	       "the kernel writes struct viommu_iova_range");
