// SPDX-License-Identifier: GPL-2.0
//
// Nested HWPTs whose faults are events of their vIOMMU take no device with their fault object.
// EDITS: p_include=1 p_iopf=2
// LINES: +3 -2

@p_include@
@@
 #include "iommufd_private.h"
+#include "viommu.h"

@p_iopf@
symbol hwpt, idev, ret;
@@
-	ret = iommufd_fault_iopf_enable(idev);
+	ret = iommufd_hwpt_iopf_enable(hwpt, idev);
