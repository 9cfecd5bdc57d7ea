// SPDX-License-Identifier: GPL-2.0
//
// The structures of the SMMUv3 driver learn about nesting parents, nested domains and
// implementations that make vIOMMUs.
// EDITS: p_impl_ops=1 p_device=1 p_domain=1 p_master_domain=1 p_master=1 p_include=1
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
+	/* Of the event thread, while it is an ordinary one */
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
+	/* No master without CANWBS may come */
+	bool enforce_cache_coherency;
+	/* Stage 2 below the stage 1 of guests */
+	bool nest_parent;
 	...
 };

@p_master_domain@
typedef ioasid_t;
@@
 struct arm_smmu_master_domain {
 	...
 	ioasid_t ssid;
+	/* What is attached; not the list's domain if that is a nesting parent */
+	struct iommu_domain *domain;
 	...
 };

@p_master@
@@
 struct arm_smmu_master {
 	...
 	unsigned int num_streams;
+	/* Without PASID; what the group has may differ while an attach is undone */
+	struct iommu_domain *attached;
 	...
 };

@p_include@
symbol arm_smmu_asid_lock;
@@
 extern struct mutex arm_smmu_asid_lock;
+
+#include "arm-smmu-v3-viommu.h"
