// SPDX-License-Identifier: GPL-2.0
/*
 * Accesses that KVM could not serve from a memory slot: one table of regions in
 * the order of their addresses. Where there is nothing, reads give 0 and writes
 * are lost; the guest hurts nobody by that, and it is counted.
 */
#include <string.h>

#include "cmdqv_kvm.h"
#include "smmu.h"
#include "vmm.h"

#define CMDQV_PAGE(n) (VMM_CMDQV + (n) * VMM_PAGE_SIZE)

static const struct mmio_region {
	uint64_t base;
	uint64_t size;
	uint64_t device;	/* offsets are told from here */
	enum vmm_count count;
	uint64_t (*read)(struct vmm *vmm, uint64_t offset, unsigned int len);
	void (*write)(struct vmm *vmm, uint64_t offset, unsigned int len,
		      uint64_t value);
} regions[] = {
	{ VMM_UART, VMM_PAGE_SIZE, VMM_UART, COUNT_UART, uart_read,
	  uart_write },
	{ VMM_CONTROL, VMM_PAGE_SIZE, VMM_CONTROL, COUNT_CONTROL, control_read,
	  control_write },
	{ VMM_SMMU, VMM_SMMU_SIZE, VMM_SMMU, COUNT_SMMU, smmu_read,
	  smmu_write },
	{ CMDQV_PAGE(0), VMM_PAGE_SIZE, VMM_CMDQV, COUNT_CMDQV_CONFIG,
	  cmdqv_read, cmdqv_write },
	{ CMDQV_PAGE(1), VMM_PAGE_SIZE, VMM_CMDQV, COUNT_CMDQV_VCMDQ0,
	  cmdqv_read, cmdqv_write },
	{ CMDQV_PAGE(2), VMM_PAGE_SIZE, VMM_CMDQV, COUNT_CMDQV_VCMDQ1,
	  cmdqv_read, cmdqv_write },
	{ CMDQV_PAGE(3), VMM_PAGE_SIZE, VMM_CMDQV, COUNT_CMDQV_VINTF0,
	  cmdqv_read, cmdqv_write },
	{ CMDQV_PAGE(4), VMM_PAGE_SIZE, VMM_CMDQV, COUNT_CMDQV_VINTF1,
	  cmdqv_read, cmdqv_write },
};

static const struct mmio_region *find(uint64_t gpa, unsigned int len)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(regions); i++)
		if (gpa >= regions[i].base &&
		    gpa - regions[i].base <= regions[i].size - len)
			return &regions[i];
	return NULL;
}

/* Called with the lock held. The guest is little endian, and so is this program */
void mmio_access(struct vmm *vmm, struct kvm_run *run)
{
	const struct mmio_region *region;
	uint64_t gpa = run->mmio.phys_addr;
	unsigned int len = run->mmio.len;
	uint64_t value = 0;

	region = find(gpa, len);
	vmm->counts[region ? region->count : COUNT_NOWHERE]++;
	if (run->mmio.is_write) {
		memcpy(&value, run->mmio.data, len);
		if (region)
			region->write(vmm, gpa - region->device, len, value);
	} else {
		if (region)
			value = region->read(vmm, gpa - region->device, len);
		memcpy(run->mmio.data, &value, len);
	}
}
