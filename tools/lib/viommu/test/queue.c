// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * Why a HW queue is refused, and whether it would be: every condition by itself, and the
 * size that is taken wherever a guest puts it, tried out at each place.
 */
#include <errno.h>

#include <viommu.h>

#include "test.h"

#define MIB 0x100000ull
#define GIB 0x40000000ull

/* 1 GiB on huge pages at the same place modulo 2 MiB, and 4 MiB on small ones */
static const struct viommu_memory memory[] = {
	{ 0x40000000, GIB, 0x7f0000200000, 2 * MIB },
	{ 0x200000000, 4 * MIB, 0x7e0000001000, 4096 },
};

static const struct viommu_hw_queue_limits vm = {
	.size = sizeof(vm),
	.queues = 2,
	.max_log2size = 18,
	.memory_num = ARRAY_SIZE(memory),
	.memory = memory,
};

static void preflight(void)
{
	static const struct {
		uint32_t index;
		uint64_t iova;
		uint64_t length;
		uint32_t reason;
	} rows[] = {
		{ 0, 0x40000000, 4096, VIOMMU_HW_QUEUE_TAKEN },
		{ 1, 0x40200000, 2 * MIB, VIOMMU_HW_QUEUE_TAKEN },
		{ 1, 0x40001020, 32, VIOMMU_HW_QUEUE_TAKEN },
		{ 0, 0x200001000, 4096, VIOMMU_HW_QUEUE_TAKEN },
		/* The kernel judges the memory first */
		{ 2, 0x40000000, 4096, VIOMMU_HW_QUEUE_INDEX },
		{ 2, 0x80000000, 4096, VIOMMU_HW_QUEUE_UNMAPPED },
		{ 0, 0x7ffff000, 8192, VIOMMU_HW_QUEUE_UNMAPPED },
		{ 0, 0x3fffffe0, 64, VIOMMU_HW_QUEUE_UNMAPPED },
		{ 0, 0xfffffffffffff000ull, 8192, VIOMMU_HW_QUEUE_UNMAPPED },
		{ 0, 0x40000000, 0, VIOMMU_HW_QUEUE_SIZE },
		{ 0, 0x40000000, 16, VIOMMU_HW_QUEUE_SIZE },
		{ 0, 0x40000000, 4097, VIOMMU_HW_QUEUE_SIZE },
		{ 0, 0x40000000, 16 << 19, VIOMMU_HW_QUEUE_SIZE },
		{ 0, 0x40000000, 16 << 18, VIOMMU_HW_QUEUE_SCATTERED },
		{ 0, 0x200000000, 8192, VIOMMU_HW_QUEUE_SCATTERED },
		{ 0, 0x40001000, 8192, VIOMMU_HW_QUEUE_ALIGNMENT },
		{ 0, 0x40000020, 4096, VIOMMU_HW_QUEUE_ALIGNMENT },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++)
		TEXT(viommu_hw_queue_reason_word(viommu_hw_queue_check(&vm, rows[i].index,
								       rows[i].iova, rows[i].length)),
		     viommu_hw_queue_reason_word(rows[i].reason));
}

/* Two pieces of memory beside each other: mapped, but not in one page */
static void beside_each_other(void)
{
	const struct viommu_memory two[] = {
		{ 0x40300000, MIB, 0x7f0000300000, 2 * MIB },
		{ 0x40200000, MIB, 0x7f0000200000, 2 * MIB },
	};
	struct viommu_hw_queue_limits limits = vm;

	limits.memory = two;
	EQUAL(viommu_hw_queue_check(&limits, 0, 0x40200000, 2 * MIB), VIOMMU_HW_QUEUE_SCATTERED);
	EQUAL(viommu_hw_queue_check(&limits, 0, 0x40200000, MIB), VIOMMU_HW_QUEUE_TAKEN);
	EQUAL(viommu_hw_queue_check(&limits, 0, 0x40200000, 4 * MIB), VIOMMU_HW_QUEUE_UNMAPPED);
	EQUAL(viommu_hw_queue_log2size(&limits), 16);
}

static void reasons(void)
{
	static const struct {
		int err;
		uint64_t iova;
		uint64_t length;
		/* Without limits, and with those of the VM */
		uint32_t blind;
		uint32_t seeing;
	} rows[] = {
		{ 0, 0x40000000, 4096, VIOMMU_HW_QUEUE_TAKEN, VIOMMU_HW_QUEUE_TAKEN },
		{ -EOPNOTSUPP, 0x40000000, 4096, VIOMMU_HW_QUEUE_UNSUPPORTED, VIOMMU_HW_QUEUE_UNSUPPORTED },
		{ -EIO, 0x40000000, 4096, VIOMMU_HW_QUEUE_ORDER, VIOMMU_HW_QUEUE_ORDER },
		{ -EEXIST, 0x40000000, 4096, VIOMMU_HW_QUEUE_EXISTS, VIOMMU_HW_QUEUE_EXISTS },
		{ -ENOENT, 0x40000000, 4096, VIOMMU_HW_QUEUE_UNMAPPED, VIOMMU_HW_QUEUE_UNMAPPED },
		{ -EOVERFLOW, ~0ull, 4096, VIOMMU_HW_QUEUE_UNMAPPED, VIOMMU_HW_QUEUE_UNMAPPED },
		{ -ERANGE, ~0ull, 4096, VIOMMU_HW_QUEUE_UNMAPPED, VIOMMU_HW_QUEUE_UNMAPPED },
		{ -EPERM, 0x40000000, 4096, VIOMMU_HW_QUEUE_UNREADABLE, VIOMMU_HW_QUEUE_UNREADABLE },
		{ -EADDRINUSE, 0x40000000, 4096, VIOMMU_HW_QUEUE_UNALIGNED_MAP,
		  VIOMMU_HW_QUEUE_UNALIGNED_MAP },
		{ -ENOMEM, 0x40000000, 4096, VIOMMU_HW_QUEUE_NO_MEMORY, VIOMMU_HW_QUEUE_NO_MEMORY },
		{ -ETIMEDOUT, 0x40000000, 4096, VIOMMU_HW_QUEUE_DEAD, VIOMMU_HW_QUEUE_DEAD },
		{ -EMFILE, 0x40000000, 4096, VIOMMU_HW_QUEUE_OTHER, VIOMMU_HW_QUEUE_OTHER },
		/* EFAULT: in one page it is not that it is scattered */
		{ -EFAULT, 0x40000000, 4096, VIOMMU_HW_QUEUE_UNPINNABLE, VIOMMU_HW_QUEUE_UNPINNABLE },
		{ -EFAULT, 0x40000000, MIB, VIOMMU_HW_QUEUE_SCATTERED, VIOMMU_HW_QUEUE_UNPINNABLE },
		{ -EFAULT, 0x200000000, MIB, VIOMMU_HW_QUEUE_SCATTERED, VIOMMU_HW_QUEUE_SCATTERED },
		/* EINVAL: size, alignment, or what only the limits tell */
		{ -EINVAL, 0x40000000, 48, VIOMMU_HW_QUEUE_SIZE, VIOMMU_HW_QUEUE_SIZE },
		{ -EINVAL, 0x40000000, 16 << 20, VIOMMU_HW_QUEUE_SIZE, VIOMMU_HW_QUEUE_SIZE },
		{ -EINVAL, 0x40000000, 16 << 19, VIOMMU_HW_QUEUE_INVALID, VIOMMU_HW_QUEUE_SIZE },
		{ -EINVAL, 0x40000020, 64, VIOMMU_HW_QUEUE_ALIGNMENT, VIOMMU_HW_QUEUE_ALIGNMENT },
		{ -EINVAL, 0x200000000, 16384, VIOMMU_HW_QUEUE_INVALID, VIOMMU_HW_QUEUE_ALIGNMENT },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		TEXT(viommu_hw_queue_reason_word(viommu_hw_queue_reason(NULL, rows[i].err, 0, rows[i].iova,
									rows[i].length)),
		     viommu_hw_queue_reason_word(rows[i].blind));
		TEXT(viommu_hw_queue_reason_word(viommu_hw_queue_reason(&vm, rows[i].err, 0, rows[i].iova,
									rows[i].length)),
		     viommu_hw_queue_reason_word(rows[i].seeing));
	}
	EQUAL(viommu_hw_queue_reason(&vm, -EINVAL, 2, 0x40000000, 4096), VIOMMU_HW_QUEUE_INDEX);
}

/* Words are for programs: small letters and hyphens, each another one */
static void words(void)
{
	for (uint32_t i = 0; i <= VIOMMU_HW_QUEUE_OTHER; i++) {
		const char *word = viommu_hw_queue_reason_word(i);

		EQUAL(strspn(word, "abcdefghijklmnopqrstuvwxyz-"), strlen(word));
		CHECK(strlen(word) > 2);
		CHECK(strchr(viommu_hw_queue_reason_text(i), ' '));
		for (uint32_t j = 0; j < i; j++) {
			CHECK(strcmp(word, viommu_hw_queue_reason_word(j)));
			CHECK(strcmp(viommu_hw_queue_reason_text(i), viommu_hw_queue_reason_text(j)));
		}
	}
	TEXT(viommu_hw_queue_reason_word(VIOMMU_HW_QUEUE_OTHER + 1), "other");
	TEXT(viommu_hw_queue_reason_text(~0u), viommu_hw_queue_reason_text(VIOMMU_HW_QUEUE_OTHER));
}

static unsigned int log2size(uint64_t iova, uint64_t length, uint64_t backing, uint64_t page_size,
			     uint32_t max)
{
	const struct viommu_memory one = { iova, length, backing, page_size };
	const struct viommu_hw_queue_limits limits = {
		.size = sizeof(limits), .max_log2size = max, .memory_num = 1, .memory = &one
	};
	unsigned int bits = viommu_hw_queue_log2size(&limits);
	uint64_t queue = 16ull << bits;

	/* Wherever the guest puts one of this size or a smaller one */
	for (uint64_t at = (iova + queue - 1) & -queue; bits && at + queue <= iova + length; at += queue) {
		EQUAL(viommu_hw_queue_check(&limits, 0, at, queue), VIOMMU_HW_QUEUE_TAKEN);
		EQUAL(viommu_hw_queue_check(&limits, 0, at + queue / 2, queue / 2), VIOMMU_HW_QUEUE_TAKEN);
	}
	return bits;
}

static void size_everywhere(void)
{
	/* As large as the page, if here and there are congruent modulo that */
	EQUAL(log2size(0x40000000, 64 * MIB, 0x7f0000000000, 4096, 0), 8);
	EQUAL(log2size(0x40000000, 64 * MIB, 0x7f0000000000, 65536, 0), 12);
	EQUAL(log2size(0x40000000, 64 * MIB, 0x7f0000000000, 2 * MIB, 0), 17);
	EQUAL(log2size(0x40000000, 2 * GIB, 0x7f0040000000, GIB, 0), 19);
	EQUAL(log2size(0x40000000, 2 * GIB, 0x7f0040000000, GIB, 18), 18);
	EQUAL(log2size(0x40000000, 64 * MIB, 0x7f0000000000, 2 * MIB, 10), 10);
	/* Shifted by 64 KiB: huge pages are of no use beyond that */
	EQUAL(log2size(0x40000000, 64 * MIB, 0x7f0000010000, 2 * MIB, 0), 12);
	/* Not where the page begins, but congruent: a file that is mapped with an offset */
	EQUAL(log2size(0x40100000, 64 * MIB, 0x100000, 2 * MIB, 0), 17);
	/* No power of two is no page */
	EQUAL(log2size(0x40000000, 64 * MIB, 0, 3 * MIB, 0), 0);
	EQUAL(viommu_hw_queue_log2size(&vm), 8);
}

static void sizes(void)
{
	struct {
		struct viommu_hw_queue_limits now;
		uint64_t later[2];
	} limits = { .now = vm };

	limits.now.size = sizeof(limits);
	EQUAL(viommu_hw_queue_check(&limits.now, 0, 0x40000000, 4096), VIOMMU_HW_QUEUE_TAKEN);
	limits.later[1] = 1;
	EQUAL(viommu_hw_queue_check(&limits.now, 0, 0x40000000, 4096), VIOMMU_HW_QUEUE_OTHER);
	limits.now.size = sizeof(limits.now) - 1;
	EQUAL(viommu_hw_queue_check(&limits.now, 0, 0x40000000, 4096), VIOMMU_HW_QUEUE_OTHER);
	EQUAL(viommu_hw_queue_reason(&limits.now, -EFAULT, 0, 0x40000000, 4096), VIOMMU_HW_QUEUE_OTHER);
	EQUAL(viommu_hw_queue_log2size(&limits.now), 0);
	limits.now = vm;
	limits.now.memory_num = 0;
	EQUAL(viommu_hw_queue_log2size(&limits.now), 0);
	EQUAL(viommu_hw_queue_check(&limits.now, 0, 0x40000000, 4096), VIOMMU_HW_QUEUE_UNMAPPED);
}

static const struct test tests[] = {
	TEST(preflight), TEST(beside_each_other), TEST(reasons), TEST(words),
	TEST(size_everywhere), TEST(sizes),
};

TEST_MAIN(tests)
