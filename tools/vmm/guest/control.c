// SPDX-License-Identifier: GPL-2.0
/*
 * The control page of the VMM, see machine.h.
 */
#include "guest.h"

u32 control_read(unsigned int reg)
{
	return read32(VMM_CONTROL + reg);
}

void control_exit(int status)
{
	for (;;)
		write32(VMM_CONTROL + CONTROL_EXIT, status);
}

/* The machine is saved, and goes on in another VMM; false if it was not */
bool control_save(void)
{
	u32 before = control_read(CONTROL_GENERATION);

	write32(VMM_CONTROL + CONTROL_SAVE, 1);
	return control_read(CONTROL_GENERATION) == before + 1;
}

void mark_begin(void)
{
	write32(VMM_CONTROL + CONTROL_MARK, CONTROL_MARK_BEGIN);
}

void mark_end(void)
{
	write32(VMM_CONTROL + CONTROL_MARK, CONTROL_MARK_END);
}

u64 mark_count(enum vmm_count which)
{
	return read64(VMM_CONTROL + CONTROL_COUNT(which));
}
