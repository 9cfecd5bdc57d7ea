/* SPDX-License-Identifier: GPL-2.0 */
/*
 * VMMs as processes, for the programs that start several of them in the emulated machine. The
 * VMM is /bin/vmm, payloads are in /; the output of each VMM goes to a file.
 */
#ifndef _TEST_HOST_H
#define _TEST_HOST_H

#include <stdbool.h>
#include <sys/types.h>

#define STATUS_STOPPED 2	/* of a VMM that was told to end */

/* A payload on the DMA test device number @device, with one more option or NULL */
pid_t vmm_start(const char *payload, unsigned int device, const char *option, const char *path);

/* The exit status, or minus the signal */
int vmm_end(pid_t vmm);
bool vmm_runs(pid_t vmm);

/* True once the output has this line; false if the VMM ends, or never prints it */
bool vmm_says(pid_t vmm, const char *path, const char *line);

/* The words of debugfs behind the number of a VINTF; empty if that has no owner and works */
const char *vintf_state(unsigned int vintf);
bool vintf_is(unsigned int vintf, const char *word);

/* Results in KTAP; the output of a VMM is shown for one that is not ok. Returns the exit status */
void check(bool ok, const char *what, const char *path);
int checked(void);

#endif
