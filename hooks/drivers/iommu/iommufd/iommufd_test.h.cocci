// SPDX-License-Identifier: GPL-2.0
//
// Test ABI of the mock driver: the parts that cannot be in
// iommufd_test_viommu.h.
// LINES: +10 -0

@p_include@
@@
 #include <linux/types.h>
+#include "iommufd_test_viommu.h"

@p_cmd@
typedef __u32;
@@
 struct iommu_test_cmd {
 	...
 	union {
 		...
 		struct {
 			__u32 id;
 			__u32 iotlb;
 		} check_iotlb;
+		struct {
+			__u32 id;
+			__u32 cache;
+		} check_dev_cache;
+		struct {
+			__u32 dev_id;
+		} trigger_vevent;
 		...
 	};
 	...
 };

@p_hwpt@
typedef __u32;
@@
 struct iommu_hwpt_selftest {
 	__u32 iotlb;
+	/** @pagetable_type: 0; nested HWPTs have no page table of the kernel */
+	__u32 pagetable_type;
 };
