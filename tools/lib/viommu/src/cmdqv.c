// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * The CMDQ-V of a guest: set-up, reset, attach and detach, events of the kernel. An event
 * is only a reason to pulse the interrupt; the error maps tell the rest.
 */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmdqv.h"

static void registers_reset(struct viommu_cmdqv *d)
{
	d->config = CMDQV_CONFIG_RESET;
	d->vintf_config = 0;
	memset(d->int_mask, 0, sizeof(d->int_mask));
	memset(d->sid_match, 0, sizeof(d->sid_match));
	memset(d->sid_replace, 0, sizeof(d->sid_replace));
	for (uint32_t i = 0; i < NUM_QUEUES; i++) {
		struct vi_queue *q = &d->queues[i];

		/* A HW queue that the kernel has kept is still there */
		*q = (struct vi_queue){ .id = q->id };
	}
}

/* Lengths in version 1.0; shorter is nothing */
#define CONFIG_LEN_1_0 END_OF(struct viommu_cmdqv_config, kernel)
#define HOST_OPS_LEN_1_0 END_OF(struct viommu_cmdqv_host_ops, error)
#define KERNEL_OPS_LEN_1_0 END_OF(struct viommu_cmdqv_kernel_ops, page0_write)

#define BACKING_LEN_1_0 END_OF(struct viommu_cmdqv_backing, kernel)

static bool page0_fits(const void *page0, uint64_t length)
{
	return !page0 || length >= VIOMMU_CMDQV_PAGE_SIZE;
}

static bool config_take(struct viommu_cmdqv_config *c, const struct viommu_cmdqv_config *from)
{
	return vi_take(c, sizeof(*c), from, from->size, CONFIG_LEN_1_0) && !c->reserved &&
	       (c->max_log2size <= VCMDQ_BASE_LOG2SIZE ||
		c->max_log2size == VIOMMU_CMDQV_ANY_SIZE) &&
	       c->host_ops && page0_fits(c->page0, c->page0_length) &&
	       (c->kernel_ops || !c->ctx == !c->page0);
}

static bool host_ops_take(struct viommu_cmdqv_host_ops *ops,
			  const struct viommu_cmdqv_host_ops *from)
{
	return vi_take(ops, sizeof(*ops), from, from->size, HOST_OPS_LEN_1_0) &&
	       !ops->reserved && !ops->map_page0 == !ops->unmap_page0;
}

static bool kernel_ops_take(struct viommu_cmdqv_kernel_ops *ops,
			    const struct viommu_cmdqv_kernel_ops *from)
{
	return vi_take(ops, sizeof(*ops), from, from->size, KERNEL_OPS_LEN_1_0) &&
	       !ops->reserved && ops->queue_alloc && ops->queue_destroy && ops->page0_read && ops->page0_write;
}

int viommu_cmdqv_new(const struct viommu_cmdqv_config *config,
		     struct viommu_cmdqv **cmdqv)
{
	struct viommu_cmdqv_config c = { 0 };
	struct viommu_cmdqv_host_ops host_ops = { 0 };
	struct viommu_cmdqv_kernel_ops kernel_ops = { 0 };
	struct viommu_cmdqv *d = NULL;
	int rc = -EINVAL;

	if (config_take(&c, config) && host_ops_take(&host_ops, c.host_ops) &&
	    kernel_ops_take(&kernel_ops, c.kernel_ops ? c.kernel_ops : &vi_cmdqv_kernel_ops)) {
		d = calloc(1, sizeof(*d));
		rc = d ? 0 : -ENOMEM;
	}
	if (!rc) {
		d->host_ops = host_ops;
		d->host = c.host;
		d->ctx = c.ctx;
		d->viommu = c.viommu;
		d->page0 = c.page0;
		d->max_log2size = c.max_log2size;
		d->kernel_ops = kernel_ops;
		d->kernel = c.kernel_ops ? c.kernel : d;
		d->attached = c.kernel_ops || c.ctx;
		registers_reset(d);
		*cmdqv = d;
	}
	vi_trace(cmdqv_new, d, c.viommu, rc);
	return rc;
}

int viommu_cmdqv_free(struct viommu_cmdqv *d)
{
	int rc = d ? vi_cmdqv_destroy_all(d) : 0;

	vi_trace(cmdqv_free, d, rc);
	free(d);
	return rc;
}

static bool backing_take(const struct viommu_cmdqv *d, struct viommu_cmdqv_backing *b,
			 const struct viommu_cmdqv_backing *from)
{
	return vi_take(b, sizeof(*b), from, from->size, BACKING_LEN_1_0) &&
	       page0_fits(b->page0, b->page0_length) &&
	       (d->kernel_ops.queue_alloc != vi_cmdqv_kernel_ops.queue_alloc ||
		(b->ctx && b->page0));
}

int viommu_cmdqv_attach(struct viommu_cmdqv *d, const struct viommu_cmdqv_backing *backing)
{
	struct viommu_cmdqv_backing b;
	int rc = d->attached ? -EBUSY : 0;

	if (!rc && !backing_take(d, &b, backing))
		rc = -EINVAL;
	if (!rc) {
		d->ctx = b.ctx;
		d->viommu = b.viommu;
		d->page0 = b.page0;
		if (d->kernel != d)
			d->kernel = b.kernel;
		d->attached = true;
		rc = vi_cmdqv_update(d);
	}
	vi_trace(cmdqv_attach, d, d->viommu, rc);
	return rc;
}

int viommu_cmdqv_detach(struct viommu_cmdqv *d)
{
	int rc = d->attached ? vi_cmdqv_destroy_all(d) : 0;

	if (!rc) {
		d->attached = false;
		d->ctx = NULL;
		d->page0 = NULL;
		for (uint32_t i = 0; i < NUM_QUEUES; i++)
			vi_queue_clear_host_error(&d->queues[i]);
	}
	/* Commands that the hardware has not come to; or the vIOMMU stays, and queues go on */
	vi_cmdqv_update(d);
	vi_trace(cmdqv_detach, d, rc);
	return rc;
}

uint32_t viommu_cmdqv_queues_in(const struct viommu_cmdqv *d, uint64_t iova, uint64_t length)
{
	uint32_t map = 0;

	for (uint32_t i = 0; i < NUM_QUEUES; i++)
		if (d->queues[i].id && vi_base_in(d->queues[i].live_base, iova, length))
			map |= 1u << i;
	return map;
}

int viommu_cmdqv_hold(struct viommu_cmdqv *d, uint64_t iova, uint64_t length)
{
	int rc = d->held_length ? -EBUSY : 0;

	if (!rc && (!length || iova + (length - 1) < iova))
		rc = -EINVAL;
	if (!rc) {
		d->held = iova;
		d->held_length = length;
		vi_cmdqv_update(d);
		if (viommu_cmdqv_queues_in(d, iova, length)) {
			rc = -EBUSY;
			d->held_length = 0;
			/* The queues go on */
			vi_cmdqv_update(d);
		}
	}
	vi_trace(cmdqv_hold, d, iova, length, rc);
	return rc;
}

int viommu_cmdqv_release(struct viommu_cmdqv *d)
{
	int rc;

	d->held_length = 0;
	rc = vi_cmdqv_update(d);
	vi_trace(cmdqv_release, d, rc);
	return rc;
}

int viommu_cmdqv_reset(struct viommu_cmdqv *d)
{
	int rc = vi_cmdqv_destroy_all(d);

	registers_reset(d);
	vi_trace(cmdqv_reset, d, rc);
	return rc;
}

int viommu_cmdqv_event(struct viommu_cmdqv *d, const void *data, size_t len)
{
	struct viommu_cmdqv_error error = {
		.size = sizeof(error),
		.reason = VIOMMU_CMDQV_BAD_EVENT,
		.err = -ENOENT,
	};
	uint64_t map[2] = { 0 };
	uint64_t known;
	int rc = len == sizeof(map) ? 0 : -EINVAL;

	if (!rc) {
		memcpy(map, data, sizeof(map));
		map[0] = le64toh(map[0]);
		map[1] = le64toh(map[1]);
	}
	known = map[0] & ((1ull << NUM_QUEUES) - 1);
	vi_trace(cmdqv_event, d, map[0], map[1], rc);
	if (map[0] != known || map[1]) {
		error.index = map[0] != known ? (uint32_t)__builtin_ctzll(map[0] ^ known) :
						64 + (uint32_t)__builtin_ctzll(map[1]);
		vi_cmdqv_error(d, &error);
	}
	for (uint32_t i = 0; i < NUM_QUEUES; i++) {
		/* The event of a queue that has just gone is late, not wrong */
		if (known >> i & 1 && (vi_queue_live(&d->queues[i]) || vi_cmdqv_err_map(d) >> i & 1)) {
			vi_cmdqv_interrupt(d);
			break;
		}
	}
	return rc;
}

void viommu_cmdqv_events_lost(struct viommu_cmdqv *d)
{
	vi_trace(cmdqv_events_lost, d);
	if (vi_vintf_err_map(d))
		vi_cmdqv_interrupt(d);
}

int viommu_cmdqv_queue_exists(const struct viommu_cmdqv *d, uint32_t index)
{
	return index < NUM_QUEUES && vi_queue_live(&d->queues[index]);
}

int viommu_cmdqv_page0_mapped(const struct viommu_cmdqv *d)
{
	return d->mapped;
}
