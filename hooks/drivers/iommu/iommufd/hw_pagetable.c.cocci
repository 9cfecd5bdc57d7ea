// SPDX-License-Identifier: GPL-2.0
//
// Nested HWPTs on a vIOMMU, and invalidation through a vIOMMU.
// LINES: +9 -12

@p_include@
@@
 #include "iommufd_private.h"
+#include "viommu.h"

@p_destroy@
symbol hwpt_nested;
@@
 iommufd_hwpt_nested_destroy(...)
 {
 	...
-	refcount_dec(&hwpt_nested->parent->common.obj.users);
+	iommufd_hwpt_nested_put(hwpt_nested);
 }

// EDITS: 2
@p_alloc@
symbol hwpt, rc, ucmd, pt_obj, idev, user_data;
@@
 iommufd_hwpt_alloc(...)
 {
 	<+...
-	rc = -EINVAL;
-	goto out_put_pt;
+	hwpt = iommufd_viommu_alloc_hwpt(ucmd, pt_obj, idev, &user_data);
+	if (IS_ERR(hwpt)) {
+		rc = PTR_ERR(hwpt);
+		goto out_put_pt;
+	}
 	...+>
 }

@p_invalidate_var@
symbol hwpt;
@@
 iommufd_hwpt_invalidate(...)
 {
 	...
-	struct iommufd_hw_pagetable *hwpt;
 	...
 }

// EDITS: 8
@p_invalidate@
symbol hwpt, rc, ucmd, cmd, done_num, data_array;
@@
-	hwpt = iommufd_get_hwpt_nested(ucmd, cmd->hwpt_id);
-	if (IS_ERR(hwpt)) {
-		rc = PTR_ERR(hwpt);
-		goto out;
-	}
-
-	rc = hwpt->domain->ops->cache_invalidate_user(hwpt->domain,
-						      &data_array);
+	rc = iommufd_viommu_invalidate(ucmd, cmd->hwpt_id, &data_array);
 	done_num = data_array.entry_num;
-
-	iommufd_put_object(ucmd->ictx, &hwpt->obj);
