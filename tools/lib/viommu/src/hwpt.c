// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * HWPTs: nesting parents, nested ones on a vIOMMU, and pages that devices have written.
 */
#include <endian.h>
#include <errno.h>

#include "lib.h"

#define SAME(a, b) _Static_assert((a) == (b), #a " is not the kernel's")

/* Numbers are compared, not enumerations */
SAME(VIOMMU_HWPT_ARM_SMMUV3, 0u + IOMMU_HWPT_DATA_ARM_SMMUV3);
SAME(VIOMMU_HWPT_NEST_PARENT, 0u + IOMMU_HWPT_ALLOC_NEST_PARENT);
SAME(VIOMMU_HWPT_DIRTY_TRACKING, 0u + IOMMU_HWPT_ALLOC_DIRTY_TRACKING);
SAME(VIOMMU_HWPT_FAULTS, 0u + IOMMU_HWPT_FAULT_ID_VALID);
SAME(VIOMMU_DIRTY_KEEP, 0u + IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR);

int viommu_hwpt_alloc(struct viommu_ctx *ctx, const struct viommu_hwpt_request *request,
		      uint32_t *hwpt)
{
	struct viommu_hwpt_request r = { 0 };
	struct iommu_hwpt_alloc cmd = { .size = sizeof(cmd) };
	int rc = -EINVAL;

	if (vi_take(&r, sizeof(r), request, request->size,
		    END_OF(struct viommu_hwpt_request, reserved)) && !r.reserved) {
		cmd.flags = r.flags;
		cmd.dev_id = r.dev;
		cmd.pt_id = r.pt;
		cmd.data_type = r.type;
		cmd.data_len = r.len;
		cmd.data_uptr = (uintptr_t)r.data;
		cmd.fault_id = r.faults;
		rc = vi_ioctl(ctx, ctx->fd, IOMMU_HWPT_ALLOC, &cmd);
	}
	if (!rc)
		*hwpt = cmd.out_hwpt_id;
	vi_trace(hwpt_alloc, ctx->fd, r.dev, r.pt, r.flags, r.type, r.len, r.faults,
		 cmd.out_hwpt_id, rc);
	return rc;
}

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

int viommu_hwpt_set_dirty_tracking(struct viommu_ctx *ctx, uint32_t hwpt, int enable)
{
	struct iommu_hwpt_set_dirty_tracking cmd = {
		.size = sizeof(cmd),
		.flags = enable ? IOMMU_HWPT_DIRTY_TRACKING_ENABLE : 0,
		.hwpt_id = hwpt,
	};
	int rc = -EINVAL;

	if (enable == 0 || enable == 1)
		rc = vi_ioctl(ctx, ctx->fd, IOMMU_HWPT_SET_DIRTY_TRACKING, &cmd);
	vi_trace(hwpt_set_dirty_tracking, ctx->fd, hwpt, enable, rc);
	return rc;
}

int viommu_hwpt_get_dirty(struct viommu_ctx *ctx, uint32_t hwpt, uint64_t iova,
			  uint64_t length, uint64_t page_size, uint32_t flags,
			  uint64_t *bitmap)
{
	struct iommu_hwpt_get_dirty_bitmap cmd = {
		.size = sizeof(cmd),
		.hwpt_id = hwpt,
		.flags = flags,
		.iova = iova,
		.length = length,
		.page_size = page_size,
		.data = (uintptr_t)bitmap,
	};
	int rc = vi_ioctl(ctx, ctx->fd, IOMMU_HWPT_GET_DIRTY_BITMAP, &cmd);

	vi_trace(hwpt_get_dirty, ctx->fd, hwpt, iova, length, page_size, flags, rc);
	return rc;
}
