// SPDX-License-Identifier: GPL-2.0
/*
 * Guest RAM: one mapping on 2 MiB huge pages, so that a command queue of up to
 * 2 MiB is contiguous in physical memory, as the hardware needs it. It is at one
 * place in the guest, VMM_RAM, and a payload is a flat image of its beginning.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/mman.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vmm.h"

/* A test has a pool of its own */
#ifndef POOL
#define POOL "/sys/kernel/mm/hugepages/hugepages-2048kB/"
#endif

static int pool_read(const char *path, unsigned long *count)
{
	char text[32] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	*count = strtoul(text, NULL, 10);
	return n > 0 ? 0 : -EIO;
}

static int pool_write(int fd, unsigned long count)
{
	char text[32];
	int len = snprintf(text, sizeof(text), "%lu\n", count);

	return pwrite(fd, text, len, 0) == len ? 0 : -EIO;
}

/* How many pages beyond its size the pool must have for @count more; 0 if it has them */
static unsigned long pool_limit(unsigned long count)
{
	unsigned long free, reserved, surplus;

	if (pool_read(POOL "free_hugepages", &free) ||
	    pool_read(POOL "resv_hugepages", &reserved) ||
	    pool_read(POOL "surplus_hugepages", &surplus))
		return 0;
	/* Free ones that somebody has mapped, but not touched yet, are taken */
	free -= reserved < free ? reserved : free;
	return free < count ? surplus + count - free : 0;
}

static void *map(uint64_t size)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB | MAP_HUGE_2MB |
		    MAP_POPULATE, -1, 0);
}

/*
 * Map huge pages, also if the pool of the host does not have them: its limit for surplus
 * pages is raised while they are mapped, by one VMM at a time, and signals wait meanwhile.
 * Surplus pages go with their last use, so a VMM leaves none behind, however it ends.
 */
static void *map_raised(uint64_t size)
{
	int fd = open(POOL "nr_overcommit_hugepages", O_RDWR | O_CLOEXEC);
	unsigned long before, limit;
	bool raised;
	void *va;
	int err;

	if (fd < 0)
		return map(size);
	flock(fd, LOCK_EX);
	limit = pool_limit(size / VMM_HUGE_PAGE);
	raised = !pool_read(POOL "nr_overcommit_hugepages", &before) &&
		 limit > before && !pool_write(fd, limit);
	va = map(size);
	err = errno;
	if (raised && pool_write(fd, before))
		perror(POOL "nr_overcommit_hugepages");
	close(fd);
	errno = err;
	return va;
}

static void *map_huge_pages(uint64_t size)
{
	sigset_t all, before;
	void *va;
	int err;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	va = map_raised(size);
	err = errno;
	sigprocmask(SIG_SETMASK, &before, NULL);
	errno = err;
	return va;
}

int ram_alloc(struct vmm *vmm)
{
	uint64_t size = (uint64_t)vmm->options.ram_mib << 20;
	void *va;
	int rc;

	if (!size || size % VMM_HUGE_PAGE)
		return failed("guest RAM, a multiple of 2 MiB", -EINVAL);
	va = map_huge_pages(size);
	if (va == MAP_FAILED)
		return failed("guest RAM on huge pages", -errno);
	vmm->ram.va = va;
	vmm->ram.size = size;
	rc = kvm_slot_set(vmm, SLOT_RAM, VMM_RAM, va, size);
	if (rc)
		return failed("guest RAM as a KVM memory slot", rc);
	return 0;
}

void ram_free(struct vmm *vmm)
{
	if (vmm->ram.va)
		munmap(vmm->ram.va, vmm->ram.size);
	vmm->ram.va = NULL;
}

/* @size bytes of RAM at guest-physical @gpa, or NULL if there is no such RAM */
void *ram_at(struct vmm *vmm, uint64_t gpa, uint64_t size)
{
	uint64_t offset = gpa - VMM_RAM;

	if (gpa < VMM_RAM || offset > vmm->ram.size ||
	    size > vmm->ram.size - offset)
		return NULL;
	return vmm->ram.va + offset;
}

int ram_load(struct vmm *vmm, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint64_t at = 0;
	ssize_t n;

	if (fd < 0)
		return failed(path, -errno);
	while ((n = read(fd, vmm->ram.va + at, vmm->ram.size - at)) > 0)
		at += n;
	close(fd);
	if (n < 0)
		return failed(path, -errno);
	if (!at || at == vmm->ram.size)
		return failed(path, at ? -EFBIG : -ENOEXEC);
	return 0;
}
