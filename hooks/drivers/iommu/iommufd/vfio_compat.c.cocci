// SPDX-License-Identifier: GPL-2.0
//
// No IOAS is made while IOMMU_IOAS_CHANGE_PROCESS holds the locks of all
// IOAS.
// LINES: +1 -0

@p_lock@
symbol ioas, ictx;
@@
 iommufd_vfio_compat_ioas_create(...)
 {
 	...
+	guard(mutex)(&ictx->ioas_creation_lock);
 	ioas = iommufd_ioas_alloc(ictx);
 	...
 }
