// SPDX-License-Identifier: GPL-2.0
/*
 * A guest that does everything wrong: random accesses to all registers, queues
 * where there is no memory, commands that no guest may give, errors by the
 * thousand, accesses that cannot be emulated. After each bout it must be able to
 * set everything up again and have it work; that the host and its other guests
 * are none the worse for it is for the host to say.
 */
#include "work.h"

#define RANDOM_ACCESSES	20000
#define STORM		2000
#define TOGGLES		200

#define NOTHING_THERE	0x0c000000UL
#define BEYOND_RAM	0x7fe00000UL

/* Marsaglia's xorshift: the same numbers in every run */
static u64 random_number(void)
{
	static u64 x = 88172645463325252UL;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

static void random_access(u64 base, u64 size)
{
	u64 address = base + (random_number() % size & ~3UL);
	u64 value = random_number();

	/* Small numbers and addresses of RAM get further than noise does */
	if (value >> 63)
		value &= 0x3f;
	else if (value >> 62)
		value = (value & 0x1fff000) | VMM_RAM | (value & 0xf);
	switch (random_number() % 4) {
	case 0:
		read32(address);
		break;
	case 1:
		read64(address & ~7UL);
		break;
	case 2:
		write32(address, value);
		break;
	case 3:
		write64(address & ~7UL, value);
		break;
	}
}

/* Registers lie close together, the space between them is wide: half of the accesses go there */
static void random_registers(void)
{
	static const struct {
		u64 base;
		u64 size;
	} blocks[] = {
		{ CMDQV_REG(0), 0x28 },
		{ CMDQV_REG(CMDQV_ALLOC_MAP(0)), 0x10 },
		{ CMDQV_REG(CMDQV_VINTF_CONFIG), 0x100 },
		{ CMDQV_REG(CMDQV_TRAPPED), 0x100 },
		{ CMDQV_REG(CMDQV_PAGE1), 0x100 },
		{ CMDQV_REG(CMDQV_DIRECT), 0x100 },
		{ CMDQV_REG(CMDQV_VINTF_PAGE1), 0x100 },
		{ SMMU_REG(0), 0xb0 },
		{ SMMU_REG(0x100a0), 0x10 },
		{ VMM_CMDQV, VMM_CMDQV_SIZE },
		{ VMM_SMMU, VMM_SMMU_SIZE },
	};
	unsigned int i, faults;

	faults_expect();
	for (i = 0; i < RANDOM_ACCESSES; i++) {
		unsigned int b = random_number() % ARRAY_SIZE(blocks);

		random_access(blocks[b].base, blocks[b].size);
	}
	faults = faults_seen();
	write32(CMDQV_REG(0x1c), 0);
	print("# %u random accesses, %u aborts\n", RANDOM_ACCESSES, faults);
	work_end();
	ktap_check(work_begin() && everything_works(),
		   "after random accesses to all registers all can be set up again");
}

static bool stops_at(struct queue *q, struct cmd cmd)
{
	return !queue_issue(q, cmd) &&
	       (queue_error(q) == CERROR_ILL || queue_error(q) == CERROR_ACCESS);
}

static void illegal_commands(void)
{
	static const struct cmd illegal[] = {
		{ { CMD_CFGI_STE, 1 } },
		{ { CMD_TLBI_NSNH_ALL } },
		{ { CMD_TLBI_EL2_ALL } },
		{ { 0xff, ~0UL } },
	};
	struct queue *q = &cmdqv_queue[0];
	unsigned int i;
	bool ok = true, back = true;

	for (i = 0; i < ARRAY_SIZE(illegal); i++) {
		ok &= stops_at(q, illegal[i]) && queue_works(&cmdqv_queue[1]);
		cmdqv_repair(0);
		back &= queue_works(q);
	}
	ktap_check(ok, "an illegal command stops its queue and no other one");
	ktap_check(back, "a repaired queue works");

	/* Hardware may ignore the completion signal */
	ok = stops_at(q, (struct cmd){ { CMD_SYNC | 1 << 12 } });
	if (ok)
		cmdqv_repair(0);
	print("# a CMD_SYNC with a completion signal is %s\n", ok ? "illegal" : "one without");
	ktap_check(queue_works(q) && queue_works(&cmdqv_queue[1]),
		   "a completion signal stops no other queue");
}

/* Each error is an edge, and seen in the maps until it is acknowledged */
static void interrupts(void)
{
	const char *name = "an error of a queue is an interrupt";
	unsigned int before = gic_taken(VMM_CMDQV_SPI), polls;
	bool ok;

	if (!(control_read(CONTROL_FEATURES) & CONTROL_HAS_EVENTS)) {
		ktap_skip(name, "no event queue");
		return;
	}
	gic_init();
	gic_enable_edge(VMM_CMDQV_SPI);
	ok = stops_at(&cmdqv_queue[1], (struct cmd){ { 0xff } });
	for (polls = 0; polls < POLLS && gic_taken(VMM_CMDQV_SPI) == before; polls++)
		control_read(CONTROL_ID);
	ok &= gic_taken(VMM_CMDQV_SPI) == before + 1 &&
	      read32(CMDQV_REG(CMDQV_VINTF_ERR_MAP)) == 1 &&
	      read32(CMDQV_REG(CMDQV_ERR_MAP)) == 2 &&
	      read64(CMDQV_REG(CMDQV_LVCMDQ_ERR_MAP)) == 2;
	cmdqv_repair(1);
	ok &= !read32(CMDQV_REG(CMDQV_VINTF_ERR_MAP)) &&
	      !read64(CMDQV_REG(CMDQV_LVCMDQ_ERR_MAP));
	ktap_check(ok && everything_works(), "%s", name);
}

static void illegal_forwarded(void)
{
	static const struct cmd illegal[] = {
		{ { CMD_TLBI_EL2_ALL } },
		{ { CMD_SYNC | 3 << 12 } },
		{ { 0xff, ~0UL } },
		{ { CMD_TLBI_NH_ASID, ~0UL } },
	};
	struct queue *q = &smmu_queue;
	unsigned int i;
	bool ok = true;

	for (i = 0; i < ARRAY_SIZE(illegal); i++) {
		u32 at = q->prod;

		ok &= stops_at(q, illegal[i]) && queue_error(q) == CERROR_ILL &&
		      (read32(q->cons_reg) & QUEUE_WRAP) == at;
		q->ring[at & (QUEUE_ENTRIES - 1)] = cmd_sync();
		smmu_acknowledge();
		ok &= queue_works(q);
	}
	ktap_check(ok, "the SMMU's own queue stops at an illegal command and goes on after it");
}

/* Each in turn for queue 1, while queue 0 goes on */
static void impossible_queues(void)
{
	static const u64 bases[] = {
		BEYOND_RAM | QUEUE_LOG2SIZE,		/* no memory */
		(VMM_RAM + 0x1000) | 17,		/* not aligned to its size */
		VMM_RAM | 19,				/* larger than a huge page */
		VMM_RAM | 31,
		VMM_CMDQV | QUEUE_LOG2SIZE,		/* registers */
		0x0000fffffffff000UL | QUEUE_LOG2SIZE,
	};
	unsigned int i;
	bool refused = true, told = true;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		cmdqv_queue_disable(1);
		write32(CMDQV_REG(CMDQV_ALLOC_MAP(1)), CMDQV_ALLOCATED | 1 << 1);
		write64(CMDQV_REG(VCMDQ(CMDQV_VINTF_PAGE1, 1)), bases[i]);
		cmdqv_write(CMDQV_DIRECT, 1, VCMDQ_CONFIG, CMDQV_EN);
		refused &= !(cmdqv_read(CMDQV_DIRECT, 1, VCMDQ_STATUS) & CMDQV_EN);
		told &= (cmdqv_read(CMDQV_DIRECT, 1, VCMDQ_GERROR) ^
			 cmdqv_read(CMDQV_DIRECT, 1, VCMDQ_GERRORN)) ==
			VCMDQ_GERROR_INIT;
		cmdqv_write(CMDQV_DIRECT, 1, VCMDQ_GERRORN,
			    cmdqv_read(CMDQV_DIRECT, 1, VCMDQ_GERROR));
		told &= !read32(CMDQV_REG(CMDQV_VINTF_ERR_MAP));
		refused &= queue_works(&cmdqv_queue[0]);
	}
	ktap_check(refused, "a queue on memory that is none does not come up");
	ktap_check(told, "and says CMDQ_INIT_ERR");
	write32(CMDQV_REG(CMDQV_ALLOC_MAP(1)), 1 << 1);
	ktap_check(cmdqv_queue_enable(1) && everything_works(),
		   "on good memory it does");
}

static void main_queue_nowhere(void)
{
	bool ok;

	smmu_disable();
	write64(SMMU_REG(SMMU_CMDQ_BASE), BEYOND_RAM | QUEUE_LOG2SIZE);
	write32(SMMU_REG(SMMU_CMDQ_CONS), 0);
	write32(SMMU_REG(SMMU_CMDQ_PROD), 1);
	write32(SMMU_REG(SMMU_CR0), SMMU_CR0_CMDQEN);
	ok = CONS_ERR(read32(SMMU_REG(SMMU_CMDQ_CONS))) == CERROR_ABT;
	smmu_disable();
	smmu_acknowledge();
	ktap_check(ok && smmu_enable() && smmu_stage1() && everything_works(),
		   "the SMMU's own queue nowhere is an abort, and harmless");
}

static void device_nowhere(void)
{
	u64 value;
	bool ok;

	stage1_map(STAGE1_IOVA, (void *)BEYOND_RAM);
	ok = queue_issue(&cmdqv_queue[0], cmd_tlbi_asid(STAGE1_ASID)) &&
	     !dma_read(STAGE1_IOVA, &value);
	stage1_map(STAGE1_IOVA, (void *)VMM_CMDQV);
	ok = ok && queue_issue(&cmdqv_queue[0], cmd_tlbi_asid(STAGE1_ASID)) &&
	     !dma_read(STAGE1_IOVA, &value);
	ktap_check(ok && everything_works(),
		   "the device reaches nothing but the guest's memory");
}

static void storms(void)
{
	struct queue *q = &cmdqv_queue[0];
	unsigned int i;
	bool ok = true;

	for (i = 0; i < STORM; i++) {
		ok &= stops_at(q, (struct cmd){ { 0xff } });
		cmdqv_repair(0);
	}
	ktap_check(ok && everything_works(), "%u errors of a queue", STORM);
	for (i = 0; i < TOGGLES; i++) {
		cmdqv_write(CMDQV_DIRECT, 0, VCMDQ_CONFIG, i & 1);
		write32(CMDQV_REG(CMDQV_VINTF_CONFIG), i & 1);
		write32(CMDQV_REG(CMDQV_ALLOC_MAP(i & 1)),
			(i & 2) >> 1 | (i & 1) << 1);
		write32(CMDQV_REG(CMDQV_CONFIG), i >> 2 & 1);
	}
	work_end();
	ktap_check(work_begin() && everything_works(),
		   "everything switched on and off %u times", TOGGLES);
	for (i = 0, ok = true; i < STORM; i++)
		ok &= read32(NOTHING_THERE + 4 * i) == 0;
	ktap_check(ok, "%u accesses to nothing", STORM);
}

static void wild_instructions(void)
{
	void (*nowhere)(void) = (void (*)(void))BEYOND_RAM;
	unsigned int pairs, calls;

	faults_expect();
	access_pair(CMDQV_REG(CMDQV_VINTF_CONFIG));
	access_pair(SMMU_REG(0));
	access_pair(NOTHING_THERE);
	pairs = faults_seen();
	faults_expect();
	nowhere();
	calls = faults_seen();
	ktap_check(pairs == 3 && calls == 1 && everything_works(),
		   "an access that cannot be emulated or executed is an abort");
}

int payload(void)
{
	ktap_plan(17);
	if (!ktap_check(dma_present() && work_begin() && everything_works(),
			"everything works"))
		return ktap_end();
	/* First: an error is an edge, and that of an earlier one could still come */
	interrupts();
	illegal_commands();
	illegal_forwarded();
	impossible_queues();
	main_queue_nowhere();
	device_nowhere();
	storms();
	wild_instructions();
	random_registers();
	ktap_check(work_end(), "everything goes down");
	return ktap_end();
}
