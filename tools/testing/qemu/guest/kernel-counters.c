// SPDX-License-Identifier: GPL-2.0
/*
 * Prints counters of the hardware model, for scripts in the machine:
 *
 *	kernel-counters ADDRESS NAME
 *
 * ADDRESS is the PCI address of a DMA test device. The first queues, those of VINTF 0, belong to
 * the kernel of the machine; the others belong to guests.
 */

#include <stdio.h>
#include <string.h>

#include "guest.h"

static uint64_t commands_of_guests(void)
{
	uint64_t own = counter(CMDQV_WIN_VCMDQS) / counter(CMDQV_WIN_VINTFS);
	uint64_t sum = counter(CMDQV_WIN_COMMANDS);

	for (uint64_t q = 0; q < own; q++)
		sum -= counter(CMDQV_WIN_QUEUE(q) + CMDQV_WIN_Q_COMMANDS);
	return sum;
}

static uint64_t commands_of_host(void)
{
	return counter(CMDQV_WIN_COMMANDS) - commands_of_guests() +
	       counter(CMDQV_WIN_MAIN_COMMANDS);
}

static uint64_t errors(void)
{
	return counter(CMDQV_WIN_ERRORS);
}

static uint64_t strict(void)
{
	return counter(CMDQV_WIN_STRICT);
}

static uint64_t strict_guest(void)
{
	return counter(CMDQV_WIN_STRICT_GUEST);
}

/* CMD_SYNCs of all queues: all unmaps of the device's owner */
static uint64_t syncs(void)
{
	return counter(CMDQV_WIN_SYNCS) + counter(CMDQV_WIN_MAIN_SYNCS);
}

static const struct {
	const char *name;
	uint64_t (*value)(void);
} counters[] = {
	{ "errors", errors },
	{ "guest-commands", commands_of_guests },
	{ "host-commands", commands_of_host },
	{ "strict", strict },
	{ "strict-guest", strict_guest },
	{ "syncs", syncs },
};

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: kernel-counters ADDRESS NAME\n");
		return 2;
	}
	snprintf(device, sizeof(device), "/sys/bus/pci/devices/%s", argv[1]);
	if (!map_window()) {
		fprintf(stderr, "kernel-counters: %s has no counters\n", argv[1]);
		return 1;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(counters); i++) {
		if (strcmp(argv[2], counters[i].name))
			continue;
		printf("%llu\n", (unsigned long long)counters[i].value());
		return 0;
	}
	fprintf(stderr, "kernel-counters: no counter %s\n", argv[2]);
	return 2;
}
