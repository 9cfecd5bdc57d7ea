/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Private header of the CMDQ-V driver.
 *
 * The parts, from the bottom up:
 *
 *	tegra241-cmdqv-io.h	register accessors
 *	tegra241-cmdqv-platform.c calls of the platform and of the SMMU driver
 *	tegra241-cmdqv-vintf.c	operations on the hardware, in the required order.
 *				Independent of the owner of a queue and of the
 *				origin of its memory; needs only the base of an
 *				aperture
 *	tegra241-cmdqv-irq.c	error interrupt; calls the owner of a VINTF back
 *	tegra241-cmdqv-kernel.c	VINTF 0 and its queues, owned by the kernel
 *	tegra241-cmdqv-guest.c	all other VINTFs, each given to a vIOMMU
 *	tegra241-cmdqv-reset.c	queues of guests while a device is reset
 *	tegra241-cmdqv-debugfs.c state for administrators
 *	tegra241-cmdqv-experiment*.c questions to the hardware, for its owner
 *	tegra241-cmdqv.c	discovery, parameters, start and stop
 */
#ifndef _TEGRA241_CMDQV_H
#define _TEGRA241_CMDQV_H

#include <linux/bitmap.h>
#include <linux/completion.h>
#include <linux/container_of.h>
#include <linux/dev_printk.h>
#include <linux/idr.h>
#include <linux/irqreturn.h>
#include <linux/mutex.h>
#include <linux/ratelimit_types.h>
#include <linux/refcount.h>
#include <linux/rwsem.h>
#include <linux/workqueue_types.h>

#include "arm-smmu-v3.h"
#include "tegra241-cmdqv-io.h"
#include "tegra241-cmdqv-regs.h"

struct platform_device;
struct resource;
struct tegra241_cmdqv;
struct tegra241_experimenter;
struct tegra241_vsmmu;

/* Errors of guests in a second for which the interrupt handler does not pause */
#define CMDQV_GUEST_ERRORS_PER_SECOND	64

/* Warnings that each instance gives once; bits of &tegra241_cmdqv.warned */
enum tegra241_warning {
	WARNED_LVCMDQ,
	WARNED_NO_PHYS,
	WARNED_VINTF,
};

/* dev_warn_once() would warn about the first instance only */
#define tegra241_warn_once(cmdqv, warning, fmt, ...)				\
do {										\
	struct tegra241_cmdqv *_cmdqv = (cmdqv);				\
										\
	if (!test_and_set_bit(warning, &_cmdqv->warned))			\
		dev_warn(_cmdqv->dev, fmt, ##__VA_ARGS__);			\
} while (0)

/**
 * struct tegra241_vintf - Virtual interface: a group of queues with one owner
 * @cmdqv: The hardware it belongs to
 * @base: Its register block
 * @idx: Its number; the kernel owns VINTF 0
 * @num_mapped: Logical queues 0 .. @num_mapped - 1 are allocated, no others, which
 *              fixes the order of the allocation map
 * @vmid: VMID put into the commands of its queues
 * @hyp_own: May execute any command; as read back from the hardware
 * @enabled: Turned on, and not off since
 * @flushed: A flush has collected the ATC timeouts of disabled queues
 * @retired: Did not answer; never used again, timeout RETIRED_TIMEOUT_US
 * @num_errors: Number of interrupts that found new errors
 * @vsmmu: The vIOMMU that it is a part of, from tegra241_guest_join() to
 *         tegra241_guest_leave(); NULL if it is not one of a guest. Protected by
 *         &tegra241_cmdqv.vintfs_lock
 * @handle_errors: Called by the interrupt handler with the error maps of the VINTF,
 *                 VINTF_LVCMDQ_ERR_MAPS words. The errors may be known already, or
 *                 acknowledged. Set by the owner before the VINTF is published.
 */
struct tegra241_vintf {
	struct tegra241_cmdqv *cmdqv;
	void __iomem *base;
	u16 idx;
	u16 num_mapped;
	u16 vmid;
	bool hyp_own;
	bool enabled;
	bool flushed;
	bool retired;
	unsigned long num_errors;
	struct tegra241_vsmmu *vsmmu;
	void (*handle_errors)(struct tegra241_vintf *vintf, const u64 *maps);
};

/**
 * struct tegra241_vcmdq - Queue of the kernel
 * @cmdq: The queue of the SMMU driver
 * @enabled: Ready for commands
 */
struct tegra241_vcmdq {
	struct arm_smmu_cmdq cmdq;
	bool enabled;
};

/**
 * struct tegra241_kernel_vintf - VINTF 0
 * @vintf: The hardware side
 * @vcmdqs: Its queues; complete before the VINTF is published
 */
struct tegra241_kernel_vintf {
	struct tegra241_vintf vintf;
	struct tegra241_vcmdq vcmdqs[];
};

/**
 * struct tegra241_cmdqv - CMDQ-V beside an SMMUv3
 * @smmu: The SMMU; first, because its allocation is enlarged
 * @dev: The companion device
 * @base: Aperture
 * @base_pa: Its physical address
 * @irq: Error interrupt, 0 if there is none
 * @version: Of the hardware, PARAM[3:0]
 * @num_vintfs: VINTFs, VINTF 0 included
 * @num_lvcmdqs: Queues of each VINTF, a power of two
 * @num_sids: StreamID slots of each VINTF
 * @max_log2size: log2 of the maximum number of entries of a queue
 * @vintf_ids: VINTFs in use, and retired ones
 * @retired: VINTFs that did not answer, for the administrator
 * @vintfs: VINTFs for the interrupt handler. Written with @vintfs_lock held, and for a
 *          VINTF of a user with @lock held shared
 * @vintfs_lock: Held by the interrupt handler while it uses VINTFs; inside @lock. Never
 *               held over work whose length user space chooses: the handler also
 *               repairs the queues of the kernel
 * @kernel: VINTF 0; NULL until its structures are complete
 * @lock: Held shared to change the hardware for a user, exclusively to change
 *        @running
 * @running: Registers may be accessed
 * @disable_smmu: Disables the SMMU after it has failed; set by its interrupt handler
 * @failure_work: Stops the hardware, and disables the SMMU, after it has failed
 * @guest_errors: Limit of errors of guests in a second; above it the handler
 *                pauses
 * @log_guest: Log lines about errors of guests
 * @log_kernel: Log lines about errors of the kernel's queues
 * @warned: Warnings that this instance has given, &enum tegra241_warning
 * @debugfs: Directory of this instance
 * @experimenter: Experiments of this instance; NULL unless a parameter asks for them
 */
struct tegra241_cmdqv {
	struct arm_smmu_device smmu;
	struct device *dev;
	void __iomem *base;
	phys_addr_t base_pa;
	int irq;

	u8 version;
	u8 num_vintfs;
	u8 num_lvcmdqs;
	u8 num_sids;
	u8 max_log2size;

	struct ida vintf_ids;
	DECLARE_BITMAP(retired, CMDQV_MAX_VINTFS);
	struct tegra241_vintf *vintfs[CMDQV_MAX_VINTFS];
	struct mutex vintfs_lock; /* vintfs, and its VINTFs in the handler */
	struct tegra241_kernel_vintf *kernel;

	struct rw_semaphore lock;
	bool running;
	int (*disable_smmu)(struct arm_smmu_device *smmu);
	struct work_struct failure_work;

	struct ratelimit_state guest_errors;
	struct ratelimit_state log_guest;
	struct ratelimit_state log_kernel;
	unsigned long warned;
	struct dentry *debugfs;
	struct tegra241_experimenter *experimenter;
};

static inline struct tegra241_cmdqv *
to_tegra241_cmdqv(struct arm_smmu_device *smmu)
{
	return container_of(smmu, struct tegra241_cmdqv, smmu);
}

/* The registers of a queue in one of the two views */
struct tegra241_vcmdq_regs {
	void __iomem *page0;
	void __iomem *page1;
};

static inline struct tegra241_vcmdq_regs
tegra241_lvcmdq_regs(const struct tegra241_vintf *vintf, u16 lidx)
{
	void __iomem *base = vintf->cmdqv->base + VCMDQ_STRIDE * lidx;

	return (struct tegra241_vcmdq_regs) {
		.page0 = base + CMDQV_VINTF_PAGE0(vintf->idx),
		.page1 = base + CMDQV_VINTF_PAGE1(vintf->idx),
	};
}

/* The fixed partition: the physical number of a logical queue */
static inline u16 tegra241_cmdqv_vcmdq_idx(const struct tegra241_cmdqv *cmdqv,
					   u16 vintf, u16 lidx)
{
	return vintf * cmdqv->num_lvcmdqs + lidx;
}

static inline u16 tegra241_vcmdq_idx(const struct tegra241_vintf *vintf, u16 lidx)
{
	return tegra241_cmdqv_vcmdq_idx(vintf->cmdqv, vintf->idx, lidx);
}

/* The same queue in the physical view, which needs no allocation to a VINTF */
static inline struct tegra241_vcmdq_regs
tegra241_phys_vcmdq_regs(const struct tegra241_vintf *vintf, u16 lidx)
{
	void __iomem *base = vintf->cmdqv->base +
			     VCMDQ_STRIDE * tegra241_vcmdq_idx(vintf, lidx);

	return (struct tegra241_vcmdq_regs) {
		.page0 = base + CMDQV_VCMDQ_PAGE0,
		.page1 = base + CMDQV_VCMDQ_PAGE1,
	};
}

/* tegra241-cmdqv-platform.c */
struct tegra241_cmdqv *tegra241_cmdqv_enlarge(struct arm_smmu_device *smmu);
int tegra241_cmdqv_get_irq(struct platform_device *pdev);
void __iomem *tegra241_cmdqv_map(const struct resource *res);
void tegra241_cmdqv_unmap(void __iomem *base);
int tegra241_cmdqv_probe_state(struct arm_smmu_device *smmu);
void *tegra241_cmdqv_dma_alloc(struct arm_smmu_device *smmu, size_t bytes,
			       dma_addr_t *dma, gfp_t gfp);
void tegra241_cmdqv_dma_free(struct arm_smmu_device *smmu, size_t bytes,
			     void *memory, dma_addr_t dma);
int tegra241_cmdqv_issue(struct arm_smmu_device *smmu,
			 struct arm_smmu_cmdq *cmdq, u64 *cmds, int n,
			 bool sync);
void tegra241_cmdqv_skip_err(struct arm_smmu_device *smmu,
			     struct arm_smmu_cmdq *cmdq);
void tegra241_cmdqv_pause(unsigned int ms);
void tegra241_cmdqv_queue_work(struct work_struct *work);
unsigned long tegra241_cmdqv_timeout_us(unsigned long timeout_us);

/* tegra241-cmdqv-vintf.c */
int tegra241_flush_atc_timeouts(struct tegra241_cmdqv *cmdqv);
int tegra241_cmdqv_hw_start(struct tegra241_cmdqv *cmdqv);
int tegra241_cmdqv_hw_stop(struct tegra241_cmdqv *cmdqv);
void tegra241_cmdqv_turn_off(struct device *dev, void __iomem *base);
void tegra241_vintf_init(struct tegra241_vintf *vintf,
			 struct tegra241_cmdqv *cmdqv, u16 idx, u16 vmid);
int tegra241_vintf_enable(struct tegra241_vintf *vintf, bool hyp_own);
int tegra241_vintf_disable(struct tegra241_vintf *vintf);
void tegra241_vintf_retire(struct tegra241_vintf *vintf);
void tegra241_vintf_set_sid(struct tegra241_vintf *vintf, unsigned int slot,
			    u32 vsid, u32 psid);
void tegra241_vintf_clear_sid(struct tegra241_vintf *vintf, unsigned int slot);
int tegra241_lvcmdq_map(struct tegra241_vintf *vintf);
int tegra241_lvcmdq_unmap(struct tegra241_vintf *vintf);
int tegra241_lvcmdq_set_base(struct tegra241_vintf *vintf, u16 lidx,
			     phys_addr_t pa, size_t bytes);
int tegra241_lvcmdq_enable(struct tegra241_vintf *vintf, u16 lidx);

/* tegra241-cmdqv-kernel.c */
extern bool tegra241_cmdqv_bypass_vcmdq;

int tegra241_kernel_vintf_alloc(struct tegra241_cmdqv *cmdqv);
void tegra241_kernel_vintf_free(struct tegra241_cmdqv *cmdqv);
int tegra241_kernel_vintf_start(struct tegra241_cmdqv *cmdqv);
int tegra241_kernel_vintf_stop(struct tegra241_cmdqv *cmdqv);
struct arm_smmu_cmdq *
tegra241_kernel_get_cmdq(struct arm_smmu_device *smmu,
			 struct arm_smmu_cmdq_ent *ent);

/* tegra241-cmdqv-irq.c */
int tegra241_cmdqv_request_irq(struct tegra241_cmdqv *cmdqv, int irq);
void tegra241_cmdqv_free_irq(struct tegra241_cmdqv *cmdqv);
void tegra241_cmdqv_publish_vintf(struct tegra241_vintf *vintf);
void tegra241_cmdqv_unpublish_vintf(struct tegra241_vintf *vintf);
void tegra241_vintf_note_errors(struct tegra241_vintf *vintf, const u64 *maps);

/* tegra241-cmdqv-debugfs.c */
#ifdef CONFIG_IOMMU_DEBUGFS
void tegra241_cmdqv_debugfs_add(struct tegra241_cmdqv *cmdqv);
void tegra241_cmdqv_debugfs_remove(struct tegra241_cmdqv *cmdqv);
#else
static inline void tegra241_cmdqv_debugfs_add(struct tegra241_cmdqv *cmdqv)
{
}

static inline void tegra241_cmdqv_debugfs_remove(struct tegra241_cmdqv *cmdqv)
{
}
#endif

/* tegra241-cmdqv-experiment.c */
#ifdef CONFIG_TEGRA241_CMDQV_EXPERIMENTS
void tegra241_experiments_add(struct tegra241_cmdqv *cmdqv);
void tegra241_experiments_remove(struct tegra241_cmdqv *cmdqv);
#else
static inline void tegra241_experiments_add(struct tegra241_cmdqv *cmdqv)
{
}

static inline void tegra241_experiments_remove(struct tegra241_cmdqv *cmdqv)
{
}
#endif

#ifdef CONFIG_TEGRA241_CMDQV_GUEST
struct tegra241_hw_queue;

/**
 * struct tegra241_vsmmu - vIOMMU of an SMMUv3 with a VINTF
 * @vsmmu: The SMMUv3 side; first, because the SMMU driver initialises it
 * @vintf: The VINTF of the VM
 * @lock: Protects the queues of @vintf, @last_queue and the StreamID slots. Inside
 *        &tegra241_cmdqv.lock
 * @pins: Resets that use the vIOMMU, and 1 until it leaves
 * @unpinned: @pins is 0
 * @last_queue: The queue with the highest index
 * @sid_slots: StreamID slots in use
 * @held_slots: Slots of devices in reset, for which page 0 is held
 * @slot_devs: The device of each slot in use
 * @mmap_offset: Offset of page 0 of the VINTF for mmap()
 * @seen_map: Error maps at the last interrupt; used by the handler only
 * @seen_error: The last error of each queue whose bit was set
 * @untold: The event for @seen_map was lost or dropped
 */
struct tegra241_vsmmu {
	struct arm_vsmmu vsmmu;
	struct tegra241_vintf vintf;
	struct mutex lock; /* serialises changes for the VM */
	refcount_t pins;
	struct completion unpinned;
	struct tegra241_hw_queue *last_queue;
	DECLARE_BITMAP(sid_slots, CMDQV_MAX_SIDS);
	DECLARE_BITMAP(held_slots, CMDQV_MAX_SIDS);
	const struct device *slot_devs[CMDQV_MAX_SIDS];
	unsigned long mmap_offset;
	u64 seen_map[VINTF_LVCMDQ_ERR_MAPS];
	u64 seen_error[CMDQV_MAX_VCMDQS];
	bool untold;
};

/* tegra241-cmdqv-guest.c */
int tegra241_vsmmu_init(struct arm_vsmmu *vsmmu,
			const struct iommu_user_data *user_data);
size_t tegra241_vsmmu_size(struct arm_smmu_device *smmu);
void *tegra241_cmdqv_hw_info(struct arm_smmu_device *smmu, u32 *length,
			     u32 *type);

/* tegra241-cmdqv-reset.c */
void tegra241_cmdqv_reset_done(struct arm_smmu_master *master);
void tegra241_cmdqv_reset_prepare(struct arm_smmu_master *master);
void tegra241_guest_join(struct tegra241_vsmmu *vsmmu);
void tegra241_guest_leave(struct tegra241_vsmmu *vsmmu);
#endif

/* For unit tests */
#if IS_ENABLED(CONFIG_KUNIT)
extern bool tegra241_cmdqv_disabled;
extern const struct iommufd_viommu_ops tegra241_vsmmu_ops;

irqreturn_t tegra241_cmdqv_isr(int irq, void *data);
void tegra241_kernel_vintf_repair(struct tegra241_kernel_vintf *kernel,
				  u16 lidx);
int tegra241_user_vintf_alloc(struct tegra241_vintf *vintf,
			      struct tegra241_cmdqv *cmdqv, u16 vmid);
void tegra241_user_vintf_free(struct tegra241_vintf *vintf);
#endif

#endif
