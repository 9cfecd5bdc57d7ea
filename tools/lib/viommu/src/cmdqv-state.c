// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * Saving and restoring the registers. The format is 64 little-endian words of
 * 32 bits, and documented in viommu_cmdqv_save(3):
 *
 *   word  0, 1   "VCMDQ-V" and a zero byte
 *   word  2      version, 1
 *   word  3      length in bytes, 256
 *   word  4      CONFIG
 *   word  5, 6   VINTF_INT_MASK
 *   word  7      VINTF CONFIG
 *   word  8-23   SID_MATCH
 *   word 24-39   SID_REPLACE
 *   word 40-51   queue 0: allocation map entry, CONS, PROD, CONFIG, STATUS,
 *                GERROR, GERRORN, flags, BASE (two words, low first),
 *                CONS_INDX_BASE (two words, low first)
 *   word 52-63   queue 1
 *
 * Flags of a queue: bit 0 and 1, the low and the high half of BASE was written
 * and the other one may follow; bit 2, the queue is REFUSED; bit 3, it is LIVE or PAUSED and
 * to be found by the guest as it was; neither, it is OFF (cmdqv-queue.c).
 */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "cmdqv.h"

#define VERSION 1
#define WORDS (VIOMMU_CMDQV_STATE_LEN / 4)
#define FLAG_REFUSED 0x4u
#define FLAG_PAUSED 0x8u
#define FLAG_MASK 0xfu

static const char magic[8] = "VCMDQ-V";

struct saved_queue {
	uint32_t alloc;
	uint32_t cons;
	uint32_t prod;
	uint32_t config;
	uint32_t status;
	uint32_t gerror;
	uint32_t gerrorn;
	uint32_t flags;
	uint32_t base[2];
	uint32_t cons_indx_base[2];
};

struct saved {
	char magic[8];
	uint32_t version;
	uint32_t length;
	uint32_t config;
	uint32_t int_mask[2];
	uint32_t vintf_config;
	uint32_t sid_match[NUM_SIDS];
	uint32_t sid_replace[NUM_SIDS];
	struct saved_queue queues[NUM_QUEUES];
};

_Static_assert(sizeof(struct saved) == VIOMMU_CMDQV_STATE_LEN, "state has another length");

/* Little endian words to words of the host, or the other way round */
static void swap_words(struct saved *s)
{
	uint32_t words[WORDS];

	memcpy(words, s, sizeof(words));
	for (size_t i = sizeof(magic) / 4; i < WORDS; i++)
		words[i] = htole32(words[i]);
	memcpy(s, words, sizeof(words));
}

static uint64_t join(const uint32_t half[2])
{
	return (uint64_t)half[1] << 32 | half[0];
}

static void split(uint32_t half[2], uint64_t value)
{
	half[0] = (uint32_t)value;
	half[1] = (uint32_t)(value >> 32);
}

static void save_queue(struct viommu_cmdqv *d, uint32_t index, struct saved_queue *s)
{
	struct vi_queue q = d->queues[index];
	uint32_t flags = q.halves;

	if (vi_queue_live(&q))
		vi_queue_capture(d, index, &q);
	/* A queue that exists will be made again, and is to be found as it is */
	if (vi_queue_live(&q) || q.state == VI_QUEUE_PAUSED)
		flags |= FLAG_PAUSED;
	else if (q.state == VI_QUEUE_REFUSED)
		flags |= FLAG_REFUSED;
	s->alloc = q.alloc;
	s->cons = q.cons;
	s->prod = q.prod;
	s->config = q.config;
	s->status = q.status;
	s->gerror = q.gerror;
	s->gerrorn = q.gerrorn;
	s->flags = flags;
	split(s->base, q.base);
	split(s->cons_indx_base, q.cons_indx_base);
}

int viommu_cmdqv_save(struct viommu_cmdqv *d, void *state, size_t len)
{
	struct saved s = {
		.version = VERSION,
		.length = sizeof(s),
		.config = d->config,
		.vintf_config = d->vintf_config,
	};
	int rc = len < sizeof(s) ? -ENOSPC : 0;

	if (!rc) {
		memcpy(s.magic, magic, sizeof(magic));
		memcpy(s.int_mask, d->int_mask, sizeof(s.int_mask));
		memcpy(s.sid_match, d->sid_match, sizeof(s.sid_match));
		memcpy(s.sid_replace, d->sid_replace, sizeof(s.sid_replace));
		for (uint32_t i = 0; i < NUM_QUEUES; i++)
			save_queue(d, i, &s.queues[i]);
		swap_words(&s);
		memcpy(state, &s, sizeof(s));
	}
	vi_trace(cmdqv_save, d, len, rc);
	return rc;
}

static bool flags_valid(const struct saved_queue *s)
{
	const uint32_t state = FLAG_REFUSED | FLAG_PAUSED;

	return !(s->flags & ~FLAG_MASK) && (s->flags & BASE_BOTH) != BASE_BOTH &&
	       (s->flags & state) != state && (!s->status || s->flags & FLAG_PAUSED);
}

static bool queue_valid(const struct saved_queue *s)
{
	return !(s->alloc & ~CMDQV_ALLOC_MAP_MASK) && !(s->cons & ~VCMDQ_CONS_MASK) &&
	       !(s->prod & ~VCMDQ_PROD_MASK) && !(s->config & ~VCMDQ_CONFIG_EN) &&
	       !(s->status & ~VCMDQ_STATUS_ENABLED) && !(s->gerror & ~VCMDQ_GERROR_MASK) &&
	       !(s->gerrorn & ~VCMDQ_GERROR_MASK) && !(join(s->base) & ~VCMDQ_BASE_MASK) &&
	       flags_valid(s);
}

/* The head, which all versions have */
static int head_check(const void *state, size_t len)
{
	uint32_t version;

	if (len < offsetof(struct saved, config) || memcmp(state, magic, sizeof(magic)))
		return -EINVAL;
	memcpy(&version, (const char *)state + offsetof(struct saved, version), sizeof(version));
	if (le32toh(version) != VERSION)
		return -EPROTONOSUPPORT;
	return len == sizeof(struct saved) ? 0 : -EINVAL;
}

static int saved_check(const struct saved *s)
{
	bool valid = !(s->config & ~CMDQV_CONFIG_MASK) && !(s->vintf_config & ~VINTF_CONFIG_MASK);

	for (uint32_t i = 0; i < NUM_SIDS; i++)
		valid = valid && !(s->sid_match[i] & ~VINTF_SID_MATCH_MASK) &&
			!(s->sid_replace[i] & ~VINTF_SID_REPLACE_MASK);
	for (uint32_t i = 0; i < NUM_QUEUES; i++)
		valid = valid && queue_valid(&s->queues[i]);
	return valid && s->length == sizeof(*s) ? 0 : -EINVAL;
}

static void restore_queue(struct vi_queue *q, const struct saved_queue *s)
{
	*q = (struct vi_queue){
		.alloc = s->alloc,
		.cons = s->cons,
		.prod = s->prod,
		.config = s->config,
		.status = s->status,
		.gerror = s->gerror,
		.gerrorn = s->gerrorn,
		.base = join(s->base),
		.cons_indx_base = join(s->cons_indx_base),
		.halves = s->flags & BASE_BOTH,
		.state = s->flags & FLAG_PAUSED ? VI_QUEUE_PAUSED :
			 s->flags & FLAG_REFUSED ? VI_QUEUE_REFUSED : VI_QUEUE_OFF,
	};
}

static int restore(struct viommu_cmdqv *d, const struct saved *s)
{
	int rc;

	d->config = s->config;
	d->vintf_config = s->vintf_config;
	memcpy(d->int_mask, s->int_mask, sizeof(d->int_mask));
	memcpy(d->sid_match, s->sid_match, sizeof(d->sid_match));
	memcpy(d->sid_replace, s->sid_replace, sizeof(d->sid_replace));
	for (uint32_t i = 0; i < NUM_QUEUES; i++)
		restore_queue(&d->queues[i], &s->queues[i]);
	/* One interrupt, and only if the guest stays */
	d->quiet = true;
	rc = vi_cmdqv_update(d);
	d->quiet = false;
	/* That of an error may not have reached the guest where it came from */
	if (rc)
		viommu_cmdqv_reset(d);
	else if (vi_vintf_err_map(d))
		vi_cmdqv_interrupt(d);
	return rc;
}

static int saved_take(struct saved *s, const void *state, size_t len)
{
	int rc = head_check(state, len);

	if (rc)
		return rc;
	memcpy(s, state, sizeof(*s));
	swap_words(s);
	return saved_check(s);
}

int viommu_cmdqv_state_check(const void *state, size_t len)
{
	struct saved s;
	int rc = saved_take(&s, state, len);

	vi_trace(cmdqv_state_check, state, len, rc);
	return rc;
}

int viommu_cmdqv_restore(struct viommu_cmdqv *d, const void *state, size_t len)
{
	struct saved s;
	int rc = saved_take(&s, state, len);

	for (uint32_t i = 0; !rc && i < NUM_QUEUES; i++)
		if (d->queues[i].id)
			rc = -EBUSY;
	if (!rc)
		rc = restore(d, &s);
	vi_trace(cmdqv_restore, d, len, rc);
	return rc;
}
