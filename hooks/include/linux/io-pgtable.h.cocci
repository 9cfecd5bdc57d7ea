// SPDX-License-Identifier: GPL-2.0
//
// A quirk for stage-2 page tables in the format of STE.S2FWB = 1. It is defined before the
// others, as a rule cannot match a define inside a structure.
// LINES: +5 -0

@p_quirk@
@@
 enum io_pgtable_fmt { ... };
+
+/*
+ * IO_PGTABLE_QUIRK_ARM_S2FWB: (ARM 64-bit LPAE format, stage 2) Use the memory
+ *	attributes of stage 2 that force write-back, which stage 1 cannot override.
+ */
+#define IO_PGTABLE_QUIRK_ARM_S2FWB		BIT(8)
