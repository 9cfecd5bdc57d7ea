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
