/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Waiting for something that must come. The bound is there to end a hang: it is far
 * more than a loaded machine needs, and no test asserts how long anything took.
 */
#ifndef _WAIT_FOR_H
#define _WAIT_FOR_H

#include <stdbool.h>
#include <unistd.h>

#define WAIT_MS		300000
#define WAIT_STEP_MS	10

/* A test may wait more than once */
#define WAIT_TEST_S	(3 * WAIT_MS / 1000)

/* Whether @condition becomes true; it is evaluated again and again */
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
