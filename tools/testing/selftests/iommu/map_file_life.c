// SPDX-License-Identifier: GPL-2.0
/*
 * A file that is mapped into an IOAS lives as long as the mapping, independent of
 * descriptors, processes, pages and seals.
 */
#include <linux/falloc.h>
#include <linux/fs.h>

#include "file_mock.h"

FIXTURE(life) {
	int fd;
	__u32 ioas;
	__u32 stdev;
	__u32 dev;
	int access;
	int file;
	size_t size;
	long free;
	long reserved;
};

FIXTURE_VARIANT(life) {
	unsigned int flags;
};

FIXTURE_VARIANT_ADD(life, shmem) {
	.flags = 0,
};

FIXTURE_VARIANT_ADD(life, hugetlb) {
	.flags = MFD_HUGETLB | MFD_HUGE_2MB,
};

#define IOVA		(MOCK_IOVA + 2 * MOCK_HUGE)
#define BYTE		0x5a
#define OTHER_BYTE	0x21

static int write_byte(int file, size_t size, int c)
{
	void *view = mock_view(file, size);

	if (view == MAP_FAILED)
		return -errno;
	memset(view, c, size);
	return munmap(view, size);
}

static long huge_free(void)
{
	return proc_counter("/proc/meminfo", "HugePages_Free");
}

static long huge_reserved(void)
{
	return proc_counter("/proc/meminfo", "HugePages_Rsvd");
}

FIXTURE_SETUP(life)
{
	/* Pages of the file, and of another one with twice as many */
	if (!mock_has_pages(6 * MOCK_HUGE, variant->flags))
		SKIP(return, "no huge pages in the pool");
	self->free = huge_free();
	self->reserved = huge_reserved();
	self->fd = open("/dev/iommu", O_RDWR);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, iommufd_ioas_alloc(self->fd, &self->ioas));
	self->access = mock_access(self->fd, self->ioas, 0);
	ASSERT_LE(0, self->access);
	self->size = 2 * MOCK_HUGE;
	self->file = mock_memfd(self->size,
				variant->flags | MFD_ALLOW_SEALING);
	ASSERT_LE(0, self->file);
	ASSERT_EQ(0, write_byte(self->file, self->size, BYTE));
}

FIXTURE_TEARDOWN(life)
{
	close(self->access);
	if (self->fd >= 0)
		EXPECT_EQ(0, close(self->fd));
	close(self->file);
	EXPECT_EQ(self->free, huge_free());
	EXPECT_EQ(self->reserved, huge_reserved());
}

#define MAP(prot)							\
	iommufd_ioas_map_file(self->fd, self->ioas, self->file, 0, self->size, \
			      IOVA, prot)

#define ATTACH() mock_device(self->fd, self->ioas, 0, &self->stdev, &self->dev)

/* The byte that a device reads there, or a negative errno */
static int device_reads(int fd, int access, __u64 iova)
{
	unsigned char c = 0;
	int rc = mock_access_rw(fd, access, iova, &c, 1, 0);

	return rc ? rc : c;
}

#define EXPECT_DEVICE(result, offset)					\
	EXPECT_EQ(result, device_reads(self->fd, self->access,		\
				       IOVA + (offset)))

TEST_F(life, descriptor_closed)
{
	ASSERT_EQ(0, MAP(MOCK_RW));
	close(self->file);
	self->file = -1;
	EXPECT_DEVICE(BYTE, 0);
	ASSERT_EQ(0, ATTACH());
	EXPECT_DEVICE(BYTE, self->size - 1);
	EXPECT_EQ(0, mock_unmap_all(self->fd, self->ioas));
	EXPECT_DEVICE(-ENOENT, 0);
}

/* The process that mapped the file is gone before the pages are pinned */
TEST_F(life, process_gone)
{
	__u32 other, id;
	int pinner;
	char c = 7;

	EXPECT_CHILD({
		if (MAP(MOCK_RW))
			_exit(1);
	});
	close(self->file);
	self->file = -1;
	/* Both paths of reads and writes, and pins, without a domain */
	EXPECT_DEVICE(BYTE, 4095);
	EXPECT_EQ(0, mock_access_rw(self->fd, self->access, IOVA, &c, 1,
				    MOCK_ACCESS_RW_WRITE));
	EXPECT_EQ(0, mock_access_rw(self->fd, self->access, IOVA + 1, &c, 1,
				    MOCK_ACCESS_RW_WRITE |
					    MOCK_ACCESS_RW_SLOW_PATH));
	EXPECT_DEVICE(7, 0);
	EXPECT_DEVICE(7, 1);
	pinner = mock_access(self->fd, self->ioas,
			     MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES);
	ASSERT_LE(0, pinner);
	EXPECT_EQ(0, mock_access_pin(self->fd, pinner, IOVA, NULL, self->size,
				     MOCK_FLAGS_ACCESS_WRITE, &id));
	EXPECT_EQ(0, mock_access_unpin(self->fd, pinner, id));
	ASSERT_EQ(0, ATTACH());
	EXPECT_DEVICE(7, 0);
	ASSERT_EQ(0, iommufd_ioas_alloc(self->fd, &other));
	ASSERT_EQ(0, iommufd_ioas_copy(self->fd, self->ioas, IOVA, other, MOCK_IOVA,
				       self->size, MOCK_RW));
	EXPECT_EQ(0, mock_unmap_all(self->fd, self->ioas));
	ASSERT_EQ(0, mock_attach(self->fd, self->stdev, other));
	EXPECT_EQ(0, mock_unmap_all(self->fd, other));
	close(pinner);
}

/* The context is passed to a child that continues after the exit of its parent */
TEST_F(life, handed_to_a_child)
{
	int exits[2], done[2], status = -1;
	pid_t pid;

	ASSERT_EQ(0, pipe(exits));
	ASSERT_EQ(0, pipe(done));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		if (MAP(MOCK_RW) || ATTACH())
			_exit(1);
		if (fork())
			_exit(0);
		/* A byte comes after the end of the process that mapped */
		status = read(exits[0], &status, 1) != 1 ||
			 device_reads(self->fd, self->access, IOVA) != BYTE ||
			 mock_unmap_all(self->fd, self->ioas) ||
			 MAP(MOCK_RW) ||
			 device_reads(self->fd, self->access, IOVA) != BYTE;
		close(self->fd);
		close(self->access);
		close(self->file);
		_exit(write(done[1], &status, sizeof(status)) < 0);
	}
	close(self->fd);
	self->fd = -1;
	EXPECT_EQ(pid, waitpid(pid, NULL, 0));
	EXPECT_EQ(1, write(exits[1], "", 1));
	EXPECT_EQ(sizeof(status), read(done[0], &status, sizeof(status)));
	EXPECT_EQ(0, status);
}

/* Devices keep their pages; a later pin fails */
TEST_F(life, truncated)
{
	ASSERT_EQ(0, ATTACH());
	ASSERT_EQ(0, MAP(MOCK_RW));
	ASSERT_EQ(0, ftruncate(self->file, 0));
	EXPECT_DEVICE(BYTE, 0);
	EXPECT_DEVICE(BYTE, self->size - 1);
	EXPECT_EQ(0, iommufd_destroy(self->fd, self->stdev));
	EXPECT_EQ(-EINVAL, ATTACH());
	EXPECT_DEVICE(-EINVAL, 0);
	ASSERT_EQ(0, ftruncate(self->file, self->size));
	ASSERT_EQ(0, ATTACH());
	EXPECT_DEVICE(0, 0);
	EXPECT_EQ(0, mock_unmap_all(self->fd, self->ioas));
	/* The file is truncated, but not into the range */
	ASSERT_EQ(0, ftruncate(self->file, MOCK_HUGE));
	EXPECT_EQ(-EINVAL, MAP(MOCK_RW));
	self->size = MOCK_HUGE;
	EXPECT_EQ(0, MAP(MOCK_RW));
}

TEST_F(life, hole_punched)
{
	ASSERT_EQ(0, ATTACH());
	ASSERT_EQ(0, MAP(MOCK_RW));
	ASSERT_EQ(0, fallocate(self->file,
			       FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
			       MOCK_HUGE));
	EXPECT_DEVICE(BYTE, 0);
	EXPECT_DEVICE(BYTE, MOCK_HUGE);
	/* The file gets new pages there, which the device does not see yet */
	ASSERT_EQ(0, write_byte(self->file, MOCK_HUGE, OTHER_BYTE));
	EXPECT_DEVICE(BYTE, 0);
	EXPECT_EQ(0, iommufd_destroy(self->fd, self->stdev));
	EXPECT_DEVICE(OTHER_BYTE, 0);
	ASSERT_EQ(0, ATTACH());
	EXPECT_DEVICE(OTHER_BYTE, 0);
	EXPECT_DEVICE(BYTE, MOCK_HUGE);
}

/* A file without pages. Pinning allocates them, and they belong to the file */
TEST_F(life, holes)
{
	int file = mock_memfd(4 * MOCK_HUGE, variant->flags);
	char *view;

	ASSERT_LE(0, file);
	ASSERT_EQ(0, iommufd_ioas_map_file(self->fd, self->ioas, file, MOCK_HUGE,
					   2 * MOCK_HUGE, IOVA, MOCK_RW));
	ASSERT_EQ(0, ATTACH());
	EXPECT_DEVICE(0, 0);
	EXPECT_DEVICE(0, 2 * MOCK_HUGE - 1);
	EXPECT_EQ(self->reserved, huge_reserved());
	if (variant->flags)
		EXPECT_EQ(self->free - 2 - 2, huge_free());
	view = mock_view(file, 4 * MOCK_HUGE);
	ASSERT_NE(MAP_FAILED, view);
	view[MOCK_HUGE] = BYTE;
	view[3 * MOCK_HUGE - 1] = OTHER_BYTE;
	EXPECT_DEVICE(BYTE, 0);
	EXPECT_DEVICE(OTHER_BYTE, 2 * MOCK_HUGE - 1);
	/* Some pages exist, some do not */
	ASSERT_EQ(0, iommufd_ioas_map_file(self->fd, self->ioas, file, 0,
					   4 * MOCK_HUGE, IOVA + 4 * MOCK_HUGE,
					   MOCK_RW));
	EXPECT_DEVICE(BYTE, 5 * MOCK_HUGE);
	EXPECT_DEVICE(0, 4 * MOCK_HUGE);
	munmap(view, 4 * MOCK_HUGE);
	close(file);
}

/* Allocated pages that were never used: cleared by the pin, and not again afterwards */
TEST_F(life, fallocated)
{
	int file = mock_memfd(2 * MOCK_HUGE, variant->flags);
	char *view, c = OTHER_BYTE;

	ASSERT_LE(0, file);
	/* Fill memory, and free it */
	view = mock_view(self->file, self->size);
	memset(view, BYTE, self->size);
	munmap(view, self->size);
	ASSERT_EQ(0, ftruncate(self->file, 0));
	ASSERT_EQ(0, fallocate(file, 0, 0, 2 * MOCK_HUGE));
	ASSERT_EQ(0, ATTACH());
	ASSERT_EQ(0, iommufd_ioas_map_file(self->fd, self->ioas, file, 0,
					   2 * MOCK_HUGE, IOVA, MOCK_RW));
	EXPECT_DEVICE(0, 0);
	EXPECT_DEVICE(0, 2 * MOCK_HUGE - 1);
	ASSERT_EQ(0, mock_access_rw(self->fd, self->access, IOVA, &c, 1,
				    MOCK_ACCESS_RW_WRITE));
	view = mock_view(file, 2 * MOCK_HUGE);
	ASSERT_NE(MAP_FAILED, view);
	EXPECT_EQ(OTHER_BYTE, view[0]);
	EXPECT_EQ(0, view[1]);
	munmap(view, 2 * MOCK_HUGE);
	close(file);
}

TEST_F(life, sealed_before)
{
	static const int seals[] = { F_SEAL_WRITE, F_SEAL_FUTURE_WRITE,
				     F_SEAL_WRITE | F_SEAL_GROW,
				     F_SEAL_FUTURE_WRITE | F_SEAL_SEAL };
	unsigned int i;
	int file;

	for (i = 0; i < ARRAY_SIZE(seals); i++) {
		file = mock_memfd(self->size,
				  variant->flags | MFD_ALLOW_SEALING);
		ASSERT_LE(0, file);
		ASSERT_EQ(0, write_byte(file, self->size, BYTE));
		ASSERT_EQ(0, fcntl(file, F_ADD_SEALS, seals[i]));
		EXPECT_EQ(-EPERM, iommufd_ioas_map_file(self->fd, self->ioas, file, 0,
							self->size, IOVA, MOCK_RW));
		EXPECT_EQ(-EPERM, iommufd_ioas_map_file(self->fd, self->ioas, file, 0,
							self->size, IOVA,
							IOMMU_IOAS_MAP_WRITEABLE));
		EXPECT_EQ(0, iommufd_ioas_map_file(self->fd, self->ioas, file, 0,
						   self->size, IOVA,
						   IOMMU_IOAS_MAP_READABLE));
		EXPECT_DEVICE(BYTE, 0);
		EXPECT_EQ(0, mock_unmap_all(self->fd, self->ioas));
		close(file);
	}
	/* Other seals have no effect */
	ASSERT_EQ(0, fcntl(self->file, F_ADD_SEALS,
			   F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL));
	EXPECT_EQ(0, MAP(MOCK_RW));
}

#define EXPECT_SEAL_BUSY(seal)						\
	do {								\
		EXPECT_EQ(-1, fcntl(self->file, F_ADD_SEALS, seal));	\
		EXPECT_EQ(EBUSY, errno);				\
	} while (0)

TEST_F(life, sealed_while_writeable)
{
	__u32 other;

	ASSERT_EQ(0, iommufd_ioas_alloc(self->fd, &other));
	ASSERT_EQ(0, MAP(MOCK_RW));
	EXPECT_SEAL_BUSY(F_SEAL_WRITE);
	ASSERT_EQ(0, iommufd_ioas_copy(self->fd, self->ioas, IOVA, other, IOVA,
				       mock_page, MOCK_RW));
	EXPECT_EQ(0, mock_unmap_all(self->fd, self->ioas));
	EXPECT_SEAL_BUSY(F_SEAL_WRITE);
	EXPECT_EQ(0, mock_unmap_all(self->fd, other));
	/* A refused command leaves no writer */
	ASSERT_EQ(0, MAP(IOMMU_IOAS_MAP_READABLE));
	EXPECT_EQ(-EEXIST, MAP(MOCK_RW));
	EXPECT_EQ(0, fcntl(self->file, F_ADD_SEALS, F_SEAL_WRITE));
	EXPECT_EQ(0, mock_unmap_all(self->fd, self->ioas));
	EXPECT_EQ(-EPERM, MAP(MOCK_RW));
	EXPECT_EQ(0, MAP(IOMMU_IOAS_MAP_READABLE));
}

/* This seal excludes new writers only */
TEST_F(life, sealed_for_the_future)
{
	char c = OTHER_BYTE;

	ASSERT_EQ(0, MAP(MOCK_RW));
	ASSERT_EQ(0, fcntl(self->file, F_ADD_SEALS, F_SEAL_FUTURE_WRITE));
	EXPECT_EQ(0, mock_access_rw(self->fd, self->access, IOVA, &c, 1,
				    MOCK_ACCESS_RW_WRITE));
	EXPECT_DEVICE(OTHER_BYTE, 0);
	EXPECT_EQ(0, mock_unmap_all(self->fd, self->ioas));
	EXPECT_EQ(-EPERM, MAP(MOCK_RW));
}

/* The descriptor of the command decides, not another one of the same file */
TEST_F(life, descriptor_for_reading)
{
	char path[64];
	int file;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", self->file);
	file = open(path, O_RDONLY);
	ASSERT_LE(0, file);
	EXPECT_EQ(-EPERM, iommufd_ioas_map_file(self->fd, self->ioas, file, 0,
						self->size, IOVA, MOCK_RW));
	EXPECT_EQ(0, iommufd_ioas_map_file(self->fd, self->ioas, file, 0, self->size,
					   IOVA, IOMMU_IOAS_MAP_READABLE));
	close(file);
	ASSERT_EQ(0, ATTACH());
	EXPECT_DEVICE(BYTE, 0);
}

/* Neither a copy nor an access of a driver permits reading */
TEST_F(life, descriptor_for_writing)
{
	char path[64], c = OTHER_BYTE;
	__u32 other, id;
	int file, pinner;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", self->file);
	file = open(path, O_WRONLY);
	ASSERT_LE(0, file);
	ASSERT_EQ(0, iommufd_ioas_map_file(self->fd, self->ioas, file, 0, self->size,
					   IOVA, IOMMU_IOAS_MAP_WRITEABLE));
	close(file);
	ASSERT_EQ(0, iommufd_ioas_alloc(self->fd, &other));
	EXPECT_EQ(-EPERM, iommufd_ioas_copy(self->fd, self->ioas, IOVA, other, IOVA,
					    self->size, MOCK_RW));
	EXPECT_EQ(-EPERM, iommufd_ioas_copy(self->fd, self->ioas, IOVA, other, IOVA,
					    self->size, IOMMU_IOAS_MAP_READABLE));
	EXPECT_EQ(0, iommufd_ioas_copy(self->fd, self->ioas, IOVA, other, IOVA,
				       self->size, IOMMU_IOAS_MAP_WRITEABLE));
	EXPECT_DEVICE(-EPERM, 0);
	pinner = mock_access(self->fd, self->ioas,
			     MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES);
	ASSERT_LE(0, pinner);
	EXPECT_EQ(-EPERM, mock_access_pin(self->fd, pinner, IOVA, NULL,
					  mock_page, 0, &id));
	EXPECT_EQ(0, mock_access_pin(self->fd, pinner, IOVA, NULL, mock_page,
				     MOCK_FLAGS_ACCESS_WRITE, &id));
	EXPECT_EQ(0, mock_access_rw(self->fd, self->access, IOVA, &c, 1,
				    MOCK_ACCESS_RW_WRITE));
	close(pinner);
}

TEST_F(life, append_only)
{
	unsigned int flags = FS_APPEND_FL;

	if (ioctl(self->file, FS_IOC_SETFLAGS, &flags))
		SKIP(return, "this file system has no such files");
	EXPECT_EQ(-EPERM, MAP(MOCK_RW));
	EXPECT_EQ(-EPERM, MAP(IOMMU_IOAS_MAP_WRITEABLE));
	EXPECT_EQ(0, MAP(IOMMU_IOAS_MAP_READABLE));
}

/* Huge pages that another file has reserved are not used */
TEST_F(life, no_huge_page_left)
{
	size_t all = huge_free() * MOCK_HUGE;
	int mine, file;
	char *view;
	size_t i;

	if (!variant->flags)
		SKIP(return, "only hugetlbfs can run out so");
	mine = mock_memfd(all, variant->flags);
	file = mock_memfd(2 * MOCK_HUGE, variant->flags);
	view = mmap(NULL, all, PROT_READ | PROT_WRITE, MAP_SHARED, mine, 0);
	ASSERT_NE(MAP_FAILED, view);
	EXPECT_EQ((long)(all / MOCK_HUGE), huge_reserved() - self->reserved);
	ASSERT_EQ(0, ATTACH());
	EXPECT_EQ(-ENOMEM, iommufd_ioas_map_file(self->fd, self->ioas, file, 0,
						 2 * MOCK_HUGE, IOVA, MOCK_RW));
	EXPECT_EQ((long)(all / MOCK_HUGE), huge_reserved() - self->reserved);
	/* SIGBUS if one of them is missing */
	for (i = 0; i < all; i += MOCK_HUGE)
		view[i] = 1;
	EXPECT_EQ(self->reserved, huge_reserved());
	munmap(view, all);
	close(mine);
	EXPECT_EQ(0, iommufd_ioas_map_file(self->fd, self->ioas, file, 0,
					   2 * MOCK_HUGE, IOVA, MOCK_RW));
	close(file);
}

/* More than there is: pinning fails late, and the file frees all pages */
TEST_F(life, larger_than_memory)
{
	size_t size = (huge_free() + 1) * MOCK_HUGE;
	int file;

	if (!variant->flags)
		SKIP(return, "only hugetlbfs can run out so");
	file = mock_memfd(size, variant->flags);
	ASSERT_LE(0, file);
	ASSERT_EQ(0, ATTACH());
	EXPECT_EQ(-ENOMEM, iommufd_ioas_map_file(self->fd, self->ioas, file, 0, size,
						 IOVA, MOCK_RW));
	EXPECT_EQ(0, iommufd_ioas_map_file(self->fd, self->ioas, file, 0,
					   size - MOCK_HUGE, IOVA, MOCK_RW));
	close(file);
}

/* Holes of a file are filled from its own reservation */
TEST_F(life, reserved_by_a_mapping)
{
	int file;
	char *view;

	if (!variant->flags)
		SKIP(return, "only hugetlbfs reserves");
	file = mock_memfd(4 * MOCK_HUGE, variant->flags);
	view = mock_view(file, 4 * MOCK_HUGE);
	ASSERT_NE(MAP_FAILED, view);
	EXPECT_EQ(4, huge_reserved() - self->reserved);
	ASSERT_EQ(0, ATTACH());
	ASSERT_EQ(0, iommufd_ioas_map_file(self->fd, self->ioas, file, MOCK_HUGE,
					   2 * MOCK_HUGE, IOVA, MOCK_RW));
	EXPECT_EQ(2, huge_reserved() - self->reserved);
	view[0] = 1;
	view[3 * MOCK_HUGE] = 1;
	EXPECT_EQ(0, huge_reserved() - self->reserved);
	munmap(view, 4 * MOCK_HUGE);
	close(file);
}

TEST(pins_balance)
{
	EXPECT_EQ(0, proc_pinned_pages());
}

TEST_HARNESS_MAIN
