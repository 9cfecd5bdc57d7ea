// SPDX-License-Identifier: GPL-2.0
/*
 * Arm's MMU-700 has nesting from r1p1 on. Before, two errata exclude it (2268618, 2812531).
 * For an SMMU with such an ID; another is skipped.
 */
#include <unistd.h>

#include "smmuv3_nested.h"

#define IIDR_MMU_700		0x4870043bU
#define IIDR_MODEL		0xfff00fffU
#define IIDR_VARIANT(r)		((r) >> 16 & 0xf)
#define IIDR_REVISION(r)	((r) >> 12 & 0xf)

TEST(nesting)
{
	struct iommu_hw_info_arm_smmuv3 info = { 0 };
	__u32 dev_id, ioas, parent = 0, viommu;
	struct dma_dev dev = { .fd = -1 };
	int iommufd = iommufd_open();
	int expected;

	ASSERT_LE(0, iommufd);
	ASSERT_EQ(0, dma_open(&dev, 0));
	ASSERT_EQ(0, vfio_bind(dev.fd, iommufd, &dev_id));
	ASSERT_EQ(0, iommufd_hw_info(iommufd, dev_id,
				     IOMMU_HW_INFO_TYPE_ARM_SMMUV3, &info,
				     sizeof(info)));
	if ((info.iidr & IIDR_MODEL) != IIDR_MMU_700)
		SKIP(return, "IIDR 0x%08x is no MMU-700", info.iidr);
	expected = IIDR_VARIANT(info.iidr) >= 1 &&
		   IIDR_REVISION(info.iidr) >= 1 ? 0 : -EOPNOTSUPP;

	ASSERT_EQ(0, iommufd_ioas_alloc(iommufd, &ioas));
	EXPECT_EQ(expected,
		  iommufd_hwpt_alloc(iommufd, dev_id, ioas,
				     IOMMU_HWPT_ALLOC_NEST_PARENT, &parent));
	EXPECT_EQ(expected,
		  iommufd_viommu_alloc(iommufd, dev_id, parent,
				       IOMMU_VIOMMU_TYPE_ARM_SMMUV3, NULL, 0,
				       &viommu));
	dma_close(&dev);
	close(iommufd);
}

TEST_HARNESS_MAIN
