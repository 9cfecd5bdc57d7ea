// SPDX-License-Identifier: GPL-2.0
/*
 * Costs of the operations on guest-owned queues, for tools/testing/bench/run: prints one
 * figure a line. A figure is -1 if the kernel lacks its operation.
 */
#include <stdio.h>
#include <string.h>

#include "cmdqv_bench.h"
#include "cmdqv_load.h"

#define HUGE_PAGES	80
#define COMMANDS	10000
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static struct cmdqv_vm vm;

static int measure_paths(void)
{
	static const struct {
		const char *name;
		load_fn load;
	} ways[] = {
		{ "owned queues", load_queues },
		{ "ioctl, 1 a call", load_ioctl_single },
		{ "ioctl, 63 a call", load_ioctl_batch },
	};
	struct load_result result;
	unsigned int i;
	int rc;

	rc = vm_build(&vm, 0, 8);
	for (i = 0; !rc && i < ARRAY_SIZE(ways); i++) {
		rc = load_measure(&vm, ways[i].load, COMMANDS, &result);
		if (rc)
			break;
		printf("figure %u invalidations, %s: instructions\t%llu\n", COMMANDS,
		       ways[i].name, result.ns);
		printf("figure %u invalidations, %s: ioctls (exact)\t%lu\n", COMMANDS,
		       ways[i].name, result.ioctls);
		printf("figure %u invalidations, %s: MMIO writes (exact)\t%llu\n", COMMANDS,
		       ways[i].name, result.counts.guest.mmio_writes +
		       result.counts.smmu.mmio_writes);
		printf("figure %u invalidations, %s: host SYNCs (exact)\t%llu\n", COMMANDS,
		       ways[i].name, result.counts.main.sync);
	}
	vm_close(&vm);
	return rc;
}

static int complain(const char *what, int rc)
{
	if (rc)
		printf("%s: %s: %s\n", what, vm.step ?: "call", strerror(-rc));
	return rc;
}

static int measure_large(void)
{
	int rc = vm_open(&vm, 0);

	if (!rc)
		rc = bench_large(&vm);
	complain("large queues", rc);
	vm_close(&vm);
	return rc;
}

static int measure_events(void)
{
	int rc = vm_build(&vm, 0, 8);

	if (!rc)
		rc = bench_events(&vm);
	complain("events", rc);
	vm_close(&vm);
	return rc;
}

int main(void)
{
	int rc;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (complain("huge pages", ram_reserve_huge_pages(HUGE_PAGES)))
		return 1;
	rc = complain("operations", bench_run(&vm));
	vm_close(&vm);
	if (!rc)
		rc = measure_large();
	if (!rc)
		rc = measure_events();
	bench_lines();
	if (!rc)
		rc = complain("invalidations", measure_paths());
	return !!rc;
}
