/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared by the payloads: a bare-metal program on the machine of machine.h.
 * Memory is mapped one to one, registers as device memory; the first GiB of the
 * address space is registers, the second is RAM.
 */
#ifndef _GUEST_H
#define _GUEST_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../machine.h"

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define PAGE_SIZE	0x1000UL
#define POLLS		1000000		/* more than anything that works needs */
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define __aligned(n)	__attribute__((aligned(n)))

/* One plain instruction each, which is what a hypervisor can emulate */
static inline u32 read32(u64 address)
{
	u32 value;

	asm volatile("ldr %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
	return value;
}

static inline void write32(u64 address, u32 value)
{
	asm volatile("str %w0, [%1]" : : "r"(value), "r"(address) : "memory");
}

static inline u64 read64(u64 address)
{
	u64 value;

	asm volatile("ldr %0, [%1]" : "=r"(value) : "r"(address) : "memory");
	return value;
}

static inline void write64(u64 address, u64 value)
{
	asm volatile("str %0, [%1]" : : "r"(value), "r"(address) : "memory");
}

/* Other CPUs and hardware see the stores before it earlier than those after it */
static inline void store_barrier(void)
{
	asm volatile("dmb oshst" : : : "memory");
}

#define sysreg_read(name)						\
({									\
	u64 __value;							\
									\
	asm volatile("mrs %0, " #name : "=r"(__value));			\
	__value;							\
})

#define sysreg_write(name, value)					\
do {									\
	asm volatile("msr " #name ", %0" : : "r"((u64)(value)));	\
	asm volatile("isb" : : : "memory");				\
} while (0)

/* Under -icount shift=0 a nanosecond is an instruction, of whichever level */
static inline u64 clock_ticks(void)
{
	u64 value;

	asm volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(value) : : "memory");
	return value;
}

static inline u64 clock_ns(u64 ticks)
{
	return ticks * 1000000000UL / sysreg_read(cntfrq_el0);
}

/* print.c: %s %c %d %u %x %lx %lu %llu %%, widths padded with blanks or 0 */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void vprint(const char *format, va_list arguments);

/* ktap.c */
void ktap_plan(unsigned int count);
bool ktap_check(bool ok, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void ktap_skip(const char *name, const char *why);
int ktap_end(void);

/* control.c */
u32 control_read(unsigned int reg);
void control_exit(int status) __attribute__((noreturn));
bool control_save(void);
void mark_begin(void);
void mark_end(void);
u64 mark_count(enum vmm_count which);

/* exception.c: aborts are counted, not fatal, between these two */
void faults_expect(void);
unsigned int faults_seen(void);

/* mmu.c */
void mmu_on(void);

/* gic.c */
void gic_init(void);
void gic_enable_edge(unsigned int spi);
bool gic_pending(unsigned int spi);
unsigned int gic_taken(unsigned int spi);
void gic_interrupt(void);

/* start.S */
int psci_cpu_on(u64 mpidr, u64 entry, u64 context);
void secondary_start(void);
void access_pair(u64 address);

/* The payload itself; the result is the machine's exit status */
int payload(void);
/* vCPU @cpu, another than 0 */
void payload_secondary(unsigned int cpu);

#endif
