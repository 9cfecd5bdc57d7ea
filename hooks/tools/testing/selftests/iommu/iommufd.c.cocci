// SPDX-License-Identifier: GPL-2.0
//
// One error has changed: IOMMU_HWPT_INVALIDATE now takes more than one type of object, so the
// parent HWPT is an object of the wrong type, and not an absent one.
// LINES: +1 -1

@p_parent@
symbol ENOENT, EINVAL, parent_hwpt_id;
@@
 test_err_hwpt_invalidate(
-	ENOENT,
+	EINVAL,
 	parent_hwpt_id, ...)
