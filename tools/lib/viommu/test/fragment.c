// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * The VMM fragment of viommu(7), compiled as it stands there and run: on a
 * kernel of a few lines, with a guest of a few writes.
 */
#include <endian.h>
#include <errno.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/iommufd.h>

#include "test.h"

#define VM_CMDQV 0x9000000ull

struct vm {
	uint64_t gpa;
	void *va;
	unsigned int interrupts;
};

static int vm_map(struct vm *vm, uint64_t gpa, void *va, size_t len)
{
	EQUAL(len, 0x10000);
	vm->gpa = gpa;
	vm->va = va;
	return 0;
}

static void vm_unmap(struct vm *vm, uint64_t gpa)
{
	EQUAL(gpa, vm->gpa);
	vm->va = NULL;
}

static void vm_interrupt(void *vm)
{
	((struct vm *)vm)->interrupts++;
}

#include "fragment.h"

static uint32_t page0[0x10000 / 4];
static int event_pipe[2];
static unsigned int queues;
static unsigned int requests;

int __wrap_ioctl(int fd, unsigned long request, ...);
void *__wrap_mmap(void *addr, size_t size, int prot, int flags, int fd, off_t offset);
int __wrap_madvise(void *addr, size_t size, int advice);
int __wrap_munmap(void *addr, size_t size);
int __real_munmap(void *addr, size_t size);

static int hw_queue_alloc(struct iommu_hw_queue_alloc *cmd)
{
	if (cmd->nesting_parent_iova < 0x40000000) {
		errno = ENOENT;
		return -1;
	}
	EQUAL(cmd->viommu_id, 7);
	EQUAL(cmd->index, queues);
	cmd->out_hw_queue_id = 20 + queues++;
	return 0;
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	requests++;
	CHECK(fd >= 0);
	if (request == IOMMU_VIOMMU_ALLOC) {
		struct iommu_viommu_alloc *cmd = arg;
		struct iommu_viommu_tegra241_cmdqv *data = (void *)(uintptr_t)cmd->data_uptr;

		EQUAL(cmd->dev_id, 3);
		EQUAL(cmd->hwpt_id, 4);
		cmd->out_viommu_id = 7;
		data->out_vintf_mmap_offset = 0x1000;
		data->out_vintf_mmap_length = sizeof(page0);
	} else if (request == IOMMU_VEVENTQ_ALLOC) {
		struct iommu_veventq_alloc *cmd = arg;

		EQUAL(cmd->viommu_id, 7);
		EQUAL(pipe(event_pipe), 0);
		cmd->out_veventq_id = 8;
		cmd->out_veventq_fd = (uint32_t)event_pipe[0];
	} else if (request == IOMMU_HW_QUEUE_ALLOC) {
		return hw_queue_alloc(arg);
	} else if (request == IOMMU_DESTROY) {
		struct iommu_destroy *cmd = arg;

		EQUAL(cmd->id, 20 + --queues);
	} else {
		errno = ENOTTY;
		return -1;
	}
	return 0;
}

void *__wrap_mmap(void *addr, size_t size, int prot, int flags, int fd, off_t offset)
{
	CHECK(!addr && fd >= 0);
	EQUAL(size, sizeof(page0));
	EQUAL(prot, PROT_READ | PROT_WRITE);
	EQUAL(flags, MAP_SHARED);
	EQUAL(offset, 0x1000);
	return page0;
}

int __wrap_madvise(void *addr, size_t size, int advice)
{
	CHECK(addr == page0);
	EQUAL(size, sizeof(page0));
	EQUAL(advice, MADV_DONTFORK);
	return 0;
}

int __wrap_munmap(void *addr, size_t size)
{
	return addr == page0 ? 0 : __real_munmap(addr, size);
}

static void error_event(uint32_t sequence, uint64_t queue_map)
{
	struct {
		struct iommufd_vevent_header header;
		uint64_t map[2];
	} entry = { .header.sequence = sequence, .map = { htole64(queue_map), 0 } };

	EQUAL(write(event_pipe[1], &entry, sizeof(entry)), sizeof(entry));
}

static void fragment(void)
{
	struct viommu_ctx *ctx = NULL;
	struct viommu_cmdqv *cmdqv = NULL;
	struct viommu_events *events = NULL;
	struct vm vm = { 0 };
	uint64_t value;
	int fd = -1;

	EQUAL(viommu_ctx_open("/dev/null", &ctx), 0);
	EQUAL(cmdqv_create(&vm, ctx, 3, 4, &cmdqv, &events, &fd), 0);
	EQUAL(requests, 2);

	/* The guest: VINTF, allocation map, BASE, then EN and PROD right in page 0 */
	EQUAL(viommu_cmdqv_write(cmdqv, 0x1000, 4, 1), 0);
	EQUAL(viommu_cmdqv_write(cmdqv, 0x200, 4, 1), 0);
	EQUAL(viommu_cmdqv_write(cmdqv, 0x40000, 8, 0x1008), 0);
	EQUAL(vm.interrupts, 1);
	EQUAL(viommu_cmdqv_write(cmdqv, 0x40000, 8, 0x40000008), 0);
	EQUAL(queues, 1);
	EQUAL(vm.gpa, 0x9030000);
	CHECK(vm.va == page0);
	EQUAL(viommu_cmdqv_write(cmdqv, 0x10004, 4, 9), 0);
	EQUAL(page0[1], 9);

	/* An error, and one that was lost before it */
	page0[4] = 1;
	error_event(1, 1);
	cmdqv_readable(cmdqv, events);
	EQUAL(vm.interrupts, 3);
	EQUAL(viommu_cmdqv_read(cmdqv, 0x10c0, 8, &value), 0);
	EQUAL(value, 1);

	EQUAL(viommu_cmdqv_free(cmdqv), 0);
	EQUAL(queues, 0);
	CHECK(!vm.va);
	viommu_events_free(events);
	close(fd);
	close(event_pipe[1]);
	viommu_ctx_close(ctx);
}

static const struct test tests[] = {
	TEST(fragment),
};

TEST_MAIN(tests)
