// SPDX-License-Identifier: GPL-2.0
/*
 * VINTFs of CMDQ-V for virtual machines.
 *
 * A vIOMMU of type TEGRA241_CMDQV is an SMMUv3 vIOMMU that owns a VINTF; a HW_QUEUE
 * is one of its logical queues, on guest memory that iommufd has pinned; a vDEVICE
 * takes a StreamID slot, so that the guest may name the device by its virtual
 * StreamID. User space can mmap() page 0 of the VINTF: the guest itself turns its
 * queues on, writes commands and handles errors, which a vEVENTQ reports. Only the
 * kernel writes page 1, which has the physical address of a queue.
 *
 * A guest can write to page 0 at any time, so the driver does not trust values from
 * there, and a queue counts as stopped only after its removal from the map. While a
 * queue is made or stopped, page 0 is held: the guest waits if it accesses it. A VINTF
 * that does not stop is never reused: it is retired, its number stays in use, and
 * iommufd keeps the memory pinned.
 *
 * cmdqv->lock is held for changes of the hardware only, never over an access to user
 * memory, because the shutdown of the machine waits for it.
 */
#define dev_fmt(fmt) "tegra241_cmdqv: " fmt

#include <kunit/visibility.h>
#include <linux/cleanup.h>
#include <linux/iommu.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <trace/events/tegra241_cmdqv.h>

#include "tegra241-cmdqv.h"

/*
 * Times to make a queue again whose flush fails, and the pause before each. The flush waits
 * behind commands of all VMs, and one of them may have a device that does not answer: longer
 * than PCI's timeout.
 */
#define FLUSH_RETRIES	60
#define FLUSH_PAUSE_MS	1000

/**
 * struct tegra241_hw_queue - Logical queue of a guest
 * @core: The iommufd object
 * @prev: The queue with the next lower index, which must outlive this one
 */
struct tegra241_hw_queue {
	struct iommufd_hw_queue core;
	struct tegra241_hw_queue *prev;
};

/**
 * struct tegra241_vdevice - Device that a guest may name
 * @core: The iommufd object
 * @sid_slot: Its StreamID slot
 */
struct tegra241_vdevice {
	struct iommufd_vdevice core;
	unsigned int sid_slot;
};

static struct tegra241_vsmmu *to_tegra241_vsmmu(struct iommufd_viommu *viommu)
{
	return container_of(viommu, struct tegra241_vsmmu, vsmmu.core);
}

/* vDEVICE */

/* True if the guest was held for the slot */
static bool tegra241_free_slot(struct tegra241_vsmmu *vsmmu, unsigned int slot)
{
	struct tegra241_cmdqv *cmdqv = vsmmu->vintf.cmdqv;

	guard(rwsem_read)(&cmdqv->lock);
	guard(mutex)(&vsmmu->lock);
	if (cmdqv->running)
		tegra241_vintf_clear_sid(&vsmmu->vintf, slot);
	__clear_bit(slot, vsmmu->sid_slots);
	return __test_and_clear_bit(slot, vsmmu->held_slots);
}

static void tegra241_vdevice_destroy(struct iommufd_vdevice *core)
{
	struct tegra241_vdevice *vdev =
		container_of(core, struct tegra241_vdevice, core);
	struct tegra241_vsmmu *vsmmu = to_tegra241_vsmmu(core->viommu);

	/* The release may wait for a hold that is not complete yet */
	if (tegra241_free_slot(vsmmu, vdev->sid_slot))
		iommufd_viommu_release_mmap(core->viommu, vsmmu->mmap_offset);
}

static int tegra241_vdevice_init(struct iommufd_vdevice *core)
{
	struct tegra241_vdevice *vdev =
		container_of(core, struct tegra241_vdevice, core);
	struct tegra241_vsmmu *vsmmu = to_tegra241_vsmmu(core->viommu);
	struct tegra241_cmdqv *cmdqv = vsmmu->vintf.cmdqv;
	struct arm_smmu_master *master = dev_iommu_priv_get(core->dev);
	unsigned int slot;
	int ret;

	if (core->virt_id > FIELD_MAX(VINTF_SID_MATCH_VSID))
		return -EINVAL;
	ret = arm_vsmmu_vdevice_init(core);
	if (ret)
		return ret;

	guard(rwsem_read)(&cmdqv->lock);
	guard(mutex)(&vsmmu->lock);
	if (!cmdqv->running)
		return -ENODEV;
	slot = find_first_zero_bit(vsmmu->sid_slots, cmdqv->num_sids);
	if (slot == cmdqv->num_sids)
		return -ENOSPC;

	__set_bit(slot, vsmmu->sid_slots);
	vsmmu->slot_devs[slot] = core->dev;
	tegra241_vintf_set_sid(&vsmmu->vintf, slot, core->virt_id,
			       master->streams[0].id);
	vdev->sid_slot = slot;
	core->destroy = tegra241_vdevice_destroy;
	return 0;
}

/* HW_QUEUE */

/*
 * The guest has no page 0 while one of its queues is made or stopped. Otherwise it could
 * turn the queue on between two steps. Before the region exists, it has none anyway.
 */
static void tegra241_hold_guest(struct tegra241_vsmmu *vsmmu)
{
	if (vsmmu->mmap_offset)
		iommufd_viommu_hold_mmap(&vsmmu->vsmmu.core,
					 vsmmu->mmap_offset);
}

static void tegra241_release_guest(struct tegra241_vsmmu *vsmmu)
{
	if (vsmmu->mmap_offset)
		iommufd_viommu_release_mmap(&vsmmu->vsmmu.core,
					    vsmmu->mmap_offset);
}

static void tegra241_hw_queue_destroy(struct iommufd_hw_queue *core)
{
	struct tegra241_hw_queue *queue =
		container_of(core, struct tegra241_hw_queue, core);
	struct tegra241_vsmmu *vsmmu = to_tegra241_vsmmu(core->viommu);
	struct tegra241_cmdqv *cmdqv = vsmmu->vintf.cmdqv;

	tegra241_hold_guest(vsmmu);
	scoped_guard(rwsem_read, &cmdqv->lock) {
		guard(mutex)(&vsmmu->lock);
		if (cmdqv->running)
			core->memory_lost =
				tegra241_lvcmdq_unmap(&vsmmu->vintf) != 0;
		else
			/* Also right if the shutdown of the machine has stopped the queue */
			core->memory_lost = vsmmu->vintf.retired;
		vsmmu->last_queue = queue->prev;
	}
	tegra241_release_guest(vsmmu);
	if (queue->prev)
		iommufd_hw_queue_undepend(core, &queue->prev->core);
}

static int tegra241_check_queue_index(const struct tegra241_vintf *vintf, u32 index)
{
	if (index >= vintf->cmdqv->num_lvcmdqs)
		return -EINVAL;
	if (index < vintf->num_mapped)
		return -EEXIST;
	if (index > vintf->num_mapped)
		return -EIO;
	return 0;
}

static int tegra241_check_queue_memory(const struct tegra241_cmdqv *cmdqv,
				       phys_addr_t pa, size_t length)
{
	if (!is_power_of_2(length) || length < 2 << VCMDQ_ENTRY_LOG2 ||
	    length > (size_t)1 << (cmdqv->max_log2size + VCMDQ_ENTRY_LOG2))
		return -EINVAL;
	if (pa & ~VCMDQ_BASE_ADDR || !IS_ALIGNED(pa, length))
		return -EINVAL;
	return 0;
}

static int tegra241_hw_queue_check(struct tegra241_vsmmu *vsmmu, u32 index)
{
	if (!vsmmu->vintf.cmdqv->running || vsmmu->vintf.retired)
		return -ENODEV;
	return tegra241_check_queue_index(&vsmmu->vintf, index);
}

/* In the order of the errors of IOMMU_HW_QUEUE_ALLOC. On success @core holds its @prev. */
static int tegra241_hw_queue_prepare(struct iommufd_hw_queue *core, u32 index,
				     phys_addr_t base_pa)
{
	struct tegra241_hw_queue *queue =
		container_of(core, struct tegra241_hw_queue, core);
	struct tegra241_vsmmu *vsmmu = to_tegra241_vsmmu(core->viommu);
	struct tegra241_cmdqv *cmdqv = vsmmu->vintf.cmdqv;
	struct tegra241_hw_queue *prev;
	int ret;

	guard(rwsem_read)(&cmdqv->lock);
	guard(mutex)(&vsmmu->lock);
	ret = tegra241_hw_queue_check(vsmmu, index);
	if (ret)
		return ret;
	prev = vsmmu->last_queue;
	/* The command that makes @prev may still fail */
	if (prev && iommufd_hw_queue_depend(core, &prev->core))
		return -EIO;
	ret = tegra241_check_queue_memory(cmdqv, base_pa, core->length);
	if (ret && prev)
		iommufd_hw_queue_undepend(core, &prev->core);
	queue->prev = prev;
	return ret;
}

static int tegra241_hw_queue_make(struct iommufd_hw_queue *core, u32 index,
				  phys_addr_t base_pa)
{
	struct tegra241_hw_queue *queue =
		container_of(core, struct tegra241_hw_queue, core);
	struct tegra241_vsmmu *vsmmu = to_tegra241_vsmmu(core->viommu);
	struct tegra241_cmdqv *cmdqv = vsmmu->vintf.cmdqv;
	int ret;

	guard(rwsem_read)(&cmdqv->lock);
	guard(mutex)(&vsmmu->lock);
	/* Another command may have made the queue; none can destroy its @prev */
	ret = tegra241_hw_queue_check(vsmmu, index);
	if (ret)
		return ret;
	ret = tegra241_lvcmdq_map(&vsmmu->vintf);
	if (ret)
		return ret;

	/* On success no later step may fail: the hardware has the address */
	ret = tegra241_lvcmdq_set_base(&vsmmu->vintf, index, base_pa,
				       core->length);
	if (ret) {
		/* BASE did not read back, so assume that the hardware may read this memory */
		core->memory_lost = tegra241_lvcmdq_unmap(&vsmmu->vintf) != 0;
		return ret;
	}
	vsmmu->last_queue = queue;
	core->destroy = tegra241_hw_queue_destroy;
	return 0;
}

static int tegra241_hw_queue_make_held(struct iommufd_hw_queue *core, u32 index,
				       phys_addr_t base_pa)
{
	struct tegra241_vsmmu *vsmmu = to_tegra241_vsmmu(core->viommu);
	int ret;

	tegra241_hold_guest(vsmmu);
	ret = tegra241_hw_queue_make(core, index, base_pa);
	tegra241_release_guest(vsmmu);
	return ret;
}

/* The flush alone, without a hold: the guest goes on meanwhile */
static bool tegra241_hw_queue_flushed(struct iommufd_hw_queue *core)
{
	struct tegra241_cmdqv *cmdqv = to_tegra241_vsmmu(core->viommu)->vintf.cmdqv;

	guard(rwsem_read)(&cmdqv->lock);
	return !cmdqv->running || !tegra241_flush_atc_timeouts(cmdqv);
}

static int tegra241_hw_queue_init(struct iommufd_hw_queue *core, u32 index,
				  phys_addr_t base_pa)
{
	struct tegra241_hw_queue *queue =
		container_of(core, struct tegra241_hw_queue, core);
	unsigned int retries = FLUSH_RETRIES;
	int ret;

	/* A hold costs others, too; so no refusal needs one */
	ret = tegra241_hw_queue_prepare(core, index, base_pa);
	if (ret)
		return ret;
	ret = tegra241_hw_queue_make_held(core, index, base_pa);
	while (ret == -EAGAIN && retries-- && !fatal_signal_pending(current)) {
		tegra241_cmdqv_pause(FLUSH_PAUSE_MS);
		if (tegra241_hw_queue_flushed(core))
			ret = tegra241_hw_queue_make_held(core, index, base_pa);
	}
	if (ret == -EAGAIN)
		ret = -ETIMEDOUT;
	if (ret && queue->prev)
		iommufd_hw_queue_undepend(core, &queue->prev->core);
	return ret;
}

static size_t tegra241_get_hw_queue_size(struct iommufd_viommu *viommu,
					 enum iommu_hw_queue_type type)
{
	return type == IOMMU_HW_QUEUE_TYPE_TEGRA241_CMDQV ?
		       sizeof(struct tegra241_hw_queue) : 0;
}

/* Errors of queues: for the interrupt handler only, which is one thread */

/* Identifies an error of a queue: its position, and the toggles of GERROR */
static u64 tegra241_queue_error(const struct tegra241_vintf *vintf, u16 lidx)
{
	struct tegra241_vcmdq_regs regs = tegra241_phys_vcmdq_regs(vintf, lidx);

	return (u64)cmdqv_readl_relaxed(regs.page0 + VCMDQ_CONS) << 32 |
	       cmdqv_readl_relaxed(regs.page0 + VCMDQ_GERROR);
}

/* True if there is an error in @map that the last call did not find */
static bool tegra241_user_vintf_has_news(struct tegra241_vsmmu *vsmmu, const u64 *map)
{
	const struct tegra241_vintf *vintf = &vsmmu->vintf;
	bool news = false;
	unsigned int m, l;

	for (m = 0; m < VINTF_LVCMDQ_ERR_MAPS; m++) {
		news |= map[m] & ~vsmmu->seen_map[m];
		vsmmu->seen_map[m] = map[m];
	}
	for (l = 0; l < vintf->cmdqv->num_lvcmdqs; l++) {
		u64 error;

		if (!(map[l / VINTF_LVCMDQ_ERR_MAP_BITS] &
		      BIT_ULL(l % VINTF_LVCMDQ_ERR_MAP_BITS)))
			continue;
		error = tegra241_queue_error(vintf, l);
		news |= error != vsmmu->seen_error[l];
		vsmmu->seen_error[l] = error;
	}
	return news;
}

/*
 * Report errors of a guest's queues; its vIOMMU may not be complete yet.
 *
 * The event has the state of the error maps, not only the new bits: errors that come
 * together, or before the handler runs, give one event. The driver acknowledges
 * nothing here. An event that was lost or dropped is reported again by each later
 * interrupt, while any queue is in error.
 */
static void tegra241_user_vintf_report(struct tegra241_vsmmu *vsmmu, const u64 *map,
				       bool news)
{
	struct iommu_vevent_tegra241_cmdqv event;
	unsigned int m;
	int ret;

	static_assert(ARRAY_SIZE(event.lvcmdq_err_map) ==
		      VINTF_LVCMDQ_ERR_MAPS);

	vsmmu->untold |= news;
	vsmmu->untold &= !!memchr_inv(map, 0, sizeof(event.lvcmdq_err_map));
	if (!vsmmu->untold)
		return;

	for (m = 0; m < VINTF_LVCMDQ_ERR_MAPS; m++)
		event.lvcmdq_err_map[m] = cpu_to_le64(map[m]);

	ret = iommufd_viommu_report_event(&vsmmu->vsmmu.core,
					  IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV,
					  &event, sizeof(event));
	vsmmu->untold = ret != 0;
	trace_tegra241_cmdqv_event(vsmmu->vintf.cmdqv->dev, vsmmu->vintf.idx,
				   ret);
}

/* The guest may have acknowledged the error already, or a reported one not yet */
static void tegra241_user_vintf_errors(struct tegra241_vintf *vintf, const u64 *map)
{
	struct tegra241_vsmmu *vsmmu =
		container_of(vintf, struct tegra241_vsmmu, vintf);
	bool news = tegra241_user_vintf_has_news(vsmmu, map);

	if (news)
		tegra241_vintf_note_errors(vintf, map);
	tegra241_user_vintf_report(vsmmu, map, news);
}

/* vIOMMU */

VISIBLE_IF_KUNIT void tegra241_user_vintf_free(struct tegra241_vintf *vintf)
{
	struct tegra241_cmdqv *cmdqv = vintf->cmdqv;

	scoped_guard(rwsem_read, &cmdqv->lock) {
		if (cmdqv->running)
			tegra241_vintf_disable(vintf);
		tegra241_cmdqv_unpublish_vintf(vintf);
	}
	if (!vintf->retired)
		ida_free(&cmdqv->vintf_ids, vintf->idx);
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_user_vintf_free);

VISIBLE_IF_KUNIT int tegra241_user_vintf_alloc(struct tegra241_vintf *vintf,
					       struct tegra241_cmdqv *cmdqv,
					       u16 vmid)
{
	int ret;

	if (cmdqv->num_vintfs == 1)
		return -ENOSPC;
	ret = ida_alloc_range(&cmdqv->vintf_ids, 1, cmdqv->num_vintfs - 1,
			      GFP_KERNEL);
	if (ret < 0)
		return ret;
	tegra241_vintf_init(vintf, cmdqv, ret, vmid);
	vintf->handle_errors = tegra241_user_vintf_errors;

	scoped_guard(rwsem_read, &cmdqv->lock) {
		tegra241_cmdqv_publish_vintf(vintf);
		ret = cmdqv->running ? tegra241_vintf_enable(vintf, false) :
				       -ENODEV;
	}
	if (ret)
		tegra241_user_vintf_free(vintf);
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_user_vintf_alloc);

static void tegra241_vsmmu_destroy(struct iommufd_viommu *viommu)
{
	struct tegra241_vsmmu *vsmmu = to_tegra241_vsmmu(viommu);

	tegra241_guest_leave(vsmmu);
	iommufd_viommu_destroy_mmap(viommu, vsmmu->mmap_offset);
	tegra241_user_vintf_free(&vsmmu->vintf);
	mutex_destroy(&vsmmu->lock);
}

VISIBLE_IF_KUNIT const struct iommufd_viommu_ops tegra241_vsmmu_ops = {
	.alloc_domain_nested = arm_vsmmu_alloc_domain_nested,
	.cache_invalidate = arm_vsmmu_cache_invalidate,
	.destroy = tegra241_vsmmu_destroy,
	.faults_are_events = true,
	.get_hw_queue_size = tegra241_get_hw_queue_size,
	.hw_queue_init_phys = tegra241_hw_queue_init,
	.parent_iova_contig = arm_vsmmu_parent_iova_contig,
	.vdevice_init = tegra241_vdevice_init,
	.vdevice_size = sizeof(struct tegra241_vdevice),
};
EXPORT_SYMBOL_IF_KUNIT(tegra241_vsmmu_ops);

/**
 * tegra241_vsmmu_init() - Allocate a VINTF for a vIOMMU
 * @base: The vIOMMU; the SMMUv3 side is initialised
 * @user_data: struct iommu_viommu_tegra241_cmdqv
 *
 * Return: 0; -EINVAL without user data or if it has another size; -EFAULT if it
 * cannot be read or written; -ENOSPC if all VINTFs are in use; -ENOMEM; -ETIMEDOUT
 * if the hardware does not answer; -ENODEV if it was turned off; an error of
 * iommufd_viommu_alloc_mmap().
 */
int tegra241_vsmmu_init(struct arm_vsmmu *base,
			const struct iommu_user_data *user_data)
{
	struct tegra241_vsmmu *vsmmu =
		container_of(base, struct tegra241_vsmmu, vsmmu);
	struct tegra241_cmdqv *cmdqv = to_tegra241_cmdqv(base->smmu);
	struct iommu_viommu_tegra241_cmdqv data;
	int ret;

	if (!user_data)
		return -EINVAL;
	ret = iommu_copy_struct_from_user(&data, user_data,
					  IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV,
					  out_vintf_mmap_length);
	if (ret)
		return ret;

	mutex_init(&vsmmu->lock);
	ret = tegra241_user_vintf_alloc(&vsmmu->vintf, cmdqv, base->vmid);
	if (ret)
		goto err_mutex;
	ret = iommufd_viommu_alloc_mmap(&base->core,
					cmdqv->base_pa +
						CMDQV_VINTF_PAGE0(vsmmu->vintf.idx),
					CMDQV_PAGE_SIZE, &vsmmu->mmap_offset);
	if (ret)
		goto err_vintf;

	data.out_vintf_mmap_offset = vsmmu->mmap_offset;
	data.out_vintf_mmap_length = CMDQV_PAGE_SIZE;
	ret = iommu_copy_struct_to_user(user_data, &data,
					IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV,
					out_vintf_mmap_length);
	if (ret)
		goto err_mmap;
	base->core.ops = &tegra241_vsmmu_ops;
	tegra241_guest_join(vsmmu);
	return 0;

err_mmap:
	iommufd_viommu_destroy_mmap(&base->core, vsmmu->mmap_offset);
err_vintf:
	tegra241_user_vintf_free(&vsmmu->vintf);
err_mutex:
	mutex_destroy(&vsmmu->lock);
	return ret;
}

/**
 * tegra241_vsmmu_size() - &arm_smmu_viommu_impl.vsmmu_size
 * @smmu: The SMMU
 *
 * Return: 0 if CMDQ-V did not start, or was turned off.
 */
size_t tegra241_vsmmu_size(struct arm_smmu_device *smmu)
{
	return READ_ONCE(to_tegra241_cmdqv(smmu)->running) ?
		       sizeof(struct tegra241_vsmmu) : 0;
}

/**
 * tegra241_cmdqv_hw_info() - Information about CMDQ-V for user space
 * @smmu: The SMMU
 * @length: Out: length of the information in bytes
 * @type: Requested type of information
 *
 * Return: struct iommu_hw_info_tegra241_cmdqv, freed by the caller;
 * ERR_PTR(-EOPNOTSUPP) for another type, or if CMDQ-V is off; ERR_PTR(-ENOMEM).
 */
void *tegra241_cmdqv_hw_info(struct arm_smmu_device *smmu, u32 *length,
			     u32 *type)
{
	const struct tegra241_cmdqv *cmdqv = to_tegra241_cmdqv(smmu);
	struct iommu_hw_info_tegra241_cmdqv *info;

	if (*type != IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV ||
	    !READ_ONCE(cmdqv->running))
		return ERR_PTR(-EOPNOTSUPP);
	info = kzalloc(sizeof(*info), GFP_KERNEL);
	if (!info)
		return ERR_PTR(-ENOMEM);

	info->version = cmdqv->version;
	info->log2vcmdqs = ilog2(cmdqv->num_lvcmdqs);
	info->log2vsids = ilog2(cmdqv->num_sids);
	*length = sizeof(*info);
	return info;
}
