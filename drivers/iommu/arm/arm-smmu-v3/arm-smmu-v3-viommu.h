/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SMMUv3 vIOMMU: what arm-smmu-v3.c, the nesting code and the CMDQ-V driver
 * share. Included by arm-smmu-v3.h.
 */
#ifndef _ARM_SMMU_V3_VIOMMU_H
#define _ARM_SMMU_V3_VIOMMU_H

#include <linux/iommufd_vobj.h>

struct arm_smmu_device;
struct arm_smmu_domain;
struct arm_vsmmu;

/**
 * struct arm_smmu_viommu_impl - What an SMMU implementation adds to vIOMMUs
 * @vsmmu_type: Type of the vIOMMU that the implementation makes
 * @vsmmu_size: Bytes of the structure around &struct arm_vsmmu for that type
 * @device_disable: Stop the implementation's hardware; called before the SMMU
 *                  itself is disabled, on removal and on shutdown. May be NULL.
 * @hw_info: As &iommu_ops.hw_info, for @vsmmu_type's information; *type holds the
 *           type asked for. Returns ERR_PTR(-EOPNOTSUPP) for one it has not.
 * @vsmmu_init: Fill in what follows the &struct arm_vsmmu, whose smmu, s2_parent,
 *              vmid and core.ops are set; may replace core.ops
 */
struct arm_smmu_viommu_impl {
	enum iommu_viommu_type vsmmu_type;
	size_t vsmmu_size;
	void (*device_disable)(struct arm_smmu_device *smmu);
	void *(*hw_info)(struct arm_smmu_device *smmu, u32 *length, u32 *type);
	int (*vsmmu_init)(struct arm_vsmmu *vsmmu,
			  const struct iommu_user_data *user_data);
};

/**
 * struct arm_vsmmu - vIOMMU of an SMMUv3
 * @core: The iommufd object
 * @smmu: The physical SMMU
 * @s2_parent: The nesting parent
 * @vmid: VMID of the nesting parent
 */
struct arm_vsmmu {
	struct iommufd_viommu core;
	struct arm_smmu_device *smmu;
	struct arm_smmu_domain *s2_parent;
	u16 vmid;
};

#endif
