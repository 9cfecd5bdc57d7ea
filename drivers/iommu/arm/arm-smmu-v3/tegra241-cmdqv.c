// SPDX-License-Identifier: GPL-2.0
/*
 * CMDQ-V of NVIDIA Tegra241 (Grace): discovery, parameters, start and stop.
 *
 * CMDQ-V is an extension of an SMMUv3 with command queues. The SMMU driver finds its
 * ACPI device (with the identifier of the SMMU's node in IORT as _UID), or
 * tegra264-smmu.c finds its node in the device tree. Then tegra241_cmdqv_probe()
 * enlarges the SMMU's structure and sets its operations. On an error until then, and
 * without memory for VINTF 0, the SMMU works without CMDQ-V.
 *
 * The life of the hardware, each step undone by its partner:
 *
 *	probe		map the aperture, interrupt	remove
 *	init_structures	memory of VINTF 0		remove
 *	device_reset	turn it on			device_disable
 *
 * device_reset and device_disable run while the SMMU is enabled, because stopping a
 * queue needs the SMMU's own queue; remove runs after the SMMU is disabled and accesses
 * no register.
 *
 * An SMMU in its Service Failure Mode executes no commands. Its interrupt handler calls
 * device_failed, which cannot wait: a work item stops CMDQ-V and then disables the SMMU.
 */
#define dev_fmt(fmt) "tegra241_cmdqv: " fmt

#include <kunit/visibility.h>
#include <linux/acpi.h>
#include <linux/cleanup.h>
#include <linux/iommu.h>
#include <linux/platform_device.h>
#include <linux/workqueue.h>

#include "tegra241-cmdqv.h"

VISIBLE_IF_KUNIT bool tegra241_cmdqv_disabled;
EXPORT_SYMBOL_IF_KUNIT(tegra241_cmdqv_disabled);
module_param_named(disable_cmdqv, tegra241_cmdqv_disabled, bool, 0444);
MODULE_PARM_DESC(disable_cmdqv,
		 "Disable CMDQ-V and use only the command queue of the SMMU.");

static int tegra241_cmdqv_init_structures(struct arm_smmu_device *smmu);

/*
 * The SMMU works without CMDQ-V: if the hardware does not start, or a flush fails, the
 * devices behind the SMMU must still work.
 */
static int tegra241_cmdqv_device_reset(struct arm_smmu_device *smmu)
{
	struct tegra241_cmdqv *cmdqv = to_tegra241_cmdqv(smmu);
	int ret;

	guard(rwsem_write)(&cmdqv->lock);
	ret = tegra241_cmdqv_hw_start(cmdqv);
	if (!ret)
		ret = tegra241_kernel_vintf_start(cmdqv);
	WRITE_ONCE(cmdqv->running, !ret);
	/* Pairs with tegra241_cmdqv_device_failed(), which may have seen CMDQ-V off */
	smp_mb();
	if (!ret && READ_ONCE(cmdqv->disable_smmu))
		tegra241_cmdqv_queue_work(&cmdqv->failure_work);
	if (ret) {
		dev_err(cmdqv->dev,
			"does not start: %d; only the queue of the SMMU is used\n",
			ret);
		tegra241_cmdqv_turn_off(cmdqv->dev, cmdqv->base);
	}
	return 0;
}

/*
 * All of the hardware must be off when the SMMU stops: the kernel's queues and, at a
 * shutdown of the machine, those of guests. The later destruction of such a queue
 * accesses no register.
 */
static void tegra241_cmdqv_stop(struct tegra241_cmdqv *cmdqv)
{
	unsigned int idx;

	lockdep_assert_held_write(&cmdqv->lock);

	WRITE_ONCE(cmdqv->running, false);
	for (idx = 1; idx < cmdqv->num_vintfs; idx++)
		if (cmdqv->vintfs[idx])
			tegra241_vintf_disable(cmdqv->vintfs[idx]);
	tegra241_kernel_vintf_stop(cmdqv);
	tegra241_cmdqv_hw_stop(cmdqv);
}

static void tegra241_cmdqv_device_disable(struct arm_smmu_device *smmu)
{
	struct tegra241_cmdqv *cmdqv = to_tegra241_cmdqv(smmu);

	guard(rwsem_write)(&cmdqv->lock);
	if (!cmdqv->running) {
		/*
		 * A crashed kernel has left CMDQ-V on. Queues must be off during the
		 * reset of the SMMU, but device_reset is called after it.
		 */
		tegra241_cmdqv_turn_off(cmdqv->dev, cmdqv->base);
		return;
	}
	tegra241_cmdqv_stop(cmdqv);
}

/* If device_disable came first, the SMMU is off, and its registers may be unmapped */
static void tegra241_cmdqv_failure_work(struct work_struct *work)
{
	struct tegra241_cmdqv *cmdqv =
		container_of(work, struct tegra241_cmdqv, failure_work);

	guard(rwsem_write)(&cmdqv->lock);
	if (!cmdqv->running)
		return;
	tegra241_cmdqv_stop(cmdqv);
	dev_err(cmdqv->dev, "off, because the SMMU has failed\n");
	cmdqv->disable_smmu(&cmdqv->smmu);
}

/*
 * If CMDQ-V is off, the caller disables the SMMU. A later start fails, as no flush works;
 * a start that has had its last flush stops again, and disables the SMMU once more.
 */
static bool
tegra241_cmdqv_device_failed(struct arm_smmu_device *smmu,
			     int (*disable)(struct arm_smmu_device *smmu))
{
	struct tegra241_cmdqv *cmdqv = to_tegra241_cmdqv(smmu);

	WRITE_ONCE(cmdqv->disable_smmu, disable);
	/* Pairs with tegra241_cmdqv_device_reset() */
	smp_mb();
	if (!READ_ONCE(cmdqv->running))
		return false;
	tegra241_cmdqv_queue_work(&cmdqv->failure_work);
	return true;
}

static void tegra241_cmdqv_device_remove(struct arm_smmu_device *smmu)
{
	struct tegra241_cmdqv *cmdqv = to_tegra241_cmdqv(smmu);

	/* First, so that neither the handler nor a reader sees freed parts */
	tegra241_cmdqv_free_irq(cmdqv);
	cancel_work_sync(&cmdqv->failure_work);
	tegra241_cmdqv_debugfs_remove(cmdqv);
	tegra241_kernel_vintf_free(cmdqv);
	mutex_destroy(&cmdqv->vintfs_lock);
	ida_destroy(&cmdqv->vintf_ids);
	tegra241_cmdqv_unmap(cmdqv->base);
	put_device(cmdqv->dev);
}

static const struct arm_smmu_viommu_impl tegra241_cmdqv_viommu_impl = {
	.device_disable = tegra241_cmdqv_device_disable,
	.device_failed = tegra241_cmdqv_device_failed,
#ifdef CONFIG_TEGRA241_CMDQV_GUEST
	.hw_info = tegra241_cmdqv_hw_info,
	.reset_done = tegra241_cmdqv_reset_done,
	.reset_prepare = tegra241_cmdqv_reset_prepare,
	.vsmmu_init = tegra241_vsmmu_init,
	.vsmmu_size = tegra241_vsmmu_size,
	.vsmmu_type = IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV,
#endif
};

/* Without structures there is no queue to choose */
static const struct arm_smmu_impl_ops tegra241_cmdqv_init_ops = {
	.device_remove = tegra241_cmdqv_device_remove,
	.init_structures = tegra241_cmdqv_init_structures,
};

static const struct arm_smmu_impl_ops tegra241_cmdqv_impl_ops = {
	.device_remove = tegra241_cmdqv_device_remove,
	.device_reset = tegra241_cmdqv_device_reset,
	.get_secondary_cmdq = tegra241_kernel_get_cmdq,
	.viommu = &tegra241_cmdqv_viommu_impl,
};

/* The caller has dropped the reference on the companion device */
static void tegra241_cmdqv_fall_back(struct arm_smmu_device *smmu)
{
	smmu->impl_ops = NULL;
	smmu->impl_dev = NULL;
	smmu->options &= ~ARM_SMMU_OPT_TEGRA241_CMDQV;
}

static int tegra241_cmdqv_init_structures(struct arm_smmu_device *smmu)
{
	struct tegra241_cmdqv *cmdqv = to_tegra241_cmdqv(smmu);
	int ret;

	cmdqv->max_log2size = FIELD_GET(IDR1_CMDQS,
					cmdqv_readl_relaxed(smmu->base +
						      ARM_SMMU_IDR1));
	ret = tegra241_kernel_vintf_alloc(cmdqv);
	if (ret) {
		dev_err(cmdqv->dev, "failed to make VINTF0: %d\n", ret);
		dev_info(smmu->dev, "Falling back to standard SMMU CMDQ\n");
		tegra241_cmdqv_turn_off(cmdqv->dev, cmdqv->base);
		tegra241_cmdqv_device_remove(smmu);
		tegra241_cmdqv_fall_back(smmu);
		return 0;
	}
	smmu->impl_ops = &tegra241_cmdqv_impl_ops;
	return 0;
}

/* The driver uses fields of PARAM as sizes and divisors: check them */
static int tegra241_cmdqv_read_param(struct tegra241_cmdqv *cmdqv,
				     resource_size_t size)
{
	u32 param = cmdqv_readl_relaxed(cmdqv->base + CMDQV_PARAM);
	u32 vintfs = BIT(FIELD_GET(CMDQV_PARAM_VINTF_LOG2, param));
	u32 vcmdqs = BIT(FIELD_GET(CMDQV_PARAM_VCMDQ_LOG2, param));
	u32 sids = BIT(FIELD_GET(CMDQV_PARAM_SID_LOG2, param));

	if (vintfs > CMDQV_MAX_VINTFS || vcmdqs > CMDQV_MAX_VCMDQS ||
	    sids > CMDQV_MAX_SIDS || vintfs > vcmdqs ||
	    size < CMDQV_APERTURE_SIZE(vintfs)) {
		dev_err(cmdqv->dev,
			"PARAM 0x%08x makes no sense: %u VINTFs, %u VCMDQs, %u StreamID slots in 0x%llx bytes\n",
			param, vintfs, vcmdqs, sids, (u64)size);
		return -EINVAL;
	}

	cmdqv->version = FIELD_GET(CMDQV_PARAM_VERSION, param);
	cmdqv->num_vintfs = vintfs;
	cmdqv->num_lvcmdqs = vcmdqs / vintfs;
	cmdqv->num_sids = sids;
	return 0;
}

/*
 * Enlarge *@smmu. It may move: the caller's pointer is updated at once, also if a
 * later step fails.
 */
static int tegra241_cmdqv_setup(struct arm_smmu_device **smmu,
				const struct resource *res, void __iomem *base,
				int irq)
{
	struct tegra241_cmdqv *cmdqv;
	int ret;

	cmdqv = tegra241_cmdqv_enlarge(*smmu);
	if (!cmdqv)
		return -ENOMEM;
	*smmu = &cmdqv->smmu;
	memset_after(cmdqv, 0, smmu);

	cmdqv->dev = (*smmu)->impl_dev;
	cmdqv->base = base;
	cmdqv->base_pa = res->start;
	INIT_WORK(&cmdqv->failure_work, tegra241_cmdqv_failure_work);
	init_rwsem(&cmdqv->lock);
	mutex_init(&cmdqv->vintfs_lock);
	ida_init(&cmdqv->vintf_ids);

	ret = tegra241_cmdqv_read_param(cmdqv, resource_size(res));
	if (ret)
		return ret;
	ret = tegra241_cmdqv_request_irq(cmdqv, irq);
	if (ret)
		return ret;

	tegra241_cmdqv_debugfs_add(cmdqv);
	(*smmu)->impl_ops = &tegra241_cmdqv_init_ops;
	return 0;
}

/*
 * The ACPI device has no resources; its physical device has them. Moves the reference
 * from the first to the second.
 */
#ifdef CONFIG_ACPI
static int tegra241_cmdqv_find_physical_device(struct arm_smmu_device *smmu)
{
	struct acpi_device *adev = to_acpi_device(smmu->impl_dev);
	struct device *dev = acpi_get_first_physical_node(adev);

	if (!dev)
		return tegra241_cmdqv_probe_state(smmu);
	smmu->impl_dev = get_device(dev);
	acpi_dev_put(adev);
	return 0;
}
#else
static int tegra241_cmdqv_find_physical_device(struct arm_smmu_device *smmu)
{
	return -ENODEV;
}
#endif

static int __tegra241_cmdqv_probe(struct arm_smmu_device **smmu)
{
	struct platform_device *pdev;
	struct resource *res;
	void __iomem *base;
	int irq, ret;

	/* With a device tree it is the device itself */
	if (!dev_is_platform((*smmu)->impl_dev)) {
		ret = tegra241_cmdqv_find_physical_device(*smmu);
		if (ret)
			return ret;
	}
	if (!dev_is_platform((*smmu)->impl_dev))
		return -ENODEV;
	pdev = to_platform_device((*smmu)->impl_dev);

	res = platform_get_resource(pdev, IORESOURCE_MEM, 0);
	if (!res) {
		dev_err(&pdev->dev, "no memory resource\n");
		return -ENXIO;
	}
	irq = tegra241_cmdqv_get_irq(pdev);
	if (irq == -EPROBE_DEFER)
		return irq;
	if (irq <= 0) {
		dev_warn(&pdev->dev,
			 "no interrupt: errors will not be reported\n");
		irq = 0;
	}

	base = tegra241_cmdqv_map(res);
	if (!base) {
		dev_err(&pdev->dev, "failed to map %pR\n", res);
		return -ENOMEM;
	}
	if (tegra241_cmdqv_disabled) {
		dev_info(&pdev->dev, "disabled by disable_cmdqv\n");
		ret = -ENODEV;
		goto err_unmap;
	}

	ret = tegra241_cmdqv_setup(smmu, res, base, irq);
	if (ret)
		goto err_unmap;
	return 0;

err_unmap:
	/* The SMMU is reset next, and CMDQ-V is not used */
	tegra241_cmdqv_turn_off(&pdev->dev, base);
	tegra241_cmdqv_unmap(base);
	return ret;
}

/**
 * tegra241_cmdqv_probe() - Add CMDQ-V to an SMMU
 * @smmu: The SMMU, with a reference on its companion device in @smmu->impl_dev
 *
 * Without a usable CMDQ-V the SMMU works alone.
 *
 * Return: The SMMU, which may have moved, or ERR_PTR(-EPROBE_DEFER).
 */
struct arm_smmu_device *tegra241_cmdqv_probe(struct arm_smmu_device *smmu)
{
	int ret = __tegra241_cmdqv_probe(&smmu);

	if (!ret)
		return smmu;

	if (ret != -EPROBE_DEFER)
		dev_info(smmu->dev, "Falling back to standard SMMU CMDQ\n");
	put_device(smmu->impl_dev);
	tegra241_cmdqv_fall_back(smmu);
	return ret == -EPROBE_DEFER ? ERR_PTR(ret) : smmu;
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_cmdqv_probe);
