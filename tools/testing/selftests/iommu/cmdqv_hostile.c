// SPDX-License-Identifier: GPL-2.0
/*
 * A hostile guest. It writes to its 64 KiB of registers and to its queue memory. With
 * any values the other VM works, the kernel can destroy its queues and its VINTF, and
 * the next owner of the VINTF finds it clean.
 *
 * While the guest writes, the model cannot distinguish broken order rules of the guest
 * from those of the kernel; so no test here checks them.
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmdqv_test.h"
#include "cmdqv_regs.h"

#define ROUNDS		64

FIXTURE(hostile) {
	struct cmdqv_vm bad;
	struct cmdqv_vm good;
	struct cmdqv_regs regs;
	__u64 random;
};

FIXTURE_SETUP(hostile)
{
	ASSERT_EQ(0, regs_open(&self->regs));
	TEST_BUILD(&self->bad, 0, TEST_LOG2SIZE);
	TEST_BUILD(&self->good, 1, TEST_LOG2SIZE);
	self->random = 0x9e3779b97f4a7c15ULL;
}

FIXTURE_TEARDOWN(hostile)
{
	unsigned int i, v;

	for (i = 0; i < VM_QUEUES; i++) {
		struct vcmdq *q = &self->good.queue[i].q;

		EXPECT_EQ(0, vcmdq_issue_sync(q, cmd_tlbi_nh_asid(VM_ASID)));
		EXPECT_EQ(vcmdq_read(q, VCMDQ_GERROR),
			  vcmdq_read(q, VCMDQ_GERRORN));
	}
	EXPECT_EQ(0, vm_teardown(&self->bad))
	{
		TH_LOG("%s", self->bad.step);
	}
	vm_close(&self->bad);
	EXPECT_EQ(0, vm_teardown(&self->good))
	{
		TH_LOG("%s", self->good.step);
	}
	vm_close(&self->good);
	EXPECT_EQ(0, regs_vintfs_in_use(&self->regs));
	for (v = 1; v < self->regs.vintfs; v++)
		EXPECT_EQ(1, regs_vintf_clean(&self->regs, v));
	regs_close(&self->regs);
}

/* The same sequence in every run (xorshift) */
static __u64 next_random(__u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* PROD far ahead of CONS, behind it, and with bits that the index does not have */
TEST_F(hostile, wild_prod)
{
	static const __u32 prods[] = {
		0xffffffff, 0x80000000, 0x000fffff, 0x00000201, 0x000003ff, 1,
	};
	unsigned int i, k;

	for (i = 0; i < sizeof(prods) / sizeof(*prods); i++) {
		for (k = 0; k < VM_QUEUES; k++) {
			struct vcmdq *q = &self->bad.queue[k].q;

			vcmdq_write(q, VCMDQ_PROD, prods[i]);
			vcmdq_write(q, VCMDQ_GERRORN,
				    vcmdq_read(q, VCMDQ_GERROR));
		}
	}
}

/* A ring full of random commands. The guest acknowledges each illegal command. */
TEST_F(hostile, garbage_commands)
{
	struct vcmdq *q = &self->bad.queue[0].q;
	unsigned int i, round;

	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < 1U << TEST_LOG2SIZE; i++) {
			q->ring[i].w[0] = next_random(&self->random);
			q->ring[i].w[1] = next_random(&self->random);
		}
		vcmdq_write(q, VCMDQ_PROD, next_random(&self->random));
		for (i = 0; i < 16; i++)
			vcmdq_write(q, VCMDQ_GERRORN,
				    vcmdq_read(q, VCMDQ_GERROR));
	}
}

/* Random values in every word of page 0 */
TEST_F(hostile, garbage_registers)
{
	volatile __u32 *page0 = self->bad.page0;
	unsigned int i, round;

	for (round = 0; round < 4; round++)
		for (i = 0; i < self->bad.mmap_length / sizeof(*page0); i++)
			page0[i] = next_random(&self->random);
}

/* An error for every command: each is reported, and the host is not delayed. */
TEST_F(hostile, error_storm)
{
	struct smmu_cmd illegal = { .w = { CMD_CFGI_STE, 0 } };
	struct vcmdq *q = &self->bad.queue[0].q;
	struct model_counts before, after, counts;
	unsigned int i;

	model_read(&self->bad.dev, &before);
	for (i = 0; i < 1000; i++) {
		ASSERT_EQ(-EIO, vcmdq_issue_sync(q, illegal));
		vcmdq_repair(q);
		ASSERT_EQ(0, vcmdq_drain(q));
	}
	model_read(&self->bad.dev, &after);
	model_subtract(&after, &before, &counts);
	EXPECT_EQ(1000, counts.guest.errors);
}

/* Switches its queues on without end; never returns */
static void keep_enabling(struct cmdqv_vm *vm)
{
	unsigned int i;

	for (;;)
		for (i = 0; i < VM_QUEUES; i++) {
			vcmdq_write(&vm->queue[i].q, VCMDQ_CONFIG, VCMDQ_EN);
			vcmdq_write(&vm->queue[i].q, VCMDQ_PROD, i + 1);
		}
}

/*
 * One virtual CPU enables the queues again and again while the VMM destroys them and
 * makes them again. Both always succeed: the guest waits at page 0 meanwhile.
 */
TEST_F(hostile, enable_against_destroy)
{
	struct cmdqv_vm *vm = &self->bad;
	unsigned int round;
	int i, rc = 0;
	pid_t pid;

	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		keep_enabling(vm);
	for (round = 0; round < ROUNDS; round++) {
		for (i = VM_QUEUES - 1; i >= 0; i--)
			EXPECT_EQ(0, vm_queue_free(vm, i));
		for (i = 0; i < VM_QUEUES; i++) {
			rc = vm_queue_alloc(vm, i, TEST_LOG2SIZE);
			if (rc)
				break;
		}
		EXPECT_EQ(0, rc);
	}
	for (i = VM_QUEUES - 1; i >= 0; i--)
		EXPECT_EQ(0, vm_queue_free(vm, i));
	/* Only its mapping holds the vIOMMU now. */
	vm_unmap_page0(vm);
	EXPECT_EQ(-EBUSY, iommufd_destroy(vm->iommufd, vm->viommu));
	kill(pid, SIGKILL);
	EXPECT_EQ(pid, waitpid(pid, NULL, 0));

	for (i = 0; i < VM_QUEUES; i++)
		EXPECT_EQ(0, vm_queue_alloc(vm, i, TEST_LOG2SIZE));
}

TEST_HARNESS_MAIN
