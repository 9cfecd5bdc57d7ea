// SPDX-License-Identifier: GPL-2.0
/*
 * The tracer is a child of the traced process. It seizes its parent, then counts
 * the system call entries between two marks. A mark is a system call with a
 * unique argument; marks are not counted. The counts come back through shared
 * memory.
 *
 * Page faults are counted by the kernel for the process (getrusage), in a run
 * without a tracer: the fork that makes the tracer would cause copy-on-write
 * faults of its own.
 */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cmdqv_trace.h"

#define MARK_BEGIN	0x7e57b000L
#define MARK_END	0x7e57e000L

struct trace_shared {
	unsigned long syscalls;
	unsigned long ioctls;
	int rc;
};

/* One stop of the traced process. True at the end mark. */
static int count_stop(struct trace_shared *shared, pid_t pid, int *counting)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof(info),
		   &info) <= 0 || info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return 0;
	if (info.entry.nr == SYS_getpgid && info.entry.args[0] == MARK_BEGIN) {
		*counting = 1;
		return 0;
	}
	if (info.entry.nr == SYS_getpgid && info.entry.args[0] == MARK_END)
		return 1;
	if (*counting) {
		shared->syscalls++;
		if (info.entry.nr == SYS_ioctl)
			shared->ioctls++;
	}
	return 0;
}

static int trace_parent(struct trace_shared *shared, pid_t pid, int ready)
{
	int counting = 0, status, sig;

	if (ptrace(PTRACE_SEIZE, pid, NULL, (void *)PTRACE_O_TRACESYSGOOD) ||
	    ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) ||
	    waitpid(pid, &status, __WALL) != pid)
		return -errno;
	if (write(ready, "", 1) != 1)
		return -errno;
	for (sig = 0;; ) {
		if (ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(intptr_t)sig) ||
		    waitpid(pid, &status, __WALL) != pid)
			return -errno;
		if (!WIFSTOPPED(status))
			return -ESRCH;
		sig = WSTOPSIG(status);
		if (sig == (SIGTRAP | 0x80)) {
			sig = 0;
			if (count_stop(shared, pid, &counting))
				break;
		} else if (status >> 16) {
			sig = 0;	/* an event stop, not a signal */
		}
	}
	if (!counting)
		return -EPROTO;
	return ptrace(PTRACE_DETACH, pid, NULL, NULL) ? -errno : 0;
}

int trace_begin(struct trace *trace)
{
	pid_t pid = getpid();
	int ready[2], rc = 0;
	char byte;

	*trace = (struct trace){ 0 };
	trace->shared = mmap(NULL, sizeof(*trace->shared), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (trace->shared == MAP_FAILED)
		return -errno;
	if (pipe(ready)) {
		rc = -errno;
		goto out_unmap;
	}
	trace->tracer = fork();
	if (!trace->tracer) {
		close(ready[0]);
		trace->shared->rc = trace_parent(trace->shared, pid, ready[1]);
		_exit(0);
	}
	close(ready[1]);
	if (trace->tracer < 0)
		rc = -errno;
	else if (read(ready[0], &byte, 1) != 1)
		rc = -ESRCH;	/* the tracer has given up */
	close(ready[0]);
	if (!rc) {
		syscall(SYS_getpgid, MARK_BEGIN);
		return 0;
	}
	if (trace->tracer > 0)
		waitpid(trace->tracer, NULL, 0);
out_unmap:
	munmap(trace->shared, sizeof(*trace->shared));
	return rc;
}

int trace_end(struct trace *trace)
{
	int rc = 0;

	syscall(SYS_getpgid, MARK_END);
	if (waitpid(trace->tracer, NULL, 0) != trace->tracer)
		rc = -errno;
	if (!rc)
		rc = trace->shared->rc;
	trace->syscalls = trace->shared->syscalls;
	trace->ioctls = trace->shared->ioctls;
	munmap(trace->shared, sizeof(*trace->shared));
	return rc;
}

unsigned long page_faults(void)
{
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage))
		return -1UL;
	return usage.ru_minflt + usage.ru_majflt;
}

#ifdef __aarch64__
unsigned long long clock_ticks(void)
{
	unsigned long long ticks;

	/* The barrier orders the measured code before the reading. */
	asm volatile("isb\n\tmrs %0, cntvct_el0" : "=r" (ticks) :: "memory");
	return ticks;
}

unsigned long long clock_ns(unsigned long long ticks)
{
	unsigned long long hz;

	asm("mrs %0, cntfrq_el0" : "=r" (hz));
	return ticks / hz * 1000000000 + ticks % hz * 1000000000 / hz;
}
#else
unsigned long long clock_ticks(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

unsigned long long clock_ns(unsigned long long ticks)
{
	return ticks;
}
#endif
