// SPDX-License-Identifier: GPL-2.0
//
// Unbinding removes the vDEVICE of a device; information of a requested type; access objects of HW
// queues, which hold no file; a failed replacement keeps the reserved IOVAs; a HWPT whose faults
// are events refuses a device if it has a fault object.
// LINES: +18 -6

@p_include@
@@
 #include "iommufd_private.h"
+#include "viommu.h"

@p_unbind@
symbol idev;
@@
 iommufd_device_unbind(...)
 {
+	iommufd_device_remove_vdevice(idev);
 	iommufd_object_destroy_user(idev->ictx, &idev->obj);
 }

// Error path of a replacement; the replacement reserved nothing in the IOAS that the group stays on
// EDITS: 2
@p_unresv@
symbol igroup, hwpt_paging;
@@
-	iommufd_group_remove_reserved_iova(igroup, hwpt_paging);
+	if (iommufd_group_changes_ioas(igroup, hwpt_paging))
+		iommufd_group_remove_reserved_iova(igroup, hwpt_paging);

@p_bad_fault@
symbol hwpt, pt_obj, destroy_hwpt;
@@
 iommufd_device_change_pt(...)
 {
 	<+...
 	struct iommufd_hw_pagetable *hwpt =
 		container_of(pt_obj, struct iommufd_hw_pagetable, obj);
+
+	if (iommufd_hwpt_bad_fault(hwpt)) {
+		destroy_hwpt = ERR_PTR(-EOPNOTSUPP);
+		goto out_put_pt_obj;
+	}
 	...+>
 }

@p_access_destroy@
symbol access;
@@
 iommufd_access_destroy_object(...)
 {
 	...
-	iommufd_ctx_put(access->ictx);
+	if (!iommufd_access_is_internal(access))
+		iommufd_ctx_put(access->ictx);
 }

@p_info_flags@
symbol cmd;
@@
 iommufd_get_hw_info(...)
 {
 	...
 	if (<+...
-	    cmd->flags
+	    iommufd_hw_info_bad_flags(cmd)
 	    ...+>)
 		return -EOPNOTSUPP;
 	...
 }

@p_info@
symbol ops, data, data_len, cmd, idev;
@@
-	data = ops->hw_info(idev->dev, &data_len, &cmd->out_data_type);
+	data = iommufd_hw_info_query(idev->dev, cmd, &data_len);

@p_caps@
symbol cmd, idev;
@@
 	cmd->out_capabilities = 0;
+	iommufd_hw_info_add_caps(idev->dev, cmd);
