/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Order of memory for a device, which may be outside of the domain that the barriers
 * of a compiler order: those are for threads.
 */
#ifndef _DEVICE_BARRIER_H
#define _DEVICE_BARRIER_H

/* The device sees all accesses before this one before those after it */
static inline void device_barrier(void)
{
#ifdef __aarch64__
	asm volatile("dmb osh" : : : "memory");
#else
	__sync_synchronize();
#endif
}

#endif
