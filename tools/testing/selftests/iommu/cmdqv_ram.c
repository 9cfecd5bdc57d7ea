// SPDX-License-Identifier: GPL-2.0
/*
 * Guest RAM: shared anonymous memory on 2 MiB huge pages, so that a queue of up
 * to 2 MiB is contiguous in physical memory, as HW_QUEUE_ALLOC asks for.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cmdqv_ram.h"

#ifndef MAP_HUGE_2MB
#define MAP_HUGE_2MB (21 << 26)
#endif

static const char nr_hugepages[] =
	"/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages";

/* What the host maps and pins by */
__u64 ram_host_page(void)
{
	return sysconf(_SC_PAGESIZE);
}

/* Have at least @count huge pages in the pool. 0, or -errno */
int ram_reserve_huge_pages(unsigned int count)
{
	char text[32] = "";
	int fd = open(nr_hugepages, O_RDWR);
	int rc = 0;

	if (fd < 0)
		return -errno;
	if (read(fd, text, sizeof(text) - 1) > 0 &&
	    strtoul(text, NULL, 10) >= count)
		goto out;
	snprintf(text, sizeof(text), "%u", count);
	if (pwrite(fd, text, strlen(text), 0) < 0) {
		rc = -errno;
		goto out;
	}
	memset(text, 0, sizeof(text));
	if (pread(fd, text, sizeof(text) - 1, 0) <= 0 ||
	    strtoul(text, NULL, 10) < count)
		rc = -ENOMEM;
out:
	close(fd);
	return rc;
}

int ram_alloc(struct guest_ram *ram)
{
	void *va = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB |
			MAP_HUGE_2MB | MAP_POPULATE, -1, 0);

	if (va == MAP_FAILED)
		return -errno;
	ram->va = va;
	ram->gpa = RAM_GPA;
	ram->size = RAM_SIZE;
	return 0;
}

void ram_free(struct guest_ram *ram)
{
	if (ram->va)
		munmap(ram->va, ram->size);
	ram->va = NULL;
}

/* @pages huge pages, for whoever looks for contiguous ones; they stay. NULL if there are none */
char *ram_huge_pages(unsigned int pages)
{
	void *va = mmap(NULL, pages * RAM_HUGE_PAGE, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB | MAP_HUGE_2MB |
			MAP_POPULATE, -1, 0);

	return va == MAP_FAILED ? NULL : va;
}

/* The number behind @name in @path, -1 if there is none */
static long number_in(const char *path, const char *name)
{
	size_t len = strlen(name);
	char line[256];
	long value = -1;
	FILE *file = fopen(path, "r");

	if (!file)
		return -1;
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, name, len))
			value = strtol(line + len, NULL, 10);
	fclose(file);
	return value;
}

/* Adds the counts that each CPU holds back to the sums in /proc/vmstat */
static bool refresh_counters(void)
{
	int fd = open("/proc/sys/vm/stat_refresh", O_WRONLY);
	bool ok;

	if (fd < 0)
		return false;
	ok = write(fd, "1", 1) == 1;
	close(fd);
	return ok;
}

/* Pins that the kernel has taken and not given back yet, -1 if it does not tell */
long ram_pinned_pages(void)
{
	long taken = refresh_counters() ? number_in("/proc/vmstat", "nr_foll_pin_acquired ") : -1;

	return taken < 0 ? -1 :
	       taken - number_in("/proc/vmstat", "nr_foll_pin_released ");
}

/* KiB that are pinned for this process */
long ram_pinned_kib(void)
{
	return number_in("/proc/self/status", "VmPin:");
}
