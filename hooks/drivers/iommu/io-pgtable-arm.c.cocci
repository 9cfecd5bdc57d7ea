// SPDX-License-Identifier: GPL-2.0
//
// Stage-2 page tables for STE.S2FWB = 1: the attribute of cached memory has another encoding
// (0b110: write-back, whatever stage 1 says). Non-cacheable and device keep theirs. Also a
// walk that returns the contiguous length.
// LINES: +9 -2

@p_attr@
symbol pte, data, prot, ARM_LPAE_PTE_MEMATTR_OIWB;
@@
 arm_lpae_prot_to_pte(...)
 {
 	<+...
 	pte |=
-	ARM_LPAE_PTE_MEMATTR_OIWB
+	arm_lpae_s2_cached_attr(&data->iop.cfg)
 	;
 	...+>
 }

@p_attr_helper@
typedef arm_lpae_iopte;
identifier D, P;
@@
+static arm_lpae_iopte arm_lpae_s2_cached_attr(const struct io_pgtable_cfg *cfg)
+{
+	if (cfg->quirks & IO_PGTABLE_QUIRK_ARM_S2FWB)
+		return (arm_lpae_iopte)0x6 << 2;
+	return ARM_LPAE_PTE_MEMATTR_OIWB;
+}
+
 static arm_lpae_iopte arm_lpae_prot_to_pte(struct arm_lpae_io_pgtable *D, int P)
 { ... }

@p_quirks@
symbol cfg;
@@
 arm_64_lpae_alloc_pgtable_s2(...)
 {
 	...
-	if (cfg->quirks)
+	if (cfg->quirks & ~IO_PGTABLE_QUIRK_ARM_S2FWB)
 		return NULL;
 	...
 }

@p_contig@
@@
+#include "io-pgtable-arm-contig.c"
+
 static struct io_pgtable *
 arm_64_lpae_alloc_pgtable_s1(...)
 { ... }
