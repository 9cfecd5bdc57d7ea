/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Operations for iommufd of drivers without vIOMMUs: they report the PCI devices
 * that can use ATS.
 */
#ifndef __LINUX_IOMMU_ATS_H
#define __LINUX_IOMMU_ATS_H

struct iommu_viommu_ops;

extern const struct iommu_viommu_ops amd_viommu_ops;
extern const struct iommu_viommu_ops intel_viommu_ops;

#endif
