// SPDX-License-Identifier: GPL-2.0
/*
 * SMMUv3 vIOMMU: events of a guest's devices (vEVENTQ).
 *
 * What a device of a guest does wrong is for the guest to hear: the event record goes
 * to the vEVENTQ of the vIOMMU under the virtual StreamID. Only what stage 1 or the
 * guest's own tables can cause is passed on; what stage 2 refuses is between the VMM
 * and the host.
 *
 * The handler finds the device by its StreamID with streams_mutex held. Under the same
 * mutex master->attached changes, after the stream table entry has; so the nested
 * domain that is found there is alive, and with it the vIOMMU. The virtual StreamID is
 * looked up each time: a vDEVICE may come and go while its device is attached.
 *
 * A guest can make its devices fault without end. The queue of a vEVENTQ is limited,
 * and nothing is logged for an event that found its way into it. The thread that reads
 * the event queue is a real-time thread, which cond_resched() does not stop in favour of
 * ordinary ones: it sleeps for a moment after a number of events of guests. That leaves
 * it a small part of a processor's time, and lets it go through a full event queue
 * within seconds, because events of others may be in there.
 */
#include <linux/delay.h>

#include "arm-smmu-v3.h"

/* Tens of microseconds of work, and ten times as much for everybody else */
#define GUEST_EVENTS_BEFORE_PAUSE	64
#define GUEST_EVENTS_PAUSE_US		1000

/* See spec/uapi.md 5.4: the kind of the event, and who caused it */
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
	ret = iommufd_viommu_get_virt_id(&vsmmu->core, master->dev, &vsid);
	if (ret)
		return ret;

	for (i = 0; i < EVTQ_ENT_DWORDS; i++)
		event.evt[i] = cpu_to_le64(evt[i]);
	le64p_replace_bits(&event.evt[0], vsid, EVTQ_0_SID);
	return iommufd_viommu_report_event(&vsmmu->core,
					   IOMMU_VEVENTQ_TYPE_ARM_SMMUV3,
					   &event, sizeof(event));
}

/**
 * arm_vsmmu_forward_event() - Hand an event to the guest that it belongs to
 * @smmu: The SMMU
 * @evt: The event record, in CPU byte order
 * @ret: What the handler of page faults said about it
 *
 * Return: 0 if the event was taken, be it that its queue is full. Otherwise an error,
 * upon which the caller logs the event: @ret if that is not -EOPNOTSUPP; -EOPNOTSUPP if
 * it is not for a guest, or the guest has no vEVENTQ; -ENOENT if its device has no
 * vDEVICE.
 */
int arm_vsmmu_forward_event(struct arm_smmu_device *smmu, const u64 *evt,
			    int ret)
{
	struct arm_smmu_master *master;
	bool pause;

	if (ret != -EOPNOTSUPP || !arm_vsmmu_event_is_guests(evt))
		return ret;

	mutex_lock(&smmu->streams_mutex);
	master = arm_smmu_find_master(smmu, FIELD_GET(EVTQ_0_SID, evt[0]));
	if (master)
		ret = arm_vsmmu_report_event(master, evt);
	pause = !(++smmu->num_guest_events % GUEST_EVENTS_BEFORE_PAUSE);
	mutex_unlock(&smmu->streams_mutex);

	/* The caller goes on as long as there are events */
	if (pause)
		usleep_range(GUEST_EVENTS_PAUSE_US, 2 * GUEST_EVENTS_PAUSE_US);
	return ret;
}
