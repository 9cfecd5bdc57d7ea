/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a test program may not keep: pinned pages and huge pages. The kernel counts
 * both for the whole machine. A program that is through has given them all back, and
 * what it has left behind is a leak, whatever the program itself has looked at.
 */
#ifndef _MACHINE_BALANCE_H
#define _MACHINE_BALANCE_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BALANCE_TRIES	20

/* Pages; -1 if the kernel does not tell */
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

	/* Processors keep some of their counts to themselves until they are asked */
	if (fd >= 0 && write(fd, "1", 1) < 0)
		return (struct balance){ -1, -1 };
	close(fd);
	acquired = balance_number("/proc/vmstat", "nr_foll_pin_acquired ");
	released = balance_number("/proc/vmstat", "nr_foll_pin_released ");
	free = balance_number("/proc/meminfo", "HugePages_Free:");
	total = balance_number("/proc/meminfo", "HugePages_Total:");
	return (struct balance){ acquired - released, total - free };
}

/* True if more is kept than before, for longer than the end of a process takes */
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
