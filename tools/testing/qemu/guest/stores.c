// SPDX-License-Identifier: GPL-2.0
/*
 * Stores to command queues with and without barriers, one case for each start
 *
 * A program without an operating system for QEMU's virt machine with CMDQ-V, on two
 * processors. CASES is the table of all cases; plugin/test_barriers.py reads it, and puts
 * the number of a case into the program. A case begins with the SMMU's own queue and
 * VCMDQ 0 on and empty.
 *
 * The MMU is off. The plugin looks at instructions and physical addresses alone.
 */

typedef unsigned int u32;
typedef unsigned long u64;

#define FLAG		0x40800040ul
#define MAIN_RING	0x41000000ul
#define VCMDQ_RING	0x41001000ul
#define LOG2SIZE	4
#define ENTRIES		(1u << LOG2SIZE)
#define CMD_SYNC	0x46

#define SMMU		0x09050000ul
#define SMMU_CR0	(SMMU + 0x20)
#define SMMU_GERRORN	(SMMU + 0x64)
#define SMMU_BASE	(SMMU + 0x90)
#define SMMU_PROD	(SMMU + 0x98)
#define SMMU_CONS	(SMMU + 0x9c)
#define CMDQEN		8

#define CMDQV		0x0b000000ul
#define ALLOC_MAP	(CMDQV + 0x200)
#define VINTF_CONFIG	(CMDQV + 0x1000)
#define VINTF_ON	(1 | 1 << 17)
#define PHYSICAL	(CMDQV + 0x10000)
#define LOGICAL		(CMDQV + 0x30000)
#define LOGICAL_BASE	(CMDQV + 0x40000)
#define CONS		0x0
#define PROD		0x4
#define CONFIG		0x8
#define GERRORN		0x14

#define PSCI_SYSTEM_OFF	0x84000008ul
#define PSCI_CPU_ON	0xc4000003ul

#define ORDER(instruction)	asm volatile(instruction : : : "memory")

asm(".section .text.start, \"ax\"\n"
    ".global _start\n"
    "_start:	ldr	x0, =0x40700000\n"
    "	mov	sp, x0\n"
    "	adr	x0, vectors\n"
    "	msr	vbar_el1, x0\n"
    "	isb\n"
    "	b	first\n"
    ".global _second\n"
    "_second:	mov	sp, x0\n"
    "	b	second\n"
    ".balign 2048\n"
    "vectors:	.space	0x200\n"
    "	eret\n"
    ".balign 2048\n"
    ".text\n");

extern char _second[];

/* The mark is where the number is in the file */
static volatile struct {
	char mark[12];
	u32 number;
} chosen = { "stores.case=", 0 };

static void write32(u64 addr, u32 value)
{
	asm volatile("str %w0, [%1]" : : "r" (value), "r" (addr) : "memory");
}

static void write64(u64 addr, u64 value)
{
	asm volatile("str %0, [%1]" : : "r" (value), "r" (addr) : "memory");
}

static void put(u64 ring, u32 index)
{
	u64 entry = ring + 16 * (index % ENTRIES);

	asm volatile("stp %0, xzr, [%1]" : : "r" (CMD_SYNC), "r" (entry) : "memory");
}

static u64 psci(u64 function, u64 a, u64 b, u64 c)
{
	register u64 x0 asm("x0") = function;
	register u64 x1 asm("x1") = a;
	register u64 x2 asm("x2") = b;
	register u64 x3 asm("x3") = c;

	asm volatile("hvc #0" : "+r" (x0) : "r" (x1), "r" (x2), "r" (x3) : "memory");
	return x0;
}

static void setup(void)
{
	write64(SMMU_BASE, MAIN_RING | LOG2SIZE);
	write32(SMMU_PROD, 0);
	write32(SMMU_CONS, 0);
	write32(SMMU_CR0, CMDQEN);

	write32(CMDQV, 1);
	write32(VINTF_CONFIG, VINTF_ON);
	write32(ALLOC_MAP, 1);
	write32(LOGICAL_BASE, VCMDQ_RING | LOG2SIZE);
	write32(LOGICAL_BASE + 4, 0);
	write32(LOGICAL + CONFIG, 1);
	ORDER("dsb sy");
}

static __attribute__((noinline)) void barrier(void)
{
	ORDER("dmb oshst");
}

/* The second processor; it tells the first one by FLAG */

static void (*second_work)(void);

static void tell(void)
{
	write32(FLAG, 1);
}

static void tell_released(void)
{
	asm volatile("stlr %w0, [%1]" : : "r" (1), "r" (FLAG) : "memory");
}

void second(void)
{
	second_work();
	for (;;)
		asm volatile("wfi");
}

/* Until @work on the second processor has told so */
static void on_second(void (*work)(void))
{
	u32 flag;

	second_work = work;
	write32(FLAG, 0);
	ORDER("dsb sy");
	psci(PSCI_CPU_ON, 1, (u64)_second, 0x40780000);
	do
		asm volatile("ldar %w0, [%1]" : "=r" (flag) : "r" (FLAG) : "memory");
	while (!flag);
}

static void put_barrier(void)
{
	put(MAIN_RING, 0);
	ORDER("dmb oshst");
	tell();
}

static void put_alone(void)
{
	put(MAIN_RING, 0);
	tell();
}

static void put_released(void)
{
	put(MAIN_RING, 0);
	tell_released();
}

/* The first processor has executed the same barrier */
static void put_shared(void)
{
	put(MAIN_RING, 0);
	barrier();
	tell();
}

static void put_inner(void)
{
	put(MAIN_RING, 0);
	ORDER("dmb ish");
	tell();
}

/* An atomic with two registers, of which it changes one */
#define ATOMIC(name)	asm volatile(".arch armv8.1-a+lse\n\t" name " %w0, %w1, [%2]" \
				     : "+r" (old), "+r" (new) : "r" (other) : "memory")
/* One that may have to be repeated */
#define EXCLUSIVE(load, store) \
	do \
		asm volatile(load " %w0, [%2]\n\t" store " %w1, %w0, [%2]" \
			     : "=&r" (old), "=&r" (new) : "r" (other) : "memory"); \
	while (new)

/* Each of these instructions releases one entry */
static void put_atomics(void)
{
	u64 other = FLAG + 64;
	u32 old = 0, new = 0;

	put(MAIN_RING, 0);
	asm volatile("stlr %w0, [%1]" : : "r" (1), "r" (other) : "memory");
	put(MAIN_RING, 1);
	ATOMIC("casl");
	put(MAIN_RING, 2);
	ATOMIC("swpl");
	put(MAIN_RING, 3);
	ATOMIC("ldaddal");
	put(MAIN_RING, 4);
	EXCLUSIVE("ldxr", "stlxr");
	put(MAIN_RING, 5);
	asm volatile(".arch armv8.4-a\n\tstlur %w0, [%1, #4]" : : "r" (1), "r" (other) : "memory");
	tell();
}

/* Each of these instructions releases nothing */
static void put_loads(void)
{
	u64 other = FLAG + 64;
	u32 old = 0, new = 0;

	put(MAIN_RING, 0);
	asm volatile("ldar %w0, [%1]" : "=r" (old) : "r" (other) : "memory");
	ATOMIC("ldadda");
	ATOMIC("casa");
	EXCLUSIVE("ldaxr", "stxr");
	tell();
}

/* The cases */

static void stores(void)
{
	u32 i = 0;

#define ORDERED(instruction) (put(MAIN_RING, i++), ({ ORDER(instruction); }), write32(SMMU_PROD, i))
	ORDERED("dmb oshst");
	ORDERED("dmb osh");
	ORDERED("dmb st");
	ORDERED("dmb sy");
	ORDERED("dsb oshst");
	ORDERED("dsb sy");
	/* DSB SYnXS, and encodings of DMB without a name */
	ORDERED(".inst 0xd5033e3f");
	ORDERED(".inst 0xd50330bf");
	ORDERED(".inst 0xd5033cbf");
}

static void not_barriers(void)
{
	u32 i = 0;

	ORDERED("nop");
	ORDERED("dmb ish");
	ORDERED("dmb ishst");
	ORDERED("dsb ish");
	ORDERED("dmb oshld");
	ORDERED("dmb ld");
	ORDERED("dmb nsh");
	/* SSBB and PSSBB, which have encodings of DSB */
	ORDERED(".inst 0xd503309f");
	ORDERED(".inst 0xd503349f");
	ORDERED("isb");
	ORDERED("svc #0");
}

static void released_prod(void)
{
	put(MAIN_RING, 0);
	asm volatile("stlr %w0, [%1]" : : "r" (1), "r" (SMMU_PROD) : "memory");
}

static void too_early(void)
{
	put(MAIN_RING, 0);
	ORDER("dsb sy");
	put(MAIN_RING, 1);
	write32(SMMU_PROD, 2);
}

static void half_an_entry(void)
{
	put(MAIN_RING, 0);
	ORDER("dsb sy");
	write64(MAIN_RING + 8, 0);
	write32(SMMU_PROD, 1);
}

static void logical_view(void)
{
	put(VCMDQ_RING, 0);
	write32(LOGICAL + PROD, 1);
}

static void physical_view(void)
{
	put(VCMDQ_RING, 0);
	write32(PHYSICAL + PROD, 1);
}

static void logical_ordered(void)
{
	put(VCMDQ_RING, 0);
	ORDER("dmb oshst");
	write32(LOGICAL + PROD, 1);
}

static void other_queue(void)
{
	put(MAIN_RING, 0);
	write32(LOGICAL + PROD, 0);
	ORDER("dmb oshst");
	put(VCMDQ_RING, 0);
	write32(SMMU_PROD, 1);
}

static void not_published(void)
{
	put(MAIN_RING, 0);
	ORDER("dmb oshst");
	put(MAIN_RING, 1);
	write32(SMMU_PROD, 1);
}

static void around_the_end(void)
{
	u32 i;

	for (i = 0; i < ENTRIES - 1; i++)
		put(MAIN_RING, i);
	ORDER("dsb sy");
	write32(SMMU_PROD, ENTRIES - 1);
	put(MAIN_RING, ENTRIES - 1);
	ORDER("dsb sy");
	put(MAIN_RING, ENTRIES);
	write32(SMMU_PROD, ENTRIES + 1);
}

static void next_lap(void)
{
	u32 i;

	around_the_end();
	ORDER("dsb sy");
	/* Entry 0 again, of the lap that begins later */
	put(MAIN_RING, 2 * ENTRIES);
	for (i = ENTRIES + 2; i < ENTRIES + 4; i++)
		write32(SMMU_PROD, i);
}

static void stopped(void)
{
	write32(SMMU_CR0, 0);
	put(MAIN_RING, 0);
	write32(SMMU_PROD, 1);
	ORDER("dmb oshst");
	write32(SMMU_CR0, CMDQEN);
}

static void started(void)
{
	write32(SMMU_CR0, 0);
	put(MAIN_RING, 0);
	write32(SMMU_PROD, 1);
	write32(SMMU_CR0, CMDQEN);
}

static void started_vcmdq(void)
{
	write32(LOGICAL + CONFIG, 0);
	write32(LOGICAL + CONS, 3);
	put(VCMDQ_RING, 3);
	write32(LOGICAL + PROD, 4);
	write32(LOGICAL + CONFIG, 1);
}

static void before_cons(void)
{
	write32(LOGICAL + CONFIG, 0);
	put(VCMDQ_RING, 0);
	write32(LOGICAL + CONS, 3);
	write32(LOGICAL + PROD, 3);
	write32(LOGICAL + CONFIG, 1);
}

static void moved(void)
{
	write32(LOGICAL + CONFIG, 0);
	put(VCMDQ_RING, 0);
	write64(LOGICAL_BASE, (VCMDQ_RING + 0x1000) | LOG2SIZE);
	put(VCMDQ_RING, 1);
	write32(LOGICAL + CONFIG, 1);
	write32(LOGICAL + PROD, 2);
	put(VCMDQ_RING + 0x1000, 2);
	write32(LOGICAL + PROD, 3);
}

static void repaired(void)
{
	put(MAIN_RING, 0);
	ORDER("dmb oshst");
	write32(SMMU_PROD, 1);
	put(MAIN_RING, 0);
	write32(SMMU_GERRORN, 0);
	put(VCMDQ_RING, 5);
	write32(LOGICAL + GERRORN, 0);
}

static void repaired_ordered(void)
{
	put(VCMDQ_RING, 0);
	ORDER("dmb oshst");
	write32(LOGICAL + GERRORN, 0);
}

static void unmapped(void)
{
	write32(ALLOC_MAP, 0);
	put(VCMDQ_RING, 0);
	write32(LOGICAL + PROD, 1);
}

static void owner(void)
{
	on_second(put_barrier);
	write32(SMMU_PROD, 1);
}

static void owner_alone(void)
{
	on_second(put_alone);
	ORDER("dsb sy");
	write32(SMMU_PROD, 1);
}

static void owner_released(void)
{
	on_second(put_released);
	ORDER("dmb oshst");
	write32(SMMU_PROD, 1);
}

static void owner_inner(void)
{
	on_second(put_inner);
	ORDER("dmb oshst");
	write32(SMMU_PROD, 1);
}

static void owner_no_barrier(void)
{
	on_second(put_released);
	write32(SMMU_PROD, 1);
}

static void owner_shared(void)
{
	barrier();
	on_second(put_shared);
	write32(SMMU_PROD, 1);
}

static void owner_atomics(void)
{
	on_second(put_atomics);
	ORDER("dmb oshst");
	write32(SMMU_PROD, 6);
}

static void owner_loads(void)
{
	on_second(put_loads);
	ORDER("dmb oshst");
	write32(SMMU_PROD, 1);
}

/* Function, the rule that it breaks, how often */
#define CASES \
	CASE(stores, none, 0) \
	CASE(not_barriers, prod, 11) \
	CASE(released_prod, prod, 1) \
	CASE(too_early, prod, 1) \
	CASE(half_an_entry, prod, 1) \
	CASE(logical_view, prod, 1) \
	CASE(physical_view, prod, 1) \
	CASE(logical_ordered, none, 0) \
	CASE(other_queue, none, 0) \
	CASE(not_published, none, 0) \
	CASE(around_the_end, prod, 1) \
	CASE(next_lap, prod, 1) \
	CASE(stopped, none, 0) \
	CASE(started, enable, 1) \
	CASE(started_vcmdq, enable, 1) \
	CASE(before_cons, none, 0) \
	CASE(moved, prod, 1) \
	CASE(repaired, repair, 2) \
	CASE(repaired_ordered, none, 0) \
	CASE(unmapped, none, 0) \
	CASE(owner, none, 0) \
	CASE(owner_alone, prod, 1) \
	CASE(owner_released, none, 0) \
	CASE(owner_inner, none, 0) \
	CASE(owner_no_barrier, prod, 1) \
	CASE(owner_shared, none, 0) \
	CASE(owner_atomics, none, 0) \
	CASE(owner_loads, prod, 1)

void first(void)
{
#define CASE(function, rule, count) function,
	static void (*const cases[])(void) = { CASES };

	setup();
	cases[chosen.number]();
	psci(PSCI_SYSTEM_OFF, 0, 0, 0);
}
