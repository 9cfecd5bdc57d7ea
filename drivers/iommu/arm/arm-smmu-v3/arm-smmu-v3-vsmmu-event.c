// SPDX-License-Identifier: GPL-2.0
/*
 * SMMUv3 vIOMMU: events of a guest's devices (vEVENTQ).
 *
 * Faults of stage 1 and of the guest's tables go to the guest: the event record goes to
 * the vEVENTQ of the vIOMMU with the virtual StreamID. The host logs faults of stage 2.
 *
 * The handler finds the device by its StreamID with streams_mutex held. master->attached
 * changes under the same mutex, after the stream table entry; so the nested domain in it
 * is alive, and with it the vIOMMU. The virtual StreamID is looked up for each event,
 * because a vDEVICE may come and go while its device is attached.
 *
 * A guest can make its devices fault without end. A vEVENTQ has a limited depth, and the
 * host does not log an event that it takes. The thread that reads the event queue is a
 * real-time thread, and runs until the queue is empty. So it may be rescheduled at each
 * record, and it is an ordinary thread while devices of user space send more than
 * ARM_VSMMU_EVENTS_A_SECOND records. It does not sleep: records of other devices would
 * wait behind the guest, and so would the other sources of a combined interrupt.
 */
#include <kunit/static_stub.h>
#include <kunit/visibility.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <uapi/linux/sched/types.h>

#include "arm-smmu-v3.h"

/*
 * See Documentation/userspace-api/viommu/smmuv3.rst, section 5.4: the kind and the cause
 * of the event
 */
static bool arm_vsmmu_event_is_guests(const u64 *evt)
{
	switch (FIELD_GET(EVTQ_0_ID, evt[0])) {
	case EVT_ID_BAD_STE:
	case EVT_ID_STREAM_DISABLED:
	case EVT_ID_BAD_SUBSTREAMID:
	case EVT_ID_BAD_CD:
		return true;
	case EVT_ID_TRANSLATION_FAULT:
	case EVT_ID_ADDR_SIZE_FAULT:
	case EVT_ID_ACCESS_FAULT:
	case EVT_ID_PERMISSION_FAULT:
		return !(evt[1] & (EVTQ_1_STALL | EVTQ_1_S2));
	default:
		return false;
	}
}

static int arm_vsmmu_report_event(struct arm_smmu_master *master,
				  const u64 *evt)
{
	struct arm_vsmmu *vsmmu = arm_smmu_nested_vsmmu(master->attached);
	struct iommu_vevent_arm_smmuv3 event;
	unsigned long vsid;
	unsigned int i;
	int ret;

	static_assert(ARRAY_SIZE(event.evt) == EVTQ_ENT_DWORDS);

	lockdep_assert_held(&master->smmu->streams_mutex);

	if (!vsmmu)
		return -EOPNOTSUPP;
	ret = iommufd_viommu_get_vdev_id(&vsmmu->core, master->dev, &vsid);
	if (ret)
		return ret;

	for (i = 0; i < EVTQ_ENT_DWORDS; i++)
		event.evt[i] = cpu_to_le64(evt[i]);
	le64p_replace_bits(&event.evt[0], vsid, EVTQ_0_SID);
	ret = iommufd_viommu_report_event(&vsmmu->core,
					  IOMMU_VEVENTQ_TYPE_ARM_SMMUV3, &event,
					  sizeof(event));
	/* The reader sees the loss in the sequence, so do not log */
	return ret == -EOVERFLOW ? 0 : ret;
}

/* A device whose DMA user space controls, with a vIOMMU or without */
static bool arm_vsmmu_is_user_device(const struct arm_smmu_master *master)
{
	const struct iommu_domain *domain = master->attached;

	return domain && (domain->type == IOMMU_DOMAIN_NESTED ||
			  domain->type == IOMMU_DOMAIN_UNMANAGED);
}

static void arm_vsmmu_flood_begins(struct arm_smmu_device *smmu)
{
	if (current->policy != SCHED_FIFO && current->policy != SCHED_RR)
		return;
	smmu->evtq_sched_policy = current->policy;
	smmu->evtq_sched_priority = current->rt_priority;
	sched_set_normal(current, 0);
}

static void arm_vsmmu_flood_ends(struct arm_smmu_device *smmu)
{
	const struct sched_attr attr = {
		.size = sizeof(attr),
		.sched_policy = smmu->evtq_sched_policy,
		.sched_priority = smmu->evtq_sched_priority,
	};

	if (!smmu->evtq_sched_policy)
		return;
	smmu->evtq_sched_policy = SCHED_NORMAL;
	/* Unless the administrator has changed the policy */
	if (current->policy == SCHED_NORMAL)
		WARN_ON_ONCE(sched_setattr_nocheck(current, &attr));
}

/* Only the one thread that reads the event queue uses this state */
static void arm_vsmmu_account_event(struct arm_smmu_device *smmu,
				    bool user_device)
{
	if (jiffies - smmu->user_events_since >= HZ) {
		smmu->user_events_since = jiffies;
		smmu->num_user_events = 0;
		arm_vsmmu_flood_ends(smmu);
	}
	if (user_device && smmu->num_user_events++ == ARM_VSMMU_EVENTS_A_SECOND)
		arm_vsmmu_flood_begins(smmu);
}

VISIBLE_IF_KUNIT void arm_vsmmu_event_resched(void)
{
	KUNIT_STATIC_STUB_REDIRECT(arm_vsmmu_event_resched);
	cond_resched();
}
EXPORT_SYMBOL_IF_KUNIT(arm_vsmmu_event_resched);

/**
 * arm_vsmmu_forward_event() - Report an event to the vIOMMU of its device
 * @smmu: The SMMU
 * @evt: The event record, in CPU byte order
 * @ret: Result of the handler of page faults
 *
 * Return: 0 if queued, or lost because the vEVENTQ is full. On an error the caller logs
 *         the event: @ret if that is not -EOPNOTSUPP; -EOPNOTSUPP if it is not an event
 *         of a guest, or the guest has no vEVENTQ; -ENOENT if its device has no vDEVICE.
 */
int arm_vsmmu_forward_event(struct arm_smmu_device *smmu, const u64 *evt,
			    int ret)
{
	struct arm_smmu_master *master;
	bool user_device = false;

	arm_vsmmu_event_resched();

	mutex_lock(&smmu->streams_mutex);
	master = arm_smmu_find_master(smmu, FIELD_GET(EVTQ_0_SID, evt[0]));
	if (master) {
		user_device = arm_vsmmu_is_user_device(master);
		if (ret == -EOPNOTSUPP && arm_vsmmu_event_is_guests(evt))
			ret = arm_vsmmu_report_event(master, evt);
	}
	mutex_unlock(&smmu->streams_mutex);

	arm_vsmmu_account_event(smmu, user_device);
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(arm_vsmmu_forward_event);
