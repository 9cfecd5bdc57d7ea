// SPDX-License-Identifier: GPL-2.0
//
// The two functions of iommu-msi.h; they need struct iommu_group, which is private to
// this file.
// LINES: +15 -0

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
+	if (!group)
+		return NULL;
+	mutex_lock(&group->mutex);
+	domain = group->domain;
+	return domain && domain->msi_domain ? domain->msi_domain : domain;
+}
+
 static int __iommu_attach_group(...)
 { ... }

@p_msi_domain_unlock@
@@
+void iommu_msi_domain_unlock(struct iommu_group *group)
+{
+	if (group)
+		mutex_unlock(&group->mutex);
+}
+
 static int __iommu_attach_group(...)
 { ... }
