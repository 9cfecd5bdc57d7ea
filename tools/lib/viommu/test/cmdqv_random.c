// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * A guest that writes whatever it likes, a kernel that fails now and then, and
 * hardware that executes what it finds, stops at errors and raises them: a million
 * writes, after each of which the library must have asked the kernel for the same as
 * the reference model expects, show the same in every register, and have let the
 * hardware execute the same commands.
 *
 *   cmdqv_random [WRITES [SEED]]
 */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>

#include "fake.h"
#include "reference.h"

static uint64_t writes = 1000000;
static uint64_t counts[8];
/* Writes that nobody traps */
static uint64_t direct;
/* Errors that a queue stopped at, those that its guest has repaired, events handed over */
static uint64_t stops, repairs, events;
/* The vIOMMU went, one came; writes while there was none */
static uint64_t detached, attached, away;
/* Ranges that were held, with a queue in them */
static uint64_t holds;
static uint64_t forgiven, kept_on;
/* Moves with all queues stopped */
static uint64_t stopped;

/* Mostly registers that matter, with values that matter; sometimes anything */
static void random_access(uint64_t *offset, unsigned int *size, uint64_t *value)
{
	static const uint32_t bases[] = { 0, 0x40000008, 0x40000008, 0x40010009, 0x50000008, 8 };
	uint32_t q = below(2);

	*size = 4;
	*value = below(2) ? below(4) : draw();
	switch (below(12)) {
	case 0:
		*offset = below(4) ? A_VINTF_CONFIG : A_CONFIG;
		*value = (*value & ~1ull) | !!below(8);
		break;
	case 1:
	case 2:
		*offset = A_ALLOC(q);
		*value = (*value & ~1ull) | !!below(6);
		break;
	case 3:
	case 4:
		*offset = below(2) ? A_BASE(q) : A_PHYS_BASE(q);
		*value = bases[below(6)];
		*size = 8;
		break;
	case 5:
	case 6:
		*offset = (below(2) ? A_BASE(q) : A_PHYS_BASE(q)) + 4 * below(2);
		*value = *offset & 4 ? below(2) : bases[below(6)];
		break;
	case 7:
	case 8:
	case 9:
		*offset = below(2) ? A_PHYS(q, below(R_NUM)) : A_LOGICAL(q, below(R_NUM));
		break;
	case 10:
		*offset = below(0x1100 / 4) * 4;
		break;
	default:
		*offset = draw() % 0x60000 & (below(2) ? ~3ull : ~0ull);
		*size = 1u << below(5);
		break;
	}
}

static void copy_fate(struct fake *f, const struct ref *r)
{
	for (uint32_t i = 0; i < VIOMMU_CMDQV_QUEUES; i++) {
		f->alloc_err[i] = r->q[i].alloc_err;
		f->destroy_err[i] = r->q[i].destroy_err;
		f->queues[i].next_gerror = r->q[i].next_gerror;
	}
	f->map_err = r->map_err;
	f->budget = r->patience;
}

/* The same fate for both worlds */
static void random_fate(struct fake *f, struct ref *r)
{
	static const int errors[] = { -EFAULT, -EINVAL, -ENOMEM, -EBUSY };

	for (uint32_t i = 0; i < VIOMMU_CMDQV_QUEUES; i++) {
		r->q[i].alloc_err = below(16) ? 0 : errors[below(4)];
		r->q[i].destroy_err = below(40) ? 0 : -EBUSY;
		r->q[i].next_gerror = below(4) ? 0 : below(8);
	}
	r->map_err = below(16) ? 0 : -ENOMEM;
	r->patience = below(4) ? UINT64_MAX : below(3);
	copy_fate(f, r);
}

/* The guest writes to its page 0, mapped or not */
static void guest_writes(struct fake *f, struct ref *r, uint64_t offset, uint32_t value)
{
	EQUAL(fake_guest_write(f, offset, 4, value), ref_write(r, offset, 4, value));
}

/* The guest puts commands into its queue and rings, or does something odd where nobody traps */
static void random_work(struct fake *f, struct ref *r)
{
	uint32_t i = below(2), reg = below(R_NUM), n = 1 + below(3);
	uint64_t addr = f->queues[i].addr + 16 * (uint64_t)below(256);

	if (!r->q[i].guest && !r->away)
		return;
	counts[1]++;
	while (n--)
		*fake_command(f, addr) = r->memory[addr / 16 % REF_MEMORY] = "....IAT."[below(8)];
	if (below(3)) {
		guest_writes(f, r, A_LOGICAL(i, R_PROD), below(0x100));
		guest_writes(f, r, A_LOGICAL(i, R_CONFIG), !!below(8));
	} else {
		guest_writes(f, r, A_LOGICAL(i, reg), (uint32_t)draw() & 7);
	}
}

/* The driver of the guest: repair the command at CONS, acknowledge the error */
static void random_repair(struct fake *f, struct ref *r)
{
	uint32_t i = below(2);
	uint64_t gerror, gerrorn, addr;

	if (!r->q[i].guest)
		return;
	gerror = fake_read(f, A_LOGICAL(i, R_GERROR), 4);
	gerrorn = fake_read(f, A_LOGICAL(i, R_GERRORN), 4);
	if (!((gerror ^ gerrorn) & 1))
		return;
	repairs++;
	addr = f->queues[i].addr + 16 * (fake_read(f, A_LOGICAL(i, R_CONS), 4) & 0xff);
	*fake_command(f, addr) = r->memory[addr / 16 % REF_MEMORY] = '.';
	guest_writes(f, r, A_LOGICAL(i, R_GERRORN), (uint32_t)gerror);
}

/* The hardware has time; sometimes it cannot write CONS to memory */
static void random_hardware(struct fake *f, struct ref *r)
{
	uint32_t i = below(2), commands = below(8);

	if (!r->q[i].guest)
		return;
	if (!below(8)) {
		f->queues[i].regs[R_GERROR] ^= 2;
		r->q[i].hardware[R_GERROR] ^= 2;
	}
	fake_hw_run(f, i, commands);
	ref_works(r, (int)i, commands);
}

/* The kernel tells what it has */
static void tell(struct fake *f, struct ref *r)
{
	uint32_t map = r->untold;

	r->untold = 0;
	if (map)
		ref_event(r, map, 0);
	events += fake_events(f);
}

static void random_event(struct fake *f, struct ref *r)
{
	uint64_t low = draw() & (below(4) ? 3 : 0xff), high = below(8) ? 0 : draw();
	uint64_t map[2] = { htole64(low), htole64(high) };

	counts[2]++;
	EQUAL(viommu_cmdqv_event(f->cmdqv, map, sizeof(map)), 0);
	ref_event(r, low, high);
}

/* The memory moves along; the counts begin anew */
static void world_init(struct fake *f, struct ref *r)
{
	f->registers_unlogged = true;
	memcpy(f->memory, r->memory, sizeof(f->memory));
	r->done = r->sum = 0;
	r->edges = r->untold = 0;
}

/* The guest moves to another host, whose kernel has its own opinions */
static void random_move(struct fake *f, struct ref *r)
{
	unsigned char state[VIOMMU_CMDQV_STATE_LEN];
	int rc;

	/* Some VMMs stop all queues first, so that no command is executed twice */
	if (!r->away && !r->held_bytes && below(2)) {
		EQUAL(viommu_cmdqv_hold(f->cmdqv, 0, UINT64_MAX), ref_hold(r, 0, UINT64_MAX));
		TEXT(fake_log(f), ref_log(r));
		stopped += r->held_bytes != 0;
	}
	/* A queue that the kernel keeps would stay behind */
	for (uint32_t i = 0; i < VIOMMU_CMDQV_QUEUES; i++)
		if (r->q[i].kernel && !r->q[i].guest)
			return;
	counts[3]++;
	EQUAL(viommu_cmdqv_save(f->cmdqv, state, sizeof(state)), 0);
	EQUAL(viommu_cmdqv_state_check(state, sizeof(state)), 0);
	fake_exit(f);
	stops += f->edges;
	fake_init_size(f, (uint32_t)r->limit);
	world_init(f, r);
	copy_fate(f, r);
	if (r->away)
		EQUAL(viommu_cmdqv_detach(f->cmdqv), 0);
	r->held_bytes = 0;
	rc = viommu_cmdqv_restore(f->cmdqv, state, sizeof(state));
	EQUAL(rc, ref_move(r));
	counts[4] += !!rc;
}

/* The last device goes with its vIOMMU, or one comes with another */
static void random_attach(struct fake *f, struct ref *r)
{
	struct viommu_cmdqv_backing backing = {
		.size = sizeof(backing),
		.page0 = f,
		.page0_length = VIOMMU_CMDQV_PAGE_SIZE,
		.kernel = f,
	};
	int rc;

	/* Sometimes the wrong one */
	if (below(8) ? r->away : !r->away) {
		EQUAL(viommu_cmdqv_attach(f->cmdqv, &backing), ref_attach(r));
		attached++;
	} else {
		for (int i = 0; i < REF_QUEUES; i++)
			forgiven += r->q[i].refused && r->q[i].unlucky;
		rc = ref_detach(r);
		EQUAL(viommu_cmdqv_detach(f->cmdqv), rc);
		kept_on += rc && r->q[0].guest;
		detached++;
	}
}

/* Memory goes and comes back */
static void random_hold(struct fake *f, struct ref *r)
{
	static const uint64_t places[] = { 0, 0xfff, 0x40000000, 0x40000800, 0x40010000, 0x50000ff0, 0x140000000 };
	uint64_t first = places[below(7)], bytes = 1 + below(0x12000);
	bool free = !r->held_bytes;
	int rc;

	if (below(8) ? r->held_bytes != 0 : r->held_bytes == 0) {
		EQUAL(viommu_cmdqv_release(f->cmdqv), ref_release(r));
		return;
	}
	holds += !!ref_queues_in(r, first, bytes);
	EQUAL(viommu_cmdqv_queues_in(f->cmdqv, first, bytes), ref_queues_in(r, first, bytes));
	rc = ref_hold(r, first, bytes);
	EQUAL(viommu_cmdqv_hold(f->cmdqv, first, bytes), rc);
	kept_on += free && rc && r->q[0].guest;
}

static void compare_register(struct fake *f, struct ref *r, uint64_t offset, unsigned int size)
{
	uint64_t got, want;
	int rc = fake_guest_read(f, offset, size, &got);

	if (rc != ref_read(r, offset, size, &want) || got != want) {
		printf("# register 0x%" PRIx64 "\n", offset);
		EQUAL(got, want);
	}
}

static void compare(struct fake *f, struct ref *r)
{
	for (uint32_t i = 0; i < VIOMMU_CMDQV_QUEUES; i++) {
		for (uint32_t reg = 0; reg < R_NUM; reg++) {
			compare_register(f, r, A_PHYS(i, reg), 4);
			compare_register(f, r, A_LOGICAL(i, reg), 4);
			if (r->q[i].guest)
				EQUAL(f->queues[i].regs[reg], r->q[i].hardware[reg]);
		}
		for (uint32_t half = 0; half < 4; half++) {
			compare_register(f, r, A_BASE(i) + 4 * half, 4);
			compare_register(f, r, A_PHYS_BASE(i) + 4 * half, 4);
		}
		compare_register(f, r, A_BASE(i), 8);
		compare_register(f, r, A_CONS_INDX_BASE(i), 8);
		compare_register(f, r, A_ALLOC(i), 4);
		EQUAL(f->queues[i].exists, r->q[i].kernel);
		EQUAL(viommu_cmdqv_queue_exists(f->cmdqv, i), r->q[i].guest);
	}
	for (uint32_t o = 0; o <= 0x30; o += 4)
		if (o != 0xc && o != 0x10)
			compare_register(f, r, o, 4);
	for (uint32_t o = 0x1000; o < 0x10d0; o += 4)
		if (o < 0x1008 || o >= 0x1040)
			compare_register(f, r, o, 4);
	compare_register(f, r, A_LVCMDQ_ERR_MAP, 8);
	EQUAL(viommu_cmdqv_page0_mapped(f->cmdqv), r->mapped);
	EQUAL(f->mapped, r->mapped);
	EQUAL(f->executed, r->done);
	EQUAL(f->executed_sum, r->sum);
	EQUAL(f->edges, r->edges);
	EQUAL(f->event_map, r->untold);
	EQUAL(memcmp(f->memory, r->memory, sizeof(f->memory)), 0);
}

static void random_steps(void)
{
	uint64_t steps = 0;
	struct fake f;
	struct ref r;

	fake_init_size(&f, 8);
	ref_init(&r, 8);
	world_init(&f, &r);
	for (; counts[0] < writes && !test_failures; steps++) {
		uint64_t offset = 0, value = 0;
		unsigned int size = 0;
		uint32_t kind = below(400) ? 1 + below(79) : 0;

		random_fate(&f, &r);
		if (kind == 0) {
			EQUAL(viommu_cmdqv_reset(f.cmdqv), ref_reset(&r));
			counts[5]++;
		} else if (kind == 1 && below(4) == 0) {
			random_move(&f, &r);
		} else if (kind < 5) {
			random_event(&f, &r);
		} else if (kind < 8) {
			random_hardware(&f, &r);
		} else if (kind < 20) {
			random_work(&f, &r);
		} else if (kind < 26) {
			random_repair(&f, &r);
		} else if (kind < 30) {
			tell(&f, &r);
		} else if (r.away ? kind < 38 : kind == 30 && !below(4)) {
			random_attach(&f, &r);
		} else if (r.held_bytes ? kind < 40 : kind == 39 && !below(4)) {
			random_hold(&f, &r);
		} else {
			random_access(&offset, &size, &value);
			counts[0]++;
			direct += fake_direct(&f, offset);
			away += r.away;
			EQUAL(fake_guest_write(&f, offset, size, value),
			      ref_write(&r, offset, size, value));
		}
		TEXT(fake_log(&f), ref_log(&r));
		compare(&f, &r);
		counts[6] += r.q[0].guest;
		counts[7] += r.q[1].guest;
		if (test_failures)
			printf("# step %" PRIu64 ": kind %u offset 0x%" PRIx64
			       " size %u value 0x%" PRIx64 "\n",
			       steps, kind, offset, size, value);
	}
	fake_exit(&f);
	stops += f.edges;
	printf("# %" PRIu64 " writes (%" PRIu64 " direct), %" PRIu64 " rounds of work, %" PRIu64
	       " events made up, %" PRIu64 " moves (%" PRIu64 " refused, %" PRIu64
	       " with all queues stopped), %" PRIu64 " resets\n",
	       counts[0], direct, counts[1], counts[2], counts[3], counts[4], stopped, counts[5]);
	printf("# queue 0 existed after %" PRIu64 " of %" PRIu64 " steps, queue 1 after %" PRIu64 "\n",
	       counts[6], steps, counts[7]);
	printf("# queues stopped at %" PRIu64 " errors, %" PRIu64 " were repaired, %" PRIu64
	       " events told of them\n",
	       stops, repairs, events);
	printf("# %" PRIu64 " vIOMMUs went, %" PRIu64 " came, %" PRIu64 " writes without\n", detached,
	       attached, away);
	printf("# memory went from under queues %" PRIu64 " times\n", holds);
	printf("# %" PRIu64 " queues were refused until their vIOMMU went, %" PRIu64
	       " times queues went on that the kernel kept\n", forgiven, kept_on);
	/* A test that never reaches what it is about proves nothing */
	CHECK(counts[6] > steps / 4);
	CHECK(counts[7] > steps / 10);
	CHECK(direct > writes / 100);
	CHECK(stops > writes / 100);
	CHECK(repairs > writes / 500);
	CHECK(holds > writes / 5000);
	CHECK(forgiven > writes / 40000 && kept_on > writes / 40000);
	CHECK(stopped > writes / 5000);
	CHECK(detached > writes / 1000 && attached > writes / 1000 && away > writes / 100);
}

static const struct test tests[] = {
	TEST(random_steps),
};

int main(int argc, char **argv)
{
	if (argc > 1)
		writes = strtoull(argv[1], NULL, 0);
	if (argc > 2)
		test_seed = strtoull(argv[2], NULL, 0);
	printf("# %" PRIu64 " writes from seed %" PRIu64 "\n", writes, test_seed);
	return test_main(tests, 1);
}
