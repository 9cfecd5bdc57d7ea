// SPDX-License-Identifier: GPL-2.0
/*
 * An unmap in a nesting parent: a device cannot reach the memory any more, and the SMMU
 * executes exactly the expected commands. Without range invalidation an unmap of 512 or
 * more pages, or of a table of pages, is one command for the VMID.
 *
 * The memory is a second view of guest RAM. Its huge pages are contiguous; with an address
 * that is not aligned like theirs, the kernel maps them by 4 KiB.
 */
#include "smmuv3_nested.h"

/* In no table with guest RAM, and aligned for a table of 2 MiB pages */
#define VIEW		0x100000000ULL
#define TABLE		RAM_HUGE_PAGE

FIXTURE(unmap) {
	struct cmdqv_vm vm;
};

/* Expected commands with and without range invalidation, CMD_SYNC included */
FIXTURE_VARIANT(unmap) {
	__u64 ram;
	__u64 gpa;
	__u64 size;
	unsigned int commands[2];
	/* Commands for the whole VMID among them */
	unsigned int all[2];
};

/* By address, CMD_SYNC, stage 1, CMD_SYNC */
FIXTURE_VARIANT_ADD(unmap, page) {
	.ram = RAM_FREE, .gpa = VIEW + RAM_PAGE, .size = RAM_PAGE,
	.commands = { 4, 4 },
};

/* One page less than a table: 31 + 15 * 32 pages are two ranges */
FIXTURE_VARIANT_ADD(unmap, below_the_bound) {
	.ram = RAM_FREE, .gpa = VIEW + RAM_PAGE, .size = TABLE - RAM_PAGE,
	.commands = { 511 + 3, 2 + 3 },
};

/* A table of pages, then the entry of the table */
FIXTURE_VARIANT_ADD(unmap, table) {
	.ram = RAM_QUEUE(1) + RAM_PAGE, .gpa = VIEW, .size = TABLE,
	.commands = { 2 + 4, 4 + 4 }, .all = { 1, 0 },
};

/* The table, and another page behind it */
FIXTURE_VARIANT_ADD(unmap, table_and_page) {
	.ram = RAM_QUEUE(1) + RAM_PAGE, .gpa = VIEW, .size = TABLE + RAM_PAGE,
	.commands = { 2 + 4 + 4, 4 + 4 + 4 }, .all = { 1, 0 },
};

FIXTURE_VARIANT_ADD(unmap, huge_page) {
	.ram = RAM_FREE, .gpa = VIEW, .size = TABLE,
	.commands = { 4, 4 },
};

static __u64 vmid_commands(struct cmdqv_vm *vm)
{
	return model_host_opcode(&vm->dev, CMD_TLBI_S12_VMALL,
				 CMDQV_WIN_Q_TLBI_S12);
}

FIXTURE_SETUP(unmap)
{
	const __u32 rw = IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE;
	struct cmdqv_vm *vm = &self->vm;

	if (ram_host_page() != RAM_PAGE)
		SKIP(return, "needs pages of 4 KiB");
	NESTED_OPEN(vm, 0);
	TEST_STEP(vm, vm_nest(vm));
	ASSERT_EQ(0, iommufd_ioas_map(vm->iommufd, vm->ioas,
				      ram_va(&vm->ram, variant->ram),
				      variant->gpa, variant->size, rw));
}

FIXTURE_TEARDOWN(unmap)
{
	TEST_END(&self->vm);
}

TEST_F(unmap, commands)
{
	const int ranges = vm_has_ranges(&self->vm);
	struct cmdqv_vm *vm = &self->vm;
	__u64 length = variant->size, before, all, shared;
	__u64 last = variant->size - RAM_PAGE;

	ASSERT_LE(0, ranges);
	*(__u64 *)ram_va(&vm->ram, variant->ram) = VALUE_A;
	*(__u64 *)ram_va(&vm->ram, variant->ram + last) = VALUE_A;
	stage1_map(&vm->ram, IOVA(0), variant->gpa);
	stage1_map(&vm->ram, IOVA(1), variant->gpa + last);
	stage1_map(&vm->ram, IOVA(2), GPA(vm, 1));
	ASSERT_EQ(VALUE_A, device_reads(vm, IOVA(0)));
	ASSERT_EQ(VALUE_A, device_reads(vm, IOVA(1)));
	ASSERT_EQ(VALUE_B, device_reads(vm, IOVA(2)));

	before = model_host_commands(&vm->dev);
	all = vmid_commands(vm);
	shared = dma_window(&vm->dev, CMDQV_WIN_MAIN_COMMANDS);
	ASSERT_EQ(0, iommufd_ioas_unmap(vm->iommufd, vm->ioas, variant->gpa,
					&length));
	EXPECT_EQ(variant->commands[ranges],
		  model_host_commands(&vm->dev) - before);
	EXPECT_EQ(variant->all[ranges], vmid_commands(vm) - all);
	/* All of them on a queue of VINTF 0, which other processors do not use */
	EXPECT_EQ(shared, dma_window(&vm->dev, CMDQV_WIN_MAIN_COMMANDS));

	EXPECT_EQ(-EFAULT, (int)device_reads(vm, IOVA(0)));
	EXPECT_EQ(-EFAULT, (int)device_reads(vm, IOVA(1)));
	EXPECT_EQ(VALUE_B, device_reads(vm, IOVA(2)));
}

TEST_HARNESS_MAIN
