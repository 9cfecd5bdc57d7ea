// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * Saved registers: the format, byte by byte; what is no saved state; and a guest
 * that goes on elsewhere.
 */
#include <endian.h>
#include <errno.h>

#include "fake.h"

#define LEN VIOMMU_CMDQV_STATE_LEN
#define WORDS (LEN / 4)
#define QUEUE(q, w) (40 + 12 * (q) + (w))

static uint32_t words[WORDS];

static void save(struct fake *f)
{
	memset(words, 0x55, sizeof(words));
	EQUAL(viommu_cmdqv_save(f->cmdqv, words, LEN), 0);
	for (unsigned int i = 2; i < WORDS; i++)
		words[i] = le32toh(words[i]);
	TEXT(fake_log(f), "");
}

static int restore(struct fake *f)
{
	uint32_t state[WORDS];

	memcpy(state, words, sizeof(state));
	for (unsigned int i = 2; i < WORDS; i++)
		state[i] = htole32(state[i]);
	return viommu_cmdqv_restore(f->cmdqv, state, LEN);
}

/* The check alone and the check of viommu_cmdqv_restore() are one */
static int restore_bytes(struct fake *f, const void *state, size_t len)
{
	int rc = viommu_cmdqv_restore(f->cmdqv, state, len);

	EQUAL(viommu_cmdqv_state_check(state, len), rc);
	return rc;
}

static void format(void)
{
	struct fake f;

	fake_init(&f);
	f.budget = 0;
	fake_queues(&f, 2);
	fake_write(&f, A_CONFIG, 0x100001);
	fake_write(&f, A_INT_MASK, 0x11);
	fake_write(&f, A_INT_MASK + 4, 0x12);
	fake_write(&f, A_VINTF_CONFIG, 0x15);
	for (uint32_t s = 0; s < 16; s++) {
		fake_write(&f, A_SID_MATCH(s), 0x100 + s);
		fake_write(&f, A_SID_REPLACE(s), 0x200 + s);
	}
	fake_write64(&f, A_CONS_INDX_BASE(1), 0x1122334455667788ull);
	fake_write(&f, A_LOGICAL(0, R_CONS), 3);
	fake_write(&f, A_LOGICAL(0, R_PROD), 4);
	fake_write(&f, A_LOGICAL(0, R_CONFIG), 1);
	f.queues[0].regs[R_GERROR] = 1;
	fake_log(&f);
	save(&f);
	CHECK(!memcmp(words, "VCMDQ-V", 8));
	EQUAL(words[2], 1);
	EQUAL(words[3], 256);
	EQUAL(words[4], 0x100001);
	EQUAL(words[5], 0x11);
	EQUAL(words[6], 0x12);
	EQUAL(words[7], 0x15);
	for (uint32_t s = 0; s < 16; s++) {
		EQUAL(words[8 + s], 0x100 + s);
		EQUAL(words[24 + s], 0x200 + s);
	}
	EQUAL(words[QUEUE(0, 0)], 1);
	EQUAL(words[QUEUE(0, 1)], 3);
	EQUAL(words[QUEUE(0, 2)], 4);
	EQUAL(words[QUEUE(0, 3)], 1);
	EQUAL(words[QUEUE(0, 4)], 1);
	EQUAL(words[QUEUE(0, 5)], 1);
	EQUAL(words[QUEUE(0, 6)], 0);
	EQUAL(words[QUEUE(0, 7)], 8);
	EQUAL(words[QUEUE(0, 8)], 0x40000008);
	EQUAL(words[QUEUE(0, 9)], 0);
	EQUAL(words[QUEUE(1, 0)], 3);
	EQUAL(words[QUEUE(1, 8)], 0x40010008);
	EQUAL(words[QUEUE(1, 10)], 0x55667788);
	EQUAL(words[QUEUE(1, 11)], 0x11223344);
	EQUAL(viommu_cmdqv_save(f.cmdqv, words, LEN - 1), -ENOSPC);
	fake_exit(&f);
}

/* The saved state of a guest with queue 0 at work and queue 1 refused */
static void save_guest(void)
{
	struct fake f;

	fake_init(&f);
	fake_queues(&f, 1);
	fake_write(&f, A_LOGICAL(0, R_PROD), 9);
	fake_write(&f, A_LOGICAL(0, R_CONFIG), 1);
	f.queues[0].regs[R_CONS] = 6;
	fake_write(&f, A_ALLOC(1), 3);
	f.alloc_err[1] = -EFAULT;
	fake_write64(&f, A_BASE(1), 0x1234560008ull);
	fake_log(&f);
	save(&f);
	fake_exit(&f);
}

static void goes_on_elsewhere(void)
{
	struct fake f;

	save_guest();
	fake_init(&f);
	EQUAL(restore(&f), 0);
	/* A refused queue is not tried; its interrupt may have come too late before the save */
	TEXT(fake_log(&f), "alloc0 n0=0 c0=6 p0=9 e0=1 irq");
	EQUAL(fake_read(&f, A_LVCMDQ_ERR_MAP, 8), 2);
	EQUAL(fake_read(&f, A_BASE(1), 8), 0x1234560008ull);
	/* And the guest goes on as if nothing had been */
	fake_write64(&f, A_BASE(1), 0x40010008);
	TEXT(fake_log(&f), "alloc1 n1=0 c1=0 p1=0 e1=0 map");
	EQUAL(fake_read(&f, A_LVCMDQ_ERR_MAP, 8), 0);
	EQUAL(restore(&f), -EBUSY);
	TEXT(fake_log(&f), "");
	fake_exit(&f);
}

/* An error that the guest has not acknowledged makes an interrupt, unless it is masked */
static void error_goes_along(void)
{
	for (unsigned int masked = 0; masked < 2; masked++) {
		struct fake f;

		fake_init(&f);
		fake_queues(&f, 1);
		fake_write(&f, A_INT_MASK, masked);
		f.queues[0].regs[R_GERROR] = 1;
		save(&f);
		fake_exit(&f);
		fake_init(&f);
		EQUAL(restore(&f), 0);
		TEXT(fake_log(&f), masked ? "alloc0 n0=1 c0=0 p0=0 e0=0 map" :
					    "alloc0 n0=1 c0=0 p0=0 e0=0 map irq");
		EQUAL(fake_read(&f, A_VINTF_ERR_MAP, 4), 1);
		fake_exit(&f);
	}
}

static void refused_elsewhere(void)
{
	struct fake f;

	save_guest();
	fake_init(&f);
	f.alloc_err[0] = -ENOENT;
	EQUAL(restore(&f), -ENOENT);
	TEXT(fake_log(&f), "alloc0! err(0,-2,0)");
	EQUAL(fake_read(&f, A_BASE(0), 8), 0);
	EQUAL(fake_read(&f, A_VINTF_CONFIG, 4), 0);
	EQUAL(fake_read(&f, A_VINTF_ERR_MAP, 4), 0);
	f.alloc_err[0] = 0;
	EQUAL(restore(&f), 0);
	fake_exit(&f);
}

/* A queue that the kernel keeps has to go first */
static void something_left(void)
{
	struct fake f;

	save_guest();
	fake_init(&f);
	fake_queues(&f, 1);
	f.destroy_err[0] = -EBUSY;
	EQUAL(viommu_cmdqv_reset(f.cmdqv), -EBUSY);
	EQUAL(viommu_cmdqv_queue_exists(f.cmdqv, 0), 0);
	EQUAL(restore(&f), -EBUSY);
	EQUAL(fake_read(&f, A_BASE(0), 8), 0);
	f.destroy_err[0] = 0;
	EQUAL(viommu_cmdqv_reset(f.cmdqv), 0);
	EQUAL(restore(&f), 0);
	fake_exit(&f);
}

/* A BASE that is half written stays half written */
static void in_the_middle(void)
{
	struct fake f;

	fake_init(&f);
	fake_write(&f, A_VINTF_CONFIG, 1);
	fake_write(&f, A_ALLOC(0), 1);
	fake_write(&f, A_BASE(0), 0x40000008);
	save(&f);
	EQUAL(words[QUEUE(0, 7)], 1);
	fake_exit(&f);
	fake_init(&f);
	EQUAL(restore(&f), 0);
	TEXT(fake_log(&f), "");
	fake_write(&f, A_BASE(0) + 4, 1);
	TEXT(fake_log(&f), "alloc0 n0=0 c0=0 p0=0 e0=0 map");
	EQUAL(f.queues[0].addr, 0x140000000);
	fake_exit(&f);
}

/* The state of another version may have another length; its version is what to complain of */
static void other_lengths(struct fake *f)
{
	unsigned char state[2 * LEN] = { 0 };
	uint32_t version = htole32(2);

	memcpy(state, words, 8);
	memcpy(state + 8, &version, sizeof(version));
	for (size_t len = 0; len <= sizeof(state); len += 4)
		EQUAL(restore_bytes(f, state, len),
		      len < 16 ? -EINVAL : -EPROTONOSUPPORT);
	version = htole32(1);
	memcpy(state + 8, &version, sizeof(version));
	for (size_t len = 0; len <= sizeof(state); len += 4)
		EQUAL(restore_bytes(f, state, len), -EINVAL);
	state[0] = 'X';
	EQUAL(restore_bytes(f, state, 20), -EINVAL);
}

/* Every bit that no saved state can have set, one at a time */
static void wrong_bits(void)
{
	static const struct {
		unsigned int word;
		uint32_t bits;
	} reserved[] = {
		{ 3, ~256u },	       { 4, 0xffe00000 },	  { 7, 0xfffe0000 },
		{ 8, 0xffe00000 },     { 23, 0xffe00000 },	  { 24, 0xfff00000 },
		{ 39, 0xfff00000 },    { QUEUE(0, 0), 0xffe07f00 }, { QUEUE(0, 1), 0x80f00000 },
		{ QUEUE(0, 2), 0xfff00000 }, { QUEUE(0, 3), ~1u }, { QUEUE(0, 4), ~1u },
		{ QUEUE(0, 5), ~7u },  { QUEUE(1, 6), ~7u },	  { QUEUE(1, 7), 0xfffffff0 },
		{ QUEUE(1, 9), 0xffff0000 },
	};
	struct fake f;
	unsigned int tried = 0;

	save_guest();
	fake_init(&f);
	for (unsigned int i = 0; i < ARRAY_SIZE(reserved); i++) {
		for (unsigned int bit = 0; bit < 32; bit++) {
			if (!(reserved[i].bits >> bit & 1))
				continue;
			words[reserved[i].word] ^= 1u << bit;
			EQUAL(restore(&f), -EINVAL);
			words[reserved[i].word] ^= 1u << bit;
			tried++;
		}
	}
	CHECK(tried > 200);
	/* A queue has one state */
	words[QUEUE(1, 7)] ^= 8;
	EQUAL(restore(&f), -EINVAL);
	words[QUEUE(1, 7)] ^= 8;
	/* Both halves of BASE cannot be outstanding; what does not wait is not on */
	words[QUEUE(1, 7)] |= 3;
	EQUAL(restore(&f), -EINVAL);
	words[QUEUE(1, 7)] &= ~3u;
	words[QUEUE(1, 4)] = 1;
	EQUAL(restore(&f), -EINVAL);
	words[QUEUE(1, 4)] = 0;
	for (unsigned int byte = 0; byte < 8; byte++) {
		((char *)words)[byte] ^= 0x20;
		EQUAL(restore(&f), -EINVAL);
		((char *)words)[byte] ^= 0x20;
	}
	for (unsigned int bit = 0; bit < 32; bit++) {
		words[2] ^= 1u << bit;
		EQUAL(restore(&f), -EPROTONOSUPPORT);
		words[2] ^= 1u << bit;
	}
	other_lengths(&f);
	EQUAL(restore_bytes(&f, words, LEN - 4), -EINVAL);
	EQUAL(restore_bytes(&f, words, 0), -EINVAL);
	TEXT(fake_log(&f), "");
	EQUAL(fake_read(&f, A_BASE(0), 8), 0);
	EQUAL(restore(&f), 0);
	fake_exit(&f);
}

static const struct test tests[] = {
	TEST(format),	     TEST(goes_on_elsewhere), TEST(error_goes_along),
	TEST(refused_elsewhere),
	TEST(something_left),	TEST(in_the_middle), TEST(wrong_bits),
};

TEST_MAIN(tests)
