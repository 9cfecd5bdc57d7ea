// SPDX-License-Identifier: GPL-2.0
/*
 * CMDQ-V in debugfs: state of the hardware, for administrators.
 *
 * All instances share the directory iommu/tegra241_cmdqv/ with the file bypass_vcmdq.
 * Each instance has a directory in it, named after the companion device, with the file
 * "vintfs": one block for each VINTF that has an owner or was retired, with its queues
 * and its StreamID slots.
 *
 * A reader takes cmdqv->lock exclusively for one VINTF at a time. Creation and
 * destruction of a VINTF, a queue or a slot hold it shared, so the output never shows
 * half of a change, and the structures stay. Registers are read only while the
 * hardware runs, and only those of allocated queues. The output has no address.
 */
#include <kunit/visibility.h>
#include <linux/cleanup.h>
#include <linux/debugfs.h>
#include <linux/iommu.h>
#include <linux/seq_file.h>
#include <linux/string_choices.h>

#include "tegra241-cmdqv.h"

/* Protects the directory of all instances, which exists while there is an instance */
static DEFINE_MUTEX(tegra241_debugfs_lock);
static struct dentry *tegra241_debugfs_dir;
static unsigned int tegra241_debugfs_users;

static void tegra241_show_queue(struct seq_file *m, const struct tegra241_vintf *vintf,
				u16 lidx)
{
	struct tegra241_vcmdq_regs regs = tegra241_lvcmdq_regs(vintf, lidx);
	u64 base = cmdqv_readq_relaxed(regs.page1 + VCMDQ_BASE);

	seq_printf(m, "  LVCMDQ %u: VCMDQ %u, %s, size %lu, PROD 0x%x, CONS 0x%x, GERROR 0x%x, GERRORN 0x%x\n",
		   lidx, tegra241_vcmdq_idx(vintf, lidx),
		   str_on_off(cmdqv_readl_relaxed(regs.page0 + VCMDQ_STATUS) & CMDQV_EN),
		   BIT(FIELD_GET(VCMDQ_BASE_LOG2SIZE, base)),
		   cmdqv_readl_relaxed(regs.page0 + VCMDQ_PROD),
		   cmdqv_readl_relaxed(regs.page0 + VCMDQ_CONS),
		   cmdqv_readl_relaxed(regs.page0 + VCMDQ_GERROR),
		   cmdqv_readl_relaxed(regs.page0 + VCMDQ_GERRORN));
}

static void tegra241_show_sid_slots(struct seq_file *m,
				    const struct tegra241_vintf *vintf)
{
	unsigned int slot;

	for (slot = 0; slot < vintf->cmdqv->num_sids; slot++) {
		u32 match = cmdqv_readl_relaxed(vintf->base + VINTF_SID_MATCH(slot));

		if (match & VINTF_SID_MATCH_EN)
			seq_printf(m, "  SID %u: virtual 0x%lx, physical 0x%x\n",
				   slot, FIELD_GET(VINTF_SID_MATCH_VSID, match),
				   cmdqv_readl_relaxed(vintf->base +
						 VINTF_SID_REPLACE(slot)));
	}
}

static int tegra241_vintfs_show(struct seq_file *m, void *v)
{
	struct tegra241_cmdqv *cmdqv = m->private;
	u16 idx = (unsigned long)v - 1;
	struct tegra241_vintf *vintf;
	u16 l;

	guard(rwsem_write)(&cmdqv->lock);
	vintf = cmdqv->vintfs[idx];
	if (!vintf) {
		if (test_bit(idx, cmdqv->retired))
			seq_printf(m, "VINTF %u: no owner, retired\n", idx);
		return 0;
	}

	seq_printf(m, "VINTF %u: %s, VMID %u, %s, errors %lu\n", idx,
		   idx ? "guest" : "kernel", vintf->vmid,
		   vintf->retired ? "retired" : str_on_off(vintf->enabled),
		   READ_ONCE(vintf->num_errors));
	if (!cmdqv->running)
		return 0;
	for (l = 0; l < vintf->num_mapped; l++)
		tegra241_show_queue(m, vintf, l);
	tegra241_show_sid_slots(m, vintf);
	return 0;
}

/* The iterator is the number of the VINTF plus one, because NULL is the end */
static void *tegra241_vintfs_start(struct seq_file *m, loff_t *pos)
{
	const struct tegra241_cmdqv *cmdqv = m->private;

	return *pos < cmdqv->num_vintfs ? (void *)(unsigned long)(*pos + 1) :
					  NULL;
}

static void *tegra241_vintfs_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return tegra241_vintfs_start(m, pos);
}

static void tegra241_vintfs_stop(struct seq_file *m, void *v)
{
}

static const struct seq_operations tegra241_vintfs_sops = {
	.next = tegra241_vintfs_next,
	.show = tegra241_vintfs_show,
	.start = tegra241_vintfs_start,
	.stop = tegra241_vintfs_stop,
};
DEFINE_SEQ_ATTRIBUTE(tegra241_vintfs);

/**
 * tegra241_cmdqv_debugfs_add() - Show an instance in debugfs
 * @cmdqv: The hardware, with its geometry known, and as the driver found it
 */
void tegra241_cmdqv_debugfs_add(struct tegra241_cmdqv *cmdqv)
{
	guard(mutex)(&tegra241_debugfs_lock);
	if (!tegra241_debugfs_users++) {
		tegra241_debugfs_dir = debugfs_create_dir("tegra241_cmdqv",
							  iommu_debugfs_dir);
		debugfs_create_bool("bypass_vcmdq", 0644, tegra241_debugfs_dir,
				    &tegra241_cmdqv_bypass_vcmdq);
	}
	cmdqv->debugfs = debugfs_create_dir(dev_name(cmdqv->dev), tegra241_debugfs_dir);
	debugfs_create_file("vintfs", 0400, cmdqv->debugfs, cmdqv,
			    &tegra241_vintfs_fops);
	tegra241_experiments_add(cmdqv);
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_cmdqv_debugfs_add);

/**
 * tegra241_cmdqv_debugfs_remove() - Undo tegra241_cmdqv_debugfs_add(), drain readers
 * @cmdqv: The hardware
 */
void tegra241_cmdqv_debugfs_remove(struct tegra241_cmdqv *cmdqv)
{
	guard(mutex)(&tegra241_debugfs_lock);
	debugfs_remove_recursive(cmdqv->debugfs);
	tegra241_experiments_remove(cmdqv);
	if (!--tegra241_debugfs_users)
		debugfs_remove_recursive(tegra241_debugfs_dir);
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_cmdqv_debugfs_remove);
