/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's failure injection for the calling thread: the n-th point of
 * failure fails, which is an allocation or a point marked in iommufd.
 * Documentation/fault-injection/fault-injection.rst of the base.
 */
#ifndef _FAIL_NTH_H
#define _FAIL_NTH_H

/**
 * struct fail_nth_counts - Counts over the rounds of a sequence of calls
 * @points: Points that failed
 * @refused: Failures of the sequence itself
 */
struct fail_nth_counts {
	unsigned int points;
	unsigned int refused;
};

struct sequence;
typedef int (*fail_nth_round)(const struct sequence *s, unsigned int nth,
			      struct fail_nth_counts *counts);

void fail_nth_require(void);
int fail_nth_set(unsigned int nth);
int fail_nth_met(void);
int fail_nth_rounds(const struct sequence *s, const char *name,
		    fail_nth_round round, struct fail_nth_counts *counts);

#endif
