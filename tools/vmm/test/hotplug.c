// SPDX-License-Identifier: GPL-2.0
/*
 * A guest under load whose device, vIOMMU and VINTF go and come back. The kernel gives the
 * first free VINTF, so another guest starts or ends while the device is away.
 *
 *	hotplug			as above
 *	hotplug retired		fault-vcmdq-disable-stuck=on,fault-vcmdq=3
 *				fault-vintf-disable-stuck=on,fault-vintf=1
 *	hotplug refused		the first of these
 *
 * With the first of these faults of the hardware model a queue of VINTF 1 does not stop, which
 * is the one under load; with the other one VINTF 1 does not. The kernel retires it: while the
 * device goes, or, in the last form, before, as the guest gives the queue up.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

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

/* VINTF 1 is never free again; another guest has the next one when the device comes for the second time */
static int loses_vintf(void)
{
	pid_t vmm = vmm_start("replug", 0, NULL, OUTPUT);
	bool ok = vmm_says(vmm, OUTPUT, "at work") && vintf_is(1, "guest");

	ok = ok && lose_device(vmm, 1) && vintf_is(1, "no owner, retired") && get_device(vmm, 1);
	printf("# VINTF 1: %s\n", vintf_state(1));
	printf("# VINTF 2: %s\n", vintf_state(2));
	ok = ok && vintf_is(1, "no owner, retired") && vintf_is(2, "guest") && lose_device(vmm, 2) &&
	     other_toggle() && vintf_is(2, "guest") && get_device(vmm, 2);
	end(vmm, ok, "a guest loses a VINTF that the kernel retires, and goes on with another one");
	if (other)
		other_toggle();
	check(vintf_is(1, "no owner, retired") && !*vintf_state(2) && !*vintf_state(3),
	      "it stays retired, and the others are free again", OUTPUT);
	return checked();
}

/* The guest has the VINTF when the kernel retires it */
static int loses_queue(void)
{
	pid_t vmm = vmm_start("retired", 0, NULL, OUTPUT);
	bool ok = vmm_says(vmm, OUTPUT, "at work") && vintf_is(1, "guest") && vintf_is(1, "retired");

	ok = ok && lose_device(vmm, 1) && vintf_is(1, "no owner, retired") && get_device(vmm, 1);
	end(vmm, ok, "a guest goes on with another VINTF, where it gets the queue that was refused");
	return checked();
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 2 && !strcmp(argv[1], "retired")) {
		printf("KTAP version 1\n1..2\n");
		return loses_vintf();
	}
	if (argc == 2 && !strcmp(argv[1], "refused")) {
		printf("KTAP version 1\n1..1\n");
		return loses_queue();
	}
	printf("KTAP version 1\n1..2\n");
	plugged_first();
	unplugged_first();
	if (other)
		other_toggle();
	return checked();
}
