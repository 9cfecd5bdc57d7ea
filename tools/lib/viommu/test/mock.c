// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * The library on a real kernel, with the mock driver of iommufd: all calls but
 * those that need VFIO or an SMMUv3; and the CMDQ-V of a guest on mock queues,
 * which know the same rules of order as real ones. Needs CONFIG_IOMMUFD_TEST.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define __EXPORTED_HEADERS__
#include <linux/iommufd.h>
#include <linux/mman.h>
#include "iommufd_test.h"

#include <viommu.h>

#include "test.h"

#define VSID 0x99
#define MAGIC 0x12345678
#define RAM_LEN 0x200000
#define RAM_IOVA MOCK_APERTURE_START
#define NO_ID 0x7ffffff0

/* A mock virtual machine */
static struct {
	struct viommu_ctx *ctx;
	uint32_t ioas, stdev, dev, parent, viommu;
	struct iommu_viommu_selftest data;
	void *ram;
	uint32_t page_size;
} vm;

static int test_command(struct iommu_test_cmd *cmd)
{
	cmd->size = sizeof(*cmd);
	return ioctl(viommu_ctx_fd(vm.ctx), IOMMU_TEST_CMD, cmd) ? -errno : 0;
}

static void vm_create(void)
{
	struct iommu_test_cmd cmd = { .op = IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS };

	vm.page_size = (uint32_t)sysconf(_SC_PAGESIZE);
	vm.ram = mmap(NULL, RAM_LEN, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB | MAP_HUGE_2MB, -1, 0);
	if (vm.ram == MAP_FAILED)
		vm.ram = mmap(NULL, RAM_LEN, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			      -1, 0);
	CHECK(vm.ram != MAP_FAILED);
	EQUAL(viommu_ctx_open(NULL, &vm.ctx), 0);
	EQUAL(viommu_ioas_alloc(vm.ctx, &vm.ioas), 0);
	cmd.id = vm.ioas;
	EQUAL(test_command(&cmd), 0);
	vm.stdev = cmd.mock_domain_flags.out_stdev_id;
	vm.dev = cmd.mock_domain_flags.out_idev_id;
	EQUAL(viommu_ioas_map(vm.ctx, vm.ioas, vm.ram, RAM_IOVA, RAM_LEN,
			      VIOMMU_MAP_READ | VIOMMU_MAP_WRITE), 0);
	EQUAL(viommu_hwpt_alloc_parent(vm.ctx, vm.dev, vm.ioas, &vm.parent), 0);
	vm.data = (struct iommu_viommu_selftest){ .in_data = MAGIC };
	EQUAL(viommu_alloc(vm.ctx, IOMMU_VIOMMU_TYPE_SELFTEST, vm.dev, vm.parent, &vm.data,
			   sizeof(vm.data), &vm.viommu), 0);
	EQUAL(vm.data.out_data, MAGIC);
}

static void vm_destroy(void)
{
	EQUAL(viommu_destroy(vm.ctx, vm.viommu), 0);
	EQUAL(viommu_destroy(vm.ctx, vm.parent), 0);
	EQUAL(viommu_destroy(vm.ctx, vm.stdev), 0);
	EQUAL(viommu_destroy(vm.ctx, vm.ioas), 0);
	viommu_ctx_close(vm.ctx);
	munmap(vm.ram, RAM_LEN);
}

static void context(void)
{
	struct viommu_ctx *other;
	uint32_t id;
	int fd;

	EQUAL(viommu_ctx_open("/dev/iommu", &vm.ctx), 0);
	EQUAL(viommu_destroy(vm.ctx, NO_ID), -ENOENT);
	/* Inherited: the descriptor outlives the context */
	fd = viommu_ctx_fd(vm.ctx);
	EQUAL(viommu_ctx_from_fd(fd, &other), 0);
	EQUAL(viommu_ioas_alloc(other, &id), 0);
	EQUAL(viommu_ctx_ioctls(other), 1);
	viommu_ctx_close(other);
	EQUAL(viommu_destroy(vm.ctx, id), 0);
	EQUAL(viommu_ctx_ioctls(vm.ctx), 2);
	viommu_ctx_close(vm.ctx);
}

static void ioas(void)
{
	struct viommu_iova_range ranges[8];
	uint32_t num = 8;
	uint64_t length, alignment = 0;
	void *va;

	vm_create();
	va = vm.ram;
	length = vm.page_size;
	EQUAL(viommu_ioas_ranges(vm.ctx, vm.ioas, ranges, &num, &alignment), 0);
	EQUAL(num, 1);
	EQUAL(ranges[0].start, MOCK_APERTURE_START);
	EQUAL(ranges[0].last, MOCK_APERTURE_LAST);
	CHECK(alignment);
	num = 0;
	EQUAL(viommu_ioas_ranges(vm.ctx, vm.ioas, NULL, &num, NULL), -EMSGSIZE);
	EQUAL(num, 1);
	EQUAL(viommu_ioas_map(vm.ctx, vm.ioas, va, RAM_IOVA, vm.page_size, VIOMMU_MAP_READ),
	      -EEXIST);
	EQUAL(viommu_ioas_map(vm.ctx, NO_ID, va, RAM_IOVA, vm.page_size, VIOMMU_MAP_READ),
	      -ENOENT);
	EQUAL(viommu_ioas_map(vm.ctx, vm.ioas, va, RAM_IOVA + RAM_LEN, vm.page_size,
			      VIOMMU_MAP_READ | VIOMMU_MAP_WRITE), 0);
	EQUAL(viommu_ioas_unmap(vm.ctx, vm.ioas, RAM_IOVA + RAM_LEN, &length), 0);
	EQUAL(length, vm.page_size);
	EQUAL(viommu_ioas_unmap(vm.ctx, vm.ioas, RAM_IOVA + RAM_LEN, &length), -ENOENT);
	vm_destroy();
}

/* Memory of a file stays mapped without its descriptors, and can change its process */
static void ioas_file(void)
{
	const unsigned int rw = VIOMMU_MAP_READ | VIOMMU_MAP_WRITE;
	int fd = memfd_create("ram", MFD_CLOEXEC), reader;
	const uint64_t iova = RAM_IOVA + RAM_LEN;
	uint64_t length, all = UINT64_MAX;
	char path[32];

	vm_create();
	length = vm.page_size;
	EQUAL(ftruncate(fd, 2 * (off_t)length), 0);
	EQUAL(viommu_ioas_map_file(vm.ctx, NO_ID, fd, 0, iova, length, rw), -ENOENT);
	EQUAL(viommu_ioas_map_file(vm.ctx, vm.ioas, -1, 0, iova, length, rw), -EBADF);
	EQUAL(viommu_ioas_map_file(vm.ctx, vm.ioas, fd, UINT64_MAX, iova, length, rw), -EOVERFLOW);
	EQUAL(viommu_ioas_map_file(vm.ctx, vm.ioas, fd, 0, RAM_IOVA, length, rw), -EEXIST);
	EQUAL(viommu_ioas_map_file(vm.ctx, vm.ioas, fd, 2 * length, iova, length, rw), -EINVAL);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	reader = open(path, O_RDONLY | O_CLOEXEC);
	CHECK(reader >= 0);
	EQUAL(viommu_ioas_map_file(vm.ctx, vm.ioas, reader, 0, iova, length, rw), -EPERM);
	EQUAL(viommu_ioas_map_file(vm.ctx, vm.ioas, reader, 0, iova, length, VIOMMU_MAP_READ), 0);
	EQUAL(viommu_ioas_map_file(vm.ctx, vm.ioas, fd, length, iova + length, length, rw), 0);
	close(reader);
	close(fd);

	/* The other memory is that of a process */
	EQUAL(viommu_ioas_change_process(vm.ctx), -EINVAL);
	length *= 2;
	EQUAL(viommu_ioas_unmap(vm.ctx, vm.ioas, iova, &length), 0);
	EQUAL(length, 2 * vm.page_size);
	EQUAL(viommu_ioas_unmap(vm.ctx, vm.ioas, 0, &all), 0);
	EQUAL(viommu_ioas_change_process(vm.ctx), 0);
	vm_destroy();
}

static void hw_info(void)
{
	struct viommu_smmuv3_info smmu = { .size = sizeof(smmu), .flags = 5 };
	struct viommu_cmdqv_info cmdqv = { .size = sizeof(cmdqv) };
	struct viommu_hw_info info = { .size = sizeof(info) };
	uint32_t words[4] = { 1, 1, 1, 1 };

	vm_create();
	EQUAL(viommu_hw_info(vm.ctx, vm.dev, IOMMU_HW_INFO_TYPE_SELFTEST, words, sizeof(words),
			     &info), 0);
	EQUAL(info.type, IOMMU_HW_INFO_TYPE_SELFTEST);
	EQUAL(info.len, sizeof(struct iommu_test_hw_info));
	EQUAL(words[1], IOMMU_HW_INFO_SELFTEST_REGVAL);
	EQUAL(words[2], 0);
	EQUAL(viommu_hw_info(vm.ctx, vm.dev, VIOMMU_HW_INFO_DEFAULT, NULL, 0, &info), 0);
	EQUAL(info.type, IOMMU_HW_INFO_TYPE_SELFTEST);
	EQUAL(viommu_hw_info_smmuv3(vm.ctx, vm.dev, &smmu), -EOPNOTSUPP);
	EQUAL(viommu_hw_info_cmdqv(vm.ctx, vm.dev, &cmdqv), -EOPNOTSUPP);
	EQUAL(viommu_hw_info_cmdqv(vm.ctx, NO_ID, &cmdqv), -ENOENT);
	EQUAL(smmu.flags, 5);
	vm_destroy();
}

static void attach(uint32_t pt, int want)
{
	struct iommu_test_cmd cmd = {
		.op = IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE,
		.id = vm.stdev,
		.mock_domain_replace.pt_id = pt,
	};

	EQUAL(test_command(&cmd), want);
}

static void trigger(int want)
{
	struct iommu_test_cmd cmd = {
		.op = IOMMU_TEST_OP_TRIGGER_VEVENT,
		.trigger_vevent.dev_id = vm.dev,
	};

	EQUAL(test_command(&cmd), want);
}

static void nested(uint32_t *vdevice, uint32_t *hwpt)
{
	struct iommu_hwpt_selftest data = { .iotlb = IOMMU_TEST_IOTLB_DEFAULT };

	EQUAL(viommu_hwpt_alloc_nested(vm.ctx, vm.dev, vm.viommu, IOMMU_HWPT_DATA_SELFTEST, &data,
				       sizeof(data), hwpt), 0);
	attach(*hwpt, -ENOENT);
	EQUAL(viommu_vdevice_alloc(vm.ctx, vm.viommu, vm.dev, VSID, vdevice), 0);
	attach(*hwpt, 0);
}

static void vdevice_and_hwpt(void)
{
	uint64_t ste[2] = { 1, 0 };
	struct viommu_region region = { .size = sizeof(region) };
	uint32_t vdevice, hwpt, id = NO_ID;

	vm_create();
	EQUAL(viommu_hwpt_alloc_ste(vm.ctx, vm.dev, vm.viommu, ste, &id), -EOPNOTSUPP);
	EQUAL(viommu_hwpt_alloc_parent(vm.ctx, NO_ID, vm.ioas, &id), -ENOENT);
	EQUAL(viommu_alloc_cmdqv(vm.ctx, vm.dev, vm.parent, &region, &id), -EOPNOTSUPP);
	nested(&vdevice, &hwpt);
	EQUAL(viommu_vdevice_alloc(vm.ctx, vm.viommu, vm.dev, VSID + 1, &id), -EEXIST);
	EQUAL(viommu_destroy(vm.ctx, vm.viommu), -EBUSY);
	EQUAL(viommu_destroy(vm.ctx, hwpt), -EBUSY);
	EQUAL(id, NO_ID);
	attach(vm.ioas, 0);
	EQUAL(viommu_destroy(vm.ctx, hwpt), 0);
	EQUAL(viommu_destroy(vm.ctx, vdevice), 0);
	vm_destroy();
}

/* A descriptor that cannot be written to cannot be mapped; that one is another iommufd does not matter */
static void map_read_only(size_t size)
{
	struct viommu_ctx *ctx = NULL;
	void *addr = NULL;
	int fd = open("/dev/iommu", O_RDONLY | O_CLOEXEC);

	CHECK(fd >= 0);
	EQUAL(viommu_ctx_from_fd(fd, &ctx), 0);
	EQUAL(viommu_mmap(ctx, vm.viommu, size, vm.data.out_mmap_offset, &addr), -EACCES);
	CHECK(!addr);
	viommu_ctx_close(ctx);
	close(fd);
}

static void map_registers(void)
{
	size_t size;
	void *addr = NULL;

	vm_create();
	size = vm.data.out_mmap_length;
	EQUAL(size, 2 * vm.page_size);
	EQUAL(viommu_mmap(vm.ctx, vm.viommu, size, vm.data.out_mmap_offset, &addr), 0);
	EQUAL(*(uint32_t *)addr, MAGIC);
	EQUAL(viommu_destroy(vm.ctx, vm.viommu), -EBUSY);
	EQUAL(munmap(addr, size), 0);
	/* Shorter is allowed, longer and elsewhere not */
	EQUAL(viommu_mmap(vm.ctx, vm.viommu, size / 2, vm.data.out_mmap_offset, &addr), 0);
	EQUAL(munmap(addr, size / 2), 0);
	addr = NULL;
	EQUAL(viommu_mmap(vm.ctx, vm.viommu, size * 2, vm.data.out_mmap_offset, &addr), -ENXIO);
	EQUAL(viommu_mmap(vm.ctx, vm.viommu, size, vm.data.out_mmap_offset + size, &addr),
	      -ENXIO);
	EQUAL(viommu_mmap(vm.ctx, vm.viommu, size, ~0ull, &addr), -ENXIO);
	EQUAL(viommu_mmap(vm.ctx, vm.viommu, 0, vm.data.out_mmap_offset, &addr), -EINVAL);
	EQUAL(viommu_mmap(vm.ctx, vm.viommu, size, vm.data.out_mmap_offset + 4, &addr), -EINVAL);
	CHECK(!addr);
	map_read_only(size);
	vm_destroy();
}

static void events(void)
{
	struct viommu_events *events;
	struct viommu_event event = { .size = sizeof(event) };
	uint32_t veventq, vdevice, hwpt, id;
	struct pollfd p = { .events = POLLIN };
	int fd = -1, other;

	vm_create();
	nested(&vdevice, &hwpt);
	trigger(-EOPNOTSUPP);
	EQUAL(viommu_veventq_alloc(vm.ctx, vm.viommu, IOMMU_VEVENTQ_TYPE_SELFTEST, 2, &veventq,
				   &fd), 0);
	EQUAL(viommu_veventq_alloc(vm.ctx, vm.viommu, IOMMU_VEVENTQ_TYPE_SELFTEST, 2, &id,
				   &other), -EEXIST);
	EQUAL(viommu_veventq_alloc(vm.ctx, vm.viommu, IOMMU_VEVENTQ_TYPE_SELFTEST,
				   VIOMMU_VEVENTQ_DEPTH_MAX + 1, &id, &other), -EINVAL);
	CHECK(fcntl(fd, F_GETFL) & O_NONBLOCK);
	EQUAL(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EQUAL(viommu_events_new(fd, sizeof(struct iommu_viommu_event_selftest), 4, 0, &events), 0);
	p.fd = fd;
	EQUAL(poll(&p, 1, 0), 0);
	EQUAL(viommu_events_next(events, &event), -EAGAIN);

	/* Depth 2, five events: 0, 1, and the news that three more were lost */
	for (int i = 0; i < 5; i++)
		trigger(0);
	EQUAL(poll(&p, 1, 0), 1);
	for (uint32_t i = 0; i < 2; i++) {
		EQUAL(viommu_events_next(events, &event), 0);
		EQUAL(event.sequence, i);
		EQUAL(event.lost, 0);
		EQUAL(event.len, 4);
		EQUAL(*(const uint32_t *)event.data, VSID);
	}
	EQUAL(viommu_events_next(events, &event), 0);
	CHECK(!event.data);
	EQUAL(event.sequence, 4);
	EQUAL(event.lost, 3);
	EQUAL(viommu_events_next(events, &event), -EAGAIN);
	trigger(0);
	EQUAL(viommu_events_next(events, &event), 0);
	EQUAL(event.sequence, 5);
	EQUAL(event.lost, 0);
	EQUAL(viommu_events_lost(events), 3);

	EQUAL(viommu_destroy(vm.ctx, veventq), -EBUSY);
	viommu_events_free(events);
	close(fd);
	EQUAL(viommu_destroy(vm.ctx, veventq), 0);
	attach(vm.ioas, 0);
	EQUAL(viommu_destroy(vm.ctx, hwpt), 0);
	EQUAL(viommu_destroy(vm.ctx, vdevice), 0);
	vm_destroy();
}

static void check_cache(uint32_t id, uint32_t value)
{
	struct iommu_test_cmd cmd = {
		.op = IOMMU_TEST_OP_DEV_CHECK_CACHE,
		.id = vm.dev,
		.check_dev_cache = { .id = id, .cache = value },
	};

	EQUAL(test_command(&cmd), 0);
}

static void invalidate(void)
{
	struct iommu_viommu_invalidate_selftest reqs[3] = {
		{ .vdev_id = VSID, .cache_id = 0 },
		{ .vdev_id = VSID, .cache_id = 2 },
		{ .vdev_id = VSID + 1, .cache_id = 3 },
	};
	struct viommu_batch *batch;
	struct viommu_cmd cmd = { { 0x30, 0 } };
	uint32_t vdevice, num = 0;

	vm_create();
	EQUAL(viommu_vdevice_alloc(vm.ctx, vm.viommu, vm.dev, VSID, &vdevice), 0);
	EQUAL(viommu_invalidate(vm.ctx, vm.viommu, IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST, NULL,
				sizeof(reqs[0]), &num), 0);
	num = 3;
	EQUAL(viommu_invalidate(vm.ctx, vm.viommu, IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST, reqs,
				sizeof(reqs[0]), &num), -EINVAL);
	EQUAL(num, 2);
	check_cache(0, 0);
	check_cache(1, IOMMU_TEST_DEV_CACHE_DEFAULT);
	check_cache(2, 0);
	check_cache(3, IOMMU_TEST_DEV_CACHE_DEFAULT);
	num = 3;
	EQUAL(viommu_invalidate(vm.ctx, NO_ID, IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST, reqs,
				sizeof(reqs[0]), &num), -ENOENT);
	EQUAL(num, 0);
	/* The mock is no SMMUv3: the batch is refused whole, and empty afterwards */
	EQUAL(viommu_batch_new(vm.ctx, vm.viommu, &batch), 0);
	EQUAL(viommu_batch_add(batch, &cmd), 0);
	EQUAL(viommu_batch_flush(batch), -EINVAL);
	EQUAL(viommu_batch_done(batch), 0);
	EQUAL(viommu_batch_flush(batch), 0);
	viommu_batch_free(batch);
	EQUAL(viommu_destroy(vm.ctx, vdevice), 0);
	vm_destroy();
}

static void hw_queues(void)
{
	uint32_t type = IOMMU_HW_QUEUE_TYPE_SELFTEST, q[2], id = NO_ID;
	uint64_t length = RAM_LEN;

	vm_create();
	EQUAL(viommu_hw_queue_alloc(vm.ctx, vm.viommu, type, 1, RAM_IOVA, vm.page_size, &id), -EIO);
	EQUAL(viommu_hw_queue_alloc(vm.ctx, vm.viommu, type, 0, RAM_IOVA, vm.page_size, &q[0]), 0);
	EQUAL(viommu_hw_queue_alloc(vm.ctx, vm.viommu, type, 0, RAM_IOVA, vm.page_size, &id),
	      -EEXIST);
	EQUAL(viommu_hw_queue_alloc(vm.ctx, vm.viommu, type, 1, RAM_IOVA, vm.page_size, &q[1]), 0);
	EQUAL(viommu_hw_queue_alloc(vm.ctx, vm.viommu, type, 1, 0, vm.page_size, &id), -ENOENT);
	EQUAL(viommu_ioas_unmap(vm.ctx, vm.ioas, RAM_IOVA, &length), -EBUSY);
	EQUAL(viommu_destroy(vm.ctx, q[0]), -EBUSY);
	EQUAL(viommu_destroy(vm.ctx, q[1]), 0);
	EQUAL(viommu_destroy(vm.ctx, q[0]), 0);
	EQUAL(id, NO_ID);
	vm_destroy();
}

/* A child of the VMM does not have the registers */
static void child_without_registers(void)
{
	uint32_t *page;
	int status = -1;
	pid_t pid;

	vm_create();
	EQUAL(viommu_mmap(vm.ctx, vm.viommu, vm.page_size, vm.data.out_mmap_offset, (void **)&page), 0);
	EQUAL(msync(page, vm.page_size, MS_ASYNC), 0);
	pid = fork();
	if (!pid)
		_exit(!(msync(page, vm.page_size, MS_ASYNC) && errno == ENOMEM));
	EQUAL(waitpid(pid, &status, 0), pid);
	EQUAL(status, 0);
	munmap(page, vm.page_size);
	vm_destroy();
}

/* The guest's CMDQ-V with queues of the mock, and its pages for registers */
static struct {
	uint32_t *page0;
	/* The mock's pages are fewer than a real page 0; no access reaches the rest */
	char window[VIOMMU_CMDQV_PAGE_SIZE];
	int mapped;
	unsigned int irqs, errors;
	struct viommu_cmdqv_error error;
	struct viommu_cmdqv *dev;
} guest;

static int mock_queue_alloc(void *kernel, uint32_t index, uint64_t addr, uint64_t length,
			    uint32_t *id)
{
	(void)kernel;
	return viommu_hw_queue_alloc(vm.ctx, vm.viommu, IOMMU_HW_QUEUE_TYPE_SELFTEST, index, addr,
				     length, id);
}

static int mock_queue_destroy(void *kernel, uint32_t id)
{
	(void)kernel;
	return viommu_destroy(vm.ctx, id);
}

static uint32_t mock_page0_read(void *kernel, uint32_t offset)
{
	(void)kernel;
	return guest.page0[offset / 4];
}

static void mock_page0_write(void *kernel, uint32_t offset, uint32_t value)
{
	(void)kernel;
	guest.page0[offset / 4] = value;
}

static int map_page0(void *host, void *page0)
{
	(void)host;
	CHECK(page0 == guest.window && !guest.mapped);
	guest.mapped = 1;
	return 0;
}

static void unmap_page0(void *host)
{
	(void)host;
	CHECK(guest.mapped);
	guest.mapped = 0;
}

static void interrupt(void *host)
{
	(void)host;
	guest.irqs++;
}

static void error(void *host, const struct viommu_cmdqv_error *e)
{
	(void)host;
	guest.errors++;
	guest.error = *e;
}

static void guest_create(void)
{
	static const struct viommu_cmdqv_host_ops host_ops = {
		.size = sizeof(host_ops),
		.error = error,
		.interrupt = interrupt,
		.map_page0 = map_page0,
		.unmap_page0 = unmap_page0,
	};
	static const struct viommu_cmdqv_kernel_ops kernel_ops = {
		.size = sizeof(kernel_ops),
		.page0_read = mock_page0_read,
		.page0_write = mock_page0_write,
		.queue_alloc = mock_queue_alloc,
		.queue_destroy = mock_queue_destroy,
	};
	struct viommu_cmdqv_config config = {
		.size = sizeof(config),
		.max_log2size = VIOMMU_CMDQV_ANY_SIZE,
		.host_ops = &host_ops,
		.kernel_ops = &kernel_ops,
	};
	void *page0 = NULL;

	vm_create();
	EQUAL(viommu_mmap(vm.ctx, vm.viommu, vm.data.out_mmap_length, vm.data.out_mmap_offset,
			  &page0), 0);
	memset(&guest, 0, sizeof(guest));
	guest.page0 = page0;
	config.page0 = guest.window;
	config.page0_length = sizeof(guest.window);
	EQUAL(viommu_cmdqv_new(&config, &guest.dev), 0);
	/* The mock leaves something in the first word, which is CONS here */
	guest.page0[0] = 0;
}

static void guest_destroy(void)
{
	EQUAL(viommu_cmdqv_free(guest.dev), 0);
	EQUAL(guest.mapped, 0);
	EQUAL(munmap(guest.page0, vm.data.out_mmap_length), 0);
	vm_destroy();
}

static void guest_write(uint64_t offset, unsigned int size, uint64_t value)
{
	EQUAL(viommu_cmdqv_write(guest.dev, offset, size, value), 0);
}

static void guest_queue(uint32_t index, uint64_t base)
{
	guest_write(0x200 + 4 * index, 4, 1 | index << 1);
	guest_write(0x40000 + 0x80 * index, 8, base);
}

#define QUEUE_BASE(n) (RAM_IOVA + 0x10000 * (n) + 8)

static void cmdqv_life(void)
{
	guest_create();
	guest_write(0x1000, 4, 1);
	/* Index 1 first */
	guest_queue(1, QUEUE_BASE(1));
	EQUAL(viommu_cmdqv_queue_exists(guest.dev, 1), 0);
	guest_queue(0, QUEUE_BASE(0));
	EQUAL(viommu_cmdqv_queue_exists(guest.dev, 0), 1);
	EQUAL(viommu_cmdqv_queue_exists(guest.dev, 1), 1);
	EQUAL(guest.mapped, 1);
	guest_write(0x10084, 4, 0x33);
	EQUAL(guest.page0[0x84 / 4], 0x33);
	/* Another BASE for 0 while 1 lives: what is EBUSY and EEXIST for the careless */
	guest_queue(0, QUEUE_BASE(2));
	EQUAL(viommu_cmdqv_queue_exists(guest.dev, 0), 1);
	EQUAL(viommu_cmdqv_queue_exists(guest.dev, 1), 1);
	EQUAL(guest.page0[0x84 / 4], 0x33);
	/* Off and on */
	guest_write(0x1000, 4, 0);
	EQUAL(guest.mapped, 0);
	EQUAL(viommu_cmdqv_queue_exists(guest.dev, 0), 0);
	guest_write(0x1000, 4, 1);
	EQUAL(viommu_cmdqv_queue_exists(guest.dev, 1), 1);
	EQUAL(viommu_cmdqv_reset(guest.dev), 0);
	EQUAL(guest.errors, 0);
	EQUAL(guest.irqs, 0);
	guest_destroy();
}

static void cmdqv_refused(void)
{
	uint64_t value;

	guest_create();
	guest_write(0x1000, 4, 1);
	/* Memory that is not mapped */
	guest_queue(0, 0x1008);
	EQUAL(guest.errors, 1);
	EQUAL(guest.error.reason, VIOMMU_CMDQV_QUEUE_ALLOC);
	EQUAL(guest.error.err, -ENOENT);
	EQUAL(guest.irqs, 1);
	EQUAL(viommu_cmdqv_read(guest.dev, 0x30010, 4, &value), 0);
	EQUAL(value, 4);
	guest_queue(0, QUEUE_BASE(0));
	EQUAL(guest.errors, 1);
	EQUAL(viommu_cmdqv_queue_exists(guest.dev, 0), 1);
	guest_destroy();
}

static int allocated(uint32_t index)
{
	uint64_t value;

	EQUAL(viommu_cmdqv_read(guest.dev, 0x200 + 4 * index, 4, &value), 0);
	return value & 1;
}

/* Any register, any value: whatever the guest does, everything can be taken apart again */
static void cmdqv_random(void)
{
	static const uint32_t offsets[] = { 0, 0x200, 0x204, 0x1000, 0x10008, 0x10088 };
	unsigned int existed = 0;

	guest_create();
	srand(7);
	for (int step = 0; step < 5000 && !test_failures; step++) {
		uint32_t index = (uint32_t)rand() % 2;

		if (rand() % 3)
			guest_write(offsets[rand() % 6], 4, rand() % 8 != 0);
		else if (rand() % 2)
			guest_write(0x40000 + 0x80 * index, 8,
				    rand() % 6 ? QUEUE_BASE((unsigned int)rand() % 8) : 0x1008);
		else
			guest_write(0x40000 + 0x80 * index + 4 * ((unsigned int)rand() % 2), 4,
				    rand() % 2 ? QUEUE_BASE((unsigned int)rand() % 8) : 0);
		existed += (unsigned int)viommu_cmdqv_queue_exists(guest.dev, 1);
		EQUAL(guest.mapped, viommu_cmdqv_queue_exists(guest.dev, 0) &&
		      (viommu_cmdqv_queue_exists(guest.dev, 1) || !allocated(1)));
		/* The kernel refuses memory that is not there, and nothing else */
		if (guest.errors)
			EQUAL(guest.error.err, -ENOENT);
		guest.errors = 0;
	}
	CHECK(existed > 500);
	guest_destroy();
}

/* The pages of mock HWPTs are half as large as those of the system */
static void device_writes(uint32_t hwpt, uint64_t length, uint64_t *pages)
{
	struct iommu_test_cmd cmd = {
		.op = IOMMU_TEST_OP_DIRTY,
		.id = hwpt,
		.dirty = {
			.iova = RAM_IOVA,
			.length = length,
			.page_size = vm.page_size / 2,
			.uptr = (uintptr_t)pages,
		},
	};

	EQUAL(test_command(&cmd), 0);
}

/* Pages that a device has written are told once, or for as long as they are kept */
static void dirty_pages(void)
{
	struct viommu_hwpt_request request = {
		.size = sizeof(request), .flags = VIOMMU_HWPT_DIRTY_TRACKING,
	};
	uint64_t granule, length, pages[1] = { 0x29 }, bitmap[1] = { 0 };
	uint32_t hwpt = NO_ID, plain;
	int rc;

	vm_create();
	granule = vm.page_size / 2;
	length = 64 * granule;
	request.dev = vm.dev;
	request.pt = NO_ID;
	EQUAL(viommu_hwpt_alloc(vm.ctx, &request, &hwpt), -EINVAL);
	request.pt = vm.ioas;
	EQUAL(viommu_hwpt_alloc(vm.ctx, &request, &hwpt), 0);
	/* Kernels before 6.12.118 return 0 */
	rc = viommu_hwpt_get_dirty(vm.ctx, hwpt, RAM_IOVA, length, granule, 0, bitmap);
	if (rc)
		EQUAL(rc, -EINVAL);
	EQUAL(bitmap[0], 0);
	EQUAL(viommu_hwpt_set_dirty_tracking(vm.ctx, hwpt, 1), 0);
	device_writes(hwpt, length, pages);
	EQUAL(viommu_hwpt_get_dirty(vm.ctx, hwpt, RAM_IOVA, length, granule, VIOMMU_DIRTY_KEEP, bitmap), 0);
	EQUAL(bitmap[0], 0x29);
	bitmap[0] = 0x40;
	EQUAL(viommu_hwpt_get_dirty(vm.ctx, hwpt, RAM_IOVA, length, granule, 0, bitmap), 0);
	EQUAL(bitmap[0], 0x69);
	bitmap[0] = 0;
	EQUAL(viommu_hwpt_get_dirty(vm.ctx, hwpt, RAM_IOVA, length, granule, 0, bitmap), 0);
	EQUAL(bitmap[0], 0);
	EQUAL(viommu_hwpt_get_dirty(vm.ctx, hwpt, RAM_IOVA, length, granule, 2, bitmap), -EOPNOTSUPP);
	EQUAL(viommu_hwpt_set_dirty_tracking(vm.ctx, hwpt, 0), 0);
	EQUAL(viommu_hwpt_set_dirty_tracking(vm.ctx, NO_ID, 1), -ENOENT);
	request.flags = 0;
	EQUAL(viommu_hwpt_alloc(vm.ctx, &request, &plain), 0);
	EQUAL(viommu_hwpt_set_dirty_tracking(vm.ctx, plain, 1), -EOPNOTSUPP);
	EQUAL(viommu_destroy(vm.ctx, plain), 0);
	EQUAL(viommu_destroy(vm.ctx, hwpt), 0);
	vm_destroy();
}

static void device_faults(uint32_t dev)
{
	struct iommu_test_cmd cmd = {
		.op = IOMMU_TEST_OP_TRIGGER_IOPF,
		.trigger_iopf = {
			.dev_id = dev,
			.pasid = 0x1,
			.grpid = 0x2,
			.perm = VIOMMU_FAULT_READ | VIOMMU_FAULT_WRITE,
			.addr = 0xdeadbeaf,
		},
	};

	EQUAL(test_command(&cmd), 0);
}

/* A fault of a device waits in the queue of its HWPT for one answer */
static void page_faults(void)
{
	struct iommu_hwpt_selftest data = { .iotlb = IOMMU_TEST_IOTLB_DEFAULT };
	struct viommu_hwpt_request request = {
		.size = sizeof(request),
		.flags = VIOMMU_HWPT_FAULTS,
		.type = IOMMU_HWPT_DATA_SELFTEST,
		.len = sizeof(data),
		.data = &data,
	};
	struct viommu_fault fault[2];
	uint32_t faults, hwpt = NO_ID, vdevice, num = ARRAY_SIZE(fault);
	int fd;

	vm_create();
	EQUAL(viommu_faults_alloc(vm.ctx, &faults, &fd), 0);
	EQUAL(viommu_faults_read(fd, fault, &num), -EAGAIN);
	EQUAL(viommu_faults_answer(fd, 0, VIOMMU_FAULT_SUCCESS), -EINVAL);
	request.dev = vm.dev;
	request.pt = vm.viommu;
	request.faults = NO_ID;
	EQUAL(viommu_hwpt_alloc(vm.ctx, &request, &hwpt), -ENOENT);
	request.faults = faults;
	EQUAL(viommu_hwpt_alloc(vm.ctx, &request, &hwpt), 0);
	EQUAL(viommu_vdevice_alloc(vm.ctx, vm.viommu, vm.dev, VSID, &vdevice), 0);
	attach(hwpt, 0);
	device_faults(vm.dev);
	EQUAL(viommu_faults_read(fd, fault, &num), 0);
	EQUAL(num, 1);
	EQUAL(fault[0].flags, VIOMMU_FAULT_LAST_PAGE | VIOMMU_FAULT_PASID_VALID);
	EQUAL(fault[0].pasid, 1);
	EQUAL(fault[0].dev, vm.dev);
	EQUAL(fault[0].grpid, 2);
	EQUAL(fault[0].perm, VIOMMU_FAULT_READ | VIOMMU_FAULT_WRITE);
	EQUAL(fault[0].addr, 0xdeadbeaf);
	EQUAL(viommu_faults_read(fd, fault, &num), -EAGAIN);
	EQUAL(viommu_faults_answer(fd, fault[0].cookie, VIOMMU_FAULT_SUCCESS), 0);
	EQUAL(viommu_faults_answer(fd, fault[0].cookie, VIOMMU_FAULT_SUCCESS), -EINVAL);
	/* The HWPT holds its queue, and so does the descriptor */
	EQUAL(viommu_destroy(vm.ctx, faults), -EBUSY);
	attach(vm.ioas, 0);
	EQUAL(viommu_destroy(vm.ctx, hwpt), 0);
	EQUAL(viommu_destroy(vm.ctx, faults), -EBUSY);
	close(fd);
	EQUAL(viommu_destroy(vm.ctx, faults), 0);
	EQUAL(viommu_destroy(vm.ctx, vdevice), 0);
	vm_destroy();
}

static const struct test tests[] = {
	TEST(context),	     TEST(ioas),	  TEST(ioas_file), TEST(hw_info),
	TEST(vdevice_and_hwpt), TEST(map_registers), TEST(child_without_registers),
	TEST(events),	     TEST(invalidate),	  TEST(dirty_pages), TEST(page_faults),
	TEST(hw_queues),     TEST(cmdqv_life),	  TEST(cmdqv_refused), TEST(cmdqv_random),
};

TEST_MAIN(tests)
