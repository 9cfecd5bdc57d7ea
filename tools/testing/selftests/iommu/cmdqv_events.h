/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vEVENTQs of a virtual machine.
 */
#ifndef _CMDQV_EVENTS_H
#define _CMDQV_EVENTS_H

#include <endian.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include "cmdqv_vm.h"
#include "irq_thread.h"
#include "wait_for.h"

/**
 * struct veventq - A vEVENTQ
 * @id: The object
 * @fd: Its file
 */
struct veventq {
	__u32 id;
	int fd;
};

static inline int veventq_open(struct cmdqv_vm *vm, __u32 type, __u32 depth,
			       struct veventq *q)
{
	q->id = 0;
	q->fd = -1;
	return iommufd_veventq_alloc(vm->iommufd, vm->viommu, type, depth,
				     &q->id, &q->fd);
}

static inline int veventq_close(struct cmdqv_vm *vm, struct veventq *q)
{
	if (!q->id)
		return 0;
	close(q->fd);
	return vm_destroy(vm, &q->id);
}

/* True if an entry comes before the timeout */
static inline int veventq_readable(const struct veventq *q, int ms)
{
	struct pollfd p = { .fd = q->fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1 && (p.revents & POLLIN);
}

/* True if all interrupts of @irq are handled, and the queue is empty */
static inline bool veventq_quiet(const struct veventq *q, const char *irq)
{
	return irq_handled(irq) && !veventq_readable(q, 0);
}

/* Limits of the log count in the kernel's time */
static inline unsigned long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

#endif
