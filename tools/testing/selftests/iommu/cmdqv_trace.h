/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counting system calls from outside: a second process traces this one between
 * two marks, so the count does not depend on the measured code.
 */
#ifndef _CMDQV_TRACE_H
#define _CMDQV_TRACE_H

#include <sys/types.h>

/**
 * struct trace - System calls between trace_begin() and trace_end()
 * @syscalls: All of them
 * @ioctls: Those that were ioctl
 */
struct trace {
	unsigned long syscalls;
	unsigned long ioctls;
	/* private */
	struct trace_shared *shared;
	pid_t tracer;
};

int trace_begin(struct trace *trace);
int trace_end(struct trace *trace);

/* Page faults of this process so far, minor and major */
unsigned long page_faults(void);

/*
 * The counter of CLOCK_MONOTONIC, read directly on arm64: a call of the vDSO
 * takes longer than an invalidation. Under -icount shift=0 one nanosecond is one
 * instruction.
 */
unsigned long long clock_ticks(void);
unsigned long long clock_ns(unsigned long long ticks);

#endif
