// SPDX-License-Identifier: GPL-2.0
//
// Connects vIOMMUs to the mock driver; the code is in selftest_viommu.c.
// LINES: +22 -4

@p_file@
symbol mock_iommu_iopf_queue;
@@
 struct iopf_queue *mock_iommu_iopf_queue;
+#include "selftest_viommu.c"

@p_pasid@
symbol mock_iommu_device;
@@
 struct iommu_device mock_iommu_device = {
+	.max_pasids = 1U << MOCK_PASID_WIDTH,
 };

@p_nested@
@@
 struct mock_iommu_domain_nested {
 	...
 	struct mock_iommu_domain *parent;
+	struct iommufd_viommu *viommu;
 	...
 };

@p_dev@
@@
 struct mock_dev {
 	...
 	unsigned long flags;
+	u32 cache[MOCK_DEV_CACHE_NUM];
+	/* protects viommu, nested and virt_id, those of the attached domain */
+	struct rw_semaphore viommu_rwsem;
+	struct iommufd_viommu *viommu;
+	struct iommu_domain *nested;
+	unsigned long virt_id;
+	struct fwnode_handle fwnode;
 	...
 };
+
+static int mock_dev_attach_viommu(struct mock_dev *mdev,
+				  struct iommu_domain *domain);
+static bool mock_xa_used(struct xarray *xa);

// A store that finds no memory leaves empty nodes

@p_domain_free@
symbol mock;
@@
 mock_domain_free(...)
 {
 	...
-	WARN_ON(!xa_empty(&mock->pfns));
+	WARN_ON(mock_xa_used(&mock->pfns));
+	xa_destroy(&mock->pfns);
 	...
 }

@p_nop_attach@
symbol mdev, domain;
@@
 mock_domain_nop_attach(...)
 {
 	<+...
-	return 0;
+	return mock_dev_attach_viommu(mdev, domain);
 	...+>
 }

@p_nested_type@
symbol mock_nested, user_cfg;
@@
 __mock_domain_alloc_nested(...)
 {
 	...
+	if (user_cfg->pagetable_type)
+		return ERR_PTR(-EOPNOTSUPP);
 	mock_nested = kzalloc(...);
 	...
 }

@p_ops@
symbol mock_ops, mock_dev_disable_feat;
@@
 struct iommu_ops mock_ops = {
 	...,
 	.dev_disable_feat = mock_dev_disable_feat,
+	.viommu_ops = &mock_viommu_ops,
 	...
 };

@p_flags@
@@
 mock_dev_create(...)
 {
 	<+...
-	MOCK_FLAGS_DEVICE_NO_DIRTY | MOCK_FLAGS_DEVICE_HUGE_IOVA
+	MOCK_FLAGS_DEVICE_NO_DIRTY | MOCK_FLAGS_DEVICE_HUGE_IOVA | MOCK_FLAGS_DEVICE_PASID
 	...+>
 }

@p_create@
symbol mdev, rc, err_put;
@@
 mock_dev_create(...)
 {
 	<+...
 	rc = dev_set_name(...);
 	if (rc)
 		goto err_put;
+
+	mock_dev_init_viommu(mdev);
 	...+>
 }

@p_op@
symbol ucmd, cmd;
@@
 iommufd_test(...)
 {
 	<+...
-	return -EOPNOTSUPP;
+	return iommufd_test_viommu(ucmd, cmd);
 	...+>
 }
