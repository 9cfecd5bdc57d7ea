// SPDX-License-Identifier: GPL-2.0
//
// User ABI: one include for user space, and the input type of
// IOMMU_GET_HW_INFO. The rest is in <linux/iommufd_viommu.h>.
// LINES: +6 -1

@p_include@
@@
 #include <linux/types.h>
+#include <linux/iommufd_viommu.h>

@p_in_data_type@
typedef __u32;
@@
 struct iommu_hw_info {
 	...
-	__u32 out_data_type;
+	union {
+		/** @in_data_type: Input, with IOMMU_HW_INFO_FLAG_INPUT_TYPE */
+		__u32 in_data_type;
+		__u32 out_data_type;
+	};
 	...
 };
