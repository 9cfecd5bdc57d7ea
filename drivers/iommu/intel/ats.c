// SPDX-License-Identifier: GPL-2.0
/*
 * ATS of PCI devices behind VT-d, for IOMMU_GET_HW_INFO. The driver determined
 * it at the probe of the device, and enables ATS under the same conditions.
 */
#include <linux/iommufd_viommu_driver.h>
#include <linux/pci.h>
#include <linux/pci-ats.h>

#include "../iommu-ats.h"
#include "iommu.h"

static bool intel_iommu_pci_ats_supported(struct device *dev)
{
	struct device_domain_info *info = dev_iommu_priv_get(dev);

	return info->ats_supported && pci_ats_page_aligned(to_pci_dev(dev));
}

const struct iommu_viommu_ops intel_viommu_ops = {
	.pci_ats_supported = intel_iommu_pci_ats_supported,
};
