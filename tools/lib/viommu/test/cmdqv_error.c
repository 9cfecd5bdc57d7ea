// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * Queues that execute, stop at an error, and go and come back meanwhile: the guest sees
 * each error that its commands make, acknowledges it itself, and no command behind an
 * error is executed before that.
 */
#include <errno.h>

#include "fake.h"

#define BASE0 0x40000008ull
#define BASE1 0x40010008ull
#define MEMORY(q) (((q) ? BASE1 : BASE0) & ~0x1full)
#define ZERO0 "n0=0 c0=0 p0=0 e0=0"
#define ILLEGAL 0x01000000u
#define TIMEOUT 0x03000000u

static uint32_t reg(struct fake *f, uint32_t index, uint32_t which)
{
	return (uint32_t)fake_read(f, A_LOGICAL(index, which), 4);
}

static void command(struct fake *f, uint32_t index, uint32_t at, char kind)
{
	*fake_command(f, MEMORY(index) + 16 * at) = kind;
}

/* The guest's driver: repair the command at CONS, then acknowledge what it has read before */
static void repair(struct fake *f, uint32_t index)
{
	uint32_t gerror = reg(f, index, R_GERROR);

	command(f, index, reg(f, index, R_CONS) & 0xff, '.');
	fake_write(f, A_LOGICAL(index, R_GERRORN), gerror);
}

/* Everything that a guest has to see of an error, in its page 0 and in the maps */
static void in_error(struct fake *f, uint32_t index, uint32_t cons)
{
	EQUAL(reg(f, index, R_CONS), cons);
	EQUAL((reg(f, index, R_GERROR) ^ reg(f, index, R_GERRORN)) & 7, 1);
	EQUAL(fake_read(f, A_LVCMDQ_ERR_MAP, 8), 1u << index);
	EQUAL(fake_read(f, A_VINTF_ERR_MAP, 4), 1);
}

static void stops_and_goes_on(void)
{
	static const struct {
		char kind;
		uint32_t code;
	} errors[] = { { 'I', 0x01000000 }, { 'A', 0x02000000 }, { 'T', 0x03000000 } };

	for (unsigned int i = 0; i < ARRAY_SIZE(errors); i++) {
		struct fake f;

		fake_init_queues(&f, 1, 0);
		command(&f, 0, 2, errors[i].kind);
		fake_write(&f, A_LOGICAL(0, R_CONFIG), 1);
		fake_write(&f, A_LOGICAL(0, R_PROD), 5);
		EQUAL(f.executed, 2);
		in_error(&f, 0, errors[i].code | 2);
		/* One edge, one event, one interrupt */
		EQUAL(f.edges, 1);
		EQUAL(fake_events(&f), 1);
		TEXT(fake_log(&f), "irq");
		fake_write(&f, A_LOGICAL(0, R_PROD), 6);
		EQUAL(f.executed, 2);
		repair(&f, 0);
		EQUAL(f.executed, 6);
		EQUAL(reg(&f, 0, R_CONS), 6);
		EQUAL(fake_read(&f, A_LVCMDQ_ERR_MAP, 8), 0);
		EQUAL(f.edges, 1);
		fake_exit(&f);
	}
}

/* EN and PROD are written before BASE, and the first command fails */
static void first_command_fails(void)
{
	for (uint32_t side = 0; side < 4; side++) {
		char kind = side & 1 ? 'T' : 'I';
		struct fake f;

		fake_init(&f);
		/* The toggle may be on either side when the kernel hands the queue out */
		f.queues[0].next_gerror = side;
		command(&f, 0, 0, kind);
		fake_write(&f, A_VINTF_CONFIG, 1);
		fake_write(&f, A_ALLOC(0), 1);
		fake_write(&f, A_LOGICAL(0, R_CONFIG), 1);
		fake_write(&f, A_LOGICAL(0, R_PROD), 3);
		fake_write64(&f, A_BASE(0), BASE0);
		EQUAL(f.executed, 0);
		/* Once, and not again because somebody else has acknowledged it */
		EQUAL(f.edges, 1);
		in_error(&f, 0, kind == 'T' ? TIMEOUT : ILLEGAL);
		EQUAL(fake_events(&f), 1);
		EQUAL(f.irqs, 1);
		repair(&f, 0);
		EQUAL(f.executed, 3);
		EQUAL(reg(&f, 0, R_CONS), 3);
		fake_exit(&f);
	}
}

/* A queue that has stopped at a CMD_SYNC is saved, and restored elsewhere */
static void saved_at_a_sync(void)
{
	unsigned char state[VIOMMU_CMDQV_STATE_LEN];

	for (uint32_t side = 0; side < 4; side += 3) {
		struct fake f;

		fake_init_queues(&f, 1, 0);
		command(&f, 0, 4, 'T');
		fake_write(&f, A_LOGICAL(0, R_CONFIG), 1);
		fake_write(&f, A_LOGICAL(0, R_PROD), 9);
		in_error(&f, 0, TIMEOUT | 4);
		EQUAL(viommu_cmdqv_save(f.cmdqv, state, sizeof(state)), 0);
		fake_exit(&f);

		fake_init(&f);
		f.queues[0].next_gerror = side;
		EQUAL(viommu_cmdqv_restore(f.cmdqv, state, sizeof(state)), 0);
		EQUAL(f.executed, 0);
		in_error(&f, 0, TIMEOUT | 4);
		EQUAL(f.irqs, 1);
		repair(&f, 0);
		EQUAL(f.executed, 5);
		EQUAL(reg(&f, 0, R_CONS), 9);
		fake_exit(&f);
	}
}

/* Queue 1 has stopped when the guest writes another BASE of queue 0 */
static void base_0_under_stopped_1(void)
{
	struct fake f;

	fake_init_queues(&f, 2, 0);
	command(&f, 1, 1, 'I');
	fake_write(&f, A_LOGICAL(1, R_CONFIG), 1);
	fake_write(&f, A_LOGICAL(1, R_PROD), 4);
	in_error(&f, 1, ILLEGAL | 1);
	for (uint32_t side = 0; side < 4; side++) {
		f.queues[1].next_gerror = side;
		fake_write64(&f, A_BASE(0), side & 1 ? BASE0 : 0x50000008);
		EQUAL(f.executed, 1);
		in_error(&f, 1, ILLEGAL | 1);
		EQUAL(reg(&f, 1, R_STATUS), 1);
	}
	EQUAL(f.edges, 1);
	repair(&f, 1);
	EQUAL(f.executed, 4);
	EQUAL(reg(&f, 1, R_CONS), 4);
	fake_exit(&f);
}

/* A queue that works is saved: whenever it stops in between, CONS and the error fit together */
static void stops_while_saved(void)
{
	unsigned int stopped = 0;

	for (unsigned int read = 1; read < 20; read++) {
		unsigned char state[VIOMMU_CMDQV_STATE_LEN];
		struct fake f;

		fake_init_queues(&f, 1, 0);
		command(&f, 0, 3, 'T');
		f.budget = 1;
		fake_write(&f, A_LOGICAL(0, R_CONFIG), 1);
		fake_write(&f, A_LOGICAL(0, R_PROD), 5);
		EQUAL(reg(&f, 0, R_CONS), 1);
		f.reads = 0;
		f.run_after_reads = read;
		EQUAL(viommu_cmdqv_save(f.cmdqv, state, sizeof(state)), 0);
		fake_exit(&f);

		fake_init(&f);
		f.budget = 0;
		EQUAL(viommu_cmdqv_restore(f.cmdqv, state, sizeof(state)), 0);
		if (fake_read(&f, A_LVCMDQ_ERR_MAP, 8)) {
			in_error(&f, 0, TIMEOUT | 3);
			stopped++;
		} else {
			EQUAL(reg(&f, 0, R_CONS), 1);
		}
		fake_exit(&f);
	}
	/* Both have to come up, or nothing was between the reads */
	CHECK(stopped > 1 && stopped < 19);
}

/* Going off takes some time in which the hardware goes on */
static void stops_late(void)
{
	struct fake f;

	fake_init_queues(&f, 2, 0);
	f.budget = 1;
	fake_write(&f, A_LOGICAL(1, R_CONFIG), 1);
	fake_write(&f, A_LOGICAL(1, R_PROD), 0x10);
	f.stop_reads = f.reads + 20;
	f.run_after_reads = f.reads + 10;
	fake_log(&f);
	f.budget = 0;
	fake_write64(&f, A_BASE(0), 0x50000008);
	TEXT(fake_log(&f),
	     "unmap e1=0 destroy1 destroy0 alloc0 " ZERO0 " alloc1 n1=0 c1=10 p1=10 e1=1 map");
	/* Nothing was executed twice */
	EQUAL(f.executed, 16);
	fake_exit(&f);
}

/* A queue that the kernel does not let go is off, as its guest believes; after a reset, too */
static void refused_destroy_is_off(void)
{
	for (unsigned int how = 0; how < 3; how++) {
		struct fake f;

		fake_init_queues(&f, 2, 3);
		f.budget = 0;
		fake_write(&f, A_LOGICAL(1, R_PROD), 4);
		f.destroy_err[1] = -EBUSY;
		if (how == 0)
			fake_write(&f, A_ALLOC(1), 2);
		else if (how == 1)
			fake_write(&f, A_VINTF_CONFIG, 0);
		else
			EQUAL(viommu_cmdqv_reset(f.cmdqv), -EBUSY);
		EQUAL(f.queues[1].exists, 1);
		EQUAL(f.queues[1].regs[R_CONFIG], 0);
		EQUAL(f.queues[1].regs[R_STATUS], 0);
		EQUAL(f.queues[0].regs[R_STATUS], how == 0);
		fake_hw_run(&f, 1, UINT64_MAX);
		EQUAL(f.executed, 0);
		fake_exit(&f);
	}
}

static const struct test tests[] = {
	TEST(stops_and_goes_on),
	TEST(first_command_fails),
	TEST(saved_at_a_sync),
	TEST(base_0_under_stopped_1),
	TEST(stops_while_saved),
	TEST(stops_late),
	TEST(refused_destroy_is_off),
};

TEST_MAIN(tests)
