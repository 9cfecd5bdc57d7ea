/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * The CMDQ-V of a guest, inside: what the guest has written, and what follows
 * from it.
 *
 *   cmdqv.c         set-up, reset, events
 *   cmdqv-state.c   saving and restoring
 *   cmdqv-mmio.c    accesses of the guest
 *   cmdqv-queue.c   which HW queues exist
 *   cmdqv-access.c  registers of page 0, error maps, callbacks of the VMM
 *   cmdqv-kernel.c  the kernel operations of a real vIOMMU
 *
 * Each calls only those below it.
 */
#ifndef VI_CMDQV_H
#define VI_CMDQV_H

#include "cmdqv-regs.h"
#include "lib.h"

#define NUM_QUEUES VIOMMU_CMDQV_QUEUES

/**
 * enum vi_queue_state - States of a queue; cmdqv-queue.c has the table
 * @VI_QUEUE_OFF: There is none
 * @VI_QUEUE_LIVE: The guest has the HW queue
 * @VI_QUEUE_PAUSED: It went only because one below it had to go, or the vIOMMU, or
 *                   its memory, or there is no vIOMMU yet; the guest is to find it again
 *                   as it was
 * @VI_QUEUE_REFUSED: It could not be made; not tried again before the guest changes
 *                    something
 */
enum vi_queue_state {
	VI_QUEUE_OFF,
	VI_QUEUE_LIVE,
	VI_QUEUE_PAUSED,
	VI_QUEUE_REFUSED,
};

/**
 * struct vi_queue - A queue
 * @alloc: Entry of the allocation map
 * @cons: CONS and what follows up to @gerrorn: registers in page 0. True in every state
 *        but LIVE, when the hardware has them.
 * @base: BASE and what follows: registers in page 1
 * @halves: Halves of BASE that were written while the other one may follow
 * @host_error: REFUSED, but not for a value of the guest's: another vIOMMU may take it
 * @state: enum vi_queue_state
 * @id: HW queue in the kernel, 0 without. In a state other than LIVE it is one that the
 *      kernel has refused to destroy.
 * @live_base: BASE with which it was made
 */
struct vi_queue {
	uint32_t alloc;
	uint32_t cons;
	uint32_t prod;
	uint32_t config;
	uint32_t status;
	uint32_t gerror;
	uint32_t gerrorn;
	uint64_t base;
	uint64_t cons_indx_base;
	uint8_t halves;
	bool host_error;
	enum vi_queue_state state;
	uint32_t id;
	uint64_t live_base;
};

#define BASE_LOW 0x1u
#define BASE_HIGH 0x2u
#define BASE_BOTH 0x3u

static inline bool vi_queue_live(const struct vi_queue *q)
{
	return q->state == VI_QUEUE_LIVE;
}

/* The kernel has kept it */
static inline bool vi_queue_kept(const struct vi_queue *q)
{
	return q->id && !vi_queue_live(q);
}

struct viommu_cmdqv {
	struct viommu_cmdqv_host_ops host_ops;
	void *host;
	struct viommu_cmdqv_kernel_ops kernel_ops;
	void *kernel;
	struct viommu_ctx *ctx;
	uint32_t viommu;
	void *page0;
	uint32_t max_log2size;

	uint32_t config;
	uint32_t int_mask[2];
	uint32_t vintf_config;
	uint32_t sid_match[NUM_SIDS];
	uint32_t sid_replace[NUM_SIDS];
	struct vi_queue queues[NUM_QUEUES];

	/* Memory that no HW queue may be in */
	uint64_t held;
	uint64_t held_length;
	/* There is a vIOMMU */
	bool attached;
	bool mapped;
	/* No interrupt while a saved state is being restored */
	bool quiet;
};

extern const struct viommu_cmdqv_kernel_ops vi_cmdqv_kernel_ops;

/* cmdqv-access.c */
void vi_cmdqv_error(struct viommu_cmdqv *d, const struct viommu_cmdqv_error *error);
void vi_cmdqv_interrupt(struct viommu_cmdqv *d);
uint32_t vi_cmdqv_page0_read(struct viommu_cmdqv *d, uint32_t index, uint32_t reg);
void vi_cmdqv_page0_write(struct viommu_cmdqv *d, uint32_t index, uint32_t reg,
			  uint32_t value);
uint32_t vi_cmdqv_err_map(struct viommu_cmdqv *d);
uint32_t vi_vintf_err_map(struct viommu_cmdqv *d);

/* cmdqv-queue.c */
int vi_cmdqv_update(struct viommu_cmdqv *d);
int vi_cmdqv_destroy_all(struct viommu_cmdqv *d);
bool vi_base_in(uint64_t base, uint64_t iova, uint64_t length);
void vi_queue_capture(struct viommu_cmdqv *d, uint32_t index, struct vi_queue *to);
void vi_queue_off(struct vi_queue *q);
/* Its vIOMMU goes, and with it an error that the guest did not make */
void vi_queue_clear_host_error(struct vi_queue *q);

#endif
