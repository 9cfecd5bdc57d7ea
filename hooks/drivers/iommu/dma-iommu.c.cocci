// SPDX-License-Identifier: GPL-2.0
//
// MSIs of a device in a nested domain: the doorbell is mapped in the nesting parent, which has the
// cookie. A lock keeps the domain alive, see iommu-msi.h.
// LINES: +9 -2

@p_include@
@@
 #include "dma-iommu.h"
+#include "iommu-msi.h"

@p_lock@
symbol domain, dev;
@@
 iommu_dma_prepare_msi(...)
 {
 	...
-	struct iommu_domain *domain = iommu_get_domain_for_dev(dev);
+	struct iommu_group *group = READ_ONCE(dev->iommu_group);
+	struct iommu_domain *domain = iommu_msi_domain_lock(group);
 	...
 }

// EDITS: 3
@p_unlock@
expression E;
@@
 iommu_dma_prepare_msi(...)
 {
 	<...
+	iommu_msi_domain_unlock(group);
 	return E;
 	...>
 }

@p_export@
@@
 int iommu_dma_prepare_msi(...)
 { ... }
+EXPORT_SYMBOL_IF_KUNIT(iommu_dma_prepare_msi);
