// SPDX-License-Identifier: GPL-2.0
/*
 * IOMMU_HW_QUEUE_ALLOC on the mock driver: queues on pinned guest memory, each refusal in its
 * order, and refused unmaps.
 */
#include <linux/mman.h>

#include "viommu_mock.h"

#define HUGE_PAGE	(2UL << 20)
#define RAM_PAGES	16UL

FIXTURE(hw_queue) {
	struct mock_vm vm;
	struct iommu_hw_queue_alloc cmd;	/* a command that would succeed */
	void *ram;				/* contiguous, at MOCK_IOVA */
	size_t length;
};

/*
 * 2 MiB of contiguous memory: a page of hugetlbfs, with every page size of the host, or a
 * transparent huge page, which has 2 MiB only with pages of 4 KiB.
 */
static void *contiguous(void)
{
	void *ram = mmap(NULL, HUGE_PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_HUGE_2MB, -1, 0);

	if (ram != MAP_FAILED)
		return ram;
	if (mock_page != 4096 || posix_memalign(&ram, HUGE_PAGE, HUGE_PAGE) ||
	    madvise(ram, HUGE_PAGE, MADV_HUGEPAGE))
		return NULL;
	return ram;
}

FIXTURE_SETUP(hw_queue)
{
	struct mock_vm *vm = &self->vm;

	MOCK_VM_START(vm);
	self->length = RAM_PAGES * mock_page;
	self->ram = contiguous();
	ASSERT_NE(NULL, self->ram)
	{
		TH_LOG("no huge page of 2 MiB");
	}
	memset(self->ram, 0, HUGE_PAGE);
	ASSERT_EQ(0, iommufd_ioas_map(vm->fd, vm->ioas, self->ram, MOCK_IOVA,
				      self->length, MOCK_RW));
	self->cmd = (struct iommu_hw_queue_alloc){
		.size = sizeof(self->cmd),
		.viommu_id = vm->viommu,
		.type = IOMMU_HW_QUEUE_TYPE_SELFTEST,
		.nesting_parent_iova = MOCK_IOVA,
		.length = mock_page,
	};
}

FIXTURE_TEARDOWN(hw_queue)
{
	MOCK_VM_END(&self->vm);
}

#define EXPECT_REFUSED(err)						\
	do {								\
		EXPECT_EQ(-(err), iommufd_ioctl(self->vm.fd,		\
						IOMMU_HW_QUEUE_ALLOC,	\
						&self->cmd));		\
		EXPECT_EQ(0, self->cmd.out_hw_queue_id);		\
	} while (0)

/* After a refusal no pin, no lock and no user of the vIOMMU may be left */
#define EXPECT_NOTHING_LEFT()						\
	do {								\
		__u64 __all = ~0ULL;					\
									\
		EXPECT_EQ(0, iommufd_ioas_unmap(self->vm.fd, self->vm.ioas, 0, \
						&__all));		\
		EXPECT_EQ(0, iommufd_destroy(self->vm.fd,		\
					     self->vm.viommu));		\
	} while (0)

#define EXPECT_QUEUE(result, index, iova, length, id)			\
	EXPECT_EQ(result, iommufd_hw_queue_alloc(self->vm.fd, self->vm.viommu, \
						 IOMMU_HW_QUEUE_TYPE_SELFTEST, \
						 index, iova, length, id))

/* Unmap exactly this range; a refusal must not change the returned length */
#define EXPECT_UNMAP(result, iova, len)					\
	do {								\
		__u64 __len = (len);					\
									\
		EXPECT_EQ(result, iommufd_ioas_unmap(self->vm.fd,	\
						     self->vm.ioas, iova, \
						     &__len));		\
		EXPECT_EQ(len, __len);					\
	} while (0)

TEST_F(hw_queue, two_queues)
{
	__u32 queue[2] = {}, other;

	EXPECT_QUEUE(0, 0, MOCK_IOVA, mock_page, &queue[0]);
	EXPECT_QUEUE(0, 1, MOCK_IOVA + mock_page, 4 * mock_page, &queue[1]);
	EXPECT_NE(0, queue[0]);
	EXPECT_NE(queue[0], queue[1]);
	EXPECT_EQ(-EBUSY, iommufd_destroy(self->vm.fd, self->vm.viommu));
	/* The upper queue holds the lower one */
	EXPECT_EQ(-EBUSY, iommufd_destroy(self->vm.fd, queue[0]));
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, queue[1]));
	EXPECT_EQ(-ENOENT, iommufd_destroy(self->vm.fd, queue[1]));
	EXPECT_QUEUE(0, 1, MOCK_IOVA, mock_page, &other);
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, other));
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, queue[0]));
	EXPECT_NOTHING_LEFT();
}

/* Queues smaller than a page, not at its start, and both in the same page */
TEST_F(hw_queue, part_of_a_page)
{
	__u32 queue[2];

	EXPECT_QUEUE(0, 0, MOCK_IOVA + 0x100, 0x40, &queue[0]);
	EXPECT_QUEUE(0, 1, MOCK_IOVA + 0x800, 0x40, &queue[1]);
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, queue[1]));
	EXPECT_UNMAP(-EBUSY, MOCK_IOVA, self->length);
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, queue[0]));
	EXPECT_NOTHING_LEFT();
}

/* From the last bytes of one page into the next: both pages are pinned */
TEST_F(hw_queue, across_pages)
{
	__u32 queue;

	EXPECT_QUEUE(0, 0, MOCK_IOVA + mock_page - 32, 64, &queue);
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, queue));
	EXPECT_NOTHING_LEFT();
}

TEST_F(hw_queue, flags_and_type)
{
	self->cmd.flags = 1;
	EXPECT_REFUSED(EOPNOTSUPP);
	self->cmd.flags = 0;
	self->cmd.type = IOMMU_HW_QUEUE_TYPE_DEFAULT;
	EXPECT_REFUSED(EOPNOTSUPP);
	self->cmd.type = IOMMU_HW_QUEUE_TYPE_TEGRA241_CMDQV;
	EXPECT_REFUSED(EOPNOTSUPP);
	EXPECT_NOTHING_LEFT();
}

TEST_F(hw_queue, length)
{
	self->cmd.length = 0;
	EXPECT_REFUSED(EINVAL);
	self->cmd.length = ~0ULL;
	EXPECT_REFUSED(EOVERFLOW);
	self->cmd.nesting_parent_iova = ~0ULL;
	self->cmd.length = 2;
	EXPECT_REFUSED(EOVERFLOW);
	/* Overflows only when rounded up to pages */
	self->cmd.nesting_parent_iova = 0;
	self->cmd.length = ~0ULL;
	EXPECT_REFUSED(ERANGE);
	self->cmd.length = ~0ULL - mock_page + 1;
	EXPECT_REFUSED(ENOMEM);
	self->cmd.length = 1ULL << 62;
	EXPECT_REFUSED(ENOMEM);
	self->cmd.length = 1ULL << 44;
	EXPECT_REFUSED(ENOMEM);
	EXPECT_NOTHING_LEFT();
}

/* The longest queue whose pages fit into an array of INT_MAX bytes */
TEST_F(hw_queue, longest)
{
	__u64 most = (1ULL << 28) - 1, iova = MOCK_IOVA + self->length;

	self->cmd.length = (most + 1) * mock_page;
	EXPECT_REFUSED(ENOMEM);
	/* Rounded up to pages it is as long */
	self->cmd.length = most * mock_page + 1;
	EXPECT_REFUSED(ENOMEM);

	/* Shorter ones fail by the memory: a hole, or memory that is not readable */
	self->cmd.length = most * mock_page;
	EXPECT_REFUSED(ENOENT);
	ASSERT_EQ(0, iommufd_ioas_map(self->vm.fd, self->vm.ioas, self->ram, iova,
				      mock_page, IOMMU_IOAS_MAP_WRITEABLE));
	EXPECT_REFUSED(EPERM);
	EXPECT_NOTHING_LEFT();
}

TEST_F(hw_queue, viommu)
{
	__u32 ids[] = { 0, MOCK_NO_ID, self->vm.ioas, self->vm.dev,
			self->vm.parent };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		self->cmd.viommu_id = ids[i];
		EXPECT_REFUSED(ENOENT);
	}
	EXPECT_NOTHING_LEFT();
}

TEST_F(hw_queue, order_of_the_checks)
{
	/* All fields are wrong; each repair shows the next error */
	self->cmd.flags = 1;
	self->cmd.length = 0;
	self->cmd.nesting_parent_iova = ~0ULL;
	self->cmd.viommu_id = MOCK_NO_ID;
	self->cmd.type = IOMMU_HW_QUEUE_TYPE_TEGRA241_CMDQV;
	self->cmd.index = 7;
	EXPECT_REFUSED(EOPNOTSUPP);
	self->cmd.flags = 0;
	EXPECT_REFUSED(EINVAL);
	self->cmd.length = ~0ULL;
	EXPECT_REFUSED(EOVERFLOW);
	self->cmd.nesting_parent_iova = 0;
	EXPECT_REFUSED(ENOENT);
	self->cmd.viommu_id = self->vm.viommu;
	EXPECT_REFUSED(EOPNOTSUPP);
	self->cmd.type = IOMMU_HW_QUEUE_TYPE_SELFTEST;
	EXPECT_REFUSED(ERANGE);
	self->cmd.length = mock_page;
	EXPECT_REFUSED(ENOENT);
	self->cmd.nesting_parent_iova = MOCK_IOVA;
	EXPECT_REFUSED(EINVAL);
	self->cmd.index = 1;
	EXPECT_REFUSED(EIO);
	self->cmd.index = 0;
	EXPECT_EQ(0, iommufd_ioctl(self->vm.fd, IOMMU_HW_QUEUE_ALLOC,
				   &self->cmd));
}

/* The mock maps half pages; a queue needs whole ones in the whole IOAS */
TEST_F(hw_queue, ioas_with_unaligned_areas)
{
	__u64 half = mock_page / 2, iova = MOCK_IOVA + HUGE_PAGE;

	ASSERT_EQ(0, iommufd_ioas_map(self->vm.fd, self->vm.ioas, self->ram,
				      iova + half, half, MOCK_RW));
	EXPECT_REFUSED(EADDRINUSE);
	EXPECT_UNMAP(0, iova + half, half);
	ASSERT_EQ(0, iommufd_ioctl(self->vm.fd, IOMMU_HW_QUEUE_ALLOC,
				   &self->cmd));
	/* While there is a queue no such area can be made */
	EXPECT_EQ(-EINVAL, iommufd_ioas_map(self->vm.fd, self->vm.ioas, self->ram,
					    iova + half, half, MOCK_RW));
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, self->cmd.out_hw_queue_id));
	EXPECT_EQ(0, iommufd_ioas_map(self->vm.fd, self->vm.ioas, self->ram,
				      iova + half, half, MOCK_RW));
	EXPECT_NOTHING_LEFT();
}

/* The area is aligned, but each of its pages is two halves of pages of memory */
TEST_F(hw_queue, memory_that_is_shifted)
{
	__u64 iova = MOCK_IOVA + HUGE_PAGE;

	ASSERT_EQ(0, iommufd_ioas_map(self->vm.fd, self->vm.ioas,
				      self->ram + mock_page / 2, iova, mock_page,
				      MOCK_RW));
	self->cmd.nesting_parent_iova = iova;
	EXPECT_REFUSED(EADDRINUSE);
	EXPECT_NOTHING_LEFT();
}

TEST_F(hw_queue, memory_that_cannot_be_read)
{
	__u64 iova = MOCK_IOVA + HUGE_PAGE;

	ASSERT_EQ(0, iommufd_ioas_map(self->vm.fd, self->vm.ioas, self->ram, iova,
				      mock_page, IOMMU_IOAS_MAP_WRITEABLE));
	self->cmd.nesting_parent_iova = iova;
	EXPECT_REFUSED(EPERM);
	EXPECT_NOTHING_LEFT();
}

TEST_F(hw_queue, memory_that_can_only_be_read)
{
	__u64 iova = MOCK_IOVA + HUGE_PAGE;

	ASSERT_EQ(0, iommufd_ioas_map(self->vm.fd, self->vm.ioas, self->ram, iova,
				      mock_page, IOMMU_IOAS_MAP_READABLE));
	self->cmd.nesting_parent_iova = iova;
	EXPECT_EQ(0, iommufd_ioctl(self->vm.fd, IOMMU_HW_QUEUE_ALLOC,
				   &self->cmd));
}

TEST_F(hw_queue, holes)
{
	/* Nothing at the base */
	self->cmd.nesting_parent_iova = MOCK_IOVA - mock_page;
	EXPECT_REFUSED(ENOENT);
	self->cmd.nesting_parent_iova = MOCK_IOVA + self->length;
	EXPECT_REFUSED(ENOENT);
	/* The first page is mapped */
	self->cmd.nesting_parent_iova = MOCK_IOVA + self->length - mock_page;
	self->cmd.length = 2 * mock_page;
	EXPECT_REFUSED(ENOENT);
	EXPECT_NOTHING_LEFT();
}

/* Areas are checked in order: the error of the first one is reported */
TEST_F(hw_queue, area_before_hole)
{
	__u64 iova = MOCK_IOVA + HUGE_PAGE;

	ASSERT_EQ(0, iommufd_ioas_map(self->vm.fd, self->vm.ioas, self->ram, iova,
				      mock_page, IOMMU_IOAS_MAP_WRITEABLE));
	self->cmd.nesting_parent_iova = iova;
	self->cmd.length = 2 * mock_page;
	EXPECT_REFUSED(EPERM);

	/* A good area first, then a bad one: the good one is unlocked again */
	self->cmd.nesting_parent_iova = iova - mock_page;
	ASSERT_EQ(0, iommufd_ioas_map(self->vm.fd, self->vm.ioas, self->ram,
				      iova - mock_page, mock_page, MOCK_RW));
	EXPECT_REFUSED(EPERM);
	EXPECT_UNMAP(0, iova - mock_page, mock_page);
	EXPECT_NOTHING_LEFT();
}

/* Two areas of a page each, beside each other from @iova on */
static int map_two_areas(struct mock_vm *vm, __u64 iova, void *first,
			 void *second)
{
	int rc = iommufd_ioas_map(vm->fd, vm->ioas, first, iova,
				  mock_page, MOCK_RW);

	return rc ? rc : iommufd_ioas_map(vm->fd, vm->ioas, second,
					  iova + mock_page, mock_page, MOCK_RW);
}

TEST_F(hw_queue, memory_that_is_not_contiguous)
{
	__u64 iova = MOCK_IOVA + HUGE_PAGE;

	/* Two pages in the wrong order */
	ASSERT_EQ(0, map_two_areas(&self->vm, iova, self->ram + mock_page,
				   self->ram));
	self->cmd.nesting_parent_iova = iova;
	self->cmd.length = 2 * mock_page;
	self->cmd.index = 7;	/* the address comes before the index */
	EXPECT_REFUSED(EFAULT);
	EXPECT_NOTHING_LEFT();
}

TEST_F(hw_queue, two_areas_that_are_contiguous)
{
	__u64 iova = MOCK_IOVA + HUGE_PAGE;

	ASSERT_EQ(0, map_two_areas(&self->vm, iova, self->ram,
				   self->ram + mock_page));
	self->cmd.nesting_parent_iova = iova;
	self->cmd.length = 2 * mock_page;
	ASSERT_EQ(0, iommufd_ioctl(self->vm.fd, IOMMU_HW_QUEUE_ALLOC,
				   &self->cmd));
	EXPECT_UNMAP(-EBUSY, iova, mock_page);
	EXPECT_UNMAP(-EBUSY, iova + mock_page, mock_page);
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, self->cmd.out_hw_queue_id));
	EXPECT_UNMAP(0, iova, 2 * mock_page);
	EXPECT_NOTHING_LEFT();
}

/* From the last bytes of one area into the next one: both are locked, and let go */
TEST_F(hw_queue, across_areas)
{
	__u64 iova = MOCK_IOVA + HUGE_PAGE;

	ASSERT_EQ(0, map_two_areas(&self->vm, iova, self->ram,
				   self->ram + mock_page));
	self->cmd.nesting_parent_iova = iova + mock_page - 32;
	self->cmd.length = 64;
	ASSERT_EQ(0, iommufd_ioctl(self->vm.fd, IOMMU_HW_QUEUE_ALLOC,
				   &self->cmd));
	EXPECT_UNMAP(-EBUSY, iova, mock_page);
	EXPECT_UNMAP(-EBUSY, iova + mock_page, mock_page);
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, self->cmd.out_hw_queue_id));
	EXPECT_UNMAP(0, iova, 2 * mock_page);
	EXPECT_NOTHING_LEFT();
}

TEST_F(hw_queue, index)
{
	__u32 queue, other = 0;

	EXPECT_QUEUE(-EINVAL, 2, MOCK_IOVA, mock_page, &other);
	EXPECT_QUEUE(-EINVAL, ~0U, MOCK_IOVA, mock_page, &other);
	EXPECT_QUEUE(-EIO, 1, MOCK_IOVA, mock_page, &other);
	EXPECT_QUEUE(0, 0, MOCK_IOVA, mock_page, &queue);
	EXPECT_QUEUE(-EEXIST, 0, MOCK_IOVA + mock_page, mock_page, &other);
	EXPECT_EQ(0, other);
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, queue));
	EXPECT_NOTHING_LEFT();
}

TEST_F(hw_queue, response_that_faults)
{
	void *page = mock_read_only(&self->cmd, sizeof(self->cmd));
	unsigned int i;

	for (i = 0; i < 20; i++)
		EXPECT_EQ(-EFAULT, iommufd_ioctl(self->vm.fd,
						 IOMMU_HW_QUEUE_ALLOC, page));
	EXPECT_EQ(0, iommufd_ioctl(self->vm.fd, IOMMU_HW_QUEUE_ALLOC,
				   &self->cmd));
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, self->cmd.out_hw_queue_id));
	EXPECT_NOTHING_LEFT();
}

/* The object that pins the memory has an ID, but cannot be destroyed */
TEST_F(hw_queue, internal_object)
{
	__u32 id, busy = 0;

	ASSERT_EQ(0, iommufd_ioctl(self->vm.fd, IOMMU_HW_QUEUE_ALLOC,
				   &self->cmd));
	for (id = self->cmd.out_hw_queue_id + 1;
	     id < self->cmd.out_hw_queue_id + 4; id++)
		if (iommufd_destroy(self->vm.fd, id) == -EBUSY)
			busy++;
	EXPECT_EQ(1, busy);
	EXPECT_UNMAP(-EBUSY, MOCK_IOVA, self->length);
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, self->cmd.out_hw_queue_id));
	EXPECT_NOTHING_LEFT();
}

/* The object that locks the memory holds the IOAS; a refused queue has none */
TEST_F(hw_queue, refusals_leave_no_access)
{
	struct mock_vm *vm = &self->vm;

	self->cmd.nesting_parent_iova = MOCK_IOVA - mock_page;
	EXPECT_REFUSED(ENOENT);
	self->cmd.nesting_parent_iova = MOCK_IOVA;
	self->cmd.index = IOMMU_TEST_HW_QUEUE_MAX;
	EXPECT_REFUSED(EINVAL);
	EXPECT_NOTHING_LEFT();
	EXPECT_EQ(0, iommufd_destroy(vm->fd, vm->parent));
	EXPECT_EQ(0, iommufd_destroy(vm->fd, vm->stdev));
	EXPECT_EQ(0, iommufd_destroy(vm->fd, vm->ioas));
}

TEST_F(hw_queue, unmap)
{
	__u64 low = MOCK_IOVA + HUGE_PAGE, all = ~0ULL;
	struct mock_vm *vm = &self->vm;

	/* Areas below and above the one with the queue */
	ASSERT_EQ(0, iommufd_ioas_map(vm->fd, vm->ioas, self->ram, low, mock_page,
				      MOCK_RW));
	ASSERT_EQ(0, iommufd_ioas_map(vm->fd, vm->ioas, self->ram, low + HUGE_PAGE,
				      self->length, MOCK_RW));
	ASSERT_EQ(0, iommufd_ioas_map(vm->fd, vm->ioas, self->ram, low + 2 * HUGE_PAGE,
				      mock_page, MOCK_RW));
	self->cmd.nesting_parent_iova = low + HUGE_PAGE;
	ASSERT_EQ(0, iommufd_ioctl(vm->fd, IOMMU_HW_QUEUE_ALLOC, &self->cmd));

	EXPECT_UNMAP(-EBUSY, low + HUGE_PAGE, self->length);
	/* A range that cuts the area is no ENOENT here */
	EXPECT_UNMAP(-EBUSY, low + HUGE_PAGE, mock_page);
	EXPECT_UNMAP(-EBUSY, low + HUGE_PAGE + mock_page, mock_page);
	/* Another area of the IOAS can be unmapped */
	EXPECT_UNMAP(0, MOCK_IOVA, self->length);

	/* All areas before the queue are unmapped, none after it */
	EXPECT_EQ(-EBUSY, iommufd_ioas_unmap(vm->fd, vm->ioas, 0, &all));
	EXPECT_EQ(~0ULL, all);
	EXPECT_UNMAP(-ENOENT, low, mock_page);
	EXPECT_UNMAP(0, low + 2 * HUGE_PAGE, mock_page);

	EXPECT_EQ(0, iommufd_destroy(vm->fd, self->cmd.out_hw_queue_id));
	EXPECT_UNMAP(-ENOENT, low + HUGE_PAGE, mock_page);
	EXPECT_UNMAP(0, low + HUGE_PAGE, self->length);
}

TEST_F(hw_queue, unmap_through_vfio)
{
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.iova = MOCK_IOVA,
		.size = self->length,
	};
	struct iommu_vfio_ioas compat = {
		.size = sizeof(compat),
		.ioas_id = self->vm.ioas,
		.op = IOMMU_VFIO_IOAS_SET,
	};

	ASSERT_EQ(0, iommufd_ioctl(self->vm.fd, IOMMU_VFIO_IOAS, &compat));
	ASSERT_EQ(0, iommufd_ioctl(self->vm.fd, IOMMU_HW_QUEUE_ALLOC,
				   &self->cmd));
	EXPECT_EQ(-EBUSY, iommufd_ioctl(self->vm.fd, VFIO_IOMMU_UNMAP_DMA,
					&unmap));
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, self->cmd.out_hw_queue_id));
	unmap.size = self->length;
	EXPECT_EQ(0, iommufd_ioctl(self->vm.fd, VFIO_IOMMU_UNMAP_DMA, &unmap));
	EXPECT_EQ(self->length, unmap.size);
}

/* Small pages, whose pins can be counted */
TEST_F(hw_queue, pins)
{
	__u64 iova = MOCK_IOVA + HUGE_PAGE;
	struct mock_vm *vm = &self->vm;
	int fd = open("/dev/iommu", O_RDWR);
	void *page;

	ASSERT_LE(0, fd);
	page = mmap(NULL, mock_page, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	ASSERT_NE(MAP_FAILED, page);
	EXPECT_EQ(0, mock_check_pins(fd, page, mock_page, 0));
	ASSERT_EQ(0, iommufd_ioas_map(vm->fd, vm->ioas, page, iova, mock_page,
				      MOCK_RW));
	EXPECT_EQ(0, mock_check_pins(fd, page, mock_page, 1));
	self->cmd.nesting_parent_iova = iova;
	ASSERT_EQ(0, iommufd_ioctl(vm->fd, IOMMU_HW_QUEUE_ALLOC, &self->cmd));
	EXPECT_EQ(0, iommufd_destroy(vm->fd, self->cmd.out_hw_queue_id));
	EXPECT_UNMAP(0, iova, mock_page);
	EXPECT_EQ(0, mock_check_pins(fd, page, mock_page, 0));

	/* The queue does not hold the file */
	ASSERT_EQ(0, iommufd_ioas_map(vm->fd, vm->ioas, page, iova, mock_page,
				      MOCK_RW));
	self->cmd.index = 0;
	ASSERT_EQ(0, iommufd_ioctl(vm->fd, IOMMU_HW_QUEUE_ALLOC, &self->cmd));
	self->cmd.index = 1;
	ASSERT_EQ(0, iommufd_ioctl(vm->fd, IOMMU_HW_QUEUE_ALLOC, &self->cmd));
	EXPECT_EQ(0, close(vm->fd));
	EXPECT_EQ(0, mock_check_pins(fd, page, mock_page, 0));
	vm->fd = fd;
}

TEST_HARNESS_MAIN
