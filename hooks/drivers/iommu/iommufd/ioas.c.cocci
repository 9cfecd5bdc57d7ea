// SPDX-License-Identifier: GPL-2.0
//
// IOMMU_IOAS_MAP_FILE takes the flags of IOMMU_IOAS_MAP; no IOAS is made while
// IOMMU_IOAS_CHANGE_PROCESS holds the locks of all IOAS.
// LINES: +3 -1

@p_include@
@@
 #include "io_pagetable.h"
+#include "map_file.h"

@p_lock@
symbol ioas, ucmd;
@@
 iommufd_ioas_alloc_ioctl(...)
 {
 	...
+	guard(mutex)(&ucmd->ictx->ioas_creation_lock);
 	ioas = iommufd_ioas_alloc(ucmd->ictx);
 	...
 }

@p_prot@
parameter list P;
@@
-static int conv_iommu_prot(P)
+int conv_iommu_prot(P)
 { ... }
