// SPDX-License-Identifier: GPL-2.0
//
// The driver reports the PCI devices that can use ATS; the code is in ats.c.
// LINES: +2 -0

@p_include@
@@
+#include "../iommu-ats.h"
 #include "../iommu-pages.h"

@p_ops@
symbol amd_iommu_ops, amd_iommu_def_domain_type;
@@
 struct iommu_ops amd_iommu_ops = {
 	...,
 	.def_domain_type = amd_iommu_def_domain_type,
+	.viommu_ops = &amd_viommu_ops,
 	...
 };
