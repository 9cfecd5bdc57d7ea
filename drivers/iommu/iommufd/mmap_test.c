// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of the table of regions for mmap(): what drivers can get wrong, and an
 * offset space that is full, which no driver brings about.
 */
#include <kunit/test.h>
#include <linux/sizes.h>

#include "viommu.h"

#define SPACE_PAGES (ULONG_MAX >> PAGE_SHIFT)

/* A context, with the address space that its file has */
static struct iommufd_ctx *new_ctx(struct kunit *test, struct address_space **mapping)
{
	struct iommufd_ctx *ictx = kunit_kzalloc(test, sizeof(*ictx), GFP_KERNEL);
	struct file *filp = kunit_kzalloc(test, sizeof(*filp), GFP_KERNEL);

	if (!ictx || !filp || iommufd_ctx_init_mmap(ictx, filp))
		return NULL;
	*mapping = filp->f_mapping;
	return ictx;
}

static int mmap_test_init(struct kunit *test)
{
	struct address_space *mapping;
	struct iommufd_viommu *viommu;

	viommu = kunit_kzalloc(test, sizeof(*viommu), GFP_KERNEL);
	if (!viommu)
		return -ENOMEM;
	viommu->ictx = new_ctx(test, &mapping);
	if (!viommu->ictx)
		return -ENOMEM;
	test->priv = viommu;
	return 0;
}

static void mmap_test_exit(struct kunit *test)
{
	struct iommufd_viommu *viommu = test->priv;

	/* Complains about a region that a test has left behind */
	if (viommu)
		iommufd_ctx_destroy_mmap(viommu->ictx);
}

/* Documentation/userspace-api/viommu/checks.rst, section 4.1, row 14 */
static void mmap_test_errors(struct kunit *test)
{
	struct iommufd_viommu *viommu = test->priv;
	unsigned long offset = 1, all;

#define ALLOC(base, length) iommufd_viommu_alloc_mmap(viommu, base, length, &offset)
	KUNIT_EXPECT_EQ(test, -EINVAL, ALLOC(0x10001, PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, -EINVAL, ALLOC(PAGE_SIZE / 2, PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, -EINVAL, ALLOC(0, PAGE_SIZE - 1));
	KUNIT_EXPECT_EQ(test, -EINVAL, ALLOC(0, PAGE_SIZE + 1));
	KUNIT_EXPECT_EQ(test, -EINVAL, ALLOC(0, 0));
	KUNIT_EXPECT_EQ(test, 1, offset);

	/* All that there is, and then there is no room for one page */
	KUNIT_ASSERT_EQ(test, 0, ALLOC(0, SPACE_PAGES << PAGE_SHIFT));
	all = offset;
	KUNIT_EXPECT_EQ(test, PAGE_SIZE, all);
	KUNIT_EXPECT_EQ(test, -EBUSY, ALLOC(0, PAGE_SIZE));
	iommufd_viommu_destroy_mmap(viommu, all);
	KUNIT_EXPECT_EQ(test, 0, ALLOC(0, PAGE_SIZE));
	iommufd_viommu_destroy_mmap(viommu, offset);
#undef ALLOC
}

/*
 * First fit, from the second page on;
 * Documentation/userspace-api/viommu/mmap.rst, section 7.1
 */
static void mmap_test_first_fit(struct kunit *test)
{
	struct iommufd_viommu *viommu = test->priv;
	unsigned long offsets[4];
	unsigned int i;

	for (i = 0; i < 3; i++) {
		KUNIT_ASSERT_EQ(test, 0,
				iommufd_viommu_alloc_mmap(viommu, SZ_1G, SZ_64K,
							  &offsets[i]));
		KUNIT_EXPECT_EQ(test, PAGE_SIZE + i * SZ_64K, offsets[i]);
	}
	/* A region goes into a gap if it fits, else behind all others */
	iommufd_viommu_destroy_mmap(viommu, offsets[1]);
	KUNIT_ASSERT_EQ(test, 0,
			iommufd_viommu_alloc_mmap(viommu, 0, SZ_128K,
						  &offsets[3]));
	KUNIT_EXPECT_EQ(test, PAGE_SIZE + 3 * SZ_64K, offsets[3]);
	KUNIT_ASSERT_EQ(test, 0,
			iommufd_viommu_alloc_mmap(viommu, 0, SZ_64K,
						  &offsets[1]));
	KUNIT_EXPECT_EQ(test, PAGE_SIZE + SZ_64K, offsets[1]);
	for (i = 0; i < ARRAY_SIZE(offsets); i++)
		iommufd_viommu_destroy_mmap(viommu, offsets[i]);
	KUNIT_EXPECT_TRUE(test, mtree_empty(&viommu->ictx->mt_mmap));
}

/* To empty the mappings of one context makes no other one wait */
static void mmap_test_address_space(struct kunit *test)
{
	struct address_space *one = NULL, *two = NULL;
	struct iommufd_ctx *ictx = new_ctx(test, &one);
	struct iommufd_ctx *other = new_ctx(test, &two);

	KUNIT_EXPECT_NOT_NULL(test, one);
	KUNIT_EXPECT_PTR_NE(test, one, two);
	if (ictx)
		iommufd_ctx_destroy_mmap(ictx);
	if (other)
		iommufd_ctx_destroy_mmap(other);
}

static struct kunit_case mmap_test_cases[] = {
	KUNIT_CASE(mmap_test_address_space),
	KUNIT_CASE(mmap_test_errors),
	KUNIT_CASE(mmap_test_first_fit),
	{},
};

static struct kunit_suite mmap_test_suite = {
	.name = "iommufd-mmap",
	.init = mmap_test_init,
	.exit = mmap_test_exit,
	.test_cases = mmap_test_cases,
};

kunit_test_suites(&mmap_test_suite);
