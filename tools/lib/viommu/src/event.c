// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * Event queues. The iterator reads many entries with one read() and hands them
 * out one by one. The numbers in the headers tell what was lost: the expected
 * number is kept, and the distance to the one that comes is the loss. A marker
 * of the kernel says that events up to its number were lost; it counts like an
 * event that is itself lost.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib.h"

#define SEQUENCE_MASK 0x7fffffffu
/* Longer events do not exist, and would let the size of the buffer overflow */
#define MAX_LEN 4096u

#define SAME(a, b) _Static_assert((a) == (b), #a " is not the kernel's")

SAME(VIOMMU_VEVENTQ_ARM_SMMUV3, 0u + IOMMU_VEVENTQ_TYPE_ARM_SMMUV3);
SAME(VIOMMU_VEVENTQ_TEGRA241_CMDQV, 0u + IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV);
SAME(VIOMMU_EVENT_LEN_ARM_SMMUV3, sizeof(struct iommu_vevent_arm_smmuv3));
SAME(VIOMMU_EVENT_LEN_TEGRA241_CMDQV, sizeof(struct iommu_vevent_tegra241_cmdqv));

struct viommu_events {
	int fd;
	uint32_t len;
	uint32_t expected;
	uint64_t lost;
	size_t size;
	/* Bytes of the buffer that are filled, and those of them that were handed out */
	size_t fill;
	size_t pos;
	/* Entries are multiples of 4 bytes; the payload may be less aligned than it looks */
	uint64_t buffer[];
};

int viommu_veventq_alloc(struct viommu_ctx *ctx, uint32_t viommu,
			 uint32_t type, uint32_t depth, uint32_t *veventq,
			 int *fd)
{
	struct iommu_veventq_alloc cmd = {
		.size = sizeof(cmd),
		.viommu_id = viommu,
		.type = type,
		.veventq_depth = depth,
	};
	int rc = vi_ioctl(ctx, ctx->fd, IOMMU_VEVENTQ_ALLOC, &cmd);

	if (!rc) {
		rc = vi_nonblocking((int)cmd.out_veventq_fd);
		if (rc) {
			close((int)cmd.out_veventq_fd);
			viommu_destroy(ctx, cmd.out_veventq_id);
		}
	}
	if (!rc) {
		*veventq = cmd.out_veventq_id;
		*fd = (int)cmd.out_veventq_fd;
	}
	vi_trace(veventq_alloc, ctx->fd, viommu, type, depth, cmd.out_veventq_id,
		 cmd.out_veventq_fd, rc);
	return rc;
}

int viommu_events_new(int fd, uint32_t len, uint32_t num, uint32_t sequence,
		      struct viommu_events **events)
{
	struct viommu_events *new = NULL;
	size_t entry = sizeof(struct iommufd_vevent_header) + len;
	int rc = 0;

	if (!len || len % 4 || len > MAX_LEN || !num ||
	    num > VIOMMU_VEVENTQ_DEPTH_MAX || sequence > SEQUENCE_MASK)
		rc = -EINVAL;
	if (!rc) {
		new = calloc(1, sizeof(*new) + num * entry);
		if (!new)
			rc = -ENOMEM;
	}
	if (!rc) {
		new->fd = fd;
		new->len = len;
		new->expected = sequence;
		new->size = num * entry;
		*events = new;
	}
	vi_trace(events_new, fd, len, num, sequence, rc);
	return rc;
}

static int events_read(struct viommu_events *events)
{
	ssize_t n = read(events->fd, events->buffer, events->size);

	events->pos = 0;
	events->fill = n > 0 ? (size_t)n : 0;
	if (n < 0)
		return -errno;
	return n ? 0 : -EAGAIN;
}

/* Drop what is left of a read that makes no sense */
static int events_bad(struct viommu_events *events)
{
	events->fill = 0;
	events->pos = 0;
	return -EBADMSG;
}

static int events_take(struct viommu_events *events, struct viommu_event *event)
{
	const char *p = (const char *)events->buffer + events->pos;
	size_t left = events->fill - events->pos;
	struct iommufd_vevent_header header;
	uint32_t lost;
	bool marker;

	if (left < sizeof(header))
		return events_bad(events);
	memcpy(&header, p, sizeof(header));
	/* Flags of a later kernel say no less about the entry */
	if (header.sequence > SEQUENCE_MASK)
		return events_bad(events);
	marker = header.flags & IOMMU_VEVENTQ_FLAG_LOST_EVENTS;
	lost = (header.sequence - events->expected + marker) & SEQUENCE_MASK;
	left -= sizeof(header);
	/* The marker of a loss that was told already */
	if (marker ? !lost : left < events->len)
		return events_bad(events);

	event->sequence = header.sequence;
	event->lost = lost;
	event->data = marker ? NULL : p + sizeof(header);
	event->len = marker ? 0 : events->len;
	events->expected = (header.sequence + 1) & SEQUENCE_MASK;
	events->lost += event->lost;
	events->pos += sizeof(header) + event->len;
	return 0;
}

int viommu_events_next(struct viommu_events *events, struct viommu_event *event)
{
	struct viommu_event next = { 0 };
	int rc = 0;

	if (!vi_gives(&event->size, END_OF(struct viommu_event, lost))) {
		vi_trace(events_next, events->fd, 0, 0, 0, -EINVAL);
		return -EINVAL;
	}
	if (events->pos == events->fill)
		rc = events_read(events);
	if (!rc)
		rc = events_take(events, &next);
	vi_give(&event->size, &next, sizeof(next));
	vi_trace(events_next, events->fd, next.sequence, next.len, next.lost, rc);
	return rc;
}

uint64_t viommu_events_lost(const struct viommu_events *events)
{
	return events->lost;
}

void viommu_events_free(struct viommu_events *events)
{
	vi_trace(events_free, events ? events->fd : -1);
	free(events);
}
