// SPDX-License-Identifier: GPL-2.0
//
// Objects are embedded in drivers' structures, so the base object moves to
// <linux/iommufd_viommu_driver.h>; the context, nested HWPTs and devices get members for vIOMMUs.
// LINES: +15 -22

@p_include@
@@
 #include <linux/iommu.h>
+#include <linux/iommufd_viommu_driver.h>

@p_maple@
@@
 #include <linux/iova_bitmap.h>
+#include <linux/maple_tree.h>

@p_type@
@@
-enum iommufd_object_type { ... };

@p_object@
@@
-struct iommufd_object { ... };

@p_ctx@
@@
 struct iommufd_ctx {
 	...
 	wait_queue_head_t destroy_wait;
+	/* struct iommufd_mmap by page offset */
+	struct maple_tree mt_mmap;
+	/* Of the address space of its mappings */
+	struct inode *mmap_inode;
+	/* Held until a new IOAS can be found */
+	struct mutex ioas_creation_lock;
 	...
 };

@p_tombstone@
@@
 enum {
 	REMOVE_WAIT_SHORTTERM = 1,
+	REMOVE_OBJ_TOMBSTONE = 2,
 };

@p_nested@
@@
 struct iommufd_hwpt_nested {
 	...
 	struct iommufd_hwpt_paging *parent;
+	/* NULL if the HWPT was made on the parent directly */
+	struct iommufd_viommu *viommu;
 };

@p_device@
@@
 struct iommufd_device {
 	...
 	struct iommufd_group *igroup;
+	/* protected by igroup->lock */
+	struct iommufd_vdevice *vdev;
+	bool destroying;
 	...
 };

// The waiter is uninterruptible. Unbinding may have to wait for a vDEVICE.
@p_wake@
@@
 iommufd_put_object(...)
 {
 	<+...
-	wake_up_interruptible_all(
+	wake_up_all(
 		&ictx->destroy_wait);
 	...+>
 }
