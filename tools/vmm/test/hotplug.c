// SPDX-License-Identifier: GPL-2.0
/*
 * A guest under load whose device, vIOMMU and VINTF go and come back. The kernel gives the
 * first free VINTF, so another guest starts or ends while the device is away.
 */
#include <signal.h>
#include <stdio.h>

#include "host.h"

#define OUTPUT	"/tmp/replug"
#define OTHER	"/tmp/other"

static pid_t other;

/* The VINTF that is free now is another one than before */
static bool other_toggle(void)
{
	if (other) {
		kill(other, SIGTERM);
		if (vmm_end(other) != STATUS_STOPPED)
			return false;
		other = 0;
		return true;
	}
	other = vmm_start("endless", 1, NULL, OTHER);
	return vmm_says(other, OTHER, "at work");
}

static bool says(pid_t vmm, const char *format, unsigned int round)
{
	char line[32];

	snprintf(line, sizeof(line), format, round);
	return vmm_says(vmm, OUTPUT, line);
}

/* One signal at a time: a second one would be lost while the first is pending */
static bool lose_device(pid_t vmm, unsigned int round)
{
	kill(vmm, SIGHUP);
	return says(vmm, "without a device %u", round);
}

static bool get_device(pid_t vmm, unsigned int round)
{
	kill(vmm, SIGHUP);
	return says(vmm, "round %u is over", round);
}

static void end(pid_t vmm, bool ok, const char *what)
{
	if (!ok)
		kill(vmm, SIGTERM);
	ok = !vmm_end(vmm) && ok;
	check(ok, what, OUTPUT);
}

static void plugged_first(void)
{
	pid_t vmm = vmm_start("replug", 0, NULL, OUTPUT);
	bool ok = vmm_says(vmm, OUTPUT, "at work");

	ok = ok && lose_device(vmm, 1) && other_toggle() && get_device(vmm, 1) &&
	     lose_device(vmm, 2) && other_toggle() && get_device(vmm, 2);
	end(vmm, ok, "a guest loses its device and gets it back on another VINTF, twice");
}

static void unplugged_first(void)
{
	pid_t vmm = vmm_start("replug", 0, "--unplugged", OUTPUT);
	bool ok = says(vmm, "without a device %u", 1);

	ok = ok && get_device(vmm, 1) && lose_device(vmm, 2) && other_toggle() &&
	     get_device(vmm, 2);
	end(vmm, ok, "a guest starts without its device, gets it, loses it and gets it back");
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n1..2\n");
	plugged_first();
	unplugged_first();
	if (other)
		other_toggle();
	return checked();
}
