// SPDX-License-Identifier: GPL-2.0
/*
 * Behaviour of an owned queue: it executes every command exactly once, wraps,
 * stops when full, and needs only loads and stores.
 *
 * The figures must equal the counters of the model exactly.
 */
#include "cmdqv_test.h"
#include "cmdqv_load.h"

#define PAIRS		100000
#define COMPARED	1000

FIXTURE(queue) {
	struct cmdqv_vm vm;
};

FIXTURE_SETUP(queue)
{
	TEST_BUILD(&self->vm, 0, TEST_LOG2SIZE);
}

FIXTURE_TEARDOWN(queue)
{
	struct model_counts counts;

	vm_counts(&self->vm, &counts);
	EXPECT_EQ(0, counts.strict_guest);
	TEST_END(&self->vm);
}

/* The queues at the start of the last load */
static struct vcmdq at_start[VM_QUEUES];

static int load_from_start(struct cmdqv_vm *vm, unsigned long count)
{
	int i;

	for (i = 0; i < VM_QUEUES; i++)
		at_start[i] = vm->queue[i].q;
	return load_queues(vm, count);
}

TEST_F(queue, no_ioctl_no_fault)
{
	struct cmdqv_vm *vm = &self->vm;
	__u64 writes = 0, reads = 0;
	struct load_result result;
	int i;

	ASSERT_EQ(0, load_measure(vm, load_from_start, PAIRS, &result));
	EXPECT_EQ(0, result.ioctls);
	EXPECT_EQ(0, result.faults);

	EXPECT_EQ(PAIRS, result.counts.guest.tlbi_nh_va);
	EXPECT_EQ(PAIRS, result.counts.guest.sync);
	EXPECT_EQ(2 * PAIRS, result.counts.guest.commands);
	EXPECT_EQ(0, result.counts.guest.errors);
	EXPECT_EQ(0, result.counts.main.commands);
	EXPECT_EQ(0, result.counts.main.sync);
	EXPECT_EQ(0, result.counts.interrupts);

	for (i = 0; i < VM_QUEUES; i++) {
		struct vcmdq *q = &vm->queue[i].q, *start = &at_start[i];
		__u64 sent = vcmdq_commands(q) - vcmdq_commands(start);

		/* Two commands per pair */
		EXPECT_EQ(2 * PAIRS / VM_QUEUES, sent);
		writes += vcmdq_mmio_writes(q) - vcmdq_mmio_writes(start);
		reads += vcmdq_mmio_reads(q) - vcmdq_mmio_reads(start);
		/* Several hundred times around the ring */
		EXPECT_LT(300, sent >> q->log2size);
	}
	EXPECT_EQ(PAIRS, writes);
	EXPECT_EQ(writes, result.counts.guest.mmio_writes);
	EXPECT_EQ(reads, result.counts.guest.mmio_reads);
	EXPECT_EQ(0, result.counts.smmu.mmio_writes);
	EXPECT_EQ(0, result.counts.smmu.mmio_reads);
}

/* The same under a tracer: no system call of any kind. */
TEST_F(queue, no_system_call)
{
	struct trace trace;

	ASSERT_EQ(0, trace_begin(&trace));
	EXPECT_EQ(0, load_queues(&self->vm, PAIRS));
	ASSERT_EQ(0, trace_end(&trace));
	EXPECT_EQ(0, trace.syscalls);
	EXPECT_EQ(0, trace.ioctls);

	/* The tracer detects system calls. */
	ASSERT_EQ(0, trace_begin(&trace));
	EXPECT_EQ(0, load_ioctl_single(&self->vm, COMPARED));
	ASSERT_EQ(0, trace_end(&trace));
	EXPECT_EQ(COMPARED, trace.syscalls);
	EXPECT_EQ(COMPARED, trace.ioctls);
}

TEST_F(queue, ioctl_one_per_call)
{
	struct load_result result;

	ASSERT_EQ(0, load_measure(&self->vm, load_ioctl_single, COMPARED,
				  &result));
	EXPECT_EQ(COMPARED, result.ioctls);
	EXPECT_EQ(COMPARED, result.counts.main.tlbi_nh_va);
	EXPECT_EQ(COMPARED, result.counts.main.sync);
	EXPECT_EQ(0, result.counts.guest.commands);
	EXPECT_EQ(0, result.counts.guest.mmio_writes);
}

TEST_F(queue, ioctl_63_per_call)
{
	const unsigned long calls = (COMPARED + LOAD_BATCH - 1) / LOAD_BATCH;
	struct load_result result;

	ASSERT_EQ(0, load_measure(&self->vm, load_ioctl_batch, COMPARED,
				  &result));
	EXPECT_EQ(calls, result.ioctls);
	EXPECT_EQ(COMPARED, result.counts.main.tlbi_nh_va);
	EXPECT_EQ(calls, result.counts.main.sync);
	EXPECT_EQ(0, result.counts.guest.commands);
}

/* One write of PROD for a whole ring: full by the wrap bit alone, then empty */
TEST_F(queue, full_ring)
{
	struct vcmdq *q = &self->vm.queue[1].q;
	const unsigned int size = 1U << TEST_LOG2SIZE;
	struct model_counts before, after, counts;
	unsigned int turn, i;

	model_read(&self->vm.dev, &before);
	for (turn = 0; turn < 3; turn++) {
		for (i = 0; i < size - 1; i++)
			ASSERT_EQ(0, vcmdq_add(q, cmd_tlbi_nh_asid(i)));
		ASSERT_EQ(0, vcmdq_add(q, cmd_sync()));
		EXPECT_EQ(size, q->prod ^ q->cons);
		vcmdq_kick(q);
		ASSERT_EQ(0, vcmdq_drain(q));
		EXPECT_EQ(q->prod, vcmdq_read(q, VCMDQ_CONS));
	}
	model_read(&self->vm.dev, &after);
	model_subtract(&after, &before, &counts);
	EXPECT_EQ(3 * (size - 1), counts.guest.tlbi_nh_asid);
	EXPECT_EQ(3, counts.guest.sync);
}

/* A queue that its guest disables keeps its indexes and continues there. */
TEST_F(queue, disable_enable)
{
	struct vcmdq *q = &self->vm.queue[0].q;

	ASSERT_EQ(0, vcmdq_issue_sync(q, cmd_tlbi_nh_asid(VM_ASID)));
	ASSERT_EQ(0, vcmdq_disable(q));
	EXPECT_EQ(q->prod, vcmdq_read(q, VCMDQ_CONS));
	ASSERT_EQ(0, vcmdq_enable(q));
	EXPECT_EQ(0, vcmdq_issue_sync(q, cmd_tlbi_nh_asid(VM_ASID)));
}

TEST_HARNESS_MAIN
