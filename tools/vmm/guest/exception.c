// SPDX-License-Identifier: GPL-2.0
/*
 * Exceptions. An abort that the payload has announced is counted and the
 * instruction skipped; anything else ends the machine with a message.
 */
#include "guest.h"

#define ESR_EC(esr)		((esr) >> 26 & 0x3f)
#define EC_INSTRUCTION_ABORT	0x21
#define EC_DATA_ABORT		0x25

#define STATUS_EXCEPTION	3

static bool expected;
static unsigned int seen;

void exception_sync(u64 *regs);
void exception_irq(u64 *regs);
void exception_unexpected(u64 *regs);

void faults_expect(void)
{
	seen = 0;
	expected = true;
}

unsigned int faults_seen(void)
{
	expected = false;
	return seen;
}

void exception_unexpected(u64 *regs)
{
	print("Bail out! exception: ESR 0x%lx ELR 0x%lx FAR 0x%lx LR 0x%lx\n",
	      sysreg_read(esr_el1), sysreg_read(elr_el1), sysreg_read(far_el1),
	      regs[30]);
	control_exit(STATUS_EXCEPTION);
}

void exception_sync(u64 *regs)
{
	u64 class = ESR_EC(sysreg_read(esr_el1));

	if (!expected)
		exception_unexpected(regs);
	if (class == EC_DATA_ABORT)
		sysreg_write(elr_el1, sysreg_read(elr_el1) + 4);
	else if (class == EC_INSTRUCTION_ABORT)
		sysreg_write(elr_el1, regs[30]);	/* a call to nowhere */
	else
		exception_unexpected(regs);
	seen++;
}

void exception_irq(u64 *regs)
{
	gic_interrupt();
}
