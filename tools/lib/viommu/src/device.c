// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * Capabilities of the IOMMU behind a device. The kernel fills structures of its own; the
 * interface's, which can grow, are filled from them.
 */
#include <errno.h>
#include <string.h>

#include "lib.h"

#define SAME(a, b) _Static_assert((a) == (b), #a " is not the kernel's")

SAME(VIOMMU_HW_INFO_DEFAULT, IOMMU_HW_INFO_TYPE_DEFAULT);
SAME(VIOMMU_HW_INFO_ARM_SMMUV3, IOMMU_HW_INFO_TYPE_ARM_SMMUV3);
SAME(VIOMMU_HW_INFO_TEGRA241_CMDQV, IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV);
SAME(VIOMMU_HW_CAP_DIRTY_TRACKING, IOMMU_HW_CAP_DIRTY_TRACKING);
SAME(VIOMMU_HW_CAP_ATS_NOT_SUPPORTED, IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED);
SAME(VIOMMU_SMMUV3_REPEAT_TLBI_CFGI, IOMMU_HW_INFO_ARM_SMMUV3_ERRATA_REPEAT_TLBI_CFGI);

/* Lengths in version 1.0 */
#define HW_INFO_LEN_1_0 END_OF(struct viommu_hw_info, max_pasid_log2)
#define SMMUV3_INFO_LEN_1_0 END_OF(struct viommu_smmuv3_info, aidr)
#define CMDQV_INFO_LEN_1_0 END_OF(struct viommu_cmdqv_info, reserved)

static int hw_info(struct viommu_ctx *ctx, struct iommu_hw_info *cmd)
{
	cmd->size = sizeof(*cmd);
	/* Mainline knows the flag since 6.17, and what it tells by default before that */
	if (cmd->in_data_type != VIOMMU_HW_INFO_DEFAULT)
		cmd->flags = IOMMU_HW_INFO_FLAG_INPUT_TYPE;
	return vi_ioctl(ctx, ctx->fd, IOMMU_GET_HW_INFO, cmd);
}

int viommu_hw_info(struct viommu_ctx *ctx, uint32_t dev, uint32_t type,
		   void *data, uint32_t len, struct viommu_hw_info *info)
{
	struct iommu_hw_info cmd = {
		.dev_id = dev,
		.data_len = data ? len : 0,
		.data_uptr = (uintptr_t)data,
		.in_data_type = type,
	};
	struct viommu_hw_info found;
	int rc = -EINVAL;

	if (!info || vi_gives(&info->size, HW_INFO_LEN_1_0))
		rc = hw_info(ctx, &cmd);
	if (!rc && info) {
		found = (struct viommu_hw_info){
			.type = cmd.out_data_type,
			.capabilities = cmd.out_capabilities,
			.len = cmd.data_len,
			.max_pasid_log2 = cmd.out_max_pasid_log2,
		};
		vi_give(&info->size, &found, sizeof(found));
	}
	vi_trace(hw_info, ctx->fd, dev, type, cmd.data_len, cmd.out_data_type,
		 cmd.out_capabilities, rc);
	return rc;
}

/* Information of exactly this type, whole; the type is asked for, or is what is expected by default */
static int hw_info_typed(struct viommu_ctx *ctx, uint32_t dev, uint32_t asked,
			 uint32_t type, void *data, uint32_t len)
{
	struct viommu_hw_info info = { .size = sizeof(info) };
	int rc = viommu_hw_info(ctx, dev, asked, data, len, &info);

	if (!rc && (info.type != type || info.len < len))
		rc = -EOPNOTSUPP;
	return rc;
}

int viommu_hw_info_smmuv3(struct viommu_ctx *ctx, uint32_t dev,
			  struct viommu_smmuv3_info *info)
{
	struct iommu_hw_info_arm_smmuv3 found;
	struct viommu_smmuv3_info result;
	int rc = -EINVAL;

	if (vi_gives(&info->size, SMMUV3_INFO_LEN_1_0))
		rc = hw_info_typed(ctx, dev, VIOMMU_HW_INFO_DEFAULT,
				   VIOMMU_HW_INFO_ARM_SMMUV3, &found, sizeof(found));
	if (!rc) {
		result = (struct viommu_smmuv3_info){
			.flags = found.flags,
			.iidr = found.iidr,
			.aidr = found.aidr,
		};
		memcpy(result.idr, found.idr, sizeof(result.idr));
		vi_give(&info->size, &result, sizeof(result));
	}
	vi_trace(hw_info_smmuv3, ctx->fd, dev, rc);
	return rc;
}

int viommu_hw_info_cmdqv(struct viommu_ctx *ctx, uint32_t dev,
			 struct viommu_cmdqv_info *info)
{
	struct iommu_hw_info_tegra241_cmdqv found;
	struct viommu_cmdqv_info result;
	int rc = -EINVAL;

	if (vi_gives(&info->size, CMDQV_INFO_LEN_1_0))
		rc = hw_info_typed(ctx, dev, VIOMMU_HW_INFO_TEGRA241_CMDQV,
				   VIOMMU_HW_INFO_TEGRA241_CMDQV, &found, sizeof(found));
	if (!rc && (found.version != 1 || found.log2vcmdqs < 1 || found.log2vsids < 4))
		rc = -EOPNOTSUPP;
	if (!rc) {
		result = (struct viommu_cmdqv_info){
			.flags = found.flags,
			.version = found.version,
			.log2vcmdqs = found.log2vcmdqs,
			.log2vsids = found.log2vsids,
		};
		vi_give(&info->size, &result, sizeof(result));
	}
	vi_trace(hw_info_cmdqv, ctx->fd, dev, rc);
	return rc;
}
