/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vEVENTQ, shared by its two sides: the reader in veventq.c, and the producer in
 * veventq_driver.c, which is built in if drivers are.
 */
#ifndef __IOMMUFD_VEVENTQ_H
#define __IOMMUFD_VEVENTQ_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "viommu.h"

struct mem_cgroup;

#define IOMMUFD_VEVENTQ_MAX_DEPTH 0x80000U
#define IOMMUFD_VEVENTQ_MAX_SEQUENCE 0x7fffffffU

/**
 * struct iommufd_vevent - One event in a queue
 * @node: Entry of &iommufd_veventq.events
 * @data_len: Bytes of @data
 * @header: Copied to user space before @data
 * @data: Payload of the type of the vEVENTQ
 */
struct iommufd_vevent {
	struct list_head node;
	size_t data_len;
	struct iommufd_vevent_header header;
	u8 data[] __counted_by(data_len);
};

/**
 * struct iommufd_veventq - Queue of the events of one type of a vIOMMU
 * @obj: Reference counts and ID
 * @viommu: vIOMMU whose events are queued, referenced
 * @memcg: Memory cgroup of the creator, charged for queued events
 * @type: Selects the events that are queued here
 * @depth: Events that may be queued, 1 to IOMMUFD_VEVENTQ_MAX_DEPTH
 * @read_lock: Held by the one reader; keeps the event that is being copied
 * @wait: Readers and pollers that an event wakes up
 * @lock: Protects the members below
 * @events: The queued events, oldest first
 * @num_events: Length of @events, at most @depth
 * @sequence: Sequence number of the next event
 * @lost_events: The event before @sequence was lost. This is the marker: an entry
 *               after all of @events that needs no memory.
 */
struct iommufd_veventq {
	struct iommufd_object obj;
	struct iommufd_viommu *viommu;
	struct mem_cgroup *memcg;
	enum iommu_veventq_type type;
	u32 depth;
	struct mutex read_lock; /* one reader at a time */
	wait_queue_head_t wait;
	spinlock_t lock; /* protects the members below */
	struct list_head events;
	u32 num_events;
	u32 sequence;
	bool lost_events;
};

void iommufd_veventq_init(struct iommufd_veventq *veventq, u32 depth);
void iommufd_veventq_purge(struct iommufd_veventq *veventq);
bool iommufd_veventq_peek(struct iommufd_veventq *veventq,
			  struct iommufd_vevent_header *header,
			  struct iommufd_vevent **vevent);
void iommufd_veventq_pop(struct iommufd_veventq *veventq,
			 const struct iommufd_vevent_header *header,
			 struct iommufd_vevent *vevent);

#endif
