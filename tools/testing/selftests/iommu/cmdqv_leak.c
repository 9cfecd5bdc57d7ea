// SPDX-License-Identifier: GPL-2.0
/*
 * No leaks of VINTFs, of pinned pages, or of memory that kmemleak finds. Each
 * test builds and destroys a VM many times and then checks for leftovers.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cmdqv_test.h"
#include "cmdqv_regs.h"
#include "proc_counters.h"
#include "write_text.h"

#define LIVES		8
#define KMEMLEAK	"/sys/kernel/debug/kmemleak"

FIXTURE(leak) {
	struct cmdqv_vm vm;
	struct cmdqv_regs regs;
};

FIXTURE_SETUP(leak)
{
	TEST_RESERVE();
	ASSERT_EQ(0, regs_open(&self->regs));
	ASSERT_EQ(0, regs_vintfs_in_use(&self->regs));
}

FIXTURE_TEARDOWN(leak)
{
	unsigned int v;

	EXPECT_EQ(0, regs_vintfs_in_use(&self->regs));
	for (v = 1; v < self->regs.vintfs; v++)
		EXPECT_EQ(1, regs_vintf_clean(&self->regs, v));
	regs_close(&self->regs);
}

static void live(struct __test_metadata *_metadata, struct cmdqv_vm *vm)
{
	TEST_STEP(vm, vm_build(vm, 0, TEST_LOG2SIZE));
	ASSERT_EQ(0, vcmdq_issue_sync(&vm->queue[0].q,
				      cmd_tlbi_nh_asid(VM_ASID)));
}

/* Every VINTF except the host's can be allocated, one more is ENOSPC; twice */
TEST_F(leak, vintf_ids)
{
	struct cmdqv_vm *vm = &self->vm;
	__u32 ids[64] = { 0 }, extra = 0;
	unsigned int turn, i, last = self->regs.vintfs - 1;
	struct iommu_viommu_tegra241_cmdqv data;

	TEST_STEP(vm, vm_open(vm, 0));
	for (turn = 0; turn < 3; turn++) {
		for (i = 0; i < last; i++) {
			ASSERT_EQ(0, iommufd_viommu_alloc(
					     vm->iommufd, vm->dev_id,
					     vm->parent,
					     IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV,
					     &data, sizeof(data), &ids[i]));
			EXPECT_EQ(i + 1, regs_vintfs_in_use(&self->regs));
		}
		EXPECT_EQ(-ENOSPC, iommufd_viommu_alloc(
					   vm->iommufd, vm->dev_id, vm->parent,
					   IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV,
					   &data, sizeof(data), &extra));
		for (i = 0; i < last; i++)
			ASSERT_EQ(0, iommufd_destroy(vm->iommufd, ids[i]));
		EXPECT_EQ(0, regs_vintfs_in_use(&self->regs));
	}
	TEST_END(vm);
}

TEST_F(leak, pinned_pages)
{
	struct cmdqv_vm *vm = &self->vm;
	long pins, pin_kib;
	int turn;

	/* The kernel may cache objects of the first VM. */
	live(_metadata, vm);
	TEST_END(vm);
	pins = proc_pinned_pages();
	pin_kib = ram_pinned_kib();
	ASSERT_LE(0, pins);
	for (turn = 0; turn < LIVES; turn++) {
		live(_metadata, vm);
		EXPECT_LE(pins + (long)(RAM_SIZE / ram_host_page()), proc_pinned_pages());
		EXPECT_LE(pin_kib + (long)(RAM_SIZE / 1024), ram_pinned_kib());
		TEST_END(vm);
		EXPECT_EQ(pins, proc_pinned_pages());
		EXPECT_EQ(pin_kib, ram_pinned_kib());
	}
}

/* Queues come and go in one VM, while the IOAS keeps the RAM pinned. */
TEST_F(leak, queue_pins)
{
	struct cmdqv_vm *vm = &self->vm;
	long pins, pin_kib;
	int turn;

	TEST_STEP(vm, vm_open(vm, 0));
	TEST_STEP(vm, vm_viommu(vm));
	TEST_STEP(vm, vm_map_page0(vm));
	TEST_STEP(vm, vm_queue_alloc(vm, 0, TEST_LOG2SIZE));
	TEST_STEP(vm, vm_queue_free(vm, 0));
	pins = proc_pinned_pages();
	pin_kib = ram_pinned_kib();
	for (turn = 0; turn < LIVES; turn++) {
		TEST_STEP(vm, vm_queue_alloc(vm, 0, 17));
		TEST_STEP(vm, vm_queue_free(vm, 0));
		EXPECT_EQ(pins, proc_pinned_pages());
		EXPECT_EQ(pin_kib, ram_pinned_kib());
	}
	TEST_END(vm);
}

/* A process that ends with all objects open leaves nothing. */
TEST_F(leak, closed_without_teardown)
{
	struct cmdqv_vm *vm = &self->vm;
	long pins;
	int turn;

	live(_metadata, vm);
	TEST_END(vm);
	pins = proc_pinned_pages();
	for (turn = 0; turn < LIVES; turn++) {
		live(_metadata, vm);
		close(vm->dev.fd);
		dma_unmap(&vm->dev);
		close(vm->iommufd);
		munmap(vm->page0, vm->mmap_length);
		munmap(vm->ram.va, vm->ram.size);
		EXPECT_EQ(0, regs_vintfs_in_use(&self->regs));
		EXPECT_EQ(pins, proc_pinned_pages());
	}
}

TEST_F(leak, kmemleak)
{
	struct cmdqv_vm *vm = &self->vm;
	char report[4096] = "";
	ssize_t len;
	int fd, turn;

	if (access(KMEMLEAK, W_OK))
		SKIP(return, "kernel without kmemleak");
	ASSERT_EQ(0, write_text(KMEMLEAK, "clear"));
	for (turn = 0; turn < LIVES; turn++) {
		live(_metadata, vm);
		TEST_END(vm);
	}
	/*
	 * kmemleak reports an object when two consecutive scans find no reference to
	 * it, and only if it is some seconds old.
	 */
	sleep(6);
	ASSERT_EQ(0, write_text(KMEMLEAK, "scan"));
	ASSERT_EQ(0, write_text(KMEMLEAK, "scan"));
	fd = open(KMEMLEAK, O_RDONLY);
	ASSERT_LE(0, fd);
	len = read(fd, report, sizeof(report) - 1);
	close(fd);
	EXPECT_EQ(0, len)
	{
		TH_LOG("%s", report);
	}
}

TEST_HARNESS_MAIN
