// SPDX-License-Identifier: GPL-2.0
//
// The driver reports the PCI devices that can use ATS; the code is in ats.c.
// LINES: +2 -0

@p_include@
@@
+#include "../iommu-ats.h"
 #include "../iommu-pages.h"

@p_ops@
symbol intel_iommu_ops, device_def_domain_type;
@@
 struct iommu_ops intel_iommu_ops = {
 	...,
 	.def_domain_type = device_def_domain_type,
+	.viommu_ops = &intel_viommu_ops,
 	...
 };
