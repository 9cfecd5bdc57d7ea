// SPDX-License-Identifier: GPL-2.0
/*
 * Guest RAM: shared anonymous memory on 2 MiB huge pages, so that a queue of up
 * to 2 MiB is physically contiguous, as HW_QUEUE_ALLOC requires.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/mman.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cmdqv_ram.h"
#include "proc_counters.h"

static const char nr_hugepages[] =
	"/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages";

/* The page size of the host */
__u64 ram_host_page(void)
{
	return sysconf(_SC_PAGESIZE);
}

/* Grow the pool to at least @count huge pages. 0, or -errno */
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

/* Allocate @pages huge pages, which stay mapped. NULL if there are none */
char *ram_huge_pages(unsigned int pages)
{
	void *va = mmap(NULL, pages * RAM_HUGE_PAGE, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB | MAP_HUGE_2MB |
			MAP_POPULATE, -1, 0);

	return va == MAP_FAILED ? NULL : va;
}

/* KiB that are pinned for this process */
long ram_pinned_kib(void)
{
	return proc_counter("/proc/self/status", "VmPin");
}
