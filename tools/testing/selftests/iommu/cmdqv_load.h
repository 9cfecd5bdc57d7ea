/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Invalidation loads, and their counters.
 */
#ifndef _CMDQV_LOAD_H
#define _CMDQV_LOAD_H

#include "cmdqv_model.h"
#include "cmdqv_vm.h"

/* The kernel executes this many commands of one call before it waits */
#define LOAD_BATCH 63

/**
 * struct load_result - Cost of a load
 * @commands: Requested invalidations
 * @ioctls: ioctls, counted by their wrapper
 * @faults: Page faults of this process
 * @ns: Time; under -icount shift=0 the number of instructions
 * @counts: Counters of the model
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
