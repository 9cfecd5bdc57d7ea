// SPDX-License-Identifier: GPL-2.0
/*
 * IOMMU_GET_HW_INFO: information of a requested type, and the capability bit for
 * a device that cannot use ATS.
 *
 * A driver gets the requested type in *type. Drivers with one type overwrite it
 * without a check, so the result is compared here.
 */
#include <linux/iommu.h>
#include <linux/pci.h>
#include <linux/pci-ats.h>
#include <linux/slab.h>

#include "viommu.h"

/**
 * iommufd_hw_info_query() - Ask the driver of a device for its information
 * @dev: The device; its IOMMU driver has a hw_info operation
 * @cmd: Command of user space; receives the type of the information
 * @length: Receives the length of the information in bytes
 *
 * Without IOMMU_HW_INFO_FLAG_INPUT_TYPE the type in @cmd is ignored. See
 * Documentation/userspace-api/viommu/checks.rst, section 4.7.
 *
 * Return: the information, which the caller frees; ERR_PTR(-EOPNOTSUPP) if the
 * driver has none of this type, or another error of the driver
 */
void *iommufd_hw_info_query(struct device *dev, struct iommu_hw_info *cmd,
			    unsigned int *length)
{
	u32 asked = IOMMU_HW_INFO_TYPE_DEFAULT;
	void *data;
	u32 type;

	if (cmd->flags & IOMMU_HW_INFO_FLAG_INPUT_TYPE)
		asked = cmd->in_data_type;

	type = asked;
	data = dev_iommu_ops(dev)->hw_info(dev, length, &type);
	if (IS_ERR(data))
		return data;
	if (asked != IOMMU_HW_INFO_TYPE_DEFAULT && type != asked) {
		kfree(data);
		return ERR_PTR(-EOPNOTSUPP);
	}
	cmd->out_data_type = type;
	return data;
}

/* ATS needs the device and its IOMMU; a driver that does not report it counts as without */
static bool iommufd_device_has_ats(struct device *dev)
{
	const struct iommu_viommu_ops *ops = dev_iommu_ops(dev)->viommu_ops;

	if (!ops || !ops->pci_ats_supported)
		return false;
	return dev_is_pci(dev) && pci_ats_supported(to_pci_dev(dev)) &&
	       ops->pci_ats_supported(dev);
}

/**
 * iommufd_hw_info_add_caps() - Add the capabilities that the base does not report
 * @dev: The device
 * @cmd: Command of user space, with the capabilities known so far
 */
void iommufd_hw_info_add_caps(struct device *dev, struct iommu_hw_info *cmd)
{
	if (!iommufd_device_has_ats(dev))
		cmd->out_capabilities |= IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED;
}
