// SPDX-License-Identifier: GPL-2.0
//
// Members of the SMMUv3 driver's structures for nesting parents, nested domains and
// implementations with vIOMMUs.
// LINES: +16 -0

@p_impl_ops@
@@
 struct arm_smmu_impl_ops {
 	...
 	int (*init_structures)(struct arm_smmu_device *smmu);
+	const struct arm_smmu_viommu_impl *viommu;
 	...
 };

@p_device@
@@
 struct arm_smmu_device {
 	...
 	struct mutex streams_mutex;
+	/* Event records of user space's devices, see arm-smmu-v3-vsmmu-event.c */
+	unsigned long user_events_since;
+	unsigned int num_user_events;
+	/* Saved policy of the event thread while it is an ordinary one */
+	unsigned int evtq_sched_policy;
+	unsigned int evtq_sched_priority;
 	...
 };

@p_domain@
typedef spinlock_t;
@@
 struct arm_smmu_domain {
 	...
 	spinlock_t devices_lock;
+	/* All masters must have CANWBS */
+	bool enforce_cache_coherency;
+	/* Nesting parent */
+	bool nest_parent;
 	...
 };

@p_master_domain@
typedef ioasid_t;
@@
 struct arm_smmu_master_domain {
 	...
 	ioasid_t ssid;
+	/* The attached domain; a nested one is on the list of its parent */
+	struct iommu_domain *domain;
 	...
 };

@p_master@
@@
 struct arm_smmu_master {
 	...
 	unsigned int num_streams;
+	/* Without PASID; may differ from the group's while an attach is undone */
+	struct iommu_domain *attached;
 	...
 };

@p_include@
symbol arm_smmu_asid_lock;
@@
 extern struct mutex arm_smmu_asid_lock;
+
+#include "arm-smmu-v3-viommu.h"
