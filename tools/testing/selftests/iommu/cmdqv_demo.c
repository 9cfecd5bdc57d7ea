// SPDX-License-Identifier: GPL-2.0
/*
 * A guest-owned command queue, shown from end to end. One program is VMM and
 * guest at once: it gets a share of the SMMU from the kernel, makes two hardware
 * queues on its own memory, and invalidates translations by loads and stores.
 *
 * Each printed line was observed in this run; a line that is not true ends with
 * "FAILED" and makes the program fail. Nothing depends on wall clock or
 * addresses, so that two runs under -icount print the same bytes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmdqv_bench.h"
#include "cmdqv_load.h"
#include "cmdqv_regs.h"
#include "cmdqv_trace.h"

#define PAIRS		100000
#define COMPARED	1000
#define LOG2SIZE	8
#define HUGE_PAGES	12

#define IOVA		STAGE1_IOVA
#define GPA(vm, page)	ram_gpa(&(vm)->ram, RAM_DATA + (page) * RAM_PAGE)
#define VALUE_A		0xaaaaaaaaaaaaaaaaULL
#define VALUE_B		0xbbbbbbbbbbbbbbbbULL

static struct cmdqv_vm vm, other, bench;
static struct load_result pairs, queues, single, batch;
static unsigned int failures;

/* @n with a comma every three digits */
static const char *grouped(unsigned long long n, char text[32])
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%llu", n);
	int i, at = 0;

	for (i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			text[at++] = ',';
		text[at++] = digits[i];
	}
	text[at] = 0;
	return text;
}

static void check(int ok, const char *what)
{
	printf("  %-68s %s\n", what, ok ? "ok" : "FAILED");
	if (!ok)
		failures++;
}

static void must(struct cmdqv_vm *machine, int rc)
{
	if (!rc)
		return;
	printf("  %s: %s\n", machine->step ? machine->step : "start",
	       strerror(-rc));
	exit(1);
}

static __u64 device_reads(struct cmdqv_vm *machine)
{
	__u64 value = 0;
	int rc = dma_read(&machine->dev, IOVA, &value);

	return rc ? (__u64)rc : value;
}

static void build(void)
{
	struct iommu_hw_info_tegra241_cmdqv info = { 0 };
	unsigned int i;
	int rc;

	printf("Building a machine without a CPU\n");
	rc = ram_reserve_huge_pages(HUGE_PAGES);
	if (rc) {
		printf("  no huge pages: %s\n", strerror(-rc));
		exit(1);
	}
	must(&vm, vm_open(&vm, 0));
	printf("  device %s is ours; %llu MiB of guest RAM on huge pages\n",
	       vm.dev.name, vm.ram.size >> 20);
	must(&vm, iommufd_hw_info(vm.iommufd, vm.dev_id,
				  IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV, &info,
				  sizeof(info)));
	printf("  the SMMU has CMDQ-V version %u: %u queues for each guest\n",
	       info.version, 1U << info.log2vcmdqs);
	must(&vm, vm_viommu(&vm));
	printf("  vIOMMU: a virtual interface of CMDQ-V, and a VMID\n");
	must(&vm, vm_nest(&vm));
	printf("  vDEVICE: StreamID 0x%x for the guest is 0x%x for the SMMU\n",
	       VM_VSID(0), dma_stream_id(&vm.dev));
	printf("  device addresses go through the guest's stage 1, then stage 2\n");
	must(&vm, vm_map_page0(&vm));
	printf("  page 0 of the interface is mapped: %llu KiB of registers\n",
	       vm.mmap_length >> 10);
	for (i = 0; i < VM_QUEUES; i++) {
		must(&vm, vm_queue_alloc(&vm, i, LOG2SIZE));
		must(&vm, vcmdq_enable(&vm.queue[i].q));
		printf("  queue %u: %u commands in guest memory, switched on by us\n",
		       i, 1U << LOG2SIZE);
	}
}

static void translation(void)
{
	struct vcmdq *first = &vm.queue[0].q, *second = &vm.queue[1].q;

	printf("\nDoes an invalidation through the queue work?\n");
	*ram_data(&vm.ram, 0) = VALUE_A;
	*ram_data(&vm.ram, 1) = VALUE_B;
	stage1_map(&vm.ram, IOVA, GPA(&vm, 0));
	check(device_reads(&vm) == VALUE_A,
	      "the device reads page A through both stages");
	stage1_map(&vm.ram, IOVA, GPA(&vm, 1));
	check(device_reads(&vm) == VALUE_A,
	      "stage 1 now says page B; the SMMU still has page A cached");
	check(!vcmdq_issue_sync(first, cmd_tlbi_nh_va(VM_ASID, IOVA)) &&
	      device_reads(&vm) == VALUE_B,
	      "TLBI_NH_VA and CMD_SYNC in queue 0: the device reads page B");
	stage1_map(&vm.ram, IOVA, GPA(&vm, 0));
	check(device_reads(&vm) == VALUE_B,
	      "stage 1 says page A again; the SMMU still has page B cached");
	check(!vcmdq_issue_sync(second, cmd_tlbi_nh_asid(VM_ASID)) &&
	      device_reads(&vm) == VALUE_A,
	      "TLBI_NH_ASID and CMD_SYNC in queue 1: the device reads page A");
}

static void load(void)
{
	struct trace trace;
	char text[32];
	int rc;

	printf("\n%s pairs of TLBI_NH_VA and CMD_SYNC over both queues\n",
	       grouped(PAIRS, text));
	must(&vm, load_measure(&vm, load_queues, PAIRS, &pairs));
	printf("  %u times around each ring of %u commands\n",
	       2 * PAIRS / VM_QUEUES >> LOG2SIZE, 1U << LOG2SIZE);
	check(pairs.counts.guest.tlbi_nh_va == PAIRS &&
	      pairs.counts.guest.sync == PAIRS &&
	      pairs.counts.guest.commands == 2 * PAIRS &&
	      !pairs.counts.guest.errors,
	      "the hardware has executed exactly the commands sent");
	check(!pairs.counts.main.commands && !pairs.counts.smmu.mmio_reads &&
	      !pairs.counts.smmu.mmio_writes,
	      "the host has not touched the SMMU");
	check(!pairs.ioctls && !pairs.faults, "0 ioctls, 0 page faults");

	rc = trace_begin(&trace);
	if (!rc)
		rc = load_queues(&vm, PAIRS);
	if (!rc)
		rc = trace_end(&trace);
	check(!rc && !trace.syscalls,
	      "and once more with a tracer watching: 0 system calls");
}

static void compare(void)
{
	must(&vm, load_measure(&vm, load_queues, COMPARED, &queues));
	must(&vm, load_measure(&vm, load_ioctl_single, COMPARED, &single));
	must(&vm, load_measure(&vm, load_ioctl_batch, COMPARED, &batch));
	check(single.counts.main.tlbi_nh_va == COMPARED &&
	      batch.counts.main.tlbi_nh_va == COMPARED,
	      "the kernel's way executes the same commands");
}

static void isolation(void)
{
	struct smmu_cmd illegal = { .w = { CMD_CFGI_STE, 0 } };
	struct vcmdq *bad;
	__u32 cons;

	printf("\nA second machine at the same time\n");
	must(&other, vm_build(&other, 1, LOG2SIZE));
	*ram_data(&other.ram, 0) = VALUE_A;
	*ram_data(&other.ram, 1) = VALUE_B;
	stage1_map(&other.ram, IOVA, GPA(&other, 0));
	check(device_reads(&other) == VALUE_A, "its device reads its page A");
	stage1_map(&other.ram, IOVA, GPA(&other, 1));
	stage1_map(&vm.ram, IOVA, GPA(&vm, 1));
	check(!vcmdq_issue_sync(&vm.queue[0].q, cmd_tlbi_nh_va(VM_ASID, IOVA)) &&
	      device_reads(&vm) == VALUE_B && device_reads(&other) == VALUE_A,
	      "an invalidation by the first leaves the second's cache alone");

	bad = &other.queue[0].q;
	check(vcmdq_issue_sync(bad, illegal) == -EIO,
	      "a command that no guest may use stops its queue");
	cons = vcmdq_read(bad, VCMDQ_CONS);
	check(VCMDQ_CONS_ERR(cons) == VCMDQ_ERR_ILL,
	      "with error 1, illegal command");
	check(!vcmdq_issue_sync(&other.queue[1].q, cmd_tlbi_nh_asid(VM_ASID)) &&
	      !vcmdq_issue_sync(&vm.queue[0].q, cmd_tlbi_nh_asid(VM_ASID)) &&
	      !vcmdq_issue_sync(&vm.queue[1].q, cmd_tlbi_nh_asid(VM_ASID)),
	      "and no other queue");
}

static void teardown(void)
{
	struct model_counts counts;
	struct cmdqv_regs regs;
	int rc;

	printf("\nThe end\n");
	check(iommufd_destroy(vm.iommufd, vm.viommu) == -EBUSY &&
	      iommufd_destroy(vm.iommufd, vm.queue[0].id) == -EBUSY &&
	      iommufd_destroy(vm.iommufd, vm.parent) == -EBUSY,
	      "an object in use cannot be destroyed");
	rc = vm_teardown(&other);
	if (!rc)
		rc = vm_teardown(&vm);
	check(!rc, "in the right order everything can be destroyed");
	rc = regs_open(&regs);
	check(!rc && !regs_vintfs_in_use(&regs) && regs_vintf_clean(&regs, 1) &&
	      regs_vintf_clean(&regs, 2),
	      "and both virtual interfaces of the hardware are free and clean");
	if (!rc)
		regs_close(&regs);
	vm_counts(&vm, &counts);
	check(!counts.strict_host,
	      "the kernel never broke an order rule of the hardware");
	vm_close(&other);
	vm_close(&vm);
}

static void print_way(const char *way, const struct load_result *result)
{
	const struct model_counts *counts = &result->counts;
	char commands[32], ioctls[32], writes[32], reads[32], syncs[32], ns[32];

	grouped(result->commands, commands);
	grouped(result->ioctls, ioctls);
	grouped(counts->guest.mmio_writes + counts->smmu.mmio_writes, writes);
	grouped(counts->guest.mmio_reads + counts->smmu.mmio_reads, reads);
	grouped(counts->main.sync, syncs);
	grouped(result->ns / result->commands, ns);
	printf("  %-18s %8s %7s %11s %10s %10s %12s\n", way, commands, ioctls,
	       writes, reads, syncs, ns);
}

static void print_table(void)
{
	char count[32];

	printf("\nThe same %s invalidations in three ways\n",
	       grouped(COMPARED, count));
	printf("  %-18s %8s %7s %11s %10s %10s %12s\n", "way", "commands",
	       "ioctls", "MMIO writes", "MMIO reads", "host SYNCs",
	       "instructions");
	print_way("owned queues", &queues);
	print_way("ioctl, 1 a call", &single);
	print_way("ioctl, 63 a call", &batch);
	printf("  (instructions per invalidation; MMIO of the program and of the kernel)\n");
}

static void print_sentence(void)
{
	char count[32], own[32], call[32];

	printf("\nThis program owned two command queues of the SMMU and invalidated %s translations\n"
	       "through them without one system call, at %s instructions each; asking the kernel takes %s.\n",
	       grouped(PAIRS, count), grouped(pairs.ns / PAIRS, own),
	       grouped(single.ns / COMPARED, call));
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	build();
	translation();
	load();
	compare();
	isolation();
	teardown();

	printf("\nWhat the kernel's part costs, in instructions\n");
	must(&bench, bench_run(&bench));
	vm_close(&bench);
	bench_print();
	print_table();
	if (failures) {
		printf("\n%u of the claims above do not hold.\n", failures);
		return 1;
	}
	print_sentence();
	return 0;
}
