// SPDX-License-Identifier: GPL-2.0
/*
 * Experiments on the levels, the allocation map and the two views of a queue.
 *
 * Each function gets an enabled VINTF without queues and may leave anything behind; see
 * tegra241-cmdqv-experiment.c.
 */

#include "tegra241-cmdqv-experiment.h"

/* A value for PROD that is neither 0 nor all ones */
#define MARK	5

enum tegra241_verdict experiment_check_hyp_own(struct tegra241_run *run)
{
	void __iomem *config = run->vintf.base + VINTF_CONFIG;
	u32 value = VINTF_CONFIG_HYP_OWN | FIELD_PREP(VINTF_CONFIG_VMID, run->vintf.vmid);

	/* Without EN, so no queue of it executes anything */
	if (!experiment_switch_vintf(run, false))
		return EXPERIMENT_UNDECIDED;
	cmdqv_writel(value, config);
	experiment_saw(run, "CONFIG 0x%x reads 0x%x", value, cmdqv_readl(config));
	return cmdqv_readl(config) == value ? EXPERIMENT_FIRST :
	       cmdqv_readl(config) == (value & ~VINTF_CONFIG_HYP_OWN) ? EXPERIMENT_SECOND :
								       EXPERIMENT_OTHER;
}

enum tegra241_verdict experiment_reserved(struct tegra241_run *run)
{
	const u32 match = GENMASK(31, 21), replace = GENMASK(31, 20), prod = GENMASK(31, 20);
	u32 kept[3];

	if (!experiment_map(run, 0))
		return EXPERIMENT_UNDECIDED;
	cmdqv_writel(match, run->vintf.base + VINTF_SID_MATCH(0));
	cmdqv_writel(replace, run->vintf.base + VINTF_SID_REPLACE(0));
	experiment_write(run, 0, VCMDQ_PROD, prod);
	kept[0] = cmdqv_readl(run->vintf.base + VINTF_SID_MATCH(0));
	kept[1] = cmdqv_readl(run->vintf.base + VINTF_SID_REPLACE(0));
	kept[2] = experiment_read(run, 0, VCMDQ_PROD);
	experiment_write(run, 0, VCMDQ_PROD, 0);
	experiment_saw(run, "SID_MATCH 0x%x, SID_REPLACE 0x%x, PROD 0x%x", kept[0], kept[1],
		       kept[2]);
	if (!kept[0] && !kept[1] && !kept[2])
		return EXPERIMENT_FIRST;
	return kept[0] == match && kept[1] == replace && kept[2] == prod ? EXPERIMENT_SECOND :
									   EXPERIMENT_OTHER;
}

enum tegra241_verdict experiment_slot(struct tegra241_run *run)
{
	static const unsigned int regs[] = {
		VCMDQ_CONS, VCMDQ_PROD, VCMDQ_CONFIG, VCMDQ_STATUS, VCMDQ_GERROR,
	};
	u32 any = 0, all = U32_MAX;
	unsigned int i;

	experiment_write(run, 0, VCMDQ_PROD, MARK);
	for (i = 0; i < ARRAY_SIZE(regs); i++) {
		any |= experiment_read(run, 0, regs[i]);
		all &= experiment_read(run, 0, regs[i]);
	}
	experiment_saw(run, "or of the registers 0x%x, and of them 0x%x", any, all);
	return !any ? EXPERIMENT_FIRST : all == U32_MAX ? EXPERIMENT_SECOND : EXPERIMENT_OTHER;
}

/* PROD of queue 0 in the physical view, after a write of it */
static u32 experiment_physical_prod(struct tegra241_run *run, u16 lidx, u32 value)
{
	void __iomem *prod = tegra241_phys_vcmdq_regs(&run->vintf, lidx).page0 + VCMDQ_PROD;

	cmdqv_writel(value, prod);
	return cmdqv_readl(prod);
}

enum tegra241_verdict experiment_physical(struct tegra241_run *run)
{
	u32 prod = experiment_physical_prod(run, 0, MARK);

	experiment_physical_prod(run, 0, 0);
	experiment_saw(run, "PROD %u reads %u", MARK, prod);
	return prod == MARK ? EXPERIMENT_FIRST : !prod ? EXPERIMENT_SECOND : EXPERIMENT_OTHER;
}

enum tegra241_verdict experiment_order(struct tegra241_run *run)
{
	u32 map;

	if (run->cmdqv->num_lvcmdqs < 2) {
		experiment_saw(run, "a VINTF has one queue");
		return EXPERIMENT_UNDECIDED;
	}
	experiment_set_alloc_map(run, 1, 1, true);
	map = experiment_alloc_map(run, 1);
	experiment_write(run, 1, VCMDQ_PROD, MARK);
	experiment_saw(run, "map 0x%x, PROD %u", map, experiment_read(run, 1, VCMDQ_PROD));
	if (!(map & CMDQV_ALLOC_ALLOCATED))
		return EXPERIMENT_SECOND;
	return experiment_read(run, 1, VCMDQ_PROD) == MARK ? EXPERIMENT_FIRST :
							    EXPERIMENT_OTHER;
}

enum tegra241_verdict experiment_slot_twice(struct tegra241_run *run)
{
	u32 first, second;

	if (run->cmdqv->num_lvcmdqs < 2) {
		experiment_saw(run, "a VINTF has one queue");
		return EXPERIMENT_UNDECIDED;
	}
	experiment_set_alloc_map(run, 0, 0, true);
	experiment_set_alloc_map(run, 1, 0, true);
	first = experiment_alloc_map(run, 0);
	second = experiment_alloc_map(run, 1);
	experiment_saw(run, "map of the first 0x%x, of the second 0x%x", first, second);
	if (!(first & CMDQV_ALLOC_ALLOCATED))
		return EXPERIMENT_OTHER;
	return second & CMDQV_ALLOC_ALLOCATED ? EXPERIMENT_SECOND : EXPERIMENT_FIRST;
}

enum tegra241_verdict experiment_early(struct tegra241_run *run)
{
	void __iomem *status;
	bool starts;

	if (!experiment_map(run, 0) || !experiment_switch_vintf(run, false))
		return EXPERIMENT_UNDECIDED;
	status = tegra241_lvcmdq_regs(&run->vintf, 0).page0 + VCMDQ_STATUS;
	experiment_write(run, 0, VCMDQ_CONFIG, CMDQV_EN);
	if (experiment_poll(status, CMDQV_EN, CMDQV_EN)) {
		experiment_saw(run, "STATUS 1 with the VINTF off");
		return EXPERIMENT_OTHER;
	}
	if (!experiment_switch_vintf(run, true))
		return EXPERIMENT_UNDECIDED;
	starts = experiment_poll(status, CMDQV_EN, CMDQV_EN);
	experiment_saw(run, "STATUS %u after the VINTF went on", starts);
	if (starts)
		return EXPERIMENT_SECOND;
	experiment_write(run, 0, VCMDQ_CONFIG, CMDQV_EN);
	starts = experiment_poll(status, CMDQV_EN, CMDQV_EN);
	experiment_saw(run, ", %u after EN was written again", starts);
	return starts ? EXPERIMENT_FIRST : EXPERIMENT_OTHER;
}

enum tegra241_verdict experiment_levels(struct tegra241_run *run)
{
	u32 below, config;
	bool starts;

	if (!experiment_queue(run, 0) || !experiment_switch_vintf(run, false))
		return EXPERIMENT_UNDECIDED;
	config = experiment_read(run, 0, VCMDQ_CONFIG);
	below = experiment_read(run, 0, VCMDQ_STATUS);
	if (!experiment_switch_vintf(run, true))
		return EXPERIMENT_UNDECIDED;
	starts = experiment_poll(tegra241_lvcmdq_regs(&run->vintf, 0).page0 + VCMDQ_STATUS,
				 CMDQV_EN, CMDQV_EN);
	experiment_saw(run, "CONFIG %u, STATUS %u while it is off; STATUS %u when it is on again",
		       config, below, starts);
	if (!(below & CMDQV_EN) && !(config & CMDQV_EN) && !starts)
		return EXPERIMENT_FIRST;
	return !(below & CMDQV_EN) && (config & CMDQV_EN) && starts ? EXPERIMENT_SECOND :
								      EXPERIMENT_OTHER;
}

enum tegra241_verdict experiment_unmapped(struct tegra241_run *run)
{
	struct tegra241_vcmdq_regs phys = tegra241_phys_vcmdq_regs(&run->vintf, 0);
	bool runs;

	if (!experiment_queue(run, 0))
		return EXPERIMENT_UNDECIDED;
	experiment_put(run, CMDQ_OP_CMD_SYNC, 0);
	experiment_set_alloc_map(run, 0, 0, false);
	if (experiment_physical_prod(run, 0, run->prod) != run->prod) {
		experiment_saw(run, "the physical view does not reach it");
		return EXPERIMENT_UNDECIDED;
	}
	runs = experiment_poll(phys.page0 + VCMDQ_CONS, VCMDQ_INDEX, run->prod);
	experiment_saw(run, "CONS %u for PROD %u, STATUS %u",
		       cmdqv_readl(phys.page0 + VCMDQ_CONS), run->prod,
		       cmdqv_readl(phys.page0 + VCMDQ_STATUS));
	return runs ? EXPERIMENT_SECOND : EXPERIMENT_FIRST;
}

enum tegra241_verdict experiment_width(struct tegra241_run *run)
{
	const u32 value = 0x12345;
	void __iomem *page0;
	u64 wide;
	u16 half;
	u8 byte;

	if (!experiment_map(run, 0))
		return EXPERIMENT_UNDECIDED;
	page0 = tegra241_lvcmdq_regs(&run->vintf, 0).page0;
	experiment_write(run, 0, VCMDQ_PROD, value);
	byte = readb(page0 + VCMDQ_PROD);
	half = readw(page0 + VCMDQ_PROD);
	wide = cmdqv_readq(page0 + VCMDQ_CONS);
	experiment_write(run, 0, VCMDQ_PROD, 0);
	experiment_saw(run, "PROD 0x%x: 0x%x, 0x%x; CONS and PROD 0x%llx", value, byte, half,
		       wide);
	if (!byte && !half && !wide)
		return EXPERIMENT_FIRST;
	return byte == (value & 0xff) && half == (value & 0xffff) && wide == (u64)value << 32 ?
		       EXPERIMENT_SECOND : EXPERIMENT_OTHER;
}
