// SPDX-License-Identifier: GPL-2.0
//
// Reports to the SMMU driver a root complex whose accesses are always cached write-back.
// LINES: +10 -0

@p_helper@
typedef bool;
@@
+static bool iort_pci_rc_supports_canwbs(struct acpi_iort_node *node)
+{
+	struct acpi_iort_root_complex *pci_rc;
+	struct acpi_iort_memory_access *memory;
+
+	pci_rc = (struct acpi_iort_root_complex *)node->node_data;
+	memory = (struct acpi_iort_memory_access *)&pci_rc->memory_properties;
+	return memory->memory_flags & ACPI_IORT_MF_CANWBS;
+}
+
 static bool iort_pci_rc_supports_ats(struct acpi_iort_node *node)
 { ... }

@p_set@
symbol fwspec, node;
@@
 iort_iommu_configure_id(...)
 {
 	<+...
 	if (fwspec && iort_pci_rc_supports_ats(node))
 		fwspec->flags |= IOMMU_FWSPEC_PCI_RC_ATS;
+	if (fwspec && iort_pci_rc_supports_canwbs(node))
+		fwspec->flags |= IOMMU_FWSPEC_PCI_RC_CANWBS;
 	...+>
 }
