// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of the probe of CMDQ-V, with all that a platform may lack and all that can
 * fail on the way.
 */
#include <kunit/device.h>
#include <kunit/test.h>
#include <linux/debugfs.h>
#include <linux/iommu.h>

#include "tegra241-cmdqv-fake.h"

/* The SMMU works without CMDQ-V, which has left nothing behind */
static void expect_fallback(struct kunit *test, struct arm_smmu_device *smmu)
{
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, smmu);
	KUNIT_EXPECT_PTR_EQ(test, NULL, smmu->impl_ops);
	KUNIT_EXPECT_PTR_EQ(test, NULL, smmu->impl_dev);
	KUNIT_EXPECT_EQ(test, 0, smmu->options & ARM_SMMU_OPT_TEGRA241_CMDQV);
	KUNIT_EXPECT_EQ(test, 0, cmdqv_host_references(cmdqv_host_dev()));
	KUNIT_EXPECT_EQ(test, 0, cmdqv_host->mappings);
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake->num_writes);
}

/* Until its structures are made, only they and the removal are to be had */
static void probe_hooks(struct kunit *test)
{
	struct tegra241_cmdqv *cmdqv = cmdqv_host_probe(test);
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
	KUNIT_EXPECT_NOT_NULL(test, ops->viommu->vsmmu_size);
	ops->device_remove(&cmdqv->smmu);
}

/* State that the handler reads must exist when the interrupt is requested: it may come at once */
static int request_looks(void)
{
	const struct tegra241_cmdqv *cmdqv = &cmdqv_fake->cmdqv;

	return cmdqv->num_vintfs == 4 && cmdqv->num_lvcmdqs == 2 &&
	       cmdqv->base && !cmdqv->kernel && !mutex_is_locked(&cmdqv_fake->cmdqv.vintfs_lock) &&
	       !memchr_inv(cmdqv->vintfs, 0, sizeof(cmdqv->vintfs)) ? 0 : -EUCLEAN;
}

static int request_fails(void)
{
	return -EBUSY;
}

static void probe_request(struct kunit *test)
{
	struct arm_smmu_device *smmu;

	cmdqv_fake->at_request_irq = request_looks;
	KUNIT_EXPECT_EQ(test, cmdqv_host->irq, cmdqv_host_probe(test)->irq);
	cmdqv_fake->cmdqv.smmu.impl_ops->device_remove(&cmdqv_fake->cmdqv.smmu);

	/* The SMMU has moved by then */
	cmdqv_host_new_smmu(cmdqv_host_dev());
	cmdqv_fake->at_request_irq = request_fails;
	smmu = tegra241_cmdqv_probe(&cmdqv_host->smmu);
	KUNIT_EXPECT_PTR_EQ(test, &cmdqv_fake->cmdqv.smmu, smmu);
	expect_fallback(test, smmu);
}

static bool was_requested;

static int request_note(void)
{
	was_requested = true;
	return 0;
}

static void probe_interrupt(struct kunit *test)
{
	const int none[] = { -ENXIO, -EINVAL, 0 };
	unsigned int i;

	cmdqv_fake->at_request_irq = request_note;
	was_requested = false;
	for (i = 0; i < ARRAY_SIZE(none); i++) {
		cmdqv_host->irq = none[i];
		KUNIT_EXPECT_EQ(test, 0, cmdqv_host_probe(test)->irq);
		cmdqv_fake->cmdqv.smmu.impl_ops->device_remove(&cmdqv_fake->cmdqv.smmu);
		KUNIT_EXPECT_EQ(test, 0, cmdqv_host_references(cmdqv_host_dev()));
	}
	KUNIT_EXPECT_FALSE(test, was_requested);

	/* It may still come */
	cmdqv_host->irq = -EPROBE_DEFER;
	cmdqv_host_new_smmu(cmdqv_host_dev());
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EPROBE_DEFER),
			    tegra241_cmdqv_probe(&cmdqv_host->smmu));
	KUNIT_EXPECT_EQ(test, 0, cmdqv_host_references(cmdqv_host_dev()));
	KUNIT_EXPECT_EQ(test, 0, cmdqv_host->mappings);
	KUNIT_EXPECT_FALSE(test, was_requested);
}

/* ACPI leads to a device of its own, which leads to the platform device */
static void probe_acpi(struct kunit *test)
{
	struct device *dev = &cmdqv_host->adev.dev;
	struct arm_smmu_device *smmu;

	cmdqv_host->physical.dev = cmdqv_host_dev();
	list_add(&cmdqv_host->physical.node, &cmdqv_host->adev.physical_node_list);
	cmdqv_host_new_smmu(dev);
	smmu = tegra241_cmdqv_probe(&cmdqv_host->smmu);
	KUNIT_ASSERT_PTR_EQ(test, &cmdqv_fake->cmdqv.smmu, smmu);
	KUNIT_EXPECT_PTR_EQ(test, cmdqv_host_dev(), cmdqv_fake->cmdqv.dev);
	KUNIT_ASSERT_EQ(test, 1, cmdqv_host_references(cmdqv_host_dev()));
	KUNIT_EXPECT_EQ(test, 0, cmdqv_host_references(dev));
	smmu->impl_ops->device_remove(smmu);
	KUNIT_EXPECT_EQ(test, 0, cmdqv_host_references(cmdqv_host_dev()));

	/* The one that was moved is given back when the probe fails later */
	cmdqv_host_set_resource(test, 0);
	cmdqv_host_new_smmu(dev);
	expect_fallback(test, tegra241_cmdqv_probe(&cmdqv_host->smmu));
	KUNIT_EXPECT_EQ(test, 0, cmdqv_host_references(dev));
}

/* There is no platform device: it may come, or not */
static void probe_acpi_alone(struct kunit *test)
{
	struct device *dev = &cmdqv_host->adev.dev;

	cmdqv_host->deferred = -EPROBE_DEFER;
	cmdqv_host_new_smmu(dev);
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EPROBE_DEFER),
			    tegra241_cmdqv_probe(&cmdqv_host->smmu));
	KUNIT_EXPECT_EQ(test, 0, cmdqv_host_references(dev));

	cmdqv_host->deferred = -ENODEV;
	cmdqv_host_new_smmu(dev);
	expect_fallback(test, tegra241_cmdqv_probe(&cmdqv_host->smmu));
	KUNIT_EXPECT_EQ(test, 0, cmdqv_host_references(dev));
}

static void probe_no_memory(struct kunit *test)
{
	cmdqv_host_set_resource(test, 0);
	cmdqv_host_new_smmu(cmdqv_host_dev());
	expect_fallback(test, tegra241_cmdqv_probe(&cmdqv_host->smmu));
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
		{ "a page is missing", CMDQV_FAKE_PARAM, 2 + 2 * 4 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct arm_smmu_device *smmu;

		cmdqv_host_set_resource(test, wrong[i].pages * SZ_64K);
		cmdqv_fake->config[CMDQV_PARAM / sizeof(u32)] = wrong[i].param;
		cmdqv_host_new_smmu(cmdqv_host_dev());
		smmu = tegra241_cmdqv_probe(&cmdqv_host->smmu);
		KUNIT_EXPECT_PTR_EQ_MSG(test, &cmdqv_fake->cmdqv.smmu, smmu, "%s", wrong[i].what);
		KUNIT_EXPECT_PTR_EQ_MSG(test, NULL, smmu->impl_ops, "%s", wrong[i].what);
		expect_fallback(test, smmu);
	}

	/* As large as it can be */
	cmdqv_host_set_resource(test, (3 + 2 * 64) * SZ_64K);
	cmdqv_fake->config[CMDQV_PARAM / sizeof(u32)] = 0x4671;
	KUNIT_EXPECT_EQ(test, 64, cmdqv_host_probe(test)->num_vintfs);
	KUNIT_EXPECT_EQ(test, 2, cmdqv_fake->cmdqv.num_lvcmdqs);
	KUNIT_EXPECT_EQ(test, 16, cmdqv_fake->cmdqv.num_sids);
	cmdqv_fake->cmdqv.smmu.impl_ops->device_remove(&cmdqv_fake->cmdqv.smmu);
}

/* Asked to go off, or never asked: each way to not use CMDQ-V ends with it off */
static void probe_left_on(struct kunit *test)
{
	static const u32 params[] = { CMDQV_FAKE_PARAM, 0x4771 };
	struct arm_smmu_device *smmu;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(params); i++) {
		cmdqv_fake->config[CMDQV_PARAM / sizeof(u32)] = params[i];
		cmdqv_fake->config[CMDQV_CONFIG / sizeof(u32)] = 0xf0 | CMDQV_EN;
		cmdqv_fake->config[CMDQV_STATUS / sizeof(u32)] = CMDQV_EN;
		cmdqv_fake->num_writes = 0;
		tegra241_cmdqv_disabled = params[i] == CMDQV_FAKE_PARAM;
		cmdqv_host_new_smmu(cmdqv_host_dev());
		smmu = tegra241_cmdqv_probe(&cmdqv_host->smmu);
		tegra241_cmdqv_disabled = false;
		KUNIT_EXPECT_PTR_EQ(test, NULL, smmu->impl_ops);
		KUNIT_EXPECT_EQ(test, 1, cmdqv_fake->num_writes);
		KUNIT_EXPECT_EQ(test, 0xf0, cmdqv_fake->config[CMDQV_CONFIG / sizeof(u32)]);
		KUNIT_EXPECT_EQ(test, 0, cmdqv_fake->config[CMDQV_STATUS / sizeof(u32)]);
		cmdqv_fake->num_writes = 0;
		expect_fallback(test, smmu);
	}
}

#ifdef CONFIG_IOMMU_DEBUGFS
static bool debugfs_has(const char *path)
{
	struct dentry *top = debugfs_lookup("tegra241_cmdqv", iommu_debugfs_dir);
	struct dentry *found = top ? debugfs_lookup(path, top) : NULL;

	dput(top);
	dput(found);
	return found;
}

/* Instances share one directory, which stays until the last of them is removed */
static void probe_debugfs_of_two(struct kunit *test)
{
	static const char *const names[] = { "cmdqv-kunit-a", "cmdqv-kunit-b" };
	bool before = debugfs_has("bypass_vcmdq");
	struct tegra241_cmdqv *cmdqv[2];
	unsigned int i, first;

	for (i = 0; i < ARRAY_SIZE(cmdqv); i++) {
		cmdqv[i] = kunit_kzalloc(test, sizeof(*cmdqv[i]), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, cmdqv[i]);
		cmdqv[i]->dev = kunit_device_register(test, names[i]);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, cmdqv[i]->dev);
	}
	for (first = 0; first < ARRAY_SIZE(cmdqv); first++) {
		for (i = 0; i < ARRAY_SIZE(cmdqv); i++)
			tegra241_cmdqv_debugfs_add(cmdqv[i]);
		for (i = 0; i < ARRAY_SIZE(cmdqv); i++)
			KUNIT_EXPECT_TRUE(test,
					  debugfs_has(dev_name(cmdqv[i]->dev)));
		KUNIT_EXPECT_TRUE(test, debugfs_has("bypass_vcmdq"));

		tegra241_cmdqv_debugfs_remove(cmdqv[first]);
		KUNIT_EXPECT_FALSE(test,
				   debugfs_has(dev_name(cmdqv[first]->dev)));
		KUNIT_EXPECT_TRUE(test,
				  debugfs_has(dev_name(cmdqv[!first]->dev)));
		KUNIT_EXPECT_TRUE(test, debugfs_has("bypass_vcmdq"));

		tegra241_cmdqv_debugfs_remove(cmdqv[!first]);
		KUNIT_EXPECT_EQ(test, before, debugfs_has("bypass_vcmdq"));
	}
}
#endif

static struct kunit_case tegra241_cmdqv_probe_test_cases[] = {
	KUNIT_CASE(probe_acpi),
	KUNIT_CASE(probe_acpi_alone),
#ifdef CONFIG_IOMMU_DEBUGFS
	KUNIT_CASE(probe_debugfs_of_two),
#endif
	KUNIT_CASE(probe_hooks),
	KUNIT_CASE(probe_interrupt),
	KUNIT_CASE(probe_left_on),
	KUNIT_CASE(probe_no_memory),
	KUNIT_CASE(probe_param),
	KUNIT_CASE(probe_request),
	{},
};

static struct kunit_suite tegra241_cmdqv_probe_test_suite = {
	.name = "tegra241-cmdqv-probe",
	.init = cmdqv_fake_host_init,
	.exit = cmdqv_fake_host_exit,
	.test_cases = tegra241_cmdqv_probe_test_cases,
};

kunit_test_suites(&tegra241_cmdqv_probe_test_suite);
