// SPDX-License-Identifier: GPL-2.0
/*
 * Results in KTAP.
 */
#include "guest.h"

static unsigned int planned, done, bad;

void ktap_plan(unsigned int count)
{
	planned = count;
	print("KTAP version 1\n1..%u\n", count);
}

bool ktap_check(bool ok, const char *format, ...)
{
	va_list ap;

	print("%sok %u ", ok ? "" : "not ", ++done);
	va_start(ap, format);
	vprint(format, ap);
	va_end(ap);
	print("\n");
	if (!ok)
		bad++;
	return ok;
}

void ktap_skip(const char *name, const char *why)
{
	print("ok %u %s # SKIP %s\n", ++done, name, why);
}

/* The exit status */
int ktap_end(void)
{
	return bad || done != planned;
}
