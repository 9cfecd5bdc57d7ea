// SPDX-License-Identifier: GPL-2.0
/*
 * The platform of CMDQ-V in its KUnit tests: the devices that lead to it, the mapping of
 * its aperture, memory for queues. It notes what the driver has not given back.
 */
#include <kunit/device.h>
#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/acpi.h>

#include "tegra241-cmdqv-fake.h"

struct cmdqv_fake_host *cmdqv_host;

/* Moves, and what comes behind the old contents is anything but zero */
static struct tegra241_cmdqv *host_enlarge(struct arm_smmu_device *smmu)
{
	if (smmu != &cmdqv_host->smmu)
		return NULL;
	memset(&cmdqv_fake->cmdqv, 0xa5, sizeof(cmdqv_fake->cmdqv));
	cmdqv_fake->cmdqv.smmu = cmdqv_host->smmu;
	return &cmdqv_fake->cmdqv;
}

static int host_get_irq(struct platform_device *pdev)
{
	return cmdqv_host->irq;
}

static void __iomem *host_map(const struct resource *res)
{
	cmdqv_host->mappings++;
	return (__force void __iomem *)CMDQV_FAKE_BASE;
}

static void host_unmap(void __iomem *base)
{
	cmdqv_host->mappings--;
}

static int host_probe_state(struct arm_smmu_device *smmu)
{
	return cmdqv_host->deferred;
}

static void *host_dma_alloc(struct arm_smmu_device *smmu, size_t bytes,
			    dma_addr_t *dma, gfp_t gfp)
{
	void *p;

	if (cmdqv_host->in_dma_alloc)
		cmdqv_host->in_dma_alloc();
	if (!cmdqv_host->dma_left)
		return NULL;
	p = kzalloc(bytes, GFP_KERNEL);
	if (!p)
		return NULL;
	cmdqv_host->dma_left--;
	cmdqv_host->dma_blocks++;
	*dma = virt_to_phys(p);
	return p;
}

static void host_dma_free(struct arm_smmu_device *smmu, size_t bytes,
			  void *memory, dma_addr_t dma)
{
	cmdqv_host->dma_blocks--;
	kfree(memory);
}

static void host_skip_err(struct arm_smmu_device *smmu,
			  struct arm_smmu_cmdq *cmdq)
{
	if (cmdqv_host->skip_err)
		cmdqv_host->skip_err(cmdq);
}

static void adev_release(struct device *dev)
{
}

static void init_acpi_device(struct acpi_device *adev)
{
	adev->dev.release = adev_release;
	device_initialize(&adev->dev);
	dev_set_name(&adev->dev, "acpi-cmdqv");
	mutex_init(&adev->physical_node_lock);
	INIT_LIST_HEAD(&adev->physical_node_list);
}

/* The device of CMDQ-V */
struct device *cmdqv_host_dev(void)
{
	return &cmdqv_host->pdev->dev;
}

/* References on a device, apart from the test's own */
unsigned int cmdqv_host_references(struct device *dev)
{
	return kref_read(&dev->kobj.kref) - 1;
}

/* The size of the aperture, 0 for none */
void cmdqv_host_set_resource(struct kunit *test, size_t size)
{
	struct resource res = DEFINE_RES_MEM(0x0b000000, size);

	KUNIT_ASSERT_EQ(test, 0,
			platform_device_add_resources(cmdqv_host->pdev, &res,
						      !!size));
}

/* As the SMMU's driver finds it: with a reference on the device that leads to CMDQ-V */
void cmdqv_host_new_smmu(struct device *dev)
{
	cmdqv_host->smmu.base =
		(__force void __iomem *)(CMDQV_FAKE_BASE + CMDQV_FAKE_SMMU);
	cmdqv_host->smmu.options = ARM_SMMU_OPT_TEGRA241_CMDQV;
	cmdqv_host->smmu.impl_dev = get_device(dev);
	cmdqv_host->smmu.impl_ops = NULL;
}

/* A probe that succeeds */
struct tegra241_cmdqv *cmdqv_host_probe(struct kunit *test)
{
	struct arm_smmu_device *smmu;

	cmdqv_host_new_smmu(cmdqv_host_dev());
	smmu = tegra241_cmdqv_probe(&cmdqv_host->smmu);
	KUNIT_ASSERT_PTR_EQ(test, &cmdqv_fake->cmdqv.smmu, smmu);
	KUNIT_ASSERT_NOT_NULL(test, smmu->impl_ops);
	KUNIT_ASSERT_EQ(test, 1, cmdqv_host_references(cmdqv_host_dev()));
	KUNIT_EXPECT_EQ(test, 1, cmdqv_host->mappings);
	return &cmdqv_fake->cmdqv;
}

/* For the init of a suite: an SMMU to be probed, with CMDQ-V */
int cmdqv_fake_host_init(struct kunit *test)
{
	int ret = cmdqv_fake_init(test);

	if (ret)
		return ret;
	cmdqv_host = kunit_kzalloc(test, sizeof(*cmdqv_host), GFP_KERNEL);
	if (!cmdqv_host)
		return -ENOMEM;
	init_acpi_device(&cmdqv_host->adev);
	cmdqv_host->pdev = platform_device_alloc("tegra241-cmdqv-test", 0);
	cmdqv_host->smmu.dev = kunit_device_register(test, "smmu");
	if (!cmdqv_host->pdev || IS_ERR(cmdqv_host->smmu.dev))
		return -ENOMEM;
	/* It is never added to the bus, where a driver might want it */
	cmdqv_host_dev()->bus = &platform_bus_type;
	dev_set_name(cmdqv_host_dev(), "cmdqv");
	cmdqv_host->irq = cmdqv_fake_irq(test);
	cmdqv_host->dma_left = UINT_MAX;

	cmdqv_fake->config[CMDQV_PARAM / sizeof(u32)] = CMDQV_FAKE_PARAM;
	/* 256 entries */
	cmdqv_fake->config[(CMDQV_FAKE_SMMU + ARM_SMMU_IDR1) / sizeof(u32)] = 8 << 21;

	kunit_activate_static_stub(test, tegra241_cmdqv_dma_alloc,
				   host_dma_alloc);
	kunit_activate_static_stub(test, tegra241_cmdqv_dma_free, host_dma_free);
	kunit_activate_static_stub(test, tegra241_cmdqv_enlarge, host_enlarge);
	kunit_activate_static_stub(test, tegra241_cmdqv_get_irq, host_get_irq);
	kunit_activate_static_stub(test, tegra241_cmdqv_map, host_map);
	kunit_activate_static_stub(test, tegra241_cmdqv_probe_state,
				   host_probe_state);
	kunit_activate_static_stub(test, tegra241_cmdqv_skip_err, host_skip_err);
	kunit_activate_static_stub(test, tegra241_cmdqv_unmap, host_unmap);
	cmdqv_host_set_resource(test, CMDQV_FAKE_SIZE);
	return 0;
}

void cmdqv_fake_host_exit(struct kunit *test)
{
	if (cmdqv_host) {
		put_device(&cmdqv_host->adev.dev);
		platform_device_put(cmdqv_host->pdev);
	}
	cmdqv_host = NULL;
	cmdqv_fake_exit(test);
}
