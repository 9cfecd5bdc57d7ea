// SPDX-License-Identifier: GPL-2.0
/*
 * vEVENTQ, the producer's side: what an IOMMU driver calls to hand an event to
 * user space. See veventq.c for the queue as a whole.
 *
 * Built in whenever a driver asks for it, since a driver may be built in while
 * iommufd is a module. Nothing here calls into that module.
 */
#include <kunit/static_stub.h>
#include <linux/export.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "veventq.h"

/* The creator of the queue pays, no matter which thread reports the event */
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
	/* A marker from before is obsolete: the gap in the sequence tells as much */
	veventq->lost_events = !vevent;
	veventq->sequence = (veventq->sequence + 1) &
			    IOMMUFD_VEVENTQ_MAX_SEQUENCE;
	spin_unlock(&veventq->lock);

	wake_up_interruptible(&veventq->wait);
	return vevent ? 0 : -EOVERFLOW;
}

/**
 * iommufd_viommu_report_event() - Report an event to user space
 * @viommu: The vIOMMU that the event is about
 * @type: Type of the event
 * @event_data: What user space shall read
 * @data_len: Length of @event_data in bytes; the same for all events of a type
 *
 * May be called from process context and from a threaded interrupt handler, with
 * locks held: it does not sleep. An event for which there is no room or no memory
 * is lost, and user space is told so.
 * Documentation/userspace-api/viommu/objects.rst, section 8.3.
 *
 * The caller makes sure that the vIOMMU is not destroyed meanwhile.
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

	/* The lock keeps the queue: its destruction begins with leaving the table */
	xa_lock(&viommu->veventqs);
	veventq = xa_load(&viommu->veventqs, type);
	if (veventq)
		rc = iommufd_veventq_push(veventq, event_data, data_len);
	xa_unlock(&viommu->veventqs);
	return rc;
}
EXPORT_SYMBOL_NS_GPL(iommufd_viommu_report_event, IOMMUFD);
