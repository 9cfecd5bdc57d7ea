// SPDX-License-Identifier: GPL-2.0
/*
 * A load that checks itself, for a machine that is saved at any moment. One vCPU changes
 * the page behind an address of the device, invalidates it through each of the queues in
 * turn, and has the device read it: a lost invalidation is the old page, a queue that
 * does not go on is a timeout. The other one keeps its own queue busy, and a chain of
 * numbers in memory and registers, whose end is known. It ends when it was restored twice.
 */
#include <stdatomic.h>

#include "work.h"

#define RESTORED	2
#define AFTERWARDS	200	/* rounds after that */
#define CHAIN		4096
#define PAGES		8

static u64 pages[PAGES][512] __aligned(4096);
static u64 chain[CHAIN];
static atomic_bool end, done;
static bool second_ok;
static u64 second_rounds;

static u64 next(u64 x)
{
	x ^= x << 13;
	x ^= x >> 7;
	return x ^ x << 17;
}

/* The sum of the chain that begins with @x, by way of memory */
static u64 chain_sum(u64 x)
{
	u64 sum = 0;
	unsigned int i;

	for (i = 0; i < CHAIN; i++)
		chain[i] = x = next(x);
	for (i = 0; i < CHAIN; i++)
		sum = sum * 31 + chain[i];
	return sum;
}

void payload_secondary(unsigned int cpu)
{
	u64 known = chain_sum(88172645463325252UL);

	second_ok = true;
	while (second_ok && !atomic_load(&end)) {
		second_ok = queue_invalidate(&cmdqv_queue[1], 60, 1 + second_rounds % 20) &&
			    chain_sum(88172645463325252UL) == known;
		second_rounds++;
	}
	atomic_store(&done, true);
}

static struct queue *queue_of(u64 round)
{
	return round % 3 ? &cmdqv_queue[0] : &smmu_queue;
}

/* Never stale after the invalidation; the page is new each time */
static bool one_round(u64 round)
{
	u64 *page = pages[round % PAGES], iova = STAGE1_IOVA + round % 5 * PAGE_SIZE, value;

	page[0] = round;
	stage1_map(iova, page);
	return queue_issue(queue_of(round), round % 2 ? cmd_tlbi_va(STAGE1_ASID, iova) :
							cmd_tlbi_asid(STAGE1_ASID)) &&
	       dma_read(iova, &value) && value == round;
}

/* Says when it is at work, in each life; returns the rounds that were right */
static u64 rounds(void)
{
	u32 generation = ~0U, now;
	u64 round, left = AFTERWARDS;

	for (round = 1; left; round++) {
		now = control_read(CONTROL_GENERATION);
		if (now != generation)
			print("# at work, restored %u times\n", now);
		generation = now;
		if (!one_round(round))
			return 0;
		left -= now >= RESTORED;
	}
	return round;
}

int payload(void)
{
	bool up;
	u64 right;

	ktap_plan(4);
	up = work_begin() && everything_works();
	ktap_check(up, "everything works");
	up = up && control_read(CONTROL_CPUS) > 1 && !psci_cpu_on(1, (u64)secondary_start, 1);
	if (!ktap_check(up, "there is a second vCPU"))
		return ktap_end();
	right = rounds();
	atomic_store(&end, true);
	while (!atomic_load(&done))
		;
	print("# %lu rounds, %lu of the second vCPU\n", right, second_rounds);
	ktap_check(right && second_ok, "no invalidation is lost, no queue stops, memory is right");
	ktap_check(everything_works() && work_end(), "everything works, and goes down");
	return ktap_end();
}
