// SPDX-License-Identifier: GPL-2.0
/*
 * Guest RAM: one mapping on 2 MiB huge pages, so that a command queue of up to
 * 2 MiB is contiguous in physical memory, as the hardware needs it. It is at one
 * place in the guest, VMM_RAM, and a payload is a flat image of its beginning.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/mman.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vmm.h"

#define HUGE_PAGE 0x200000ULL

#define POOL "/sys/kernel/mm/hugepages/hugepages-2048kB/"

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

/* The pool of the host with @change more pages, or as many as it gets */
static int pool_change(long change)
{
	int fd = open(POOL "nr_hugepages", O_WRONLY | O_CLOEXEC);
	unsigned long total;
	char text[32];
	int len, rc;

	if (fd < 0)
		return -errno;
	rc = pool_read(POOL "nr_hugepages", &total);
	if (!rc) {
		len = snprintf(text, sizeof(text), "%lu", total + change);
		rc = write(fd, text, len) == len ? 0 : -EIO;
	}
	close(fd);
	return rc;
}

/* Have @count free pages in the pool; failure shows when they are mapped */
static void reserve_huge_pages(struct vmm *vmm, unsigned long count)
{
	unsigned long free, reserved, before, now;

	if (pool_read(POOL "free_hugepages", &free) ||
	    pool_read(POOL "resv_hugepages", &reserved) ||
	    pool_read(POOL "nr_hugepages", &before))
		return;
	/* Free ones that somebody has mapped, but not touched yet, are taken */
	free -= reserved < free ? reserved : free;
	if (free >= count || pool_change(count - free) ||
	    pool_read(POOL "nr_hugepages", &now))
		return;
	vmm->ram.added = now > before ? now - before : 0;
}

int ram_alloc(struct vmm *vmm)
{
	uint64_t size = (uint64_t)vmm->options.ram_mib << 20;
	void *va;
	int rc;

	if (!size || size % HUGE_PAGE)
		return failed("guest RAM, a multiple of 2 MiB", -EINVAL);
	reserve_huge_pages(vmm, size / HUGE_PAGE);
	va = mmap(NULL, size, PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB | MAP_HUGE_2MB |
		  MAP_POPULATE, -1, 0);
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
	if (vmm->ram.added && pool_change(-(long)vmm->ram.added))
		perror(POOL "nr_hugepages");
	vmm->ram.added = 0;
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
