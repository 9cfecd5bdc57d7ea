// SPDX-License-Identifier: GPL-2.0
/*
 * Calls of the CMDQ-V driver to the platform and to the SMMU driver, one function for
 * each: registers, interrupt, memory, time. A KUnit test can redirect each of them, to
 * fail on demand or to let a guest act in between.
 *
 * None of this is on the path of a command.
 */
#include <kunit/static_stub.h>
#include <kunit/visibility.h>
#include <linux/delay.h>
#include <linux/device/driver.h>
#include <linux/dma-mapping.h>
#include <linux/platform_device.h>
#include <linux/workqueue.h>

#include "tegra241-cmdqv.h"

#if IS_ENABLED(CONFIG_TEGRA241_CMDQV_KUNIT_TEST)
/**
 * tegra241_cmdqv_test_read() - Read a register of a test instead of the hardware
 * @addr: The register
 * @size: Its size in bytes
 * @value: Out: value of the register
 *
 * Return: false if there is no test
 */
bool tegra241_cmdqv_test_read(const void __iomem *addr, unsigned int size,
			      u64 *value)
{
	KUNIT_STATIC_STUB_REDIRECT(tegra241_cmdqv_test_read, addr, size, value);
	return false;
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_cmdqv_test_read);

/**
 * tegra241_cmdqv_test_write() - Write to a register of a test instead of the hardware
 * @addr: The register
 * @value: The value
 *
 * Return: false if there is no test
 */
bool tegra241_cmdqv_test_write(void __iomem *addr, u64 value)
{
	KUNIT_STATIC_STUB_REDIRECT(tegra241_cmdqv_test_write, addr, value);
	return false;
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_cmdqv_test_write);
#endif

/**
 * tegra241_cmdqv_enlarge() - Enlarge the SMMU's structure to struct tegra241_cmdqv
 * @smmu: The SMMU, the first member. It may move.
 *
 * Return: The structure, undefined except for the SMMU; or NULL.
 */
struct tegra241_cmdqv *tegra241_cmdqv_enlarge(struct arm_smmu_device *smmu)
{
	KUNIT_STATIC_STUB_REDIRECT(tegra241_cmdqv_enlarge, smmu);
	static_assert(offsetof(struct tegra241_cmdqv, smmu) == 0);
	return devm_krealloc(smmu->dev, smmu, sizeof(struct tegra241_cmdqv),
			     GFP_KERNEL);
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_cmdqv_enlarge);

/**
 * tegra241_cmdqv_get_irq() - Find the error interrupt
 * @pdev: The companion device
 *
 * Return: The interrupt, or an error: -EPROBE_DEFER if it may still appear.
 */
int tegra241_cmdqv_get_irq(struct platform_device *pdev)
{
	KUNIT_STATIC_STUB_REDIRECT(tegra241_cmdqv_get_irq, pdev);
	return platform_get_irq_optional(pdev, 0);
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_cmdqv_get_irq);

/**
 * tegra241_cmdqv_map() - Map the aperture
 * @res: Its resource
 *
 * Return: Its registers, or NULL.
 */
void __iomem *tegra241_cmdqv_map(const struct resource *res)
{
	KUNIT_STATIC_STUB_REDIRECT(tegra241_cmdqv_map, res);
	return ioremap(res->start, resource_size(res));
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_cmdqv_map);

/**
 * tegra241_cmdqv_unmap() - Undo tegra241_cmdqv_map()
 * @base: The registers
 */
void tegra241_cmdqv_unmap(void __iomem *base)
{
	KUNIT_STATIC_STUB_REDIRECT(tegra241_cmdqv_unmap, base);
	iounmap(base);
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_cmdqv_unmap);

/**
 * tegra241_cmdqv_probe_state() - Check if a missing device may still appear
 * @smmu: The SMMU
 *
 * Return: -EPROBE_DEFER if it may, or another error.
 */
int tegra241_cmdqv_probe_state(struct arm_smmu_device *smmu)
{
	KUNIT_STATIC_STUB_REDIRECT(tegra241_cmdqv_probe_state, smmu);
	return driver_deferred_probe_check_state(smmu->dev);
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_cmdqv_probe_state);

/**
 * tegra241_cmdqv_dma_alloc() - Allocate memory for a queue of the kernel
 * @smmu: The SMMU
 * @bytes: Size
 * @dma: Out: DMA address
 * @gfp: As for kmalloc()
 *
 * Return: The memory, or NULL.
 */
void *tegra241_cmdqv_dma_alloc(struct arm_smmu_device *smmu, size_t bytes,
			       dma_addr_t *dma, gfp_t gfp)
{
	KUNIT_STATIC_STUB_REDIRECT(tegra241_cmdqv_dma_alloc, smmu, bytes, dma,
				   gfp);
	return dma_alloc_coherent(smmu->dev, bytes, dma, gfp);
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_cmdqv_dma_alloc);

/**
 * tegra241_cmdqv_dma_free() - Undo tegra241_cmdqv_dma_alloc()
 * @smmu: The SMMU
 * @bytes: Size
 * @memory: The memory
 * @dma: DMA address
 */
void tegra241_cmdqv_dma_free(struct arm_smmu_device *smmu, size_t bytes,
			     void *memory, dma_addr_t dma)
{
	KUNIT_STATIC_STUB_REDIRECT(tegra241_cmdqv_dma_free, smmu, bytes, memory,
				   dma);
	dma_free_coherent(smmu->dev, bytes, memory, dma);
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_cmdqv_dma_free);

/**
 * tegra241_cmdqv_issue() - Issue commands on a queue of the SMMU driver
 * @smmu: The SMMU
 * @cmdq: The queue
 * @cmds: The commands
 * @n: Number of commands
 * @sync: Wait until they are complete
 *
 * Return: 0, or -ETIMEDOUT.
 */
int tegra241_cmdqv_issue(struct arm_smmu_device *smmu,
			 struct arm_smmu_cmdq *cmdq, u64 *cmds, int n, bool sync)
{
	KUNIT_STATIC_STUB_REDIRECT(tegra241_cmdqv_issue, smmu, cmdq, cmds, n,
				   sync);
	return arm_smmu_cmdq_issue_cmdlist(smmu, cmdq, cmds, n, sync);
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_cmdqv_issue);

/**
 * tegra241_cmdqv_skip_err() - Repair the command at which a queue has stopped
 * @smmu: The SMMU
 * @cmdq: The queue
 */
void tegra241_cmdqv_skip_err(struct arm_smmu_device *smmu,
			     struct arm_smmu_cmdq *cmdq)
{
	KUNIT_STATIC_STUB_REDIRECT(tegra241_cmdqv_skip_err, smmu, cmdq);
	__arm_smmu_cmdq_skip_err(smmu, cmdq);
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_cmdqv_skip_err);

/**
 * tegra241_cmdqv_pause() - Sleep
 * @ms: Time in milliseconds
 */
void tegra241_cmdqv_pause(unsigned int ms)
{
	KUNIT_STATIC_STUB_REDIRECT(tegra241_cmdqv_pause, ms);
	msleep(ms);
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_cmdqv_pause);

/**
 * tegra241_cmdqv_queue_work() - Do work that may take seconds
 * @work: The work
 */
void tegra241_cmdqv_queue_work(struct work_struct *work)
{
	KUNIT_STATIC_STUB_REDIRECT(tegra241_cmdqv_queue_work, work);
	queue_work(system_long_wq, work);
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_cmdqv_queue_work);

/**
 * tegra241_cmdqv_timeout_us() - Timeout of a wait
 * @timeout_us: Timeout of the hardware, in microseconds
 *
 * Return: @timeout_us; less in a test, where hardware answers at once or never.
 */
unsigned long tegra241_cmdqv_timeout_us(unsigned long timeout_us)
{
	KUNIT_STATIC_STUB_REDIRECT(tegra241_cmdqv_timeout_us, timeout_us);
	return timeout_us;
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_cmdqv_timeout_us);
