// SPDX-License-Identifier: GPL-2.0
/*
 * A machine that has itself saved, in one state after the other, and must find each
 * register of its SMMU and CMDQ-V as it was, and all of it working.
 */
#include <stdatomic.h>

#include "work.h"

#define BEYOND_RAM	0x7fe00000UL
#define EVENT_BITS	4
#define EVENT_SIZE	32
#define EVENT_POLLS	20000
#define SMMU_CR0_ALL	(SMMU_CR0_SMMUEN | SMMU_CR0_EVENTQEN | SMMU_CR0_CMDQEN)
#define SMMU_IRQ_CTRL	0x50
#define SMMU_IRQ_ALL	5

#define RECORD_MAX	96

/* Registers of the machine as the guest sees them */
struct record {
	unsigned int num;
	u32 value[RECORD_MAX];
};

static u64 events[EVENT_SIZE / 8 << EVENT_BITS] __aligned(4096);
static atomic_uint beats;
static atomic_bool second_runs;

void payload_secondary(unsigned int cpu)
{
	atomic_store(&second_runs, true);
	for (;;)
		atomic_store(&beats, atomic_load(&beats) + 1);
}

static void add(struct record *r, u32 value)
{
	if (r->num < RECORD_MAX)
		r->value[r->num++] = value;
}

static void add_registers(struct record *r, u64 base, const u32 *offsets, unsigned int num)
{
	unsigned int i;

	for (i = 0; i < num; i++)
		add(r, read32(base + offsets[i]));
}

/* Of GERROR and GERRORN it counts whether they differ */
static void add_queue(struct record *r, unsigned int i)
{
	static const u32 page0[] = { VCMDQ_CONS, VCMDQ_PROD, VCMDQ_CONFIG, VCMDQ_STATUS };
	static const u32 page1[] = { VCMDQ_BASE, VCMDQ_BASE + 4, VCMDQ_BASE + 8, VCMDQ_BASE + 12 };

	add_registers(r, CMDQV_REG(VCMDQ(CMDQV_DIRECT, i)), page0, ARRAY_SIZE(page0));
	add_registers(r, CMDQV_REG(VCMDQ(CMDQV_VINTF_PAGE1, i)), page1, ARRAY_SIZE(page1));
	add(r, cmdqv_read(CMDQV_DIRECT, i, VCMDQ_GERROR) ^ cmdqv_read(CMDQV_DIRECT, i, VCMDQ_GERRORN));
}

static void record(struct record *r)
{
	static const u32 cmdqv[] = { 0x0, 0x4, 0x8, 0x14, 0x1c, 0x20, 0x24, 0x200, 0x204,
				     0x1000, 0x1004, 0x1040, 0x1044, 0x1080, 0x1084, 0x10c0, 0x10c4 };
	static const u32 smmu[] = { 0x0, 0x4, 0x14, 0x20, 0x24, 0x28, 0x2c, 0x44, 0x50, 0x60, 0x64, 0x80, 0x84,
				    0x88, 0x90, 0x94, 0x98, 0x9c, 0xa0, 0xa4, 0x100a8, 0x100ac };
	unsigned int i;

	*r = (struct record){ 0 };
	add_registers(r, VMM_CMDQV, cmdqv, ARRAY_SIZE(cmdqv));
	add_registers(r, VMM_SMMU, smmu, ARRAY_SIZE(smmu));
	for (i = 0; i < CMDQV_QUEUES; i++)
		add_queue(r, i);
	add(r, sysreg_read(vbar_el1));
	add(r, sysreg_read(cntv_cval_el0));
	add(r, sysreg_read(tpidr_el1));
}

/* Saved, and gone on elsewhere with the same registers */
static bool same_after_save(void)
{
	struct record before, after;
	u64 clock = clock_ticks();
	unsigned int i;
	bool ok;

	record(&before);
	ok = control_save() && clock_ticks() >= clock;
	record(&after);
	for (i = 0; i < before.num; i++) {
		if (before.value[i] == after.value[i])
			continue;
		print("# register %u of the record: 0x%x before, 0x%x after\n", i, before.value[i],
		      after.value[i]);
		ok = false;
	}
	return ok && before.num < RECORD_MAX;
}

static bool stops_at(struct queue *q, struct cmd cmd)
{
	return !queue_issue(q, cmd) && queue_error(q) == CERROR_ILL;
}

static void at_work(void)
{
	sysreg_write(cntv_cval_el0, 0x123456789abcUL);
	sysreg_write(tpidr_el1, 0x1d4a);
	write32(CMDQV_REG(0x1080), 0x321);
	ktap_check(same_after_save() && everything_works(), "at work");
	write32(CMDQV_REG(0x1080), 0);
	ktap_check(control_save() && control_save() && everything_works(), "twice in a row");
}

/* The rest of the commands waits behind the one in error */
static void stopped_queue(void)
{
	struct queue *q = &cmdqv_queue[0];
	bool ok;

	ok = stops_at(q, (struct cmd){ { 0xff } }) && same_after_save() && queue_error(q) == CERROR_ILL &&
	     queue_works(&cmdqv_queue[1]);
	cmdqv_repair(0);
	ktap_check(ok && queue_arrives(q) && everything_works(),
		   "a queue that stopped at an illegal command");
}

static void both_stopped(void)
{
	bool ok = stops_at(&cmdqv_queue[0], (struct cmd){ { 0xff } }) &&
		  stops_at(&cmdqv_queue[1], (struct cmd){ { CMD_TLBI_EL2_ALL } }) && same_after_save();

	cmdqv_repair(1);
	ok = ok && queue_works(&cmdqv_queue[1]) && same_after_save();
	cmdqv_repair(0);
	ktap_check(ok && everything_works(), "both queues stopped, and one of them repaired");
}

static void waiting_commands(void)
{
	struct queue *q = &cmdqv_queue[1];
	bool ok;

	cmdqv_write(CMDQV_DIRECT, 1, VCMDQ_CONFIG, 0);
	ok = poll32(CMDQV_REG(VCMDQ(CMDQV_DIRECT, 1) + VCMDQ_STATUS), CMDQV_EN, 0);
	queue_put(q, cmd_tlbi_va(STAGE1_ASID, STAGE1_IOVA));
	queue_put(q, cmd_sync());
	store_barrier();
	write32(q->prod_reg, q->prod);
	ok = ok && same_after_save() && (read32(q->cons_reg) & QUEUE_WRAP) != q->prod;
	cmdqv_write(CMDQV_DIRECT, 1, VCMDQ_CONFIG, CMDQV_EN);
	ktap_check(ok && queue_arrives(q) && everything_works(),
		   "a queue that is off, with commands");
}

static void refused_queue(void)
{
	bool ok;

	cmdqv_queue_disable(1);
	write32(CMDQV_REG(CMDQV_ALLOC_MAP(1)), CMDQV_ALLOCATED | 1 << 1);
	write64(CMDQV_REG(VCMDQ(CMDQV_VINTF_PAGE1, 1)), BEYOND_RAM | QUEUE_LOG2SIZE);
	cmdqv_write(CMDQV_DIRECT, 1, VCMDQ_CONFIG, CMDQV_EN);
	ok = same_after_save() &&
	     (cmdqv_read(CMDQV_DIRECT, 1, VCMDQ_GERROR) ^ cmdqv_read(CMDQV_DIRECT, 1, VCMDQ_GERRORN)) ==
		     VCMDQ_GERROR_INIT &&
	     queue_works(&cmdqv_queue[0]);
	cmdqv_write(CMDQV_DIRECT, 1, VCMDQ_GERRORN, cmdqv_read(CMDQV_DIRECT, 1, VCMDQ_GERROR));
	write32(CMDQV_REG(CMDQV_ALLOC_MAP(1)), 1 << 1);
	ktap_check(ok && cmdqv_queue_enable(1) && everything_works(), "a queue that was refused");
}

/* A BASE of which the guest has written one half */
static void half_base(void)
{
	u64 base = VCMDQ(CMDQV_VINTF_PAGE1, 1) + VCMDQ_BASE;
	bool ok;

	cmdqv_queue_disable(1);
	write32(CMDQV_REG(CMDQV_ALLOC_MAP(1)), CMDQV_ALLOCATED | 1 << 1);
	write32(CMDQV_REG(base), (u32)(u64)cmdqv_queue[1].ring | QUEUE_LOG2SIZE);
	ok = same_after_save();
	write32(CMDQV_REG(base + 4), 0);
	write32(CMDQV_REG(CMDQV_ALLOC_MAP(1)), 1 << 1);
	ktap_check(ok && cmdqv_queue_enable(1) && everything_works(), "one half of a BASE");
}

static void waiting_interrupt(void)
{
	const char *name = "an interrupt that the vCPU has not taken";
	unsigned int before = gic_taken(VMM_CMDQV_SPI), polls;
	bool ok;

	if (!(control_read(CONTROL_FEATURES) & CONTROL_HAS_EVENTS)) {
		ktap_skip(name, "no event queue");
		return;
	}
	asm volatile("msr daifset, #2");
	ok = stops_at(&cmdqv_queue[1], (struct cmd){ { 0xff } });
	for (polls = 0; polls < POLLS && !gic_pending(VMM_CMDQV_SPI); polls++)
		;
	ok = ok && gic_pending(VMM_CMDQV_SPI) && same_after_save() && gic_pending(VMM_CMDQV_SPI) &&
	     gic_taken(VMM_CMDQV_SPI) == before;
	asm volatile("msr daifclr, #2\n\tisb");
	ok = ok && gic_taken(VMM_CMDQV_SPI) == before + 1 &&
	     read32(CMDQV_REG(CMDQV_VINTF_ERR_MAP)) == 1 && read64(CMDQV_REG(CMDQV_LVCMDQ_ERR_MAP)) == 2;
	cmdqv_repair(1);
	ktap_check(ok && everything_works(), "%s", name);
}

static void smmu_stopped(void)
{
	struct queue *q = &smmu_queue;
	u32 at = q->prod;
	bool ok = stops_at(q, (struct cmd){ { CMD_TLBI_EL2_ALL } }) && same_after_save() &&
		  queue_error(q) == CERROR_ILL;

	q->ring[at & (QUEUE_ENTRIES - 1)] = cmd_sync();
	smmu_acknowledge();
	ktap_check(ok && everything_works(), "the SMMU's own queue, stopped");
}

/* True if the SMMU has written @num events; that is for the host to do, and each look is an exit */
static bool events_come(u32 num)
{
	unsigned int polls;

	for (polls = 0; polls < EVENT_POLLS; polls++)
		if (read32(SMMU_REG(SMMU_EVENTQ_PROD)) == num)
			return true;
	return false;
}

/* One access that faults; the emulator splits one of 8 bytes, which would be two events */
static bool fault(u64 iova)
{
	u64 value;
	bool ok;

	write64(VMM_DEVICE_REGS + DMA_TEST_SIZE, 4);
	ok = dma_read(iova, &value);
	write64(VMM_DEVICE_REGS + DMA_TEST_SIZE, 8);
	return !ok;
}

/* The SMMU has written an event that the guest has not read */
static void waiting_event(void)
{
	u64 first;
	bool ok;

	write64(SMMU_REG(SMMU_EVENTQ_BASE), (u64)events | EVENT_BITS);
	write32(SMMU_REG(SMMU_EVENTQ_PROD), 0);
	write32(SMMU_REG(SMMU_EVENTQ_CONS), 0);
	write32(SMMU_REG(SMMU_CR0), SMMU_CR0_ALL);
	write32(SMMU_REG(SMMU_IRQ_CTRL), SMMU_IRQ_ALL);
	ok = fault(STAGE1_IOVA + 100 * PAGE_SIZE) && events_come(1);
	first = *(volatile u64 *)events;
	ok = ok && first && same_after_save() && *(volatile u64 *)events == first;
	write32(SMMU_REG(SMMU_EVENTQ_CONS), 1);
	ok = ok && fault(STAGE1_IOVA + 101 * PAGE_SIZE) && events_come(2);
	ktap_check(ok && everything_works(), "an event that was not read, and another one afterwards");
}

static void device_stopped(void)
{
	u64 value;
	bool ok = smmu_abort() && same_after_save() && !dma_read(STAGE1_IOVA, &value);

	ktap_check(ok && smmu_stage1() && everything_works(), "a device that reaches nothing");
}

/* The next entry that the kernel takes counts */
static void refused_entry(void)
{
	bool ok = smmu_stage1_refused() && same_after_save();

	ktap_check(ok && smmu_stage1() && everything_works(), "a stream table entry that the kernel refuses");
}

static void all_off(void)
{
	ktap_check(work_end() && same_after_save() && work_begin() && everything_works(),
		   "SMMU and CMDQ-V off, and on again");
}

static void second_vcpu(void)
{
	unsigned int before;
	bool ok = same_after_save() && !psci_cpu_on(1, (u64)secondary_start, 1);

	while (ok && !atomic_load(&second_runs))
		;
	before = atomic_load(&beats);
	ok = ok && same_after_save();
	while (ok && atomic_load(&beats) - before < 1000)
		;
	ktap_check(ok, "a vCPU that is off, and one that runs");
}

int payload(void)
{
	ktap_plan(16);
	if (!ktap_check(dma_present() && work_begin() && everything_works(), "everything works"))
		return ktap_end();
	gic_init();
	gic_enable_edge(VMM_CMDQV_SPI);
	at_work();
	stopped_queue();
	both_stopped();
	waiting_commands();
	refused_queue();
	half_base();
	waiting_interrupt();
	smmu_stopped();
	waiting_event();
	device_stopped();
	refused_entry();
	all_off();
	second_vcpu();
	ktap_check(work_end(), "everything goes down");
	return ktap_end();
}
