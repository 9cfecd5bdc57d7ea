// SPDX-License-Identifier: GPL-2.0
/*
 * Queues of guests while a device is reset.
 *
 * A device in reset answers no ATC_INV, and a queue of a guest with one would stop with
 * error 3. So each guest that may name the device is held: page 0 is unmapped from it,
 * and its next access waits in a page fault until the reset is done. The commands that
 * it has given before that are executed first.
 *
 * A StreamID slot counts its holds. The guest is released when the reset is done, or
 * when the vDEVICE of the slot is destroyed.
 */
#include <kunit/visibility.h>
#include <linux/cleanup.h>
#include <linux/jiffies.h>
#include <linux/mutex.h>

#include "tegra241-cmdqv.h"

/* Time for the commands that guests have given */
#define DRAIN_TIMEOUT_MS	1000
#define DRAIN_POLL_MS		1

/* The guest of a VINTF, or NULL; experiments have a VINTF without a guest */
static struct tegra241_vsmmu *tegra241_find_guest(struct tegra241_cmdqv *cmdqv,
						  unsigned int vintf)
{
	lockdep_assert_held(&cmdqv->vintfs_lock);

	return cmdqv->vintfs[vintf] ? cmdqv->vintfs[vintf]->vsmmu : NULL;
}

/* The slot of a device, or a negative value */
static int tegra241_find_slot(const struct tegra241_vsmmu *vsmmu,
			      const struct device *dev)
{
	unsigned int slot;

	lockdep_assert_held(&vsmmu->lock);

	for_each_set_bit(slot, vsmmu->sid_slots, CMDQV_MAX_SIDS)
		if (vsmmu->slot_devs[slot] == dev)
			return slot;
	return -ENOENT;
}

/**
 * tegra241_release_slot() - Release the guest that was held for a StreamID slot
 * @vsmmu: The vIOMMU of the guest, locked
 * @slot: The slot
 */
void tegra241_release_slot(struct tegra241_vsmmu *vsmmu, unsigned int slot)
{
	lockdep_assert_held(&vsmmu->lock);

	if (__test_and_clear_bit(slot, vsmmu->held_slots))
		iommufd_viommu_release_mmap(&vsmmu->vsmmu.core,
					    vsmmu->mmap_offset);
}

static void tegra241_hold_vsmmu(struct tegra241_vsmmu *vsmmu,
				const struct device *dev)
{
	int slot;

	guard(mutex)(&vsmmu->lock);
	slot = tegra241_find_slot(vsmmu, dev);
	if (slot >= 0 && !__test_and_set_bit(slot, vsmmu->held_slots))
		iommufd_viommu_hold_mmap(&vsmmu->vsmmu.core,
					 vsmmu->mmap_offset);
}

static void tegra241_release_vsmmu(struct tegra241_vsmmu *vsmmu,
				   const struct device *dev)
{
	int slot;

	guard(mutex)(&vsmmu->lock);
	slot = tegra241_find_slot(vsmmu, dev);
	if (slot >= 0)
		tegra241_release_slot(vsmmu, slot);
}

/* True if a queue executes commands: it is on, not in error, and not empty */
static bool tegra241_lvcmdq_is_busy(const struct tegra241_vintf *vintf, u16 lidx)
{
	void __iomem *page0 = tegra241_lvcmdq_regs(vintf, lidx).page0;
	u32 cons = cmdqv_readl(page0 + VCMDQ_CONS);

	return (cmdqv_readl(page0 + VCMDQ_STATUS) & CMDQV_EN) &&
	       cmdqv_readl(page0 + VCMDQ_GERROR) ==
		       cmdqv_readl(page0 + VCMDQ_GERRORN) &&
	       ((cons ^ cmdqv_readl(page0 + VCMDQ_PROD)) & VCMDQ_INDEX_AND_WRAP);
}

static bool tegra241_vsmmu_is_busy(struct tegra241_vsmmu *vsmmu,
				   const struct device *dev)
{
	const struct tegra241_vintf *vintf = &vsmmu->vintf;
	u16 l;

	guard(mutex)(&vsmmu->lock);
	if (tegra241_find_slot(vsmmu, dev) < 0)
		return false;
	for (l = 0; l < vintf->num_mapped; l++)
		if (tegra241_lvcmdq_is_busy(vintf, l))
			return true;
	return false;
}

static bool tegra241_guests_are_busy(struct tegra241_cmdqv *cmdqv,
				     const struct device *dev)
{
	struct tegra241_vsmmu *vsmmu;
	unsigned int v;

	guard(rwsem_read)(&cmdqv->lock);
	guard(mutex)(&cmdqv->vintfs_lock);
	for (v = 1; cmdqv->running && v < cmdqv->num_vintfs; v++) {
		vsmmu = tegra241_find_guest(cmdqv, v);
		if (vsmmu && tegra241_vsmmu_is_busy(vsmmu, dev))
			return true;
	}
	return false;
}

/**
 * tegra241_cmdqv_reset_prepare() - &arm_smmu_viommu_impl.reset_prepare
 * @master: The device that is to be reset
 *
 * After a timeout the reset goes on: a queue that is too slow may see error 3.
 */
void tegra241_cmdqv_reset_prepare(struct arm_smmu_master *master)
{
	struct tegra241_cmdqv *cmdqv = to_tegra241_cmdqv(master->smmu);
	unsigned long end = jiffies + msecs_to_jiffies(DRAIN_TIMEOUT_MS);
	struct tegra241_vsmmu *vsmmu;
	unsigned int v;

	scoped_guard(mutex, &cmdqv->vintfs_lock)
		for (v = 1; v < cmdqv->num_vintfs; v++) {
			vsmmu = tegra241_find_guest(cmdqv, v);
			if (vsmmu)
				tegra241_hold_vsmmu(vsmmu, master->dev);
		}
	while (tegra241_guests_are_busy(cmdqv, master->dev) &&
	       time_before(jiffies, end))
		tegra241_cmdqv_pause(DRAIN_POLL_MS);
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_cmdqv_reset_prepare);

/**
 * tegra241_cmdqv_reset_done() - &arm_smmu_viommu_impl.reset_done
 * @master: The device that was reset
 */
void tegra241_cmdqv_reset_done(struct arm_smmu_master *master)
{
	struct tegra241_cmdqv *cmdqv = to_tegra241_cmdqv(master->smmu);
	struct tegra241_vsmmu *vsmmu;
	unsigned int v;

	guard(mutex)(&cmdqv->vintfs_lock);
	for (v = 1; v < cmdqv->num_vintfs; v++) {
		vsmmu = tegra241_find_guest(cmdqv, v);
		if (vsmmu)
			tegra241_release_vsmmu(vsmmu, master->dev);
	}
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_cmdqv_reset_done);
