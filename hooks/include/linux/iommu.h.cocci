// SPDX-License-Identifier: GPL-2.0
//
// IOMMU drivers offer vIOMMUs with one pointer. A nested domain names the domain
// that maps MSI doorbells. Firmware can say that the root complex is coherent.
// Members go last, so that the offsets of the base's own stay.
// EDITS: p_forward=1 p_msi_domain=1 p_viommu_ops=1 p_canwbs=1
// LINES: +6 -0

@p_forward@
@@
 struct iommu_fault_param;
+struct iommu_viommu_ops;

@p_msi_domain@
@@
 struct iommu_domain {
 	...
+	/* Where MSI doorbells of a nested domain are mapped: its parent */
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
+/* CANWBS is supported */
+#define IOMMU_FWSPEC_PCI_RC_CANWBS (1 << 1)
