// SPDX-License-Identifier: GPL-2.0
/*
 * Two vCPUs, each with a queue of its own, at the same time: neither of them
 * leaves the guest for it.
 */
#include <stdatomic.h>

#include "work.h"

#define COMMANDS 5000

static atomic_bool ready, go, done;
/* Of the second vCPU; read by the first one when that is done */
static bool result;

static void wait_for(atomic_bool *flag)
{
	while (!atomic_load(flag))
		;
}

void payload_secondary(unsigned int cpu)
{
	struct queue *q = &cmdqv_queue[cpu];

	/* The registers of the queue are mapped in stage 2 by this */
	result = queue_invalidate(q, 1, 1);
	atomic_store(&ready, true);
	wait_for(&go);
	result &= queue_invalidate(q, COMMANDS, 1);
	atomic_store(&done, true);
}

int payload(void)
{
	bool ok;

	ktap_plan(4);
	ktap_check(work_begin() && everything_works(), "everything works");
	if (control_read(CONTROL_CPUS) < 2 ||
	    psci_cpu_on(1, (u64)secondary_start, 1)) {
		ktap_check(false, "there is a second vCPU");
		return ktap_end();
	}
	wait_for(&ready);
	mark_begin();
	atomic_store(&go, true);
	ok = queue_invalidate(&cmdqv_queue[0], COMMANDS, 1);
	wait_for(&done);
	mark_end();
	ktap_check(ok && result, "%u invalidations on each of two vCPUs",
		   COMMANDS);
	ktap_check(!mark_count(COUNT_EXITS) && !mark_count(COUNT_IOCTLS),
		   "are no exit and no ioctl");
	ktap_check(everything_works() && work_end(), "everything works, and goes down");
	return ktap_end();
}
