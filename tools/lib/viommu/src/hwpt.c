// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * HWPTs: nesting parents, and nested ones on a vIOMMU.
 */
#include <endian.h>

#include "lib.h"

_Static_assert(VIOMMU_HWPT_ARM_SMMUV3 == IOMMU_HWPT_DATA_ARM_SMMUV3,
	       "VIOMMU_HWPT_ARM_SMMUV3 is not the kernel's");

int viommu_hwpt_alloc_parent(struct viommu_ctx *ctx, uint32_t dev,
			     uint32_t ioas, uint32_t *hwpt)
{
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.flags = IOMMU_HWPT_ALLOC_NEST_PARENT,
		.dev_id = dev,
		.pt_id = ioas,
	};
	int rc = vi_ioctl(ctx, ctx->fd, IOMMU_HWPT_ALLOC, &cmd);

	if (!rc)
		*hwpt = cmd.out_hwpt_id;
	vi_trace(hwpt_alloc_parent, ctx->fd, dev, ioas, cmd.out_hwpt_id, rc);
	return rc;
}

int viommu_hwpt_alloc_nested(struct viommu_ctx *ctx, uint32_t dev,
			     uint32_t viommu, uint32_t type, const void *data,
			     uint32_t len, uint32_t *hwpt)
{
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.dev_id = dev,
		.pt_id = viommu,
		.data_type = type,
		.data_len = len,
		.data_uptr = (uintptr_t)data,
	};
	int rc = vi_ioctl(ctx, ctx->fd, IOMMU_HWPT_ALLOC, &cmd);

	if (!rc)
		*hwpt = cmd.out_hwpt_id;
	vi_trace(hwpt_alloc_nested, ctx->fd, dev, viommu, type, len,
		 cmd.out_hwpt_id, rc);
	return rc;
}

int viommu_hwpt_alloc_ste(struct viommu_ctx *ctx, uint32_t dev,
			  uint32_t viommu, const uint64_t ste[2],
			  uint32_t *hwpt)
{
	struct iommu_hwpt_arm_smmuv3 data = {
		.ste = { htole64(ste[0]), htole64(ste[1]) },
	};
	int rc = viommu_hwpt_alloc_nested(ctx, dev, viommu, VIOMMU_HWPT_ARM_SMMUV3,
					  &data, sizeof(data), hwpt);

	vi_trace(hwpt_alloc_ste, ctx->fd, dev, viommu, ste[0], ste[1], rc);
	return rc;
}
