// SPDX-License-Identifier: GPL-2.0
/*
 * ATS of PCI devices behind an AMD IOMMU, for IOMMU_GET_HW_INFO: a device with
 * ATS can use it if every IOMMU of the machine supports it.
 */
#include <linux/iommufd_viommu_driver.h>

#include "../iommu-ats.h"
#include "amd_iommu.h"

static bool amd_iommu_pci_ats_supported(struct device *dev)
{
	struct iommu_dev_data *dev_data = dev_iommu_priv_get(dev);

	return amd_iommu_iotlb_sup &&
	       dev_data->flags & AMD_IOMMU_DEVICE_FLAG_ATS_SUP;
}

const struct iommu_viommu_ops amd_viommu_ops = {
	.pci_ats_supported = amd_iommu_pci_ats_supported,
};
