// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * Reasons why a HW queue is refused, and the preflight. The conditions and their order are
 * the kernel's (Documentation/userspace-api/viommu/checks.rst, section 4.4): the memory
 * is judged before index, size and alignment.
 *
 * Contiguous for certain is what lies in one page of the backing memory. Pages are aligned
 * in the VMM (or in the file) and not in the guest, so all about pages is asked of
 * addresses there.
 */
#include <errno.h>

#include "lib.h"

#define LOG2_COMMAND 4u
#define LENGTH_MIN 32u
/* The field of IDR1 has more, the index in PROD and CONS has not */
#define CMDQS_MAX 19u
/* No page is smaller */
#define PAGE_MIN 4096u

static const struct {
	const char *word;
	const char *text;
} reasons[] = {
	[VIOMMU_HW_QUEUE_TAKEN] = { "taken", "nothing speaks against the queue" },
	[VIOMMU_HW_QUEUE_UNSUPPORTED] = { "unsupported", "the vIOMMU has no HW queues of this type" },
	[VIOMMU_HW_QUEUE_INDEX] = { "index", "the vIOMMU has no queue of this index" },
	[VIOMMU_HW_QUEUE_ORDER] = { "order", "the queue below it does not exist" },
	[VIOMMU_HW_QUEUE_EXISTS] = { "exists", "a queue of this index exists" },
	[VIOMMU_HW_QUEUE_SIZE] = { "size", "the hardware has no queues of this length" },
	[VIOMMU_HW_QUEUE_ALIGNMENT] = { "alignment",
					"the physical address is not a multiple of the length" },
	[VIOMMU_HW_QUEUE_INVALID] = { "invalid", "index, size or alignment is wrong" },
	[VIOMMU_HW_QUEUE_UNMAPPED] = { "unmapped", "a part of the memory is not mapped in the IOAS" },
	[VIOMMU_HW_QUEUE_UNREADABLE] = { "unreadable",
					 "a part of the memory is mapped without permission to read" },
	[VIOMMU_HW_QUEUE_UNALIGNED_MAP] = { "unaligned-map",
					    "the IOAS has mappings that are not aligned to pages" },
	[VIOMMU_HW_QUEUE_SCATTERED] = { "scattered",
					"the memory is in pages that are not contiguous" },
	[VIOMMU_HW_QUEUE_UNPINNABLE] = { "unpinnable", "the memory cannot be pinned" },
	[VIOMMU_HW_QUEUE_NO_MEMORY] = { "no-memory", "the kernel has no memory for the queue" },
	[VIOMMU_HW_QUEUE_DEAD] = { "dead", "the hardware does not answer" },
	[VIOMMU_HW_QUEUE_OTHER] = { "other", "the kernel refused the queue for another reason" },
};

const char *viommu_hw_queue_reason_word(uint32_t reason)
{
	return reasons[reason < ARRAY_SIZE(reasons) ? reason : VIOMMU_HW_QUEUE_OTHER].word;
}

const char *viommu_hw_queue_reason_text(uint32_t reason)
{
	return reasons[reason < ARRAY_SIZE(reasons) ? reason : VIOMMU_HW_QUEUE_OTHER].text;
}

static bool power_of_two(uint64_t n)
{
	return n && !(n & (n - 1));
}

/* The memory that has @iova, or NULL */
static const struct viommu_memory *memory_at(const struct viommu_hw_queue_limits *limits,
					     uint64_t iova)
{
	for (uint32_t i = 0; i < limits->memory_num; i++)
		if (iova - limits->memory[i].iova < limits->memory[i].length)
			return &limits->memory[i];
	return NULL;
}

/* The whole range is mapped, in one piece of memory or in several beside each other */
static bool mapped(const struct viommu_hw_queue_limits *limits, uint64_t iova, uint64_t length)
{
	while (length) {
		const struct viommu_memory *m = memory_at(limits, iova);
		uint64_t left;

		if (!m)
			return false;
		left = m->length - (iova - m->iova);
		if (left >= length)
			return true;
		iova += left;
		length -= left;
	}
	return true;
}

static bool in_one_page(const struct viommu_memory *m, uint64_t iova, uint64_t length)
{
	uint64_t first = m->backing + (iova - m->iova), last = first + (length - 1);

	return iova - m->iova + (length - 1) < m->length && power_of_two(m->page_size) &&
	       !((first ^ last) & ~(m->page_size - 1));
}

/* Index and length against the hardware; unknown limits refuse nothing */
static uint32_t shape(const struct viommu_hw_queue_limits *limits, uint32_t index, uint64_t length)
{
	uint32_t max = limits->max_log2size;

	if (limits->queues && index >= limits->queues)
		return VIOMMU_HW_QUEUE_INDEX;
	if (!power_of_two(length) || length < LENGTH_MIN)
		return VIOMMU_HW_QUEUE_SIZE;
	if (!max || max > CMDQS_MAX)
		max = CMDQS_MAX;
	return length >> LOG2_COMMAND > 1ull << max ? VIOMMU_HW_QUEUE_SIZE : VIOMMU_HW_QUEUE_TAKEN;
}

/*
 * The physical address is what has to be aligned. In one page it is as aligned as the
 * address in the VMM.
 */
static bool aligned(const struct viommu_memory *m, uint64_t iova, uint64_t length)
{
	return !((m->backing + (iova - m->iova)) & (length - 1));
}

static uint32_t check(const struct viommu_hw_queue_limits *limits, uint32_t index, uint64_t iova,
		      uint64_t length)
{
	const struct viommu_memory *m = memory_at(limits, iova);
	uint32_t reason;

	if (!length)
		return VIOMMU_HW_QUEUE_SIZE;
	if (iova + (length - 1) < iova || !m || !mapped(limits, iova, length))
		return VIOMMU_HW_QUEUE_UNMAPPED;
	reason = shape(limits, index, length);
	if (reason)
		return reason;
	if (!in_one_page(m, iova, length))
		return VIOMMU_HW_QUEUE_SCATTERED;
	return aligned(m, iova, length) ? VIOMMU_HW_QUEUE_TAKEN : VIOMMU_HW_QUEUE_ALIGNMENT;
}

static bool limits_take(struct viommu_hw_queue_limits *limits,
			const struct viommu_hw_queue_limits *from)
{
	return vi_take(limits, sizeof(*limits), from, from->size,
		       END_OF(struct viommu_hw_queue_limits, memory));
}

uint32_t viommu_hw_queue_check(const struct viommu_hw_queue_limits *limits,
			       uint32_t index, uint64_t iova, uint64_t length)
{
	struct viommu_hw_queue_limits known;
	uint32_t reason = VIOMMU_HW_QUEUE_OTHER;

	if (limits_take(&known, limits))
		reason = check(&known, index, iova, length);
	vi_trace(hw_queue_check, index, iova, length, reason);
	return reason;
}

/* Which of the causes of EINVAL it is */
static uint32_t invalid(const struct viommu_hw_queue_limits *limits, uint32_t index, uint64_t iova,
			uint64_t length)
{
	static const struct viommu_hw_queue_limits nothing;
	uint32_t reason = shape(limits ? limits : &nothing, index, length);

	if (reason)
		return reason;
	/* If the others are known, it is where the memory happens to be */
	if (iova & (length - 1) || (limits && limits->queues && limits->max_log2size))
		return VIOMMU_HW_QUEUE_ALIGNMENT;
	return VIOMMU_HW_QUEUE_INVALID;
}

/* Not contiguous, unless it is in one page */
static uint32_t not_accessible(const struct viommu_hw_queue_limits *limits, uint64_t iova,
			       uint64_t length)
{
	const struct viommu_memory *m = limits ? memory_at(limits, iova) : NULL;
	bool one_page = (iova ^ (iova + length - 1)) < PAGE_MIN;

	if (m)
		one_page = in_one_page(m, iova, length);
	return one_page ? VIOMMU_HW_QUEUE_UNPINNABLE : VIOMMU_HW_QUEUE_SCATTERED;
}

static uint32_t reason_of(const struct viommu_hw_queue_limits *limits, int err, uint32_t index,
			  uint64_t iova, uint64_t length)
{
	switch (-err) {
	case 0:
		return VIOMMU_HW_QUEUE_TAKEN;
	case EADDRINUSE:
		return VIOMMU_HW_QUEUE_UNALIGNED_MAP;
	case EEXIST:
		return VIOMMU_HW_QUEUE_EXISTS;
	case EFAULT:
		return not_accessible(limits, iova, length);
	case EINVAL:
		return invalid(limits, index, iova, length);
	case EIO:
		return VIOMMU_HW_QUEUE_ORDER;
	case ENOENT:
	case EOVERFLOW:
	case ERANGE:
		return VIOMMU_HW_QUEUE_UNMAPPED;
	case ENOMEM:
		return VIOMMU_HW_QUEUE_NO_MEMORY;
	case EOPNOTSUPP:
		return VIOMMU_HW_QUEUE_UNSUPPORTED;
	case EPERM:
		return VIOMMU_HW_QUEUE_UNREADABLE;
	case ETIMEDOUT:
		return VIOMMU_HW_QUEUE_DEAD;
	default:
		return VIOMMU_HW_QUEUE_OTHER;
	}
}

uint32_t viommu_hw_queue_reason(const struct viommu_hw_queue_limits *limits,
				int err, uint32_t index, uint64_t iova,
				uint64_t length)
{
	struct viommu_hw_queue_limits known;
	uint32_t reason = VIOMMU_HW_QUEUE_OTHER;

	if (!limits)
		reason = reason_of(NULL, err, index, iova, length);
	else if (limits_take(&known, limits))
		reason = reason_of(&known, err, index, iova, length);
	vi_trace(hw_queue_reason, err, index, iova, length, reason);
	return reason;
}

/*
 * log2 of the bytes at any multiple of which the memory is in one page: as far as addresses
 * here and there are congruent. Where other memory follows, a queue could be in both.
 */
static unsigned int memory_log2(const struct viommu_hw_queue_limits *limits,
				const struct viommu_memory *m)
{
	uint64_t all = (m->iova ^ m->backing) | m->page_size;

	if (memory_at(limits, m->iova + m->length))
		all |= m->iova + m->length;
	return power_of_two(m->page_size) ? (unsigned int)__builtin_ctzll(all) : 0;
}

unsigned int viommu_hw_queue_log2size(const struct viommu_hw_queue_limits *limits)
{
	struct viommu_hw_queue_limits known = { 0 };
	unsigned int log2size = 0, bits;

	if (limits_take(&known, limits) && known.memory_num) {
		log2size = CMDQS_MAX;
		if (known.max_log2size && known.max_log2size < log2size)
			log2size = known.max_log2size;
		for (uint32_t i = 0; i < known.memory_num; i++) {
			bits = memory_log2(&known, &known.memory[i]);
			bits = bits > LOG2_COMMAND ? bits - LOG2_COMMAND : 0;
			if (bits < log2size)
				log2size = bits;
		}
	}
	vi_trace(hw_queue_log2size, known.memory_num, log2size);
	return log2size;
}
