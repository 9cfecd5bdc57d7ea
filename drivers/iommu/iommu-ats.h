/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Drivers without vIOMMUs that know which PCI devices can use ATS. It is all that
 * their operations for iommufd say.
 */
#ifndef __LINUX_IOMMU_ATS_H
#define __LINUX_IOMMU_ATS_H

struct iommu_viommu_ops;

extern const struct iommu_viommu_ops amd_viommu_ops;
extern const struct iommu_viommu_ops intel_viommu_ops;

#endif
