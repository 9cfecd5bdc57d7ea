// SPDX-License-Identifier: GPL-2.0
//
// One pointer of an IOMMU driver offers vIOMMUs. A nested domain points to the
// domain that maps MSI doorbells. A flag of the firmware marks a coherent root
// complex. Members go last, so that the offsets of the base's members stay.
// LINES: +6 -0

@p_forward@
@@
 struct iommu_fault_param;
+struct iommu_viommu_ops;

@p_msi_domain@
@@
 struct iommu_domain {
 	...
+	/* Maps the MSI doorbells of a nested domain: its parent */
+	struct iommu_domain *msi_domain;
 };

@p_viommu_ops@
@@
 struct iommu_ops {
 	...
 	const struct iommu_domain_ops *default_domain_ops;
 	...
+	const struct iommu_viommu_ops *viommu_ops;
 };

@p_canwbs@
@@
 #define IOMMU_FWSPEC_PCI_RC_ATS (1 << 0)
+/* The root complex has CANWBS */
+#define IOMMU_FWSPEC_PCI_RC_CANWBS (1 << 1)
