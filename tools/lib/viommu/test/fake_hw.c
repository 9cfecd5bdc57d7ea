// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * The hardware of the fake kernel. A queue that is enabled executes its commands from
 * CONS up to PROD, stops at one that fails, and then toggles GERROR. Where the real one
 * works by itself, this one works when a register is written or read and when a test
 * says so, by at most fake.budget commands each time.
 *
 * A command is one letter in the guest's memory:
 *
 *   .  executes
 *   I  illegal: error 1
 *   A  cannot be read: error 2
 *   T  CMD_SYNC behind an ATC_INV that has timed out: error 3, and after that a CMD_SYNC
 *
 * An error is an edge of the interrupt. The kernel then reads the error maps, and has
 * an event for the VMM; fake_events() hands it over.
 */
#include <endian.h>

#include "fake.h"

#define COMMAND_SIZE 16
#define INDEX_MASK 0xfffffull
#define CMDQ_ERR 1u

char *fake_command(struct fake *f, uint64_t addr)
{
	return &f->memory[addr / COMMAND_SIZE % FAKE_COMMANDS];
}

static uint32_t code_of(char command)
{
	switch (command) {
	case '.':
		return 0;
	case 'I':
		return 1;
	case 'A':
		return 2;
	default:
		return 3;
	}
}

static void raise_error(struct fake *f, struct fake_queue *q)
{
	q->regs[R_GERROR] ^= CMDQ_ERR;
	f->edges++;
	for (uint32_t i = 0; i < VIOMMU_CMDQV_QUEUES; i++)
		if (f->queues[i].exists &&
		    f->queues[i].regs[R_GERROR] != f->queues[i].regs[R_GERRORN])
			f->event_map |= 1u << i;
}

static bool runs(const struct fake_queue *q)
{
	return q->exists && q->regs[R_STATUS] &&
	       !((q->regs[R_GERROR] ^ q->regs[R_GERRORN]) & CMDQ_ERR);
}

void fake_hw_run(struct fake *f, uint32_t index, uint64_t budget)
{
	struct fake_queue *q = &f->queues[index];
	uint64_t entries = q->length / COMMAND_SIZE, wrap = (2 * entries - 1) & INDEX_MASK;

	while (budget-- && runs(q) && (q->regs[R_CONS] ^ q->regs[R_PROD]) & wrap) {
		uint64_t cons = q->regs[R_CONS] & wrap;
		uint64_t addr = q->addr + (cons & (entries - 1)) * COMMAND_SIZE;
		char *command = fake_command(f, addr);
		uint32_t code = code_of(*command);

		if (code) {
			q->regs[R_CONS] = (uint32_t)(code << 24 | cons);
			raise_error(f, q);
		} else {
			q->regs[R_CONS] = (uint32_t)((cons + 1) & wrap);
			f->executed++;
			f->executed_sum += (addr / COMMAND_SIZE + 1) * f->executed;
		}
		/* A timeout is told once */
		if (code == 3)
			*command = '.';
	}
}

void fake_hw_write(struct fake *f, uint32_t index, uint32_t reg, uint32_t value)
{
	struct fake_queue *q = &f->queues[index];

	switch (reg) {
	case R_CONS:
		if (!q->regs[R_STATUS])
			q->regs[R_CONS] = value;
		break;
	case R_CONFIG:
		q->regs[R_CONFIG] = value & 1;
		/* Going on or off takes its time */
		if (value & 1 ? !f->start_reads : !f->stop_reads)
			q->regs[R_STATUS] = value & 1;
		break;
	case R_PROD:
	case R_GERRORN:
		q->regs[reg] = value;
		break;
	default:
		return;
	}
	fake_hw_run(f, index, f->budget);
}

uint32_t fake_hw_read(struct fake *f, uint32_t index, uint32_t reg)
{
	struct fake_queue *q = &f->queues[index];
	uint32_t value = q->regs[reg];

	f->reads++;
	if (f->reads == f->run_after_reads)
		fake_hw_run(f, index, UINT64_MAX);
	if (!q->regs[R_CONFIG] && q->regs[R_STATUS] && f->reads >= f->stop_reads)
		q->regs[R_STATUS] = 0;
	if (q->regs[R_CONFIG] && !q->regs[R_STATUS] && f->reads >= f->start_reads)
		q->regs[R_STATUS] = 1;
	return value;
}

unsigned int fake_events(struct fake *f)
{
	uint64_t map[2] = { htole64(f->event_map), 0 };

	if (!f->event_map)
		return 0;
	f->event_map = 0;
	EQUAL(viommu_cmdqv_event(f->cmdqv, map, sizeof(map)), 0);
	return 1;
}
