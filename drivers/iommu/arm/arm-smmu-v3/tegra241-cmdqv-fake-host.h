/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rest of the CMDQ-V driver on hardware in memory: the probe, VINTF 0 and its queues,
 * start and stop. After tegra241-cmdqv-fake.h, with FAKE_HOST defined.
 *
 * What the driver gets from the platform comes from struct fake_host, which also notes
 * what was given back.
 */
#ifndef _TEGRA241_CMDQV_FAKE_HOST_H
#define _TEGRA241_CMDQV_FAKE_HOST_H

#include <kunit/device.h>
#include <linux/acpi.h>
#include <linux/device/driver.h>
#include <linux/dma-mapping.h>
#include <linux/moduleparam.h>
#include <linux/platform_device.h>

/* Registers of the SMMU, in a part of the configuration page that CMDQ-V does not use */
#define FAKE_SMMU	0x8000

/**
 * struct fake_host - What surrounds the driver
 * @smmu: The SMMU as it is before the probe
 * @pdev: The platform device of CMDQ-V
 * @adev: The ACPI device of CMDQ-V
 * @physical: What ACPI knows of a physical device
 * @deferred: Whether a device that is not there may still come
 * @irq: What a search for the interrupt finds
 * @mappings: Of the aperture
 * @dma_left: How many more blocks of memory can be had
 * @dma_blocks: Blocks of memory that the driver has
 * @in_dma_alloc: What others do while it gets memory
 * @skip_err: What others do while the SMMU's driver repairs a queue
 */
struct fake_host {
	struct arm_smmu_device smmu;
	struct platform_device *pdev;
	struct acpi_device adev;
	struct device *physical;
	int deferred;
	int irq;
	int mappings;
	unsigned int dma_left;
	int dma_blocks;
	void (*in_dma_alloc)(void);
	void (*skip_err)(struct arm_smmu_cmdq *cmdq);
};

static struct fake_host *fake_host;

/* Moves, and what comes behind the old contents is anything but zero */
static void *fake_krealloc(struct device *dev, void *p, size_t size, gfp_t gfp)
{
	if (dev != fake_host->smmu.dev || p != &fake_host->smmu ||
	    size != sizeof(fake->cmdqv))
		return NULL;
	memset(&fake->cmdqv, 0xa5, sizeof(fake->cmdqv));
	fake->cmdqv.smmu = fake_host->smmu;
	return &fake->cmdqv;
}

static struct device *fake_first_physical_node(struct acpi_device *adev)
{
	return adev == &fake_host->adev ? fake_host->physical : NULL;
}

static void fake_acpi_dev_put(struct acpi_device *adev)
{
	put_device(&adev->dev);
}

static int fake_deferred_state(struct device *dev)
{
	return fake_host->deferred;
}

static int fake_get_irq(struct platform_device *pdev, unsigned int num)
{
	return num ? -ENXIO : fake_host->irq;
}

static void __iomem *fake_ioremap(phys_addr_t pa, size_t size)
{
	fake_host->mappings++;
	return (__force void __iomem *)FAKE_BASE;
}

static void fake_iounmap(void __iomem *addr)
{
	fake_host->mappings--;
}

static void *fake_dma_alloc(struct device *dev, size_t size, dma_addr_t *dma,
			    gfp_t gfp)
{
	void *p;

	if (fake_host->in_dma_alloc)
		fake_host->in_dma_alloc();
	if (!fake_host->dma_left)
		return NULL;
	p = kzalloc(size, GFP_KERNEL);
	if (!p)
		return NULL;
	fake_host->dma_left--;
	fake_host->dma_blocks++;
	*dma = virt_to_phys(p);
	return p;
}

static void fake_dma_free(struct device *dev, size_t size, void *p, dma_addr_t dma)
{
	fake_host->dma_blocks--;
	kfree(p);
}

static void fake_skip_err(struct arm_smmu_device *smmu, struct arm_smmu_cmdq *cmdq)
{
	if (fake_host->skip_err)
		fake_host->skip_err(cmdq);
}

static void fake_debugfs(struct tegra241_cmdqv *cmdqv)
{
}

struct arm_smmu_device *tegra241_cmdqv_probe(struct arm_smmu_device *smmu);

#define __arm_smmu_cmdq_skip_err	fake_skip_err
#define acpi_dev_put			fake_acpi_dev_put
#define acpi_get_first_physical_node	fake_first_physical_node
#define devm_krealloc			fake_krealloc
#undef dma_alloc_coherent
#define dma_alloc_coherent		fake_dma_alloc
#undef dma_free_coherent
#define dma_free_coherent		fake_dma_free
#define driver_deferred_probe_check_state fake_deferred_state
#undef ioremap
#define ioremap				fake_ioremap
#undef iounmap
#define iounmap				fake_iounmap
#define platform_get_irq_optional	fake_get_irq
#undef tegra241_cmdqv_debugfs_add
#define tegra241_cmdqv_debugfs_add	fake_debugfs
#undef tegra241_cmdqv_debugfs_remove
#define tegra241_cmdqv_debugfs_remove	fake_debugfs
/* The parameters are those of the driver */
#undef module_param
#define module_param(...)
#undef module_param_named
#define module_param_named(...)
#undef MODULE_PARM_DESC
#define MODULE_PARM_DESC(...)

#undef dev_fmt
#include "tegra241-cmdqv-kernel.c"
#undef dev_fmt
#include "tegra241-cmdqv.c"

#endif
