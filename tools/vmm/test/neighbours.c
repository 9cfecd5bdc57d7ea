// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual machines beside each other, and the end of those that do not end by
 * themselves.
 */
#include <signal.h>
#include <stdio.h>

#include "host.h"

static int run(const char *payload, unsigned int device, const char *path)
{
	return vmm_end(vmm_start(payload, device, NULL, path));
}

/* The good one as often as it takes until the bad one is through */
static void run_together(void)
{
	pid_t hostile = vmm_start("hostile", 1, NULL, "/tmp/hostile");
	bool ok = true;

	do {
		ok = !run("good", 0, "/tmp/good");
	} while (ok && vmm_runs(hostile));
	check(ok, "a good guest beside a bad one", "/tmp/good");
	check(!vmm_end(hostile), "a bad guest beside a good one", "/tmp/hostile");
}

static void stopped_by(int signal, int expected, const char *what)
{
	pid_t endless = vmm_start("endless", 1, NULL, "/tmp/endless");
	bool ok = vmm_says(endless, "/tmp/endless", "at work");
	int status;

	kill(endless, signal);
	status = vmm_end(endless);
	check(ok && status == expected, what, "/tmp/endless");
	check(!run("good", 1, "/tmp/good"), "its device serves the next guest",
	      "/tmp/good");
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n1..6\n");
	run_together();
	stopped_by(SIGTERM, STATUS_STOPPED, "a guest at work is stopped by SIGTERM");
	stopped_by(SIGKILL, -SIGKILL, "a VMM is killed");
	return checked();
}
