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
 *
 * Return: true if this was the first call.
 */
bool vmm_stop(struct vmm *vmm, int status)
{
	uint64_t one = 1;

	if (atomic_exchange(&vmm->stopping, true))
		return false;
	/* Read when the threads of all vCPUs have been joined, this one among them */
	vmm->status = status;
	if (write(vmm->stop_fd, &one, sizeof(one)) < 0)
		abort();
	return true;
}

/**
 * vmm_save() - Have the machine stop and be saved, from any thread, if it was told where to
 * @vmm: The machine
 */
void vmm_save(struct vmm *vmm)
{
	/* Read when the threads of all vCPUs have been joined, as the status is */
	if (vmm->options.save && vmm_stop(vmm, VMM_STATUS_SAVED))
		vmm->saving = true;
}

/**
 * vmm_go_on() - Take a stop back
 * @vmm: The machine; no vCPU has a thread
 */
void vmm_go_on(struct vmm *vmm)
{
	uint64_t stops;

	if (read(vmm->stop_fd, &stops, sizeof(stops)) < 0)
		abort();
	vmm->saving = false;
	atomic_store(&vmm->stopping, false);
}
