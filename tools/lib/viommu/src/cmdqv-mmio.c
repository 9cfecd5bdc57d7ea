// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * Accesses of the guest to its window. Each page of the window has a function to
 * read and one to write; logical queue n always is physical queue n. They return
 * -ENXIO for what is no register, -EINVAL for a register that is not this long.
 *
 * The two views of the queue pages are the same but for page 0 of a queue that is not
 * allocated: its logical view reads 0 and loses writes, as it does while page 0 is mapped
 * into the guest and nothing traps. So a guest cannot tell whether it is mapped, and what
 * it writes through the physical view is known and kept.
 */
#include <errno.h>

#include "cmdqv.h"

struct access {
	uint32_t offset;
	unsigned int size;
	uint64_t value;
};

static bool within(uint32_t offset, uint32_t first, uint32_t num)
{
	return offset >= first && offset < first + 4 * num;
}

/* LVCMDQ_ERR_MAP is two registers of 64 bits or four of 32 */
static uint32_t lvcmdq_err_map(struct viommu_cmdqv *d, uint32_t offset)
{
	return offset == LVCMDQ_ERR_MAP ? vi_vintf_err_map(d) : 0;
}

static int config_read(struct viommu_cmdqv *d, struct access *a)
{
	uint32_t o = a->offset;

	if (a->size == 8 && !within(o, LVCMDQ_ERR_MAP, 4))
		return -EINVAL;
	if (o == CONFIG)
		a->value = d->config;
	else if (o == PARAM)
		a->value = PARAM_GUEST;
	else if (o == STATUS)
		a->value = d->config & CONFIG_EN;
	else if (within(o, VINTF_ERR_MAP, 2))
		a->value = o == VINTF_ERR_MAP && vi_vintf_err_map(d);
	else if (within(o, VINTF_INT_MASK, 2))
		a->value = d->int_mask[(o - VINTF_INT_MASK) / 4];
	else if (within(o, CMDQ_ERR_MAP, 4))
		a->value = o == CMDQ_ERR_MAP ? vi_cmdqv_err_map(d) : 0;
	else if (within(o, ALLOC_MAP, NUM_QUEUES))
		a->value = d->queues[(o - ALLOC_MAP) / 4].alloc;
	else if (o == VINTF_CONFIG)
		a->value = d->vintf_config;
	else if (o == VINTF_STATUS)
		a->value = d->vintf_config & d->config & VINTF_CONFIG_EN;
	else if (within(o, SID_MATCH, NUM_SIDS))
		a->value = d->sid_match[(o - SID_MATCH) / 4];
	else if (within(o, SID_REPLACE, NUM_SIDS))
		a->value = d->sid_replace[(o - SID_REPLACE) / 4];
	else if (within(o, LVCMDQ_ERR_MAP, 4))
		a->value = lvcmdq_err_map(d, o);
	else
		return -ENXIO;
	return 0;
}

/* Queues lose their enable with their interface; a BASE is whole when that comes up */
static void enable_changed(struct viommu_cmdqv *d, bool was, bool is)
{
	for (uint32_t i = 0; is && !was && i < NUM_QUEUES; i++)
		d->queues[i].halves = 0;
	vi_cmdqv_update(d);
	for (uint32_t i = 0; was && !is && i < NUM_QUEUES; i++)
		vi_queue_lost(&d->queues[i]);
}

static void config_set(struct viommu_cmdqv *d, uint32_t value)
{
	bool was = d->config & CONFIG_EN;

	d->config = value & CONFIG_MASK;
	enable_changed(d, was, d->config & CONFIG_EN);
}

static void vintf_config_set(struct viommu_cmdqv *d, uint32_t value)
{
	bool was = d->vintf_config & VINTF_CONFIG_EN;

	d->vintf_config = value & VINTF_CONFIG_MASK;
	enable_changed(d, was, d->vintf_config & VINTF_CONFIG_EN);
}

static void alloc_set(struct viommu_cmdqv *d, uint32_t index, uint32_t value)
{
	struct vi_queue *q = &d->queues[index];

	q->alloc = value & ALLOC_MAP_MASK;
	if (q->alloc & ALLOC_MAP_ALLOCATED)
		q->halves = 0;
	vi_cmdqv_update(d);
}

static int config_write(struct viommu_cmdqv *d, struct access *a)
{
	uint32_t value = (uint32_t)a->value;
	uint32_t o = a->offset;

	if (a->size == 8)
		return -EINVAL;
	if (o == CONFIG)
		config_set(d, value);
	else if (within(o, VINTF_INT_MASK, 2))
		d->int_mask[(o - VINTF_INT_MASK) / 4] = value;
	else if (within(o, ALLOC_MAP, NUM_QUEUES))
		alloc_set(d, (o - ALLOC_MAP) / 4, value);
	else if (o == VINTF_CONFIG)
		vintf_config_set(d, value);
	else if (within(o, SID_MATCH, NUM_SIDS))
		d->sid_match[(o - SID_MATCH) / 4] = value & SID_MATCH_MASK;
	else if (within(o, SID_REPLACE, NUM_SIDS))
		d->sid_replace[(o - SID_REPLACE) / 4] = value & SID_REPLACE_MASK;
	else
		/* Registers that can only be read ignore this, and there may be none */
		return config_read(d, a);
	return 0;
}

static int page0_read(struct viommu_cmdqv *d, struct access *a)
{
	uint32_t index = a->offset / QUEUE_STRIDE;
	uint32_t reg = a->offset % QUEUE_STRIDE;
	const struct vi_queue *q;

	if (index >= NUM_QUEUES || reg > GERRORN)
		return -ENXIO;
	if (a->size == 8)
		return -EINVAL;
	q = &d->queues[index];
	if (q->exists) {
		a->value = vi_cmdqv_page0_read(d, index, reg);
		return 0;
	}
	switch (reg) {
	case CONS:
		a->value = q->cons;
		break;
	case PROD:
		a->value = q->prod;
		break;
	case QCONFIG:
		a->value = q->config;
		break;
	case QSTATUS:
		a->value = q->status;
		break;
	case GERROR:
		a->value = q->gerror;
		break;
	default:
		a->value = q->gerrorn;
		break;
	}
	return 0;
}

/* A guest that switches its queue on means it: BASE is whole, and worth another try */
static void queue_config_set(struct viommu_cmdqv *d, struct vi_queue *q, uint32_t value)
{
	bool was = q->config & QCONFIG_EN;

	q->config = value & QCONFIG_EN;
	if (!q->config) {
		q->status = 0;
	} else if (!was) {
		q->halves = 0;
		q->failed = false;
		vi_cmdqv_update(d);
	}
}

static int page0_write(struct viommu_cmdqv *d, struct access *a)
{
	uint32_t index = a->offset / QUEUE_STRIDE;
	uint32_t reg = a->offset % QUEUE_STRIDE;
	uint32_t value = (uint32_t)a->value;
	struct vi_queue *q;

	if (index >= NUM_QUEUES || reg > GERRORN)
		return -ENXIO;
	if (a->size == 8)
		return -EINVAL;
	q = &d->queues[index];
	if (q->exists) {
		if (reg != QSTATUS && reg != GERROR)
			vi_cmdqv_page0_write(d, index, reg, value);
		return 0;
	}
	switch (reg) {
	case CONS:
		q->cons = value & CONS_MASK;
		break;
	case PROD:
		q->prod = value & PROD_MASK;
		break;
	case QCONFIG:
		queue_config_set(d, q, value);
		break;
	case GERRORN:
		q->gerrorn = value & GERROR_MASK;
		break;
	default:
		break;
	}
	return 0;
}

static bool allocated(const struct viommu_cmdqv *d, const struct access *a)
{
	uint32_t index = a->offset / QUEUE_STRIDE;

	return index < NUM_QUEUES && d->queues[index].alloc & ALLOC_MAP_ALLOCATED;
}

static int logical_page0_read(struct viommu_cmdqv *d, struct access *a)
{
	int rc = page0_read(d, a);

	if (!allocated(d, a))
		a->value = 0;
	return rc;
}

static int logical_page0_write(struct viommu_cmdqv *d, struct access *a)
{
	return allocated(d, a) ? page0_write(d, a) : logical_page0_read(d, a);
}

static uint64_t half(uint64_t value, const struct access *a)
{
	return a->size == 8 ? value : (uint32_t)(value >> (a->offset & 4 ? 32 : 0));
}

static uint64_t with_half(uint64_t old, const struct access *a)
{
	if (a->size == 8)
		return a->value;
	if (a->offset & 4)
		return (old & UINT32_MAX) | a->value << 32;
	return (old & ~(uint64_t)UINT32_MAX) | (uint32_t)a->value;
}

static int page1_read(struct viommu_cmdqv *d, struct access *a)
{
	uint32_t index = a->offset / QUEUE_STRIDE;
	uint32_t reg = a->offset % QUEUE_STRIDE & ~4u;

	if (index >= NUM_QUEUES || reg > CONS_INDX_BASE)
		return -ENXIO;
	if (reg == BASE)
		a->value = half(d->queues[index].base, a);
	else
		a->value = half(d->queues[index].cons_indx_base, a);
	return 0;
}

/*
 * After one half of BASE the other one may follow, and an address that is half
 * old and half new must not reach the kernel. The queue is made with the second
 * half; or when ALLOC or an enable is written, as then no half can follow.
 */
static void base_set(struct viommu_cmdqv *d, struct vi_queue *q, const struct access *a)
{
	uint64_t value = with_half(q->base, a) & BASE_MASK;

	if (a->size == 8)
		q->halves = BASE_BOTH;
	else
		q->halves |= a->offset & 4 ? BASE_HIGH : BASE_LOW;
	if (q->halves == BASE_BOTH)
		q->halves = 0;
	if (value != q->base && q->waiting)
		vi_queue_lost(q);
	q->base = value;
	q->failed = false;
	vi_cmdqv_update(d);
}

static int page1_write(struct viommu_cmdqv *d, struct access *a)
{
	uint32_t index = a->offset / QUEUE_STRIDE;
	uint32_t reg = a->offset % QUEUE_STRIDE & ~4u;
	struct vi_queue *q;

	if (index >= NUM_QUEUES || reg > CONS_INDX_BASE)
		return -ENXIO;
	q = &d->queues[index];
	if (reg == BASE)
		base_set(d, q, a);
	else
		/* The hardware is never told: CONS goes to page 0 only */
		q->cons_indx_base = with_half(q->cons_indx_base, a);
	return 0;
}

typedef int (*access_fn)(struct viommu_cmdqv *d, struct access *a);

static const access_fn readers[] = {
	[PAGE_CONFIG] = config_read,
	[PAGE_VCMDQ_PAGE0] = page0_read,
	[PAGE_VCMDQ_PAGE1] = page1_read,
	[PAGE_VINTF_PAGE0] = logical_page0_read,
	[PAGE_VINTF_PAGE1] = page1_read,
};

static const access_fn writers[] = {
	[PAGE_CONFIG] = config_write,
	[PAGE_VCMDQ_PAGE0] = page0_write,
	[PAGE_VCMDQ_PAGE1] = page1_write,
	[PAGE_VINTF_PAGE0] = logical_page0_write,
	[PAGE_VINTF_PAGE1] = page1_write,
};

static int dispatch(struct viommu_cmdqv *d, const access_fn *pages, uint64_t offset,
		    unsigned int size, uint64_t *value)
{
	struct access a = { .size = size, .value = *value };
	int rc = -EINVAL;

	if ((size == 4 || size == 8) && offset % size == 0 &&
	    offset < VIOMMU_CMDQV_SIZE) {
		a.offset = (uint32_t)offset % VIOMMU_CMDQV_PAGE_SIZE;
		rc = pages[offset / VIOMMU_CMDQV_PAGE_SIZE](d, &a);
	}
	*value = a.value;
	if (rc) {
		struct viommu_cmdqv_error error = {
			.reason = VIOMMU_CMDQV_BAD_ACCESS,
			.err = rc,
			.index = UINT32_MAX,
			.size = size,
			.addr = offset,
		};

		vi_cmdqv_error(d, &error);
	}
	return rc;
}

int viommu_cmdqv_read(struct viommu_cmdqv *d, uint64_t offset,
		      unsigned int size, uint64_t *value)
{
	int rc;

	*value = 0;
	rc = dispatch(d, readers, offset, size, value);
	vi_trace(cmdqv_read, d, offset, size, *value, rc);
	return rc;
}

int viommu_cmdqv_write(struct viommu_cmdqv *d, uint64_t offset,
		       unsigned int size, uint64_t value)
{
	uint64_t unused = value;
	int rc = dispatch(d, writers, offset, size, &unused);

	vi_trace(cmdqv_write, d, offset, size, value, rc);
	return rc;
}
