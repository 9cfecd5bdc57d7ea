// SPDX-License-Identifier: GPL-2.0
/*
 * A guest whose commands take longer than the second for which a reset waits for them: a
 * limit that smmuv3-nesting.rst describes. Needs a device with ATS and a function level
 * reset, a model that takes 10 ms for each command of the guest's first queue, and -icount:
 * with the clock of a busy host the queue could be empty before the reset. See the boot
 * ats-slow in tools/testing/machine/boots.py.
 */
#include "smmuv3_ats.h"

/* Pairs of an ATC_INV and a CMD_SYNC, 2.5 s of the model */
#define PAIRS	125

FIXTURE(slow) {
	struct cmdqv_vm vm;
};

FIXTURE_SETUP(slow)
{
	TEST_BUILD(&self->vm, 0, TEST_LOG2SIZE);
}

FIXTURE_TEARDOWN(slow)
{
	TEST_END(&self->vm);
}

/* The guest gets error 3, for which it repeats its commands as for any other timeout */
TEST_F(slow, reset)
{
	struct cmdqv_vm *vm = &self->vm;
	struct vcmdq *q = &vm->queue[0].q;
	__u64 before = atc_unanswered(vm);
	int i;

	for (i = 0; i < PAIRS; i++) {
		ASSERT_EQ(0, vcmdq_add(q, cmd_atc_inv(VM_VSID(vm->dev.index),
						      IOVA(0))));
		ASSERT_EQ(0, vcmdq_add(q, cmd_sync()));
	}
	vcmdq_kick(q);
	ASSERT_EQ(0, device_reset(vm));
	ASSERT_EQ(1, vcmdq_read(q, VCMDQ_GERROR) ^
		     vcmdq_read(q, VCMDQ_GERRORN));
	EXPECT_EQ(VCMDQ_ERR_ATC, VCMDQ_CONS_ERR(vcmdq_read(q, VCMDQ_CONS)));
	EXPECT_LT(before, atc_unanswered(vm));

	before = atc_unanswered(vm);
	vcmdq_repair(q);
	EXPECT_TRUE(wait_for((vcmdq_read(q, VCMDQ_CONS) & q->wrap) == q->prod));
	EXPECT_EQ(vcmdq_read(q, VCMDQ_GERROR), vcmdq_read(q, VCMDQ_GERRORN));
	EXPECT_EQ(before, atc_unanswered(vm));
	EXPECT_EQ(0, vcmdq_issue_sync(&vm->queue[1].q,
				      cmd_atc_inv(VM_VSID(vm->dev.index),
						  IOVA(0))));
}

TEST_HARNESS_MAIN
