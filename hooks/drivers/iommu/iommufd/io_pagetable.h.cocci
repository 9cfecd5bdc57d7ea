// SPDX-License-Identifier: GPL-2.0
//
// Areas under a HW queue cannot be unmapped; the pages of a file.
// LINES: +5 -0

@p_include@
@@
 #include "iommufd_private.h"
+#include "file_pages.h"

@p_area@
@@
 struct iopt_area {
 	...
 	unsigned int num_accesses;
+	/* Accesses that cannot unpin; protected by the pages::mutex */
+	unsigned int num_locks;
 	...
 };

@p_pages@
@@
 struct iopt_pages {
 	...
 	u8 account_mode;
+	/* The file behind the pages, or none, see file_pages.c */
+	struct iopt_file file;
 	...
 };
