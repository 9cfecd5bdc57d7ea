// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * Saved states from anywhere: one that a random guest has, with random words changed.
 * The library takes it or refuses it; one that it takes is a guest like any other, which
 * goes on, is saved and restored again, and is then the same in every word.
 *
 *   state_fuzz [STATES [SEED]]
 */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>

#include "fake.h"

#define LEN VIOMMU_CMDQV_STATE_LEN
#define WORDS (LEN / 4)

static uint64_t states = 100000;
static uint64_t taken, refused, other_version, not_made;

static void no_bugs(struct fake *f)
{
	const char *log = fake_log(f);

	if (strstr(log, "BUG"))
		TEXT(log, "no BUG");
}

static void random_write(struct fake *f)
{
	uint32_t q = below(2), value = below(2) ? below(4) : (uint32_t)draw();

	switch (below(6)) {
	case 0:
		fake_guest_write(f, below(2) ? A_CONFIG : A_VINTF_CONFIG, 4, value | !!below(8));
		break;
	case 1:
		fake_guest_write(f, A_ALLOC(q), 4, value | !!below(8));
		break;
	case 2:
		fake_guest_write(f, A_BASE(q), 8, 0x40000000ull + 0x10000 * q + below(10));
		break;
	case 3:
		fake_guest_write(f, A_BASE(q) + 4 * below(2), 4, value);
		break;
	case 4:
		fake_guest_write(f, A_LOGICAL(q, below(R_NUM)), 4, value);
		break;
	default:
		fake_guest_write(f, below(0x1100 / 4) * 4, 4, value);
		break;
	}
}

/* A guest runs for a while */
static void go_on(struct fake *f)
{
	for (uint32_t i = below(12); i; i--) {
		random_write(f);
		for (uint32_t q = 0; q < VIOMMU_CMDQV_QUEUES; q++) {
			*fake_command(f, f->queues[q].addr + 16 * (uint64_t)below(8)) = "..IAT"[below(5)];
			fake_hw_run(f, q, below(8));
		}
		fake_events(f);
		no_bugs(f);
	}
}

static void random_state(uint32_t state[WORDS])
{
	struct fake f;

	fake_init_size(&f, 12);
	f.registers_unlogged = true;
	if (below(4)) {
		fake_queues(&f, 1 + below(2));
		fake_log(&f);
	}
	f.alloc_err[1] = below(4) ? 0 : -EFAULT;
	go_on(&f);
	EQUAL(viommu_cmdqv_save(f.cmdqv, state, LEN), 0);
	EQUAL(viommu_cmdqv_state_check(state, LEN), 0);
	fake_exit(&f);
}

static void change(uint32_t state[WORDS])
{
	for (uint32_t n = below(4); n; n--) {
		uint32_t word = below(8) ? 4 + below(WORDS - 4) : below(WORDS);

		if (below(2))
			state[word] ^= 1u << below(32);
		else
			state[word] = below(2) ? below(16) : (uint32_t)draw();
	}
}

/* The bits that viommu_cmdqv_save(3) gives a word */
static uint32_t bits_of(unsigned int word)
{
	static const uint32_t queue[12] = { 0x1f80ff, 0x7f0fffff, 0xfffff, 1, 1, 7, 7, 0xf, ~0u, 0xffff, ~0u, ~0u };

	if (word >= 40)
		return queue[(word - 40) % 12];
	if (word == 5 || word == 6)
		return ~0u;
	if (word == 4 || (word >= 8 && word < 24))
		return 0x1fffff;
	return word == 7 ? 0x1ffff : 0xfffff;
}

/* A second opinion, from the manual page */
static int opinion(const uint32_t bytes[WORDS])
{
	uint32_t state[WORDS];

	if (memcmp(bytes, "VCMDQ-V", 8))
		return -EINVAL;
	for (unsigned int i = 2; i < WORDS; i++)
		state[i] = le32toh(bytes[i]);
	if (state[2] != 1)
		return -EPROTONOSUPPORT;
	if (state[3] != LEN)
		return -EINVAL;
	for (unsigned int i = 4; i < WORDS; i++)
		if (state[i] & ~bits_of(i))
			return -EINVAL;
	for (unsigned int q = 40; q < WORDS; q += 12) {
		uint32_t flags = state[q + 7];

		/* Half of a BASE may follow, not both; refused or found as it was, not both; on only then */
		if ((flags & 3) == 3 || (flags & 12) == 12 || (state[q + 4] && !(flags & 8)))
			return -EINVAL;
	}
	return 0;
}

/* A saved state that is restored, and saved at once, is the same */
static void same_again(const uint32_t state[WORDS])
{
	uint32_t again[WORDS];
	struct fake f;

	fake_init_size(&f, 12);
	f.registers_unlogged = true;
	f.budget = 0;
	EQUAL(viommu_cmdqv_restore(f.cmdqv, state, LEN), 0);
	EQUAL(viommu_cmdqv_save(f.cmdqv, again, LEN), 0);
	no_bugs(&f);
	for (unsigned int i = 0; i < WORDS; i++) {
		/* The hardware of the fake toggles GERROR from 0 on; whether they differ counts */
		if (i >= 40 && ((i - 40) % 12 == 5 || (i - 40) % 12 == 6))
			continue;
		if (again[i] != state[i])
			printf("# word %u\n", i);
		EQUAL(again[i], state[i]);
	}
	fake_exit(&f);
}

static void try(const uint32_t state[WORDS])
{
	uint32_t saved[WORDS];
	struct fake f;
	int check = viommu_cmdqv_state_check(state, LEN), rc;

	EQUAL(check, opinion(state));
	fake_init_size(&f, 12);
	f.registers_unlogged = true;
	f.alloc_err[0] = below(16) ? 0 : -ENOMEM;
	rc = viommu_cmdqv_restore(f.cmdqv, state, LEN);
	no_bugs(&f);
	if (check)
		EQUAL(rc, check);
	if (check == -EPROTONOSUPPORT) {
		other_version++;
	} else if (check) {
		refused++;
	} else if (rc) {
		not_made++;
	} else {
		taken++;
		f.alloc_err[0] = 0;
		go_on(&f);
		/* The first restore counts what the other host had refused, and what waited */
		EQUAL(viommu_cmdqv_hold(f.cmdqv, 0, UINT64_MAX), 0);
		EQUAL(viommu_cmdqv_save(f.cmdqv, saved, LEN), 0);
		same_again(saved);
	}
	fake_exit(&f);
}

static void random_states(void)
{
	uint32_t state[WORDS], changed[WORDS];

	for (uint64_t n = 0; n < states && !test_failures; n++) {
		uint64_t before = test_seed;

		if (n % 16 == 0)
			random_state(state);
		memcpy(changed, state, LEN);
		change(changed);
		try(changed);
		if (test_failures)
			printf("# state %" PRIu64 ", random numbers from %" PRIu64 "\n", n, before);
	}
	printf("# %" PRIu64 " taken, %" PRIu64 " no saved state, %" PRIu64 " of other versions, %" PRIu64
	       " whose queue was refused\n", taken, refused, other_version, not_made);
	CHECK(taken > states / 8);
	CHECK(refused > states / 8);
	CHECK(other_version > states / 1000);
	CHECK(not_made > states / 1000);
}

/* Any bytes of any length */
static void random_bytes(void)
{
	static unsigned char bytes[2 * LEN];
	struct fake f;

	fake_init(&f);
	for (uint64_t n = 0; n < states / 16; n++) {
		size_t len = below(sizeof(bytes) + 1);
		unsigned char *exact = malloc(len ? len : 1);

		for (size_t i = 0; i < len; i++)
			exact[i] = (unsigned char)draw();
		if (len >= 8 && below(2))
			memcpy(exact, "VCMDQ-V", 8);
		CHECK(viommu_cmdqv_restore(f.cmdqv, exact, len) < 0);
		CHECK(viommu_cmdqv_state_check(exact, len) < 0);
		free(exact);
	}
	TEXT(fake_log(&f), "");
	fake_exit(&f);
}

static const struct test tests[] = {
	TEST(random_bytes),
	TEST(random_states),
};

FUZZ_MAIN(tests, states)
