// SPDX-License-Identifier: GPL-2.0
/*
 * Hardware that does not answer, or a guest that enables its queue while the host
 * destroys it. Needs a model that was started with the fault of the mode:
 *
 *	cmdqv_broken queue-off	fault-vcmdq-disable-stuck=on,fault-vcmdq=2
 *	cmdqv_broken race	fault-guest-enable=1,fault-vcmdq=2
 *	cmdqv_broken race-base	fault-guest-enable-base=1,fault-vcmdq=2
 *	cmdqv_broken vintf-off	fault-vintf-disable-stuck=on,fault-vintf=1
 *	cmdqv_broken vintf-on	fault-vintf-enable-stuck=on,fault-vintf=1
 *
 * Queue 2 is the first of VINTF 1, which the first VM gets. Destroying never
 * fails; a VINTF that does not answer is not reused, memory that may still be
 * read is not freed, and the next VM works.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../kselftest.h"
#include "cmdqv_ram.h"
#include "cmdqv_regs.h"
#include "cmdqv_vm.h"
#include "iommu_arguments.h"
#include "iommu_require.h"
#include "kernel_log.h"

#define HUGE_PAGES	16
#define LOG2SIZE	8

struct mode {
	const char *name;
	int build;		/* result of building the first VM */
	int retired;		/* VINTF 1 is never used again */
	int pages_lost;		/* huge pages */
};

static const struct mode modes[] = {
	{ .name = "queue-off", .retired = 1, .pages_lost = 1 },
	{ .name = "race" },
	{ .name = "race-base", .build = -EBUSY },
	{ .name = "vintf-off", .retired = 1 },
	{ .name = "vintf-on", .build = -ETIMEDOUT, .retired = 1 },
};

static struct cmdqv_vm first, second;

static const struct mode *find_mode(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(modes); i++)
		if (!strcmp(name, modes[i].name))
			return &modes[i];
	argument_refused("no mode \"%s\"", name);
}

static int free_huge_pages(void)
{
	FILE *f = fopen("/proc/meminfo", "r");
	char line[128];
	int n = -1;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "HugePages_Free: %d", &n) == 1)
			break;
	if (f)
		fclose(f);
	return n;
}

static int invalidates(struct cmdqv_vm *vm)
{
	unsigned int i;
	int rc = 0;

	for (i = 0; i < VM_QUEUES && !rc; i++)
		rc = vcmdq_issue_sync(&vm->queue[i].q, cmd_tlbi_nh_asid(VM_ASID));
	return rc;
}

static void test_first(const struct mode *mode)
{
	int before = free_huge_pages();
	int rc;

	rc = vm_build(&first, 0, LOG2SIZE);
	if (rc != mode->build)
		ksft_print_msg("%s\n", strerror(-rc));
	ksft_test_result(rc == mode->build, "building the first machine: %s\n",
			 strerror(-mode->build));
	if (!mode->build)
		ksft_test_result(!invalidates(&first), "its queues work\n");
	ksft_test_result(!vm_teardown(&first), "destroying it never fails\n");
	vm_close(&first);
	ksft_test_result(before > 0 &&
			 free_huge_pages() == before - mode->pages_lost,
			 "%d huge pages lost\n", mode->pages_lost);
	ksft_test_result(!!kernel_said("VINTF1: does not answer") ==
			 mode->retired, "VINTF 1 is %s\n",
			 mode->retired ? "retired" : "as good as new");
}

static void test_second(const struct mode *mode)
{
	struct cmdqv_regs regs;
	unsigned int v = mode->retired ? 2 : 1;

	ksft_test_result(!vm_build(&second, 1, LOG2SIZE),
			 "the next machine can be built\n");
	if (regs_open(&regs)) {
		ksft_test_result_fail("the registers can be read\n");
		return;
	}
	ksft_test_result(regs_vintf_status(&regs, v) & 1, "it has VINTF %u\n", v);
	regs_close(&regs);
	ksft_test_result(!invalidates(&second), "its queues work\n");
	ksft_test_result(!vm_teardown(&second), "and it can be destroyed\n");
	vm_close(&second);
}

int main(int argc, char **argv)
{
	const struct mode *mode;

	arguments_at_most(argc, 1, "[queue-off | race | race-base | vintf-off | vintf-on]");
	if (argc < 2)
		require_skip("needs a mode, and a model with its fault");
	mode = find_mode(argv[1]);
	require_cmdqv();
	ksft_print_header();
	if (ram_reserve_huge_pages(HUGE_PAGES))
		ksft_exit_fail_msg("no huge pages\n");

	ksft_set_plan(mode->build ? 8 : 9);
	test_first(mode);
	test_second(mode);
	ksft_finished();
}
