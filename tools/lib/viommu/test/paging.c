// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * HWPTs of any kind, dirty pages, fault queues and the path of a device against a scripted
 * kernel: what arrives, what comes back, that an error is passed on and leaves the outputs
 * alone. viommu_library has the same with the mock driver.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/iommufd.h>
#include <viommu.h>

#include "scripted.h"
#include "test.h"

#define UNSET 0xaaaaaaaau

static void answer_hwpt(void *arg)
{
	((struct iommu_hwpt_alloc *)arg)->out_hwpt_id = 21;
}

static void any_hwpt(void)
{
	static const char data[7];
	struct viommu_hwpt_request request = {
		.size = sizeof(request),
		.flags = VIOMMU_HWPT_DIRTY_TRACKING,
		.dev = 3,
		.pt = 5,
	};
	uint32_t id = UNSET;

	set_up();
	kernel.answer = answer_hwpt;
	EQUAL(viommu_hwpt_alloc(ctx, &request, &id), 0);
	arrived(IOMMU_HWPT_ALLOC, sizeof(struct iommu_hwpt_alloc));
	EQUAL(id, 21);
	EQUAL(GOT(iommu_hwpt_alloc)->flags, IOMMU_HWPT_ALLOC_DIRTY_TRACKING);
	EQUAL(GOT(iommu_hwpt_alloc)->dev_id, 3);
	EQUAL(GOT(iommu_hwpt_alloc)->pt_id, 5);
	EQUAL(GOT(iommu_hwpt_alloc)->data_type, IOMMU_HWPT_DATA_NONE);
	EQUAL(GOT(iommu_hwpt_alloc)->data_len, 0);
	EQUAL(GOT(iommu_hwpt_alloc)->data_uptr, 0);
	EQUAL(GOT(iommu_hwpt_alloc)->fault_id, 0);

	request.flags = VIOMMU_HWPT_FAULTS;
	request.type = VIOMMU_HWPT_ARM_SMMUV3;
	request.data = data;
	request.len = sizeof(data);
	request.faults = 17;
	kernel.err = EOPNOTSUPP;
	id = UNSET;
	EQUAL(viommu_hwpt_alloc(ctx, &request, &id), -EOPNOTSUPP);
	EQUAL(id, UNSET);
	EQUAL(GOT(iommu_hwpt_alloc)->flags, IOMMU_HWPT_FAULT_ID_VALID);
	EQUAL(GOT(iommu_hwpt_alloc)->data_type, IOMMU_HWPT_DATA_ARM_SMMUV3);
	EQUAL(GOT(iommu_hwpt_alloc)->data_len, sizeof(data));
	EQUAL(GOT(iommu_hwpt_alloc)->data_uptr, (uintptr_t)data);
	EQUAL(GOT(iommu_hwpt_alloc)->fault_id, 17);

	/* A request that the library does not know does not reach the kernel */
	kernel.err = 0;
	kernel.calls = 0;
	request.reserved = 1;
	EQUAL(viommu_hwpt_alloc(ctx, &request, &id), -EINVAL);
	request.reserved = 0;
	request.size = sizeof(request) - 1;
	EQUAL(viommu_hwpt_alloc(ctx, &request, &id), -EINVAL);
	EQUAL(kernel.calls, 0);
	EQUAL(id, UNSET);
	tear_down();
}

static void answer_dirty(void *arg)
{
	((uint64_t *)(uintptr_t)((struct iommu_hwpt_get_dirty_bitmap *)arg)->data)[1] |= 2;
}

static void dirty_pages(void)
{
	uint64_t bitmap[2] = { 1, 1 };

	set_up();
	EQUAL(viommu_hwpt_set_dirty_tracking(ctx, 21, 1), 0);
	arrived(IOMMU_HWPT_SET_DIRTY_TRACKING, sizeof(struct iommu_hwpt_set_dirty_tracking));
	EQUAL(GOT(iommu_hwpt_set_dirty_tracking)->hwpt_id, 21);
	EQUAL(GOT(iommu_hwpt_set_dirty_tracking)->flags, IOMMU_HWPT_DIRTY_TRACKING_ENABLE);
	EQUAL(viommu_hwpt_set_dirty_tracking(ctx, 21, 0), 0);
	EQUAL(GOT(iommu_hwpt_set_dirty_tracking)->flags, 0);
	kernel.calls = 0;
	EQUAL(viommu_hwpt_set_dirty_tracking(ctx, 21, 2), -EINVAL);
	EQUAL(kernel.calls, 0);

	kernel.answer = answer_dirty;
	EQUAL(viommu_hwpt_get_dirty(ctx, 21, 0x40000000, 128 * 0x1000, 0x1000, VIOMMU_DIRTY_KEEP, bitmap), 0);
	arrived(IOMMU_HWPT_GET_DIRTY_BITMAP, sizeof(struct iommu_hwpt_get_dirty_bitmap));
	EQUAL(GOT(iommu_hwpt_get_dirty_bitmap)->hwpt_id, 21);
	EQUAL(GOT(iommu_hwpt_get_dirty_bitmap)->iova, 0x40000000);
	EQUAL(GOT(iommu_hwpt_get_dirty_bitmap)->length, 0x80000);
	EQUAL(GOT(iommu_hwpt_get_dirty_bitmap)->page_size, 0x1000);
	EQUAL(GOT(iommu_hwpt_get_dirty_bitmap)->flags, IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR);
	EQUAL(bitmap[0], 1);
	EQUAL(bitmap[1], 3);
	kernel.answer = NULL;
	kernel.err = EINVAL;
	EQUAL(viommu_hwpt_get_dirty(ctx, 21, 0, 0x1000, 0x1000, 0, bitmap), -EINVAL);
	EQUAL(viommu_hwpt_set_dirty_tracking(ctx, 21, 1), -EINVAL);
	tear_down();
}

static int fault_fd;

static void answer_faults(void *arg)
{
	struct iommu_fault_alloc *cmd = arg;

	cmd->out_fault_id = 17;
	cmd->out_fault_fd = (uint32_t)fault_fd;
}

static void answer_faults_once(void *arg)
{
	answer_faults(arg);
	kernel.answer = NULL;
}

/* A pipe is the queue: records as the kernel has them go in, answers come out of another */
static void faults(void)
{
	struct iommu_hwpt_pgfault sent[3] = {
		{ .dev_id = 3, .grpid = 1, .perm = IOMMU_PGFAULT_PERM_READ, .addr = 0x1000 },
		{ .flags = IOMMU_PGFAULT_FLAGS_LAST_PAGE, .dev_id = 3, .grpid = 1,
		  .perm = IOMMU_PGFAULT_PERM_WRITE, .addr = 0x2000, .length = 9, .cookie = 40 },
		{ .flags = IOMMU_PGFAULT_FLAGS_LAST_PAGE | IOMMU_PGFAULT_FLAGS_PASID_VALID,
		  .pasid = 8, .addr = UINT64_MAX, .cookie = 41 },
	};
	struct iommu_hwpt_page_response response = { 0 };
	struct viommu_fault got[4] = { 0 };
	uint32_t id = UNSET, num = 4;
	int fd = -1, ends[2];

	set_up();
	EQUAL(pipe(ends), 0);
	fault_fd = ends[0];
	kernel.answer = answer_faults;
	EQUAL(viommu_faults_alloc(ctx, &id, &fd), 0);
	arrived(IOMMU_FAULT_QUEUE_ALLOC, sizeof(struct iommu_fault_alloc));
	EQUAL(id, 17);
	EQUAL(fd, ends[0]);
	EQUAL(viommu_faults_read(fd, got, &num), -EAGAIN);
	EQUAL(num, 4);
	EQUAL(write(ends[1], sent, sizeof(sent)), sizeof(sent));
	EQUAL(viommu_faults_read(fd, got, &num), 0);
	EQUAL(num, 3);
	EQUAL(memcmp(got, sent, sizeof(sent)), 0);
	EQUAL(got[1].cookie, 40);
	EQUAL(got[1].flags, VIOMMU_FAULT_LAST_PAGE);
	EQUAL(got[2].pasid, 8);
	num = 0;
	EQUAL(viommu_faults_read(fd, got, &num), -EINVAL);
	num = 1;
	EQUAL(write(ends[1], sent, 7), 7);
	EQUAL(viommu_faults_read(fd, got, &num), -EBADMSG);
	EQUAL(num, 1);
	EQUAL(viommu_faults_answer(ends[1], 41, VIOMMU_FAULT_INVALID), 0);
	EQUAL(read(ends[0], &response, sizeof(response)), sizeof(response));
	EQUAL(response.cookie, 41);
	EQUAL(response.code, IOMMUFD_PAGE_RESP_INVALID);
	EQUAL(viommu_faults_answer(ends[1], 41, 2), -EINVAL);
	EQUAL(viommu_faults_answer(ends[0], 41, 0), -EBADF);
	close(ends[1]);
	/* The end of a pipe reads as nothing */
	EQUAL(viommu_faults_read(fd, got, &num), -EAGAIN);
	close(fd);

	/* The descriptor is bad: the queue is destroyed again */
	id = UNSET;
	fd = -1;
	kernel.answer = answer_faults_once;
	EQUAL(viommu_faults_alloc(ctx, &id, &fd), -EBADF);
	arrived(IOMMU_DESTROY, sizeof(struct iommu_destroy));
	EQUAL(GOT(iommu_destroy)->id, 17);
	kernel.err = ENOMEM;
	EQUAL(viommu_faults_alloc(ctx, &id, &fd), -ENOMEM);
	EQUAL(id, UNSET);
	EQUAL(fd, -1);
	tear_down();
}

/* The directory that stands for the one of sysfs, and the one that was asked for */
static const char *directory;
static char asked[96];

DIR *__wrap_opendir(const char *path);
DIR *__real_opendir(const char *path);

DIR *__wrap_opendir(const char *path)
{
	snprintf(asked, sizeof(asked), "%s", path);
	return __real_opendir(directory);
}

static void make(const char *dir, const char *name, bool exists)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	EQUAL(exists ? mkdir(path, 0700) : rmdir(path), 0);
}

static void device_path(void)
{
	static const char *const none[] = { "", "01:00.0", "0000:01:00.8", "0000:01:00.0 ", "0000:01-00.0",
					    "../../000:01:00.0", "0000:01:0g.0", "123456789:01:00.0" };
	char dir[] = "/tmp/viommu-XXXXXX", path[32] = "x";

	CHECK(mkdtemp(dir));
	directory = dir;
	for (unsigned int i = 0; i < ARRAY_SIZE(none); i++)
		EQUAL(viommu_vfio_path(none[i], path, sizeof(path)), -EINVAL);
	TEXT(asked, "");
	EQUAL(viommu_vfio_path("0002:01:00.0", path, sizeof(path)), -ENODEV);
	TEXT(asked, "/sys/bus/pci/devices/0002:01:00.0/vfio-dev");
	make(dir, "other", true);
	EQUAL(viommu_vfio_path("0002:01:00.0", path, sizeof(path)), -ENODEV);
	TEXT(path, "x");
	make(dir, "vfio12", true);
	EQUAL(viommu_vfio_path("10002:01:1f.7", path, 24), -ENOSPC);
	TEXT(path, "x");
	EQUAL(viommu_vfio_path("10002:01:1f.7", path, 25), 0);
	TEXT(asked, "/sys/bus/pci/devices/10002:01:1f.7/vfio-dev");
	TEXT(path, "/dev/vfio/devices/vfio12");
	make(dir, "vfio12", false);
	make(dir, "vfio-with-a-name-that-is-longer-than-any", true);
	EQUAL(viommu_vfio_path("12345678:01:00.0", path, sizeof(path)), -ENOSPC);
	make(dir, "vfio-with-a-name-that-is-longer-than-any", false);
	make(dir, "other", false);
	directory = "/nonexistent";
	EQUAL(viommu_vfio_path("0002:01:00.0", path, sizeof(path)), -ENODEV);
	directory = "/dev/null";
	EQUAL(viommu_vfio_path("0002:01:00.0", path, sizeof(path)), -ENOTDIR);
	EQUAL(rmdir(dir), 0);
}

static const struct test tests[] = {
	TEST(any_hwpt),
	TEST(dirty_pages),
	TEST(faults),
	TEST(device_path),
};

TEST_MAIN(tests)
