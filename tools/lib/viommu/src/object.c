// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * vIOMMUs and what is made on them.
 */
#include <errno.h>
#include <sys/mman.h>

#include "lib.h"

#define SAME(a, b) _Static_assert((a) == (b), #a " is not the kernel's")

/* Numbers are compared, not enumerations */
SAME(VIOMMU_TYPE_ARM_SMMUV3, 0u + IOMMU_VIOMMU_TYPE_ARM_SMMUV3);
SAME(VIOMMU_TYPE_TEGRA241_CMDQV, 0u + IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV);
SAME(VIOMMU_HW_QUEUE_TEGRA241_CMDQV, 0u + IOMMU_HW_QUEUE_TYPE_TEGRA241_CMDQV);

int viommu_alloc(struct viommu_ctx *ctx, uint32_t type, uint32_t dev,
		 uint32_t parent, void *data, uint32_t len, uint32_t *viommu)
{
	struct iommu_viommu_alloc cmd = {
		.size = sizeof(cmd),
		.type = type,
		.dev_id = dev,
		.hwpt_id = parent,
		.data_len = len,
		.data_uptr = (uintptr_t)data,
	};
	int rc = vi_ioctl(ctx, ctx->fd, IOMMU_VIOMMU_ALLOC, &cmd);

	if (!rc)
		*viommu = cmd.out_viommu_id;
	vi_trace(alloc, ctx->fd, type, dev, parent, cmd.out_viommu_id, rc);
	return rc;
}

int viommu_alloc_cmdqv(struct viommu_ctx *ctx, uint32_t dev, uint32_t parent,
		       struct viommu_region *page0, uint32_t *viommu)
{
	struct iommu_viommu_tegra241_cmdqv data = { 0 };
	struct viommu_region region;
	int rc = -EINVAL;

	if (vi_gives(&page0->size, END_OF(struct viommu_region, length)))
		rc = viommu_alloc(ctx, VIOMMU_TYPE_TEGRA241_CMDQV, dev, parent, &data,
				  sizeof(data), viommu);
	if (!rc) {
		region = (struct viommu_region){
			.offset = data.out_vintf_mmap_offset,
			.length = data.out_vintf_mmap_length,
		};
		vi_give(&page0->size, &region, sizeof(region));
	}
	vi_trace(alloc_cmdqv, ctx->fd, dev, parent, data.out_vintf_mmap_offset,
		 data.out_vintf_mmap_length, rc);
	return rc;
}

int viommu_vdevice_alloc(struct viommu_ctx *ctx, uint32_t viommu, uint32_t dev,
			 uint64_t virt_id, uint32_t *vdevice)
{
	struct iommu_vdevice_alloc cmd = {
		.size = sizeof(cmd),
		.viommu_id = viommu,
		.dev_id = dev,
		.virt_id = virt_id,
	};
	int rc = vi_ioctl(ctx, ctx->fd, IOMMU_VDEVICE_ALLOC, &cmd);

	if (!rc)
		*vdevice = cmd.out_vdevice_id;
	vi_trace(vdevice_alloc, ctx->fd, viommu, dev, virt_id,
		 cmd.out_vdevice_id, rc);
	return rc;
}

int viommu_hw_queue_alloc(struct viommu_ctx *ctx, uint32_t viommu,
			  uint32_t type, uint32_t index, uint64_t iova,
			  uint64_t length, uint32_t *queue)
{
	struct iommu_hw_queue_alloc cmd = {
		.size = sizeof(cmd),
		.viommu_id = viommu,
		.type = type,
		.index = index,
		.nesting_parent_iova = iova,
		.length = length,
	};
	int rc = vi_ioctl(ctx, ctx->fd, IOMMU_HW_QUEUE_ALLOC, &cmd);

	if (!rc)
		*queue = cmd.out_hw_queue_id;
	vi_trace(hw_queue_alloc, ctx->fd, viommu, type, index, iova, length,
		 cmd.out_hw_queue_id, rc);
	return rc;
}

/* mmap() takes a signed offset; the kernel gives out small ones, the caller may not */
int viommu_mmap(struct viommu_ctx *ctx, uint32_t viommu, size_t size,
		uint64_t offset, void **addr)
{
	void *p = MAP_FAILED;
	int rc = 0;

	if (offset > INT64_MAX)
		rc = -ENXIO;
	else
		p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, ctx->fd,
			 (off_t)offset);
	if (!rc && p == MAP_FAILED)
		rc = -errno;
	/* A child must not ring the doorbells of this VM, nor keep its vIOMMU busy */
	if (!rc && madvise(p, size, MADV_DONTFORK)) {
		rc = -errno;
		munmap(p, size);
	}
	if (!rc)
		*addr = p;
	vi_trace(mmap, ctx->fd, viommu, size, offset, p, rc);
	return rc;
}

const char *viommu_mmap_reason(int err)
{
	switch (-err) {
	case 0:
		return "no error";
	case EACCES:
		return "the descriptor was opened read-only";
	case EINVAL:
		return "the size is 0, or the offset is not that of a page";
	case ENODEV:
		return "this kernel has no mmap() for iommufd";
	case ENOMEM:
		return "no memory, or no room for one more mapping";
	case ENXIO:
		return "no region starts at this offset, or it is shorter than this";
	case EPERM:
		return "the mapping would be executable";
	default:
		return "mmap() failed in a way that iommufd does not";
	}
}
