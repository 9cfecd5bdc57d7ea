// SPDX-License-Identifier: GPL-2.0
/*
 * IOMMU_IOAS_MAP_FILE on the mock driver: each refusal in its order; a refusal
 * must leave nothing.
 */
#include <sys/eventfd.h>

#include "file_mock.h"

#define FILE_PAGES 16UL

FIXTURE(map_file) {
	int fd;
	__u32 ioas;
	__u32 stdev;
	__u32 dev;
	int file;
	void *view;
	size_t size;
	struct iommu_ioas_map_file cmd;		/* a command that would succeed */
};

/* Pages are pinned at once if there is a domain, otherwise when one is attached */
FIXTURE_VARIANT(map_file) {
	bool domain;
};

FIXTURE_VARIANT_ADD(map_file, domain) {
	.domain = true,
};

FIXTURE_VARIANT_ADD(map_file, no_domain) {
	.domain = false,
};

FIXTURE_SETUP(map_file)
{
	self->fd = open("/dev/iommu", O_RDWR);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, iommufd_ioas_alloc(self->fd, &self->ioas));
	if (variant->domain)
		ASSERT_EQ(0, mock_device(self->fd, self->ioas, 0, &self->stdev,
					 &self->dev));
	self->size = FILE_PAGES * mock_page;
	self->file = mock_memfd(self->size, MFD_ALLOW_SEALING);
	ASSERT_LE(0, self->file);
	self->view = mock_view(self->file, self->size);
	ASSERT_NE(MAP_FAILED, self->view);
	memset(self->view, 0x55, self->size);
	self->cmd = (struct iommu_ioas_map_file){
		.size = sizeof(self->cmd),
		.flags = MOCK_RW | IOMMU_IOAS_MAP_FIXED_IOVA,
		.ioas_id = self->ioas,
		.fd = self->file,
		.length = self->size,
		.iova = MOCK_IOVA,
	};
}

/* After a refusal the same range can be mapped, and no page is pinned twice */
FIXTURE_TEARDOWN(map_file)
{
	mock_unmap_all(self->fd, self->ioas);
	EXPECT_EQ(0, mock_check_pins(self->fd, self->view, self->size, 0));
	EXPECT_EQ(0, iommufd_ioas_map_file(self->fd, self->ioas, self->file, 0,
					   self->size, MOCK_IOVA, MOCK_RW));
	EXPECT_EQ(0, mock_check_pins(self->fd, self->view, self->size,
				     variant->domain));
	EXPECT_EQ(0, mock_unmap_all(self->fd, self->ioas));
	EXPECT_EQ(0, mock_check_pins(self->fd, self->view, self->size, 0));
	EXPECT_EQ(0, close(self->fd));
}

#define EXPECT_MAP(result)						\
	EXPECT_EQ(result, iommufd_ioctl(self->fd, IOMMU_IOAS_MAP_FILE,	\
					&self->cmd))

#define EXPECT_UNMAP_CMD()						\
	do {								\
		__u64 __length = self->cmd.length;			\
									\
		EXPECT_EQ(0, iommufd_ioas_unmap(self->fd, self->ioas,	\
						self->cmd.iova, &__length)); \
		EXPECT_EQ(self->cmd.length, __length);			\
	} while (0)

/*
 * Pinning fails: at once if there is a domain. Otherwise the area can be made and
 * unmapped, and no domain can be attached in between.
 */
#define EXPECT_PIN(err)							\
	do {								\
		__u32 __stdev, __dev;					\
									\
		if (variant->domain) {					\
			EXPECT_MAP(-(err));				\
			break;						\
		}							\
		EXPECT_MAP(0);						\
		EXPECT_EQ(-(err), mock_device(self->fd, self->ioas, 0,	\
					      &__stdev, &__dev));	\
		EXPECT_UNMAP_CMD();					\
		EXPECT_EQ(0, mock_device(self->fd, self->ioas, 0,	\
					 &__stdev, &__dev));		\
		EXPECT_EQ(0, iommufd_destroy(self->fd, __stdev));	\
	} while (0)

TEST_F(map_file, flags)
{
	unsigned int bit;

	for (bit = 3; bit < 32; bit++) {
		self->cmd.flags = MOCK_RW | 1U << bit;
		EXPECT_MAP(-EOPNOTSUPP);
	}
}

TEST_F(map_file, iova_and_length_too_large)
{
	self->cmd.iova = ~0ULL;
	EXPECT_MAP(-EOVERFLOW);
	self->cmd.iova = MOCK_IOVA;
	self->cmd.length = ~0ULL;
	EXPECT_MAP(-EOVERFLOW);
	/* IOVA is an output here, but checked */
	self->cmd.flags = MOCK_RW;
	self->cmd.length = self->size;
	self->cmd.iova = ~0ULL;
	EXPECT_MAP(-EOVERFLOW);
}

TEST_F(map_file, neither_read_nor_write)
{
	self->cmd.flags = 0;
	EXPECT_MAP(-EINVAL);
	self->cmd.flags = IOMMU_IOAS_MAP_FIXED_IOVA;
	EXPECT_MAP(-EINVAL);
}

TEST_F(map_file, ioas)
{
	__u32 ids[] = { 0, MOCK_NO_ID, ~0U, self->dev };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		self->cmd.ioas_id = ids[i];
		EXPECT_MAP(-ENOENT);
	}
}

TEST_F(map_file, length_0)
{
	self->cmd.length = 0;
	EXPECT_MAP(-EINVAL);
}

TEST_F(map_file, range_of_the_file_overflows)
{
	__u64 last = ~0ULL;

	self->cmd.length = mock_page;
	self->cmd.start = last - mock_page + 2;
	EXPECT_MAP(-EOVERFLOW);
	self->cmd.start = last;
	EXPECT_MAP(-EOVERFLOW);
	self->cmd.length = last - 1;
	self->cmd.start = 3;
	EXPECT_MAP(-EOVERFLOW);
	/* No overflow, but beyond the end of every file */
	self->cmd.length = mock_page;
	self->cmd.start = last - mock_page + 1;
	EXPECT_PIN(EINVAL);
	self->cmd.start = 1ULL << 63;
	EXPECT_PIN(EINVAL);
	self->cmd.start = (1ULL << 63) - mock_page;
	EXPECT_PIN(EINVAL);
	self->cmd.start = (1ULL << 63) - mock_page / 2;
	EXPECT_PIN(EINVAL);
}

TEST_F(map_file, no_open_file)
{
	int closed = dup(self->file), path;

	ASSERT_LE(0, closed);
	close(closed);
	path = open("/proc/self/fd", O_PATH | O_DIRECTORY);
	ASSERT_LE(0, path);
	int fds[] = { -1, closed, path, 1 << 30, 0x7fffffff, -2,
		      -0x7fffffff - 1 };

	for (unsigned int i = 0; i < ARRAY_SIZE(fds); i++) {
		self->cmd.fd = fds[i];
		EXPECT_MAP(-EBADF);
	}
}

/* A second descriptor of the file that can only read or only write */
#define REOPEN(mode)							\
	({								\
		char __path[64];					\
									\
		snprintf(__path, sizeof(__path), "/proc/self/fd/%d",	\
			 self->file);					\
		open(__path, mode);					\
	})

TEST_F(map_file, descriptor_that_only_reads)
{
	self->cmd.fd = REOPEN(O_RDONLY);
	ASSERT_LE(0, self->cmd.fd);
	EXPECT_MAP(-EPERM);
	self->cmd.flags &= ~IOMMU_IOAS_MAP_READABLE;
	EXPECT_MAP(-EPERM);
	self->cmd.flags ^= MOCK_RW;
	EXPECT_MAP(0);
}

TEST_F(map_file, descriptor_that_only_writes)
{
	self->cmd.fd = REOPEN(O_WRONLY);
	ASSERT_LE(0, self->cmd.fd);
	EXPECT_MAP(-EPERM);
	self->cmd.flags &= ~IOMMU_IOAS_MAP_WRITEABLE;
	EXPECT_MAP(-EPERM);
	self->cmd.flags ^= MOCK_RW;
	EXPECT_MAP(0);
}

TEST_F(map_file, every_wrong_kind_of_file)
{
	int fds[] = { -1, -1, -1, -1, -1, -1 }, pipes[2];
	unsigned int i;

	fds[0] = open("/dev/null", O_RDWR);
	fds[1] = open("/dev/zero", O_RDWR);
	fds[2] = eventfd(0, 0);
	fds[3] = open("/dev/iommu", O_RDWR);
	fds[4] = open("/proc/self/oom_score_adj", O_RDWR);
	fds[5] = self->fd;
	ASSERT_EQ(0, pipe(pipes));
	for (i = 0; i < ARRAY_SIZE(fds); i++) {
		ASSERT_LE(0, fds[i]) TH_LOG("kind %u", i);
		self->cmd.fd = fds[i];
		EXPECT_PIN(EINVAL);
	}
	self->cmd.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE;
	self->cmd.fd = pipes[0];
	EXPECT_PIN(EINVAL);
	self->cmd.fd = open("/proc/version", O_RDONLY);
	EXPECT_PIN(EINVAL);
	self->cmd.fd = open("/proc", O_RDONLY | O_DIRECTORY);
	EXPECT_PIN(EINVAL);
}

TEST_F(map_file, beyond_the_end)
{
	/* Half a page is the smallest that the mock can map */
	self->cmd.length += mock_page / 2;
	EXPECT_PIN(EINVAL);
	self->cmd.length = mock_page;
	self->cmd.start = self->size - mock_page / 2;
	EXPECT_PIN(EINVAL);
	self->cmd.start = self->size;
	EXPECT_PIN(EINVAL);
	self->cmd.start = self->size * 1000;
	EXPECT_PIN(EINVAL);
	/* An end within a page is checked in bytes */
	ASSERT_EQ(0, ftruncate(self->file, self->size - mock_page / 2));
	self->cmd.start = self->size - mock_page;
	EXPECT_PIN(EINVAL);
	self->cmd.length = mock_page / 2;
	EXPECT_MAP(0);
	ASSERT_EQ(0, ftruncate(self->file, self->size));
	memset(self->view, 0x55, self->size);
}

/* From here on MAP_FILE must refuse as IOMMU_IOAS_MAP does */
TEST_F(map_file, as_ioas_map)
{
	static const struct {
		__s64 iova, start, length;
	} tries[] = {
		{ 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 }, { 1, 1, 0 },
		{ 512, 512, 0 }, { 2048, 0, 0 }, { 0, 2048, -2048 },
		{ 2048, 2048, -2048 }, { -(__s64)MOCK_APERTURE_START, 0, 0 },
		{ MOCK_APERTURE_LAST, 0, 0 }, { 1LL << 62, 0, 0 },
		{ -(__s64)MOCK_APERTURE_START - 4096, 0, 0 },
		{ -(__s64)MOCK_APERTURE_START - 65536, 0, 0 },
	};
	unsigned int i;
	int rc;

	for (i = 0; i < ARRAY_SIZE(tries); i++) {
		self->cmd.iova = MOCK_IOVA + tries[i].iova;
		self->cmd.start = tries[i].start;
		self->cmd.length = self->size - mock_page + tries[i].length;
		rc = iommufd_ioas_map(self->fd, self->ioas,
				      self->view + self->cmd.start, self->cmd.iova,
				      self->cmd.length, MOCK_RW);
		mock_unmap_all(self->fd, self->ioas);
		EXPECT_MAP(rc) TH_LOG("try %u", i);
		mock_unmap_all(self->fd, self->ioas);
	}
}

TEST_F(map_file, alignment)
{
	if (!variant->domain)
		SKIP(return, "anything goes without a domain");
	self->cmd.iova++;
	EXPECT_MAP(-EINVAL);
	self->cmd.iova--;
	self->cmd.start = 1;
	self->cmd.length -= mock_page;
	EXPECT_MAP(-EINVAL);
	self->cmd.start = 0;
	self->cmd.length++;
	EXPECT_MAP(-EINVAL);
	self->cmd.length--;
	/* The mock maps half pages */
	self->cmd.iova = MOCK_IOVA + mock_page / 2;
	self->cmd.start = mock_page / 2;
	EXPECT_MAP(0);
	mock_unmap_all(self->fd, self->ioas);
	self->cmd.iova = MOCK_IOVA;
	EXPECT_MAP(0);
}

TEST_F(map_file, iova_is_taken)
{
	int rc;

	EXPECT_MAP(0);
	rc = iommufd_ioas_map(self->fd, self->ioas, self->view, MOCK_IOVA, mock_page,
			      MOCK_RW);
	EXPECT_NE(0, rc);
	EXPECT_MAP(rc);
	self->cmd.iova += self->size - mock_page / 2;
	EXPECT_MAP(rc);
	self->cmd.iova = MOCK_IOVA + self->size;
	EXPECT_MAP(0);
}

TEST_F(map_file, no_iova_is_left)
{
	struct iommu_iova_range range = {
		MOCK_IOVA, MOCK_IOVA + self->size - 1
	};
	struct iommu_ioas_allow_iovas allow = {
		.size = sizeof(allow),
		.ioas_id = self->ioas,
		.num_iovas = 1,
		.allowed_iovas = (uintptr_t)&range,
	};

	ASSERT_EQ(0, iommufd_ioctl(self->fd, IOMMU_IOAS_ALLOW_IOVAS, &allow));
	self->cmd.flags = MOCK_RW;
	self->cmd.iova = 0;
	EXPECT_MAP(0);
	EXPECT_EQ(MOCK_IOVA, self->cmd.iova);
	EXPECT_MAP(-ENOSPC);
}

/* Two errors in one command: the first in the order is reported, then the other */
TEST_F(map_file, order_of_the_checks)
{
	self->cmd.flags = 1U << 3;
	self->cmd.iova = ~0ULL;
	self->cmd.ioas_id = MOCK_NO_ID;
	self->cmd.length = 0;
	self->cmd.start = ~0ULL;
	self->cmd.fd = -1;
	EXPECT_MAP(-EOPNOTSUPP);
	self->cmd.flags = IOMMU_IOAS_MAP_FIXED_IOVA;
	EXPECT_MAP(-EOVERFLOW);
	self->cmd.iova = MOCK_IOVA + 1;
	EXPECT_MAP(-EINVAL);
	self->cmd.flags |= MOCK_RW;
	EXPECT_MAP(-ENOENT);
	self->cmd.ioas_id = self->ioas;
	EXPECT_MAP(-EINVAL);
	self->cmd.length = self->size + 1;
	EXPECT_MAP(-EOVERFLOW);
	self->cmd.start = 0;
	EXPECT_MAP(-EBADF);
	self->cmd.fd = REOPEN(O_RDONLY);
	EXPECT_MAP(-EPERM);
	/* A wrong kind of file, a range past its end, and an IOVA that is mapped */
	self->cmd.fd = open("/dev/null", O_RDWR);
	self->cmd.iova = MOCK_IOVA;
	self->cmd.length = self->size;
	ASSERT_EQ(0, iommufd_ioas_map_file(self->fd, self->ioas, self->file, 0,
					   self->size, MOCK_IOVA, MOCK_RW));
	EXPECT_MAP(-EEXIST);
	self->cmd.iova += self->size;
	EXPECT_MAP(variant->domain ? -EINVAL : 0);
}

/* Each check before the next one, with both failing */
TEST_F(map_file, order_of_neighbours)
{
	struct iommu_ioas_map_file good = self->cmd;

	/* 1 and 3 */
	self->cmd.flags = 1U << 31;
	EXPECT_MAP(-EOPNOTSUPP);
	/* 2 and 3 */
	self->cmd = good;
	self->cmd.length = ~0ULL;
	self->cmd.flags = 0;
	EXPECT_MAP(-EOVERFLOW);
	/* 4 and 6 */
	self->cmd = good;
	self->cmd.ioas_id = MOCK_NO_ID;
	self->cmd.start = ~0ULL;
	EXPECT_MAP(-ENOENT);
	/* 5 and 7 */
	self->cmd = good;
	self->cmd.length = 0;
	self->cmd.fd = -1;
	EXPECT_MAP(-EINVAL);
	/* 7 and 9 */
	self->cmd = good;
	self->cmd.fd = -1;
	self->cmd.iova = 0;
	EXPECT_MAP(-EBADF);
	self->cmd = good;
}

TEST_F(map_file, response_that_faults)
{
	void *page;
	int i;

	page = mock_read_only(&self->cmd, sizeof(self->cmd));
	for (i = 0; i < 20; i++)
		EXPECT_EQ(-EFAULT, iommufd_ioctl(self->fd, IOMMU_IOAS_MAP_FILE,
						 page));
	self->cmd.flags = MOCK_RW;
	page = mock_read_only(&self->cmd, sizeof(self->cmd));
	EXPECT_EQ(-EFAULT, iommufd_ioctl(self->fd, IOMMU_IOAS_MAP_FILE, page));
	EXPECT_EQ(0, mock_check_pins(self->fd, self->view, self->size, 0));
}

/* Unmap the area before the next command */
TEST_F(map_file, allocated_iova)
{
	__u64 iova[2];

	self->cmd.flags = MOCK_RW;
	self->cmd.iova = 0;
	EXPECT_MAP(0);
	iova[0] = self->cmd.iova;
	EXPECT_MAP(0);
	iova[1] = self->cmd.iova;
	EXPECT_NE(iova[0], iova[1]);
	EXPECT_EQ(0, iova[0] % mock_page);
	/* The offset in the page is also that of the IOVA */
	self->cmd.start = mock_page / 2;
	self->cmd.length = mock_page;
	EXPECT_MAP(0);
	EXPECT_EQ(mock_page / 2, self->cmd.iova % mock_page);
}

/*
 * The context is also a file. It must not hold itself: while it lives, a memfd
 * that is mapped writeable in it cannot be sealed.
 */
TEST_F(map_file, the_context_itself)
{
	int file = mock_memfd(self->size, MFD_ALLOW_SEALING);
	int fd = open("/dev/iommu", O_RDWR);
	__u32 ioas;

	ASSERT_LE(0, file);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, iommufd_ioas_alloc(fd, &ioas));
	ASSERT_EQ(0, iommufd_ioas_map_file(fd, ioas, file, 0, self->size, MOCK_IOVA,
					   MOCK_RW));
	ASSERT_EQ(0, iommufd_ioas_map_file(fd, ioas, fd, 0, self->size,
					   MOCK_IOVA + self->size, MOCK_RW));
	EXPECT_EQ(-1, fcntl(file, F_ADD_SEALS, F_SEAL_WRITE));
	EXPECT_EQ(EBUSY, errno);
	EXPECT_EQ(0, close(fd));
	EXPECT_EQ(0, fcntl(file, F_ADD_SEALS, F_SEAL_WRITE));
}

TEST_HARNESS_MAIN
