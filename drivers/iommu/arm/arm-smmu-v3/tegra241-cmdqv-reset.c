// SPDX-License-Identifier: GPL-2.0
/*
 * Queues of guests while a device is reset.
 *
 * A device in reset answers no ATC_INV, and a queue of a guest with one would stop with
 * error 3. So each guest that may name the device is held: page 0 is unmapped from it,
 * and its next access waits in a page fault until the reset is done. The commands that
 * it has given before that are executed first.
 *
 * A bit of its StreamID slot says that the guest is held for the device. It is released
 * when the reset is done, or when the vDEVICE of the slot is destroyed.
 *
 * User space decides how long it takes to unmap page 0, since it may have mapped it many
 * times. So no lock is held meanwhile that another guest, or the handler of errors of the
 * kernel's queues, needs: a reset pins a vIOMMU, and only the destruction of this one
 * waits for it.
 */
#include <kunit/visibility.h>
#include <linux/cleanup.h>
#include <linux/completion.h>
#include <linux/jiffies.h>
#include <linux/mutex.h>
#include <linux/refcount.h>

#include "tegra241-cmdqv.h"

/* Time for the commands that guests have given */
#define DRAIN_TIMEOUT_MS	1000
#define DRAIN_POLL_MS		1

/**
 * tegra241_guest_join() - Let resets of devices hold a guest from now on
 * @vsmmu: Its vIOMMU, which is complete
 */
void tegra241_guest_join(struct tegra241_vsmmu *vsmmu)
{
	refcount_set(&vsmmu->pins, 1);
	init_completion(&vsmmu->unpinned);
	guard(mutex)(&vsmmu->vintf.cmdqv->vintfs_lock);
	vsmmu->vintf.vsmmu = vsmmu;
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_guest_join);

static void tegra241_unpin_guest(struct tegra241_vsmmu *vsmmu)
{
	if (refcount_dec_and_test(&vsmmu->pins))
		complete(&vsmmu->unpinned);
}

/**
 * tegra241_guest_leave() - Undo tegra241_guest_join()
 * @vsmmu: The vIOMMU, which has no vDEVICE any more. Resets do not use it after the
 *         return.
 */
void tegra241_guest_leave(struct tegra241_vsmmu *vsmmu)
{
	scoped_guard(mutex, &vsmmu->vintf.cmdqv->vintfs_lock)
		vsmmu->vintf.vsmmu = NULL;
	tegra241_unpin_guest(vsmmu);
	wait_for_completion(&vsmmu->unpinned);
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_guest_leave);

/* The guest of a VINTF, pinned; or NULL, also for the VINTF of experiments */
static struct tegra241_vsmmu *tegra241_pin_guest(struct tegra241_cmdqv *cmdqv,
						 unsigned int vintf)
{
	struct tegra241_vsmmu *vsmmu;

	guard(mutex)(&cmdqv->vintfs_lock);
	vsmmu = cmdqv->vintfs[vintf] ? cmdqv->vintfs[vintf]->vsmmu : NULL;
	if (vsmmu)
		refcount_inc(&vsmmu->pins);
	return vsmmu;
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

static bool tegra241_names(struct tegra241_vsmmu *vsmmu, const struct device *dev)
{
	guard(mutex)(&vsmmu->lock);
	return tegra241_find_slot(vsmmu, dev) >= 0;
}

/* False if the slot went meanwhile, or a hold for it is there already */
static bool tegra241_mark_slot(struct tegra241_vsmmu *vsmmu, const struct device *dev)
{
	int slot;

	guard(mutex)(&vsmmu->lock);
	slot = tegra241_find_slot(vsmmu, dev);
	return slot >= 0 && !__test_and_set_bit(slot, vsmmu->held_slots);
}

static bool tegra241_unmark_slot(struct tegra241_vsmmu *vsmmu, const struct device *dev)
{
	int slot;

	guard(mutex)(&vsmmu->lock);
	slot = tegra241_find_slot(vsmmu, dev);
	return slot >= 0 && __test_and_clear_bit(slot, vsmmu->held_slots);
}

static void tegra241_hold_vsmmu(struct tegra241_vsmmu *vsmmu,
				const struct device *dev)
{
	if (!tegra241_names(vsmmu, dev))
		return;
	iommufd_viommu_hold_mmap(&vsmmu->vsmmu.core, vsmmu->mmap_offset);
	if (!tegra241_mark_slot(vsmmu, dev))
		iommufd_viommu_release_mmap(&vsmmu->vsmmu.core,
					    vsmmu->mmap_offset);
}

static void tegra241_release_vsmmu(struct tegra241_vsmmu *vsmmu,
				   const struct device *dev)
{
	if (tegra241_unmark_slot(vsmmu, dev))
		iommufd_viommu_release_mmap(&vsmmu->vsmmu.core,
					    vsmmu->mmap_offset);
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

	guard(rwsem_read)(&vintf->cmdqv->lock);
	guard(mutex)(&vsmmu->lock);
	if (!vintf->cmdqv->running || tegra241_find_slot(vsmmu, dev) < 0)
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
	bool busy = false;
	unsigned int v;

	for (v = 1; !busy && v < cmdqv->num_vintfs; v++) {
		vsmmu = tegra241_pin_guest(cmdqv, v);
		if (!vsmmu)
			continue;
		busy = tegra241_vsmmu_is_busy(vsmmu, dev);
		tegra241_unpin_guest(vsmmu);
	}
	return busy;
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
	struct tegra241_vsmmu *vsmmu;
	unsigned long end;
	unsigned int v;

	for (v = 1; v < cmdqv->num_vintfs; v++) {
		vsmmu = tegra241_pin_guest(cmdqv, v);
		if (!vsmmu)
			continue;
		tegra241_hold_vsmmu(vsmmu, master->dev);
		tegra241_unpin_guest(vsmmu);
	}
	end = jiffies + msecs_to_jiffies(DRAIN_TIMEOUT_MS);
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

	for (v = 1; v < cmdqv->num_vintfs; v++) {
		vsmmu = tegra241_pin_guest(cmdqv, v);
		if (!vsmmu)
			continue;
		tegra241_release_vsmmu(vsmmu, master->dev);
		tegra241_unpin_guest(vsmmu);
	}
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_cmdqv_reset_done);
