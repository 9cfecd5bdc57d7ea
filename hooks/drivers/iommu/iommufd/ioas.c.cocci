// SPDX-License-Identifier: GPL-2.0
//
// IOMMU_IOAS_MAP_FILE takes the flags of IOMMU_IOAS_MAP.
// EDITS: p_include=1 p_prot=1
// LINES: +2 -1

@p_include@
@@
 #include "io_pagetable.h"
+#include "map_file.h"

@p_prot@
parameter list P;
@@
-static int conv_iommu_prot(P)
+int conv_iommu_prot(P)
 { ... }
