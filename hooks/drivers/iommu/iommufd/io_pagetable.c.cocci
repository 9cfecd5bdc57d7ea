// SPDX-License-Identifier: GPL-2.0
//
// Areas under a HW queue cannot be unmapped. As with num_accesses, writers hold
// the iova_rwsem for reading. The pages of a file have no address, but an offset in
// the file. struct iopt_pages_list moves to file_pages.h.
// LINES: +13 -8

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

@p_list@
@@
-struct iopt_pages_list { ... };

@p_may_read@
symbol iommu_prot, pages;
@@
 iopt_insert_area(...)
 {
 	<+...
 	if ((iommu_prot & IOMMU_WRITE) && !pages->writable)
 		return -EPERM;
+	if ((iommu_prot & IOMMU_READ) && !iopt_pages_may_read(pages))
+		return -EPERM;
 	...+>
 }

@p_address@
symbol elm;
typedef uintptr_t;
@@
-	(uintptr_t)elm->pages->uptr
+	iopt_pages_address(elm->pages)

// Requests on very many areas reschedule: unmap, adding and removing domains

// EDITS: 4
@p_areas_resched@
identifier f = {iopt_fill_domain, iopt_unfill_domain};
symbol area, iopt;
@@
 f(...)
 {
 	<...
 	for (area = iopt_area_iter_first(iopt, 0, ULONG_MAX); area;
 	     area = iopt_area_iter_next(area, 0, ULONG_MAX)) {
 		struct iopt_pages *pages = area->pages;
+
+		cond_resched();
 		...
 	}
 	...>
 }

@p_unmap_resched@
symbol area, pages;
@@
 iopt_unmap_iova_range(...)
 {
 	<+...
 	iopt_abort_area(area);
 	iopt_put_pages(pages);
+	cond_resched();
 	...+>
 }
