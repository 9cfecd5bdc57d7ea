// SPDX-License-Identifier: GPL-2.0
/*
 * A guest that works and never ends, for the host to stop. It says when it is up.
 */
#include "work.h"

int payload(void)
{
	if (!work_begin() || !everything_works())
		return 1;
	print("at work\n");
	while (queue_invalidate(&cmdqv_queue[0], 100, 1) &&
	       queue_invalidate(&cmdqv_queue[1], 100, 1))
		;
	return 1;
}
