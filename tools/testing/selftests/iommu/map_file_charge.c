// SPDX-License-Identifier: GPL-2.0
/*
 * The charge of locked memory of files: the charged process, the time of the
 * charge, and IOMMU_IOAS_CHANGE_PROCESS, which moves all of the charge, or
 * nothing.
 *
 * The charge of a user cannot be read. So it is probed: with a limit of the charge
 * plus n pages, exactly n pages can be mapped.
 */
#include "file_mock.h"

#define FILE_PAGES	64UL
#define ROOM		4UL
#define MODE_USER	0
#define MODE_MM		1
#define UID		3333
#define SUCCESSOR	4444
#define ANY_LIMIT	100000UL

FIXTURE(charge) {
	int fd;
	__u32 ioas;
	__u32 stdev;
	__u32 dev;
	int probe;		/* a second context, with a device */
	__u32 probe_ioas;
	int file;
	void *view;
	size_t size;
	int to_child[2], to_parent[2];
};

FIXTURE_VARIANT(charge) {
	unsigned int mode;
	bool none;		/* with CAP_IPC_LOCK nothing is charged */
};

FIXTURE_VARIANT_ADD(charge, user) {
	.mode = MODE_USER,
};

FIXTURE_VARIANT_ADD(charge, mm) {
	.mode = MODE_MM,
};

FIXTURE_VARIANT_ADD(charge, none) {
	.none = true,
};

static int context(int *fd, __u32 *ioas, unsigned int mode, __u32 *stdev)
{
	__u32 dev;
	int rc;

	*fd = open("/dev/iommu", O_RDWR | O_CLOEXEC);
	if (*fd < 0)
		return -errno;
	rc = mock_rlimit_mode(*fd, mode);
	if (!rc)
		rc = iommufd_ioas_alloc(*fd, ioas);
	return rc ? rc : mock_device(*fd, *ioas, 0, stdev, &dev);
}

/*
 * Change to a user without other charges and without CAP_IPC_LOCK. The saved ID
 * permits the change back to root.
 */
static int become(unsigned int uid)
{
	if (setresuid(0, 0, 0) || setresuid(uid, uid, 0))
		return -errno;
	return 0;
}

FIXTURE_SETUP(charge)
{
	__u32 stdev;

	ASSERT_EQ(0, context(&self->fd, &self->ioas, variant->mode,
			     &self->stdev));
	ASSERT_EQ(0, context(&self->probe, &self->probe_ioas, variant->mode,
			     &stdev));
	ASSERT_EQ(0, pipe(self->to_child));
	ASSERT_EQ(0, pipe(self->to_parent));
	self->size = FILE_PAGES * mock_page;
	self->file = mock_memfd(self->size, 0);
	ASSERT_LE(0, self->file);
	self->view = mock_view(self->file, self->size);
	ASSERT_NE(MAP_FAILED, self->view);
	memset(self->view, 1, self->size);
	ASSERT_EQ(0, mock_limit_memlock(ANY_LIMIT));
	if (!variant->none)
		ASSERT_EQ(0, become(UID));
}

FIXTURE_TEARDOWN(charge)
{
	EXPECT_EQ(0, close(self->fd));
	EXPECT_EQ(0, close(self->probe));
}

static int limit(rlim_t pages)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_MEMLOCK, &limit))
		return -errno;
	limit.rlim_cur = pages * mock_page;
	return setrlimit(RLIMIT_MEMLOCK, &limit) ? -errno : 0;
}

/* 0 if this process, or its user, is charged exactly that much; changes the limit */
static int probe(int fd, __u32 ioas, int file, unsigned long charged)
{
	int rc = limit(charged + ROOM);

	if (rc)
		return rc;
	rc = iommufd_ioas_map_file(fd, ioas, file, 0, (ROOM + 1) * mock_page,
				   MOCK_IOVA, MOCK_RW);
	if (rc != -ENOMEM) {
		mock_unmap_all(fd, ioas);
		return rc ? rc : -ERANGE;	/* charged for less */
	}
	rc = iommufd_ioas_map_file(fd, ioas, file, 0, ROOM * mock_page, MOCK_IOVA,
				   MOCK_RW);
	return rc ? -EDQUOT : mock_unmap_all(fd, ioas);	/* charged for more */
}

/* 0 if exactly that much is charged, by all counters */
static int charged(int fd, __u32 ioas, int file, unsigned int mode, bool none,
		   unsigned long pages, unsigned long pinned)
{
	long locked = mode == MODE_MM && !none ? pages : 0;

	if (mock_locked() != locked)
		return -EBADE;
	if (mock_pinned() != (long)pinned)
		return -EBADF;
	return none ? 0 : probe(fd, ioas, file, pages);
}

/* VmPin shows pins in every mode; the charge is checked in the mode of the variant */
#define CHARGED(pages)							\
	charged(self->probe, self->probe_ioas, self->file,		\
		variant->mode, variant->none, pages, pages)

#define MAP(ioas, start, npages, iova)					\
	iommufd_ioas_map_file(self->fd, ioas, self->file, (start) * mock_page, \
			      (npages) * mock_page, iova, MOCK_RW)

TEST_F(charge, map_and_unmap)
{
	__u64 length = 10 * mock_page;

	EXPECT_EQ(0, CHARGED(0));
	limit(ANY_LIMIT);
	ASSERT_EQ(0, MAP(self->ioas, 0, 10, MOCK_IOVA));
	EXPECT_EQ(0, CHARGED(10));
	limit(ANY_LIMIT);
	/* A second mapping of the same pages is charged, too */
	ASSERT_EQ(0, MAP(self->ioas, 5, 10, MOCK_IOVA + self->size));
	EXPECT_EQ(0, CHARGED(20));
	EXPECT_EQ(0, iommufd_ioas_unmap(self->fd, self->ioas, MOCK_IOVA, &length));
	EXPECT_EQ(0, CHARGED(10));
	EXPECT_EQ(0, mock_unmap_all(self->fd, self->ioas));
	EXPECT_EQ(0, CHARGED(0));
}

/* Pages are charged while they are pinned, once */
TEST_F(charge, attach_copy_access)
{
	__u32 other, id, stdev, dev;
	int access;

	ASSERT_EQ(0, iommufd_ioas_alloc(self->fd, &other));
	limit(ANY_LIMIT);
	ASSERT_EQ(0, MAP(other, 0, 20, MOCK_IOVA));
	EXPECT_EQ(0, CHARGED(0));
	limit(ANY_LIMIT);
	access = mock_access(self->fd, other,
			     MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES);
	ASSERT_LE(0, access);
	ASSERT_EQ(0, mock_access_pin(self->fd, access, MOCK_IOVA, NULL,
				     6 * mock_page, 0, &id));
	EXPECT_EQ(0, CHARGED(6));
	limit(ANY_LIMIT);
	ASSERT_EQ(0, iommufd_ioas_copy(self->fd, other, MOCK_IOVA + 4 * mock_page,
				       self->ioas, MOCK_IOVA, 4 * mock_page,
				       MOCK_RW));
	EXPECT_EQ(0, CHARGED(8));
	limit(ANY_LIMIT);
	ASSERT_EQ(0, mock_device(self->fd, other, 0, &stdev, &dev));
	EXPECT_EQ(0, CHARGED(20));
	EXPECT_EQ(0, mock_access_unpin(self->fd, access, id));
	EXPECT_EQ(0, CHARGED(20));
	EXPECT_EQ(0, iommufd_destroy(self->fd, stdev));
	EXPECT_EQ(0, CHARGED(4));
	EXPECT_EQ(0, mock_unmap_all(self->fd, other));
	EXPECT_EQ(0, CHARGED(4));
	EXPECT_EQ(0, mock_unmap_all(self->fd, self->ioas));
	EXPECT_EQ(0, CHARGED(0));
	close(access);
}

TEST_F(charge, beyond_the_limit)
{
	if (variant->none)
		SKIP(return, "nothing is charged");
	ASSERT_EQ(0, limit(FILE_PAGES - 1));
	EXPECT_EQ(-ENOMEM, MAP(self->ioas, 0, FILE_PAGES, MOCK_IOVA));
	EXPECT_EQ(0, CHARGED(0));
	EXPECT_EQ(0, mock_check_pins(self->fd, self->view, self->size, 0));
	/* The IOVA is free */
	ASSERT_EQ(0, limit(FILE_PAGES));
	EXPECT_EQ(0, MAP(self->ioas, 0, FILE_PAGES, MOCK_IOVA));
	EXPECT_EQ(0, CHARGED(FILE_PAGES));
	EXPECT_EQ(0, mock_unmap_all(self->fd, self->ioas));

	/* At the attach: the area stays, without a domain */
	EXPECT_EQ(0, iommufd_destroy(self->fd, self->stdev));
	ASSERT_EQ(0, MAP(self->ioas, 0, FILE_PAGES, MOCK_IOVA));
	ASSERT_EQ(0, limit(FILE_PAGES - 1));
	EXPECT_EQ(-ENOMEM, mock_device(self->fd, self->ioas, 0, &self->stdev,
				       &self->dev));
	EXPECT_EQ(0, CHARGED(0));
	ASSERT_EQ(0, limit(FILE_PAGES));
	EXPECT_EQ(0, mock_device(self->fd, self->ioas, 0, &self->stdev,
				 &self->dev));
	EXPECT_EQ(0, CHARGED(FILE_PAGES));
}

/* Run in a child: another process and, with charges by user, another user */
#define IN_SUCCESSOR(statement)						\
	EXPECT_CHILD({							\
		CHILD(variant->none || !become(SUCCESSOR));		\
		limit(ANY_LIMIT);					\
		statement;						\
	})

/* In a child: end it, with a message */
#define CHILD(condition)						\
	do {								\
		if (!(condition)) {					\
			TH_LOG("in the child: %s", #condition);		\
			_exit(1);					\
		}							\
	} while (0)

static int tell(int *to)
{
	return write(to[1], "", 1) == 1 ? 0 : -EPIPE;
}

static int await(int *from)
{
	char c;

	return read(from[0], &c, 1) == 1 ? 0 : -EPIPE;
}

TEST_F(charge, nothing_is_mapped)
{
	EXPECT_EQ(0, iommufd_ioas_change_process(self->fd));
	EXPECT_EQ(0, iommufd_destroy(self->fd, self->stdev));
	EXPECT_EQ(0, iommufd_ioas_change_process(self->fd));
	EXPECT_EQ(0, iommufd_destroy(self->fd, self->ioas));
	EXPECT_EQ(0, iommufd_ioas_change_process(self->fd));
	EXPECT_EQ(0, CHARGED(0));
}

TEST_F(charge, owner_already)
{
	limit(ANY_LIMIT);
	ASSERT_EQ(0, MAP(self->ioas, 0, 10, MOCK_IOVA));
	/* A lowered limit has no effect */
	EXPECT_EQ(0, CHARGED(10));
	ASSERT_EQ(0, limit(1));
	EXPECT_EQ(0, iommufd_ioas_change_process(self->fd));
	EXPECT_EQ(0, CHARGED(10));
	EXPECT_EQ(0, mock_unmap_all(self->fd, self->ioas));
	EXPECT_EQ(0, CHARGED(0));
}

TEST_F(charge, reserved_word)
{
	struct iommu_ioas_change_process cmd = {
		.size = sizeof(cmd),
		.__reserved = 1,
	};
	unsigned int bit;

	/* This check comes before that for memory of a process (EINVAL) */
	ASSERT_EQ(0, iommufd_ioas_map(self->probe, self->probe_ioas, self->view,
				      MOCK_IOVA, mock_page, MOCK_RW));
	for (bit = 0; bit < 32; bit++) {
		cmd.__reserved = 1U << bit;
		EXPECT_EQ(-EOPNOTSUPP, iommufd_ioctl(self->probe,
						     IOMMU_IOAS_CHANGE_PROCESS,
						     &cmd));
	}
	EXPECT_EQ(-EINVAL, iommufd_ioas_change_process(self->probe));
	mock_unmap_all(self->probe, self->probe_ioas);
	EXPECT_EQ(0, iommufd_ioas_change_process(self->probe));
}

/* Memory of a process at any place, attached or not, before or after that of a file */
TEST_F(charge, memory_of_a_process)
{
	unsigned int where;
	__u32 other;

	limit(ANY_LIMIT);
	ASSERT_EQ(0, iommufd_ioas_alloc(self->fd, &other));
	ASSERT_EQ(0, MAP(self->ioas, 0, 10, MOCK_IOVA + self->size));
	for (where = 0; where < 4; where++) {
		__u32 ioas = where & 1 ? other : self->ioas;
		__u64 iova = MOCK_IOVA + (where & 2 ? 2 : 0) * self->size;
		__u64 length = mock_page;

		limit(ANY_LIMIT);
		ASSERT_EQ(0, iommufd_ioas_map(self->fd, ioas, self->view, iova, length,
					      MOCK_RW));
		IN_SUCCESSOR({
			CHILD(iommufd_ioas_change_process(self->fd) == -EINVAL);
			CHILD(mock_locked() == 0 && mock_pinned() == 0);
		});
		EXPECT_EQ(0, iommufd_ioas_unmap(self->fd, ioas, iova, &length));
		EXPECT_EQ(0, CHARGED(10));
	}
}

/* The charge moves to the successor, and ends when the successor unmaps */
TEST_F(charge, parent_to_child)
{
	ASSERT_EQ(0, MAP(self->ioas, 0, 10, MOCK_IOVA));
	IN_SUCCESSOR({
		CHILD(!CHARGED(0));
		limit(ANY_LIMIT);
		CHILD(!iommufd_ioas_change_process(self->fd));
		CHILD(!CHARGED(10));
		CHILD(!mock_unmap_all(self->fd, self->ioas));
		CHILD(!CHARGED(0));
		limit(ANY_LIMIT);
		CHILD(!MAP(self->ioas, 0, 7, MOCK_IOVA));
		CHILD(!CHARGED(7));
	});
	EXPECT_EQ(0, CHARGED(0));
	/* The child is gone, with 7 pages mapped. Their charge can move again */
	limit(ANY_LIMIT);
	EXPECT_EQ(0, iommufd_ioas_change_process(self->fd));
	EXPECT_EQ(0, CHARGED(7));
	EXPECT_EQ(0, mock_unmap_all(self->fd, self->ioas));
	EXPECT_EQ(0, CHARGED(0));
}

/* Whichever process unmaps, the charged one is uncharged */
TEST_F(charge, unmapped_by_the_old_process)
{
	pid_t pid;
	int status;

	ASSERT_EQ(0, MAP(self->ioas, 0, 10, MOCK_IOVA));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		CHILD(variant->none || !become(SUCCESSOR));
		limit(ANY_LIMIT);
		CHILD(!iommufd_ioas_change_process(self->fd));
		CHILD(!CHARGED(10));
		CHILD(!tell(self->to_parent) && !await(self->to_child));
		CHILD(!CHARGED(0));
		CHILD(!tell(self->to_parent) && !await(self->to_child));
		CHILD(!CHARGED(0));
		_exit(0);
	}
	EXPECT_EQ(0, await(self->to_parent));
	EXPECT_EQ(0, CHARGED(0));
	limit(ANY_LIMIT);
	EXPECT_EQ(0, mock_unmap_all(self->fd, self->ioas));
	EXPECT_EQ(0, CHARGED(0));
	EXPECT_EQ(0, tell(self->to_child) | await(self->to_parent));
	/* A new mapping is charged to the process that maps */
	limit(ANY_LIMIT);
	ASSERT_EQ(0, MAP(self->ioas, 0, 3, MOCK_IOVA));
	EXPECT_EQ(0, CHARGED(3));
	EXPECT_EQ(0, tell(self->to_child));
	EXPECT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

/* Pages that are not pinned are not charged; later they are charged to the new process */
TEST_F(charge, attached_after_the_move)
{
	pid_t pid;
	int status;

	ASSERT_EQ(0, iommufd_destroy(self->fd, self->stdev));
	ASSERT_EQ(0, MAP(self->ioas, 0, 10, MOCK_IOVA));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		CHILD(variant->none || !become(SUCCESSOR));
		limit(0);
		CHILD(!iommufd_ioas_change_process(self->fd));
		CHILD(!CHARGED(0));
		/* Too low for the attach, whichever process attaches */
		limit(9);
		CHILD(!tell(self->to_parent) && !await(self->to_child));
		limit(ANY_LIMIT);
		CHILD(!tell(self->to_parent) && !await(self->to_child));
		CHILD(!CHARGED(10));
		_exit(0);
	}
	EXPECT_EQ(0, await(self->to_parent));
	EXPECT_EQ(variant->none ? 0 : -ENOMEM,
		  mock_device(self->fd, self->ioas, 0, &self->stdev,
			      &self->dev));
	EXPECT_EQ(0, tell(self->to_child) | await(self->to_parent));
	if (!variant->none)
		EXPECT_EQ(0, mock_device(self->fd, self->ioas, 0, &self->stdev,
					 &self->dev));
	EXPECT_EQ(0, CHARGED(0));
	EXPECT_EQ(0, tell(self->to_child));
	EXPECT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

/* The same pages in several areas and IOAS count once; the limit need not be higher */
TEST_F(charge, shared_pages)
{
	__u32 other[2], stdev, dev;
	unsigned int i;

	ASSERT_EQ(0, MAP(self->ioas, 0, 10, MOCK_IOVA));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, iommufd_ioas_alloc(self->fd, &other[i]));
		ASSERT_EQ(0, mock_device(self->fd, other[i], 0, &stdev, &dev));
		ASSERT_EQ(0, iommufd_ioas_copy(self->fd, self->ioas, MOCK_IOVA,
					       other[i], MOCK_IOVA, 10 * mock_page,
					       MOCK_RW));
		ASSERT_EQ(0, iommufd_ioas_copy(self->fd, self->ioas,
					       MOCK_IOVA + 2 * mock_page, other[i],
					       MOCK_IOVA + self->size, 5 * mock_page,
					       MOCK_RW));
	}
	ASSERT_EQ(0, iommufd_ioas_copy(self->fd, self->ioas, MOCK_IOVA, self->ioas,
				       MOCK_IOVA + self->size, mock_page, MOCK_RW));
	EXPECT_EQ(0, CHARGED(10));
	IN_SUCCESSOR({
		limit(10);
		CHILD(!iommufd_ioas_change_process(self->fd));
		CHILD(!CHARGED(10));
		CHILD(!mock_unmap_all(self->fd, self->ioas));
		CHILD(!CHARGED(10));
		CHILD(!mock_unmap_all(self->fd, other[0]));
		CHILD(!mock_unmap_all(self->fd, other[1]));
		CHILD(!CHARGED(0));
	});
	EXPECT_EQ(0, CHARGED(0));
}

/* Pages of every IOAS, and all or nothing */
TEST_F(charge, several_ioas_and_a_limit)
{
	__u32 other[3], stdev, dev;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, iommufd_ioas_alloc(self->fd, &other[i]));
		ASSERT_EQ(0, mock_device(self->fd, other[i], 0, &stdev, &dev));
		ASSERT_EQ(0, MAP(other[i], i, 5 + i, MOCK_IOVA));
	}
	ASSERT_EQ(0, MAP(self->ioas, 0, 10, MOCK_IOVA));
	EXPECT_EQ(0, CHARGED(28));
	if (!variant->none) {
		IN_SUCCESSOR({
			limit(27);
			CHILD(iommufd_ioas_change_process(self->fd) == -ENOMEM);
			CHILD(!CHARGED(0));
			limit(0);
			CHILD(iommufd_ioas_change_process(self->fd) == -ENOMEM);
		});
		EXPECT_EQ(0, CHARGED(28));
	}
	IN_SUCCESSOR({
		limit(28);
		CHILD(!iommufd_ioas_change_process(self->fd));
		CHILD(!CHARGED(28));
		for (i = 0; i < 3; i++)
			CHILD(!mock_unmap_all(self->fd, other[i]));
		CHILD(!CHARGED(10));
	});
	EXPECT_EQ(0, CHARGED(0));
	EXPECT_EQ(0, mock_unmap_all(self->fd, self->ioas));
	EXPECT_EQ(0, CHARGED(0));
}

/* Another process of the same user needs the limit for it, too */
TEST_F(charge, same_user)
{
	if (variant->none)
		SKIP(return, "nothing is charged");
	ASSERT_EQ(0, MAP(self->ioas, 0, 10, MOCK_IOVA));
	EXPECT_CHILD({
		limit(9);
		CHILD(iommufd_ioas_change_process(self->fd) == -ENOMEM);
		CHILD(!mock_pinned());
		limit(10);
		CHILD(!iommufd_ioas_change_process(self->fd));
		CHILD(!CHARGED(10));
	});
	if (variant->mode == MODE_USER) {
		EXPECT_EQ(0, mock_pinned());
		EXPECT_EQ(0, probe(self->probe, self->probe_ioas, self->file,
				   10));
	} else {
		EXPECT_EQ(0, CHARGED(0));
	}
	EXPECT_EQ(0, mock_unmap_all(self->fd, self->ioas));
	EXPECT_EQ(0, CHARGED(0));
}

/* Existing charges of the caller count, too */
TEST_F(charge, limit_with_memory_of_its_own)
{
	if (variant->none)
		SKIP(return, "nothing is charged");
	ASSERT_EQ(0, MAP(self->ioas, 0, 10, MOCK_IOVA));
	IN_SUCCESSOR({
		CHILD(!iommufd_ioas_map_file(self->probe, self->probe_ioas, self->file,
					     0, 8 * mock_page,
					     MOCK_IOVA + self->size, MOCK_RW));
		limit(17);
		CHILD(iommufd_ioas_change_process(self->fd) == -ENOMEM);
		CHILD(mock_pinned() == 8);
		limit(18);
		CHILD(!iommufd_ioas_change_process(self->fd));
		CHILD(mock_pinned() == 18);
	});
	EXPECT_EQ(0, CHARGED(0));
	EXPECT_EQ(0, mock_unmap_all(self->probe, self->probe_ioas));
}

/* The process that mapped is gone, and was charged until now */
TEST_F(charge, from_a_process_that_is_gone)
{
	IN_SUCCESSOR(CHILD(!MAP(self->ioas, 0, 10, MOCK_IOVA)));
	EXPECT_EQ(0, CHARGED(0));
	/* More pages can be pinned and unpinned without that process */
	EXPECT_EQ(0, iommufd_destroy(self->fd, self->stdev));
	limit(ANY_LIMIT);
	EXPECT_EQ(0, mock_device(self->fd, self->ioas, 0, &self->stdev,
				 &self->dev));
	EXPECT_EQ(0, CHARGED(0));
	limit(10);
	EXPECT_EQ(0, iommufd_ioas_change_process(self->fd));
	EXPECT_EQ(0, CHARGED(10));
	EXPECT_EQ(0, iommufd_destroy(self->fd, self->stdev));
	EXPECT_EQ(0, CHARGED(0));
}

/* The user of a process that is gone is uncharged */
TEST_F(charge, user_of_a_process_that_is_gone)
{
	if (variant->mode != MODE_USER || variant->none)
		SKIP(return, "only users outlive their processes");
	IN_SUCCESSOR(CHILD(!MAP(self->ioas, 0, 10, MOCK_IOVA)));
	IN_SUCCESSOR(CHILD(!probe(self->probe, self->probe_ioas, self->file,
				  10)));
	limit(ANY_LIMIT);
	EXPECT_EQ(0, iommufd_ioas_change_process(self->fd));
	IN_SUCCESSOR(CHILD(!CHARGED(0)));
	EXPECT_EQ(0, mock_unmap_all(self->fd, self->ioas));
	IN_SUCCESSOR(CHILD(!MAP(self->ioas, 0, 10, MOCK_IOVA)));
	EXPECT_EQ(0, mock_unmap_all(self->fd, self->ioas));
	IN_SUCCESSOR(CHILD(!CHARGED(0)));
	EXPECT_EQ(0, CHARGED(0));
}

TEST(pins_balance)
{
	EXPECT_EQ(0, proc_pinned_pages());
}

TEST_HARNESS_MAIN
