/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * A kernel, hardware and VMM for the CMDQ-V of a guest, as a script: it does what
 * the real ones do with queues, fails where it is told to, and writes down in
 * one line what was asked of it. fake_hw.c is the hardware: its queues execute.
 *
 *   alloc0 alloc1         HW queue made; alloc0! the kernel refused
 *   destroy0 destroy1     HW queue destroyed; destroy0! the kernel refused
 *   c0=5 p0=6 e0=1 n0=0   CONS, PROD, CONFIG, GERRORN of queue 0 written
 *   map unmap             page 0 mapped into the guest; map! the VMM could not
 *   irq                   interrupt
 *   err(REASON,ERR,INDEX) error reported
 *
 * A call that the real kernel would not take shows as BUG(...).
 */
#ifndef FAKE_H
#define FAKE_H

#include <stdbool.h>

#include <viommu.h>

#include "test.h"

/* Word numbers of the queue registers in page 0 */
enum { R_CONS, R_PROD, R_CONFIG, R_STATUS, R_GERROR, R_GERRORN, R_NUM };

struct fake_queue {
	bool exists;
	uint32_t id;
	uint64_t addr;
	uint64_t length;
	/* GERROR that the hardware has when the queue is made the next time */
	uint32_t next_gerror;
	uint32_t regs[R_NUM];
};

/* Commands in the guest's memory, which is smaller than its addresses say */
#define FAKE_COMMANDS 4093

struct fake {
	struct viommu_cmdqv *cmdqv;
	struct fake_queue queues[VIOMMU_CMDQV_QUEUES];
	uint32_t next_id;
	bool mapped;
	/* Result of the next call of each kind; stays until changed */
	int alloc_err[VIOMMU_CMDQV_QUEUES];
	int destroy_err[VIOMMU_CMDQV_QUEUES];
	int map_err;
	struct viommu_cmdqv_error error;
	unsigned int irqs;
	/* Commands that a queue executes each time; all of them unless a test says otherwise */
	uint64_t budget;
	/* Reads of page 0, and the one at which the hardware does all it can do, or is on or off at last */
	unsigned int reads;
	unsigned int run_after_reads;
	unsigned int start_reads;
	unsigned int stop_reads;
	/* Commands that were executed, and a sum over which and when */
	uint64_t executed;
	uint64_t executed_sum;
	/* Edges of the interrupt; errors that the kernel has not told the VMM yet */
	unsigned int edges;
	uint32_t event_map;
	/* Do not write down accesses of page 0 */
	bool registers_unlogged;
	char memory[FAKE_COMMANDS];
	size_t len;
	char log[4096];
};

/* The guest's window */
#define A_CONFIG 0x0
#define A_PARAM 0x4
#define A_STATUS 0x8
#define A_VINTF_ERR_MAP 0x14
#define A_INT_MASK 0x1c
#define A_CMDQ_ERR_MAP 0x24
#define A_ALLOC(q) (0x200 + 4 * (q))
#define A_VINTF_CONFIG 0x1000
#define A_VINTF_STATUS 0x1004
#define A_SID_MATCH(s) (0x1040 + 4 * (s))
#define A_SID_REPLACE(s) (0x1080 + 4 * (s))
#define A_LVCMDQ_ERR_MAP 0x10c0
#define A_PHYS(q, r) (0x10000 + 0x80 * (q) + 4 * (r))
#define A_LOGICAL(q, r) (0x30000 + 0x80 * (q) + 4 * (r))
#define A_BASE(q) (0x40000 + 0x80 * (q))
#define A_CONS_INDX_BASE(q) (0x40000 + 0x80 * (q) + 8)
#define A_PHYS_BASE(q) (0x20000 + 0x80 * (q))

void fake_init(struct fake *f);
void fake_init_size(struct fake *f, uint32_t max_log2size);
void fake_exit(struct fake *f);
/* Forget what was written down; returns it */
const char *fake_log(struct fake *f);
/* The work of the hardware when its guest or the host uses a register, or when it has time */
void fake_hw_write(struct fake *f, uint32_t index, uint32_t reg, uint32_t value);
uint32_t fake_hw_read(struct fake *f, uint32_t index, uint32_t reg);
void fake_hw_run(struct fake *f, uint32_t index, uint64_t budget);
/* The command at a guest-physical address */
char *fake_command(struct fake *f, uint64_t addr);
/* Hand what the kernel has to tell over to the library; returns how many events it was */
unsigned int fake_events(struct fake *f);

/*
 * Accesses of the guest. Those to page 0, while it is mapped, go to the hardware
 * and not to the library.
 */
bool fake_direct(const struct fake *f, uint64_t offset);
int fake_guest_read(struct fake *f, uint64_t offset, unsigned int size, uint64_t *value);
int fake_guest_write(struct fake *f, uint64_t offset, unsigned int size, uint64_t value);
uint64_t fake_read(struct fake *f, uint64_t offset, unsigned int size);
void fake_write(struct fake *f, uint64_t offset, uint64_t value);
void fake_write64(struct fake *f, uint64_t offset, uint64_t value);

/* Make queues 0 to @num - 1 in the order of a well-behaved guest, forget the log */
void fake_queues(struct fake *f, uint32_t num);
/* The same for a new device; switch on the queues in the mask @on */
void fake_init_queues(struct fake *f, uint32_t num, uint32_t on);

extern const struct viommu_cmdqv_host_ops fake_host_ops;
extern const struct viommu_cmdqv_kernel_ops fake_kernel_ops;

#endif
