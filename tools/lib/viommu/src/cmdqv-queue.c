// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * Which HW queues exist. One function, vi_cmdqv_update(), is called after every
 * write that can matter and brings the kernel to what the registers say:
 *
 *   1. The lowest queue that must go takes all above it along, as the kernel
 *      destroys queues in descending order only. Page 0 leaves the guest first, and
 *      each queue is switched off.
 *   2. Queues that are wanted are made in ascending order, up to the first that
 *      is not wanted or not to be had. So a queue whose lower neighbour went and
 *      came back is made again, from the registers it had.
 *   3. Page 0 is mapped into the guest if it is the whole truth, and else not.
 *
 * In page 0 the registers of a queue that does not exist read 0 and lose writes;
 * what the guest is to know of it, and writes to it, is in the cache. So page 0
 * is the whole truth only while every queue that is allocated exists.
 *
 * The states of a queue. It is wanted while CMDQ-V, the interface, its ALLOCATED and its
 * BASE are set; its BASE is whole when no second half may follow.
 *
 *   state    the guest sees          next state
 *   OFF      cache, STATUS 0         wanted, BASE whole, lower ones LIVE: LIVE or REFUSED
 *   LIVE     page 0                  not wanted, or another BASE: OFF
 *                                    a lower one goes: PAUSED
 *                                    the vIOMMU goes, or its memory is held: PAUSED
 *   PAUSED   cache, STATUS as it was lower ones LIVE: LIVE or REFUSED
 *                                    not wanted, or another BASE: OFF
 *   REFUSED  cache, CMDQ_INIT_ERR    not wanted, BASE written, or EN set anew: OFF
 *
 * While there is no vIOMMU, PAUSED takes the place of LIVE. Nothing that a command could
 * invalidate is cached anywhere then, so the commands of an enabled queue are complete as
 * soon as they are there: CONS follows PROD.
 *
 * A queue may be REFUSED for a reason that is not its guest's: it was made with the same
 * BASE before, or the errno says nothing of the guest's values. It is PAUSED again when its
 * vIOMMU goes.
 *
 * OFF and REFUSED become LIVE or REFUSED in the same update that finds them so. The
 * kernel may have kept the HW queue of an earlier life (vi_queue_kept()) in each state
 * but LIVE, and the guest does not have it. If it is PAUSED, and its hardware is off, it
 * becomes LIVE again as it is. Else it is to be destroyed first, and until that succeeds
 * the queue can only become REFUSED.
 */
#include <errno.h>

#include "cmdqv.h"

/* How often registers of a queue are read that works, and STATUS of one that is to follow CONFIG */
#define CAPTURE_ROUNDS 3
#define STATUS_READS 1000

static uint64_t base_length(uint64_t base)
{
	return 1ull << ((base & VCMDQ_BASE_LOG2SIZE) + 4);
}

static bool wanted(const struct viommu_cmdqv *d, const struct vi_queue *q)
{
	return d->config & CMDQV_CONFIG_EN && d->vintf_config & VINTF_CONFIG_EN &&
	       q->alloc & CMDQV_ALLOC_MAP_ALLOCATED && q->base;
}

/* Is a part of the memory of a queue in the range? */
bool vi_base_in(uint64_t base, uint64_t iova, uint64_t length)
{
	uint64_t first = base & VCMDQ_BASE_ADDR;

	return length && (first - iova < length || iova - first < base_length(base));
}

static bool held(const struct viommu_cmdqv *d, const struct vi_queue *q)
{
	return d->attached && vi_base_in(q->base, d->held, d->held_length);
}

/* A live queue stays as long as its memory stays; halves of the same BASE change nothing */
static bool stays(const struct viommu_cmdqv *d, const struct vi_queue *q)
{
	return vi_queue_live(q) && wanted(d, q) && q->base == q->live_base;
}

static void report(struct viommu_cmdqv *d, uint32_t reason, uint32_t index, int err)
{
	uint64_t base = index < NUM_QUEUES ? d->queues[index].base : 0;
	struct viommu_cmdqv_error error = {
		.size = sizeof(error),
		.reason = reason,
		.err = err,
		.index = index,
		.addr = base & VCMDQ_BASE_ADDR,
		.length = base ? base_length(base) : 0,
	};

	if (reason == VIOMMU_CMDQV_QUEUE_ALLOC)
		error.refused = viommu_hw_queue_reason(NULL, err, index, error.addr, error.length);
	else if (reason == VIOMMU_CMDQV_BAD_SIZE)
		error.refused = VIOMMU_HW_QUEUE_SIZE;
	vi_cmdqv_error(d, &error);
}

/*
 * Registers in page 0 that can be written there again. The hardware may work meanwhile:
 * CONS belongs to the GERROR that is the same before and after it. An error stops the
 * queue, so one more round is enough unless a guest plays with it.
 */
void vi_queue_capture(struct viommu_cmdqv *d, uint32_t index, struct vi_queue *to)
{
	uint32_t gerror = vi_cmdqv_page0_read(d, index, VCMDQ_GERROR) & VCMDQ_GERROR_MASK;

	to->config = vi_cmdqv_page0_read(d, index, VCMDQ_CONFIG) & VCMDQ_CONFIG_EN;
	to->status = vi_cmdqv_page0_read(d, index, VCMDQ_STATUS) & VCMDQ_STATUS_ENABLED;
	to->prod = vi_cmdqv_page0_read(d, index, VCMDQ_PROD) & VCMDQ_PROD_MASK;
	for (unsigned int round = 0; round < CAPTURE_ROUNDS; round++) {
		to->gerror = gerror;
		to->cons = vi_cmdqv_page0_read(d, index, VCMDQ_CONS) & VCMDQ_CONS_MASK;
		gerror = vi_cmdqv_page0_read(d, index, VCMDQ_GERROR) & VCMDQ_GERROR_MASK;
		if (gerror == to->gerror)
			break;
	}
	to->gerrorn = vi_cmdqv_page0_read(d, index, VCMDQ_GERRORN) & VCMDQ_GERROR_MASK;
}

/* STATUS may follow CONFIG late. A queue in error may stay as it is, and the guest sees that */
static void wait_for_status(struct viommu_cmdqv *d, uint32_t index, uint32_t status)
{
	for (unsigned int n = 0; n < STATUS_READS; n++)
		if ((vi_cmdqv_page0_read(d, index, VCMDQ_STATUS) & VCMDQ_STATUS_ENABLED) == status)
			break;
}

/*
 * Take over a queue that goes. It is switched off first: it must not execute what its
 * next life will execute again, nor go on if the kernel keeps it.
 */
static void queue_stop(struct viommu_cmdqv *d, uint32_t index, struct vi_queue *q)
{
	uint32_t config = vi_cmdqv_page0_read(d, index, VCMDQ_CONFIG) & VCMDQ_CONFIG_EN;
	uint32_t status = vi_cmdqv_page0_read(d, index, VCMDQ_STATUS) & VCMDQ_STATUS_ENABLED;

	if (config || status)
		vi_cmdqv_page0_write(d, index, VCMDQ_CONFIG, 0);
	if (status)
		wait_for_status(d, index, 0);
	vi_queue_capture(d, index, q);
	q->config = config;
	q->status = status;
}

/* A queue that its guest gave up is off, and stays off when the guest makes it again */
void vi_queue_off(struct vi_queue *q)
{
	q->state = VI_QUEUE_OFF;
	q->status = 0;
	q->config &= ~VCMDQ_CONFIG_EN;
}

/* Is page 0 all that the guest needs? */
static bool page0_whole(const struct viommu_cmdqv *d)
{
	bool any = false;

	for (uint32_t i = 0; i < NUM_QUEUES; i++) {
		const struct vi_queue *q = &d->queues[i];

		if (vi_queue_live(q))
			any = true;
		else if (q->alloc & CMDQV_ALLOC_MAP_ALLOCATED || q->id)
			return false;
	}
	return any;
}

static void unmap_page0(struct viommu_cmdqv *d)
{
	if (!d->mapped)
		return;
	d->host_ops.unmap_page0(d->host);
	d->mapped = false;
	vi_trace(cmdqv_unmap_page0, d);
}

static void map_page0(struct viommu_cmdqv *d)
{
	int rc;

	if (d->mapped || !d->page0 || !d->host_ops.map_page0)
		return;
	rc = d->host_ops.map_page0(d->host, d->page0);
	d->mapped = !rc;
	vi_trace(cmdqv_map_page0, d, rc);
	if (rc)
		report(d, VIOMMU_CMDQV_MAP_PAGE0, UINT32_MAX, rc);
}

/* The guest loses the queue at once, the kernel destroys it as soon as it can */
static void queue_leave(struct viommu_cmdqv *d, uint32_t index)
{
	struct vi_queue *q = &d->queues[index];
	bool returns = stays(d, q);

	if (!vi_queue_live(q))
		return;
	queue_stop(d, index, q);
	if (returns)
		q->state = VI_QUEUE_PAUSED;
	else
		vi_queue_off(q);
}

static int queue_destroy(struct viommu_cmdqv *d, uint32_t index)
{
	struct vi_queue *q = &d->queues[index];
	int rc;

	if (!q->id)
		return 0;
	rc = d->kernel_ops.queue_destroy(d->kernel, q->id);
	vi_trace(cmdqv_queue_destroy, d, index, q->id, rc);
	if (rc)
		report(d, VIOMMU_CMDQV_QUEUE_DESTROY, index, rc);
	else
		q->id = 0;
	return rc;
}

/* Destroy the queues from @first on; one that the kernel keeps, keeps those below it */
static int queues_drop(struct viommu_cmdqv *d, uint32_t first)
{
	int rc = 0;

	/* The guest must not write where a queue is about to go */
	unmap_page0(d);
	for (uint32_t i = NUM_QUEUES; i-- > first;)
		queue_leave(d, i);
	for (uint32_t i = NUM_QUEUES; !rc && i-- > first;)
		rc = queue_destroy(d, i);
	return rc;
}

int vi_cmdqv_destroy_all(struct viommu_cmdqv *d)
{
	return queues_drop(d, 0);
}

/* Is the errno about the index, the size or the memory, which are the guest's? */
static bool about_values(int err)
{
	switch (-err) {
	case EADDRINUSE:
	case EFAULT:
	case EINVAL:
	case ENOENT:
	case EOVERFLOW:
	case EPERM:
	case ERANGE:
		return true;
	default:
		return false;
	}
}

/* The guest learns that its queue could not be made */
static void queue_fail(struct viommu_cmdqv *d, struct vi_queue *q, int err)
{
	q->host_error = q->base == q->live_base || !about_values(err);
	q->state = VI_QUEUE_REFUSED;
	q->status = 0;
	if ((q->gerror ^ q->gerrorn) & VCMDQ_GERROR_INIT_ERR)
		return;
	q->gerror ^= VCMDQ_GERROR_INIT_ERR;
	vi_cmdqv_interrupt(d);
}

/*
 * Write the registers into page 0. Whether an error is active must survive, but
 * the side of the toggle that the hardware happens to be on counts. That this
 * queue could not be made before is no error any more.
 *
 * CONFIG comes last: the queue executes from then on. One with an active error must
 * not, and an error that it makes then is a new one, for the guest to acknowledge.
 */
static void queue_replay(struct viommu_cmdqv *d, uint32_t index)
{
	const struct vi_queue *q = &d->queues[index];
	uint32_t active = (q->gerror ^ q->gerrorn) & ~VCMDQ_GERROR_INIT_ERR;
	uint32_t gerror = vi_cmdqv_page0_read(d, index, VCMDQ_GERROR);

	vi_cmdqv_page0_write(d, index, VCMDQ_GERRORN, gerror ^ active);
	vi_cmdqv_page0_write(d, index, VCMDQ_CONS, q->cons);
	vi_cmdqv_page0_write(d, index, VCMDQ_PROD, q->prod);
	vi_cmdqv_page0_write(d, index, VCMDQ_CONFIG, q->config);
	/* STATUS of a queue that has been on is the guest's already */
	if (q->config && q->status)
		wait_for_status(d, index, VCMDQ_STATUS_ENABLED);
}

static int size_check(struct viommu_cmdqv *d, uint32_t index)
{
	if ((d->queues[index].base & VCMDQ_BASE_LOG2SIZE) <= d->max_log2size)
		return 0;
	report(d, VIOMMU_CMDQV_BAD_SIZE, index, -EINVAL);
	return -EINVAL;
}

/* A queue that the kernel has kept, and that is as it would be made again */
static bool goes_on(struct viommu_cmdqv *d, uint32_t index)
{
	const struct vi_queue *q = &d->queues[index];

	return vi_queue_kept(q) && q->state == VI_QUEUE_PAUSED && wanted(d, q) && !held(d, q) &&
	       !(vi_cmdqv_page0_read(d, index, VCMDQ_STATUS) & VCMDQ_STATUS_ENABLED);
}

static int queue_go_on(struct viommu_cmdqv *d, uint32_t index)
{
	d->queues[index].state = VI_QUEUE_LIVE;
	queue_replay(d, index);
	return 0;
}

static int queue_make(struct viommu_cmdqv *d, uint32_t index)
{
	struct vi_queue *q = &d->queues[index];
	uint32_t id = 0;
	int rc = d->kernel_ops.queue_alloc(d->kernel, index, q->base & VCMDQ_BASE_ADDR,
					   base_length(q->base), &id);

	vi_trace(cmdqv_queue_alloc, d, index, q->base, id, rc);
	if (rc) {
		report(d, VIOMMU_CMDQV_QUEUE_ALLOC, index, rc);
		return rc;
	}
	q->id = id;
	q->state = VI_QUEUE_LIVE;
	q->live_base = q->base;
	queue_replay(d, index);
	return 0;
}

/* The commands of a queue without a vIOMMU are complete; an error that it had stays */
static void queue_complete(struct vi_queue *q)
{
	uint32_t wrap = (uint32_t)((2ull << (q->base & VCMDQ_BASE_LOG2SIZE)) - 1) & VCMDQ_PROD_MASK;

	if (q->status && !((q->gerror ^ q->gerrorn) & VCMDQ_GERROR_CMDQ_ERR) &&
	    (q->cons ^ q->prod) & wrap)
		q->cons = q->prod & wrap;
}

/* As when it is made, that it was refused is no error any more */
static void queue_pause(struct vi_queue *q)
{
	q->gerrorn ^= (q->gerror ^ q->gerrorn) & VCMDQ_GERROR_INIT_ERR;
	q->state = VI_QUEUE_PAUSED;
	q->status = q->config;
}

/* The counterpart of queue_make() without a vIOMMU */
static int queue_make_without(struct vi_queue *q)
{
	queue_pause(q);
	q->live_base = q->base;
	queue_complete(q);
	return 0;
}

void vi_queue_clear_host_error(struct vi_queue *q)
{
	if (q->state == VI_QUEUE_REFUSED && q->host_error)
		queue_pause(q);
}

static int queue_get(struct viommu_cmdqv *d, uint32_t index)
{
	struct vi_queue *q = &d->queues[index];
	int rc;

	if (goes_on(d, index))
		return queue_go_on(d, index);
	/* A queue that the kernel keeps was reported when it was to be destroyed */
	rc = q->id ? -EBUSY : size_check(d, index);
	if (!rc)
		rc = d->attached ? queue_make(d, index) : queue_make_without(q);
	return rc;
}

/* Switch off each paused or refused queue that the guest does not want */
static void forget(struct viommu_cmdqv *d)
{
	for (uint32_t i = 0; i < NUM_QUEUES; i++) {
		struct vi_queue *q = &d->queues[i];

		if (wanted(d, q))
			continue;
		if (q->state == VI_QUEUE_PAUSED)
			vi_queue_off(q);
		else if (q->state == VI_QUEUE_REFUSED)
			q->state = VI_QUEUE_OFF;
	}
}

/* Returns the errno of the first queue that could not be made, or 0 */
int vi_cmdqv_update(struct viommu_cmdqv *d)
{
	uint32_t first;
	int rc = 0;

	for (first = 0; first < NUM_QUEUES; first++) {
		const struct vi_queue *q = &d->queues[first];

		if (vi_queue_live(q) ? !stays(d, q) || held(d, q) :
				       vi_queue_kept(q) && !goes_on(d, first))
			break;
	}
	if (first < NUM_QUEUES)
		queues_drop(d, first);
	forget(d);

	for (uint32_t i = 0; i < NUM_QUEUES; i++) {
		struct vi_queue *q = &d->queues[i];

		if (vi_queue_live(q))
			continue;
		/* A paused queue was whole when it was made, or it would be off */
		if (!wanted(d, q) || held(d, q) || q->state == VI_QUEUE_REFUSED ||
		    (q->halves && q->state != VI_QUEUE_PAUSED))
			break;
		rc = queue_get(d, i);
		if (rc) {
			queue_fail(d, q, rc);
			break;
		}
	}
	if (page0_whole(d))
		map_page0(d);
	else
		unmap_page0(d);
	return rc;
}
