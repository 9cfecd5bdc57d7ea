// SPDX-License-Identifier: GPL-2.0
/*
 * A guest with any device: the whole life of its objects, its queues, its
 * invalidations and its events.
 *
 * Nothing here needs DMA on command or the counters of the hardware model. With
 * CMDQV_DEVICE=ADDRESS in the environment it runs with that PCI device, an NVMe or
 * a network card for example, which vfio-pci has; the device gets no bus master
 * bit. Without it the first DMA test device is taken.
 */
#include <endian.h>

#include "cmdqv_test.h"
#include "cmdqv_events.h"

#define DEPTH		8
#define LIVES		20
#define COMMANDS	20000
#define BAD_COMMAND	((struct smmu_cmd){ .w = { CMD_TLBI_NH_ALL, 0 } })

struct event {
	struct iommufd_vevent_header header;
	__le64 map[2];
};

FIXTURE(device) {
	struct cmdqv_vm vm;
	struct veventq events;
};

FIXTURE_SETUP(device)
{
	TEST_BUILD(&self->vm, 0, TEST_LOG2SIZE);
	ASSERT_EQ(0, veventq_open(&self->vm, IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV,
				  DEPTH, &self->events));
}

FIXTURE_TEARDOWN(device)
{
	EXPECT_EQ(0, veventq_close(&self->vm, &self->events));
	TEST_END(&self->vm);
}

/* Made and destroyed again and again; each queue works each time */
TEST(lives)
{
	struct cmdqv_vm vm;
	unsigned int i, n;

	for (n = 0; n < LIVES; n++) {
		TEST_BUILD(&vm, 0, TEST_LOG2SIZE);
		for (i = 0; i < VM_QUEUES; i++)
			EXPECT_EQ(0, vcmdq_issue_sync(&vm.queue[i].q,
						      cmd_tlbi_nh_asid(VM_ASID)));
		TEST_END(&vm);
	}
}

/* Each kind of TLBI that a guest's queue takes, many times around the ring */
TEST_F(device, commands)
{
	unsigned int i, n;

	for (n = 0; n < COMMANDS; n++) {
		for (i = 0; i < VM_QUEUES; i++)
			ASSERT_EQ(0, vcmdq_issue_sync(&self->vm.queue[i].q, n % 2 ?
						      cmd_tlbi_nh_asid(VM_ASID) :
						      cmd_tlbi_nh_va(VM_ASID, STAGE1_IOVA)));
	}
	for (i = 0; i < VM_QUEUES; i++) {
		struct vcmdq *q = &self->vm.queue[i].q;

		EXPECT_EQ(q->prod, vcmdq_read(q, VCMDQ_CONS) & q->wrap);
	}
}

TEST_F(device, full_ring)
{
	struct vcmdq *q = &self->vm.queue[1].q;
	unsigned int n;

	for (n = 0; n < (1U << TEST_LOG2SIZE) - 1; n++)
		ASSERT_EQ(0, vcmdq_add(q, cmd_tlbi_nh_asid(n)));
	ASSERT_EQ(0, vcmdq_add(q, cmd_sync()));
	vcmdq_kick(q);
	EXPECT_EQ(0, vcmdq_drain(q));
}

TEST_F(device, disable_enable)
{
	struct vcmdq *q = &self->vm.queue[0].q;

	ASSERT_EQ(0, vcmdq_issue_sync(q, cmd_tlbi_nh_asid(VM_ASID)));
	ASSERT_EQ(0, vcmdq_disable(q));
	EXPECT_EQ(q->prod, vcmdq_read(q, VCMDQ_CONS) & q->wrap);
	ASSERT_EQ(0, vcmdq_enable(q));
	EXPECT_EQ(0, vcmdq_issue_sync(q, cmd_tlbi_nh_asid(VM_ASID)));
}

/* Read the next event, which must come */
static __u64 next_map(struct __test_metadata *_metadata, const struct veventq *events)
{
	struct event event = { 0 };

	EXPECT_EQ(1, veventq_readable(events, WAIT_MS));
	EXPECT_EQ(sizeof(event), read(events->fd, &event, sizeof(event)));
	return le64toh(event.map[0]);
}

/* An error of each queue comes as an event, and the queue goes on after the repair */
TEST_F(device, events)
{
	unsigned int i, n;

	for (n = 0; n < 2; n++) {
		for (i = 0; i < VM_QUEUES; i++) {
			struct vcmdq *q = &self->vm.queue[i].q;

			EXPECT_EQ(-EIO, vcmdq_issue_sync(q, BAD_COMMAND));
			EXPECT_EQ(1U << i, next_map(_metadata, &self->events));
			vcmdq_repair(q);
			EXPECT_EQ(0, vcmdq_drain(q));
			EXPECT_EQ(0, vcmdq_issue_sync(q, cmd_tlbi_nh_asid(VM_ASID)));
		}
	}
	EXPECT_FALSE(veventq_readable(&self->events, 0));
}

/* Invalidations by a request of the VMM, beside the guest's queues */
TEST_F(device, forwarded)
{
	struct cmdqv_vm *vm = &self->vm;
	struct smmu_cmd cmds[3] = {
		cmd_tlbi_nh_va(VM_ASID, STAGE1_IOVA), cmd_tlbi_nh_asid(VM_ASID),
		{ .w = { CMD_TLBI_NH_ALL, 0 } },
	};
	__u32 count = 3;

	EXPECT_EQ(0, iommufd_hwpt_invalidate(vm->iommufd, vm->viommu, cmds, &count));
	EXPECT_EQ(3, count);
	cmds[1].w[0] = CMD_TLBI_S12_VMALL;
	count = 3;
	EXPECT_NE(0, iommufd_hwpt_invalidate(vm->iommufd, vm->viommu, cmds, &count));
	EXPECT_EQ(1, count);
}

/* Between no translation and both stages, under queues that go on */
TEST_F(device, attach_detach)
{
	struct cmdqv_vm *vm = &self->vm;
	unsigned int n;

	for (n = 0; n < LIVES; n++) {
		ASSERT_EQ(0, vm_detach(vm));
		ASSERT_EQ(0, vcmdq_issue_sync(&vm->queue[0].q, cmd_tlbi_nh_asid(VM_ASID)));
		TEST_STEP(vm, vm_attach(vm));
	}
}

/* Memory of a queue stays, and queues go in the order in which they came */
TEST_F(device, refusals)
{
	struct cmdqv_vm *vm = &self->vm;
	__u64 length = vm->ram.size;

	EXPECT_EQ(-EBUSY, iommufd_ioas_unmap(vm->iommufd, vm->ioas, vm->ram.gpa, &length));
	EXPECT_EQ(-EBUSY, vm_queue_free(vm, 0));
	EXPECT_EQ(-EBUSY, iommufd_destroy(vm->iommufd, vm->viommu));
	EXPECT_EQ(-EEXIST, vm_queue_alloc(vm, 0, TEST_LOG2SIZE));
	EXPECT_EQ(0, vcmdq_issue_sync(&vm->queue[0].q, cmd_tlbi_nh_asid(VM_ASID)));
}

/* The whole VM goes with its file descriptors */
TEST(closed)
{
	struct cmdqv_vm vm;
	unsigned int n;

	for (n = 0; n < LIVES; n++) {
		TEST_BUILD(&vm, 0, TEST_LOG2SIZE);
		vm_unmap_page0(&vm);
		dma_close(&vm.dev);
		close(vm.iommufd);
		ram_free(&vm.ram);
	}
}

TEST_HARNESS_MAIN
