// SPDX-License-Identifier: GPL-2.0
/*
 * An access of page 0 of a VINTF from each exception level, one case for each start
 *
 * A program without an operating system for QEMU's virt machine with CMDQ-V, which starts
 * at EL2. CASES is the table of all cases; qtest/test_actor.py reads it, and puts the
 * number of a case into the program. VINTF 0 is the host's, VINTF 1 a guest's; each has a
 * queue. A case reads a logical slot without a queue and writes STATUS of the queue: the
 * hardware model charges both to the host, or to the guest.
 *
 * Stage 1 is off. Stage 2 maps devices and memory to themselves.
 */

typedef unsigned int u32;
typedef unsigned long u64;

#define CMDQV		0x0b000000ul
#define STATUS		(CMDQV + 0x8)
#define ALLOC_MAP(q)	(CMDQV + 0x200 + 4 * (q))
#define VINTF_CONFIG(v)	(CMDQV + 0x1000 + 0x100 * (v))
#define VINTF_STATUS(v)	(VINTF_CONFIG(v) + 4)
#define HYP_OWN		(1u << 17)
#define VMID		(1u << 1)
#define LOGICAL(v)	(CMDQV + 0x30000 + 0x20000 * (v))
#define QUEUE_STATUS	0xc
#define SECOND_SLOT	0x80
#define QUEUES		2	/* of each VINTF */

#define HCR_VM		(1ul << 0)
#define HCR_TGE		(1ul << 27)
#define HCR_RW		(1ul << 31)
#define HCR_E2H		(1ul << 34)
/* 39 bits from level 1 on, 40 bits of physical addresses */
#define VTCR		(1ul << 31 | 2 << 16 | 1 << 6 | 25)
#define S2_BLOCK	(1ul << 10 | 3 << 6 | 1)
#define S2_MEMORY	(3ul << 8 | 0xf << 2)
#define GIB		0x40000000ul

#define EL0		0x3c0
#define EL1		0x3c5
#define EL2		0x3c9

/* Any exception ends the case; one that was not meant leaves its accesses out */
asm(".section .text.start, \"ax\"\n"
    ".global _start\n"
    "_start:	ldr	x0, =0x40700000\n"
    "	mov	sp, x0\n"
    "	adr	x0, vectors\n"
    "	msr	vbar_el2, x0\n"
    "	adr	x0, vectors_el1\n"
    "	msr	vbar_el1, x0\n"
    "	isb\n"
    "	b	first\n"
    ".global access_page0\n"
    "access_page0:\n"
    "	ldr	w2, [x0, #0x80]\n"
    "	mov	w2, #1\n"
    "	str	w2, [x0, #0xc]\n"
    "	svc	#0\n"
    ".balign 2048\n"
    "vectors:	.rept	16\n"
    "	b	last\n"
    "	.balign	128\n"
    "	.endr\n"
    "vectors_el1:	.rept	16\n"
    "	hvc	#0\n"
    "	.balign	128\n"
    "	.endr\n"
    ".text\n");

extern char access_page0[];

/* The mark is where the number is in the file */
static volatile struct {
	char mark[12];
	u32 number;
} chosen = { "chosen.case=", 0 };

static u64 stage2[512] __attribute__((aligned(4096)));

static void write32(u64 addr, u32 value)
{
	asm volatile("str %w0, [%1]" : : "r" (value), "r" (addr) : "memory");
}

static u32 read32(u64 addr)
{
	u32 value;

	asm volatile("ldr %w0, [%1]" : "=r" (value) : "r" (addr) : "memory");
	return value;
}

static void wait_on(u64 status)
{
	while (!(read32(status) & 1))
		;
}

static void start_vintf(u32 v, u32 config)
{
	write32(VINTF_CONFIG(v), config);
	write32(VINTF_CONFIG(v), config | 1);
	wait_on(VINTF_STATUS(v));
	write32(ALLOC_MAP(v * QUEUES), v << 15 | 1);
}

static void setup(void)
{
	write32(CMDQV, read32(CMDQV) | 1);
	wait_on(STATUS);
	start_vintf(0, HYP_OWN);
	start_vintf(1, VMID);

	stage2[0] = S2_BLOCK;
	stage2[1] = GIB | S2_BLOCK | S2_MEMORY;
	asm volatile("msr vtcr_el2, %0\n\tmsr vttbr_el2, %1\n\tdsb sy\n\tisb"
		     : : "r" (VTCR), "r" ((u64)stage2 | 1ul << 48) : "memory");
}

/* Accesses page 0 of VINTF @v at this level, and does not return */
static void at(u64 spsr, u64 hcr, u32 v)
{
	register u64 page0 asm("x0") = LOGICAL(v);

	asm volatile("msr hcr_el2, %0\n\tmsr spsr_el2, %1\n\tmsr elr_el2, %2\n\tisb\n\teret"
		     : : "r" (hcr | HCR_RW), "r" (spsr), "r" (access_page0), "r" (page0)
		     : "memory");
}

/* At EL2 again: a write that is on its way must arrive before the machine ends */
void last(void)
{
	register u64 x0 asm("x0") = 0x84000008; /* PSCI SYSTEM_OFF */

	read32(STATUS);
	asm volatile("smc #0" : : "r" (x0) : "memory");
}

/* Name, the actor that is charged, exception level, HCR_EL2, VINTF */
#define CASES \
	CASE(hypervisor, host, EL2, 0, 1) \
	CASE(hypervisor_with_guest, host, EL2, HCR_VM, 1) \
	CASE(kernel, host, EL1, 0, 1) \
	CASE(program, guest, EL0, 0, 1) \
	CASE(program_of_vhe, guest, EL0, HCR_E2H | HCR_TGE, 1) \
	CASE(guest_kernel, guest, EL1, HCR_VM, 1) \
	CASE(guest_program, guest, EL0, HCR_VM, 1) \
	CASE(guest_in_vintf_of_host, host, EL1, HCR_VM, 0) \
	CASE(program_in_vintf_of_host, host, EL0, 0, 0)

void first(void)
{
#define CASE(name, actor, level, hcr, vintf) { level, hcr, vintf },
	static const struct {
		u64 spsr, hcr;
		u32 vintf;
	} cases[] = { CASES };

	setup();
	at(cases[chosen.number].spsr, cases[chosen.number].hcr, cases[chosen.number].vintf);
}
