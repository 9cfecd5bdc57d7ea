// SPDX-License-Identifier: GPL-2.0
/*
 * A guest that does its work and minds nobody: every queue's invalidations arrive,
 * round after round, and those in the direct window cost no exit, whatever other
 * guests are up to.
 */
#include "work.h"

#define ROUNDS		300
#define COMMANDS	200

static bool no_exits(void)
{
	bool ok;

	mark_begin();
	ok = queue_invalidate(&cmdqv_queue[0], COMMANDS, 1) &&
	     queue_invalidate(&cmdqv_queue[1], COMMANDS, 1);
	mark_end();
	return ok && !mark_count(COUNT_EXITS);
}

int payload(void)
{
	bool arrive = true, cheap = true;
	unsigned int i;

	ktap_plan(4);
	ktap_check(work_begin(), "everything comes up");
	for (i = 0; arrive && cheap && i < ROUNDS; i++) {
		arrive = everything_works();
		cheap = no_exits();
	}
	ktap_check(arrive, "invalidations arrive, over every queue, %u times", i);
	ktap_check(cheap, "%u of them in the direct window are no exit",
		   2 * COMMANDS * i);
	ktap_check(work_end(), "everything goes down");
	return ktap_end();
}
