// SPDX-License-Identifier: GPL-2.0
/*
 * SMMUv3 nested translation: nesting parents and nested domains.
 *
 * A nesting parent is a stage-2 domain with its own VMID that maps guest-physical
 * addresses. It belongs to one SMMU. With memory attributes of stage 1 a guest could
 * bypass the cache and read the content of a page from before the host cleared it. So
 * the parent forces write-back (S2FWB) if the SMMU supports it. Otherwise a vIOMMU is
 * refused, unless the root complex forces it (CANWBS).
 *
 * A nested domain has the first two words of a virtual STE. Allocation checks each bit
 * of them, and the attach merges them with the parent's stage 2: the virtual Config
 * selects both stages, stage 2 only, or abort.
 *
 * TLB entries of both stages are tagged with the VMID. The kernel does not know which
 * addresses of the guest's stage 1 led to an unmapped page. So an unmap in the parent
 * invalidates all of stage 1 for the VMID, and all ATCs of devices with a stage 1. On an
 * SMMU without range invalidation, a large unmap invalidates both stages for the VMID.
 */
#include <kunit/static_stub.h>
#include <kunit/visibility.h>
#include <linux/iommu.h>
#include <linux/pci.h>

#include "arm-smmu-v3.h"

static struct arm_smmu_nested_domain *
to_smmu_nested_domain(struct iommu_domain *domain)
{
	return container_of(domain, struct arm_smmu_nested_domain, domain);
}

/**
 * arm_smmu_viommu_hw_probe() - Probe features that only vIOMMUs need
 * @smmu: The SMMU, whose registers are mapped
 */
void arm_smmu_viommu_hw_probe(struct arm_smmu_device *smmu)
{
	if (readl_relaxed(smmu->base + ARM_SMMU_IDR3) & IDR3_FWB)
		smmu->features |= ARM_SMMU_FEAT_S2FWB;
	if (readl_relaxed(smmu->base + ARM_SMMU_IDR5) & IDR5_DS)
		smmu->features |= ARM_SMMU_FEAT_DS;
	arm_smmu_init_atc_suspects(smmu);
}

/**
 * arm_smmu_master_canwbs() - True if all accesses of a master are cached write-back
 * @master: The master
 *
 * Return: true if the firmware sets CANWBS for the root complex (IORT).
 */
bool arm_smmu_master_canwbs(struct arm_smmu_master *master)
{
	struct iommu_fwspec *fwspec = dev_iommu_fwspec_get(master->dev);

	return fwspec && (fwspec->flags & IOMMU_FWSPEC_PCI_RC_CANWBS);
}

/**
 * arm_smmu_viommu_capable() - &iommu_ops.capable for the capabilities of nesting
 * @master: The master
 * @cap: The capability
 *
 * Return: true if the master has the capability.
 */
bool arm_smmu_viommu_capable(struct arm_smmu_master *master, enum iommu_cap cap)
{
	return cap == IOMMU_CAP_ENFORCE_CACHE_COHERENCY &&
	       arm_smmu_master_canwbs(master);
}
EXPORT_SYMBOL_IF_KUNIT(arm_smmu_viommu_capable);

/**
 * arm_smmu_enforce_cache_coherency() - Exclude non-coherent masters from a domain
 * @domain: A paging domain
 *
 * Return: true if all masters of the domain have CANWBS; then it accepts no others.
 */
bool arm_smmu_enforce_cache_coherency(struct iommu_domain *domain)
{
	struct arm_smmu_domain *smmu_domain = to_smmu_domain(domain);
	struct arm_smmu_master_domain *master_domain;
	unsigned long flags;
	bool ret = true;

	spin_lock_irqsave(&smmu_domain->devices_lock, flags);
	list_for_each_entry(master_domain, &smmu_domain->devices, devices_elm) {
		if (!arm_smmu_master_canwbs(master_domain->master)) {
			ret = false;
			break;
		}
	}
	smmu_domain->enforce_cache_coherency = ret;
	spin_unlock_irqrestore(&smmu_domain->devices_lock, flags);
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(arm_smmu_enforce_cache_coherency);

/**
 * arm_smmu_domain_takes_master() - True if a domain accepts a master
 * @smmu_domain: The domain, locked with its devices_lock
 * @master: The master
 *
 * Return: false if the domain enforces coherency and the master is not coherent.
 */
bool arm_smmu_domain_takes_master(struct arm_smmu_domain *smmu_domain,
				  struct arm_smmu_master *master)
{
	lockdep_assert_held(&smmu_domain->devices_lock);

	return !smmu_domain->enforce_cache_coherency ||
	       arm_smmu_master_canwbs(master);
}
EXPORT_SYMBOL_IF_KUNIT(arm_smmu_domain_takes_master);

/**
 * arm_smmu_nest_parent_init() - Prepare a new domain of user space
 * @smmu_domain: The new domain, not yet finalised
 * @smmu: The SMMU
 * @flags: Flags of IOMMU_HWPT_ALLOC, which may make it a nesting parent
 *
 * See Documentation/userspace-api/viommu/smmuv3.rst, section 5.1.
 *
 * Return: 0; -EOPNOTSUPP if the SMMU has no nesting, or for a combination of flags.
 */
int arm_smmu_nest_parent_init(struct arm_smmu_domain *smmu_domain,
			      struct arm_smmu_device *smmu, u32 flags)
{
	smmu_domain->of_user = true;
	smmu_domain->tlbi_timeouts = READ_ONCE(smmu->atc_timeouts);
	if (!(flags & IOMMU_HWPT_ALLOC_NEST_PARENT))
		return 0;
	if (flags & ~IOMMU_HWPT_ALLOC_NEST_PARENT)
		return -EOPNOTSUPP;
	if (!(smmu->features & ARM_SMMU_FEAT_NESTING))
		return -EOPNOTSUPP;

	smmu_domain->stage = ARM_SMMU_DOMAIN_S2;
	smmu_domain->nest_parent = true;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(arm_smmu_nest_parent_init);

/**
 * arm_smmu_nest_parent_quirks() - Page table quirks of a stage-2 domain
 * @smmu_domain: The domain
 * @smmu: The SMMU
 *
 * Return: Bits for &struct io_pgtable_cfg.quirks.
 */
unsigned long
arm_smmu_nest_parent_quirks(const struct arm_smmu_domain *smmu_domain,
			    const struct arm_smmu_device *smmu)
{
	if (!smmu_domain->nest_parent || !(smmu->features & ARM_SMMU_FEAT_S2FWB))
		return 0;
	return IO_PGTABLE_QUIRK_ARM_S2FWB;
}
EXPORT_SYMBOL_IF_KUNIT(arm_smmu_nest_parent_quirks);

/*
 * One command for the VMID of a nesting parent, and its CMD_SYNC. It goes to the queue of
 * this CPU, if the implementation has one, so that unmaps of several VMs do not wait for
 * each other.
 */
VISIBLE_IF_KUNIT void
arm_smmu_nest_parent_issue(struct arm_smmu_domain *smmu_domain, u8 opcode)
{
	struct arm_smmu_device *smmu = smmu_domain->smmu;
	struct arm_smmu_cmdq_ent ent = { .opcode = opcode };
	u64 cmd[CMDQ_ENT_DWORDS] = {
		FIELD_PREP(CMDQ_0_OP, opcode) |
		FIELD_PREP(CMDQ_TLBI_0_VMID, smmu_domain->s2_cfg.vmid),
	};

	KUNIT_STATIC_STUB_REDIRECT(arm_smmu_nest_parent_issue, smmu_domain,
				   opcode);
	arm_smmu_cmdq_issue_cmdlist(smmu, arm_smmu_get_cmdq(smmu, &ent), cmd, 1,
				    true);
}
EXPORT_SYMBOL_IF_KUNIT(arm_smmu_nest_parent_issue);

/**
 * arm_smmu_nest_parent_inv_all() - Invalidate a whole nesting parent for a large range
 * @smmu_domain: Any domain; no effect unless it is a nesting parent
 * @size: Bytes of the range
 * @granule: Bytes that one command invalidates without range invalidation
 *
 * Without range invalidation a range needs a command for each granule. From
 * %ARM_SMMU_NEST_MAX_TLBIS on, one command for the VMID takes their place. It includes
 * stage 1.
 *
 * Return: true if the range and stage 1 are invalid now.
 */
bool arm_smmu_nest_parent_inv_all(struct arm_smmu_domain *smmu_domain,
				  size_t size, size_t granule)
{
	if (!smmu_domain->nest_parent ||
	    (smmu_domain->smmu->features & ARM_SMMU_FEAT_RANGE_INV) ||
	    size / granule < ARM_SMMU_NEST_MAX_TLBIS)
		return false;

	arm_smmu_nest_parent_issue(smmu_domain, CMDQ_OP_TLBI_S12_VMALL);
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(arm_smmu_nest_parent_inv_all);

/**
 * arm_smmu_nest_parent_inv_s1() - Invalidate stage 1 on a nesting parent
 * @smmu_domain: Any domain; no effect unless it is a nesting parent
 *
 * Call it after an invalidation by IPA and its CMD_SYNC are complete: before that, a
 * walk of stage 1 could use a stale entry of stage 2 for a new entry of both stages.
 */
void arm_smmu_nest_parent_inv_s1(struct arm_smmu_domain *smmu_domain)
{
	if (smmu_domain->nest_parent)
		arm_smmu_nest_parent_issue(smmu_domain, CMDQ_OP_TLBI_NH_ALL);
}

/**
 * arm_smmu_relax_diff() - Find bits of a live STE that may change first
 * @writer: The writer of the STE
 * @diff: The words of the STE that must change together
 * @target: The new STE
 * @unused_update: In: the STE, with its unused bits as in @target. Out: also with some
 *   used bits as in @target
 *
 * A change of EATS or MEV does not interrupt DMA. EATS: the ATS of the device is off
 * while one of the two STEs has it off, see arm_smmu_attach_prepare() and
 * arm_smmu_attach_commit(). MEV: the SMMU merges events a little earlier or later. So
 * these bits may change before all others if only one word must change then.
 *
 * Return: The words that must still change together.
 */
u8 arm_smmu_relax_diff(const struct arm_smmu_entry_writer *writer, u8 diff,
		       const __le64 *target, __le64 *unused_update)
{
	const __le64 safe = cpu_to_le64(STRTAB_STE_1_EATS | STRTAB_STE_1_MEV);
	__le64 used[STRTAB_STE_DWORDS] = {};
	__le64 word1;

	if (hweight8(diff) != 2 || !(diff & BIT(1)))
		return diff;

	writer->ops->get_used(target, used);
	word1 = (unused_update[1] & ~safe) | (target[1] & safe);
	if ((word1 & used[1]) != target[1])
		return diff;
	unused_update[1] = word1;
	return diff & ~BIT(1);
}

static unsigned int arm_smmu_vste_cfg(const struct arm_smmu_nested_domain *nested)
{
	return FIELD_GET(STRTAB_STE_0_CFG, le64_to_cpu(nested->ste[0]));
}

/**
 * arm_smmu_nested_parent() - The domain with the device list of a nested domain
 * @domain: A nested domain
 *
 * Return: The nesting parent.
 */
struct arm_smmu_domain *arm_smmu_nested_parent(struct iommu_domain *domain)
{
	return to_smmu_nested_domain(domain)->vsmmu->s2_parent;
}

/**
 * arm_smmu_nested_vsmmu() - The vIOMMU of a nested domain
 * @domain: Any domain that a master is attached to, or NULL
 *
 * Return: The vIOMMU, which outlives the domain; NULL if @domain is not nested.
 */
struct arm_vsmmu *arm_smmu_nested_vsmmu(struct iommu_domain *domain)
{
	if (!domain || domain->type != IOMMU_DOMAIN_NESTED)
		return NULL;
	return to_smmu_nested_domain(domain)->vsmmu;
}

/**
 * arm_smmu_nested_translates() - True if a domain has a stage 1 of a guest
 * @domain: Any domain that a master is attached to
 *
 * Return: true for a nested domain with stage 1. The addresses in the ATC of its
 *         devices are then unknown.
 */
bool arm_smmu_nested_translates(struct iommu_domain *domain)
{
	return domain->type == IOMMU_DOMAIN_NESTED &&
	       arm_smmu_vste_cfg(to_smmu_nested_domain(domain)) ==
		       STRTAB_STE_0_CFG_S1_TRANS;
}

/* Both stages: the guest's words on top of the parent's stage 2 */
static void arm_smmu_make_s1s2_ste(struct arm_smmu_ste *target,
				   struct arm_smmu_master *master,
				   struct arm_smmu_nested_domain *nested,
				   bool ats_enabled)
{
	u64 word0 = le64_to_cpu(nested->ste[0]);
	u64 word1 = le64_to_cpu(nested->ste[1]);

	arm_smmu_make_s2_domain_ste(target, master, nested->vsmmu->s2_parent,
				    ats_enabled);

	u64p_replace_bits(&word0, STRTAB_STE_0_CFG_NESTED, STRTAB_STE_0_CFG);
	target->data[0] = cpu_to_le64(word0);

	/*
	 * The kernel computes EATS. MEV: a guest's faults must not flood the event
	 * queue.
	 */
	word1 &= ~STRTAB_STE_1_EATS;
	word1 |= STRTAB_STE_1_MEV;
	/*
	 * A CD of the guest must not stall the device: the host would never resume the
	 * transaction.
	 */
	if (master->smmu->features & ARM_SMMU_FEAT_STALLS)
		word1 |= STRTAB_STE_1_S1STALLD;
	target->data[1] |= cpu_to_le64(word1);
}

/**
 * arm_smmu_make_nested_ste() - The STE for a master in a nested domain
 * @target: Receives the STE
 * @master: The master
 * @nested: The domain
 * @ats_enabled: True to enable ATS
 *
 * See Documentation/userspace-api/viommu/smmuv3.rst, section 5.2.
 */
void arm_smmu_make_nested_ste(struct arm_smmu_ste *target,
			      struct arm_smmu_master *master,
			      struct arm_smmu_nested_domain *nested,
			      bool ats_enabled)
{
	switch (arm_smmu_vste_cfg(nested)) {
	case STRTAB_STE_0_CFG_S1_TRANS:
		arm_smmu_make_s1s2_ste(target, master, nested, ats_enabled);
		break;
	case STRTAB_STE_0_CFG_BYPASS:
		arm_smmu_make_s2_domain_ste(target, master,
					    nested->vsmmu->s2_parent,
					    ats_enabled);
		break;
	default:
		arm_smmu_make_abort_ste(target);
		break;
	}
}
EXPORT_SYMBOL_IF_KUNIT(arm_smmu_make_nested_ste);

/*
 * With stage 1 the guest invalidates the ATC, so the guest decides about ATS. Without
 * stage 1 the kernel invalidates as for any stage 2. An STE that aborts has no ATS.
 */
static bool arm_smmu_nested_wants_ats(const struct arm_smmu_nested_domain *nested)
{
	switch (arm_smmu_vste_cfg(nested)) {
	case STRTAB_STE_0_CFG_S1_TRANS:
		return FIELD_GET(STRTAB_STE_1_EATS, le64_to_cpu(nested->ste[1])) ==
		       STRTAB_STE_1_EATS_TRANS;
	case STRTAB_STE_0_CFG_BYPASS:
		return true;
	default:
		return false;
	}
}

/*
 * Commands and events of the guest have the virtual StreamID of a device, so a device
 * needs a vDEVICE. A bridge that is in the group because it has no ACS needs none: it
 * makes no DMA of its own. A bridge that makes DMA for the devices behind it shares its
 * StreamID with them, and such a device cannot have a vDEVICE.
 */
static bool arm_smmu_needs_vdevice(struct device *dev)
{
	return !dev_is_pci(dev) || !pci_is_bridge(to_pci_dev(dev));
}

/**
 * arm_smmu_attach_dev_nested() - &iommu_domain_ops.attach_dev of a nested domain
 * @domain: The nested domain
 * @dev: The device
 *
 * Return: 0; -EINVAL if the device is behind another SMMU, or not coherent without
 *         S2FWB; -EBUSY if it uses other SSIDs; -ENOENT if the domain has a stage 1
 *         and the device, if it is no bridge, has no vDEVICE on the vIOMMU; -ENOMEM.
 */
int arm_smmu_attach_dev_nested(struct iommu_domain *domain, struct device *dev)
{
	struct arm_smmu_nested_domain *nested = to_smmu_nested_domain(domain);
	struct arm_smmu_master *master = dev_iommu_priv_get(dev);
	struct arm_smmu_attach_state state = {
		.master = master,
		.ssid = IOMMU_NO_PASID,
		.disable_ats = !arm_smmu_nested_wants_ats(nested),
	};
	struct arm_smmu_ste ste;
	unsigned long vsid;
	int ret;

	if (nested->vsmmu->smmu != master->smmu)
		return -EINVAL;
	/* The vIOMMU was made for a device that may be behind another root complex */
	if (!(master->smmu->features & ARM_SMMU_FEAT_S2FWB) &&
	    !arm_smmu_master_canwbs(master))
		return -EINVAL;
	if (arm_smmu_ssids_in_use(&master->cd_table))
		return -EBUSY;
	/*
	 * After a refused attach the core attaches the current domain again. That must
	 * not fail, although the vDEVICE may be gone.
	 */
	if (arm_smmu_nested_translates(domain) && domain != master->attached &&
	    arm_smmu_needs_vdevice(dev)) {
		ret = iommufd_viommu_get_vdev_id(&nested->vsmmu->core, dev, &vsid);
		if (ret)
			return ret;
	}

	mutex_lock(&arm_smmu_asid_lock);
	ret = arm_smmu_attach_prepare(&state, domain);
	if (ret)
		goto out_unlock;

	arm_smmu_make_nested_ste(&ste, master, nested, state.ats_enabled);
	arm_smmu_install_ste_for_dev(master, &ste);
	arm_smmu_clear_cd(master, IOMMU_NO_PASID);
	arm_smmu_attach_commit(&state);

out_unlock:
	mutex_unlock(&arm_smmu_asid_lock);
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(arm_smmu_attach_dev_nested);

static void arm_smmu_domain_nested_free(struct iommu_domain *domain)
{
	kfree(to_smmu_nested_domain(domain));
}

static const struct iommu_domain_ops arm_smmu_nested_ops = {
	.attach_dev = arm_smmu_attach_dev_nested,
	.free = arm_smmu_domain_nested_free,
};

/**
 * arm_smmu_vste_validate() - Check a virtual STE bit by bit
 * @ste: Its first two words; cleared if it is not valid (V = 0)
 *
 * See Documentation/userspace-api/viommu/smmuv3.rst, section 5.2.
 *
 * Return: 0, or -EIO for a bit or a value that a guest may not set.
 */
int arm_smmu_vste_validate(__le64 ste[2])
{
	u64 word0 = le64_to_cpu(ste[0]);
	u64 word1 = le64_to_cpu(ste[1]);

	if (!(word0 & STRTAB_STE_0_V)) {
		ste[0] = 0;
		ste[1] = 0;
		return 0;
	}

	if ((word0 & ~STRTAB_VSTE_0_ALLOWED) || (word1 & ~STRTAB_VSTE_1_ALLOWED))
		return -EIO;

	switch (FIELD_GET(STRTAB_STE_0_CFG, word0)) {
	case STRTAB_STE_0_CFG_ABORT:
	case STRTAB_STE_0_CFG_BYPASS:
	case STRTAB_STE_0_CFG_S1_TRANS:
		break;
	default:
		return -EIO;
	}

	switch (FIELD_GET(STRTAB_STE_1_EATS, word1)) {
	case STRTAB_STE_1_EATS_ABT:
	case STRTAB_STE_1_EATS_TRANS:
		return 0;
	default:
		return -EIO;
	}
}
EXPORT_SYMBOL_IF_KUNIT(arm_smmu_vste_validate);

/**
 * arm_vsmmu_alloc_domain_nested() - &iommufd_viommu_ops.alloc_domain_nested
 * @viommu: The vIOMMU
 * @flags: Must be 0
 * @user_data: A &struct iommu_hwpt_arm_smmuv3
 *
 * Return: The domain, or an ERR_PTR(): -EOPNOTSUPP for flags, -EINVAL for a wrong type
 *         or length of the data, -EFAULT if it cannot be read, -ENOMEM, -EIO for an
 *         STE that arm_smmu_vste_validate() refuses.
 */
struct iommu_domain *
arm_vsmmu_alloc_domain_nested(struct iommufd_viommu *viommu, u32 flags,
			      const struct iommu_user_data *user_data)
{
	struct arm_vsmmu *vsmmu = container_of(viommu, struct arm_vsmmu, core);
	struct arm_smmu_nested_domain *nested;
	struct iommu_hwpt_arm_smmuv3 arg;
	int ret;

	if (flags)
		return ERR_PTR(-EOPNOTSUPP);

	ret = iommu_copy_struct_from_user(&arg, user_data,
					  IOMMU_HWPT_DATA_ARM_SMMUV3, ste);
	if (ret)
		return ERR_PTR(ret);

	ret = arm_smmu_vste_validate(arg.ste);
	if (ret)
		return ERR_PTR(ret);

	nested = kzalloc(sizeof(*nested), GFP_KERNEL_ACCOUNT);
	if (!nested)
		return ERR_PTR(-ENOMEM);

	nested->domain.type = IOMMU_DOMAIN_NESTED;
	nested->domain.ops = &arm_smmu_nested_ops;
	nested->vsmmu = vsmmu;
	nested->ste[0] = arg.ste[0];
	nested->ste[1] = arg.ste[1];
	return &nested->domain;
}
