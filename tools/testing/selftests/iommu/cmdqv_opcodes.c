// SPDX-License-Identifier: GPL-2.0
/*
 * All commands: each opcode, and the commands that a guest may use with each bit
 * inverted, on a queue of the guest and through IOMMU_HWPT_INVALIDATE. A command that a
 * guest may not use stops its own queue, or is refused. No command affects another
 * VM: stale entries in its IOTLB must stay. No command stops the SMMU's own queue.
 */
#include "cmdqv_test.h"
#include "../../qemu/pci-dma-test-regs.h"

#define IOVA		STAGE1_IOVA
#define GPA(vm, page)	ram_gpa(&(vm)->ram, RAM_DATA + (page) * RAM_PAGE)
#define OLD		0xa0a0a0a0a0a0a0a0ULL
#define NEW		0xb1b1b1b1b1b1b1b1ULL
#define OPCODES		256
#define BITS		128

FIXTURE(opcodes) {
	struct cmdqv_vm bad;
	struct cmdqv_vm good;
	__u64 main_errors;
};

static __u64 device_reads(struct cmdqv_vm *vm)
{
	__u64 value = 0;
	int rc = dma_read(&vm->dev, IOVA, &value);

	return rc ? (__u64)rc : value;
}

/* The good VM has the old page in the IOTLB and the new one in stage 1 */
FIXTURE_SETUP(opcodes)
{
	struct cmdqv_vm *good = &self->good;

	TEST_BUILD(&self->bad, 0, TEST_LOG2SIZE);
	TEST_BUILD(good, 1, TEST_LOG2SIZE);
	*ram_data(&good->ram, 0) = OLD;
	*ram_data(&good->ram, 1) = NEW;
	stage1_map(&good->ram, IOVA, GPA(good, 0));
	ASSERT_EQ(0, vcmdq_issue_sync(&good->queue[0].q,
				      cmd_tlbi_nh_asid(VM_ASID)));
	ASSERT_EQ(OLD, device_reads(good));
	stage1_map(&good->ram, IOVA, GPA(good, 1));
	ASSERT_EQ(OLD, device_reads(good));
	self->main_errors = dma_window(&good->dev, CMDQV_WIN_MAIN_ERRORS);
}

FIXTURE_TEARDOWN(opcodes)
{
	struct cmdqv_vm *good = &self->good;

	EXPECT_EQ(OLD, device_reads(good));
	EXPECT_EQ(0, vcmdq_issue_sync(&good->queue[0].q,
				      cmd_tlbi_nh_va(VM_ASID, IOVA)));
	EXPECT_EQ(NEW, device_reads(good));
	EXPECT_EQ(self->main_errors,
		  dma_window(&good->dev, CMDQV_WIN_MAIN_ERRORS));
	TEST_END(&self->bad);
	TEST_END(good);
}

/* 0 if the hardware executed the command; otherwise the queue is repaired */
static int try(struct __test_metadata *_metadata, struct vcmdq *q,
	       struct smmu_cmd cmd)
{
	int rc = vcmdq_issue_sync(q, cmd);
	__u32 cons;

	if (!rc)
		return 0;
	cons = vcmdq_read(q, VCMDQ_CONS);
	EXPECT_EQ(-EIO, rc);
	EXPECT_TRUE(vcmdq_refused(cons));
	vcmdq_repair(q);
	EXPECT_EQ(0, vcmdq_drain(q));
	return rc;
}

static struct smmu_cmd with_opcode(struct smmu_cmd cmd, unsigned int op)
{
	cmd.w[0] = (cmd.w[0] & ~0xffULL) | op;
	return cmd;
}

/* Opcodes that a guest's queue executes, with right operands */
static int may(unsigned int op)
{
	return op == CMD_TLBI_NH_VA || op == CMD_TLBI_NH_ASID ||
	       op == CMD_ATC_INV || op == CMD_SYNC;
}

/* Operands of different commands: none, an address, its own device */
static const struct smmu_cmd operands[] = {
	{ .w = { 0, 0 } },
	{ .w = { (__u64)VM_ASID << 48, IOVA | 1 } },
	{ .w = { (__u64)VM_VSID(0) << 32, IOVA } },
	{ .w = { (__u64)VM_VSID(1) << 32, IOVA } },
};

TEST_F(opcodes, every_opcode_on_a_queue)
{
	struct vcmdq *q = &self->bad.queue[0].q;
	unsigned int op, i, taken = 0, refused = 0;

	for (i = 0; i < sizeof(operands) / sizeof(*operands); i++) {
		for (op = 0; op < OPCODES; op++) {
			int rc = try(_metadata, q, with_opcode(operands[i], op));

			rc ? refused++ : taken++;
			EXPECT_TRUE(rc == -EIO || may(op))
			{
				TH_LOG("opcode 0x%x was taken", op);
			}
			/* ATC_INV only with the StreamID of its own device */
			EXPECT_EQ(may(op) && (op != CMD_ATC_INV || i == 2), !rc);
		}
		EXPECT_EQ(OLD, device_reads(&self->good));
	}
	TH_LOG("%u commands taken, %u refused", taken, refused);
	EXPECT_EQ(dma_stream_id(&self->bad.dev),
		  model_last_atc_sid(&self->bad.dev));
}

TEST_F(opcodes, every_bit_on_a_queue)
{
	const struct smmu_cmd commands[] = {
		cmd_tlbi_nh_va(VM_ASID, IOVA), cmd_tlbi_nh_asid(VM_ASID),
		cmd_atc_inv(VM_VSID(0), IOVA), cmd_sync(),
	};
	struct vcmdq *q = &self->bad.queue[1].q;
	unsigned int c, bit, taken = 0, refused = 0;

	for (c = 0; c < sizeof(commands) / sizeof(*commands); c++) {
		EXPECT_EQ(0, try(_metadata, q, commands[c]));
		for (bit = 0; bit < BITS; bit++) {
			struct smmu_cmd cmd = commands[c];

			cmd.w[bit / 64] ^= 1ULL << bit % 64;
			if (!try(_metadata, q, cmd)) {
				taken++;
				EXPECT_TRUE(may(cmd.w[0] & 0xff));
			} else {
				refused++;
			}
			EXPECT_EQ(OLD, device_reads(&self->good))
			{
				TH_LOG("command %u, bit %u", c, bit);
			}
		}
	}
	TH_LOG("%u commands taken, %u refused", taken, refused);
	EXPECT_EQ(dma_stream_id(&self->bad.dev),
		  model_last_atc_sid(&self->bad.dev));
}

/* Executed and counted, or refused and not counted */
static int invalidate(struct cmdqv_vm *vm, struct smmu_cmd cmd)
{
	__u32 num = 1;
	int rc = iommufd_hwpt_invalidate(vm->iommufd, vm->viommu, &cmd, &num);

	return num == !rc ? rc : -EPROTO;
}

/* Opcodes that the kernel executes for a guest; ATC_INV only if the SMMU has ATS */
static int kernel_may(unsigned int op)
{
	switch (op) {
	case CMD_CFGI_CD:
	case CMD_CFGI_CD + 1:
	case CMD_TLBI_NH_ALL:
	case CMD_TLBI_NH_ASID:
	case CMD_TLBI_NH_VA:
	case CMD_TLBI_NH_VAA:
	case CMD_TLBI_NSNH_ALL:
	case CMD_ATC_INV:
		return 1;
	default:
		return 0;
	}
}

TEST_F(opcodes, every_opcode_by_ioctl)
{
	unsigned int op, i, taken = 0, refused = 0;

	for (i = 0; i < sizeof(operands) / sizeof(*operands); i++) {
		for (op = 0; op < OPCODES; op++) {
			int rc = invalidate(&self->bad,
					    with_opcode(operands[i], op));

			rc ? refused++ : taken++;
			EXPECT_TRUE(rc == -EIO || (!rc && kernel_may(op)))
			{
				TH_LOG("opcode 0x%x: %d", op, rc);
			}
		}
		EXPECT_EQ(OLD, device_reads(&self->good));
	}
	TH_LOG("%u commands taken, %u refused", taken, refused);
}

TEST_F(opcodes, every_bit_by_ioctl)
{
	const __u64 sid = (__u64)VM_VSID(0) << 32;
	const struct smmu_cmd commands[] = {
		{ .w = { CMD_TLBI_NH_ALL, 0 } }, cmd_tlbi_nh_asid(VM_ASID),
		cmd_tlbi_nh_va(VM_ASID, IOVA), { .w = { CMD_TLBI_NH_VAA, IOVA } },
		{ .w = { CMD_TLBI_NSNH_ALL, 0 } }, { .w = { CMD_CFGI_CD | sid, 1 } },
		{ .w = { (CMD_CFGI_CD + 1) | sid, 0 } },
		cmd_atc_inv(VM_VSID(0), IOVA),
	};
	unsigned int c, bit, taken = 0, refused = 0;

	for (c = 0; c < sizeof(commands) / sizeof(*commands); c++) {
		for (bit = 0; bit < BITS; bit++) {
			struct smmu_cmd cmd = commands[c];
			int rc;

			cmd.w[bit / 64] ^= 1ULL << bit % 64;
			rc = invalidate(&self->bad, cmd);
			rc ? refused++ : taken++;
			EXPECT_TRUE(rc == -EIO ||
				    (!rc && kernel_may(cmd.w[0] & 0xff)))
			{
				TH_LOG("command %u, bit %u: %d", c, bit, rc);
			}
		}
		EXPECT_EQ(OLD, device_reads(&self->good));
	}
	TH_LOG("%u commands taken, %u refused", taken, refused);
}

TEST_HARNESS_MAIN
