// SPDX-License-Identifier: GPL-2.0
/*
 * Refusals: every error of the CMDQ-V driver, and of the core for it, with the errno
 * of the user ABI. A refused call must leave nothing. With two errors in one call, the
 * order of the checks shows.
 */
#include <stdint.h>
#include <sys/mman.h>

#include "cmdqv_test.h"
#include "cmdqv_regs.h"
#include "viommu_stall.h"

#define QUEUE_BYTES	(16ULL << TEST_LOG2SIZE)
#define NO_SUCH_ID	0x7ffffff0U

FIXTURE(errors) {
	struct cmdqv_vm vm;
	struct cmdqv_regs regs;
};

FIXTURE_SETUP(errors)
{
	TEST_RESERVE();
	ASSERT_EQ(0, regs_open(&self->regs));
	TEST_STEP(&self->vm, vm_open(&self->vm, 0));
	TEST_STEP(&self->vm, vm_viommu(&self->vm));
}

FIXTURE_TEARDOWN(errors)
{
	TEST_END(&self->vm);
	EXPECT_EQ(0, regs_vintfs_in_use(&self->regs));
	regs_close(&self->regs);
}

static int viommu(struct cmdqv_vm *vm, __u32 type, void *data, __u32 len)
{
	__u32 id = 0;
	int rc = iommufd_viommu_alloc(vm->iommufd, vm->dev_id, vm->parent,
				      type, data, len, &id);

	if (!rc)
		iommufd_destroy(vm->iommufd, id);
	return rc;
}

/* VIOMMU_ALLOC: rows 9, 10 and 15 of its table */
TEST_F(errors, viommu_data)
{
	struct cmdqv_vm *vm = &self->vm;
	const __u32 type = IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV;
	struct iommu_viommu_tegra241_cmdqv data[2] = { 0 };
	void *read_only;

	EXPECT_EQ(0, viommu(vm, type, data, sizeof(*data)));
	EXPECT_EQ(-EINVAL, viommu(vm, type, NULL, 0));
	EXPECT_EQ(-EINVAL, viommu(vm, type, data, sizeof(*data) - 1));
	EXPECT_EQ(-EINVAL, viommu(vm, type, data, sizeof(*data) + 8));
	EXPECT_EQ(-EFAULT, viommu(vm, type, (void *)8, sizeof(*data)));
	read_only = mmap(NULL, RAM_PAGE, PROT_READ,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, read_only);
	EXPECT_EQ(-EFAULT, viommu(vm, type, read_only, sizeof(*data)));
	munmap(read_only, RAM_PAGE);
	EXPECT_EQ(1, regs_vintfs_in_use(&self->regs));
	EXPECT_EQ(1, regs_vintf_clean(&self->regs, 2));
}

/* VIOMMU_ALLOC: rows 1 to 6, and the order of these checks */
TEST_F(errors, viommu_ids)
{
	struct cmdqv_vm *vm = &self->vm;
	const __u32 type = IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV;
	struct iommu_viommu_tegra241_cmdqv data;
	__u32 paging, id;
	struct iommu_hwpt_alloc alloc = {
		.size = sizeof(alloc),
		.dev_id = vm->dev_id,
		.pt_id = vm->ioas,
	};

	EXPECT_EQ(-EOPNOTSUPP, viommu(vm, 0, &data, sizeof(data)));
	EXPECT_EQ(-EOPNOTSUPP, viommu(vm, 77, &data, sizeof(data)));
	EXPECT_EQ(-ENOENT,
		  iommufd_viommu_alloc(vm->iommufd, NO_SUCH_ID, NO_SUCH_ID, 77,
				       &data, sizeof(data), &id));
	EXPECT_EQ(-EOPNOTSUPP,
		  iommufd_viommu_alloc(vm->iommufd, vm->dev_id, NO_SUCH_ID, 77,
				       &data, sizeof(data), &id));
	EXPECT_EQ(-ENOENT,
		  iommufd_viommu_alloc(vm->iommufd, vm->dev_id, NO_SUCH_ID,
				       type, &data, sizeof(data), &id));
	ASSERT_EQ(0, iommufd_ioctl(vm->iommufd, IOMMU_HWPT_ALLOC, &alloc));
	paging = alloc.out_hwpt_id;
	EXPECT_EQ(-EINVAL,
		  iommufd_viommu_alloc(vm->iommufd, vm->dev_id, paging, type,
				       &data, sizeof(data), &id));
	EXPECT_EQ(0, iommufd_destroy(vm->iommufd, paging));
	EXPECT_EQ(1, regs_vintfs_in_use(&self->regs));
}

/* VDEVICE_ALLOC: limits of the StreamID, and one vDEVICE per device */
TEST_F(errors, vdevice)
{
	struct cmdqv_vm *vm = &self->vm;
	__u32 id;

	EXPECT_EQ(-ENOENT, iommufd_vdevice_alloc(vm->iommufd, NO_SUCH_ID,
						 vm->dev_id, 1, &id));
	EXPECT_EQ(-ENOENT, iommufd_vdevice_alloc(vm->iommufd, vm->viommu,
						 NO_SUCH_ID, 1, &id));
	EXPECT_EQ(-EINVAL, iommufd_vdevice_alloc(vm->iommufd, vm->viommu,
						 vm->dev_id, 0x100000, &id));
	EXPECT_EQ(-EINVAL, iommufd_vdevice_alloc(vm->iommufd, vm->viommu,
						 vm->dev_id, ~0ULL >> 1, &id));
	EXPECT_EQ(0, regs_sid_match(&self->regs, 1, 0));
	ASSERT_EQ(0, iommufd_vdevice_alloc(vm->iommufd, vm->viommu, vm->dev_id,
					   0xfffff, &vm->vdevice));
	EXPECT_EQ(0xfffffU << 1 | 1, regs_sid_match(&self->regs, 1, 0));
	EXPECT_EQ(dma_stream_id(&vm->dev), regs_sid_replace(&self->regs, 1, 0));
	EXPECT_EQ(-EEXIST, iommufd_vdevice_alloc(vm->iommufd, vm->viommu,
						 vm->dev_id, 5, &id));
	ASSERT_EQ(0, vm_destroy(vm, &vm->vdevice));
	EXPECT_EQ(0, regs_sid_match(&self->regs, 1, 0));
	EXPECT_EQ(0, regs_sid_replace(&self->regs, 1, 0));
	EXPECT_EQ(0, iommufd_vdevice_alloc(vm->iommufd, vm->viommu, vm->dev_id,
					   0, &vm->vdevice));
}

/*
 * VDEVICE_ALLOC: two devices on one vIOMMU cannot have one virtual ID, and a device
 * needs a free StreamID slot of the VINTF. The latter shows on a machine with
 * log2-sids=0; with more slots the second device gets the second one.
 */
TEST_F(errors, vdevice_slots)
{
	struct cmdqv_vm *vm = &self->vm;
	struct dma_dev second;
	__u32 dev, id = 0;

	ASSERT_EQ(0, dma_open(&second, 1));
	ASSERT_EQ(0, vfio_bind(second.fd, vm->iommufd, &dev));
	ASSERT_EQ(0, iommufd_vdevice_alloc(vm->iommufd, vm->viommu, vm->dev_id,
					   7, &vm->vdevice));
	EXPECT_EQ(-EEXIST, iommufd_vdevice_alloc(vm->iommufd, vm->viommu, dev,
						 7, &id));
	if (self->regs.sids == 1) {
		EXPECT_EQ(-ENOSPC, iommufd_vdevice_alloc(vm->iommufd,
							 vm->viommu, dev, 8,
							 &id));
		ASSERT_EQ(0, vm_destroy(vm, &vm->vdevice));
		EXPECT_EQ(0, iommufd_vdevice_alloc(vm->iommufd, vm->viommu, dev,
						   8, &id));
		EXPECT_EQ(dma_stream_id(&second),
			  regs_sid_replace(&self->regs, 1, 0));
	} else {
		EXPECT_EQ(0, iommufd_vdevice_alloc(vm->iommufd, vm->viommu, dev,
						   8, &id));
		EXPECT_EQ(8U << 1 | 1, regs_sid_match(&self->regs, 1, 1));
		EXPECT_EQ(dma_stream_id(&second),
			  regs_sid_replace(&self->regs, 1, 1));
	}
	EXPECT_EQ(0, vm_destroy(vm, &id));
	dma_close(&second);
}

static int hw_queue(struct cmdqv_vm *vm, __u32 index, __u64 offset,
		    __u64 length)
{
	__u32 id = 0;
	int rc = iommufd_hw_queue_alloc(vm->iommufd, vm->viommu, VM_QUEUE_TYPE, index,
					ram_gpa(&vm->ram, offset), length, &id);

	if (!rc)
		iommufd_destroy(vm->iommufd, id);
	return rc;
}

/* The command for queue 0, for tests that change a field or need the command itself */
static struct iommu_hw_queue_alloc queue_request(struct cmdqv_vm *vm)
{
	return (struct iommu_hw_queue_alloc) {
		.size = sizeof(struct iommu_hw_queue_alloc),
		.viommu_id = vm->viommu,
		.type = IOMMU_HW_QUEUE_TYPE_TEGRA241_CMDQV,
		.nesting_parent_iova = ram_gpa(&vm->ram, RAM_QUEUE(0)),
		.length = QUEUE_BYTES,
	};
}

/* HW_QUEUE_ALLOC: row 15, index */
TEST_F(errors, hw_queue_index)
{
	struct cmdqv_vm *vm = &self->vm;
	struct iommu_hw_info_tegra241_cmdqv info = { 0 };
	unsigned int count;

	ASSERT_EQ(0, iommufd_hw_info(vm->iommufd, vm->dev_id,
				     IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV, &info,
				     sizeof(info)));
	count = 1U << info.log2vcmdqs;
	EXPECT_EQ(self->regs.queues, count);
	EXPECT_EQ(self->regs.sids, 1U << info.log2vsids);
	EXPECT_EQ(1, info.version);
	ASSERT_LE(VM_QUEUES, count);

	EXPECT_EQ(-EINVAL, hw_queue(vm, count, RAM_QUEUE(0), QUEUE_BYTES));
	EXPECT_EQ(-EINVAL, hw_queue(vm, ~0U, RAM_QUEUE(0), QUEUE_BYTES));
	EXPECT_EQ(-EIO, hw_queue(vm, 1, RAM_QUEUE(0), QUEUE_BYTES));
	EXPECT_EQ(0, hw_queue(vm, 0, RAM_QUEUE(0), QUEUE_BYTES));
	TEST_STEP(vm, vm_map_page0(vm));
	TEST_STEP(vm, vm_queue_alloc(vm, 0, TEST_LOG2SIZE));
	EXPECT_EQ(-EEXIST, hw_queue(vm, 0, RAM_QUEUE(1), QUEUE_BYTES));
	EXPECT_EQ(0, hw_queue(vm, 1, RAM_QUEUE(1), QUEUE_BYTES));
	/* Two queues may share a page. */
	EXPECT_EQ(0, hw_queue(vm, 1, RAM_QUEUE(0), QUEUE_BYTES));
}

/* HW_QUEUE_ALLOC: row 15, length and alignment */
TEST_F(errors, hw_queue_size)
{
	struct cmdqv_vm *vm = &self->vm;
	struct iommu_hw_info_arm_smmuv3 info = { 0 };
	__u64 most, length;

	ASSERT_EQ(0, iommufd_hw_info(vm->iommufd, vm->dev_id,
				     IOMMU_HW_INFO_TYPE_ARM_SMMUV3, &info,
				     sizeof(info)));
	most = 16ULL << (info.idr[1] >> 21 & 31);
	for (length = 32; length <= RAM_HUGE_PAGE && length <= most;
	     length *= 2)
		EXPECT_EQ(0, hw_queue(vm, 0, RAM_QUEUE(0), length));
	EXPECT_EQ(-EINVAL, hw_queue(vm, 0, RAM_QUEUE(0), 0));
	EXPECT_EQ(-EINVAL, hw_queue(vm, 0, RAM_QUEUE(0), 16));
	EXPECT_EQ(-EINVAL, hw_queue(vm, 0, RAM_QUEUE(0), 31));
	EXPECT_EQ(-EINVAL, hw_queue(vm, 0, RAM_QUEUE(0), 48));
	EXPECT_EQ(-EINVAL, hw_queue(vm, 0, RAM_QUEUE(0), QUEUE_BYTES + 16));
	EXPECT_EQ(-EINVAL, hw_queue(vm, 0, RAM_QUEUE(0) + 16, 32));
	EXPECT_EQ(-EINVAL, hw_queue(vm, 0, RAM_QUEUE(0) + RAM_PAGE,
				    2 * RAM_PAGE));
	EXPECT_EQ(0, hw_queue(vm, 0, RAM_QUEUE(0) + 32, 32));
	/* The index is checked before the size. */
	EXPECT_EQ(-EIO, hw_queue(vm, 1, RAM_QUEUE(0), 48));
}

/*
 * HW_QUEUE_ALLOC: while the command for queue 0 has not finished, queue 1 cannot
 * depend on it, and this is checked before the size.
 */
TEST_F(errors, hw_queue_unfinished)
{
	struct cmdqv_vm *vm = &self->vm;
	struct iommu_hw_queue_alloc cmd = queue_request(vm);
	struct stall stall;

	if (stall_open(&stall, UFFDIO_REGISTER_MODE_WP))
		SKIP(return, "no userfaultfd with write protection");
	close(stall.uffd);
	ASSERT_EQ(0, stall_ioctl(&stall, vm->iommufd, IOMMU_HW_QUEUE_ALLOC,
				 &cmd, sizeof(cmd)));
	EXPECT_EQ(-EEXIST, hw_queue(vm, 0, RAM_QUEUE(1), QUEUE_BYTES));
	EXPECT_EQ(-EIO, hw_queue(vm, 1, RAM_QUEUE(1), QUEUE_BYTES));
	EXPECT_EQ(-EIO, hw_queue(vm, 1, RAM_QUEUE(1), 48));
	EXPECT_EQ(-EINVAL, hw_queue(vm, ~0U, RAM_QUEUE(1), QUEUE_BYTES));
	EXPECT_EQ(-EFAULT, stall_fail(&stall));
	EXPECT_EQ(0, regs_queue_base(&self->regs, 1, 0));
	EXPECT_EQ(-EIO, hw_queue(vm, 1, RAM_QUEUE(1), QUEUE_BYTES));
	EXPECT_EQ(0, hw_queue(vm, 0, RAM_QUEUE(0), QUEUE_BYTES));
}

/* HW_QUEUE_ALLOC: rows 1 to 5 */
TEST_F(errors, hw_queue_request)
{
	struct cmdqv_vm *vm = &self->vm;
	struct iommu_hw_queue_alloc cmd = queue_request(vm), bad;
	__u32 plain, id;

	bad = cmd;
	bad.flags = 1;
	EXPECT_EQ(-EOPNOTSUPP, iommufd_ioctl(vm->iommufd, IOMMU_HW_QUEUE_ALLOC,
					     &bad));
	bad = cmd;
	bad.type = IOMMU_HW_QUEUE_TYPE_DEFAULT;
	EXPECT_EQ(-EOPNOTSUPP, iommufd_ioctl(vm->iommufd, IOMMU_HW_QUEUE_ALLOC,
					     &bad));
	bad.type = 77;
	EXPECT_EQ(-EOPNOTSUPP, iommufd_ioctl(vm->iommufd, IOMMU_HW_QUEUE_ALLOC,
					     &bad));
	bad = cmd;
	bad.nesting_parent_iova = ~0ULL;
	EXPECT_EQ(-EOVERFLOW, iommufd_ioctl(vm->iommufd, IOMMU_HW_QUEUE_ALLOC,
					    &bad));
	bad = cmd;
	bad.viommu_id = vm->parent;
	EXPECT_EQ(-ENOENT, iommufd_ioctl(vm->iommufd, IOMMU_HW_QUEUE_ALLOC,
					 &bad));
	/* A vIOMMU without CMDQ-V has no queues. */
	ASSERT_EQ(0, iommufd_viommu_alloc(vm->iommufd, vm->dev_id, vm->parent,
					  IOMMU_VIOMMU_TYPE_ARM_SMMUV3, NULL, 0,
					  &plain));
	EXPECT_EQ(-EOPNOTSUPP,
		  iommufd_hw_queue_alloc(vm->iommufd, plain, VM_QUEUE_TYPE, 0,
					 ram_gpa(&vm->ram, RAM_QUEUE(0)),
					 QUEUE_BYTES, &id));
	EXPECT_EQ(0, iommufd_destroy(vm->iommufd, plain));
}

/* HW_QUEUE_ALLOC: rows 11, 13 and 14, the memory behind the address */
TEST_F(errors, hw_queue_memory)
{
	const __u64 elsewhere = RAM_GPA + 4 * RAM_SIZE, page = ram_host_page(), bytes = 16 * page;
	struct cmdqv_vm *vm = &self->vm;
	char *small;
	__u64 done;
	__u32 id;
	__u64 i;

	EXPECT_EQ(-ENOENT, iommufd_hw_queue_alloc(vm->iommufd, vm->viommu, VM_QUEUE_TYPE, 0,
						  elsewhere, page, &id));
	EXPECT_EQ(-ENOENT, hw_queue(vm, 0, RAM_SIZE - RAM_PAGE, 2 * RAM_PAGE));

	ASSERT_EQ(0, iommufd_ioas_map(vm->iommufd, vm->ioas,
				      ram_va(&vm->ram, RAM_FREE), elsewhere,
				      page, IOMMU_IOAS_MAP_WRITEABLE));
	EXPECT_EQ(-EPERM, iommufd_hw_queue_alloc(vm->iommufd, vm->viommu, VM_QUEUE_TYPE, 0,
						 elsewhere, page, &id));
	done = page;
	ASSERT_EQ(0, iommufd_ioas_unmap(vm->iommufd, vm->ioas, elsewhere,
					&done));

	/* Every second page is freed and allocated again: never contiguous. */
	small = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, small);
	madvise(small, bytes, MADV_NOHUGEPAGE);
	for (i = 0; i < bytes; i += 2 * page)
		small[i] = 1;
	for (i = bytes - page; i < bytes; i -= 2 * page)
		small[i] = 1;
	ASSERT_EQ(0, iommufd_ioas_map(vm->iommufd, vm->ioas, small, elsewhere,
				      bytes,
				      IOMMU_IOAS_MAP_READABLE |
				      IOMMU_IOAS_MAP_WRITEABLE));
	EXPECT_EQ(-EFAULT, iommufd_hw_queue_alloc(vm->iommufd, vm->viommu, VM_QUEUE_TYPE, 0,
						  elsewhere, bytes, &id));
	/* The memory is checked before the index. */
	EXPECT_EQ(-EFAULT, iommufd_hw_queue_alloc(vm->iommufd, vm->viommu, VM_QUEUE_TYPE, ~0U,
						  elsewhere, bytes, &id));
	done = bytes;
	EXPECT_EQ(0, iommufd_ioas_unmap(vm->iommufd, vm->ioas, elsewhere,
					&done));
	munmap(small, bytes);
}

static int try_mmap(struct cmdqv_vm *vm, __u64 length, int prot, int flags,
		    __u64 offset)
{
	void *va = mmap(NULL, length, prot, flags, vm->iommufd, offset);

	if (va == MAP_FAILED)
		return -errno;
	munmap(va, length);
	return 0;
}

/* mmap of page 0: accepted and refused arguments */
TEST_F(errors, page0_mmap)
{
	struct cmdqv_vm *vm = &self->vm;
	const __u64 offset = vm->mmap_offset, length = vm->mmap_length, page = ram_host_page();
	const int rw = PROT_READ | PROT_WRITE;
	void *va;

	ASSERT_EQ(0x10000, length);
	ASSERT_NE(0, offset);
	EXPECT_EQ(0, try_mmap(vm, length, rw, MAP_SHARED, offset));
	EXPECT_EQ(0, try_mmap(vm, length / 2, rw, MAP_SHARED, offset));
	EXPECT_EQ(0, try_mmap(vm, length, PROT_READ, MAP_SHARED, offset));
	EXPECT_EQ(-EINVAL, try_mmap(vm, length, rw, MAP_PRIVATE, offset));
	EXPECT_EQ(-EPERM, try_mmap(vm, length, rw | PROT_EXEC, MAP_SHARED,
				   offset));
	EXPECT_EQ(-ENXIO, try_mmap(vm, 2 * length, rw, MAP_SHARED, offset));
	EXPECT_EQ(-ENXIO, try_mmap(vm, page, rw, MAP_SHARED,
				   offset + page));
	EXPECT_EQ(-ENXIO, try_mmap(vm, length, rw, MAP_SHARED, 0));
	EXPECT_EQ(-ENXIO, try_mmap(vm, length, rw, MAP_SHARED,
				   offset + (1ULL << 40)));
	ASSERT_EQ(0, vm_map_page0(vm));
	EXPECT_EQ(-1, mprotect(vm->page0, length, PROT_READ | PROT_EXEC));
	EXPECT_EQ(EACCES, errno);
	/* Page 0 is no memory: it cannot be mapped for devices. */
	EXPECT_EQ(-EFAULT, iommufd_ioas_map(vm->iommufd, vm->ioas, vm->page0,
					    RAM_GPA + 4 * RAM_SIZE, length,
					    IOMMU_IOAS_MAP_READABLE));
	vm_unmap_page0(vm);
	va = mmap(NULL, length, rw, MAP_SHARED, vm->iommufd, offset);
	ASSERT_NE(MAP_FAILED, va);
	munmap(va, length);
	ASSERT_EQ(0, vm_destroy(vm, &vm->viommu));
	EXPECT_EQ(-ENXIO, try_mmap(vm, length, rw, MAP_SHARED, offset));
}

TEST_HARNESS_MAIN
