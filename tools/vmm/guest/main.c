// SPDX-License-Identifier: GPL-2.0
/*
 * From the first instruction to the payload, and the end of the machine.
 */
#include "guest.h"

void guest_start(u64 cpu);

/* A payload that uses one vCPU has nothing to say here */
__attribute__((weak)) void payload_secondary(unsigned int cpu)
{
}

void guest_start(u64 cpu)
{
	mmu_on();
	if (cpu) {
		payload_secondary(cpu);
		return;
	}
	control_exit(payload());
}
