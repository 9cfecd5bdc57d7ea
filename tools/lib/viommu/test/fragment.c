// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * The VMM fragment of viommu(7), compiled as it stands there and run: on a kernel of
 * a few lines, with a guest of a few writes. Its whole life: each step and its failure,
 * the device that goes and comes back, and the order in which all of it goes.
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

enum { VIOMMU = 7, VEVENTQ, VDEVICE, QUEUE = 20 };

static uint32_t page0[0x10000 / 4];

/* Requests are counted, and that number @fails_at fails; what there is, has a letter */
static struct {
	unsigned int requests;
	unsigned int fails_at;
	unsigned int queues;
	int event_pipe[2];
	char made[64];
	char gone[64];
} kernel;

int __wrap_ioctl(int fd, unsigned long request, ...);
void *__wrap_mmap(void *addr, size_t size, int prot, int flags, int fd, off_t offset);
int __wrap_madvise(void *addr, size_t size, int advice);
int __wrap_munmap(void *addr, size_t size);
int __real_munmap(void *addr, size_t size);
int __wrap_close(int fd);
int __real_close(int fd);

static void note(char *to, char letter)
{
	size_t n = strlen(to);

	CHECK(n < sizeof(kernel.made) - 1);
	to[n] = letter;
	to[n + 1] = 0;
}

static bool fails(void)
{
	errno = ENOSPC;
	return ++kernel.requests == kernel.fails_at;
}

static int hw_queue_alloc(struct iommu_hw_queue_alloc *cmd)
{
	if (cmd->nesting_parent_iova < 0x40000000) {
		errno = ENOENT;
		return -1;
	}
	EQUAL(cmd->viommu_id, VIOMMU);
	EQUAL(cmd->index, kernel.queues);
	cmd->out_hw_queue_id = QUEUE + kernel.queues++;
	note(kernel.made, 'q');
	return 0;
}

static void destroy(uint32_t id)
{
	if (id >= QUEUE)
		EQUAL(id, QUEUE + --kernel.queues);
	note(kernel.gone, id == VIOMMU ? 'V' : id == VEVENTQ ? 'E' : id == VDEVICE ? 'D' : 'q');
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	CHECK(fd >= 0);
	if (request == IOMMU_DESTROY) {
		destroy(((struct iommu_destroy *)arg)->id);
		return 0;
	}
	if (fails())
		return -1;
	if (request == IOMMU_HW_QUEUE_ALLOC)
		return hw_queue_alloc(arg);
	if (request == IOMMU_VIOMMU_ALLOC) {
		struct iommu_viommu_alloc *cmd = arg;
		struct iommu_viommu_tegra241_cmdqv *data = (void *)(uintptr_t)cmd->data_uptr;

		EQUAL(cmd->dev_id, 3);
		EQUAL(cmd->hwpt_id, 4);
		cmd->out_viommu_id = VIOMMU;
		data->out_vintf_mmap_offset = 0x1000;
		data->out_vintf_mmap_length = sizeof(page0);
		note(kernel.made, 'V');
	} else if (request == IOMMU_VDEVICE_ALLOC) {
		struct iommu_vdevice_alloc *cmd = arg;

		EQUAL(cmd->viommu_id, VIOMMU);
		EQUAL(cmd->dev_id, 3);
		EQUAL(cmd->virt_id, 0x10);
		cmd->out_vdevice_id = VDEVICE;
		note(kernel.made, 'D');
	} else if (request == IOMMU_VEVENTQ_ALLOC) {
		struct iommu_veventq_alloc *cmd = arg;

		EQUAL(cmd->viommu_id, VIOMMU);
		EQUAL(pipe(kernel.event_pipe), 0);
		cmd->out_veventq_id = VEVENTQ;
		cmd->out_veventq_fd = (uint32_t)kernel.event_pipe[0];
		note(kernel.made, 'E');
		note(kernel.made, 'f');
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
	if (fails())
		return MAP_FAILED;
	note(kernel.made, 'm');
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
	if (addr != page0)
		return __real_munmap(addr, size);
	EQUAL(size, sizeof(page0));
	note(kernel.gone, 'm');
	return 0;
}

int __wrap_close(int fd)
{
	if (strchr(kernel.made, 'f') && fd == kernel.event_pipe[0])
		note(kernel.gone, 'f');
	return __real_close(fd);
}

static void error_event(uint32_t sequence, uint64_t queue_map)
{
	struct {
		struct iommufd_vevent_header header;
		uint64_t map[2];
	} entry = { .header.sequence = sequence, .map = { htole64(queue_map), 0 } };

	EQUAL(write(kernel.event_pipe[1], &entry, sizeof(entry)), sizeof(entry));
}

static void kernel_init(unsigned int fails_at)
{
	memset(&kernel, 0, sizeof(kernel));
	memset(page0, 0, sizeof(page0));
	kernel.fails_at = fails_at;
}

static int status(struct cmdqv *cmdqv, uint32_t queue)
{
	uint64_t value = 0;

	EQUAL(viommu_cmdqv_read(cmdqv->dev, 0x3000c + 0x80 * queue, 4, &value), 0);
	return (int)value;
}

/* The guest: VINTF, allocation map, BASE, then EN and PROD right in page 0 */
static void guest_queues(struct cmdqv *cmdqv, struct vm *vm)
{
	EQUAL(viommu_cmdqv_write(cmdqv->dev, 0x1000, 4, 1), 0);
	EQUAL(viommu_cmdqv_write(cmdqv->dev, 0x200, 4, 1), 0);
	EQUAL(viommu_cmdqv_write(cmdqv->dev, 0x40000, 8, 0x1008), 0);
	EQUAL(vm->interrupts, 1);
	EQUAL(viommu_cmdqv_write(cmdqv->dev, 0x40000, 8, 0x40000008), 0);
	EQUAL(kernel.queues, 1);
	EQUAL(vm->gpa, 0x9030000);
	CHECK(vm->va == page0);
	EQUAL(viommu_cmdqv_write(cmdqv->dev, 0x10004, 4, 9), 0);
	EQUAL(page0[1], 9);
	/* Larger than the guest was told */
	EQUAL(viommu_cmdqv_write(cmdqv->dev, 0x204, 4, 3), 0);
	EQUAL(viommu_cmdqv_write(cmdqv->dev, 0x40080, 8, 0x40010009), 0);
	EQUAL(kernel.queues, 1);
	EQUAL(vm->interrupts, 2);
	EQUAL(viommu_cmdqv_write(cmdqv->dev, 0x40080, 8, 0x40010008), 0);
	EQUAL(kernel.queues, 2);
}

static void whole_life(void)
{
	struct viommu_ctx *ctx = NULL;
	struct vm vm = { 0 };
	struct cmdqv cmdqv;
	uint64_t value;

	kernel_init(0);
	EQUAL(viommu_ctx_open("/dev/null", &ctx), 0);
	EQUAL(cmdqv_create(&cmdqv, &vm, ctx, 8), 0);
	EQUAL(kernel.requests, 0);
	EQUAL(cmdqv_plug(&cmdqv, 3, 4, 0x10), 0);
	EQUAL(kernel.requests, 4);
	TEXT(kernel.made, "VDmEf");
	guest_queues(&cmdqv, &vm);

	/* An error, and one that was lost before it */
	page0[4] = 1;
	error_event(1, 1);
	cmdqv_readable(&cmdqv);
	EQUAL(vm.interrupts, 4);
	EQUAL(viommu_cmdqv_read(cmdqv.dev, 0x10c0, 8, &value), 0);
	EQUAL(value, 1);
	page0[5] = 1;

	/* The device goes, and the guest keeps what it has set up */
	page0[2] = 1;
	page0[3] = 1;
	EQUAL(cmdqv_unplug(&cmdqv), 0);
	TEXT(kernel.made, "VDmEfqq");
	TEXT(kernel.gone, "qqfEmDV");
	CHECK(!vm.va);
	close(kernel.event_pipe[1]);
	EQUAL(status(&cmdqv, 0), 1);
	EQUAL(viommu_cmdqv_read(cmdqv.dev, 0x30000, 4, &value), 0);
	EQUAL(value, 9);
	/* Once more is no harm */
	EQUAL(cmdqv_unplug(&cmdqv), 0);
	TEXT(kernel.gone, "qqfEmDV");

	/* It comes back, on another vIOMMU */
	kernel_init(0);
	EQUAL(cmdqv_plug(&cmdqv, 3, 4, 0x10), 0);
	TEXT(kernel.made, "VDmEfqq");
	CHECK(vm.va == page0);
	EQUAL(page0[1], 9);
	EQUAL(page0[2], 1);
	EQUAL(vm.interrupts, 4);

	EQUAL(cmdqv_unplug(&cmdqv), 0);
	TEXT(kernel.gone, "qqfEmDV");
	EQUAL(viommu_cmdqv_free(cmdqv.dev), 0);
	close(kernel.event_pipe[1]);
	viommu_ctx_close(ctx);
}

/* Each step of a plug fails: what was made goes, in the opposite order, and the guest has its CMDQ-V */
static void each_failure(void)
{
	static const char *const gone[] = { "", "V", "DV", "mDV" };
	struct viommu_ctx *ctx = NULL;
	struct vm vm = { 0 };
	struct cmdqv cmdqv;

	EQUAL(viommu_ctx_open("/dev/null", &ctx), 0);
	EQUAL(cmdqv_create(&cmdqv, &vm, ctx, 8), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(gone); i++) {
		kernel_init(i + 1);
		EQUAL(cmdqv_plug(&cmdqv, 3, 4, 0x10), -ENOSPC);
		EQUAL(kernel.requests, i + 1);
		TEXT(kernel.gone, gone[i]);
		EQUAL(cmdqv.fd, -1);
	}
	/* The last step: a queue that the guest has set up meanwhile is refused */
	EQUAL(viommu_cmdqv_write(cmdqv.dev, 0x1000, 4, 1), 0);
	EQUAL(viommu_cmdqv_write(cmdqv.dev, 0x200, 4, 1), 0);
	EQUAL(viommu_cmdqv_write(cmdqv.dev, 0x40000, 8, 0x40000008), 0);
	kernel_init(5);
	EQUAL(cmdqv_plug(&cmdqv, 3, 4, 0x10), -ENOSPC);
	TEXT(kernel.made, "VDmEf");
	TEXT(kernel.gone, "fEmDV");
	EQUAL(vm.interrupts, 1);
	EQUAL(viommu_cmdqv_free(cmdqv.dev), 0);
	close(kernel.event_pipe[1]);
	viommu_ctx_close(ctx);
}

/* The library refuses more than a queue can have */
static void too_large(void)
{
	struct viommu_ctx *ctx = NULL;
	struct vm vm = { 0 };
	struct cmdqv cmdqv;

	EQUAL(viommu_ctx_open("/dev/null", &ctx), 0);
	kernel_init(0);
	EQUAL(cmdqv_create(&cmdqv, &vm, ctx, 32), -EINVAL);
	EQUAL(kernel.requests, 0);
	viommu_ctx_close(ctx);
}

static const struct test tests[] = {
	TEST(whole_life),
	TEST(each_failure),
	TEST(too_large),
};

TEST_MAIN(tests)
