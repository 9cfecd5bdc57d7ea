// SPDX-License-Identifier: GPL-2.0
/*
 * Refusals of an SMMUv3 vIOMMU: every bit of a virtual STE and of every command,
 * every opcode, and the number of commands executed before a bad entry.
 *
 * The emulated SMMU has range invalidation, 16-bit ASIDs, and neither ATS nor
 * substreams nor 52-bit addresses (DS). The unit tests of the driver check the
 * commands for those.
 */
#include <sys/mman.h>

#include "smmuv3_nested.h"

FIXTURE(errors) {
	struct cmdqv_vm vm;
};

FIXTURE_SETUP(errors)
{
	NESTED_OPEN(&self->vm, 0);
}

FIXTURE_TEARDOWN(errors)
{
	TEST_END(&self->vm);
}

TEST_F(errors, parent_flags)
{
	struct cmdqv_vm *vm = &self->vm;
	struct iommu_hwpt_arm_smmuv3 data = { 0 };
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.flags = IOMMU_HWPT_ALLOC_NEST_PARENT |
			 IOMMU_HWPT_ALLOC_DIRTY_TRACKING,
		.dev_id = vm->dev_id,
		.pt_id = vm->ioas,
	};

	EXPECT_EQ(-EOPNOTSUPP, iommufd_ioctl(vm->iommufd, IOMMU_HWPT_ALLOC, &cmd));
	cmd.flags = IOMMU_HWPT_ALLOC_NEST_PARENT | IOMMU_HWPT_ALLOC_PASID;
	EXPECT_EQ(-EOPNOTSUPP, iommufd_ioctl(vm->iommufd, IOMMU_HWPT_ALLOC, &cmd));
	cmd.flags = IOMMU_HWPT_ALLOC_NEST_PARENT | IOMMU_HWPT_FAULT_ID_VALID;
	EXPECT_EQ(-EOPNOTSUPP, iommufd_ioctl(vm->iommufd, IOMMU_HWPT_ALLOC, &cmd));
	cmd.flags = IOMMU_HWPT_ALLOC_NEST_PARENT;
	cmd.data_type = IOMMU_HWPT_DATA_ARM_SMMUV3;
	cmd.data_len = sizeof(data);
	cmd.data_uptr = (uintptr_t)&data;
	EXPECT_EQ(-EOPNOTSUPP, iommufd_ioctl(vm->iommufd, IOMMU_HWPT_ALLOC, &cmd));
}

/* Registers of a device are no memory that a guest can have for DMA; nothing of them stays */
TEST_F(errors, device_memory)
{
	const __u32 rw = IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE;
	const __u64 gpa = 1ULL << 32;
	struct cmdqv_vm *vm = &self->vm;
	__u64 length = PCI_DMA_TEST_BAR_SIZE;

	EXPECT_EQ(-EFAULT, iommufd_ioas_map(vm->iommufd, vm->ioas,
					    (void *)vm->dev.regs, gpa, length, rw));
	EXPECT_EQ(0, iommufd_ioas_map(vm->iommufd, vm->ioas, vm->ram.va, gpa,
				      length, rw));
	EXPECT_EQ(0, iommufd_ioas_unmap(vm->iommufd, vm->ioas, gpa, &length));
}

TEST_F(errors, viommu_alloc)
{
	struct cmdqv_vm *vm = &self->vm;
	struct iommu_hwpt_alloc plain = {
		.size = sizeof(plain),
		.dev_id = vm->dev_id,
		.pt_id = vm->ioas,
	};
	__u32 id;

#define ALLOC(parent, type) \
	iommufd_viommu_alloc(vm->iommufd, vm->dev_id, parent, type, NULL, 0, &id)

	/* The type is checked before the parent */
	EXPECT_EQ(-EOPNOTSUPP, ALLOC(vm->parent, 0));
	EXPECT_EQ(-EOPNOTSUPP, ALLOC(vm->ioas, 3));
	EXPECT_EQ(-ENOENT, ALLOC(vm->ioas, IOMMU_VIOMMU_TYPE_ARM_SMMUV3));
	ASSERT_EQ(0, iommufd_ioctl(vm->iommufd, IOMMU_HWPT_ALLOC, &plain));
	EXPECT_EQ(-EINVAL, ALLOC(plain.out_hwpt_id, IOMMU_VIOMMU_TYPE_ARM_SMMUV3));
	EXPECT_EQ(0, iommufd_destroy(vm->iommufd, plain.out_hwpt_id));
#undef ALLOC
}

/* Bits of a virtual STE that a guest may set, except for the values of Config and EATS */
#define VSTE_0_ALLOWED	(0x3fULL | 0x000fffffffffffc0ULL | 0x1fULL << 59)
#define VSTE_1_ALLOWED	(0xffULL | 1ULL << 27 | 1ULL << 28)

static int try_ste(struct cmdqv_vm *vm, __u64 w0, __u64 w1)
{
	__u64 ste[2] = { w0, w1 };
	__u32 id;
	int rc = iommufd_hwpt_nested(vm->iommufd, vm->dev_id, vm->viommu, ste,
				     &id);

	return rc ? rc : iommufd_destroy(vm->iommufd, id);
}

TEST_F(errors, ste_bits)
{
	static const unsigned int configs[] = { 0, 4, 5 };
	struct cmdqv_vm *vm = &self->vm;
	unsigned int c, bit;

	for (c = 0; c < ARRAY_SIZE(configs); c++) {
		__u64 w0 = VSTE_V | VSTE_CFG(configs[c]);

		for (bit = 4; bit < 64; bit++)
			EXPECT_EQ(VSTE_0_ALLOWED >> bit & 1 ? 0 : -EIO,
				  try_ste(vm, w0 | 1ULL << bit, 0))
			{
				TH_LOG("Config %u, word 0, bit %u", configs[c],
				       bit);
			}
		for (bit = 0; bit < 64; bit++)
			EXPECT_EQ(VSTE_1_ALLOWED >> bit & 1 ? 0 : -EIO,
				  try_ste(vm, w0, 1ULL << bit))
			{
				TH_LOG("Config %u, word 1, bit %u", configs[c],
				       bit);
			}
	}
}

TEST_F(errors, ste_values)
{
	struct cmdqv_vm *vm = &self->vm;
	unsigned int i;

	for (i = 0; i < 8; i++)
		EXPECT_EQ(i == 0 || i == 4 || i == 5 ? 0 : -EIO,
			  try_ste(vm, VSTE_V | VSTE_CFG(i), 0));
	for (i = 0; i < 4; i++)
		EXPECT_EQ(i < 2 ? 0 : -EIO,
			  try_ste(vm, VSTE_V | VSTE_CFG_S1, (__u64)i << 28));
	/* Not valid: all other bits are ignored */
	EXPECT_EQ(0, try_ste(vm, ~VSTE_V, ~0ULL));
}

TEST_F(errors, ste_data)
{
	struct cmdqv_vm *vm = &self->vm;
	__u64 ste[4] = { VSTE_V | VSTE_CFG_S1 };
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.dev_id = vm->dev_id,
		.pt_id = vm->viommu,
		.data_type = IOMMU_HWPT_DATA_ARM_SMMUV3,
		.data_uptr = (uintptr_t)ste,
	};
	__u32 len;

	for (len = 1; len <= sizeof(ste); len++) {
		cmd.data_len = len;
		if (len != sizeof(struct iommu_hwpt_arm_smmuv3))
			EXPECT_EQ(-EINVAL, iommufd_ioctl(vm->iommufd,
							 IOMMU_HWPT_ALLOC, &cmd));
	}
	cmd.data_len = sizeof(struct iommu_hwpt_arm_smmuv3);
	cmd.data_type = IOMMU_HWPT_DATA_VTD_S1;
	EXPECT_EQ(-EINVAL, iommufd_ioctl(vm->iommufd, IOMMU_HWPT_ALLOC, &cmd));
	cmd.data_type = IOMMU_HWPT_DATA_ARM_SMMUV3;
	cmd.data_uptr = 8;
	EXPECT_EQ(-EFAULT, iommufd_ioctl(vm->iommufd, IOMMU_HWPT_ALLOC, &cmd));
	cmd.data_uptr = (uintptr_t)ste;
	cmd.flags = IOMMU_HWPT_ALLOC_NEST_PARENT;
	EXPECT_EQ(-EOPNOTSUPP, iommufd_ioctl(vm->iommufd, IOMMU_HWPT_ALLOC, &cmd));
}

/* Stage 1 needs the virtual StreamID, the other two do not */
TEST_F(errors, attach_without_vdevice)
{
	static const struct {
		unsigned int config;
		int rc;
	} cases[] = { { 5, -ENOENT }, { 4, 0 }, { 0, 0 } };
	struct cmdqv_vm *vm = &self->vm;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		__u64 ste[2] = { VSTE_V | VSTE_CFG(cases[i].config), 0 };
		__u32 id;

		ASSERT_EQ(0, iommufd_hwpt_nested(vm->iommufd, vm->dev_id,
						 vm->viommu, ste, &id));
		EXPECT_EQ(cases[i].rc, vfio_attach(vm->dev.fd, id));
		if (!cases[i].rc)
			EXPECT_EQ(0, vfio_detach(vm->dev.fd));
		EXPECT_EQ(0, iommufd_destroy(vm->iommufd, id));
	}
}

/* Map memory in the MSI window; fails while the window is reserved */
static int map_msi_window(struct cmdqv_vm *vm)
{
	const __u64 iova = 0x8000000;
	__u64 length = ram_host_page();
	int rc = iommufd_ioas_map(vm->iommufd, vm->ioas,
				  ram_va(&vm->ram, RAM_FREE), iova, length,
				  IOMMU_IOAS_MAP_READABLE);

	return rc ? rc : iommufd_ioas_unmap(vm->iommufd, vm->ioas, iova, &length);
}

/* Faults are events and never wait, so a fault object would get none */
TEST_F(errors, attach_with_fault_object)
{
	struct cmdqv_vm *vm = &self->vm;
	struct iommu_fault_alloc fault = { .size = sizeof(fault) };
	struct iommu_hwpt_arm_smmuv3 ste = { { VSTE_V | VSTE_CFG(4) } };
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.flags = IOMMU_HWPT_FAULT_ID_VALID,
		.dev_id = vm->dev_id,
		.pt_id = vm->viommu,
		.data_type = IOMMU_HWPT_DATA_ARM_SMMUV3,
		.data_len = sizeof(ste),
		.data_uptr = (uintptr_t)&ste,
	};

	ASSERT_EQ(0, iommufd_ioctl(vm->iommufd, IOMMU_FAULT_QUEUE_ALLOC, &fault));
	cmd.fault_id = fault.out_fault_id;
	ASSERT_EQ(0, iommufd_ioctl(vm->iommufd, IOMMU_HWPT_ALLOC, &cmd));
	EXPECT_EQ(-EOPNOTSUPP, vfio_attach(vm->dev.fd, cmd.out_hwpt_id));
	/* Also not as a replacement of another HWPT */
	ASSERT_EQ(0, vfio_attach(vm->dev.fd, vm->parent));
	EXPECT_EQ(-EOPNOTSUPP, vfio_attach(vm->dev.fd, cmd.out_hwpt_id));
	vm->attached = 1;
	EXPECT_EQ(0, iommufd_destroy(vm->iommufd, cmd.out_hwpt_id));
	EXPECT_EQ(0, close(fault.out_fault_fd));
	EXPECT_EQ(0, iommufd_destroy(vm->iommufd, fault.out_fault_id));
}

/* After a failed attach the device is in its old domain, and the MSI window stays reserved */
TEST_F(errors, attach_changes_nothing)
{
	struct cmdqv_vm *vm = &self->vm;
	__u64 ste[2] = { VSTE_V | VSTE_CFG_S1, 0 };
	__u32 id;

	EXPECT_EQ(0, map_msi_window(vm));
	ASSERT_EQ(0, vfio_attach(vm->dev.fd, vm->parent));
	vm->attached = 1;
	EXPECT_EQ(-EINVAL, map_msi_window(vm));
	ASSERT_EQ(0, iommufd_hwpt_nested(vm->iommufd, vm->dev_id, vm->viommu,
					 ste, &id));
	EXPECT_EQ(-ENOENT, vfio_attach(vm->dev.fd, id));
	EXPECT_EQ(VALUE_A, device_reads(vm, GPA(vm, 0)));
	EXPECT_EQ(-EINVAL, map_msi_window(vm));
	EXPECT_EQ(0, iommufd_destroy(vm->iommufd, id));
	ASSERT_EQ(0, vm_detach(vm));
	EXPECT_EQ(0, map_msi_window(vm));
}

/* Bits of a command that may be set one by one */
static const struct {
	unsigned int opcode;
	__u64 w0;
	__u64 w1;
} commands[] = {
#define VMID	0x0000ffff00000000ULL
#define ASID	0xffff000000000000ULL
#define SID	0xffffffff00000000ULL
#define ADDR	0xfffffffffffff000ULL
#define RANGE	0x01f1f000ULL		/* NUM, SCALE without DS */
#define TTL	0x300ULL
	{ CMD_TLBI_NSNH_ALL, 0, 0 },
	/* NUM, SCALE and TTL are reserved without TG, see below; TG alone is, too */
	{ CMD_TLBI_NH_VA, VMID | ASID, ADDR | 1 },
	{ CMD_TLBI_NH_VAA, VMID, ADDR | 1 },
	{ CMD_TLBI_NH_ASID, VMID | ASID, 0 },
	{ CMD_TLBI_NH_ALL, VMID, 0 },
	/* Without the SID: only one exists */
	{ CMD_CFGI_CD, 0, 1 },
	{ CMD_CFGI_CD_ALL, 0, 0 },
};

TEST_F(errors, command_bits)
{
	struct cmdqv_vm *vm = &self->vm;
	unsigned int c, bit;

	ASSERT_EQ(0, iommufd_vdevice_alloc(vm->iommufd, vm->viommu, vm->dev_id,
					   0, &vm->vdevice));
	for (c = 0; c < ARRAY_SIZE(commands); c++) {
		EXPECT_EQ(0, invalidate_one(vm, commands[c].opcode, 0));
		for (bit = 8; bit < 64; bit++)
			EXPECT_EQ(commands[c].w0 >> bit & 1 ? 0 : -EIO,
				  invalidate_one(vm, commands[c].opcode |
						     1ULL << bit, 0))
			{
				TH_LOG("opcode 0x%x, word 0, bit %u",
				       commands[c].opcode, bit);
			}
		for (bit = 0; bit < 64; bit++)
			EXPECT_EQ(commands[c].w1 >> bit & 1 ? 0 : -EIO,
				  invalidate_one(vm, commands[c].opcode,
						 1ULL << bit))
			{
				TH_LOG("opcode 0x%x, word 1, bit %u",
				       commands[c].opcode, bit);
			}
	}
}

TEST_F(errors, opcodes)
{
	struct cmdqv_vm *vm = &self->vm;
	unsigned int op, c;

	ASSERT_EQ(0, iommufd_vdevice_alloc(vm->iommufd, vm->viommu, vm->dev_id,
					   0, &vm->vdevice));
	for (op = 0; op < 256; op++) {
		int want = -EIO;

		for (c = 0; c < ARRAY_SIZE(commands); c++)
			if (commands[c].opcode == op)
				want = 0;
		EXPECT_EQ(want, invalidate_one(vm, op, 0))
		{
			TH_LOG("opcode 0x%x", op);
		}
	}
}

/* As behind another command: the next one is checked as if alone, whatever that was */
TEST_F(errors, behind_another)
{
	struct cmdqv_vm *vm = &self->vm;
	unsigned int first, second, bit;

	ASSERT_EQ(0, iommufd_vdevice_alloc(vm->iommufd, vm->viommu, vm->dev_id,
					   0, &vm->vdevice));
	for (first = 0; first < ARRAY_SIZE(commands); first++) {
		struct smmu_cmd cmds[2] = { { .w = { commands[first].opcode } } };

		for (second = 0; second < 256; second++) {
			int alone = invalidate_one(vm, second, 0);
			__u32 num = 2;

			cmds[1] = (struct smmu_cmd){ .w = { second } };
			EXPECT_EQ(alone, iommufd_hwpt_invalidate(
						 vm->iommufd, vm->viommu, cmds, &num));
			EXPECT_EQ(alone ? 1 : 2, num)
			{
				TH_LOG("opcode 0x%x behind 0x%x", second,
				       commands[first].opcode);
			}
		}
		for (bit = 8; bit < 128; bit++) {
			__u64 allowed = bit < 64 ? commands[first].w0 :
						   commands[first].w1;
			int want = allowed >> bit % 64 & 1 ? 0 : -EIO;
			__u32 num = 2;

			cmds[1] = cmds[0];
			cmds[1].w[bit / 64] |= 1ULL << bit % 64;
			EXPECT_EQ(want, iommufd_hwpt_invalidate(
						vm->iommufd, vm->viommu, cmds, &num))
			{
				TH_LOG("opcode 0x%x, bit %u", commands[first].opcode,
				       bit);
			}
			EXPECT_EQ(want ? 1 : 2, num);
		}
	}
}

/* The range fields against each other */
TEST_F(errors, range_rules)
{
	struct cmdqv_vm *vm = &self->vm;
	unsigned int tg, ttl, i;
	static const __u64 ranges[] = {
		0, 1ULL << 12, 1ULL << 16, 1ULL << 20, 1ULL << 24, RANGE,
	};

	for (tg = 0; tg < 4; tg++)
		for (ttl = 0; ttl < 4; ttl++)
			for (i = 0; i < ARRAY_SIZE(ranges); i++) {
				int want = 0;

				if (!tg && (ttl || ranges[i]))
					want = -EIO;
				if (tg == 2 && ttl == 1)
					want = -EIO;
				if (tg && !ttl && !ranges[i])
					want = -EIO;
				EXPECT_EQ(want, invalidate_one(
					vm, CMD_TLBI_NH_VA | ranges[i],
					IOVA(0) | tg << 10 | ttl << 8))
				{
					TH_LOG("TG %u TTL %u range 0x%llx", tg,
					       ttl, ranges[i]);
				}
				EXPECT_EQ(want, invalidate_one(
					vm, CMD_TLBI_NH_VAA | ranges[i],
					IOVA(0) | tg << 10 | ttl << 8));
			}
}

/* A virtual StreamID exists while its vDEVICE does */
TEST_F(errors, vsid)
{
	struct cmdqv_vm *vm = &self->vm;
	const __u64 vsid = (__u64)VM_VSID(0) << 32;
	const __u64 sid = (__u64)dma_stream_id(&vm->dev) << 32;

	EXPECT_EQ(-EIO, invalidate_one(vm, CMD_CFGI_CD_ALL | vsid, 0));
	ASSERT_EQ(0, iommufd_vdevice_alloc(vm->iommufd, vm->viommu, vm->dev_id,
					   VM_VSID(0), &vm->vdevice));
	EXPECT_EQ(0, invalidate_one(vm, CMD_CFGI_CD_ALL | vsid, 0));
	EXPECT_EQ(-EIO, invalidate_one(vm, CMD_CFGI_CD_ALL | sid, 0));
	EXPECT_EQ(-EIO, invalidate_one(vm, CMD_CFGI_CD_ALL | (1ULL << 63 | vsid),
				       0));
	ASSERT_EQ(0, vm_destroy(vm, &vm->vdevice));
	EXPECT_EQ(-EIO, invalidate_one(vm, CMD_CFGI_CD_ALL | vsid, 0));
}

static int invalidate_raw(struct cmdqv_vm *vm, const void *data, __u32 type,
			  __u32 len, __u32 *num)
{
	struct iommu_hwpt_invalidate cmd = {
		.size = sizeof(cmd),
		.hwpt_id = vm->viommu,
		.data_uptr = (uintptr_t)data,
		.data_type = type,
		.entry_len = len,
		.entry_num = *num,
	};
	int rc = iommufd_ioctl(vm->iommufd, IOMMU_HWPT_INVALIDATE, &cmd);

	*num = cmd.entry_num;
	return rc;
}

/* An empty array asks whether the type is known */
TEST_F(errors, type_probe)
{
	struct cmdqv_vm *vm = &self->vm;
	struct smmu_cmd cmd = { .w = { CMD_TLBI_NH_ALL } };
	__u32 num = 0;

#define SMMU IOMMU_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3
	EXPECT_EQ(0, invalidate_raw(vm, NULL, SMMU, 0, &num));
	EXPECT_EQ(0, invalidate_raw(vm, &cmd, SMMU, sizeof(cmd), &num));
	EXPECT_EQ(0, num);
	EXPECT_EQ(-EINVAL, invalidate_raw(vm, NULL, SMMU + 1, 0, &num));
	EXPECT_EQ(-EINVAL, invalidate_raw(vm, NULL, 0, 0, &num));
	num = 1;
	EXPECT_EQ(-EINVAL, invalidate_raw(vm, &cmd, 0, sizeof(cmd), &num));
	EXPECT_EQ(0, num);
}

/* Entries of another length: a shorter one reads as zeros, a longer one must have zeros */
TEST_F(errors, entry_length)
{
	struct cmdqv_vm *vm = &self->vm;
	__u64 before = main_opcode(vm, CMD_TLBI_NH_ALL);
	__u64 entries[3 * 3] = {
		CMD_TLBI_NH_ALL, 0, 0, CMD_TLBI_NH_ALL, 0, 0, CMD_TLBI_NH_ALL, 0, 0,
	};
	__u64 words[3] = { CMD_TLBI_NH_ALL, CMD_TLBI_NH_ALL, CMD_TLBI_NH_ALL };
	__u32 num = 3;

	EXPECT_EQ(0, invalidate_raw(vm, entries, SMMU, 24, &num));
	EXPECT_EQ(3, num);
	EXPECT_EQ(0, invalidate_raw(vm, words, SMMU, 8, &num));
	EXPECT_EQ(3, num);
	EXPECT_EQ(before + 6, main_opcode(vm, CMD_TLBI_NH_ALL));

	entries[8] = 1;
	EXPECT_EQ(-E2BIG, invalidate_raw(vm, entries, SMMU, 24, &num));
	EXPECT_EQ(2, num);
	EXPECT_EQ(before + 8, main_opcode(vm, CMD_TLBI_NH_ALL));
}

/* The commands before a bad one are executed and counted */
TEST_F(errors, count)
{
	static const __u32 bad[] = { 0, 1, 5, 62, 63, 64, 126, 199 };
	struct cmdqv_vm *vm = &self->vm;
	struct smmu_cmd cmds[200];
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		__u64 before = main_opcode(vm, CMD_TLBI_NH_ALL);
		__u32 num = ARRAY_SIZE(cmds);

		for (j = 0; j < ARRAY_SIZE(cmds); j++)
			cmds[j] = (struct smmu_cmd){ .w = { CMD_TLBI_NH_ALL } };
		cmds[bad[i]].w[1] = 1;
		EXPECT_EQ(-EIO, iommufd_hwpt_invalidate(vm->iommufd, vm->viommu,
							cmds, &num));
		EXPECT_EQ(bad[i], num);
		EXPECT_EQ(before + bad[i], main_opcode(vm, CMD_TLBI_NH_ALL));
	}
}

/* The same if a command cannot be read */
TEST_F(errors, unreadable)
{
	static const __u32 good[] = { 0, 1, 2, 3, 5, 62, 63, 64, 100 };
	struct cmdqv_vm *vm = &self->vm;
	struct smmu_cmd *cmds;
	const __u64 bytes = ram_host_page();
	unsigned int i, j;
	char *page;

	page = mmap(NULL, 2 * bytes, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, page);
	ASSERT_EQ(0, munmap(page + bytes, bytes));

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		__u64 before = main_opcode(vm, CMD_TLBI_NH_ALL);
		__u32 num = good[i] + 1;

		cmds = (struct smmu_cmd *)(page + bytes) - good[i];
		for (j = 0; j < good[i]; j++)
			cmds[j] = (struct smmu_cmd){ .w = { CMD_TLBI_NH_ALL } };
		EXPECT_EQ(-EFAULT, iommufd_hwpt_invalidate(vm->iommufd,
							   vm->viommu, cmds,
							   &num));
		EXPECT_EQ(good[i], num);
		EXPECT_EQ(before + good[i], main_opcode(vm, CMD_TLBI_NH_ALL));
	}
	munmap(page, bytes);
}

/* A nesting parent has no invalidation, nor has a nested HWPT on a vIOMMU */
TEST_F(errors, invalidate_object)
{
	struct cmdqv_vm *vm = &self->vm;
	__u64 ste[2] = { VSTE_V | VSTE_CFG_BYPASS, 0 };
	struct smmu_cmd cmd = { .w = { CMD_TLBI_NH_ALL } };
	__u32 num = 1, id;

	EXPECT_EQ(-EINVAL, iommufd_hwpt_invalidate(vm->iommufd, vm->parent, &cmd,
						   &num));
	EXPECT_EQ(0, num);
	ASSERT_EQ(0, iommufd_hwpt_nested(vm->iommufd, vm->dev_id, vm->viommu,
					 ste, &id));
	num = 1;
	EXPECT_EQ(-EOPNOTSUPP, iommufd_hwpt_invalidate(vm->iommufd, id, &cmd,
						       &num));
	EXPECT_EQ(0, num);
	EXPECT_EQ(0, iommufd_destroy(vm->iommufd, id));
}

TEST_F(errors, hw_info)
{
	struct cmdqv_vm *vm = &self->vm;
	struct iommu_hw_info_arm_smmuv3 info;
	struct iommu_hw_info cmd = {
		.size = sizeof(cmd),
		.dev_id = vm->dev_id,
		.data_len = sizeof(info),
		.data_uptr = (uintptr_t)&info,
		/* Ignored without the flag */
		.in_data_type = 1234,
	};
	unsigned char *byte = (unsigned char *)&info;
	unsigned int i;

	memset(&info, 0xaa, sizeof(info));
	ASSERT_EQ(0, iommufd_ioctl(vm->iommufd, IOMMU_GET_HW_INFO, &cmd));
	EXPECT_EQ(IOMMU_HW_INFO_TYPE_ARM_SMMUV3, cmd.out_data_type);
	EXPECT_EQ(sizeof(info), cmd.data_len);
	EXPECT_EQ(0, info.flags);
	EXPECT_EQ(0, info.__reserved);
	EXPECT_EQ(3, info.idr[0] & 3);		/* S1P, S2P */
	EXPECT_LE(8, info.idr[1] >> 21 & 0x1f);	/* CMDQS */
	EXPECT_NE(0, info.idr[3] & 1 << 8);	/* FWB */
	EXPECT_NE(0, info.idr[3] & 1 << 10);	/* RIL */
	EXPECT_NE(0, info.idr[5] & 1 << 4);	/* GRAN4K */

	/* A short buffer gets the beginning */
	memset(&info, 0xaa, sizeof(info));
	cmd.data_len = 8;
	ASSERT_EQ(0, iommufd_ioctl(vm->iommufd, IOMMU_GET_HW_INFO, &cmd));
	EXPECT_EQ(sizeof(info), cmd.data_len);
	for (i = 0; i < sizeof(info); i++)
		EXPECT_EQ(i < 8 ? 0 : 0xaa, byte[i]);

	EXPECT_EQ(0, iommufd_hw_info(vm->iommufd, vm->dev_id,
				     IOMMU_HW_INFO_TYPE_ARM_SMMUV3, &info,
				     sizeof(info)));
	EXPECT_EQ(-EOPNOTSUPP, iommufd_hw_info(vm->iommufd, vm->dev_id,
					       IOMMU_HW_INFO_TYPE_INTEL_VTD,
					       &info, sizeof(info)));
	EXPECT_EQ(-EOPNOTSUPP, iommufd_hw_info(vm->iommufd, vm->dev_id, 77,
					       &info, sizeof(info)));
}

TEST_HARNESS_MAIN
