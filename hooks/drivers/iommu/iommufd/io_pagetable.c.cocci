// SPDX-License-Identifier: GPL-2.0
//
// Areas under a HW queue cannot be unmapped. As with num_accesses, writers hold
// the iova_rwsem for reading.
// EDITS: p_locked=1
// LINES: +4 -0

@p_locked@
symbol area, rc;
@@
 iopt_unmap_iova_range(...)
 {
 	<+...
 	if (!area->pages) {
 		...
 	}
+	if (area->num_locks) {
+		rc = -EBUSY;
+		goto out_unlock_iova;
+	}
 	...+>
 }
