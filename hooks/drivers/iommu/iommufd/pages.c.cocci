// SPDX-License-Identifier: GPL-2.0
//
// Pages of a file beside those of a process; the code is in file_pages.c. struct pfn_batch moves to
// file_pages.h.
// LINES: +24 -16

@p_batch@
@@
-struct pfn_batch { ... };

@p_reader@
@@
 struct pfn_reader_user {
 	...
 	int locked;
+	struct iopt_file_reader file;
 };

@p_reader_init@
symbol user;
@@
 pfn_reader_user_init(...)
 {
 	...
 	user->locked = -1;
+	iopt_file_reader_init(&user->file);
 	...
 }

@p_reader_destroy@
symbol user;
@@
 pfn_reader_user_destroy(...)
 {
 	...
 	kfree(user->upages);
+	iopt_file_reader_destroy(&user->file);
 	...
 }

@p_account@
symbol rc, pages, npages, inc, user;
@@
-	rc = update_mm_locked_vm(pages, npages, inc, user);
+	if (pages->file.is_source)
+		rc = iopt_file_update_locked_vm(pages, npages, inc);
+	else
+		rc = update_mm_locked_vm(pages, npages, inc, user);

@p_fill_span@
symbol start_index, pfns, span;
statement S;
@@
 pfn_reader_fill_span(...)
 {
 	<+...
+	if (pfns->pages->file.is_source)
+		return iopt_file_fill_batch(&pfns->user.file, pfns->pages,
+					    &pfns->batch, start_index,
+					    span->last_hole);
 	if (start_index >= pfns->user.upages_end) S
 	...+>
 }

@p_release@
symbol pages;
@@
 iopt_release_pages(...)
 {
 	...
+	iopt_file_release(pages);
 	mmdrop(pages->source_mm);
 	...
 }

@p_fill_pages@
symbol cur_index, start_index, last_index, pages, user, out_pages;
@@
 iopt_pages_fill_from_mm(...)
 {
 	...
+	if (pages->file.is_source)
+		return iopt_file_fill_pages(&user->file, pages, start_index,
+					    last_index, out_pages);
 	while (cur_index != last_index + 1) { ... }
 	...
 }

@p_rw_remote@
symbol change_mm, pages;
typedef bool;
@@
-	bool change_mm = current->mm != pages->source_mm;
+	bool change_mm = !pages->file.is_source && current->mm != pages->source_mm;

@p_may_read@
symbol flags, pages;
expression E;
@@
 iopt_area_add_access(...)
 {
 	<+...
 	if (E && !pages->writable)
 		return -EPERM;
+	if (!(flags & IOMMUFD_ACCESS_RW_WRITE) && !iopt_pages_may_read(pages))
+		return -EPERM;
 	...+>
 }

// After the check of write permission
@p_rw@
symbol flags, change_mm, pages, start_index, last_index, start_byte, data, length;
expression E;
@@
 iopt_pages_rw_access(...)
 {
 	<+...
 	if (E && !pages->writable)
 		return -EPERM;
+	if (!(flags & IOMMUFD_ACCESS_RW_WRITE) && !iopt_pages_may_read(pages))
+		return -EPERM;
+	if (pages->file.is_source)
+		return iopt_pages_rw_slow(pages, start_index, last_index,
+					  start_byte % PAGE_SIZE, data, length,
+					  flags);
 	...+>
 }
