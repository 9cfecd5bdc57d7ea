/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Balance of pinned pages and huge pages over a test program. The kernel counts both
 * for the whole machine. A program must release all of them before it ends; a
 * difference is a leak, also if the program itself found no error.
 */
#ifndef _MACHINE_BALANCE_H
#define _MACHINE_BALANCE_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Tenths of a second, far more than the end of a process takes on a loaded machine */
#define BALANCE_TRIES	3000

/* Pages; -1 if the kernel has no count */
struct balance {
	long pinned;
	long huge;
};

static long balance_number(const char *path, const char *name)
{
	size_t length = strlen(name);
	FILE *file = fopen(path, "re");
	long value = -1;
	char line[128];

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, length))
			value = atol(line + length);
	if (file)
		fclose(file);
	return value;
}

static struct balance balance_read(void)
{
	long acquired, released, free, total;
	int fd = open("/proc/sys/vm/stat_refresh", O_WRONLY | O_CLOEXEC);

	/* Adds the counts that processors still have to the global ones */
	if (fd >= 0 && write(fd, "1", 1) < 0)
		return (struct balance){ -1, -1 };
	close(fd);
	acquired = balance_number("/proc/vmstat", "nr_foll_pin_acquired ");
	released = balance_number("/proc/vmstat", "nr_foll_pin_released ");
	free = balance_number("/proc/meminfo", "HugePages_Free:");
	total = balance_number("/proc/meminfo", "HugePages_Total:");
	return (struct balance){ acquired - released, total - free };
}

/* True if the counts stay higher than before */
static bool balance_lost(const struct balance *before, struct balance *lost)
{
	struct balance now;
	int i;

	for (i = 0; i < BALANCE_TRIES; i++) {
		now = balance_read();
		lost->pinned = now.pinned - before->pinned;
		lost->huge = now.huge - before->huge;
		if (lost->pinned <= 0 && lost->huge <= 0)
			return false;
		usleep(100000);
	}
	return true;
}

#endif
