// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * The reference model. The rules it is written from:
 * Documentation/arch/arm64/tegra241-cmdqv-vmm.rst, sections 2 and 3, and
 * Documentation/arch/arm64/tegra241-cmdqv-hardware.rst, sections 3 to 7. It asks
 * every question from scratch.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reference.h"

enum { CONS, PROD, ENABLE, STATE, ERROR, ACK };

static void note(struct ref *r, const char *format, ...)
{
	va_list args;

	if (r->len)
		r->log[r->len++] = ' ';
	va_start(args, format);
	r->len += vsnprintf(r->log + r->len, sizeof(r->log) - r->len, format, args);
	va_end(args);
	if (r->len > sizeof(r->log) - 100)
		abort();
}

const char *ref_log(struct ref *r)
{
	r->log[r->len] = 0;
	r->len = 0;
	return r->log;
}

static uint64_t whole_base(const struct ref_queue *q)
{
	return (uint64_t)q->base[1] << 32 | q->base[0];
}

/* Go through the halves; each pair completes one BASE */
static bool base_is_whole(const struct ref_queue *q)
{
	bool low = false, high = false;

	for (const char *c = q->history; *c; c++) {
		if (*c == 'L')
			low = true;
		else
			high = true;
		if (low && high)
			low = high = false;
	}
	return !low && !high;
}

static bool all_four(const struct ref *r, const struct ref_queue *q)
{
	bool cmdqv = r->config[0] & 1;
	bool vintf = r->config[0x1000 / 4] & 1;
	bool alloc = q->map_entry & 1;
	bool base = whole_base(q) != 0;

	return cmdqv && vintf && alloc && base;
}

static uint32_t errors_of(const struct ref_queue *q)
{
	const uint32_t *regs = q->guest ? q->hardware : q->cache;

	return (regs[ERROR] ^ regs[ACK]) & 7;
}

static uint32_t error_map(const struct ref *r)
{
	return (errors_of(&r->q[0]) ? 1 : 0) + (errors_of(&r->q[1]) ? 2 : 0);
}

/* Of queues that are given to the interface */
static uint32_t interface_error_map(const struct ref *r)
{
	uint32_t map = 0;

	for (uint32_t i = 0; i < REF_QUEUES; i++)
		if (r->q[i].map_entry % 2 == 1 && errors_of(&r->q[i]))
			map += 1u << i;
	return map;
}

static void pulse(struct ref *r)
{
	if (!r->silent && !(r->config[0x1c / 4] & 1))
		note(r, "irq");
}

static bool stopped(const struct ref_queue *q)
{
	return !q->kernel || !q->hardware[STATE] || ((q->hardware[ERROR] ^ q->hardware[ACK]) & 1);
}

/* A command is at the index without the wrap bit; the queue is empty when both are equal */
void ref_works(struct ref *r, int i, unsigned long long commands)
{
	struct ref_queue *q = &r->q[i];
	int bits = (int)(q->made_with & 31);
	uint64_t where = q->made_with & ~31ull;

	for (; commands && !stopped(q); commands--) {
		uint64_t from = q->hardware[CONS] % (2ull << bits) % (1 << 20);
		uint64_t to = q->hardware[PROD] % (2ull << bits) % (1 << 20);
		uint64_t at = where / 16 + from % (1ull << bits);
		char *command = &r->memory[at % REF_MEMORY];

		if (from == to)
			break;
		if (*command == '.') {
			r->done++;
			r->sum += (at + 1) * r->done;
			q->hardware[CONS] = (uint32_t)((from + 1) % (2ull << bits) % (1 << 20));
			continue;
		}
		q->hardware[CONS] = (uint32_t)from |
				    (*command == 'I' ? 0x1000000 : *command == 'A' ? 0x2000000 : 0x3000000);
		if (*command == 'T')
			*command = '.';
		q->hardware[ERROR] ^= 1;
		r->edges++;
		for (int k = 0; k < REF_QUEUES; k++)
			if (r->q[k].kernel && r->q[k].hardware[ERROR] != r->q[k].hardware[ACK])
				r->untold |= 1u << k;
	}
}

static void hardware_write(struct ref *r, int i, int which, uint32_t value)
{
	struct ref_queue *q = &r->q[i];

	if (which != CONS || !q->hardware[STATE])
		q->hardware[which] = which == ENABLE ? value & 1 : value;
	if (which == ENABLE)
		q->hardware[STATE] = value & 1;
	ref_works(r, i, r->patience);
}

/* The guest no longer has queue i: what it had in the hardware is in the cache now */
static void keep_registers(struct ref_queue *q)
{
	static const uint32_t widths[6] = { 0x7f0fffff, 0xfffff, 1, 1, 7, 7 };

	for (int which = 0; which < 6; which++)
		q->cache[which] = q->hardware[which] & widths[which];
}

static void switched_off(struct ref_queue *q)
{
	q->paused = false;
	q->cache[ENABLE] = 0;
	q->cache[STATE] = 0;
}

/*
 * Page 0 may be in the guest if there is something in it, and nothing that the
 * guest could ask for is elsewhere: all that is allocated, or left in the kernel,
 * is the guest's.
 */
static bool nothing_hidden(const struct ref *r)
{
	int seen = 0, hidden = 0;

	for (int i = 0; i < REF_QUEUES; i++) {
		const struct ref_queue *q = &r->q[i];

		if (q->guest)
			seen++;
		else if (q->map_entry & 1 || (q->kernel && !q->guest))
			hidden++;
	}
	return seen > 0 && hidden == 0;
}

static void hide_page(struct ref *r)
{
	if (r->mapped)
		note(r, "unmap");
	r->mapped = false;
}

/* Take queues @lowest and above from the guest and from the kernel */
static int take_down(struct ref *r, int lowest)
{
	hide_page(r);
	for (int i = lowest; i < REF_QUEUES; i++) {
		struct ref_queue *q = &r->q[i];

		if (!q->guest)
			continue;
		keep_registers(q);
		/* Off, whether the kernel lets it go or not */
		q->hardware[STATE] = q->hardware[ENABLE] = 0;
		q->guest = false;
		q->paused = all_four(r, q) && q->made_with == whole_base(q);
		if (!q->paused)
			switched_off(q);
	}
	for (int i = REF_QUEUES - 1; i >= lowest; i--) {
		struct ref_queue *q = &r->q[i];

		if (!q->kernel)
			continue;
		if (q->destroy_err) {
			note(r, "destroy%d! err(1,%d,%d)", i, q->destroy_err, i);
			return q->destroy_err;
		}
		note(r, "destroy%d", i);
		q->kernel = false;
	}
	return 0;
}

static void tell_guest(struct ref *r, struct ref_queue *q, int rc)
{
	/* The other errors that random_fate() has are about what the guest asked for */
	q->unlucky = q->made_with == whole_base(q) || rc == -ENOMEM || rc == -EBUSY;
	q->refused = true;
	q->paused = false;
	q->cache[STATE] = 0;
	if (errors_of(q) & 4)
		return;
	q->cache[ERROR] ^= 4;
	pulse(r);
}

static bool overlap(uint64_t base, uint64_t first, uint64_t bytes)
{
	uint64_t start = base & ~31ull, end = start + (16ull << (base & 31)) - 1;

	return bytes && start <= first + bytes - 1 && first <= end;
}

/* Left in the kernel, and nothing in it has to be another */
static bool still_good(const struct ref *r, const struct ref_queue *q)
{
	return q->kernel && q->paused && all_four(r, q) && q->made_with == whole_base(q) &&
	       !overlap(q->made_with, r->held, r->held_bytes);
}

static int bring_up(struct ref *r, int i)
{
	struct ref_queue *q = &r->q[i];
	uint32_t active = errors_of(q) & 3;
	int rc = q->alloc_err;

	if (q->kernel && !still_good(r, q)) {
		tell_guest(r, q, -EBUSY);
		return -EBUSY;
	}
	if (!q->kernel && (int)(q->base[0] & 31) > r->limit) {
		note(r, "err(3,%d,%d)", -EINVAL, i);
		tell_guest(r, q, -EINVAL);
		return -EINVAL;
	}
	if (!q->kernel && rc) {
		note(r, "alloc%d! err(0,%d,%d)", i, rc, i);
		tell_guest(r, q, rc);
		return rc;
	}
	if (!q->kernel) {
		note(r, "alloc%d", i);
		memset(q->hardware, 0, sizeof(q->hardware));
		q->hardware[ERROR] = q->next_gerror;
	}
	q->hardware[ACK] = q->hardware[ERROR];
	q->kernel = q->guest = true;
	q->paused = false;
	q->made_with = whole_base(q);
	/* As if it had been there all the time: it does not work on before its error is acknowledged */
	q->hardware[CONS] = q->cache[CONS];
	q->hardware[PROD] = q->cache[PROD];
	q->hardware[ACK] ^= active;
	hardware_write(r, i, ENABLE, q->cache[ENABLE]);
	return 0;
}

/* Nothing is there that could be invalidated: whatever is asked for is done */
static void done_at_once(struct ref_queue *q)
{
	uint64_t round = 2ull << (q->base[0] & 31);
	uint64_t from = q->cache[CONS] % round % (1 << 20), to = q->cache[PROD] % round % (1 << 20);

	if (q->cache[STATE] && !(errors_of(q) & 1) && from != to)
		q->cache[CONS] = (uint32_t)to;
}

/* The same without a vIOMMU: nobody is asked, and what would be made is paused */
static int settle_away(struct ref *r)
{
	for (int i = 0; i < REF_QUEUES; i++) {
		struct ref_queue *q = &r->q[i];

		if (!all_four(r, q) || q->refused || !(base_is_whole(q) || q->paused))
			return 0;
		if ((int)(q->base[0] & 31) > r->limit) {
			note(r, "err(3,%d,%d)", -EINVAL, i);
			tell_guest(r, q, -EINVAL);
			return -EINVAL;
		}
		if (errors_of(q) & 4)
			q->cache[ACK] ^= 4;
		q->paused = true;
		q->made_with = whole_base(q);
		q->cache[STATE] = q->cache[ENABLE];
		done_at_once(q);
	}
	return 0;
}

/* Make the world be as the registers say */
static int settle(struct ref *r)
{
	int rc = 0;

	/* Lowest one that is there without a right to */
	for (int i = 0; i < REF_QUEUES; i++) {
		const struct ref_queue *q = &r->q[i];
		bool right = q->guest && all_four(r, q) && q->made_with == whole_base(q) &&
			     !overlap(q->made_with, r->held, r->held_bytes);

		if (q->kernel && !right && !(still_good(r, q) && !q->guest)) {
			take_down(r, i);
			break;
		}
	}
	for (int i = 0; i < REF_QUEUES; i++) {
		struct ref_queue *q = &r->q[i];

		if (!all_four(r, q)) {
			q->refused = false;
			if (q->paused)
				switched_off(q);
		}
	}
	if (r->away)
		return settle_away(r);
	for (int i = 0; i < REF_QUEUES && !rc; i++) {
		const struct ref_queue *q = &r->q[i];
		bool below = i == 0 || r->q[i - 1].guest;
		bool ready = all_four(r, q) && (base_is_whole(q) || q->paused) &&
			     !overlap(whole_base(q), r->held, r->held_bytes);

		if (!q->guest && below && ready && !q->refused)
			rc = bring_up(r, i);
	}
	if (!nothing_hidden(r)) {
		hide_page(r);
	} else if (!r->mapped) {
		r->mapped = !r->map_err;
		if (r->map_err)
			note(r, "map! err(2,%d,-1)", r->map_err);
		else
			note(r, "map");
	}
	return rc;
}

static uint32_t config_value(const struct ref *r, uint32_t o)
{
	switch (o) {
	case 0x4:
		return 0x4011;
	case 0x8:
		return r->config[0] & 1;
	case 0x14:
		return interface_error_map(r) != 0;
	case 0x24:
		return error_map(r);
	case 0x10c0:
		return interface_error_map(r);
	case 0x200:
		return r->q[0].map_entry;
	case 0x204:
		return r->q[1].map_entry;
	case 0x1004:
		return r->config[0] & r->config[0x1000 / 4] & 1;
	default:
		return r->config[o / 4];
	}
}

/* Which bits of a register of the configuration page can be written; ~0 in *hole if none is there */
static uint32_t config_bits(uint32_t o, bool *hole)
{
	*hole = false;
	if (o == 0)
		return 0x1fffff;
	if (o == 0x1c || o == 0x20)
		return 0xffffffff;
	if (o == 0x200 || o == 0x204)
		return 0x1f80ff;
	if (o == 0x1000)
		return 0x1ffff;
	if (o >= 0x1040 && o <= 0x107c)
		return 0x1fffff;
	if (o >= 0x1080 && o <= 0x10bc)
		return 0xfffff;
	*hole = !(o == 4 || o == 8 || o == 0x14 || o == 0x18 || (o >= 0x24 && o <= 0x30) ||
		  o == 0x1004 || (o >= 0x10c0 && o <= 0x10cc));
	return 0;
}

static void enable_written(struct ref *r, uint32_t *reg, uint32_t value)
{
	uint32_t before = *reg & 1, after = value & 1;

	*reg = value;
	for (int i = 0; i < REF_QUEUES; i++)
		if (after > before)
			r->q[i].history[0] = 0;
	settle(r);
	for (int i = 0; i < REF_QUEUES; i++)
		if (after < before)
			switched_off(&r->q[i]);
}

static void config_written(struct ref *r, uint32_t o, uint32_t value)
{
	bool hole;

	value &= config_bits(o, &hole);
	if (o == 0 || o == 0x1000) {
		enable_written(r, &r->config[o / 4], value);
	} else if (o == 0x200 || o == 0x204) {
		struct ref_queue *q = &r->q[o == 0x204];

		q->map_entry = value;
		if (value & 1)
			q->history[0] = 0;
		settle(r);
	} else if (config_bits(o, &hole)) {
		r->config[o / 4] = value;
	}
}

static void page0_written(struct ref *r, int i, int which, uint32_t value)
{
	static const uint32_t widths[6] = { 0x7f0fffff, 0xfffff, 1, 0, 0, 7 };
	struct ref_queue *q = &r->q[i];
	bool rises = which == ENABLE && value & 1 && !(q->cache[ENABLE] & 1);

	if (!widths[which])
		return;
	if (q->guest) {
		hardware_write(r, i, which, value);
		return;
	}
	q->cache[which] = value & widths[which];
	if (which == ENABLE && !(value & 1))
		q->cache[STATE] = 0;
	if (rises) {
		q->history[0] = 0;
		q->refused = false;
	}
	if (rises || r->away)
		settle(r);
}

static void base_written(struct ref *r, struct ref_queue *q, uint32_t o, unsigned int size,
			 uint64_t value)
{
	uint64_t before = whole_base(q);
	size_t n = strlen(q->history);

	if (size == 8) {
		q->base[0] = (uint32_t)value;
		q->base[1] = value >> 32 & 0xffff;
		q->history[0] = 0;
	} else {
		q->base[o / 4] = (uint32_t)value & (o ? 0xffff : 0xffffffff);
		/* A complete value needs no history */
		if (base_is_whole(q))
			n = 0;
		if (!n || q->history[n - 1] != (o ? 'H' : 'L'))
			q->history[n++] = o ? 'H' : 'L';
		q->history[n] = 0;
	}
	q->refused = false;
	if (q->paused && before != whole_base(q))
		switched_off(q);
	settle(r);
}

/* The page, the queue and the register of an offset; 0, -ENXIO or -EINVAL */
static int locate(uint64_t offset, unsigned int size, bool write, int *page, int *i, uint32_t *o)
{
	bool hole = true;

	if (offset >= 0x50000 || (size != 4 && size != 8) || offset % size)
		return -EINVAL;
	*page = (int)(offset >> 16);
	*o = offset & 0xffff;
	*i = 0;
	if (*page == 0) {
		config_bits(*o, &hole);
		if (size == 8)
			return write || *o < 0x10c0 || *o > 0x10cc ? -EINVAL : 0;
		return hole ? -ENXIO : 0;
	}
	*i = (int)(*o >> 7);
	*o &= 0x7f;
	if (*i >= REF_QUEUES)
		return -ENXIO;
	if (*page == 1 || *page == 3) {
		if (*o > 0x14)
			return -ENXIO;
		return size == 8 ? -EINVAL : 0;
	}
	return *o > 0xc ? -ENXIO : 0;
}

/* An access that is not trapped; the guest has the memory of queues that exist, and else nothing */
static bool in_page(const struct ref *r, uint64_t offset)
{
	return r->mapped && offset >> 16 == 3;
}

/* The interface's window has nothing of a queue that is not given to it */
static bool not_there(const struct ref *r, int page, int i)
{
	return page == 3 && r->q[i].map_entry % 2 == 0;
}

int ref_read(struct ref *r, uint64_t offset, unsigned int size, uint64_t *value)
{
	int page, i, rc;
	uint32_t o;

	*value = 0;
	rc = locate(offset, size, false, &page, &i, &o);
	if (in_page(r, offset)) {
		if (!rc && r->q[i].guest)
			*value = r->q[i].hardware[o / 4];
		rc = 0;
	} else if (rc) {
		note(r, "err(4,%d,-1)", rc);
	} else if (page == 0) {
		*value = config_value(r, o);
	} else if (not_there(r, page, i)) {
		*value = 0;
	} else if (page == 1 || page == 3) {
		*value = r->q[i].guest ? r->q[i].hardware[o / 4] : r->q[i].cache[o / 4];
	} else {
		const uint32_t *words = o < 8 ? r->q[i].base : r->q[i].cons_base;

		*value = words[o / 4 % 2];
		if (size == 8)
			*value |= (uint64_t)words[1] << 32;
	}
	return rc;
}

int ref_write(struct ref *r, uint64_t offset, unsigned int size, uint64_t value)
{
	int page, i, rc;
	uint32_t o;

	rc = locate(offset, size, true, &page, &i, &o);
	if (in_page(r, offset)) {
		if (!rc && r->q[i].guest && o != 0xc && o != 0x10)
			hardware_write(r, i, (int)o / 4, (uint32_t)value);
		rc = 0;
	} else if (rc) {
		note(r, "err(4,%d,-1)", rc);
	} else if (page == 0) {
		config_written(r, o, (uint32_t)value);
	} else if (not_there(r, page, i)) {
		return 0;
	} else if (page == 1 || page == 3) {
		page0_written(r, i, (int)o / 4, (uint32_t)value);
	} else if (o < 8) {
		base_written(r, &r->q[i], o, size, value);
	} else {
		r->q[i].cons_base[o / 4 % 2] = (uint32_t)value;
		if (size == 8)
			r->q[i].cons_base[1] = (uint32_t)(value >> 32);
	}
	return rc;
}

int ref_reset(struct ref *r)
{
	int rc = take_down(r, 0);

	memset(r->config, 0, sizeof(r->config));
	r->config[0] = 0x20083;
	for (int i = 0; i < REF_QUEUES; i++) {
		bool kernel = r->q[i].kernel;

		memset(&r->q[i], 0, sizeof(r->q[i]));
		r->q[i].kernel = kernel;
	}
	return rc;
}

int ref_detach(struct ref *r)
{
	int rc = r->away ? 0 : take_down(r, 0);

	for (int i = 0; i < REF_QUEUES && !rc; i++) {
		struct ref_queue *q = &r->q[i];

		r->away = true;
		if (!q->refused || !q->unlucky)
			continue;
		q->refused = false;
		q->paused = true;
		q->cache[STATE] = q->cache[ENABLE];
		q->cache[ACK] ^= errors_of(q) & 4;
	}
	settle(r);
	return rc;
}

int ref_attach(struct ref *r)
{
	if (!r->away)
		return -EBUSY;
	r->away = false;
	return settle(r);
}

uint32_t ref_queues_in(const struct ref *r, uint64_t first, uint64_t bytes)
{
	uint32_t map = 0;

	for (uint32_t i = 0; i < REF_QUEUES; i++)
		if (r->q[i].kernel && overlap(r->q[i].made_with, first, bytes))
			map += 1u << i;
	return map;
}

int ref_hold(struct ref *r, uint64_t first, uint64_t bytes)
{
	if (r->held_bytes)
		return -EBUSY;
	r->held = first;
	r->held_bytes = bytes;
	settle(r);
	if (!ref_queues_in(r, first, bytes))
		return 0;
	r->held_bytes = 0;
	settle(r);
	return -EBUSY;
}

int ref_release(struct ref *r)
{
	r->held_bytes = 0;
	return settle(r);
}

void ref_init(struct ref *r, int limit)
{
	memset(r, 0, sizeof(*r));
	r->config[0] = 0x20083;
	r->limit = limit;
	memset(r->memory, '.', sizeof(r->memory));
}

void ref_event(struct ref *r, uint64_t low, uint64_t high)
{
	bool wake = false;

	for (int bit = 0; bit < 128; bit++) {
		if (!((bit < 64 ? low : high) >> bit % 64 & 1))
			continue;
		if (bit >= REF_QUEUES) {
			note(r, "err(5,%d,%d)", -ENOENT, bit);
			break;
		}
	}
	for (int i = 0; i < REF_QUEUES; i++)
		wake = wake || (low >> i & 1 && (r->q[i].guest || errors_of(&r->q[i])));
	if (wake)
		pulse(r);
}

int ref_move(struct ref *r)
{
	int rc;

	/* Everything goes on the one side; on the other nothing is there yet */
	for (int i = 0; i < REF_QUEUES; i++) {
		struct ref_queue *q = &r->q[i];

		if (q->guest) {
			keep_registers(q);
			q->paused = true;
		}
		q->guest = q->kernel = q->unlucky = false;
		q->made_with = 0;
	}
	r->mapped = false;
	r->silent = true;
	rc = settle(r);
	r->silent = false;
	if (rc)
		ref_reset(r);
	else if (interface_error_map(r))
		pulse(r);
	return rc;
}
