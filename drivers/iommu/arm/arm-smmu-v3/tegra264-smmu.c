// SPDX-License-Identifier: GPL-2.0
/*
 * SMMU of NVIDIA Tegra264: its node in the device tree, and its erratum.
 *
 * The node has the compatible "nvidia,tegra264-smmu" before "arm,smmu-v3". Its property
 * "nvidia,cmdqv" is the phandle of the CMDQ-V of the SMMU, if it has one. The kernel
 * uses it if the CMDQ-V driver is built.
 *
 * The same compatible stands for an erratum (T264-SMMU-3): an invalidation of TLBs or
 * of cached configuration may have no effect unless it is issued twice, with its
 * CMD_SYNC both times. ATC_INV is not affected. Commands of other SMMUs in the same
 * machine are not repeated; a machine without the erratum pays for no check. It is an
 * erratum of the SMMU: this file is built with and without CMDQ-V.
 */
#include <linux/device/driver.h>
#include <linux/of.h>
#include <linux/of_platform.h>
#include <linux/platform_device.h>

#include "arm-smmu-v3.h"

#define CMDQ_OP_CFGI_FIRST	0x01
#define CMDQ_OP_CFGI_LAST	0x06
#define CMDQ_OP_TLBI_FIRST	0x10
#define CMDQ_OP_TLBI_LAST	0x3f

DEFINE_STATIC_KEY_FALSE(tegra264_smmu_repeats);

static bool has_erratum(const u64 *cmds, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		u8 op = FIELD_GET(CMDQ_0_OP, cmds[i * CMDQ_ENT_DWORDS]);

		if (in_range(op, CMDQ_OP_CFGI_FIRST,
			     CMDQ_OP_CFGI_LAST - CMDQ_OP_CFGI_FIRST + 1) ||
		    in_range(op, CMDQ_OP_TLBI_FIRST,
			     CMDQ_OP_TLBI_LAST - CMDQ_OP_TLBI_FIRST + 1))
			return true;
	}
	return false;
}

/**
 * tegra264_smmu_issue_twice() - Issue commands, and repeat them for the erratum
 * @smmu: The SMMU
 * @cmdq: The queue
 * @cmds: The commands
 * @n: Number of commands
 * @sync: Wait until the last issue is complete
 *
 * With the erratum the function always waits for the first issue.
 *
 * Return: 0, or -ETIMEDOUT.
 */
int tegra264_smmu_issue_twice(struct arm_smmu_device *smmu,
			      struct arm_smmu_cmdq *cmdq, u64 *cmds, int n,
			      bool sync)
{
	int ret;

	if (has_erratum(cmds, n)) {
		ret = __arm_smmu_cmdq_issue_cmdlist(smmu, cmdq, cmds, n, true);
		if (ret)
			return ret;
	}
	return __arm_smmu_cmdq_issue_cmdlist(smmu, cmdq, cmds, n, sync);
}

static int find_cmdqv(struct arm_smmu_device *smmu, struct device_node *np)
{
	struct platform_device *pdev;

	if (!of_device_is_available(np) ||
	    !of_device_is_compatible(np, "nvidia,tegra264-cmdqv"))
		return 0;

	pdev = of_find_device_by_node(np);
	if (!pdev) {
		int ret = driver_deferred_probe_check_state(smmu->dev);

		return ret == -EPROBE_DEFER ? ret : 0;
	}
	/* The CMDQ-V driver takes over the reference */
	smmu->impl_dev = &pdev->dev;
	smmu->options |= ARM_SMMU_OPT_TEGRA241_CMDQV;
	dev_info(smmu->dev, "found companion CMDQV device: %s\n",
		 dev_name(smmu->impl_dev));
	return 0;
}

/**
 * tegra264_smmu_of_probe() - Evaluate the node of an SMMU of Tegra264
 * @smmu: The SMMU
 *
 * With a CMDQ-V and a driver for it, smmu->impl_dev is its device, with a reference.
 *
 * Return: 0, or -EPROBE_DEFER if the device of CMDQ-V may still appear.
 */
int tegra264_smmu_of_probe(struct arm_smmu_device *smmu)
{
	struct device_node *np;
	int ret;

	if (!of_device_is_compatible(smmu->dev->of_node, "nvidia,tegra264-smmu"))
		return 0;
	smmu->options |= ARM_SMMU_OPT_TEGRA264_REPEATS;
	static_branch_enable(&tegra264_smmu_repeats);
	if (!IS_ENABLED(CONFIG_TEGRA241_CMDQV))
		return 0;

	np = of_parse_phandle(smmu->dev->of_node, "nvidia,cmdqv", 0);
	if (!np)
		return 0;
	ret = find_cmdqv(smmu, np);
	of_node_put(np);
	return ret;
}
