/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters in /proc: one by its name, and the pinned pages of the whole machine.
 */
#ifndef _PROC_COUNTERS_H
#define _PROC_COUNTERS_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A number from a file with lines "name: number ..." or "name number"; -1 if there is none */
static inline long proc_counter(const char *path, const char *name)
{
	size_t n = strlen(name);
	char line[256];
	long value = -1;
	FILE *f = fopen(path, "r");

	if (!f)
		return -1;
	while (value < 0 && fgets(line, sizeof(line), f))
		if (!strncmp(line, name, n) && strchr(": ", line[n]))
			value = atol(line + n + 1);
	fclose(f);
	return value;
}

/* Adds the counts of each CPU to the sums in /proc/vmstat */
static inline bool proc_fold_counters(void)
{
	int fd = open("/proc/sys/vm/stat_refresh", O_WRONLY);
	bool ok;

	if (fd < 0)
		return false;
	ok = write(fd, "1", 1) == 1;
	close(fd);
	return ok;
}

/* Number of pinned pages, -1 if the kernel has no count */
static inline long proc_pinned_pages(void)
{
	long acquired = proc_fold_counters() ? proc_counter("/proc/vmstat", "nr_foll_pin_acquired") : -1;

	return acquired < 0 ? -1 : acquired - proc_counter("/proc/vmstat", "nr_foll_pin_released");
}

#endif
