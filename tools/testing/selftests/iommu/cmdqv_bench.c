// SPDX-License-Identifier: GPL-2.0
/*
 * Instructions per operation. On the emulated machine under -icount shift=0 one nanosecond
 * of the clock is one instruction; a figure is the time between two clock readings around
 * the call, the least of many tries. So it includes the entry into the kernel and one
 * clock reading; the first row has the cost of the latter.
 *
 * The mainline figures were measured in the same way with mainline 7.3.4 on an
 * emulated machine of the same kind: one CPU, 4 KiB pages, guest RAM on 2 MiB
 * huge pages, CMDQ-V with 64 VINTFs and 128 queues, no debug options.
 *
 * All figures are integers, so that two runs print the same bytes.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>

#include "cmdqv_bench.h"
#include "cmdqv_events.h"
#include "cmdqv_trace.h"

#define TRIES_OBJECT	30
#define TRIES_CALL	50
#define MAX_COMMANDS	1000
#define NEVER		(~0ULL)

enum bench_row {
	ROW_CLOCK,
	ROW_QUEUE,
	ROW_INVALIDATE_1,
	ROW_INVALIDATE_63,
	ROW_INVALIDATE_64,
	ROW_INVALIDATE_1000,
	ROW_INVALIDATE_RANGES,
	ROW_VIOMMU,
	ROW_VIOMMU_DESTROY,
	ROW_QUEUE_4K,
	ROW_QUEUE_4K_DESTROY,
	ROW_QUEUE_64K,
	ROW_QUEUE_64K_DESTROY,
	ROW_QUEUE_2M,
	ROW_QUEUE_2M_DESTROY,
	ROW_MMAP,
	ROW_MUNMAP,
	ROW_NESTED,
	ROW_VDEVICE,
	ROW_QUEUE_8M,
	ROW_QUEUE_8M_DESTROY,
	ROW_SMALL_4K,
	ROW_SMALL_4K_DESTROY,
	ROW_SMALL_64K,
	ROW_SMALL_64K_DESTROY,
	ROW_SMALL_2M,
	ROW_SMALL_2M_DESTROY,
	ROW_SMALL_8M,
	ROW_SMALL_8M_DESTROY,
	ROW_EVENT_QUEUED,
	ROW_EVENT_READ,
	ROW_EVENT_WAIT,
	ROWS,
};

static struct {
	const char *name;
	unsigned long long mainline;	/* 0: not measured there */
	unsigned long long least;
} rows[ROWS] = {
	[ROW_CLOCK] = { "(two clock readings and nothing between)", 0, NEVER },
	[ROW_QUEUE] = { "TLBI_NH_VA + CMD_SYNC through an owned queue", 52,
			NEVER },
	[ROW_INVALIDATE_1] = { "HWPT_INVALIDATE, 1 command", 2104, NEVER },
	[ROW_INVALIDATE_63] = { "HWPT_INVALIDATE, 63 commands", 8684, NEVER },
	[ROW_INVALIDATE_64] = { "HWPT_INVALIDATE, 64 commands", 9275, NEVER },
	[ROW_INVALIDATE_1000] = { "HWPT_INVALIDATE, 1,000 commands", 117162,
				  NEVER },
	[ROW_INVALIDATE_RANGES] = { "HWPT_INVALIDATE, 1,000 ranges", 0, NEVER },
	[ROW_VIOMMU] = { "VIOMMU_ALLOC", 5858, NEVER },
	[ROW_VIOMMU_DESTROY] = { "  its destruction", 4607, NEVER },
	[ROW_QUEUE_4K] = { "HW_QUEUE_ALLOC, 4 KiB", 17645, NEVER },
	[ROW_QUEUE_4K_DESTROY] = { "  its destruction", 15152, NEVER },
	[ROW_QUEUE_64K] = { "HW_QUEUE_ALLOC, 64 KiB", 26990, NEVER },
	[ROW_QUEUE_64K_DESTROY] = { "  its destruction", 19352, NEVER },
	[ROW_QUEUE_2M] = { "HW_QUEUE_ALLOC, 2 MiB", 340027, NEVER },
	[ROW_QUEUE_2M_DESTROY] = { "  its destruction", 159805, NEVER },
	[ROW_MMAP] = { "mmap of page 0 and first read", 6806, NEVER },
	[ROW_MUNMAP] = { "munmap of page 0", 6971, NEVER },
	[ROW_NESTED] = { "HWPT_ALLOC, nested on the vIOMMU", 2620, NEVER },
	[ROW_VDEVICE] = { "VDEVICE_ALLOC", 3630, NEVER },
	[ROW_QUEUE_8M] = { "HW_QUEUE_ALLOC, 8 MiB", 0, NEVER },
	[ROW_QUEUE_8M_DESTROY] = { "  its destruction", 0, NEVER },
	[ROW_SMALL_4K] = { "HW_QUEUE_ALLOC, 4 KiB, mapped by 4 KiB", 0, NEVER },
	[ROW_SMALL_4K_DESTROY] = { "  its destruction", 0, NEVER },
	[ROW_SMALL_64K] = { "HW_QUEUE_ALLOC, 64 KiB, mapped by 4 KiB", 0, NEVER },
	[ROW_SMALL_64K_DESTROY] = { "  its destruction", 0, NEVER },
	[ROW_SMALL_2M] = { "HW_QUEUE_ALLOC, 2 MiB, mapped by 4 KiB", 0, NEVER },
	[ROW_SMALL_2M_DESTROY] = { "  its destruction", 0, NEVER },
	[ROW_SMALL_8M] = { "HW_QUEUE_ALLOC, 8 MiB, mapped by 4 KiB", 0, NEVER },
	[ROW_SMALL_8M_DESTROY] = { "  its destruction", 0, NEVER },
	[ROW_EVENT_QUEUED] = { "event, from the error's interrupt to the vEVENTQ",
			       0, NEVER },
	[ROW_EVENT_READ] = { "event, from the error's interrupt to poll and read",
			     0, NEVER },
	[ROW_EVENT_WAIT] = { "event, from the error's interrupt to a thread in poll",
			     0, NEVER },
};

static unsigned long long started;

static void start(void)
{
	started = clock_ticks();
}

static void stop(enum bench_row row)
{
	unsigned long long ns = clock_ns(clock_ticks() - started);

	if (ns < rows[row].least)
		rows[row].least = ns;
}

static int bench_queue(struct cmdqv_vm *vm)
{
	struct vcmdq *q = &vm->queue[0].q;
	int i, rc = 0;

	for (i = 0; !rc && i < TRIES_CALL; i++) {
		start();
		stop(ROW_CLOCK);
		start();
		rc = vcmdq_issue_sync(q, cmd_tlbi_nh_va(VM_ASID, STAGE1_IOVA));
		stop(ROW_QUEUE);
	}
	return rc;
}

static int bench_invalidate(struct cmdqv_vm *vm, enum bench_row row, __u32 count)
{
	static struct smmu_cmd cmds[MAX_COMMANDS];
	int i, rc = 0;
	__u32 num;

	for (num = 0; num < count; num++) {
		cmds[num] = cmd_tlbi_nh_va(VM_ASID,
					   STAGE1_IOVA + num % STAGE1_PAGES *
					   RAM_PAGE);
		/* NUM 1, TG 1, TTL 3: two pages */
		if (row == ROW_INVALIDATE_RANGES) {
			cmds[num].w[0] |= 1ULL << 12;
			cmds[num].w[1] |= 1ULL << 10 | 3ULL << 8;
		}
	}
	for (i = 0; !rc && i < TRIES_CALL; i++) {
		num = count;
		start();
		rc = iommufd_hwpt_invalidate(vm->iommufd, vm->viommu, cmds,
					     &num);
		stop(row);
	}
	return rc;
}

static int bench_queue_at(struct cmdqv_vm *vm, enum bench_row row, __u64 iova,
			  __u64 bytes)
{
	__u32 id;
	int i, rc = 0;

	for (i = 0; !rc && i < TRIES_OBJECT; i++) {
		start();
		rc = iommufd_hw_queue_alloc(vm->iommufd, vm->viommu, VM_QUEUE_TYPE, 0, iova,
					    bytes, &id);
		stop(row);
		if (rc)
			break;
		start();
		rc = iommufd_destroy(vm->iommufd, id);
		stop(row + 1);
	}
	return rc;
}

static int bench_hw_queue(struct cmdqv_vm *vm, enum bench_row row, __u64 bytes)
{
	return bench_queue_at(vm, row, ram_gpa(&vm->ram, RAM_QUEUE(0)), bytes);
}

/*
 * Queues on the 8 MiB of contiguous memory at @va, in a separate IOAS;
 * @small: the nesting parent maps it with pages of 4 KiB
 */
static int bench_memory(struct cmdqv_vm *vm, char *const va[4], int small)
{
	struct iommu_option option = {
		.size = sizeof(option),
		.option_id = IOMMU_OPTION_HUGE_PAGES,
		.op = IOMMU_OPTION_OP_SET,
	};
	const __u32 rw = IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE;
	struct cmdqv_vm other = { .iommufd = vm->iommufd, .dev_id = vm->dev_id };
	const __u64 iova = 1ULL << 32;
	int rc, i;

	rc = iommufd_ioas_alloc(vm->iommufd, &other.ioas);
	option.object_id = other.ioas;
	if (!rc && small)
		rc = iommufd_ioctl(vm->iommufd, IOMMU_OPTION, &option);
	for (i = 0; !rc && i < 4; i++)
		rc = iommufd_ioas_map(vm->iommufd, other.ioas, va[i],
				      iova + i * RAM_HUGE_PAGE, RAM_HUGE_PAGE, rw);
	if (!rc)
		rc = iommufd_hwpt_alloc(vm->iommufd, vm->dev_id, other.ioas,
					IOMMU_HWPT_ALLOC_NEST_PARENT, &other.parent);
	if (!rc)
		rc = vm_viommu(&other);
	if (!rc && small)
		rc = bench_queue_at(&other, ROW_SMALL_4K, iova, RAM_PAGE);
	if (!rc && small)
		rc = bench_queue_at(&other, ROW_SMALL_64K, iova, 16 * RAM_PAGE);
	if (!rc && small)
		rc = bench_queue_at(&other, ROW_SMALL_2M, iova, RAM_HUGE_PAGE);
	if (!rc)
		rc = bench_queue_at(&other, small ? ROW_SMALL_8M : ROW_QUEUE_8M,
				    iova, 4 * RAM_HUGE_PAGE);
	vm_destroy(&other, &other.viommu);
	vm_destroy(&other, &other.parent);
	vm_destroy(&other, &other.ioas);
	return rc;
}

/*
 * Large queues, and queues on small pages. @vm is open and has no vIOMMU. Physical
 * addresses of huge pages are unknown; a queue on four of them shows that they are
 * contiguous.
 */
int bench_large(struct cmdqv_vm *vm)
{
	const int pages = 64;
	char *all = ram_huge_pages(pages), *va[4];
	int first, down, i, rc = -ENOMEM;

	for (first = 0; all && first + 4 <= pages; first++)
		for (down = 0; down < 2; down++) {
			for (i = 0; i < 4; i++)
				va[i] = all + (first + (down ? 3 - i : i)) *
					RAM_HUGE_PAGE;
			rc = bench_memory(vm, va, 0);
			if (!rc)
				return bench_memory(vm, va, 1);
		}
	return rc;
}

static int bench_mmap(struct cmdqv_vm *vm)
{
	int i, rc = 0;

	for (i = 0; !rc && i < TRIES_OBJECT; i++) {
		start();
		rc = vm_map_page0(vm);
		if (rc)
			break;
		*(volatile __u32 *)vm->page0;
		stop(ROW_MMAP);
		start();
		munmap(vm->page0, vm->mmap_length);
		stop(ROW_MUNMAP);
		vm->page0 = NULL;
	}
	return rc;
}

static int bench_viommu(struct cmdqv_vm *vm)
{
	int i, rc = 0;

	for (i = 0; !rc && i < TRIES_OBJECT; i++) {
		start();
		rc = vm_viommu(vm);
		stop(ROW_VIOMMU);
		if (rc)
			break;
		start();
		rc = iommufd_destroy(vm->iommufd, vm->viommu);
		stop(ROW_VIOMMU_DESTROY);
		vm->viommu = 0;
	}
	return rc;
}

static int bench_nested(struct cmdqv_vm *vm)
{
	__u64 ste[2];
	int i, rc = 0;
	__u32 id;

	stage1_ste(&vm->ram, ste);
	for (i = 0; !rc && i < TRIES_OBJECT; i++) {
		start();
		rc = iommufd_hwpt_nested(vm->iommufd, vm->dev_id, vm->viommu,
					 ste, &id);
		stop(ROW_NESTED);
		if (!rc)
			rc = iommufd_destroy(vm->iommufd, id);
	}
	return rc;
}

static int bench_vdevice(struct cmdqv_vm *vm)
{
	int i, rc = 0;
	__u32 id;

	for (i = 0; !rc && i < TRIES_OBJECT; i++) {
		start();
		rc = iommufd_vdevice_alloc(vm->iommufd, vm->viommu, vm->dev_id,
					   VM_VSID(0), &id);
		stop(ROW_VDEVICE);
		if (!rc)
			rc = iommufd_destroy(vm->iommufd, id);
	}
	return rc;
}

/* Read the event of an error; it must be queued */
static int read_event(const struct veventq *events)
{
	struct {
		struct iommufd_vevent_header header;
		__le64 map[2];
	} event;

	if (!veventq_readable(events, WAIT_MS))
		return -ETIMEDOUT;
	return read(events->fd, &event, sizeof(event)) == sizeof(event) ? 0 : -EIO;
}

/*
 * A guest makes an error: the write of PROD raises the interrupt. Its handler is a thread
 * of the kernel with a higher priority than this program, so after the write the event is
 * in the vEVENTQ.
 */
static int add_error(struct vcmdq *q)
{
	int rc = vcmdq_add(q, (struct smmu_cmd){ .w = { CMD_TLBI_NH_ALL } });

	return rc ?: vcmdq_add(q, cmd_sync());
}

static int bench_event_read(struct vcmdq *q, const struct veventq *events)
{
	int i, rc = 0;

	for (i = 0; !rc && i < TRIES_OBJECT; i++) {
		rc = add_error(q);
		if (rc)
			break;
		start();
		vcmdq_kick(q);
		stop(ROW_EVENT_QUEUED);
		rc = read_event(events);
		stop(ROW_EVENT_READ);
		vcmdq_repair(q);
		if (!rc)
			rc = vcmdq_drain(q);
	}
	return rc;
}

static void *wait_for_events(void *arg)
{
	const struct veventq *events = arg;
	int i, rc = 0;

	for (i = 0; !rc && i < TRIES_OBJECT; i++) {
		rc = read_event(events);
		if (!rc)
			stop(ROW_EVENT_WAIT);
	}
	return (void *)(long)rc;
}

/* The waiting thread has a higher priority than the guest, because both share one CPU */
static int bench_event_wait(struct vcmdq *q, struct veventq *events)
{
	const struct sched_param param = { .sched_priority = 1 };
	pthread_attr_t attr;
	pthread_t thread;
	void *result;
	int i, rc;

	pthread_attr_init(&attr);
	pthread_attr_setinheritsched(&attr, PTHREAD_EXPLICIT_SCHED);
	pthread_attr_setschedpolicy(&attr, SCHED_FIFO);
	pthread_attr_setschedparam(&attr, &param);
	rc = pthread_create(&thread, &attr, wait_for_events, events);
	pthread_attr_destroy(&attr);
	if (rc)
		return -rc;
	for (i = 0; !rc && i < TRIES_OBJECT; i++) {
		rc = add_error(q);
		if (rc)
			break;
		start();
		vcmdq_kick(q);
		vcmdq_repair(q);
		rc = vcmdq_drain(q);
	}
	pthread_join(thread, &result);
	return rc ?: (int)(long)result;
}

/* @vm has been built */
int bench_events(struct cmdqv_vm *vm)
{
	struct vcmdq *q = &vm->queue[0].q;
	struct veventq events;
	int rc;

	rc = veventq_open(vm, IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV, TRIES_OBJECT,
			  &events);
	if (rc)
		return rc;
	rc = bench_event_read(q, &events);
	if (!rc)
		rc = bench_event_wait(q, &events);
	veventq_close(vm, &events);
	return rc;
}

/* Build a VM with queues, and measure every operation */
int bench_run(struct cmdqv_vm *vm)
{
	int rc = vm_open(vm, 0);

	if (!rc)
		rc = bench_viommu(vm);
	if (!rc)
		rc = vm_viommu(vm);
	if (!rc)
		rc = bench_mmap(vm);
	if (!rc)
		rc = bench_vdevice(vm);
	if (!rc)
		rc = bench_hw_queue(vm, ROW_QUEUE_4K, RAM_PAGE);
	if (!rc)
		rc = bench_hw_queue(vm, ROW_QUEUE_64K, 16 * RAM_PAGE);
	if (!rc)
		rc = bench_hw_queue(vm, ROW_QUEUE_2M, RAM_HUGE_PAGE);
	if (!rc)
		rc = vm_nest(vm);
	if (!rc)
		rc = bench_nested(vm);
	if (!rc)
		rc = vm_map_page0(vm);
	if (!rc)
		rc = vm_queue_alloc(vm, 0, 8);
	if (!rc)
		rc = vcmdq_enable(&vm->queue[0].q);
	if (!rc)
		rc = bench_queue(vm);
	if (!rc)
		rc = bench_invalidate(vm, ROW_INVALIDATE_1, 1);
	if (!rc)
		rc = bench_invalidate(vm, ROW_INVALIDATE_63, 63);
	if (!rc)
		rc = bench_invalidate(vm, ROW_INVALIDATE_64, 64);
	if (!rc)
		rc = bench_invalidate(vm, ROW_INVALIDATE_1000, 1000);
	if (!rc)
		rc = bench_invalidate(vm, ROW_INVALIDATE_RANGES, 1000);
	return rc;
}

void bench_print(void)
{
	int row;

	printf("  %-46s %12s %12s %9s\n", "operation", "instructions",
	       "mainline", "percent");
	for (row = 0; row <= ROW_VDEVICE; row++) {
		printf("  %-46s %12llu", rows[row].name, rows[row].least);
		if (rows[row].mainline)
			printf(" %12llu %8llu%%", rows[row].mainline,
			       rows[row].least * 100 / rows[row].mainline);
		printf("\n");
	}
}

/* For programs: one figure a line, its name and its value; -1 if it could not be measured */
void bench_lines(void)
{
	const char *of = "";
	int row;

	for (row = 0; row < ROWS; row++) {
		if (rows[row].name[0] != ' ')
			of = rows[row].name;
		printf("figure %s%s\t%lld\n", of, rows[row].name[0] == ' ' ? ": destruction" : "",
		       rows[row].least == NEVER ? -1LL : (long long)rows[row].least);
	}
}
