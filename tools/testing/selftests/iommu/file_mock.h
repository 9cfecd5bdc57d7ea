/* SPDX-License-Identifier: GPL-2.0 */
/*
 * IOMMU_IOAS_MAP_FILE and IOMMU_IOAS_CHANGE_PROCESS on the mock driver: files to map,
 * accesses like those of a mediated device, and the counters of pinned and charged
 * pages.
 */
#ifndef _FILE_MOCK_H
#define _FILE_MOCK_H

#include <linux/capability.h>
#include <linux/memfd.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "proc_counters.h"
#include "viommu_mock.h"

#define MOCK_HUGE	(2UL << 20)

static inline int mock_unmap_all(int fd, __u32 ioas)
{
	__u64 all = ~0ULL;

	return iommufd_ioas_unmap(fd, ioas, 0, &all);
}

/* 0 if the domain maps the pages of va */
static inline int mock_check_map(int fd, __u32 hwpt, __u64 iova, void *va,
				 __u64 length)
{
	struct iommu_test_cmd cmd = {
		.size = sizeof(cmd),
		.op = IOMMU_TEST_OP_MD_CHECK_MAP,
		.id = hwpt,
		.check_map = {
			.iova = iova,
			.length = length,
			.uptr = (uintptr_t)va,
		},
	};

	return iommufd_ioctl(fd, IOMMU_TEST_CMD, &cmd);
}

/* Make an access to an IOAS; closing its file destroys it. Returns the file, which is its ID */
static inline int mock_access(int fd, __u32 ioas, __u32 flags)
{
	struct iommu_test_cmd cmd = {
		.size = sizeof(cmd),
		.op = IOMMU_TEST_OP_CREATE_ACCESS,
		.id = ioas,
		.create_access.flags = flags,
	};
	int rc = iommufd_ioctl(fd, IOMMU_TEST_CMD, &cmd);

	return rc ? rc : (int)cmd.create_access.out_access_fd;
}

static inline int mock_access_rw(int fd, int access, __u64 iova, void *buf,
				 size_t length, __u32 flags)
{
	struct iommu_test_cmd cmd = {
		.size = sizeof(cmd),
		.op = IOMMU_TEST_OP_ACCESS_RW,
		.id = access,
		.access_rw = {
			.iova = iova,
			.length = length,
			.uptr = (uintptr_t)buf,
			.flags = flags,
		},
	};

	return iommufd_ioctl(fd, IOMMU_TEST_CMD, &cmd);
}

/* Pin; with va, check that the pages are those of va */
static inline int mock_access_pin(int fd, int access, __u64 iova, void *va,
				  size_t length, __u32 flags, __u32 *id)
{
	struct iommu_test_cmd cmd = {
		.size = sizeof(cmd),
		.op = IOMMU_TEST_OP_ACCESS_PAGES,
		.id = access,
		.access_pages = {
			.flags = flags,
			.iova = iova,
			.length = length,
			.uptr = (uintptr_t)va,
		},
	};
	int rc = iommufd_ioctl(fd, IOMMU_TEST_CMD, &cmd);

	*id = cmd.access_pages.out_access_pages_id;
	return rc;
}

static inline int mock_access_unpin(int fd, int access, __u32 id)
{
	struct iommu_test_cmd cmd = {
		.size = sizeof(cmd),
		.op = IOMMU_TEST_OP_DESTROY_ACCESS_PAGES,
		.id = access,
		.destroy_access_pages.access_pages_id = id,
	};

	return iommufd_ioctl(fd, IOMMU_TEST_CMD, &cmd);
}

/* A memfd of that size without pages; -errno if there is none */
static inline int mock_memfd(size_t size, unsigned int flags)
{
	int file = syscall(SYS_memfd_create, "guest", flags | MFD_CLOEXEC);

	if (file < 0)
		return -errno;
	if (ftruncate(file, size)) {
		close(file);
		return -EIO;
	}
	return file;
}

/* The file in the memory of this process; aligned, so that huge pages fit */
static inline void *mock_view(int file, size_t size)
{
	size_t room = size + MOCK_HUGE;
	char *at = mmap(NULL, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			0);

	if (at == MAP_FAILED)
		return MAP_FAILED;
	at += -(uintptr_t)at % MOCK_HUGE;
	return mmap(at, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
		    file, 0);
}

/* Size of a huge page of shmem; 0 without them */
static inline unsigned long mock_thp(void)
{
	FILE *f = fopen("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size",
			"r");
	unsigned long size = 0;

	if (f) {
		if (fscanf(f, "%lu", &size) != 1)
			size = 0;
		fclose(f);
	}
	return size;
}

/* Enable huge pages of shmem for madvise(); -errno if the kernel has none */
static inline int mock_shmem_huge(void)
{
	int fd = open("/sys/kernel/mm/transparent_hugepage/shmem_enabled",
		      O_WRONLY);
	int ok = fd >= 0 && write(fd, "advise", 6) == 6;

	close(fd);
	return ok ? 0 : -EIO;
}

/* True if there are pages for a file of that size: huge pages only if the pool has them */
static inline bool mock_has_pages(size_t size, unsigned int flags)
{
	return !(flags & MFD_HUGETLB) ||
	       proc_counter("/proc/meminfo", "HugePages_Free") >=
		       (long)(size / MOCK_HUGE);
}

/* Locked memory of this process, in pages */
static inline long mock_locked(void)
{
	return proc_counter("/proc/self/status", "VmLck") * 1024 / mock_page;
}

static inline long mock_pinned(void)
{
	return proc_counter("/proc/self/status", "VmPin") * 1024 / mock_page;
}

/* Drop CAP_IPC_LOCK, so that memory that is mapped from now on is charged */
static inline int mock_drop_ipc_lock(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		return -errno;
	data[CAP_TO_INDEX(CAP_IPC_LOCK)].effective &= ~CAP_TO_MASK(CAP_IPC_LOCK);
	return syscall(SYS_capset, &header, data) ? -errno : 0;
}

static inline int mock_limit_memlock(rlim_t pages)
{
	struct rlimit limit = { pages * mock_page, pages * mock_page };

	return setrlimit(RLIMIT_MEMLOCK, &limit) ? -errno : 0;
}

/* 0 to charge a context's users, 1 to charge the mm of its processes */
static inline int mock_rlimit_mode(int fd, __u64 mode)
{
	struct iommu_option cmd = {
		.size = sizeof(cmd),
		.option_id = IOMMU_OPTION_RLIMIT_MODE,
		.op = IOMMU_OPTION_OP_SET,
		.val64 = mode,
	};

	return iommufd_ioctl(fd, IOMMU_OPTION, &cmd);
}

/* Run in a child, which must exit with 0 */
#define EXPECT_CHILD(statement)						\
	do {								\
		int __status = -1;					\
		pid_t __pid = fork();					\
									\
		ASSERT_LE(0, __pid);					\
		if (!__pid) {						\
			statement;					\
			_exit(0);					\
		}							\
		EXPECT_EQ(__pid, waitpid(__pid, &__status, 0));		\
		EXPECT_EQ(0, __status);					\
	} while (0)

#endif
