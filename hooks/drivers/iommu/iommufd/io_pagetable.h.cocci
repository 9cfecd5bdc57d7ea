// SPDX-License-Identifier: GPL-2.0
//
// Areas under a HW queue cannot be unmapped.
// EDITS: p_area=1
// LINES: +2 -0

@p_area@
@@
 struct iopt_area {
 	...
 	unsigned int num_accesses;
+	/* Accesses that cannot let go; protected by the pages::mutex */
+	unsigned int num_locks;
 	...
 };
