// SPDX-License-Identifier: GPL-2.0
/*
 * SMMUv3 vIOMMU: operations for iommufd.
 *
 * A vIOMMU of type ARM_SMMUV3 has no state except its nesting parent, whose VMID it
 * uses. The table of virtual StreamIDs is the core's table of vDEVICEs. An
 * implementation (CMDQ-V) can add a type of vIOMMU and a type of information, see
 * &struct arm_smmu_viommu_impl.
 */
#include <kunit/visibility.h>
#include <linux/iommu.h>
#include <linux/module.h>

#include "../../io-pgtable-arm-contig.h"
#include "arm-smmu-v3.h"

/**
 * arm_smmu_hw_info() - &iommu_ops.hw_info
 * @dev: Device behind the SMMU
 * @length: Result: bytes of the information
 * @type: In: requested type, of enum iommu_hw_info_type. Out: type of the
 *   information
 *
 * See Documentation/userspace-api/viommu/checks.rst, section 4.7.
 *
 * Return: The information, which the caller frees, or an ERR_PTR(): -EOPNOTSUPP for
 *         an unknown type, -ENOMEM.
 */
void *arm_smmu_hw_info(struct device *dev, u32 *length, u32 *type)
{
	struct arm_smmu_master *master = dev_iommu_priv_get(dev);
	const struct arm_smmu_viommu_impl *impl =
		arm_smmu_viommu_impl(master->smmu);
	void __iomem *base = master->smmu->base;
	struct iommu_hw_info_arm_smmuv3 *info;
	unsigned int i;

	if (*type != IOMMU_HW_INFO_TYPE_DEFAULT &&
	    *type != IOMMU_HW_INFO_TYPE_ARM_SMMUV3) {
		if (!impl || !impl->hw_info)
			return ERR_PTR(-EOPNOTSUPP);
		return impl->hw_info(master->smmu, length, type);
	}

	info = kzalloc(sizeof(*info), GFP_KERNEL);
	if (!info)
		return ERR_PTR(-ENOMEM);

	for (i = 0; i < ARRAY_SIZE(info->idr); i++)
		info->idr[i] = readl_relaxed(base + ARM_SMMU_IDR0 + 4 * i);
	if (tegra264_smmu_is_repeating(master->smmu))
		info->flags |= IOMMU_HW_INFO_ARM_SMMUV3_ERRATA_REPEAT_TLBI_CFGI;
	info->iidr = readl_relaxed(base + ARM_SMMU_IIDR);
	info->aidr = readl_relaxed(base + ARM_SMMU_AIDR);

	*length = sizeof(*info);
	*type = IOMMU_HW_INFO_TYPE_ARM_SMMUV3;
	return info;
}
EXPORT_SYMBOL_IF_KUNIT(arm_smmu_hw_info);

/**
 * arm_vsmmu_vsid_to_sid() - The StreamID behind a virtual StreamID
 * @vsmmu: The vIOMMU
 * @vsid: The virtual StreamID
 * @sid: Result: the physical StreamID
 * @ats_enabled: Result: true if the ATC of the device may have entries, and the device
 *   answers
 *
 * The device may be unbound as soon as this returns. A command with its StreamID is
 * then harmless: it invalidates entries that are already invalid.
 *
 * Return: 0, or -EIO if the vIOMMU has no vDEVICE under @vsid.
 */
int arm_vsmmu_vsid_to_sid(struct arm_vsmmu *vsmmu, u32 vsid, u32 *sid,
			  bool *ats_enabled)
{
	struct arm_smmu_master *master;
	struct device *dev;
	int ret = -EIO;

	xa_lock(&vsmmu->core.vdevs);
	dev = iommufd_viommu_find_dev(&vsmmu->core, vsid);
	if (dev) {
		master = dev_iommu_priv_get(dev);
		*sid = master->streams[0].id;
		*ats_enabled = arm_smmu_takes_atc_inv(master);
		ret = 0;
	}
	xa_unlock(&vsmmu->core.vdevs);
	return ret;
}

/**
 * arm_vsmmu_vdevice_init() - &iommufd_viommu_ops.vdevice_init
 * @vdev: The new vDEVICE
 *
 * Return: 0, or -EOPNOTSUPP if the device does not have exactly one StreamID.
 */
int arm_vsmmu_vdevice_init(struct iommufd_vdevice *vdev)
{
	struct arm_smmu_master *master = dev_iommu_priv_get(vdev->dev);

	return master->num_streams == 1 ? 0 : -EOPNOTSUPP;
}
EXPORT_SYMBOL_IF_KUNIT(arm_vsmmu_vdevice_init);

/**
 * arm_vsmmu_parent_iova_contig() - &iommufd_viommu_ops.parent_iova_contig
 * @viommu: The vIOMMU
 * @iova: Address in the nesting parent
 * @length: In: bytes. Out: contiguous bytes from @iova on, up to that
 *
 * Return: the physical address
 */
phys_addr_t arm_vsmmu_parent_iova_contig(struct iommufd_viommu *viommu,
					 unsigned long iova, size_t *length)
{
	struct arm_vsmmu *vsmmu = container_of(viommu, struct arm_vsmmu, core);

	return arm_lpae_iova_contig(vsmmu->s2_parent->pgtbl_ops, iova, length);
}

static const struct iommufd_viommu_ops arm_vsmmu_ops = {
	.alloc_domain_nested = arm_vsmmu_alloc_domain_nested,
	.cache_invalidate = arm_vsmmu_cache_invalidate,
	.faults_are_events = true,
	.vdevice_init = arm_vsmmu_vdevice_init,
};

static size_t arm_smmu_get_viommu_size(struct device *dev,
				       enum iommu_viommu_type type)
{
	struct arm_smmu_master *master = dev_iommu_priv_get(dev);
	struct arm_smmu_device *smmu = master->smmu;
	const struct arm_smmu_viommu_impl *impl = arm_smmu_viommu_impl(smmu);

	if (!(smmu->features & ARM_SMMU_FEAT_NESTING))
		return 0;
	/* The host would never resume a guest's stalled transaction */
	if (smmu->features & ARM_SMMU_FEAT_STALL_FORCE)
		return 0;
	/*
	 * A guest could bypass the cache and read stale memory, see
	 * arm-smmu-v3-nested.c
	 */
	if (!(smmu->features & ARM_SMMU_FEAT_S2FWB) &&
	    !arm_smmu_master_canwbs(master))
		return 0;
	/*
	 * The erratum limits batches of commands, but the guest decides about its
	 * batches
	 */
	if (smmu->options & ARM_SMMU_OPT_CMDQ_FORCE_SYNC) {
		if (!xchg(&smmu->said_no_viommu, true))
			dev_warn(smmu->dev,
				 "no vIOMMU on an SMMU that needs forced syncs\n");
		return 0;
	}

	if (type == IOMMU_VIOMMU_TYPE_ARM_SMMUV3)
		return sizeof(struct arm_vsmmu);
	/* The size needs the init of the same implementation */
	if (impl && impl->vsmmu_size && impl->vsmmu_init && type == impl->vsmmu_type)
		return impl->vsmmu_size(smmu);
	return 0;
}

static int arm_smmu_viommu_init(struct iommufd_viommu *viommu,
				struct iommu_domain *parent,
				const struct iommu_user_data *user_data)
{
	struct arm_vsmmu *vsmmu = container_of(viommu, struct arm_vsmmu, core);
	struct arm_smmu_device *smmu =
		container_of(viommu->iommu_dev, struct arm_smmu_device, iommu);
	struct arm_smmu_domain *s2_parent = to_smmu_domain(parent);

	if (s2_parent->smmu != smmu || !s2_parent->nest_parent)
		return -EINVAL;

	vsmmu->smmu = smmu;
	vsmmu->s2_parent = s2_parent;
	vsmmu->vmid = s2_parent->s2_cfg.vmid;
	viommu->ops = &arm_vsmmu_ops;

	if (viommu->type == IOMMU_VIOMMU_TYPE_ARM_SMMUV3)
		return 0;
	return arm_smmu_viommu_impl(smmu)->vsmmu_init(vsmmu, user_data);
}

/* The SMMU and, as firmware describes it, the root complex must support ATS */
static bool arm_smmu_pci_ats_supported(struct device *dev)
{
	struct arm_smmu_master *master = dev_iommu_priv_get(dev);

	return master->smmu->features & ARM_SMMU_FEAT_ATS &&
	       dev_iommu_fwspec_get(dev)->flags & IOMMU_FWSPEC_PCI_RC_ATS;
}

const struct iommu_viommu_ops arm_smmu_viommu_ops = {
	.get_viommu_size = arm_smmu_get_viommu_size,
	.pci_ats_supported = arm_smmu_pci_ats_supported,
	.reset_done = arm_smmu_reset_done,
	.reset_prepare = arm_smmu_reset_prepare,
	.viommu_init = arm_smmu_viommu_init,
};
EXPORT_SYMBOL_IF_KUNIT(arm_smmu_viommu_ops);

MODULE_IMPORT_NS(IOMMUFD);
