// SPDX-License-Identifier: GPL-2.0
/*
 * The machine without any device: it prints, it has the vCPUs and the memory it
 * was asked for, an access to nothing is harmless.
 */
#include <stdatomic.h>

#include "guest.h"

#define NOTHING_THERE	0x0c000000UL

static atomic_uint arrived[VMM_MAX_CPUS];

void payload_secondary(unsigned int cpu)
{
	atomic_store(&arrived[cpu], cpu);
}

static bool start_others(unsigned int cpus)
{
	unsigned int cpu;
	bool ok = true;

	for (cpu = 1; cpu < cpus; cpu++)
		ok &= !psci_cpu_on(cpu, (u64)secondary_start, cpu);
	for (cpu = 1; ok && cpu < cpus; cpu++)
		while (!atomic_load(&arrived[cpu]))
			;
	return ok;
}

static bool memory_holds(u64 end)
{
	u64 address;
	bool ok = true;

	for (address = VMM_RAM + 0x100000; address < end; address += 0x100000)
		write64(address, ~address);
	for (address = VMM_RAM + 0x100000; address < end; address += 0x100000)
		ok &= read64(address) == ~address;
	return ok;
}

int payload(void)
{
	u32 cpus = control_read(CONTROL_CPUS);
	u64 end = VMM_RAM + ((u64)control_read(CONTROL_RAM_MIB) << 20);
	u64 nothing;

	ktap_plan(6);
	ktap_check(control_read(CONTROL_ID) == CONTROL_ID_VALUE,
		   "the machine is the one this was made for");
	ktap_check(start_others(cpus), "every vCPU starts");
	ktap_check(memory_holds(end), "memory holds what is written");

	mark_begin();
	nothing = read64(NOTHING_THERE);
	write32(NOTHING_THERE, 1);
	mark_end();
	ktap_check(!nothing && mark_count(COUNT_NOWHERE) == 2 &&
		   mark_count(COUNT_EXITS) == 2,
		   "two accesses to nothing are two exits");

	faults_expect();
	access_pair(NOTHING_THERE);
	ktap_check(faults_seen() == 1, "an access that cannot be emulated is an abort");

	mark_begin();
	mark_end();
	ktap_check(!mark_count(COUNT_EXITS) && !mark_count(COUNT_IOCTLS),
		   "between two marks and nothing else there is no exit");
	return ktap_end();
}
