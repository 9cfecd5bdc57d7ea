// SPDX-License-Identifier: GPL-2.0
//
// The two functions of iommu-msi.h; they need struct iommu_group, which is private to
// this file.
// LINES: +19 -0

@p_include@
@@
 #include "iommu-priv.h"
+#include "iommu-msi.h"

@p_msi_domain_lock@
@@
+struct iommu_domain *iommu_msi_domain_lock(struct iommu_group *group)
+{
+	struct iommu_domain *domain;
+
+	KUNIT_STATIC_STUB_REDIRECT(iommu_msi_domain_lock, group);
+	if (!group)
+		return NULL;
+	mutex_lock(&group->mutex);
+	domain = group->domain;
+	return domain && domain->msi_domain ? domain->msi_domain : domain;
+}
+EXPORT_SYMBOL_IF_KUNIT(iommu_msi_domain_lock);
+
 static int __iommu_attach_group(...)
 { ... }

@p_msi_domain_unlock@
@@
+void iommu_msi_domain_unlock(struct iommu_group *group)
+{
+	KUNIT_STATIC_STUB_REDIRECT(iommu_msi_domain_unlock, group);
+	if (group)
+		mutex_unlock(&group->mutex);
+}
+EXPORT_SYMBOL_IF_KUNIT(iommu_msi_domain_unlock);
+
 static int __iommu_attach_group(...)
 { ... }
