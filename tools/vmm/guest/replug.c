// SPDX-License-Identifier: GPL-2.0
/*
 * A guest under load whose device goes and comes back: vCPU 1 issues commands on queue 1
 * without a pause, vCPU 0 uses the device while it has one, and its queues in any case. The
 * host asks for the device, and gives it back, ROUNDS times; each line that it waits for has
 * the number of the round. A guest that starts without the device begins in the middle of
 * round 1.
 */
#include <stdatomic.h>

#include "work.h"

#define ROUNDS		2
#define COMMANDS	5	/* with their CMD_SYNC each, to find the queue of the hardware */
#define QUEUES_MAX	128
#define NO_QUEUE	QUEUES_MAX

/* An address space of vCPU 1, so that its commands do not touch what the device has cached */
#define OTHER_ASID	(STAGE1_ASID + 1)
#define PER_SYNC	8

#define VALUE		0x1d1d1d1d1d1d1d1dUL

static atomic_bool stop, stopped, broken;
static atomic_ulong syncs;
static u64 page[512] __aligned(4096);

void payload_secondary(unsigned int cpu)
{
	struct queue *q = &cmdqv_queue[cpu];
	bool ok = true;
	unsigned int i;

	while (ok && !atomic_load(&stop)) {
		for (i = 0; i < PER_SYNC; i++)
			queue_put(q, cmd_tlbi_va(OTHER_ASID, STAGE1_IOVA + i * PAGE_SIZE));
		queue_put(q, cmd_sync());
		ok = queue_kick(q);
		if (ok)
			atomic_store(&syncs, atomic_load(&syncs) + 1);
	}
	if (!ok)
		atomic_store(&broken, true);
	atomic_store(&stopped, true);
}

static bool has_device(void)
{
	return control_read(CONTROL_FEATURES) & CONTROL_HAS_DEVICE;
}

static u64 executed(unsigned int queue)
{
	return dma_counter(CMDQV_WIN_QUEUE(queue) + CMDQV_WIN_Q_TLBI_NH_ASID);
}

/* Number of the hardware's queue behind queue 0; NO_QUEUE if none has executed exactly its commands */
static unsigned int hardware_queue(void)
{
	static u64 before[QUEUES_MAX];
	unsigned int i, found = NO_QUEUE, num = dma_counter(CMDQV_WIN_VCMDQS);
	bool ok = num <= QUEUES_MAX;

	for (i = 0; ok && i < num; i++)
		before[i] = executed(i);
	for (i = 0; ok && i < COMMANDS; i++)
		ok = queue_issue(&cmdqv_queue[0], cmd_tlbi_asid(OTHER_ASID));
	for (i = 0; ok && i < num; i++)
		if (executed(i) - before[i] == COMMANDS)
			found = i;
	return found;
}

static bool works(void)
{
	return queue_works(&cmdqv_queue[0]) && queue_works(&smmu_queue);
}

static bool device_reads(u64 expected)
{
	u64 value;

	return dma_read(STAGE1_IOVA, &value) && value == expected;
}

/* Use the device until the host asks for it */
static bool use_device(void)
{
	bool ok = true;

	do {
		ok = ok && works();
	} while (!(control_read(CONTROL_HOTPLUG) & CONTROL_EJECT));
	return ok;
}

/* Each queue takes commands as before while there is no device; one of them is about what that has cached */
static bool live_without(unsigned int round)
{
	unsigned long loaded = atomic_load(&syncs);
	bool ok;

	stage1_map(STAGE1_IOVA, page);
	ok = !dma_present() && queue_issue(&cmdqv_queue[0], cmd_tlbi_va(STAGE1_ASID, STAGE1_IOVA));
	print("without a device %u\n", round);
	do {
		ok = ok && queue_invalidate(&cmdqv_queue[0], 64, 1) &&
		     queue_invalidate(&smmu_queue, 64, 1);
	} while (!has_device() || (!atomic_load(&stopped) && atomic_load(&syncs) <= loaded));
	return ok && !atomic_load(&broken);
}

static bool no_error(void)
{
	unsigned int i;
	bool ok = !gic_taken(VMM_CMDQV_SPI) && !gic_taken(VMM_SMMU_GERROR_SPI);

	for (i = 0; i < CMDQV_QUEUES; i++)
		ok &= cmdqv_read(CMDQV_DIRECT, i, VCMDQ_GERROR) ==
		      cmdqv_read(CMDQV_DIRECT, i, VCMDQ_GERRORN) &&
		      !queue_error(&cmdqv_queue[i]);
	return ok && read32(SMMU_REG(SMMU_GERROR)) == read32(SMMU_REG(SMMU_GERRORN));
}

/* Returns the hardware's queue of this round */
static unsigned int go_round(unsigned int round, unsigned int queue)
{
	unsigned int next;

	if (has_device()) {
		ktap_check(use_device(), "round %u: everything works", round);
		write32(VMM_CONTROL + CONTROL_HOTPLUG, CONTROL_EJECT);
		while (has_device())
			;
	} else {
		ktap_check(true, "round %u: the guest has started without the device", round);
	}
	ktap_check(live_without(round), "round %u: commands are complete without a device", round);
	ktap_check(device_reads(VALUE) && works(),
		   "round %u: the device is back, and sees what was changed meanwhile", round);
	next = hardware_queue();
	ktap_check(next != NO_QUEUE && next != queue,
		   "round %u: another queue of the hardware executes", round);
	print("round %u is over\n", round);
	return next;
}

int payload(void)
{
	unsigned int round, queue = NO_QUEUE;

	ktap_plan(3 + 4 * ROUNDS);
	page[0] = VALUE;
	gic_init();
	gic_enable_edge(VMM_CMDQV_SPI);
	gic_enable_edge(VMM_SMMU_GERROR_SPI);
	ktap_check(work_start() && !psci_cpu_on(1, (u64)secondary_start, 1),
		   "queues and a second vCPU come up");
	if (has_device())
		queue = hardware_queue();
	print("at work\n");
	for (round = 1; round <= ROUNDS; round++)
		queue = go_round(round, queue);
	atomic_store(&stop, true);
	while (!atomic_load(&stopped))
		;
	ktap_check(!atomic_load(&broken) && queue_kick(&cmdqv_queue[1]) && no_error(),
		   "no command was lost, and no error was seen");
	ktap_check(work_end(), "everything goes down");
	return ktap_end();
}
