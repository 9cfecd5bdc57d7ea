// SPDX-License-Identifier: GPL-2.0
/*
 * Commands and instructions for an unmap of guest memory in a nesting parent, for
 * tools/testing/bench/run: by size, by the size of the pages in stage 2, and by the number
 * of VMs that unmap at the same time. Prints one figure a line.
 *
 * All memory is one huge page of 1 GiB, which is mapped as often as necessary. Stage 2 has
 * entries of 1 GiB for it from its start, and entries of 2 MiB or 4 KiB if the area begins
 * 2 MiB or 4 KiB into it.
 *
 * Arguments: none for the sizes, "vms" for the number of VMs, on a machine with 8
 * processors.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <linux/memfd.h>

#include "cmdqv_trace.h"
#include "cmdqv_vm.h"

#define KIB		(1ULL << 10)
#define MIB		(1ULL << 20)
#define GIB		(1ULL << 30)
#define MAX_SIZE	(64 * GIB)
#define BASE		(128 * GIB)	/* of the area in stage 2 */
#define MAX_VMS		8
#define VM_SIZE		(32 * MIB)
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *name;
	__u64 size;
} pages[] = {
	{ "4 KiB", 4 * KIB }, { "2 MiB", 2 * MIB }, { "1 GiB", GIB },
}, sizes[] = {
	{ "4 KiB", 4 * KIB }, { "64 KiB", 64 * KIB }, { "1 MiB", MIB },
	{ "2 MiB", 2 * MIB }, { "32 MiB", 32 * MIB }, { "256 MiB", 256 * MIB },
	{ "1 GiB", GIB }, { "8 GiB", 8 * GIB }, { "64 GiB", MAX_SIZE },
};

/* One VM: an address space and its nesting parent */
static struct {
	__u32 ioas;
	__u32 parent;
	pthread_t thread;
	int rc;
} vms[MAX_VMS];

static struct cmdqv_vm host;
static pthread_barrier_t barrier;
static char *view;

/* The one page, again and again */
static int make_view(void)
{
	int fd = memfd_create("guest", MFD_HUGETLB | MFD_HUGE_1GB);
	__u64 at;

	if (fd < 0 || ftruncate(fd, GIB))
		return -errno;
	/* Space for the alignment, and for a beginning within the page */
	view = mmap(NULL, MAX_SIZE + 2 * GIB, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (view == MAP_FAILED)
		return -errno;
	view = (char *)(((__u64)view + GIB - 1) & ~(GIB - 1));
	for (at = 0; at <= MAX_SIZE; at += GIB)
		if (mmap(view + at, GIB, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_POPULATE | MAP_FIXED, fd, 0) ==
		    MAP_FAILED)
			return -errno;
	close(fd);
	return 0;
}

static int make_vm(unsigned int i)
{
	int rc = iommufd_ioas_alloc(host.iommufd, &vms[i].ioas);

	return rc ? rc : iommufd_hwpt_alloc(host.iommufd, host.dev_id,
					    vms[i].ioas,
					    IOMMU_HWPT_ALLOC_NEST_PARENT,
					    &vms[i].parent);
}

/* With entries of @page bytes in stage 2 */
static int map(unsigned int i, __u64 page, __u64 size)
{
	return iommufd_ioas_map(host.iommufd, vms[i].ioas, view + page % GIB,
				BASE, size, IOMMU_IOAS_MAP_READABLE |
				IOMMU_IOAS_MAP_WRITEABLE);
}

static int unmap(unsigned int i, __u64 size)
{
	return iommufd_ioas_unmap(host.iommufd, vms[i].ioas, BASE, &size);
}

static int measure_size(unsigned int p, unsigned int s, const char *end)
{
	unsigned long long ticks, ns;
	__u64 commands;
	int rc = map(0, pages[p].size, sizes[s].size);

	if (rc)
		return rc;
	commands = model_host_commands(&host.dev);
	ticks = clock_ticks();
	rc = unmap(0, sizes[s].size);
	ns = clock_ns(clock_ticks() - ticks);
	commands = model_host_commands(&host.dev) - commands;
	if (rc)
		return rc;
	printf("figure unmap, %s of %s pages%s: commands (exact)\t%llu\n",
	       sizes[s].name, pages[p].name, end, commands);
	printf("figure unmap, %s of %s pages%s\t%llu\n", sizes[s].name,
	       pages[p].name, end, ns);
	return 0;
}

static int measure_sizes(const char *end)
{
	unsigned int p, s;
	int rc = make_vm(0);

	/* Page tables that stay */
	if (!rc)
		rc = map(0, 4 * KIB, 4 * KIB);
	if (!rc)
		rc = unmap(0, 4 * KIB);
	for (p = 0; p < ARRAY_SIZE(pages); p++)
		for (s = 0; !rc && s < ARRAY_SIZE(sizes); s++)
			if (sizes[s].size >= pages[p].size)
				rc = measure_size(p, s, end);
	return rc;
}

static void *unmap_thread(void *arg)
{
	unsigned int i = (__u64)arg;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(i, &set);
	vms[i].rc = -sched_setaffinity(0, sizeof(set), &set);
	if (!vms[i].rc)
		vms[i].rc = map(i, 4 * KIB, VM_SIZE);
	/* Mapped; begin; unmapped */
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	if (!vms[i].rc)
		vms[i].rc = unmap(i, VM_SIZE);
	pthread_barrier_wait(&barrier);
	return NULL;
}

static int measure_vms(unsigned int num, const char *end)
{
	unsigned long long ticks, ns;
	unsigned int i;
	__u64 commands;
	int rc = 0;

	pthread_barrier_init(&barrier, NULL, num + 1);
	for (i = 0; i < num; i++)
		if (pthread_create(&vms[i].thread, NULL, unmap_thread,
				   (void *)(__u64)i))
			return -EAGAIN;
	pthread_barrier_wait(&barrier);
	commands = model_host_commands(&host.dev);
	ticks = clock_ticks();
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	ns = clock_ns(clock_ticks() - ticks);
	commands = model_host_commands(&host.dev) - commands;
	for (i = 0; i < num; i++) {
		pthread_join(vms[i].thread, NULL);
		rc = rc ? rc : vms[i].rc;
	}
	pthread_barrier_destroy(&barrier);
	if (rc)
		return rc;
	printf("figure unmap for each of %u VMs%s: commands (exact)\t%llu\n",
	       num, end, commands / num);
	printf("figure unmap for each of %u VMs%s\t%llu\n", num, end, ns / num);
	return 0;
}

static int measure_all_vms(const char *end)
{
	unsigned int i, num;
	int rc = 0;

	for (i = 0; !rc && i < MAX_VMS; i++)
		rc = make_vm(i);
	for (num = 1; !rc && num <= MAX_VMS; num *= 2)
		rc = measure_vms(num, end);
	return rc;
}

int main(int argc, char **argv)
{
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	const char *end;
	int rc, ranges;

	if (argc > 2 || (argc == 2 && strcmp(argv[1], "vms"))) {
		fprintf(stderr, "usage: [vms]\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	rc = setrlimit(RLIMIT_MEMLOCK, &all) ? -errno : 0;
	if (!rc)
		rc = ram_reserve_huge_pages(4);
	if (!rc)
		rc = vm_open(&host, 0);
	if (!rc)
		rc = make_view();
	ranges = rc ? 0 : vm_has_ranges(&host);
	end = ranges ? "" : ", no ranges";
	if (!rc)
		rc = argc == 2 ? measure_all_vms(end) : measure_sizes(end);
	if (rc)
		printf("unmap costs: %s: %s\n", host.step ?: "call", strerror(-rc));
	vm_close(&host);
	return !!rc;
}
