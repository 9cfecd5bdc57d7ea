/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Arguments of test programs: a wrong one ends the program with KSFT_FAIL and one
 * line that names it, before any other action.
 */
#ifndef _IOMMU_ARGUMENTS_H
#define _IOMMU_ARGUMENTS_H

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "../kselftest.h"

#define argument_refused(fmt, ...)					\
	do {								\
		fprintf(stderr, "%s: " fmt "\n",			\
			program_invocation_short_name, ##__VA_ARGS__);	\
		exit(KSFT_FAIL);					\
	} while (0)

/* At most @max arguments; @usage names them */
static inline void arguments_at_most(int argc, int max, const char *usage)
{
	if (argc > max + 1)
		argument_refused("%d arguments; usage: %s", argc - 1, usage);
}

/* The argument @text, a number from @min to @max */
static inline unsigned long long argument_number(const char *text, const char *name,
						 unsigned long long min,
						 unsigned long long max)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 0);
	/* strtoull() also accepts blanks and signs */
	if (!isdigit((unsigned char)text[0]) || *end || errno || value < min || value > max)
		argument_refused("%s is not a number from %llu to %llu: \"%s\"",
				 name, min, max, text);
	return value;
}

#endif
