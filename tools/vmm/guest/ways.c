// SPDX-License-Identifier: GPL-2.0
/*
 * The same invalidations over three ways: a VCMDQ in the window that is mapped
 * into the guest, the same VCMDQ in the window that traps, and the command queue
 * of the SMMU, which the VMM forwards. First that each of them works, shown by a
 * device that reads a stale page and then the new one; then what each costs. The
 * lines "# way" are for whoever draws the picture.
 */
#include "iommu.h"

#define COUNT		1008	/* invalidations: 16 batches */
#define PER_SYNC	63	/* commands that the kernel executes with one CMD_SYNC */

#define VALUE_A		0xa5a5a5a5a5a5a5a5UL
#define VALUE_B		0x5b5b5b5b5b5b5b5bUL

enum way {
	WAY_DIRECT,
	WAY_TRAPPED,
	WAY_FORWARDED,
	WAYS,
};

static const char *const names[WAYS] = { "direct", "trapped", "forwarded" };

static u64 page_a[512] __aligned(4096);
static u64 page_b[512] __aligned(4096);

static struct queue *queue_of(enum way way)
{
	if (way == WAY_FORWARDED)
		return &smmu_queue;
	cmdqv_window(0, way == WAY_DIRECT ? CMDQV_DIRECT : CMDQV_TRAPPED);
	return &cmdqv_queue[0];
}

static bool device_reads(u64 expected)
{
	u64 value;

	return dma_read(STAGE1_IOVA, &value) && value == expected;
}

static void set_up(void)
{
	u64 value;

	ktap_check(dma_present(), "the device is there");
	ktap_check(!dma_read(STAGE1_IOVA, &value),
		   "it reaches nothing while the SMMU is off");
	ktap_check(smmu_enable(), "the SMMU and its command queue come up");
	ktap_check(!dma_read(STAGE1_IOVA, &value),
		   "the device reaches nothing without a stream table entry");
	stage1_map(STAGE1_IOVA, page_a);
	ktap_check(smmu_stage1() && device_reads(VALUE_A),
		   "it reads page A through stage 1 and stage 2");
	ktap_check(control_read(CONTROL_FEATURES) & CONTROL_HAS_CMDQV &&
		   cmdqv_enable(), "CMDQ-V and its interface come up");
	ktap_check(cmdqv_queue_enable(0) && cmdqv_queue_enable(1),
		   "both queues come up");
}

/* Stale before the invalidation, fresh after it, and back again */
static void works(enum way way)
{
	struct queue *q = queue_of(way);
	bool stale, fresh;

	stage1_map(STAGE1_IOVA, page_b);
	stale = device_reads(VALUE_A);
	fresh = queue_issue(q, cmd_tlbi_va(STAGE1_ASID, STAGE1_IOVA)) &&
		device_reads(VALUE_B);
	ktap_check(stale && fresh, "%s: stale before TLBI_NH_VA, fresh after it",
		   names[way]);
	stage1_map(STAGE1_IOVA, page_a);
	stale = device_reads(VALUE_B);
	fresh = queue_issue(q, cmd_tlbi_asid(STAGE1_ASID)) &&
		device_reads(VALUE_A);
	ktap_check(stale && fresh, "%s: stale before TLBI_NH_ASID, fresh after it",
		   names[way]);
}

static bool cost_holds(enum way way, unsigned int syncs)
{
	u64 exits = mark_count(COUNT_EXITS), ioctls = mark_count(COUNT_IOCTLS);

	switch (way) {
	case WAY_DIRECT:
		return !exits && !ioctls;
	case WAY_TRAPPED:
		/* PROD and CONS, once each */
		return exits == 2 * syncs && !ioctls &&
		       mark_count(COUNT_CMDQV_VCMDQ0) == exits;
	default:
		return exits == 2 * syncs && ioctls == syncs &&
		       mark_count(COUNT_SMMU) == exits;
	}
}

static void measure(enum way way, unsigned int per_sync)
{
	struct queue *q = queue_of(way);
	u64 start, ns, executed;
	bool ok;

	/* Have code, data and registers mapped in stage 2 */
	ok = queue_invalidate(q, 2 * PER_SYNC, per_sync);
	executed = dma_counter(way == WAY_FORWARDED ? CMDQV_WIN_MAIN_COMMANDS :
						      CMDQV_WIN_COMMANDS);
	mark_begin();
	start = clock_ticks();
	ok &= queue_invalidate(q, COUNT, per_sync);
	ns = clock_ns(clock_ticks() - start);
	mark_end();
	executed = dma_counter(way == WAY_FORWARDED ? CMDQV_WIN_MAIN_COMMANDS :
						      CMDQV_WIN_COMMANDS) -
		   executed;
	print("# way %s %u %u %lu %lu %lu %lu\n", names[way], per_sync, COUNT,
	      mark_count(COUNT_EXITS), mark_count(COUNT_IOCTLS),
	      mark_count(COUNT_KVM_EXITS), ns / COUNT);
	ktap_check(ok && cost_holds(way, COUNT / per_sync),
		   "%s, %u for each SYNC: %lu exits, %lu ioctls", names[way],
		   per_sync, mark_count(COUNT_EXITS), mark_count(COUNT_IOCTLS));
	ktap_check(executed == COUNT + COUNT / per_sync,
		   "%s, %u for each SYNC: the hardware has executed them",
		   names[way], per_sync);
}

int payload(void)
{
	enum way way;

	ktap_plan(7 + WAYS * 6 + 2);
	page_a[0] = VALUE_A;
	page_b[0] = VALUE_B;
	set_up();
	for (way = 0; way < WAYS; way++)
		works(way);
	print("# ways: name, commands for each SYNC, commands, exits, ioctls,\n"
	      "# ways: exits to the kernel, instructions for each command\n");
	for (way = 0; way < WAYS; way++) {
		measure(way, 1);
		measure(way, PER_SYNC);
	}
	ktap_check(cmdqv_queue_disable(1) && cmdqv_queue_disable(0) &&
		   cmdqv_disable(), "queues and interface go down");
	ktap_check(smmu_abort() && !device_reads(VALUE_A) && smmu_disable(),
		   "the device reaches nothing any more");
	return ktap_end();
}
