// SPDX-License-Identifier: GPL-2.0
/*
 * A HW queue is made while the SMMU's own queue stands at a CMD_SYNC, because the device of
 * another VM does not answer an ATC_INV. Needs the machine of smmuv3_stuck, with a model in
 * which that CMD_SYNC is late by more than the driver waits for it.
 *
 * The kernel gives a queue to a new owner after a flush, which is behind that CMD_SYNC. A
 * refusal would reach the guest, and a Linux guest then has no SMMU at all.
 */
#include "smmuv3_stuck.h"

FIXTURE(stuck_alloc) {
	struct cmdqv_vm silent;
	struct cmdqv_vm other;
	__u64 late;
	pthread_t thread;
	int rc;
};

static void *invalidate_silent(void *data)
{
	struct _test_data_stuck_alloc *self = data;
	struct cmdqv_vm *vm = &self->silent;

	self->rc = invalidate_one(vm, CMD_ATC_INV | VSID(vm), IOVA(0));
	return NULL;
}

/* The device of one VM keeps a translation; another VM is about to make its first queue */
FIXTURE_SETUP(stuck_alloc)
{
	struct cmdqv_vm *silent = &self->silent, *other = &self->other;

	start_with_ats(_metadata, silent, 0);
	TEST_STEP(other, vm_open(other, 1));
	TEST_STEP(other, vm_viommu(other));
	TEST_STEP(other, vm_map_page0(other));

	/* The handler of the SMMU's errors runs on the first processor */
	ASSERT_EQ(0, pin(pthread_self(), 1));
	self->late = late_syncs(silent);
	atc_be_silent(silent, DMA_TEST_SILENT);
	ASSERT_EQ(0, pthread_create(&self->thread, NULL, invalidate_silent, self));
	ASSERT_EQ(0, pin(self->thread, 2));
	ASSERT_TRUE(wait_for(late_syncs(silent) != self->late));
}

FIXTURE_TEARDOWN(stuck_alloc)
{
	EXPECT_EQ(0, device_reset(&self->silent));
	TEST_END(&self->other);
	TEST_END(&self->silent);
}

TEST_F(stuck_alloc, queue)
{
	struct cmdqv_vm *vm = &self->other;
	int rc = vm_queue_alloc(vm, 0, TEST_LOG2SIZE);

	ASSERT_EQ(0, pthread_join(self->thread, NULL));
	ASSERT_EQ(0, rc);
	EXPECT_EQ(0, self->rc);
	ASSERT_EQ(0, vcmdq_enable(&vm->queue[0].q));
	EXPECT_EQ(0, vcmdq_issue_sync(&vm->queue[0].q, cmd_tlbi_nh_asid(VM_ASID)));
}

TEST_HARNESS_MAIN
