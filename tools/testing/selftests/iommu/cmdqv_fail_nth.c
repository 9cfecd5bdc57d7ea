// SPDX-License-Identifier: GPL-2.0
/*
 * Failure injection into the drivers of SMMUv3 and CMDQ-V: like viommu_fail_nth.c
 * on the mock driver, on a machine with the hardware. In round n of a sequence the
 * n-th point of failure in the kernel fails, until a round has no such point.
 *
 * A call that fails must have changed nothing: no ID and no descriptor is missing,
 * no VINTF is in use, and the same call succeeds at once. Afterwards no page is
 * pinned and every register of a VINTF has its reset value. Destroying must never
 * fail. Leaks and splats show in the kernel's log.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmdqv_events.h"
#include "cmdqv_regs.h"
#include "cmdqv_vm.h"
#include "fail_nth.h"
#include "proc_counters.h"
#include "../kselftest.h"

#define LOG2SIZE	8	/* 256 commands: one page */
#define HUGE_PAGES	16

enum what {
	ANY,		/* may fail, and then need not be repeatable */
	CALL,		/* one call: a failure changes nothing */
	NEVER_FAILS,
};

struct sequence {
	const char *name;
	/* Without injection; must succeed */
	int (*setup)(struct cmdqv_vm *vm);
	/* With injection */
	int (*run)(struct cmdqv_vm *vm);
	enum what what;
};

/* State that a failing call must not change */
struct state {
	__u32 id;
	int fd;
	unsigned int vintfs;
};

static struct cmdqv_regs regs;
static struct veventq events;
static long pins;

static int state_read(struct cmdqv_vm *vm, struct state *state)
{
	int rc = iommufd_ioas_alloc(vm->iommufd, &state->id);

	if (!rc)
		rc = iommufd_destroy(vm->iommufd, state->id);
	state->fd = dup(0);
	close(state->fd);
	state->vintfs = regs_vintfs_in_use(&regs);
	return rc;
}

static const char *try_again(struct cmdqv_vm *vm, const struct sequence *s,
			     const struct state *before)
{
	struct state now;

	if (state_read(vm, &now))
		return "an IOAS cannot be made any more";
	if (now.id != before->id)
		return "an ID is missing";
	if (now.fd != before->fd)
		return "a descriptor is missing";
	if (now.vintfs != before->vintfs)
		return "a VINTF is taken";
	return s->run(vm) ? "the call does not succeed now" : NULL;
}

/* Text about the first leftover, or NULL */
static const char *left_behind(void)
{
	unsigned int v;

	for (v = 1; v < regs.vintfs; v++)
		if (!regs_vintf_clean(&regs, v))
			return "a VINTF is not as after reset";
	return proc_pinned_pages() != pins ? "pages are still pinned" : NULL;
}

/* 1 if the point failed, 0 if the run had no such point, -1 with *problem set */
static int injected_run(const struct sequence *s, struct cmdqv_vm *vm,
			unsigned int nth, struct fail_nth_counts *counts,
			const char **problem)
{
	struct state before;
	int rc, met;

	*problem = "setup";
	if ((s->setup && s->setup(vm)) ||
	    (s->what == CALL && state_read(vm, &before)))
		return -1;
	*problem = "fail-nth";
	if (fail_nth_set(nth))
		return -1;
	rc = s->run(vm);
	met = fail_nth_met();
	if (met < 0 || fail_nth_set(0))
		return -1;
	*problem = "it fails although nothing was made to fail";
	if (rc && !met)
		return -1;
	*problem = "it must not fail";
	if (rc && s->what == NEVER_FAILS)
		return -1;
	*problem = rc && s->what == CALL ? try_again(vm, s, &before) : NULL;
	counts->points += met;
	counts->refused += met && rc;
	return *problem ? -1 : met;
}

static int round_run(const struct sequence *s, unsigned int nth,
		     struct fail_nth_counts *counts)
{
	struct cmdqv_vm vm = { .iommufd = -1, .dev.fd = -1 };
	const char *problem, *step;
	int met = injected_run(s, &vm, nth, counts, &problem);

	fail_nth_set(0);
	step = vm.step;
	veventq_close(&vm, &events);
	if (!problem && vm_teardown(&vm))
		problem = "the teardown fails";
	vm_close(&vm);
	if (!problem)
		problem = left_behind();
	if (!problem)
		return met;
	ksft_print_msg("%s, round %u, at %s: %s\n", s->name, nth,
		       step ?: "the start", problem);
	return -1;
}

static void test_sequence(const struct sequence *s)
{
	struct fail_nth_counts counts;
	int rc = fail_nth_rounds(s, s->name, round_run, &counts);

	/* A call that never failed had no relevant point of failure */
	ksft_test_result(!rc && (counts.refused || s->what == NEVER_FAILS),
			 "%s\n", s->name);
}

static int setup_open(struct cmdqv_vm *vm)
{
	return vm_open(vm, 0);
}

static int setup_viommu(struct cmdqv_vm *vm)
{
	int rc = vm_open(vm, 0);

	return rc ? rc : vm_viommu(vm);
}

static int setup_vdevice(struct cmdqv_vm *vm)
{
	int rc = setup_viommu(vm);

	return rc ? rc : vm_vdevice(vm);
}

static int setup_stage1(struct cmdqv_vm *vm)
{
	int rc = setup_vdevice(vm);

	return rc ? rc : vm_stage1(vm);
}

static int setup_queue_0(struct cmdqv_vm *vm)
{
	int rc = setup_viommu(vm);

	return rc ? rc : vm_queue_alloc(vm, 0, LOG2SIZE);
}

static int run_queue_0(struct cmdqv_vm *vm)
{
	return vm_queue_alloc(vm, 0, LOG2SIZE);
}

static int run_queue_1(struct cmdqv_vm *vm)
{
	return vm_queue_alloc(vm, 1, LOG2SIZE);
}

/* The guest has accessed page 0, so the kernel takes it away while it makes a queue */
static int setup_page0(struct cmdqv_vm *vm)
{
	int rc = setup_viommu(vm);

	if (!rc)
		rc = vm_map_page0(vm);
	if (!rc)
		rc = vm_queue_alloc(vm, 0, LOG2SIZE);
	return rc ? rc : (int)vcmdq_read(&vm->queue[0].q, VCMDQ_CONS);
}

/* An access after a call that has failed does not wait for good */
static int run_queue_1_page0(struct cmdqv_vm *vm)
{
	int rc = vm_queue_alloc(vm, 1, LOG2SIZE);

	return vcmdq_read(&vm->queue[0].q, VCMDQ_CONS) ? -EPROTO : rc;
}

static int run_veventq(struct cmdqv_vm *vm)
{
	return veventq_open(vm, IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV, 16, &events);
}

static int run_invalidate(struct cmdqv_vm *vm)
{
	struct smmu_cmd cmd = cmd_tlbi_nh_asid(VM_ASID);
	__u32 one = 1;

	return iommufd_hwpt_invalidate(vm->iommufd, vm->viommu, &cmd, &one);
}

static int run_build(struct cmdqv_vm *vm)
{
	return vm_build(vm, 0, LOG2SIZE);
}

/* A run before the measurement; the kernel may cache objects of it */
static int first_life(void)
{
	struct cmdqv_vm vm;
	int rc = vm_build(&vm, 0, LOG2SIZE);

	vm_close(&vm);
	pins = proc_pinned_pages();
	return !rc && pins < 0 ? -ENOENT : rc;
}

static const struct sequence sequences[] = {
	{ "IOMMU_VIOMMU_ALLOC", setup_open, vm_viommu, CALL },
	{ "IOMMU_VDEVICE_ALLOC", setup_viommu, vm_vdevice, CALL },
	{ "IOMMU_VEVENTQ_ALLOC", setup_viommu, run_veventq, CALL },
	{ "IOMMU_HW_QUEUE_ALLOC", setup_viommu, run_queue_0, CALL },
	{ "IOMMU_HW_QUEUE_ALLOC of the second queue", setup_queue_0,
	  run_queue_1, CALL },
	{ "IOMMU_HW_QUEUE_ALLOC under an access of page 0", setup_page0,
	  run_queue_1_page0, CALL },
	{ "IOMMU_HWPT_ALLOC on a vIOMMU", setup_vdevice, vm_stage1, CALL },
	{ "VFIO_DEVICE_ATTACH_IOMMUFD_PT", setup_stage1, vm_attach, CALL },
	{ "IOMMU_HWPT_INVALIDATE", setup_vdevice, run_invalidate, CALL },
	{ "mmap of page 0", setup_viommu, vm_map_page0, CALL },
	{ "a guest from nothing", NULL, run_build, ANY },
	{ "its end", run_build, vm_teardown, NEVER_FAILS },
};

int main(void)
{
	unsigned int i;
	int rc;

	fail_nth_require();
	ksft_print_header();
	ksft_set_plan(ARRAY_SIZE(sequences));
	if (ram_reserve_huge_pages(HUGE_PAGES) || regs_open(&regs))
		ksft_exit_fail_msg("no huge pages, or no registers\n");

	rc = first_life();
	if (rc)
		ksft_exit_fail_msg("the first life: %s\n", strerror(-rc));
	for (i = 0; i < ARRAY_SIZE(sequences); i++)
		test_sequence(&sequences[i]);
	regs_close(&regs);
	ksft_finished();
}
