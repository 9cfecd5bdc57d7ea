/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * A second CMDQ-V of a guest, written from the same rules and from nothing else,
 * with no eye on speed: it shares no line and no number with the library. It
 * brings its own kernel and hardware, and notes what it expects to be asked of
 * them in the words of fake.h. How registers come back into page 0 is not among that:
 * their values are, and what the hardware executed and raised meanwhile.
 */
#ifndef REFERENCE_H
#define REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REF_QUEUES 2
#define REF_MEMORY 4093

struct ref_queue {
	/* Registers of page 0 in order: CONS, PROD, CONFIG, STATUS, GERROR, GERRORN */
	uint32_t cache[6];
	uint32_t hardware[6];
	uint32_t map_entry;
	uint32_t base[2];
	uint32_t cons_base[2];
	/* Halves of BASE since it was last known to be whole: a string of L and H */
	char history[16];
	/* In the kernel; the guest has it; BASE it was made with */
	bool kernel;
	bool guest;
	uint64_t made_with;
	bool paused;
	bool refused;
	/* Refused, and its guest could not help it */
	bool unlucky;
	/* The world's next answers: side of the error toggle, errno */
	uint32_t next_gerror;
	int alloc_err;
	int destroy_err;
};

struct ref {
	uint32_t config[0x1100 / 4];
	struct ref_queue q[REF_QUEUES];
	bool mapped;
	int map_err;
	int limit;
	bool silent;
	/* No vIOMMU is there */
	bool away;
	/* Memory in which no queue may be */
	uint64_t held;
	uint64_t held_bytes;
	/* Commands by address, as letters of fake_hw.c; how many are executed each time */
	char memory[REF_MEMORY];
	unsigned long long patience;
	/* Executed commands, as fake.h counts them; errors to be told */
	unsigned long long done;
	unsigned long long sum;
	unsigned int edges;
	unsigned int untold;
	size_t len;
	char log[4096];
};

void ref_init(struct ref *r, int limit);
int ref_read(struct ref *r, uint64_t offset, unsigned int size, uint64_t *value);
int ref_write(struct ref *r, uint64_t offset, unsigned int size, uint64_t value);
int ref_reset(struct ref *r);
/* The vIOMMU goes, or one comes */
int ref_detach(struct ref *r);
int ref_attach(struct ref *r);
int ref_hold(struct ref *r, uint64_t first, uint64_t bytes);
int ref_release(struct ref *r);
uint32_t ref_queues_in(const struct ref *r, uint64_t first, uint64_t bytes);
/* The hardware has time for @commands commands of queue @i */
void ref_works(struct ref *r, int i, unsigned long long commands);
void ref_event(struct ref *r, uint64_t low, uint64_t high);
/* Save and restore in one: what another host makes of this guest */
int ref_move(struct ref *r);
const char *ref_log(struct ref *r);

#endif
