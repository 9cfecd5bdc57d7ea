/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Waiting for a condition that must become true. The bound only ends a hang: it is
 * far above the need of a loaded machine, and no test asserts on time.
 */
#ifndef _WAIT_FOR_H
#define _WAIT_FOR_H

#include <stdbool.h>
#include <unistd.h>

#define WAIT_MS		300000
#define WAIT_STEP_MS	10

/* A test may wait more than once */
#define WAIT_TEST_S	(3 * WAIT_MS / 1000)

/* True if @condition becomes true; it is evaluated repeatedly */
#define wait_for(condition)						\
	({								\
		unsigned int __steps = WAIT_MS / WAIT_STEP_MS;		\
		bool __true;						\
									\
		while (!(__true = (condition)) && __steps--)		\
			usleep(WAIT_STEP_MS * 1000);			\
		__true;							\
	})

#endif
