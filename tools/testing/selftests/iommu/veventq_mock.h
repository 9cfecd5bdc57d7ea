/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Additions to viommu_mock.h for the selftests of the vEVENTQ: a device that
 * reports events, and a queue for them.
 */
#ifndef _VEVENTQ_MOCK_H
#define _VEVENTQ_MOCK_H

#include <poll.h>
#include <stddef.h>

#include "viommu_mock.h"

#define MOCK_VIRT_ID	0x99
#define MOCK_LOST	IOMMU_VEVENTQ_FLAG_LOST_EVENTS
#define MAX_DEPTH	(1U << 19)

/* One event of read() */
struct mock_vevent {
	struct iommufd_vevent_header header;
	struct iommu_viommu_event_selftest event;
};

_Static_assert(sizeof(struct mock_vevent) == 12, "header and payload");

static inline int mock_trigger(int fd, __u32 dev)
{
	struct iommu_test_cmd cmd = {
		.size = sizeof(cmd),
		.op = IOMMU_TEST_OP_TRIGGER_VEVENT,
		.trigger_vevent.dev_id = dev,
	};

	return iommufd_ioctl(fd, IOMMU_TEST_CMD, &cmd);
}

/* Attach the device of vm so that it reports events to the vIOMMU */
static inline int mock_vm_nest(struct mock_vm *vm, __u32 *vdevice,
			       __u32 *nested)
{
	int rc;

	rc = iommufd_vdevice_alloc(vm->fd, vm->viommu, vm->dev, MOCK_VIRT_ID, vdevice);
	if (!rc)
		rc = mock_nested(vm->fd, vm->dev, vm->viommu, nested);
	if (!rc)
		rc = mock_attach(vm->fd, vm->stdev, *nested);
	return rc;
}

static inline ssize_t mock_read(int events, void *buf, size_t count)
{
	ssize_t n = read(events, buf, count);

	return n < 0 ? -errno : n;
}

/* Result of poll() without a wait */
static inline int mock_poll(int events)
{
	struct pollfd p = {
		.fd = events,
		.events = POLLIN | POLLOUT | POLLPRI | POLLRDNORM | POLLWRNORM,
	};

	return poll(&p, 1, 0) < 0 ? -errno : p.revents;
}

#endif
