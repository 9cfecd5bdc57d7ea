// SPDX-License-Identifier: GPL-2.0
//
// Commands and objects vIOMMU, vDEVICE, vEVENTQ and HW_QUEUE; commands for memory of files; mmap()
// on /dev/iommu; IDs that stay reserved after their object is gone (tombstones).
// LINES: +37 -2

@p_include@
@@
 #include "iommufd_test.h"
+#include "map_file.h"
+#include "viommu.h"

@p_buffer@
@@
 union ucmd_buffer {
 	...
 	struct iommu_vfio_ioas vfio_ioas;
+	struct iommu_hw_queue_alloc hw_queue;
+	struct iommu_ioas_change_process change_process;
+	struct iommu_ioas_map_file map_file;
+	struct iommu_vdevice_alloc vdevice;
+	struct iommu_veventq_alloc veventq;
+	struct iommu_viommu_alloc viommu;
 	...
 };

@p_ioctls@
symbol iommufd_ioctl_ops, __reserved, iova, val64;
symbol iommufd_hwpt_set_dirty_tracking, iommufd_ioas_allow_iovas, allowed_iovas;
symbol iommufd_ioas_map, iommufd_option, iommufd_vfio_ioas;
@@
 struct iommufd_ioctl_op iommufd_ioctl_ops[] = {
 	...,
 	IOCTL_OP(IOMMU_HWPT_SET_DIRTY_TRACKING, iommufd_hwpt_set_dirty_tracking,
 		 struct iommu_hwpt_set_dirty_tracking, __reserved),
+	IOCTL_OP(IOMMU_HW_QUEUE_ALLOC, iommufd_hw_queue_alloc_ioctl,
+		 struct iommu_hw_queue_alloc, length),
 	...,
 	IOCTL_OP(IOMMU_IOAS_ALLOW_IOVAS, iommufd_ioas_allow_iovas,
 		 struct iommu_ioas_allow_iovas, allowed_iovas),
+	IOCTL_OP(IOMMU_IOAS_CHANGE_PROCESS, iommufd_ioas_change_process,
+		 struct iommu_ioas_change_process, __reserved),
 	...,
 	IOCTL_OP(IOMMU_IOAS_MAP, iommufd_ioas_map, struct iommu_ioas_map,
 		 iova),
+	IOCTL_OP(IOMMU_IOAS_MAP_FILE, iommufd_ioas_map_file,
+		 struct iommu_ioas_map_file, iova),
 	...,
 	IOCTL_OP(IOMMU_OPTION, iommufd_option, struct iommu_option, val64),
+	IOCTL_OP(IOMMU_VDEVICE_ALLOC, iommufd_vdevice_alloc_ioctl,
+		 struct iommu_vdevice_alloc, virt_id),
+	IOCTL_OP(IOMMU_VEVENTQ_ALLOC, iommufd_veventq_alloc_ioctl,
+		 struct iommu_veventq_alloc, out_veventq_fd),
 	IOCTL_OP(IOMMU_VFIO_IOAS, iommufd_vfio_ioas, struct iommu_vfio_ioas,
 		 __reserved),
+	IOCTL_OP(IOMMU_VIOMMU_ALLOC, iommufd_viommu_alloc_ioctl,
+		 struct iommu_viommu_alloc, out_viommu_id),
 	...
 };

@p_object_ops@
symbol iommufd_object_ops;
@@
 struct iommufd_object_ops iommufd_object_ops[] = {
 	...,
 	[IOMMUFD_OBJ_HWPT_NESTED] = {
 		...
 	},
+	[IOMMUFD_OBJ_HW_QUEUE] = {
+		.destroy = iommufd_hw_queue_destroy,
+	},
+	[IOMMUFD_OBJ_VDEVICE] = {
+		.destroy = iommufd_vdevice_destroy,
+	},
+	[IOMMUFD_OBJ_VEVENTQ] = {
+		.destroy = iommufd_veventq_destroy,
+	},
+	[IOMMUFD_OBJ_VIOMMU] = {
+		.destroy = iommufd_viommu_destroy,
+	},
 	...
 };

@p_fops@
symbol iommufd_fops, iommufd_fops_ioctl;
@@
 struct file_operations iommufd_fops = {
 	...,
 	.unlocked_ioctl = iommufd_fops_ioctl,
+	.mmap = iommufd_fops_mmap,
 	...
 };

@p_open@
symbol ictx, filp;
@@
 iommufd_fops_open(...)
 {
 	...
 	xa_init(&ictx->groups);
+	mutex_init(&ictx->ioas_creation_lock);
+	if (iommufd_ctx_init_mmap(ictx, filp)) {
+		kfree(ictx);
+		return -ENOMEM;
+	}
 	...
 }

// EDITS: 2
@p_release@
symbol ictx;
@@
 iommufd_fops_release(...)
 {
 	...
-	while (!xa_empty(&ictx->objects))
+	while (iommufd_ctx_has_objects(ictx))
 	{ ... }
+	/* Only tombstones may be left */
+	xa_destroy(&ictx->objects);
+	iommufd_ctx_destroy_mmap(ictx);
 	...
 }

@p_tombstone@
symbol xas, flags;
@@
 iommufd_object_remove(...)
 {
 	<+...
-	xas_store(&xas, NULL);
+	xas_store(&xas, flags & REMOVE_OBJ_TOMBSTONE ? XA_ZERO_ENTRY : NULL);
 	...+>
 }
