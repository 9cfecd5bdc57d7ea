// SPDX-License-Identifier: GPL-2.0
/*
 * vEVENTQ, the producer's side: an IOMMU driver reports events to user space. See
 * veventq.c for the whole queue.
 *
 * Built in if a driver selects it, since a driver may be built in while iommufd is a
 * module. This file calls no function of that module.
 */
#include <kunit/static_stub.h>
#include <linux/export.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "veventq.h"

/* Charged to the creator of the queue, whichever thread reports the event */
static struct iommufd_vevent *iommufd_vevent_alloc(struct mem_cgroup *memcg,
						   size_t data_len)
{
	struct mem_cgroup *old_memcg = set_active_memcg(memcg);
	struct iommufd_vevent *vevent;

	vevent = kzalloc(struct_size(vevent, data, data_len),
			 GFP_NOWAIT | __GFP_ACCOUNT);
	set_active_memcg(old_memcg);
	return vevent;
}

static int iommufd_veventq_push(struct iommufd_veventq *veventq,
				const void *event_data, size_t data_len)
{
	struct iommufd_vevent *vevent = NULL;

	lockdep_assert_held(&veventq->viommu->veventqs.xa_lock);

	spin_lock(&veventq->lock);
	if (veventq->num_events < veventq->depth)
		vevent = iommufd_vevent_alloc(veventq->memcg, data_len);
	if (vevent) {
		vevent->data_len = data_len;
		vevent->header.sequence = veventq->sequence;
		memcpy(vevent->data, event_data, data_len);
		list_add_tail(&vevent->node, &veventq->events);
		veventq->num_events++;
	}
	/* A marker from before is obsolete: the gap in the sequence shows the loss */
	veventq->lost_events = !vevent;
	veventq->sequence = (veventq->sequence + 1) &
			    IOMMUFD_VEVENTQ_MAX_SEQUENCE;
	spin_unlock(&veventq->lock);

	wake_up_interruptible(&veventq->wait);
	return vevent ? 0 : -EOVERFLOW;
}

/**
 * iommufd_viommu_report_event() - Report an event to user space
 * @viommu: The vIOMMU of the event
 * @type: Type of the event
 * @event_data: Payload for user space
 * @data_len: Length of @event_data in bytes; the same for all events of a type
 *
 * May be called from process context and from a threaded interrupt handler, with
 * locks held: it does not sleep. Without room or memory the event is lost, which
 * user space sees in the sequence. Documentation/userspace-api/viommu/objects.rst,
 * section 8.3.
 *
 * The caller keeps the vIOMMU alive during the call.
 *
 * Return: 0; -EOVERFLOW if the event is lost; -EOPNOTSUPP if the vIOMMU has no queue
 * for events of @type
 */
int iommufd_viommu_report_event(struct iommufd_viommu *viommu,
				enum iommu_veventq_type type,
				const void *event_data, size_t data_len)
{
	struct iommufd_veventq *veventq;
	int rc = -EOPNOTSUPP;

	KUNIT_STATIC_STUB_REDIRECT(iommufd_viommu_report_event, viommu, type,
				   event_data, data_len);

	/* The lock keeps the queue alive: its destruction first removes it from the table */
	xa_lock(&viommu->veventqs);
	veventq = xa_load(&viommu->veventqs, type);
	if (veventq)
		rc = iommufd_veventq_push(veventq, event_data, data_len);
	xa_unlock(&viommu->veventqs);
	return rc;
}
EXPORT_SYMBOL_NS_GPL(iommufd_viommu_report_event, IOMMUFD);
