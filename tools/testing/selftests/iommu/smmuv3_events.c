// SPDX-License-Identifier: GPL-2.0
/*
 * Events of a guest's device: faults of stage 1 are reported to the vEVENTQ of type
 * ARM_SMMUV3, with the virtual StreamID, and not logged. Faults of stage 2 are logged.
 * Nothing is reported after the device was detached.
 */
#include "smmuv3_nested.h"
#include "cmdqv_events.h"
#include "kernel_log.h"

#define DEPTH		4
#define STORM		1000

#define EVT_C_BAD_CD		0x0a
#define EVT_F_TRANSLATION	0x10
#define EVT1_STALL		(1ULL << 31)
#define EVT1_RNW		(1ULL << 35)
#define EVT1_S2			(1ULL << 39)

#define NOT_MAPPED(n)	IOVA(64 + (n))

struct event {
	struct iommufd_vevent_header header;
	__le64 evt[4];
};

FIXTURE(events) {
	struct cmdqv_vm vm;
	struct veventq queue;
};

FIXTURE_VARIANT(events) {
	int cmdqv;
};

FIXTURE_VARIANT_ADD(events, smmuv3) { .cmdqv = 0 };
FIXTURE_VARIANT_ADD(events, tegra241_cmdqv) { .cmdqv = 1 };

/* The emulator splits a failing access of 8 bytes into two, so there are two events */
static void access_size(struct cmdqv_vm *vm, unsigned int bytes)
{
	*(volatile __u64 *)(vm->dev.regs + DMA_TEST_SIZE) = bytes;
}

FIXTURE_SETUP(events)
{
	struct cmdqv_vm *vm = &self->vm;

	if (variant->cmdqv) {
		TEST_RESERVE();
		TEST_STEP(vm, vm_open(vm, 0));
		TEST_STEP(vm, vm_viommu(vm));
	} else {
		NESTED_OPEN(vm, 0);
	}
	TEST_STEP(vm, vm_nest(vm));
	access_size(vm, 4);
	stage1_map(&vm->ram, IOVA(0), GPA(vm, 0));
	ASSERT_EQ(0, veventq_open(vm, IOMMU_VEVENTQ_TYPE_ARM_SMMUV3, DEPTH,
				  &self->queue));
}

FIXTURE_TEARDOWN(events)
{
	access_size(&self->vm, 8);
	EXPECT_EQ(0, veventq_close(&self->vm, &self->queue));
	TEST_END(&self->vm);
}

/* The device reads where nothing is mapped */
static void fault(struct __test_metadata *_metadata, struct cmdqv_vm *vm,
		  __u64 iova)
{
	__u64 value;

	EXPECT_EQ(-EFAULT, dma_read(&vm->dev, iova, &value));
}

static void handled_fault(struct __test_metadata *_metadata,
			  struct cmdqv_vm *vm, __u64 iova)
{
	fault(_metadata, vm, iova);
	EXPECT_TRUE(irq_handled(SMMU_EVENT_IRQ));
}

static bool fault_is_logged(struct __test_metadata *_metadata,
			    struct cmdqv_vm *vm, __u64 iova)
{
	int log = kmsg_open();
	bool logged = kmsg_comes(log, "event 0x10 received",
				 handled_fault(_metadata, vm, iova));

	close(log);
	return logged;
}

/* Read the next event, which must come and must be of this kind */
static void next_event(struct __test_metadata *_metadata,
		       const struct veventq *queue, unsigned int id, __u32 vsid,
		       struct event *event)
{
	memset(event, 0, sizeof(*event));
	EXPECT_EQ(1, veventq_readable(queue, WAIT_MS));
	EXPECT_EQ(sizeof(*event), read(queue->fd, event, sizeof(*event)));
	EXPECT_EQ(0, event->header.flags);
	EXPECT_EQ(id, le64toh(event->evt[0]) & 0xff);
	EXPECT_EQ(vsid, le64toh(event->evt[0]) >> 32);
	EXPECT_EQ(0, le64toh(event->evt[1]) & (EVT1_STALL | EVT1_S2));
}

TEST_F(events, translation_fault)
{
	struct cmdqv_vm *vm = &self->vm;
	struct event event;
	int log = kmsg_open();

	ASSERT_NE(dma_stream_id(&vm->dev), VM_VSID(0));
	ASSERT_EQ(VM_VSID(0), VM_VSID(0) & 0xfffff);
	EXPECT_EQ(0, veventq_readable(&self->queue, 0));
	fault(_metadata, vm, NOT_MAPPED(0));
	next_event(_metadata, &self->queue, EVT_F_TRANSLATION, VM_VSID(0),
		   &event);
	EXPECT_EQ(0, event.header.sequence);
	EXPECT_EQ(NOT_MAPPED(0), le64toh(event.evt[2]));
	EXPECT_EQ(EVT1_RNW, le64toh(event.evt[1]) & EVT1_RNW);

	EXPECT_EQ(-EFAULT, dma_write(&vm->dev, NOT_MAPPED(1) + 8, 1));
	next_event(_metadata, &self->queue, EVT_F_TRANSLATION, VM_VSID(0),
		   &event);
	EXPECT_EQ(1, event.header.sequence);
	EXPECT_EQ(NOT_MAPPED(1) + 8, le64toh(event.evt[2]));
	EXPECT_EQ(0, le64toh(event.evt[1]) & EVT1_RNW);

	/* A mapped page makes no event, and nothing was logged */
	EXPECT_EQ(0, dma_write(&vm->dev, IOVA(0), VALUE_B));
	EXPECT_TRUE(veventq_quiet(&self->queue, SMMU_EVENT_IRQ));
	EXPECT_EQ(0, kmsg_count(log, "event 0x"));
	close(log);
}

/* A context descriptor that is not valid is a fault of the guest, too */
TEST_F(events, bad_cd)
{
	struct cmdqv_vm *vm = &self->vm;
	struct event event;

	stage1_disable(&vm->ram);
	ASSERT_EQ(0, invalidate_one(vm, CMD_CFGI_CD_ALL |
				    (__u64)VM_VSID(0) << 32, 0));
	fault(_metadata, vm, IOVA(0));
	next_event(_metadata, &self->queue, EVT_C_BAD_CD, VM_VSID(0), &event);
}

/* A guest-physical address that does not exist: logged, not reported to the guest */
TEST_F(events, stage2_fault)
{
	struct cmdqv_vm *vm = &self->vm;

	stage1_map(&vm->ram, IOVA(1), RAM_GPA + 8 * RAM_SIZE);
	EXPECT_TRUE(fault_is_logged(_metadata, vm, IOVA(1)));
	EXPECT_TRUE(veventq_quiet(&self->queue, SMMU_EVENT_IRQ));
}

/* A queue of four: the oldest stay, and a marker counts the others */
TEST_F(events, full)
{
	struct cmdqv_vm *vm = &self->vm;
	struct iommufd_vevent_header header;
	struct event event;
	int i;

	for (i = 0; i < 2 * DEPTH; i++)
		fault(_metadata, vm, NOT_MAPPED(i));
	EXPECT_TRUE(irq_handled(SMMU_EVENT_IRQ));
	for (i = 0; i < DEPTH; i++) {
		next_event(_metadata, &self->queue, EVT_F_TRANSLATION,
			   VM_VSID(0), &event);
		EXPECT_EQ(i, event.header.sequence);
		EXPECT_EQ(NOT_MAPPED(i), le64toh(event.evt[2]));
	}
	EXPECT_EQ(sizeof(header), read(self->queue.fd, &header, sizeof(header)));
	EXPECT_EQ(IOMMU_VEVENTQ_FLAG_LOST_EVENTS, header.flags);
	EXPECT_EQ(2 * DEPTH - 1, header.sequence);
	EXPECT_EQ(0, read(self->queue.fd, &event, sizeof(event)));

	fault(_metadata, vm, NOT_MAPPED(0));
	next_event(_metadata, &self->queue, EVT_F_TRANSLATION, VM_VSID(0),
		   &event);
	EXPECT_EQ(2 * DEPTH, event.header.sequence);
}

/* Read all entries; returns the sequence number of the last one */
static __u32 last_sequence(const struct veventq *queue)
{
	struct iommufd_vevent_header header = { 0 };
	char data[(DEPTH + 1) * sizeof(struct event)];
	ssize_t n, done;

	while ((n = read(queue->fd, data, sizeof(data))) > 0) {
		for (done = 0; done < n; done += sizeof(header)) {
			memcpy(&header, data + done, sizeof(header));
			if (!header.flags)
				done += sizeof(struct event) - sizeof(header);
		}
	}
	return header.sequence;
}

/* A guest cannot fill the log. The sequence counts all lost events exactly */
TEST_F(events, storm)
{
	struct cmdqv_vm *vm = &self->vm;
	__u32 last = 0;
	int i, log = kmsg_open();

	for (i = 0; i < STORM; i++)
		fault(_metadata, vm, NOT_MAPPED(i & 63));
	while (last != STORM - 1 && veventq_readable(&self->queue, WAIT_MS))
		last = last_sequence(&self->queue);
	EXPECT_EQ(STORM - 1, last);
	EXPECT_EQ(0, kmsg_count(log, "event 0x"));
	close(log);
	EXPECT_EQ(0, dma_write(&vm->dev, IOVA(0), VALUE_B));
}

/* Without a vDEVICE the device has no virtual StreamID; with a new one it has a new ID */
TEST_F(events, vdevice_comes_and_goes)
{
	struct cmdqv_vm *vm = &self->vm;
	const __u32 other = 0x777;
	struct event event;

	ASSERT_EQ(0, vm_destroy(vm, &vm->vdevice));
	fault(_metadata, vm, NOT_MAPPED(0));
	EXPECT_TRUE(veventq_quiet(&self->queue, SMMU_EVENT_IRQ));
	ASSERT_EQ(0, iommufd_vdevice_alloc(vm->iommufd, vm->viommu, vm->dev_id,
					   other, &vm->vdevice));
	fault(_metadata, vm, NOT_MAPPED(0));
	next_event(_metadata, &self->queue, EVT_F_TRANSLATION, other, &event);
}

/* The queue comes and goes */
TEST_F(events, queue_comes_and_goes)
{
	struct cmdqv_vm *vm = &self->vm;
	struct event event;

	ASSERT_EQ(0, veventq_close(vm, &self->queue));
	EXPECT_TRUE(fault_is_logged(_metadata, vm, NOT_MAPPED(0)));
	ASSERT_EQ(0, veventq_open(vm, IOMMU_VEVENTQ_TYPE_ARM_SMMUV3, DEPTH,
				  &self->queue));
	EXPECT_TRUE(veventq_quiet(&self->queue, SMMU_EVENT_IRQ));
	fault(_metadata, vm, NOT_MAPPED(0));
	next_event(_metadata, &self->queue, EVT_F_TRANSLATION, VM_VSID(0),
		   &event);
	EXPECT_EQ(0, event.header.sequence);
}

/* Faults of a device that was detached, or moved back to stage 2 only, are not reported */
TEST_F(events, after_detach)
{
	struct cmdqv_vm *vm = &self->vm;

	ASSERT_EQ(0, vfio_attach(vm->dev.fd, vm->parent));
	fault(_metadata, vm, RAM_GPA + 8 * RAM_SIZE);
	EXPECT_TRUE(veventq_quiet(&self->queue, SMMU_EVENT_IRQ));
	ASSERT_EQ(0, vm_detach(vm));
	fault(_metadata, vm, NOT_MAPPED(0));
	EXPECT_TRUE(veventq_quiet(&self->queue, SMMU_EVENT_IRQ));
}

/* Two VMs with a fault each: each gets its own event */
TEST_F(events, neighbour)
{
	struct cmdqv_vm other;
	struct veventq queue;
	struct event event;

	NESTED_OPEN(&other, 1);
	TEST_STEP(&other, vm_nest(&other));
	access_size(&other, 4);
	ASSERT_EQ(0, veventq_open(&other, IOMMU_VEVENTQ_TYPE_ARM_SMMUV3, DEPTH,
				  &queue));
	fault(_metadata, &other, NOT_MAPPED(3));
	next_event(_metadata, &queue, EVT_F_TRANSLATION, VM_VSID(1), &event);
	EXPECT_EQ(NOT_MAPPED(3), le64toh(event.evt[2]));
	EXPECT_TRUE(veventq_quiet(&self->queue, SMMU_EVENT_IRQ));

	fault(_metadata, &self->vm, NOT_MAPPED(4));
	next_event(_metadata, &self->queue, EVT_F_TRANSLATION, VM_VSID(0),
		   &event);
	EXPECT_EQ(NOT_MAPPED(4), le64toh(event.evt[2]));
	EXPECT_TRUE(veventq_quiet(&queue, SMMU_EVENT_IRQ));
	access_size(&other, 8);
	EXPECT_EQ(0, veventq_close(&other, &queue));
	TEST_END(&other);
}

/* A device cannot use ATS without ATS in the SMMU */
TEST_F(events, ats_capability)
{
	const __u32 ats = 1U << 10;	/* IDR0.ATS */
	struct iommu_hw_info_arm_smmuv3 info = { 0 };
	struct iommu_hw_info cmd = {
		.size = sizeof(cmd),
		.dev_id = self->vm.dev_id,
		.data_len = sizeof(info),
		.data_uptr = (uintptr_t)&info,
	};

	ASSERT_EQ(0, iommufd_ioctl(self->vm.iommufd, IOMMU_GET_HW_INFO, &cmd));
	if (!(info.idr[0] & ats))
		EXPECT_EQ(IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED,
			  cmd.out_capabilities &
			  IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED);
}

TEST_HARNESS_MAIN
