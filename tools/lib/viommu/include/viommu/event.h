/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * vEVENTQ: events of a vIOMMU for its VMM, and an iterator over them that
 * tells what was lost.
 */
#ifndef VIOMMU_EVENT_H
#define VIOMMU_EVENT_H

#include <viommu/context.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Types of event queue; the kernel's IOMMU_VEVENTQ_TYPE_* */
#define VIOMMU_VEVENTQ_ARM_SMMUV3 1u
#define VIOMMU_VEVENTQ_TEGRA241_CMDQV 2u

/* Length in bytes of the events of these types */
#define VIOMMU_EVENT_LEN_ARM_SMMUV3 32u
#define VIOMMU_EVENT_LEN_TEGRA241_CMDQV 16u

/* Greatest depth of an event queue */
#define VIOMMU_VEVENTQ_DEPTH_MAX (1u << 19)

/**
 * struct viommu_event - An event, or the news that events were lost
 * @size: sizeof(struct viommu_event)
 * @len: Length of the event in bytes, 0 without event
 * @data: The event, little endian, or NULL if there is only a loss to tell.
 *        Valid until the next call with the same iterator.
 * @sequence: Number of the event, or of the last one lost; 0 to 2^31 - 1
 * @lost: How many events were lost right before this one; without event, how
 *        many were lost at the end of the queue, always above 0
 */
struct viommu_event {
	uint32_t size;
	uint32_t len;
	const void *data;
	uint32_t sequence;
	uint32_t lost;
};

/* Iterator over the events of one queue. One thread at a time. */
struct viommu_events;

/**
 * viommu_veventq_alloc - Make an event queue
 * @ctx: Context
 * @viommu: vIOMMU whose events the queue gets
 * @type: VIOMMU_VEVENTQ_*
 * @depth: How many events fit in, 1 to VIOMMU_VEVENTQ_DEPTH_MAX
 * @veventq: ID of the new queue
 * @fd: Descriptor to poll and read, non-blocking and close-on-exec. The caller
 *      closes it, before it destroys the queue.
 *
 * Return: 0, -EEXIST if the vIOMMU has a queue of this type, -EINVAL for a
 * wrong depth, or another negative errno of
 * Documentation/userspace-api/viommu/checks.rst, section 4.3.
 */
int viommu_veventq_alloc(struct viommu_ctx *ctx, uint32_t viommu,
			 uint32_t type, uint32_t depth, uint32_t *veventq,
			 int *fd);

/**
 * viommu_events_new - Make an iterator
 * @fd: Descriptor of an event queue; stays the caller's, and must stay open
 * @len: Length of an event of the queue's type, a multiple of 4
 * @num: How many events to read at once, at least 1
 * @sequence: Number of the next event that the queue produces: 0 for a new
 *            queue
 * @events: The new iterator
 *
 * Return: 0, -EINVAL for a wrong length or number, -ENOMEM.
 */
int viommu_events_new(int fd, uint32_t len, uint32_t num, uint32_t sequence,
		      struct viommu_events **events);

/**
 * viommu_events_next - Take the next event
 * @events: Iterator
 * @event: The event; @event->data is NULL if there is none, see Return. Its size is
 *         set.
 *
 * Never waits. Reads only when all events of the last read were taken.
 *
 * Return: 0 with an event or a loss in @event; -EINVAL for a wrong size of @event,
 * with nothing taken; -EAGAIN if the queue is empty;
 * -EBADMSG if the kernel has returned what no queue of this event length can
 * hold, after which the rest of that read is dropped; or what read() reports.
 */
int viommu_events_next(struct viommu_events *events,
		       struct viommu_event *event);

/**
 * viommu_events_lost - Count what was lost
 * @events: Iterator
 *
 * Return: How many events were lost since viommu_events_new(), as far as
 * viommu_events_next() has told.
 */
uint64_t viommu_events_lost(const struct viommu_events *events);

/**
 * viommu_events_free - Free an iterator
 * @events: Iterator or NULL
 *
 * Events that were read but not taken are lost. The descriptor stays open.
 */
void viommu_events_free(struct viommu_events *events);

#ifdef __cplusplus
}
#endif

#endif
