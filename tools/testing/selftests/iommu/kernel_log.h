/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The log of the kernel, for tests of lines that the documentation names.
 */
#ifndef _KERNEL_LOG_H
#define _KERNEL_LOG_H

#include <stdbool.h>
#include <string.h>
#include <sys/klog.h>

/* True if the log has @text */
static inline bool kernel_said(const char *text)
{
	static char log[1 << 19];
	int n = klogctl(3, log, sizeof(log) - 1);

	log[n < 0 ? 0 : n] = 0;
	return strstr(log, text);
}

#endif
