// SPDX-License-Identifier: GPL-2.0
/*
 * mmap() of /dev/iommu on the mock driver: the whole region and a part of it,
 * each refusal in its order, and the count of mappings.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/personality.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>

#include "viommu_mock.h"

FIXTURE(mmap) {
	struct mock_vm vm;
	__u64 offset;
	__u64 length;
};

FIXTURE_SETUP(mmap)
{
	MOCK_VM_START(&self->vm);
	self->offset = self->vm.data.out_mmap_offset;
	self->length = self->vm.data.out_mmap_length;
	ASSERT_EQ(2 * mock_page, self->length);
}

FIXTURE_TEARDOWN(mmap)
{
	MOCK_VM_END(&self->vm);
}

/* The address, or a negative errno */
static long map(int fd, size_t length, int prot, int flags, __u64 offset)
{
	void *p = mmap(NULL, length, prot, flags, fd, offset);

	return p == MAP_FAILED ? -errno : (long)p;
}

/* The word at an address is memory of the kernel, and other mappings see it too */
static __u32 load(long p)
{
	return __atomic_load_n((__u32 *)p, __ATOMIC_RELAXED);
}

static void store(long p, __u32 value)
{
	__atomic_store_n((__u32 *)p, value, __ATOMIC_RELAXED);
}

#define RW (PROT_READ | PROT_WRITE)
#define MAP_ALL() map(self->vm.fd, self->length, RW, MAP_SHARED, self->offset)
#define EXPECT_MAP(err, length, prot, flags, offset) \
	EXPECT_EQ(-(err), map(self->vm.fd, length, prot, flags, offset))
#define EXPECT_MAPPED(yes)						\
	EXPECT_EQ((yes) ? -EBUSY : 0,					\
		  iommufd_destroy(self->vm.fd, self->vm.viommu))

TEST_F(mmap, whole_region)
{
	long p = MAP_ALL();

	ASSERT_LT(0, p);
	EXPECT_EQ(MOCK_DATA, load(p));
	EXPECT_EQ(0, load(p + 4));
	EXPECT_EQ(0, load(p + mock_page));
	store(p + mock_page, 5);
	EXPECT_EQ(5, load(p + mock_page));
	EXPECT_MAPPED(true);
	EXPECT_EQ(0, munmap((void *)p, self->length));
	EXPECT_MAPPED(false);
}

TEST_F(mmap, the_same_memory_twice)
{
	long p = MAP_ALL(), q = MAP_ALL();

	ASSERT_LT(0, p);
	ASSERT_LT(0, q);
	store(p + 12, 99);
	EXPECT_EQ(99, load(q + 12));
	EXPECT_EQ(0, munmap((void *)p, self->length));
	EXPECT_MAPPED(true);
	EXPECT_EQ(0, munmap((void *)q, self->length));
	EXPECT_MAPPED(false);
}

TEST_F(mmap, first_part_of_a_region)
{
	long p = map(self->vm.fd, mock_page, PROT_READ, MAP_SHARED,
		     self->offset);

	ASSERT_LT(0, p);
	EXPECT_EQ(MOCK_DATA, load(p));
	EXPECT_MAPPED(true);
	EXPECT_EQ(0, munmap((void *)p, mock_page));
	EXPECT_MAPPED(false);
}

TEST_F(mmap, not_shared)
{
	int fd = open("/dev/iommu", O_RDONLY);

	ASSERT_LE(0, fd);
	EXPECT_MAP(EINVAL, self->length, RW, MAP_PRIVATE, self->offset);
	EXPECT_MAP(EINVAL, self->length, PROT_READ, MAP_PRIVATE, self->offset);

	/* The core clears VM_SHARED of a mapping that can never be writable */
	EXPECT_EQ(-EINVAL, map(fd, self->length, PROT_READ, MAP_SHARED,
			       self->offset));
	EXPECT_EQ(-EACCES, map(fd, self->length, RW, MAP_SHARED,
			       self->offset));
	close(fd);
	EXPECT_MAPPED(false);
}

TEST_F(mmap, executable)
{
	long p;

	EXPECT_MAP(EPERM, self->length, RW | PROT_EXEC, MAP_SHARED,
		   self->offset);
	EXPECT_MAP(EPERM, self->length, PROT_EXEC, MAP_SHARED, self->offset);

	/* Also not later, with mprotect() */
	p = MAP_ALL();
	ASSERT_LT(0, p);
	EXPECT_EQ(-1, mprotect((void *)p, self->length, RW | PROT_EXEC));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(0, mprotect((void *)p, self->length, PROT_READ));
	EXPECT_EQ(0, munmap((void *)p, self->length));
	EXPECT_MAPPED(false);
}

/* Programs with READ_IMPLIES_EXEC cannot map a region */
TEST_F(mmap, readable_implies_executable)
{
	struct statvfs dev;
	int old;

	ASSERT_EQ(0, statvfs("/dev", &dev));
	if (dev.f_flag & ST_NOEXEC)
		SKIP(return, "/dev is mounted noexec");
	old = personality(0xffffffff);
	ASSERT_LE(0, personality(old | READ_IMPLIES_EXEC));
	EXPECT_MAP(EPERM, self->length, RW, MAP_SHARED, self->offset);
	EXPECT_MAP(EPERM, self->length, PROT_READ, MAP_SHARED, self->offset);
	ASSERT_LE(0, personality(old));
	EXPECT_MAPPED(false);
}

/* The mapping at p in /proc: its offset, and the line of its flags */
static unsigned long long describe(long p, char flags[512])
{
	FILE *f = fopen("/proc/self/smaps", "r");
	unsigned long long found = ~0ULL, offset;
	unsigned long start, end;
	char line[512];

	flags[0] = 0;
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx %*s %llx", &start, &end, &offset) == 3)
			found = start == (unsigned long)p ? offset : ~0ULL;
		else if (found != ~0ULL && !strncmp(line, "VmFlags:", 8))
			break;
	}
	if (found != ~0ULL)
		memcpy(flags, line, sizeof(line));
	if (f)
		fclose(f);
	return found;
}

/* The mapping is device memory, and is inherited */
TEST_F(mmap, vma)
{
	static const char has[][5] = { " io ", " pf ", " de ", " dd ", " sh " };
	static const char has_not[][5] = { " dc ", " ex ", " me " };
	long p = MAP_ALL();
	char flags[512];
	unsigned int i;

	ASSERT_LT(0, p);
	EXPECT_EQ(self->offset, describe(p, flags));
	for (i = 0; i < ARRAY_SIZE(has); i++)
		EXPECT_TRUE(strstr(flags, has[i]) != NULL)
		{
			TH_LOG("no%.4sin %s", has[i], flags);
		}
	for (i = 0; i < ARRAY_SIZE(has_not); i++)
		EXPECT_FALSE(strstr(flags, has_not[i]) != NULL)
		{
			TH_LOG("%.4sin %s", has_not[i], flags);
		}
	EXPECT_EQ(0, munmap((void *)p, self->length));
}

TEST_F(mmap, offsets)
{
	EXPECT_EQ(0, self->offset % mock_page);
	EXPECT_NE(0, self->offset);
	EXPECT_MAP(EINVAL, mock_page, RW, MAP_SHARED, self->offset + 1);
	EXPECT_MAP(ENXIO, mock_page, RW, MAP_SHARED, 0);
	EXPECT_MAP(ENXIO, mock_page, RW, MAP_SHARED, self->offset - mock_page);
	/* In the middle of the region, which would fit */
	EXPECT_MAP(ENXIO, mock_page, RW, MAP_SHARED, self->offset + mock_page);
	EXPECT_MAP(ENXIO, mock_page, RW, MAP_SHARED,
		   self->offset + self->length);
	EXPECT_MAP(ENXIO, mock_page, RW, MAP_SHARED, 1ULL << 40);
	EXPECT_MAPPED(false);
}

TEST_F(mmap, longer_than_the_region)
{
	EXPECT_MAP(ENXIO, self->length + mock_page, RW, MAP_SHARED,
		   self->offset);
	EXPECT_MAP(ENXIO, self->length + 1, RW, MAP_SHARED, self->offset);
	EXPECT_MAP(ENXIO, 1UL << 30, RW, MAP_SHARED, self->offset);
	EXPECT_MAPPED(false);
}

TEST_F(mmap, order_of_the_checks)
{
	EXPECT_MAP(EINVAL, self->length, RW | PROT_EXEC, MAP_PRIVATE, 0);
	EXPECT_MAP(EPERM, self->length, RW | PROT_EXEC, MAP_SHARED, 0);
	EXPECT_MAP(EPERM, 2 * self->length, PROT_EXEC, MAP_SHARED,
		   self->offset);
	EXPECT_MAPPED(false);
}

TEST_F(mmap, two_regions)
{
	struct iommu_viommu_selftest data = { .in_data = 1 };
	__u32 viommu;
	long p, q;

	ASSERT_EQ(0, iommufd_viommu_alloc(self->vm.fd, self->vm.dev, self->vm.parent,
					  IOMMU_VIOMMU_TYPE_SELFTEST, &data,
					  sizeof(data), &viommu));
	EXPECT_NE(self->offset, data.out_mmap_offset);
	p = MAP_ALL();
	q = map(self->vm.fd, self->length, RW, MAP_SHARED,
		data.out_mmap_offset);
	ASSERT_LT(0, p);
	ASSERT_LT(0, q);
	EXPECT_EQ(MOCK_DATA, load(p));
	EXPECT_EQ(1, load(q));
	EXPECT_EQ(0, munmap((void *)p, self->length));
	EXPECT_MAPPED(false);
	EXPECT_EQ(-EBUSY, iommufd_destroy(self->vm.fd, viommu));
	EXPECT_MAP(ENXIO, self->length, RW, MAP_SHARED, self->offset);
	EXPECT_EQ(0, munmap((void *)q, self->length));
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, viommu));
}

TEST_F(mmap, regions_belong_to_a_context)
{
	int fd = open("/dev/iommu", O_RDWR);

	ASSERT_LE(0, fd);
	EXPECT_EQ(-ENXIO, map(fd, self->length, RW, MAP_SHARED, self->offset));
	close(fd);
}

TEST_F(mmap, fork)
{
	long p = MAP_ALL();
	int to_child[2], status;
	char byte = 0;
	pid_t pid;

	ASSERT_LT(0, p);
	ASSERT_EQ(0, pipe(to_child));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		/* Until the message of the parent the child has the only mapping */
		if (read(to_child[0], &byte, 1) != 1)
			_exit(1);
		_exit(load(p) == MOCK_DATA ? 0 : 2);
	}
	EXPECT_EQ(0, munmap((void *)p, self->length));
	EXPECT_MAPPED(true);
	EXPECT_EQ(1, write(to_child[1], &byte, 1));
	EXPECT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_MAPPED(false);
}

TEST_F(mmap, in_pieces)
{
	long p = MAP_ALL();

	ASSERT_LT(0, p);
	EXPECT_EQ(0, munmap((void *)p, mock_page));
	EXPECT_MAPPED(true);
	EXPECT_EQ(0, load(p + mock_page));
	EXPECT_EQ(0, munmap((void *)p + mock_page, mock_page));
	EXPECT_MAPPED(false);
}

TEST_F(mmap, mprotect_splits)
{
	long p = MAP_ALL();

	ASSERT_LT(0, p);
	EXPECT_EQ(0, mprotect((void *)p, mock_page, PROT_READ));
	EXPECT_EQ(0, mprotect((void *)p, mock_page, RW));
	EXPECT_EQ(0, munmap((void *)p, self->length));
	EXPECT_MAPPED(false);
}

TEST_F(mmap, mremap)
{
	long p = MAP_ALL(), place;
	void *q;

	ASSERT_LT(0, p);
	EXPECT_EQ(MAP_FAILED, mremap((void *)p, self->length,
				     2 * self->length, MREMAP_MAYMOVE));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(MAP_FAILED, mremap((void *)p, 0, self->length,
				     MREMAP_MAYMOVE));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(MAP_FAILED, mremap((void *)p, self->length, self->length,
				     MREMAP_MAYMOVE | MREMAP_DONTUNMAP));
	EXPECT_EQ(EINVAL, errno);

	/* The same size at another place */
	place = map(-1, self->length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
		    0);
	ASSERT_LT(0, place);
	q = mremap((void *)p, self->length, self->length,
		   MREMAP_MAYMOVE | MREMAP_FIXED, (void *)place);
	ASSERT_EQ((void *)place, q);
	EXPECT_EQ(MOCK_DATA, load(place));
	EXPECT_MAPPED(true);

	/* Smaller */
	EXPECT_EQ(q, mremap(q, self->length, mock_page, 0));
	EXPECT_MAPPED(true);
	EXPECT_EQ(0, munmap(q, mock_page));
	EXPECT_MAPPED(false);
}

/* An access while the region is held: by an instruction, or by a system call */
FIXTURE_VARIANT(mmap_held) {
	bool by_system_call;
};

FIXTURE(mmap_held) {
	struct mock_vm vm;
	int pipe[2];
	long region;
};

FIXTURE_VARIANT_ADD(mmap_held, instruction) { .by_system_call = false };
FIXTURE_VARIANT_ADD(mmap_held, system_call) { .by_system_call = true };

FIXTURE_SETUP(mmap_held)
{
	MOCK_VM_START(&self->vm);
	ASSERT_EQ(0, pipe(self->pipe));
	self->region = map(self->vm.fd, self->vm.data.out_mmap_length, RW,
			   MAP_SHARED, self->vm.data.out_mmap_offset);
	ASSERT_LT(0, self->region);
}

FIXTURE_TEARDOWN(mmap_held)
{
	EXPECT_EQ(0, munmap((void *)self->region,
			    self->vm.data.out_mmap_length));
	close(self->pipe[0]);
	close(self->pipe[1]);
	MOCK_VM_END(&self->vm);
}

/* A child that accesses the region, and exits with 0 if it found the data */
static pid_t access_in_child(long region, int fd, bool by_system_call)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	if (by_system_call)
		_exit(write(fd, (void *)region, 4) != 4);
	_exit(load(region) != MOCK_DATA);
}

/* True if the process waits in the page fault */
static bool waits_in_fault(pid_t pid)
{
	char path[32], line[64] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/wchan", pid);
	f = fopen(path, "r");
	if (!f)
		return false;
	if (!fgets(line, sizeof(line), f))
		line[0] = 0;
	fclose(f);
	return !strcmp(line, "iommufd_mmap_fault");
}

TEST_F(mmap_held, released)
{
	__u32 value = 0;
	int status;
	pid_t pid;

	/* Page tables are there, and are emptied */
	EXPECT_EQ(MOCK_DATA, load(self->region));
	ASSERT_EQ(0, mock_hold(self->vm.fd, self->vm.viommu, true));
	ASSERT_EQ(0, mock_hold(self->vm.fd, self->vm.viommu, true));
	pid = access_in_child(self->region, self->pipe[1],
			      variant->by_system_call);
	ASSERT_LT(0, pid);
	EXPECT_TRUE(wait_for(waits_in_fault(pid)));
	ASSERT_EQ(0, mock_hold(self->vm.fd, self->vm.viommu, false));
	EXPECT_EQ(0, waitpid(pid, &status, WNOHANG));
	ASSERT_EQ(0, mock_hold(self->vm.fd, self->vm.viommu, false));
	EXPECT_EQ(-EINVAL, mock_hold(self->vm.fd, self->vm.viommu, false));
	EXPECT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	if (variant->by_system_call) {
		EXPECT_EQ(4, read(self->pipe[0], &value, 4));
		EXPECT_EQ(MOCK_DATA, value);
	}
}

/* The page faults of a process so far; each repetition of an access is one more */
static unsigned long faults(pid_t pid)
{
	unsigned long count = 0;
	char path[32];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "r");
	if (!f)
		return 0;
	if (fscanf(f, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %lu",
		   &count) != 1)
		count = 0;
	fclose(f);
	return count;
}

/* The process ends, and does not wait for the end of the hold */
TEST_F(mmap_held, killed)
{
	unsigned long before;
	bool ended = false;
	int status;
	pid_t pid;

	ASSERT_EQ(0, mock_hold(self->vm.fd, self->vm.viommu, true));
	pid = access_in_child(self->region, self->pipe[1],
			      variant->by_system_call);
	ASSERT_LT(0, pid);
	EXPECT_TRUE(wait_for(waits_in_fault(pid)));
	before = faults(pid);
	EXPECT_LT(0, before);
	EXPECT_EQ(0, kill(pid, SIGKILL));
	EXPECT_TRUE(wait_for((ended = waitpid(pid, &status, WNOHANG) == pid) ||
			     faults(pid) > before + 1000));
	EXPECT_TRUE(ended);
	EXPECT_EQ(0, mock_hold(self->vm.fd, self->vm.viommu, false));
	if (!ended)
		EXPECT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_EQ(SIGKILL, WTERMSIG(status));
}

TEST_F(mmap, what_is_refused_later)
{
	long p = MAP_ALL();

	ASSERT_LT(0, p);
	EXPECT_EQ(-1, madvise((void *)p, self->length, MADV_DONTNEED));
	EXPECT_EQ(EINVAL, errno);
	/* It is no memory for DMA */
	EXPECT_EQ(-EFAULT, iommufd_ioas_map(self->vm.fd, self->vm.ioas, (void *)p,
					    MOCK_IOVA, self->length, MOCK_RW));
	EXPECT_EQ(0, munmap((void *)p, self->length));
	EXPECT_MAPPED(false);
}

/* A mapping holds all its objects, also after close of the descriptor */
TEST_F(mmap, close)
{
	long p = MAP_ALL();

	ASSERT_LT(0, p);
	EXPECT_EQ(0, close(self->vm.fd));
	EXPECT_EQ(MOCK_DATA, load(p));
	store(p, 1);
	EXPECT_EQ(1, load(p));
	EXPECT_EQ(0, munmap((void *)p, self->length));
	self->vm.fd = open("/dev/iommu", O_RDWR);
}

struct guess {
	int fd;
	size_t length;
	__u64 offset;
	atomic_int stop;
	unsigned long tries;
	unsigned long hits;
};

static void *guess_thread(void *arg)
{
	struct guess *guess = arg;
	long p;

	while (!atomic_load(&guess->stop)) {
		p = map(guess->fd, guess->length, RW, MAP_SHARED,
			guess->offset);
		guess->tries++;
		if (p > 0) {
			guess->hits++;
			munmap((void *)p, guess->length);
		}
	}
	return NULL;
}

/*
 * The region of a command that will fail exists for a moment, at an offset that
 * user space can guess. A mapping of it would outlive it.
 */
TEST_F(mmap, before_the_command_has_succeeded)
{
	struct iommu_viommu_selftest data = { .in_data = 1 };
	struct iommu_viommu_alloc cmd = {
		.size = sizeof(cmd),
		.type = IOMMU_VIOMMU_TYPE_SELFTEST,
		.dev_id = self->vm.dev,
		.hwpt_id = self->vm.parent,
		.data_len = sizeof(data),
		.data_uptr = (uintptr_t)&data,
	};
	struct guess guess = {
		.fd = self->vm.fd,
		.length = self->length,
	};
	unsigned int i, refused = 0;
	time_t end = time(NULL) + 10;
	pthread_t thread;
	void *page;

	page = mock_read_only(&cmd, sizeof(cmd));
	EXPECT_EQ(-EFAULT, iommufd_ioctl(self->vm.fd, IOMMU_VIOMMU_ALLOC, page));
	guess.offset = data.out_mmap_offset;
	ASSERT_NE(0, guess.offset);
	ASSERT_EQ(0, pthread_create(&thread, NULL, guess_thread, &guess));
	for (i = 0; i < 3000 && time(NULL) < end; i++) {
		if (iommufd_ioctl(self->vm.fd, IOMMU_VIOMMU_ALLOC, page) ==
		    -EFAULT)
			refused++;
		/* First fit: the guess is still right */
		if (data.out_mmap_offset != guess.offset)
			break;
	}
	atomic_store(&guess.stop, 1);
	pthread_join(thread, NULL);
	EXPECT_EQ(guess.offset, data.out_mmap_offset);
	EXPECT_LT(0, i);
	EXPECT_EQ(i, refused);
	EXPECT_LT(0, guess.tries);
	EXPECT_EQ(0, guess.hits);
	EXPECT_MAPPED(false);
}

TEST_HARNESS_MAIN
