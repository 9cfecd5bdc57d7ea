// SPDX-License-Identifier: GPL-2.0
/*
 * The control page: the guest asks what machine it is in, marks the beginning
 * and the end of what it wants counted, reads the counts, and ends the machine.
 * This is a tool for tests, no hardware.
 */
#include <stdio.h>
#include <string.h>

#include "cmdqv_kvm.h"
#include "smmu.h"
#include "vmm.h"

static const char *const names[COUNTS] = {
	[COUNT_EXITS] = "exits to the VMM",
	[COUNT_UART] = "  serial port",
	[COUNT_CONTROL] = "  control page",
	[COUNT_SMMU] = "  SMMU registers",
	[COUNT_CMDQV_CONFIG] = "  CMDQ-V 0x00000, configuration",
	[COUNT_CMDQV_VCMDQ0] = "  CMDQ-V 0x10000, VCMDQ page 0",
	[COUNT_CMDQV_VCMDQ1] = "  CMDQ-V 0x20000, VCMDQ page 1",
	[COUNT_CMDQV_VINTF0] = "  CMDQ-V 0x30000, VINTF page 0",
	[COUNT_CMDQV_VINTF1] = "  CMDQ-V 0x40000, VINTF page 1",
	[COUNT_NOWHERE] = "  addresses of nothing",
	[COUNT_NO_SYNDROME] = "  accesses that cannot be emulated",
	[COUNT_SYSTEM] = "  PSCI power off or reset",
	[COUNT_SIGNAL] = "  signals",
	[COUNT_IOCTLS] = "ioctls other than KVM_RUN",
	[COUNT_KVM_EXITS] = "exits to the kernel",
};

/* A machine that was restored brings the counts of other processes along */
void control_counts(struct vmm *vmm, uint64_t counts[COUNTS])
{
	unsigned int i;

	memcpy(counts, vmm->counts, sizeof(vmm->counts));
	counts[COUNT_IOCTLS] += ioctls_made();
	for (i = 0; i < vmm->options.cpus; i++)
		counts[COUNT_KVM_EXITS] += cpu_kvm_exits(&vmm->cpu[i]);
}

/* The exit for this very mark is in the counts already, and is taken out */
static void mark_end(struct vmm *vmm)
{
	unsigned int i;

	control_counts(vmm, vmm->between);
	for (i = 0; i < COUNTS; i++)
		vmm->between[i] -= vmm->begin[i];
	vmm->between[COUNT_EXITS]--;
	vmm->between[COUNT_CONTROL]--;
	vmm->between[COUNT_KVM_EXITS]--;
}

static uint64_t control_count(struct vmm *vmm, uint64_t offset, unsigned int len)
{
	uint64_t i = (offset - CONTROL_COUNT(0)) / 8;

	if (i >= COUNTS)
		return 0;
	return vmm->between[i] >> (offset % 8 * 8);
}

uint32_t control_features(struct vmm *vmm)
{
	return (vmm->device ? CONTROL_HAS_DEVICE : 0) |
	       (vmm->cmdqv ? CONTROL_HAS_CMDQV : 0) |
	       (cmdqv_has_events(vmm) ? CONTROL_HAS_EVENTS : 0);
}

uint64_t control_read(struct vmm *vmm, uint64_t offset, unsigned int len)
{
	if (offset >= CONTROL_COUNT(0))
		return control_count(vmm, offset, len);
	switch (offset) {
	case CONTROL_ID:
		return CONTROL_ID_VALUE;
	case CONTROL_CPUS:
		return vmm->options.cpus;
	case CONTROL_RAM_MIB:
		return vmm->options.ram_mib;
	case CONTROL_FEATURES:
		return control_features(vmm);
	case CONTROL_STREAM_ID:
		return VMM_STREAM_ID;
	case CONTROL_HOTPLUG:
		return vmm->hotplug == HOTPLUG_ASKED ? CONTROL_EJECT : 0;
	case CONTROL_GENERATION:
		return vmm->generation;
	default:
		return 0;
	}
}

void control_write(struct vmm *vmm, uint64_t offset, unsigned int len,
		   uint64_t value)
{
	if (offset == CONTROL_EXIT)
		vmm_stop(vmm, value & 0xff);
	else if (offset == CONTROL_SAVE)
		vmm_save(vmm);
	else if (offset == CONTROL_MARK && value == CONTROL_MARK_BEGIN)
		control_counts(vmm, vmm->begin);
	else if (offset == CONTROL_MARK && value == CONTROL_MARK_END)
		mark_end(vmm);
	else if (offset == CONTROL_HOTPLUG)
		hotplug_answer(vmm, value);
}

/* Everything since the start, as KTAP comments */
void control_report(struct vmm *vmm)
{
	uint64_t counts[COUNTS];
	unsigned int i;

	control_counts(vmm, counts);
	for (i = 0; i < COUNTS; i++)
		if (counts[i])
			printf("# vmm: %-36s %llu\n", names[i],
			       (unsigned long long)counts[i]);
}
