// SPDX-License-Identifier: GPL-2.0
/*
 * A guest whose queue 1 does not stop when it gives that up. The kernel retires the VINTF, and
 * refuses the queue when the guest makes it again; queue 0, which vCPU 1 has under load, goes
 * on. The host takes the device and gives it back on another VINTF, where queue 1 is made, as
 * its guest had asked: the refusal was not the guest's error.
 */
#include <stdatomic.h>

#include "work.h"

#define OTHER_ASID	(STAGE1_ASID + 1)

static atomic_bool stop, stopped;
static atomic_ulong rounds;
static bool load_ok;

void payload_secondary(unsigned int cpu)
{
	load_ok = true;
	while (load_ok && !atomic_load(&stop)) {
		queue_put(&cmdqv_queue[0], cmd_tlbi_asid(OTHER_ASID));
		load_ok = queue_issue(&cmdqv_queue[0], cmd_tlbi_va(OTHER_ASID, STAGE1_IOVA));
		atomic_store(&rounds, atomic_load(&rounds) + 1);
	}
	atomic_store(&stopped, true);
}

/* Until the load has gone on from here, or has stopped */
static bool load_goes_on(void)
{
	unsigned long before = atomic_load(&rounds);

	while (!atomic_load(&stopped) && atomic_load(&rounds) < before + 2)
		;
	return !atomic_load(&stopped);
}

static u32 errors(unsigned int i)
{
	return cmdqv_read(CMDQV_DIRECT, i, VCMDQ_GERROR) ^ cmdqv_read(CMDQV_DIRECT, i, VCMDQ_GERRORN);
}

static bool has_device(void)
{
	return control_read(CONTROL_FEATURES) & CONTROL_HAS_DEVICE;
}

static void without_device(void)
{
	while (!(control_read(CONTROL_HOTPLUG) & CONTROL_EJECT))
		;
	write32(VMM_CONTROL + CONTROL_HOTPLUG, CONTROL_EJECT);
	while (has_device())
		;
	print("without a device 1\n");
	while (!has_device())
		;
}

/* Without a look at STATUS, which this queue never clears; BASE stays as it was */
static void make_again(void)
{
	cmdqv_write(CMDQV_DIRECT, 1, VCMDQ_CONFIG, 0);
	write32(CMDQV_REG(CMDQV_ALLOC_MAP(1)), 1 << 1);
	write32(CMDQV_REG(CMDQV_ALLOC_MAP(1)), CMDQV_ALLOCATED | 1 << 1);
}

int payload(void)
{
	ktap_plan(5);
	ktap_check(work_begin() && everything_works() && !psci_cpu_on(1, (u64)secondary_start, 1),
		   "everything works");
	make_again();
	ktap_check(errors(1) == VCMDQ_GERROR_INIT && !errors(0) && load_goes_on(),
		   "a queue that did not stop is refused, and the other one goes on");
	print("at work\n");
	without_device();
	ktap_check(load_goes_on() && !errors(1) && !errors(0),
		   "the device is back, and the load has seen nothing");
	ktap_check(cmdqv_queue_enable(1) && !errors(1) &&
		   queue_works(&cmdqv_queue[1]) && queue_works(&smmu_queue),
		   "the queue is made on the other VINTF");
	print("round 1 is over\n");
	atomic_store(&stop, true);
	while (!atomic_load(&stopped))
		;
	ktap_check(load_ok && everything_works() && work_end(), "no command was lost, and everything goes down");
	return ktap_end();
}
