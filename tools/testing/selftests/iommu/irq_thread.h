/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Threaded interrupts, by a part of their names. A test that waits for the handling
 * of an interrupt moves to the processor of the interrupt and waits until the thread
 * sleeps: when the test runs there, every raised interrupt was taken.
 */
#ifndef _IRQ_THREAD_H
#define _IRQ_THREAD_H

#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "wait_for.h"

#define SMMU_EVENT_IRQ	"arm-smmu-v3-evtq"
#define CMDQV_ERROR_IRQ	"tegra241-cmdqv"

/*
 * The number of the interrupt, -1 if there is none; *@count, unless NULL: the number
 * of times that it was raised
 */
static inline int irq_find(const char *name, unsigned long *count)
{
	FILE *f = fopen("/proc/interrupts", "r");
	int irq, used, found = -1;
	unsigned long sum, n;
	char line[512], *p;

	while (f && found < 0 && fgets(line, sizeof(line), f)) {
		if (sscanf(line, " %d:", &irq) != 1 || !strstr(line, name))
			continue;
		found = irq;
		p = strchr(line, ':') + 1;
		for (sum = 0; sscanf(p, "%lu%n", &n, &used) == 1; p += used)
			sum += n;
		if (count)
			*count = sum;
	}
	if (f)
		fclose(f);
	return found;
}

/* Number of times that the interrupt was raised, on all processors */
static inline unsigned long irq_count(const char *name)
{
	unsigned long count = 0;

	irq_find(name, &count);
	return count;
}

static inline bool thread_is_named(pid_t thread, const char *begin)
{
	char path[64], comm[32] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/comm", thread);
	f = fopen(path, "r");
	if (!f)
		return false;
	if (!fgets(comm, sizeof(comm), f))
		comm[0] = 0;
	fclose(f);
	return !strncmp(comm, begin, strlen(begin));
}

/* The thread of the interrupt, -1 if there is none */
static inline pid_t irq_thread(const char *name)
{
	static pid_t last;
	struct dirent *entry;
	char begin[32];
	DIR *proc;

	snprintf(begin, sizeof(begin), "irq/%d-", irq_find(name, NULL));
	/* Looking at every process takes its time on a debug kernel */
	if (last > 0 && thread_is_named(last, begin))
		return last;
	last = -1;
	proc = opendir("/proc");
	while (proc && last < 0 && (entry = readdir(proc)))
		if (thread_is_named(atoi(entry->d_name), begin))
			last = atoi(entry->d_name);
	if (proc)
		closedir(proc);
	return last;
}

/* Bind the calling thread to @cpu */
static inline int run_on_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
}

/* Move the interrupt and its thread to CPU 0 */
static inline int irq_to_cpu_0(const char *name)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/irq/%d/smp_affinity_list",
		 irq_find(name, NULL));
	f = fopen(path, "w");
	if (!f)
		return -errno;
	fputs("0\n", f);
	return fclose(f) ? -errno : 0;
}

/*
 * The state of a thread, as in ps, 0 if there is no such thread; *@ticks, unless
 * NULL: the time that it ran, in units of USER_HZ
 */
static inline char thread_state(pid_t thread, unsigned long *ticks)
{
	char path[64], line[512] = "", state = 0;
	unsigned long user, system;
	const char *p;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", thread);
	f = fopen(path, "r");
	if (!f)
		return 0;
	p = fgets(line, sizeof(line), f) ? strrchr(line, ')') : NULL;
	fclose(f);
	if (!p || sscanf(p, ") %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %lu %lu",
			 &state, &user, &system) != 3)
		return 0;
	if (ticks)
		*ticks = user + system;
	return state;
}

/* True if the thread has handled all interrupts that were raised before */
static inline bool irq_handled(const char *name)
{
	pid_t thread = irq_thread(name);

	if (thread < 0 || irq_to_cpu_0(name) || run_on_cpu(0))
		return false;
	return wait_for(thread_state(thread, NULL) == 'S');
}

#endif
