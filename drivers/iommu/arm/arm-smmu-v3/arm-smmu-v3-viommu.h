/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SMMUv3 vIOMMU: interface between arm-smmu-v3.c, the nesting code and the CMDQ-V
 * driver. Included by arm-smmu-v3.h after the structures of the driver.
 *
 * A vIOMMU (struct arm_vsmmu) has a nesting parent, a stage-2 domain that maps the
 * memory of the VM. A nested domain adds the stage 1 of the guest's virtual STE.
 * Masters in a nested domain are on the device list of the parent, so that an unmap
 * there reaches them.
 *
 *  arm-smmu-v3-ats.c             devices that answer no ATC_INV: in reset, or broken
 *  arm-smmu-v3-nested.c          nesting parents, nested domains, cache coherency
 *  arm-smmu-v3-vsmmu.c           vIOMMU, vDEVICE, hardware information
 *  arm-smmu-v3-vsmmu-event.c     events for the guest
 *  arm-smmu-v3-vsmmu-invalidate.c commands of the guest
 *  tegra264-smmu.c               an erratum: some commands must be issued twice
 *
 * The hooks in arm-smmu-v3.c do not depend on the configuration; with
 * CONFIG_ARM_SMMU_V3_IOMMUFD=n the functions that they call are empty.
 */
#ifndef _ARM_SMMU_V3_VIOMMU_H
#define _ARM_SMMU_V3_VIOMMU_H

#include <linux/bits.h>
#include <linux/io-pgtable.h>
#include <linux/iommufd_viommu_driver.h>
#include <linux/jump_label.h>
#include <linux/mutex.h>

struct arm_smmu_attach_state;
struct arm_vsmmu;

#define ARM_SMMU_AIDR			0x1c

#define IDR3_FWB			BIT(8)
#define IDR5_DS				BIT(7)

/* Events that the base does not define */
#define EVT_ID_BAD_STE			0x04
#define EVT_ID_STREAM_DISABLED		0x06
#define EVT_ID_BAD_SUBSTREAMID		0x08
#define EVT_ID_BAD_CD			0x0a

/* From the top down, because the base counts up from bit 0 */
#define ARM_SMMU_FEAT_S2FWB		BIT(31)
#define ARM_SMMU_FEAT_DS		BIT(30)

#define STRTAB_STE_0_CFG_NESTED		7
#define STRTAB_STE_1_MEV		BIT(19)
#define STRTAB_STE_1_S2FWB		BIT(25)

/*
 * The bits of a virtual STE that a guest may set,
 * Documentation/userspace-api/viommu/smmuv3.rst, section 5.2
 */
#define STRTAB_VSTE_0_ALLOWED                                               \
	(STRTAB_STE_0_V | STRTAB_STE_0_CFG | STRTAB_STE_0_S1FMT |           \
	 STRTAB_STE_0_S1CTXPTR_MASK | STRTAB_STE_0_S1CDMAX)
#define STRTAB_VSTE_1_ALLOWED                                               \
	(STRTAB_STE_1_S1DSS | STRTAB_STE_1_S1CIR | STRTAB_STE_1_S1COR |     \
	 STRTAB_STE_1_S1CSH | STRTAB_STE_1_S1STALLD | STRTAB_STE_1_EATS)

/* Commands of an unmap in a nesting parent, beyond which one for the VMID is enough */
#define ARM_SMMU_NEST_MAX_TLBIS		512

/* Records of user space's devices after which the event thread is an ordinary one */
#define ARM_VSMMU_EVENTS_A_SECOND	64

#define CMDQ_OP_TLBI_NH_ALL		0x10
#define CMDQ_OP_TLBI_NH_VAA		0x13
/* Bit 25 exists with IDR5.DS only */
#define CMDQ_TLBI_0_SCALE_DS		GENMASK_ULL(25, 20)

/**
 * struct arm_smmu_viommu_impl - Extension of vIOMMUs by an SMMU implementation
 * @vsmmu_type: Type of the implementation's vIOMMUs
 * @vsmmu_size: Bytes of the structure around &struct arm_vsmmu for that type; 0 if
 *              there is no such vIOMMU on this SMMU, or not any more
 * @device_disable: Stop the implementation's hardware. Called before the SMMU itself
 *   is disabled: at the start of its reset at probe, where an earlier kernel may have
 *   left both on; after a failed reset, before or after the implementation's own; on
 *   removal; and on shutdown. May be NULL.
 * @device_failed: The SMMU has entered its Service Failure Mode. Called by the interrupt
 *   handler. Returns true if the implementation calls @disable later, after it has
 *   stopped its hardware; false if the caller has to. May be NULL.
 * @hw_info: As &iommu_ops.hw_info, for @vsmmu_type's information; *type has the
 *   requested type. Returns ERR_PTR(-EOPNOTSUPP) for an unknown one, and while
 *   @vsmmu_size is 0. May be NULL.
 * @reset_done: Undo of @reset_prepare, after the device was blocked or released
 * @reset_prepare: Hold the ATC_INVs of guests for a device, which is to be reset, and
 *   wait for those in flight. May be NULL, and @reset_done with it.
 * @vsmmu_init: Fill in the members after &struct arm_vsmmu, whose smmu, s2_parent,
 *   vmid and core.ops are set; may replace core.ops
 */
struct arm_smmu_viommu_impl {
	enum iommu_viommu_type vsmmu_type;
	size_t (*vsmmu_size)(struct arm_smmu_device *smmu);
	void (*device_disable)(struct arm_smmu_device *smmu);
	bool (*device_failed)(struct arm_smmu_device *smmu,
			      int (*disable)(struct arm_smmu_device *smmu));
	void *(*hw_info)(struct arm_smmu_device *smmu, u32 *length, u32 *type);
	void (*reset_done)(struct arm_smmu_master *master);
	void (*reset_prepare)(struct arm_smmu_master *master);
	int (*vsmmu_init)(struct arm_vsmmu *vsmmu,
			  const struct iommu_user_data *user_data);
};

/**
 * struct arm_vsmmu - vIOMMU of an SMMUv3
 * @core: Object of iommufd that this structure is allocated around
 * @smmu: Executes the commands of the guest, and sends its events
 * @s2_parent: Nesting parent, which @core keeps a reference of
 * @vmid: Of @s2_parent; replaces the VMID in commands of the guest
 */
struct arm_vsmmu {
	struct iommufd_viommu core;
	struct arm_smmu_device *smmu;
	struct arm_smmu_domain *s2_parent;
	u16 vmid;
};

/**
 * struct arm_smmu_nested_domain - Stage 1 of a guest on a nesting parent
 * @domain: Of type IOMMU_DOMAIN_NESTED
 * @vsmmu: The vIOMMU, which outlives the domain
 * @ste: The virtual STE; all zero for one that is not valid
 */
struct arm_smmu_nested_domain {
	struct iommu_domain domain;
	struct arm_vsmmu *vsmmu;
	__le64 ste[2];
};

/**
 * struct arm_smmu_attach_state - Change of the domain of a master
 * @old_domain: Attached until now; NULL if there was none
 * @new_domain: To be attached
 * @master: Device whose STE changes
 * @cd_needs_ats: A CD table stays in use, which may need ATS
 * @disable_ats: ATS stays off although the master supports it
 * @ssid: SSID of the change
 * @ats_enabled: Result: true if STE.EATS must enable ATS
 */
struct arm_smmu_attach_state {
	struct iommu_domain *old_domain;
	struct iommu_domain *new_domain;
	struct arm_smmu_master *master;
	bool cd_needs_ats;
	bool disable_ats;
	ioasid_t ssid;
	bool ats_enabled;
};

/* arm-smmu-v3.c */
int arm_smmu_attach_prepare(struct arm_smmu_attach_state *state,
			    struct iommu_domain *new_domain);
void arm_smmu_attach_commit(struct arm_smmu_attach_state *state);
int __arm_smmu_cmdq_issue_cmdlist(struct arm_smmu_device *smmu,
				  struct arm_smmu_cmdq *cmdq, u64 *cmds, int n,
				  bool sync);
struct arm_smmu_cmdq *arm_smmu_get_cmdq(struct arm_smmu_device *smmu,
					struct arm_smmu_cmdq_ent *ent);
struct arm_smmu_master *arm_smmu_find_master(struct arm_smmu_device *smmu,
					     u32 sid);
void arm_smmu_make_abort_ste(struct arm_smmu_ste *target);
void arm_smmu_make_s2_domain_ste(struct arm_smmu_ste *target,
				 struct arm_smmu_master *master,
				 struct arm_smmu_domain *smmu_domain,
				 bool ats_enabled);

/* arm-smmu-v3.c, wrapped by arm-smmu-v3-ats.c */
#ifndef CONFIG_ARM_SMMU_V3_IOMMUFD
#define __arm_smmu_atc_inv_domain arm_smmu_atc_inv_domain
#define __arm_smmu_atc_inv_master arm_smmu_atc_inv_master
#define __arm_smmu_install_ste_for_dev arm_smmu_install_ste_for_dev
#endif
int __arm_smmu_atc_inv_domain(struct arm_smmu_domain *smmu_domain,
			      unsigned long iova, size_t size);
int __arm_smmu_atc_inv_master(struct arm_smmu_master *master, ioasid_t ssid);
void __arm_smmu_install_ste_for_dev(struct arm_smmu_master *master,
				    const struct arm_smmu_ste *target);

/* tegra264-smmu.c */
DECLARE_STATIC_KEY_FALSE(tegra264_smmu_repeats);

int tegra264_smmu_issue_twice(struct arm_smmu_device *smmu,
			      struct arm_smmu_cmdq *cmdq, u64 *cmds, int n,
			      bool sync);
int tegra264_smmu_of_probe(struct arm_smmu_device *smmu);

/* An option of ours, far from those of the base: the SMMU has the erratum */
#define ARM_SMMU_OPT_TEGRA264_REPEATS	BIT(31)

static inline bool tegra264_smmu_is_repeating(const struct arm_smmu_device *smmu)
{
	return static_branch_unlikely(&tegra264_smmu_repeats) &&
	       smmu->options & ARM_SMMU_OPT_TEGRA264_REPEATS;
}

static inline int arm_smmu_cmdq_issue_cmdlist(struct arm_smmu_device *smmu,
					      struct arm_smmu_cmdq *cmdq,
					      u64 *cmds, int n, bool sync)
{
	if (tegra264_smmu_is_repeating(smmu))
		return tegra264_smmu_issue_twice(smmu, cmdq, cmds, n, sync);
	return __arm_smmu_cmdq_issue_cmdlist(smmu, cmdq, cmds, n, sync);
}

/* An SMMU in Service Failure Mode executes no command, and lets no transaction through */
static inline bool arm_smmu_has_failed(const struct arm_smmu_device *smmu)
{
	return unlikely(READ_ONCE(smmu->failed));
}

/* The handler of the error may wait for the caller, if interrupts are off */
static inline bool arm_smmu_is_failing(const struct arm_smmu_device *smmu)
{
	u32 active = readl_relaxed(smmu->base + ARM_SMMU_GERROR) ^
		     readl_relaxed(smmu->base + ARM_SMMU_GERRORN);

	return active & GERROR_SFM_ERR || arm_smmu_has_failed(smmu);
}

/*
 * A nested domain and its parent share one list, so during a change a master can be
 * on it twice: with the old and with the new domain.
 */
static inline bool
arm_smmu_master_domain_is(const struct arm_smmu_master_domain *master_domain,
			  const struct iommu_domain *domain,
			  const struct arm_smmu_master *master, ioasid_t ssid)
{
	return master_domain->domain == domain &&
	       master_domain->master == master && master_domain->ssid == ssid;
}

/*
 * If one device of a group refuses a domain, the core attaches the group's old
 * domain to the others again. They are not in that domain, but the core assumes so.
 * The master knows its domain; without this it would stay on the list of a domain
 * that may be freed.
 */
static inline void arm_smmu_attach_begin(struct arm_smmu_attach_state *state,
					 struct iommu_domain *new_domain)
{
	state->new_domain = new_domain;
	if (state->ssid == IOMMU_NO_PASID)
		state->old_domain = state->master->attached;
}

/* arm-smmu-v3-ats.c */
#ifdef CONFIG_ARM_SMMU_V3_IOMMUFD
void arm_smmu_attach_to_host(struct arm_smmu_attach_state *state);
#else
static inline void arm_smmu_attach_to_host(struct arm_smmu_attach_state *state)
{
}
#endif

static inline void arm_smmu_attach_end(struct arm_smmu_attach_state *state)
{
	struct arm_smmu_device *smmu = state->master->smmu;

	if (state->ssid != IOMMU_NO_PASID)
		return;
	/* From here on events do not go to the owner of the old domain */
	mutex_lock(&smmu->streams_mutex);
	state->master->attached = state->new_domain;
	mutex_unlock(&smmu->streams_mutex);
	arm_smmu_attach_to_host(state);
}

/* A duplicate stream is not in the tree */
static inline void arm_smmu_erase_stream(struct arm_smmu_device *smmu,
					 struct rb_node *node)
{
	if (!RB_EMPTY_NODE(node))
		rb_erase(node, &smmu->streams);
}

static inline const struct arm_smmu_viommu_impl *
arm_smmu_viommu_impl(struct arm_smmu_device *smmu)
{
	return smmu->impl_ops ? smmu->impl_ops->viommu : NULL;
}

/* A flush needs the SMMU, so the implementation stops first */
static inline void arm_smmu_impl_device_disable(struct arm_smmu_device *smmu)
{
	const struct arm_smmu_viommu_impl *impl = arm_smmu_viommu_impl(smmu);

	if (impl && impl->device_disable)
		impl->device_disable(smmu);
}

/* Disable an SMMU that has failed, at once or after the implementation */
static inline void
arm_smmu_impl_device_failed(struct arm_smmu_device *smmu,
			    int (*disable)(struct arm_smmu_device *smmu))
{
	const struct arm_smmu_viommu_impl *impl = arm_smmu_viommu_impl(smmu);

	WRITE_ONCE(smmu->failed, true);
	if (!impl || !impl->device_failed || !impl->device_failed(smmu, disable))
		disable(smmu);
}

#ifdef CONFIG_ARM_SMMU_V3_IOMMUFD

#define ARM_SMMU_HWPT_PAGING_FLAGS \
	(IOMMU_HWPT_ALLOC_DIRTY_TRACKING | IOMMU_HWPT_ALLOC_NEST_PARENT)

/* arm-smmu-v3-ats.c */
int arm_smmu_atc_inv_master(struct arm_smmu_master *master, ioasid_t ssid);
bool arm_smmu_check_guest_cmds(struct arm_smmu_device *smmu, const u64 *cmds, int num,
			       unsigned long timeouts, int err, unsigned int *waits);
void arm_smmu_init_atc_suspects(struct arm_smmu_device *smmu);
void arm_smmu_install_ste_for_dev(struct arm_smmu_master *master,
				  const struct arm_smmu_ste *target);
void arm_smmu_note_cmdq_error(struct arm_smmu_device *smmu,
			      struct arm_smmu_cmdq *cmdq, u32 cons);
void arm_smmu_note_cmdq_timeout(struct arm_smmu_device *smmu,
				struct arm_smmu_cmdq *cmdq);
void arm_smmu_reset_done(struct device *dev);
void arm_smmu_reset_prepare(struct device *dev);
void arm_smmu_suspect_cmds(struct arm_smmu_device *smmu, const u64 *cmds, int num);

/* The STE of the attached domain, while @installed, or one that aborts, is installed */
static inline const struct arm_smmu_ste *
arm_smmu_wanted_ste(const struct arm_smmu_master *master,
		    const struct arm_smmu_ste *installed)
{
	return &master->target_ste;
}

/* True if the ATC of a device may have entries, and the device answers */
static inline bool arm_smmu_takes_atc_inv(const struct arm_smmu_master *master)
{
	/* A device that is seen as blocked has its STE that aborts */
	return master->ats_enabled && !smp_load_acquire(&master->blocked);
}

/* arm-smmu-v3-nested.c */
bool arm_smmu_domain_takes_master(struct arm_smmu_domain *smmu_domain,
				  struct arm_smmu_master *master);
bool arm_smmu_enforce_cache_coherency(struct iommu_domain *domain);
bool arm_smmu_master_canwbs(struct arm_smmu_master *master);
int arm_smmu_nest_parent_init(struct arm_smmu_domain *smmu_domain,
			      struct arm_smmu_device *smmu, u32 flags);
bool arm_smmu_nest_parent_inv_all(struct arm_smmu_domain *smmu_domain,
				  size_t size, size_t granule);
void arm_smmu_nest_parent_inv_s1(struct arm_smmu_domain *smmu_domain);
unsigned long
arm_smmu_nest_parent_quirks(const struct arm_smmu_domain *smmu_domain,
			    const struct arm_smmu_device *smmu);
struct arm_smmu_domain *arm_smmu_nested_parent(struct iommu_domain *domain);
u8 arm_smmu_relax_diff(const struct arm_smmu_entry_writer *writer, u8 diff,
		       const __le64 *target, __le64 *unused_update);
struct arm_vsmmu *arm_smmu_nested_vsmmu(struct iommu_domain *domain);
bool arm_smmu_nested_translates(struct iommu_domain *domain);
bool arm_smmu_viommu_capable(struct arm_smmu_master *master,
			     enum iommu_cap cap);
void arm_smmu_viommu_hw_probe(struct arm_smmu_device *smmu);
struct iommu_domain *
arm_vsmmu_alloc_domain_nested(struct iommufd_viommu *viommu, u32 flags,
			      const struct iommu_user_data *user_data);

/* arm-smmu-v3-vsmmu.c */
extern const struct iommu_viommu_ops arm_smmu_viommu_ops;
#define ARM_SMMU_VIOMMU_OPS (&arm_smmu_viommu_ops)

void *arm_smmu_hw_info(struct device *dev, u32 *length, u32 *type);
phys_addr_t arm_vsmmu_parent_iova_contig(struct iommufd_viommu *viommu,
					 unsigned long iova, size_t *length);
int arm_vsmmu_vdevice_init(struct iommufd_vdevice *vdev);
int arm_vsmmu_vsid_to_sid(struct arm_vsmmu *vsmmu, u32 vsid, u32 *sid,
			  bool *ats_enabled);

/* arm-smmu-v3-vsmmu-event.c */
int arm_vsmmu_forward_event(struct arm_smmu_device *smmu, const u64 *evt,
			    int ret);

/* arm-smmu-v3-vsmmu-invalidate.c */
int arm_vsmmu_cache_invalidate(struct iommufd_viommu *viommu,
			       struct iommu_user_data_array *array);

/* For unit tests */
int arm_smmu_attach_dev_nested(struct iommu_domain *domain, struct device *dev);
int arm_smmu_vste_validate(__le64 ste[2]);
void arm_smmu_make_nested_ste(struct arm_smmu_ste *target,
			      struct arm_smmu_master *master,
			      struct arm_smmu_nested_domain *nested,
			      bool ats_enabled);
int arm_vsmmu_check_cmd(const struct arm_smmu_device *smmu, const u64 *cmd);
#if IS_ENABLED(CONFIG_KUNIT)
void arm_smmu_block_master(struct arm_smmu_master *master, u8 reason);
int arm_smmu_issue_question(struct arm_smmu_device *smmu, struct arm_smmu_cmdq *cmdq,
			    u64 *cmd);
void arm_smmu_nest_parent_issue(struct arm_smmu_domain *smmu_domain, u8 opcode);
void arm_vsmmu_event_resched(void);
#endif

#else /* CONFIG_ARM_SMMU_V3_IOMMUFD */

#define ARM_SMMU_HWPT_PAGING_FLAGS IOMMU_HWPT_ALLOC_DIRTY_TRACKING
#define ARM_SMMU_VIOMMU_OPS NULL
#define arm_smmu_enforce_cache_coherency NULL
#define arm_smmu_hw_info NULL

static inline void arm_smmu_note_cmdq_error(struct arm_smmu_device *smmu,
					    struct arm_smmu_cmdq *cmdq, u32 cons)
{
}

static inline void arm_smmu_note_cmdq_timeout(struct arm_smmu_device *smmu,
					      struct arm_smmu_cmdq *cmdq)
{
}

static inline const struct arm_smmu_ste *
arm_smmu_wanted_ste(const struct arm_smmu_master *master,
		    const struct arm_smmu_ste *installed)
{
	return installed;
}

static inline bool arm_smmu_takes_atc_inv(const struct arm_smmu_master *master)
{
	return master->ats_enabled;
}

static inline bool
arm_smmu_domain_takes_master(struct arm_smmu_domain *smmu_domain,
			     struct arm_smmu_master *master)
{
	return true;
}

static inline int arm_smmu_nest_parent_init(struct arm_smmu_domain *smmu_domain,
					    struct arm_smmu_device *smmu,
					    u32 flags)
{
	return 0;
}

static inline bool
arm_smmu_nest_parent_inv_all(struct arm_smmu_domain *smmu_domain, size_t size,
			     size_t granule)
{
	return false;
}

static inline void
arm_smmu_nest_parent_inv_s1(struct arm_smmu_domain *smmu_domain)
{
}

static inline unsigned long
arm_smmu_nest_parent_quirks(const struct arm_smmu_domain *smmu_domain,
			    const struct arm_smmu_device *smmu)
{
	return 0;
}

static inline struct arm_smmu_domain *
arm_smmu_nested_parent(struct iommu_domain *domain)
{
	return NULL;
}

static inline bool arm_smmu_nested_translates(struct iommu_domain *domain)
{
	return false;
}

static inline u8 arm_smmu_relax_diff(const struct arm_smmu_entry_writer *writer,
				     u8 diff, const __le64 *target,
				     __le64 *unused_update)
{
	return diff;
}

static inline int arm_vsmmu_forward_event(struct arm_smmu_device *smmu,
					  const u64 *evt, int ret)
{
	return ret;
}

static inline bool arm_smmu_viommu_capable(struct arm_smmu_master *master,
					   enum iommu_cap cap)
{
	return false;
}

static inline void arm_smmu_viommu_hw_probe(struct arm_smmu_device *smmu)
{
}

#endif /* CONFIG_ARM_SMMU_V3_IOMMUFD */
#endif
