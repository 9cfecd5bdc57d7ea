// SPDX-License-Identifier: GPL-2.0
//
// Members of the SMMUv3 driver's structures for nesting parents, nested domains and
// implementations with vIOMMUs.
// LINES: +40 -0

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
+	/* StreamIDs that may not have answered an ATC_INV, see arm-smmu-v3-ats.c */
+	raw_spinlock_t atc_lock;
+	unsigned long atc_timeouts;
+	unsigned int num_atc_suspects;
+	u32 atc_suspects[8];
+	/* The device that is asked now, the queue of the question, and the answer so far */
+	const struct arm_smmu_master *atc_asked;
+	const struct arm_smmu_cmdq *atc_asked_cmdq;
+	u8 atc_answer;
+	/* In Service Failure Mode */
+	bool failed;
+	/* Has said why there are no vIOMMUs */
+	bool said_no_viommu;
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
+	/* Made by iommufd */
+	bool of_user;
+	/* The atc_timeouts of the SMMU up to which no TLBI is missing */
+	unsigned long tlbi_timeouts;
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
+	/* While it is blocked its STE aborts, see arm-smmu-v3-ats.c */
+	struct arm_smmu_ste target_ste;
+	/* The atc_timeouts of the SMMU up to which no CFGI_STE is missing */
+	unsigned long ste_timeouts;
+	unsigned int num_resets;
+	bool atc_suspect;
+	u8 blocked;
 	...
 };

@p_include@
symbol arm_smmu_asid_lock;
@@
 extern struct mutex arm_smmu_asid_lock;
+
+#include "arm-smmu-v3-viommu.h"
