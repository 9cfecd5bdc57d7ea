// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of the CMDQ-V driver on hardware that exists in memory only: finding it,
 * and VINTF 0 with the queues of the kernel, from the probe to the removal, with all that
 * a platform may lack and all that can fail on the way.
 */
#define FAKE_PREFIX	fake_host_
#define FAKE_HOST
#include "tegra241-cmdqv-fake.h"
#include "tegra241-cmdqv-fake-host.h"

/* Version 1, 8 queues, 4 VINTFs, 16 StreamID slots: queues 0 and 1 are the kernel's */
#define TEST_PARAM	0x4231
#define TEST_LVCMDQS	2
/* The pages of the whole block, and two for each VINTF */
#define TEST_SIZE	((3 + 2 * 4) * SZ_64K)
#define TEST_PA		0x0b000000
#define TEST_IRQ	42

static struct device *impl_dev(void)
{
	return &fake_host->pdev->dev;
}

/* References on the device of CMDQ-V, apart from the test's own */
static unsigned int references(struct device *dev)
{
	return kref_read(&dev->kobj.kref) - 1;
}

static void set_resource(struct kunit *test, size_t size)
{
	struct resource res = DEFINE_RES_MEM(TEST_PA, size);

	KUNIT_ASSERT_EQ(test, 0, platform_device_add_resources(fake_host->pdev, &res, !!size));
}

/* As the SMMU's driver finds it: with a reference on the device that leads to CMDQ-V */
static void new_smmu(struct device *dev)
{
	fake_host->smmu.base = (__force void __iomem *)(FAKE_BASE + FAKE_SMMU);
	fake_host->smmu.options = ARM_SMMU_OPT_TEGRA241_CMDQV;
	fake_host->smmu.impl_dev = get_device(dev);
	fake_host->smmu.impl_ops = NULL;
}

static void adev_release(struct device *dev)
{
}

static int host_test_init(struct kunit *test)
{
	fake = kunit_kzalloc(test, sizeof(*fake), GFP_KERNEL);
	fake_host = kunit_kzalloc(test, sizeof(*fake_host), GFP_KERNEL);
	if (!fake || !fake_host)
		return -ENOMEM;
	fake_host->pdev = platform_device_alloc("tegra241-cmdqv-test", 0);
	fake_host->smmu.dev = kunit_device_register(test, "smmu");
	if (!fake_host->pdev || IS_ERR(fake_host->smmu.dev))
		return -ENOMEM;
	/* It is never added to the bus, where a driver might want it */
	impl_dev()->bus = &platform_bus_type;
	dev_set_name(impl_dev(), "cmdqv");
	set_resource(test, TEST_SIZE);
	fake_host->adev.dev.release = adev_release;
	device_initialize(&fake_host->adev.dev);
	dev_set_name(&fake_host->adev.dev, "acpi-cmdqv");

	fake->config[CMDQV_PARAM / sizeof(u32)] = TEST_PARAM;
	/* 256 entries */
	fake->config[(FAKE_SMMU + ARM_SMMU_IDR1) / sizeof(u32)] = 8 << 21;
	fake_host->irq = TEST_IRQ;
	fake_host->dma_left = UINT_MAX;
	return 0;
}

static void host_test_exit(struct kunit *test)
{
	if (fake_host && fake_host->pdev) {
		put_device(&fake_host->adev.dev);
		platform_device_put(fake_host->pdev);
	}
	fake_host = NULL;
	fake = NULL;
}

/* Probe */

/* The SMMU works without CMDQ-V, which has left nothing behind */
static void expect_fallback(struct kunit *test, struct arm_smmu_device *smmu)
{
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, smmu);
	KUNIT_EXPECT_PTR_EQ(test, NULL, smmu->impl_ops);
	KUNIT_EXPECT_PTR_EQ(test, NULL, smmu->impl_dev);
	KUNIT_EXPECT_EQ(test, 0, smmu->options & ARM_SMMU_OPT_TEGRA241_CMDQV);
	KUNIT_EXPECT_EQ(test, 0, references(impl_dev()));
	KUNIT_EXPECT_EQ(test, 0, fake_host->mappings);
	KUNIT_EXPECT_EQ(test, 0, fake->num_writes);
}

static struct tegra241_cmdqv *probe(struct kunit *test)
{
	struct arm_smmu_device *smmu;

	new_smmu(impl_dev());
	smmu = tegra241_cmdqv_probe(&fake_host->smmu);
	KUNIT_ASSERT_PTR_EQ(test, &fake->cmdqv.smmu, smmu);
	KUNIT_ASSERT_PTR_EQ(test, &tegra241_cmdqv_init_ops, smmu->impl_ops);
	KUNIT_ASSERT_EQ(test, 1, references(impl_dev()));
	KUNIT_EXPECT_EQ(test, 1, fake_host->mappings);
	return &fake->cmdqv;
}

/* Until its structures are made, only they and the removal are to be had */
static void probe_hooks(struct kunit *test)
{
	struct tegra241_cmdqv *cmdqv = probe(test);
	const struct arm_smmu_impl_ops *ops = cmdqv->smmu.impl_ops;

	KUNIT_EXPECT_NOT_NULL(test, ops->init_structures);
	KUNIT_EXPECT_NOT_NULL(test, ops->device_remove);
	KUNIT_EXPECT_NULL(test, ops->get_secondary_cmdq);
	KUNIT_EXPECT_NULL(test, ops->device_reset);
	KUNIT_EXPECT_NULL(test, ops->viommu);

	KUNIT_ASSERT_EQ(test, 0, ops->init_structures(&cmdqv->smmu));
	ops = cmdqv->smmu.impl_ops;
	KUNIT_EXPECT_NOT_NULL(test, ops->device_remove);
	KUNIT_EXPECT_NOT_NULL(test, ops->get_secondary_cmdq);
	KUNIT_EXPECT_NOT_NULL(test, ops->device_reset);
	KUNIT_ASSERT_NOT_NULL(test, ops->viommu);
	KUNIT_EXPECT_NOT_NULL(test, ops->viommu->device_disable);
	KUNIT_EXPECT_NOT_NULL(test, ops->viommu->vsmmu_init);
	KUNIT_EXPECT_EQ(test, sizeof(struct tegra241_vsmmu), ops->viommu->vsmmu_size);
	ops->device_remove(&cmdqv->smmu);
}

/* What the handler looks at when the interrupt is requested: it may come at once */
static int request_looks(unsigned int irq)
{
	const struct tegra241_cmdqv *cmdqv = &fake->cmdqv;

	return irq == TEST_IRQ && cmdqv->num_vintfs == 4 && cmdqv->num_lvcmdqs == 2 &&
	       cmdqv->base && !cmdqv->kernel && !mutex_is_locked(&fake->cmdqv.handler) &&
	       !memchr_inv(cmdqv->vintfs, 0, sizeof(cmdqv->vintfs)) ? 0 : -EUCLEAN;
}

static int request_fails(unsigned int irq)
{
	return -EBUSY;
}

static void probe_request(struct kunit *test)
{
	struct arm_smmu_device *smmu;

	fake->at_request_irq = request_looks;
	KUNIT_EXPECT_EQ(test, TEST_IRQ, probe(test)->irq);
	fake->cmdqv.smmu.impl_ops->device_remove(&fake->cmdqv.smmu);

	/* The SMMU has moved by then */
	new_smmu(impl_dev());
	fake->at_request_irq = request_fails;
	smmu = tegra241_cmdqv_probe(&fake_host->smmu);
	KUNIT_EXPECT_PTR_EQ(test, &fake->cmdqv.smmu, smmu);
	expect_fallback(test, smmu);
}

static bool was_requested;

static int request_note(unsigned int irq)
{
	was_requested = true;
	return 0;
}

static void probe_interrupt(struct kunit *test)
{
	const int none[] = { -ENXIO, -EINVAL, 0 };
	unsigned int i;

	fake->at_request_irq = request_note;
	was_requested = false;
	for (i = 0; i < ARRAY_SIZE(none); i++) {
		fake_host->irq = none[i];
		KUNIT_EXPECT_EQ(test, 0, probe(test)->irq);
		fake->cmdqv.smmu.impl_ops->device_remove(&fake->cmdqv.smmu);
		KUNIT_EXPECT_EQ(test, 0, references(impl_dev()));
	}
	KUNIT_EXPECT_FALSE(test, was_requested);

	/* It may still come */
	fake_host->irq = -EPROBE_DEFER;
	new_smmu(impl_dev());
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EPROBE_DEFER),
			    tegra241_cmdqv_probe(&fake_host->smmu));
	KUNIT_EXPECT_EQ(test, 0, references(impl_dev()));
	KUNIT_EXPECT_EQ(test, 0, fake_host->mappings);
	KUNIT_EXPECT_FALSE(test, was_requested);
}

/* ACPI leads to a device of its own, which leads to the platform device */
static void probe_acpi(struct kunit *test)
{
	struct device *dev = &fake_host->adev.dev;
	struct arm_smmu_device *smmu;

	fake_host->physical = impl_dev();
	new_smmu(dev);
	smmu = tegra241_cmdqv_probe(&fake_host->smmu);
	KUNIT_ASSERT_PTR_EQ(test, &fake->cmdqv.smmu, smmu);
	KUNIT_EXPECT_PTR_EQ(test, impl_dev(), fake->cmdqv.dev);
	KUNIT_ASSERT_EQ(test, 1, references(impl_dev()));
	KUNIT_EXPECT_EQ(test, 0, references(dev));
	smmu->impl_ops->device_remove(smmu);
	KUNIT_EXPECT_EQ(test, 0, references(impl_dev()));

	/* The one that was moved is given back when the probe fails later */
	set_resource(test, 0);
	new_smmu(dev);
	expect_fallback(test, tegra241_cmdqv_probe(&fake_host->smmu));
	KUNIT_EXPECT_EQ(test, 0, references(dev));
}

/* There is no platform device: it may come, or not */
static void probe_acpi_alone(struct kunit *test)
{
	struct device *dev = &fake_host->adev.dev;

	fake_host->deferred = -EPROBE_DEFER;
	new_smmu(dev);
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EPROBE_DEFER),
			    tegra241_cmdqv_probe(&fake_host->smmu));
	KUNIT_EXPECT_EQ(test, 0, references(dev));

	fake_host->deferred = -ENODEV;
	new_smmu(dev);
	expect_fallback(test, tegra241_cmdqv_probe(&fake_host->smmu));
	KUNIT_EXPECT_EQ(test, 0, references(dev));
}

static void probe_no_memory(struct kunit *test)
{
	set_resource(test, 0);
	new_smmu(impl_dev());
	expect_fallback(test, tegra241_cmdqv_probe(&fake_host->smmu));
}

static void probe_param(struct kunit *test)
{
	static const struct {
		const char *what;
		u32 param;
		u32 pages;
	} wrong[] = {
		{ "more VINTFs than queues", 0x4521, 3 + 2 * 32 },
		{ "128 VINTFs", 0x4771, 3 + 2 * 128 },
		{ "256 queues", 0x4281, 3 + 2 * 4 },
		{ "32 StreamID slots", 0x5231, 3 + 2 * 4 },
		{ "a page is missing", TEST_PARAM, 2 + 2 * 4 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct arm_smmu_device *smmu;

		set_resource(test, wrong[i].pages * SZ_64K);
		fake->config[CMDQV_PARAM / sizeof(u32)] = wrong[i].param;
		new_smmu(impl_dev());
		smmu = tegra241_cmdqv_probe(&fake_host->smmu);
		KUNIT_EXPECT_PTR_EQ_MSG(test, &fake->cmdqv.smmu, smmu, "%s", wrong[i].what);
		KUNIT_EXPECT_PTR_EQ_MSG(test, NULL, smmu->impl_ops, "%s", wrong[i].what);
		expect_fallback(test, smmu);
	}

	/* As large as it can be */
	set_resource(test, (3 + 2 * 64) * SZ_64K);
	fake->config[CMDQV_PARAM / sizeof(u32)] = 0x4671;
	KUNIT_EXPECT_EQ(test, 64, probe(test)->num_vintfs);
	KUNIT_EXPECT_EQ(test, 2, fake->cmdqv.num_lvcmdqs);
	KUNIT_EXPECT_EQ(test, 16, fake->cmdqv.num_sids);
	fake->cmdqv.smmu.impl_ops->device_remove(&fake->cmdqv.smmu);
}

#include "tegra241-cmdqv-test-kernel.h"

static struct kunit_case tegra241_cmdqv_host_test_cases[] = {
	KUNIT_CASE(drained),
	KUNIT_CASE(drained_once),
	KUNIT_CASE(in_guest),
	KUNIT_CASE(kernel_left_on),
	KUNIT_CASE(kernel_life),
	KUNIT_CASE(kernel_memory),
	KUNIT_CASE(kernel_memory_kept),
	KUNIT_CASE(probe_acpi),
	KUNIT_CASE(probe_acpi_alone),
	KUNIT_CASE(probe_hooks),
	KUNIT_CASE(probe_interrupt),
	KUNIT_CASE(probe_left_on),
	KUNIT_CASE(probe_no_memory),
	KUNIT_CASE(probe_param),
	KUNIT_CASE(probe_request),
	KUNIT_CASE(repair_order),
	KUNIT_CASE(start_fails),
	KUNIT_CASE(sync_of_queue),
	{},
};

static struct kunit_suite tegra241_cmdqv_host_test_suite = {
	.name = "tegra241-cmdqv-host",
	.init = host_test_init,
	.exit = host_test_exit,
	.test_cases = tegra241_cmdqv_host_test_cases,
};

kunit_test_suites(&tegra241_cmdqv_host_test_suite);
