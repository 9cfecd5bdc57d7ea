// SPDX-License-Identifier: GPL-2.0
/*
 * An SMMU that cannot keep a guest from bypassing the caches has no vIOMMU: it has no S2FWB,
 * and its root complex no CANWBS. For such an SMMU; another is skipped.
 */
#include <unistd.h>

#include "smmuv3_nested.h"

#define IDR3_FWB	(1U << 8)

FIXTURE(no_write_back) {
	struct dma_dev dev;
	int iommufd;
	__u32 dev_id;
	__u32 parent;
};

FIXTURE_SETUP(no_write_back)
{
	struct iommu_hw_info_arm_smmuv3 info = { 0 };
	__u32 ioas;

	self->iommufd = iommufd_open();
	ASSERT_LE(0, self->iommufd);
	ASSERT_EQ(0, dma_open(&self->dev, 0));
	ASSERT_EQ(0, vfio_bind(self->dev.fd, self->iommufd, &self->dev_id));
	ASSERT_EQ(0, iommufd_hw_info(self->iommufd, self->dev_id,
				     IOMMU_HW_INFO_TYPE_ARM_SMMUV3, &info,
				     sizeof(info)));
	if (info.idr[3] & IDR3_FWB)
		SKIP(return, "this SMMU has S2FWB");
	ASSERT_EQ(0, iommufd_ioas_alloc(self->iommufd, &ioas));
	ASSERT_EQ(0, iommufd_hwpt_alloc(self->iommufd, self->dev_id, ioas,
					IOMMU_HWPT_ALLOC_NEST_PARENT,
					&self->parent));
}

FIXTURE_TEARDOWN(no_write_back)
{
	dma_close(&self->dev);
	close(self->iommufd);
}

FIXTURE_VARIANT(no_write_back) {
	__u32 type;
};

FIXTURE_VARIANT_ADD(no_write_back, smmuv3) {
	.type = IOMMU_VIOMMU_TYPE_ARM_SMMUV3,
};

FIXTURE_VARIANT_ADD(no_write_back, cmdqv) {
	.type = IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV,
};

/* The parent alone works: stage 2 of the host has no attribute of a guest */
TEST_F(no_write_back, no_viommu)
{
	struct iommu_viommu_tegra241_cmdqv data = { 0 };
	__u32 viommu = 0;

	EXPECT_EQ(-EOPNOTSUPP,
		  iommufd_viommu_alloc(self->iommufd, self->dev_id, self->parent,
				       variant->type, &data, sizeof(data),
				       &viommu));
	EXPECT_EQ(0, viommu);
	EXPECT_EQ(0, vfio_attach(self->dev.fd, self->parent));
}

TEST_HARNESS_MAIN
