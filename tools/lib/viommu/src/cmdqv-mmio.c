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
	/* The value that the guest writes */
	uint64_t value;
};

/* Registers of the configuration page: the first, and how many there are beside each other */
static const struct {
	uint32_t first;
	uint32_t num;
} config_registers[] = {
	{ CMDQV_CONFIG, 1 },
	{ CMDQV_PARAM, 1 },
	{ CMDQV_STATUS, 1 },
	{ CMDQV_VINTF_ERR_MAP, 2 },
	{ CMDQV_VINTF_INT_MASK, 2 },
	{ CMDQV_CMDQ_ERR_MAP, 4 },
	{ CMDQV_ALLOC_MAP, NUM_QUEUES },
	{ VINTF_CONFIG, 1 },
	{ VINTF_STATUS, 1 },
	{ VINTF_SID_MATCH, NUM_SIDS },
	{ VINTF_SID_REPLACE, NUM_SIDS },
	{ VINTF_LVCMDQ_ERR_MAP, 4 },
};

static bool within(uint32_t offset, uint32_t first, uint32_t num)
{
	return offset >= first && offset < first + 4 * num;
}

static int config_find(uint32_t offset)
{
	for (size_t i = 0; i < ARRAY_SIZE(config_registers); i++)
		if (within(offset, config_registers[i].first, config_registers[i].num))
			return 0;
	return -ENXIO;
}

/* LVCMDQ_ERR_MAP is two registers of 64 bits or four of 32 */
static uint32_t lvcmdq_err_map(struct viommu_cmdqv *d, uint32_t offset)
{
	return offset == VINTF_LVCMDQ_ERR_MAP ? vi_vintf_err_map(d) : 0;
}

static uint32_t config_value(struct viommu_cmdqv *d, uint32_t o)
{
	if (o == CMDQV_CONFIG)
		return d->config;
	if (o == CMDQV_PARAM)
		return CMDQV_PARAM_GUEST;
	if (o == CMDQV_STATUS)
		return d->config & CMDQV_CONFIG_EN;
	if (within(o, CMDQV_VINTF_ERR_MAP, 2))
		return o == CMDQV_VINTF_ERR_MAP && vi_vintf_err_map(d);
	if (within(o, CMDQV_VINTF_INT_MASK, 2))
		return d->int_mask[(o - CMDQV_VINTF_INT_MASK) / 4];
	if (within(o, CMDQV_CMDQ_ERR_MAP, 4))
		return o == CMDQV_CMDQ_ERR_MAP ? vi_cmdqv_err_map(d) : 0;
	if (within(o, CMDQV_ALLOC_MAP, NUM_QUEUES))
		return d->queues[(o - CMDQV_ALLOC_MAP) / 4].alloc;
	if (o == VINTF_CONFIG)
		return d->vintf_config;
	if (o == VINTF_STATUS)
		return d->vintf_config & d->config & VINTF_CONFIG_EN;
	if (within(o, VINTF_SID_MATCH, NUM_SIDS))
		return d->sid_match[(o - VINTF_SID_MATCH) / 4];
	if (within(o, VINTF_SID_REPLACE, NUM_SIDS))
		return d->sid_replace[(o - VINTF_SID_REPLACE) / 4];
	return lvcmdq_err_map(d, o);
}

static int config_read(struct viommu_cmdqv *d, const struct access *a, uint64_t *value)
{
	int rc = config_find(a->offset);

	if (a->size == 8 && !within(a->offset, VINTF_LVCMDQ_ERR_MAP, 4))
		rc = -EINVAL;
	if (!rc)
		*value = config_value(d, a->offset);
	return rc;
}

/* Queues lose their enable with their interface; a BASE is whole when that comes up */
static void enable_changed(struct viommu_cmdqv *d, bool was, bool is)
{
	for (uint32_t i = 0; is && !was && i < NUM_QUEUES; i++)
		d->queues[i].halves = 0;
	vi_cmdqv_update(d);
	for (uint32_t i = 0; was && !is && i < NUM_QUEUES; i++)
		vi_queue_off(&d->queues[i]);
}

static void config_set(struct viommu_cmdqv *d, uint32_t value)
{
	bool was = d->config & CMDQV_CONFIG_EN;

	d->config = value & CMDQV_CONFIG_MASK;
	enable_changed(d, was, d->config & CMDQV_CONFIG_EN);
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

	q->alloc = value & CMDQV_ALLOC_MAP_MASK;
	if (q->alloc & CMDQV_ALLOC_MAP_ALLOCATED)
		q->halves = 0;
	vi_cmdqv_update(d);
}

/* Registers that can only be read ignore what is written */
static int config_write(struct viommu_cmdqv *d, const struct access *a)
{
	uint32_t value = (uint32_t)a->value;
	uint32_t o = a->offset;

	if (a->size == 8)
		return -EINVAL;
	if (o == CMDQV_CONFIG)
		config_set(d, value);
	else if (within(o, CMDQV_VINTF_INT_MASK, 2))
		d->int_mask[(o - CMDQV_VINTF_INT_MASK) / 4] = value;
	else if (within(o, CMDQV_ALLOC_MAP, NUM_QUEUES))
		alloc_set(d, (o - CMDQV_ALLOC_MAP) / 4, value);
	else if (o == VINTF_CONFIG)
		vintf_config_set(d, value);
	else if (within(o, VINTF_SID_MATCH, NUM_SIDS))
		d->sid_match[(o - VINTF_SID_MATCH) / 4] = value & VINTF_SID_MATCH_MASK;
	else if (within(o, VINTF_SID_REPLACE, NUM_SIDS))
		d->sid_replace[(o - VINTF_SID_REPLACE) / 4] = value & VINTF_SID_REPLACE_MASK;
	return config_find(o);
}

/* The queue and the register in page 0 that an access is about */
static int page0_find(const struct access *a, uint32_t *index, uint32_t *reg)
{
	*index = a->offset / VCMDQ_STRIDE;
	*reg = a->offset % VCMDQ_STRIDE;
	if (*index >= NUM_QUEUES || *reg > VCMDQ_GERRORN)
		return -ENXIO;
	return a->size == 8 ? -EINVAL : 0;
}

static uint32_t page0_value(struct viommu_cmdqv *d, uint32_t index, uint32_t reg)
{
	const struct vi_queue *q = &d->queues[index];

	if (vi_queue_live(q))
		return vi_cmdqv_page0_read(d, index, reg);
	switch (reg) {
	case VCMDQ_CONS:
		return q->cons;
	case VCMDQ_PROD:
		return q->prod;
	case VCMDQ_CONFIG:
		return q->config;
	case VCMDQ_STATUS:
		return q->status;
	case VCMDQ_GERROR:
		return q->gerror;
	default:
		return q->gerrorn;
	}
}

static int page0_read(struct viommu_cmdqv *d, const struct access *a, uint64_t *value)
{
	uint32_t index, reg;
	int rc = page0_find(a, &index, &reg);

	if (!rc)
		*value = page0_value(d, index, reg);
	return rc;
}

/* A guest that switches its queue on means it: BASE is whole, and worth another try */
static void queue_config_set(struct viommu_cmdqv *d, struct vi_queue *q, uint32_t value)
{
	bool was = q->config & VCMDQ_CONFIG_EN;

	q->config = value & VCMDQ_CONFIG_EN;
	if (!q->config) {
		q->status = 0;
	} else if (!was) {
		q->halves = 0;
		if (q->state == VI_QUEUE_REFUSED)
			q->state = VI_QUEUE_OFF;
		vi_cmdqv_update(d);
	}
}

static void page0_set(struct viommu_cmdqv *d, uint32_t index, uint32_t reg, uint32_t value)
{
	struct vi_queue *q = &d->queues[index];

	switch (reg) {
	case VCMDQ_CONS:
		q->cons = value & VCMDQ_CONS_MASK;
		break;
	case VCMDQ_PROD:
		q->prod = value & VCMDQ_PROD_MASK;
		break;
	case VCMDQ_CONFIG:
		queue_config_set(d, q, value);
		break;
	case VCMDQ_GERRORN:
		q->gerrorn = value & VCMDQ_GERROR_MASK;
		break;
	default:
		break;
	}
	/* Without a vIOMMU nothing but this makes the queue work */
	if (!d->attached)
		vi_cmdqv_update(d);
}

static int page0_write(struct viommu_cmdqv *d, const struct access *a)
{
	uint32_t index, reg;
	int rc = page0_find(a, &index, &reg);

	if (rc)
		return rc;
	if (!vi_queue_live(&d->queues[index]))
		page0_set(d, index, reg, (uint32_t)a->value);
	else if (reg != VCMDQ_STATUS && reg != VCMDQ_GERROR)
		vi_cmdqv_page0_write(d, index, reg, (uint32_t)a->value);
	return 0;
}

/* Is the interface without the queue of this access? */
static bool not_allocated(const struct viommu_cmdqv *d, const struct access *a)
{
	uint32_t index = a->offset / VCMDQ_STRIDE;

	return index < NUM_QUEUES && !(d->queues[index].alloc & CMDQV_ALLOC_MAP_ALLOCATED);
}

static int logical_page0_read(struct viommu_cmdqv *d, const struct access *a, uint64_t *value)
{
	uint32_t index, reg;

	if (not_allocated(d, a))
		return page0_find(a, &index, &reg);
	return page0_read(d, a, value);
}

static int logical_page0_write(struct viommu_cmdqv *d, const struct access *a)
{
	uint32_t index, reg;

	if (not_allocated(d, a))
		return page0_find(a, &index, &reg);
	return page0_write(d, a);
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

static int page1_find(const struct access *a, uint32_t *index, uint32_t *reg)
{
	*index = a->offset / VCMDQ_STRIDE;
	*reg = a->offset % VCMDQ_STRIDE & ~4u;
	return *index >= NUM_QUEUES || *reg > VCMDQ_CONS_INDX_BASE ? -ENXIO : 0;
}

static int page1_read(struct viommu_cmdqv *d, const struct access *a, uint64_t *value)
{
	uint32_t index, reg;
	int rc = page1_find(a, &index, &reg);

	if (!rc)
		*value = half(reg == VCMDQ_BASE ? d->queues[index].base :
						  d->queues[index].cons_indx_base, a);
	return rc;
}

/*
 * After one half of BASE the other one may follow, and an address that is half
 * old and half new must not reach the kernel. The queue is made with the second
 * half; or when ALLOC or an enable is written, as then no half can follow.
 */
static void base_set(struct viommu_cmdqv *d, struct vi_queue *q, const struct access *a)
{
	uint64_t value = with_half(q->base, a) & VCMDQ_BASE_MASK;

	if (a->size == 8)
		q->halves = BASE_BOTH;
	else
		q->halves |= a->offset & 4 ? BASE_HIGH : BASE_LOW;
	if (q->halves == BASE_BOTH)
		q->halves = 0;
	if (q->state == VI_QUEUE_PAUSED && value != q->base)
		vi_queue_off(q);
	else if (q->state == VI_QUEUE_REFUSED)
		q->state = VI_QUEUE_OFF;
	q->base = value;
	vi_cmdqv_update(d);
}

static int page1_write(struct viommu_cmdqv *d, const struct access *a)
{
	uint32_t index, reg;
	int rc = page1_find(a, &index, &reg);
	struct vi_queue *q;

	if (rc)
		return rc;
	q = &d->queues[index];
	if (reg == VCMDQ_BASE)
		base_set(d, q, a);
	else
		/* The hardware is never told: CONS goes to page 0 only */
		q->cons_indx_base = with_half(q->cons_indx_base, a);
	return 0;
}

static const struct {
	int (*read)(struct viommu_cmdqv *d, const struct access *a, uint64_t *value);
	int (*write)(struct viommu_cmdqv *d, const struct access *a);
} pages[] = {
	[PAGE_CONFIG] = { config_read, config_write },
	[PAGE_VCMDQ_PAGE0] = { page0_read, page0_write },
	[PAGE_VCMDQ_PAGE1] = { page1_read, page1_write },
	[PAGE_VINTF_PAGE0] = { logical_page0_read, logical_page0_write },
	[PAGE_VINTF_PAGE1] = { page1_read, page1_write },
};

static bool access_valid(uint64_t offset, unsigned int size)
{
	return (size == 4 || size == 8) && offset % size == 0 && offset < VIOMMU_CMDQV_SIZE;
}

static void report(struct viommu_cmdqv *d, uint64_t offset, unsigned int size, int err)
{
	struct viommu_cmdqv_error error = {
		.size = sizeof(error),
		.reason = VIOMMU_CMDQV_BAD_ACCESS,
		.err = err,
		.index = UINT32_MAX,
		.access = size,
		.addr = offset,
	};

	vi_cmdqv_error(d, &error);
}

int viommu_cmdqv_read(struct viommu_cmdqv *d, uint64_t offset,
		      unsigned int size, uint64_t *value)
{
	struct access a = { .offset = (uint32_t)offset % VIOMMU_CMDQV_PAGE_SIZE, .size = size };
	int rc = -EINVAL;

	*value = 0;
	if (access_valid(offset, size))
		rc = pages[offset / VIOMMU_CMDQV_PAGE_SIZE].read(d, &a, value);
	if (rc)
		report(d, offset, size, rc);
	vi_trace(cmdqv_read, d, offset, size, *value, rc);
	return rc;
}

int viommu_cmdqv_write(struct viommu_cmdqv *d, uint64_t offset,
		       unsigned int size, uint64_t value)
{
	struct access a = {
		.offset = (uint32_t)offset % VIOMMU_CMDQV_PAGE_SIZE,
		.size = size,
		.value = value,
	};
	int rc = -EINVAL;

	if (access_valid(offset, size))
		rc = pages[offset / VIOMMU_CMDQV_PAGE_SIZE].write(d, &a);
	if (rc)
		report(d, offset, size, rc);
	vi_trace(cmdqv_write, d, offset, size, value, rc);
	return rc;
}
