/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Invalidation loads, and everything that is counted while one runs.
 */
#ifndef _CMDQV_LOAD_H
#define _CMDQV_LOAD_H

#include "cmdqv_model.h"
#include "cmdqv_vm.h"

/* The kernel executes this many commands of one call before it waits */
#define LOAD_BATCH 63

/**
 * struct load_result - What a load has cost
 * @commands: Invalidations asked for
 * @ioctls: ioctls, counted by the wrapper that makes them
 * @faults: Page faults of this process
 * @ns: Time; under -icount shift=0 the number of instructions
 * @counts: What the model saw
 */
struct load_result {
	unsigned long commands;
	unsigned long ioctls;
	unsigned long faults;
	unsigned long long ns;
	struct model_counts counts;
};

/* A load: @count invalidations on @vm. 0, or -errno */
typedef int (*load_fn)(struct cmdqv_vm *vm, unsigned long count);

int load_queues(struct cmdqv_vm *vm, unsigned long count);
int load_ioctl_single(struct cmdqv_vm *vm, unsigned long count);
int load_ioctl_batch(struct cmdqv_vm *vm, unsigned long count);

int load_measure(struct cmdqv_vm *vm, load_fn load, unsigned long count,
		 struct load_result *result);

#endif
