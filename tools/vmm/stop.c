// SPDX-License-Identifier: GPL-2.0
/*
 * The end of the machine, and the line that says why: what every other file may need, and
 * what needs none of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmm.h"

/**
 * failed() - Print an error for people
 * @what: The attempt that failed
 * @rc: Its error, as -errno
 *
 * Return: @rc, to be handed on.
 */
int failed(const char *what, int rc)
{
	fprintf(stderr, "vmm: %s: %s\n", what, strerror(-rc));
	return rc;
}

/**
 * vmm_stop() - Have the machine stop, from any thread
 * @vmm: The machine
 * @status: Exit status of the VMM; the status of the first call stays
 */
void vmm_stop(struct vmm *vmm, int status)
{
	uint64_t one = 1;

	if (atomic_exchange(&vmm->stopping, true))
		return;
	/* Read when the threads of all vCPUs have been joined, this one among them */
	vmm->status = status;
	if (write(vmm->stop_fd, &one, sizeof(one)) < 0)
		abort();
}
