// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of the lock that protects the domain of an MSI: a device changes its group
 * between lock and unlock, a race that no program can force. The stub of the lock does
 * that here.
 */
#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/iommu.h>
#include <linux/msi.h>
#include <linux/sizes.h>

#include "../iommu-msi.h"

#define DOORBELL 0x8080000

struct msi_test {
	struct device dev;
	struct msi_desc desc;
	struct iommu_domain domain;
	struct iommu_domain_ops domain_ops;
	/* Their addresses stand for groups; nothing reads the groups themselves */
	char before, after;
	unsigned int locks, unlocks;
	struct iommu_group *locked, *unlocked;
};

static struct iommu_domain *lock_and_change_group(struct iommu_group *group)
{
	struct msi_test *t = kunit_get_current_test()->priv;

	t->locks++;
	t->locked = group;
	t->dev.iommu_group = (struct iommu_group *)&t->after;
	return group ? &t->domain : NULL;
}

static void note_unlock(struct iommu_group *group)
{
	struct msi_test *t = kunit_get_current_test()->priv;

	t->unlocks++;
	t->unlocked = group;
}

static int map_doorbell(struct iommu_domain *domain, unsigned long iova,
			phys_addr_t paddr, size_t pgsize, size_t pgcount, int prot,
			gfp_t gfp, size_t *mapped)
{
	*mapped = pgsize * pgcount;
	return 0;
}

static int msi_test_init(struct kunit *test)
{
	struct msi_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	t->desc.dev = &t->dev;
	t->domain_ops.map_pages = map_doorbell;
	t->domain.ops = &t->domain_ops;
	t->domain.type = IOMMU_DOMAIN_UNMANAGED;
	t->domain.pgsize_bitmap = PAGE_SIZE;
	t->dev.iommu_group = (struct iommu_group *)&t->before;
	test->priv = t;
	kunit_activate_static_stub(test, iommu_msi_domain_lock, lock_and_change_group);
	kunit_activate_static_stub(test, iommu_msi_domain_unlock, note_unlock);
	return 0;
}

static void msi_test_exit(struct kunit *test)
{
	struct msi_test *t = test->priv;

	/* Frees the cookie; the domain has no free() */
	if (t)
		iommu_domain_free(&t->domain);
}

/* Prepare an MSI: the group that the device had before is locked and unlocked once */
static void prepare(struct kunit *test, int expected)
{
	struct msi_test *t = test->priv;
	struct iommu_group *before = t->dev.iommu_group;

	KUNIT_EXPECT_EQ(test, expected, iommu_dma_prepare_msi(&t->desc, DOORBELL));
	KUNIT_EXPECT_EQ(test, 1, t->locks);
	KUNIT_EXPECT_EQ(test, 1, t->unlocks);
	KUNIT_EXPECT_PTR_EQ(test, before, t->locked);
	KUNIT_EXPECT_PTR_EQ(test, before, t->unlocked);
}

static void msi_test_group_comes(struct kunit *test)
{
	struct msi_test *t = test->priv;

	t->dev.iommu_group = NULL;
	prepare(test, 0);
	KUNIT_EXPECT_EQ(test, 0, (u8)t->desc.iommu_msi_shift);
}

static void msi_test_group_changes(struct kunit *test)
{
	struct msi_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, 0, iommu_get_msi_cookie(&t->domain, SZ_128M));
	prepare(test, 0);
	KUNIT_EXPECT_EQ(test, PAGE_SHIFT, (u8)t->desc.iommu_msi_shift);
}

static void msi_test_group_changes_no_iova(struct kunit *test)
{
	struct msi_test *t = test->priv;

	/* An IOVA of 0 is none */
	KUNIT_ASSERT_EQ(test, 0, iommu_get_msi_cookie(&t->domain, 0));
	prepare(test, -ENOMEM);
}

static struct kunit_case msi_test_cases[] = {
	KUNIT_CASE(msi_test_group_changes),
	KUNIT_CASE(msi_test_group_changes_no_iova),
	KUNIT_CASE(msi_test_group_comes),
	{},
};

static struct kunit_suite msi_test_suite = {
	.name = "iommufd-msi",
	.init = msi_test_init,
	.exit = msi_test_exit,
	.test_cases = msi_test_cases,
};

kunit_test_suite(msi_test_suite);
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
