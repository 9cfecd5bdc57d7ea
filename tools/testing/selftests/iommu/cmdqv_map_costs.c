// SPDX-License-Identifier: GPL-2.0
/*
 * Instructions for mapping guest memory into stage 2 and unmapping it, for
 * tools/testing/bench/run: the same pages of one memfd, through the address of the process
 * (IOMMU_IOAS_MAP) and through the file (IOMMU_IOAS_MAP_FILE). Prints one figure a line,
 * the least of a few tries, each between two clock readings.
 *
 * For huge pages the cost through the file must be at most a tenth of the other, because
 * it works on folios instead of pages; otherwise the program fails. A small page costs
 * more through the file, because the kernel looks it up there.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/memfd.h>

#include "cmdqv_trace.h"
#include "cmdqv_vm.h"

#define TRIES	3
#define IOVA	(1ULL << 32)
#define NEVER	(~0ULL)
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *name;
	size_t size;
	unsigned int flags;
} memories[] = {
	{ "1 GiB of 2 MiB pages", 1UL << 30, MFD_HUGETLB | MFD_HUGE_2MB },
	{ "32 MiB of 4 KiB pages", 32UL << 20, 0 },
};

/* Instructions */
struct cost {
	unsigned long long map;
	unsigned long long unmap;
};

static struct cmdqv_vm vm;

static int map(int file, void *view, size_t size)
{
	const __u32 rw = IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE;

	if (file >= 0)
		return iommufd_ioas_map_file(vm.iommufd, vm.ioas, file, 0, size,
					     IOVA, rw);
	return iommufd_ioas_map(vm.iommufd, vm.ioas, view, IOVA, size, rw);
}

/* With @file -1 it maps through @view */
static int measure(int file, void *view, size_t size, struct cost *cost)
{
	unsigned long long ticks, ns;
	__u64 length;
	int i, rc;

	*cost = (struct cost){ NEVER, NEVER };
	for (i = 0; i < TRIES; i++) {
		ticks = clock_ticks();
		rc = map(file, view, size);
		ns = clock_ns(clock_ticks() - ticks);
		if (rc)
			return rc;
		if (ns < cost->map)
			cost->map = ns;

		length = size;
		ticks = clock_ticks();
		rc = iommufd_ioas_unmap(vm.iommufd, vm.ioas, IOVA, &length);
		ns = clock_ns(clock_ticks() - ticks);
		if (rc)
			return rc;
		if (ns < cost->unmap)
			cost->unmap = ns;
	}
	return 0;
}

static void print_cost(const char *command, const char *memory,
		       const struct cost *cost)
{
	printf("figure %s, %s\t%llu\n", command, memory, cost->map);
	printf("figure %s, %s: unmap\t%llu\n", command, memory, cost->unmap);
}

/* Map the file with huge pages, all allocated before */
static int compare(unsigned int i)
{
	size_t size = memories[i].size;
	struct cost by_address, by_file;
	void *view = MAP_FAILED;
	int rc = 0, file;

	file = memfd_create("guest", memories[i].flags);
	if (file < 0 || ftruncate(file, size))
		rc = -errno;
	if (!rc)
		view = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_POPULATE, file, 0);
	if (!rc && view == MAP_FAILED)
		rc = -errno;
	if (!rc)
		rc = measure(-1, view, size, &by_address);
	if (!rc)
		rc = measure(file, NULL, size, &by_file);
	if (!rc) {
		print_cost("IOAS_MAP", memories[i].name, &by_address);
		print_cost("IOAS_MAP_FILE", memories[i].name, &by_file);
		if (memories[i].flags & MFD_HUGETLB &&
		    by_file.map > by_address.map / 10)
			rc = -ERANGE;
	}
	if (view != MAP_FAILED)
		munmap(view, size);
	close(file);
	return rc;
}

int main(void)
{
	unsigned int i;
	int rc;

	setvbuf(stdout, NULL, _IOLBF, 0);
	rc = vm_open(&vm, 0);
	for (i = 0; !rc && i < ARRAY_SIZE(memories); i++)
		rc = compare(i);
	if (rc)
		printf("%s: %s\n", i ? memories[i - 1].name : vm.step,
		       strerror(-rc));
	vm_close(&vm);
	return !!rc;
}
