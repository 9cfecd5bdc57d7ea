// SPDX-License-Identifier: GPL-2.0
//
// IORT: the flag of a root complex whose accesses are always cached write-back.
// LINES: +1 -0

@p_canwbs@
@@
 #define ACPI_IORT_MF_ATTRIBUTES         (1<<1)
+#define ACPI_IORT_MF_CANWBS             (1<<2)
