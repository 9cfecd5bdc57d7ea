// SPDX-License-Identifier: GPL-2.0
/*
 * Failure injection, see fail_nth.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fail_nth.h"
#include "iommu_require.h"
#include "write_text.h"

#define MAX_ROUNDS 2000

static int nth_fd = -1;

static void require(const char *path, int rc)
{
	if (rc)
		require_skip("%s: %s (CONFIG_FAULT_INJECTION_DEBUG_FS, CONFIG_FAILSLAB, CONFIG_FAIL_PAGE_ALLOC)",
			     path, strerror(-rc));
}

/**
 * fail_nth_require() - Prepare injection; any allocation may then fail, also one
 * that may sleep. Ends the program as skipped if the kernel lacks a kind of
 * injection
 */
void fail_nth_require(void)
{
	static const struct {
		const char *file;
		const char *text;
	} knobs[] = {
		{ "failslab/ignore-gfp-wait", "N" },
		{ "failslab/verbose", "0" },
		{ "fail_page_alloc/ignore-gfp-wait", "N" },
		{ "fail_page_alloc/ignore-gfp-highmem", "N" },
		{ "fail_page_alloc/min-order", "0" },
		{ "fail_page_alloc/verbose", "0" },
		{ "fail_iommufd/verbose", "0" },
	};
	unsigned int i;
	char path[64];

	for (i = 0; i < ARRAY_SIZE(knobs); i++) {
		snprintf(path, sizeof(path), "/sys/kernel/debug/%s",
			 knobs[i].file);
		require(path, write_text(path, knobs[i].text));
	}
	nth_fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	require("/proc/thread-self/fail-nth", nth_fd < 0 ? -errno : 0);
}

/**
 * fail_nth_set() - Select a point of failure
 * @nth: Its number, from 1 on; 0 for none
 *
 * Return: 0 or a negative errno
 */
int fail_nth_set(unsigned int nth)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%u", nth);

	return pwrite(nth_fd, text, n, 0) == n ? 0 : -errno;
}

/**
 * fail_nth_met() - True if the point has failed since fail_nth_set()
 *
 * Return: 1 or 0, or a negative errno
 */
int fail_nth_met(void)
{
	char text[16] = "";

	if (pread(nth_fd, text, sizeof(text) - 1, 0) <= 0)
		return -errno;
	return !atoi(text);
}

/**
 * fail_nth_rounds() - Run a sequence of calls until no point of it fails
 * @s: The sequence of the program
 * @name: Its name
 * @round: One round: 1 if the point failed, 0 if not, -1 after a message
 * @counts: Receives the counts
 *
 * Return: 0, or not 0 after a failed round, and after too many rounds
 */
int fail_nth_rounds(const struct sequence *s, const char *name,
		    fail_nth_round round, struct fail_nth_counts *counts)
{
	unsigned int nth;
	int rc = 1;

	*counts = (struct fail_nth_counts){};
	for (nth = 1; rc > 0 && nth <= MAX_ROUNDS; nth++)
		rc = round(s, nth, counts);
	ksft_print_msg("%s: %u points failed, %u times the call with it\n",
		       name, counts->points, counts->refused);
	return rc;
}
