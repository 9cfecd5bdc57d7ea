/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A command or a read() that stalls in its copy, by a userfaultfd on the
 * destination page: user space can do that for any time.
 */
#ifndef _VIOMMU_STALL_H
#define _VIOMMU_STALL_H

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "wait_for.h"

/**
 * struct stall - A stalled call
 * @uffd: The userfaultfd
 * @page: Destination of the copy
 * @length: Bytes of @page
 * @mode: Kind of the fault: a missing page, or a protected one
 * @thread: The thread of the call
 * @fd: Descriptor of the call
 * @request: The command, 0 for a read()
 * @rc: Result of the call
 */
struct stall {
	int uffd;
	void *page;
	size_t length;
	__u64 mode;
	pthread_t thread;
	int fd;
	unsigned long request;
	int rc;
};

static inline void *stalled_call(void *arg)
{
	struct stall *s = arg;

	if (s->request)
		s->rc = ioctl(s->fd, s->request, s->page);
	else
		s->rc = read(s->fd, s->page, s->length);
	if (s->rc < 0)
		s->rc = -errno;
	return NULL;
}

static inline int stall_open(struct stall *s, __u64 mode)
{
	struct uffdio_api api = {
		.api = UFFD_API,
		.features = mode == UFFDIO_REGISTER_MODE_WP ?
			    UFFD_FEATURE_PAGEFAULT_FLAG_WP : 0,
	};
	struct uffdio_register reg = { .mode = mode };

	s->mode = mode;
	s->length = sysconf(_SC_PAGESIZE);
	s->uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
	if (s->uffd < 0)
		return -errno;
	s->page = mmap(NULL, s->length, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (s->page == MAP_FAILED)
		return -errno;
	reg.range.start = (uintptr_t)s->page;
	reg.range.len = s->length;
	if (ioctl(s->uffd, UFFDIO_API, &api))
		return -errno;
	return ioctl(s->uffd, UFFDIO_REGISTER, &reg) ? -errno : 0;
}

static inline int stall_protect(struct stall *s, int on)
{
	struct uffdio_writeprotect wp = {
		.range = { .start = (uintptr_t)s->page, .len = s->length },
		.mode = on ? UFFDIO_WRITEPROTECT_MODE_WP : 0,
	};

	return ioctl(s->uffd, UFFDIO_WRITEPROTECT, &wp) ? -errno : 0;
}

/* Start the call, and wait until it is stalled */
static inline int stall_start(struct stall *s)
{
	struct pollfd p = { .fd = s->uffd, .events = POLLIN };
	struct uffd_msg msg;
	int rc;

	rc = -pthread_create(&s->thread, NULL, stalled_call, s);
	if (rc)
		return rc;
	if (poll(&p, 1, WAIT_MS) != 1)
		return -ETIMEDOUT;
	if (read(s->uffd, &msg, sizeof(msg)) != sizeof(msg) ||
	    msg.event != UFFD_EVENT_PAGEFAULT)
		return -EPROTO;
	return 0;
}

/* A read() that stalls at its first byte */
static inline int stall_read(struct stall *s, int fd)
{
	int rc = stall_open(s, UFFDIO_REGISTER_MODE_MISSING);

	s->fd = fd;
	s->request = 0;
	return rc ? rc : stall_start(s);
}

/* A command that stalls at its response */
static inline int stall_ioctl(struct stall *s, int fd, unsigned long request,
			      const void *cmd, size_t size)
{
	int rc = stall_open(s, UFFDIO_REGISTER_MODE_WP);

	if (rc)
		return rc;
	s->fd = fd;
	s->request = request;
	memcpy(s->page, cmd, size);
	rc = stall_protect(s, 1);
	return rc ? rc : stall_start(s);
}

/* Continue the call; returns its result */
static inline int stall_end(struct stall *s)
{
	struct uffdio_zeropage zero = {
		.range = { .start = (uintptr_t)s->page, .len = s->length },
	};

	if (s->mode == UFFDIO_REGISTER_MODE_WP ?
	    stall_protect(s, 0) : ioctl(s->uffd, UFFDIO_ZEROPAGE, &zero))
		return -EIO;
	pthread_join(s->thread, NULL);
	close(s->uffd);
	return s->rc;
}

/* Unmap the destination during the call; returns the result of the call */
static inline int stall_fail(struct stall *s)
{
	if (munmap(s->page, s->length))
		return -EIO;
	close(s->uffd);
	pthread_join(s->thread, NULL);
	return s->rc;
}

#endif
