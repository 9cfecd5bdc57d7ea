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
 * failed_again() - Print an error that a guest can repeat, LOGGED_MAX times at most
 * @what: The attempt that failed
 * @rc: Its error, as -errno
 * @count: Counts the errors of this kind
 *
 * Return: @rc, to be handed on.
 */
int failed_again(const char *what, int rc, unsigned long *count)
{
	unsigned long n = ++*count;

	if (n <= LOGGED_MAX)
		failed(what, rc);
	if (n == LOGGED_MAX)
		fprintf(stderr, "vmm: no more of these\n");
	return rc;
}

/**
 * vmm_stop() - Have the machine stop, from any thread
 * @vmm: The machine; its lock is held
 * @status: Exit status of the VMM
 *
 * The first call counts, but the end of a machine comes before its save: KVM has turned off the
 * vCPUs of a guest that ended, or cannot go on, and a file of them would be of no use.
 */
void vmm_stop(struct vmm *vmm, int status)
{
	uint64_t one = 1;
	bool stopping = atomic_load(&vmm->stopping);

	if (stopping && !vmm->saving)
		return;
	vmm->saving = false;
	vmm->status = status;
	atomic_store(&vmm->stopping, true);
	if (!stopping && write(vmm->stop_fd, &one, sizeof(one)) < 0)
		abort();
}

/**
 * vmm_save() - Have the machine stop and be saved, from any thread, if it was told where to
 * @vmm: The machine; its lock is held
 */
void vmm_save(struct vmm *vmm)
{
	if (!vmm->options.save || atomic_load(&vmm->stopping))
		return;
	vmm_stop(vmm, VMM_STATUS_SAVED);
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
