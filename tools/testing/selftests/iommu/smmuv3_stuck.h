/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared code of the tests in which a queue of the host stands at a CMD_SYNC.
 */
#ifndef _SMMUV3_STUCK_H
#define _SMMUV3_STUCK_H

#include <pthread.h>
#include <sched.h>

#include "smmuv3_ats.h"

static inline int pin(pthread_t thread, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return pthread_setaffinity_np(thread, sizeof(set), &set);
}

/* The CMD_SYNCs that the model has held, or holds now */
static inline __u64 late_syncs(struct cmdqv_vm *vm)
{
	return dma_window(&vm->dev, CMDQV_WIN_LATE_SYNCS);
}

/* A VM whose device keeps a translation */
static inline void start_with_ats(struct __test_metadata *_metadata,
				  struct cmdqv_vm *vm, unsigned int index)
{
	NESTED_OPEN(vm, index);
	ASSERT_EQ(0, ats_nest(vm, 1));
	stage1_map(&vm->ram, IOVA(0), GPA(vm, 0));
	ASSERT_EQ(0, vfio_attach(vm->dev.fd, vm->nested));
	vm->attached = 1;
	ASSERT_EQ(DMA_TEST_OK, atc_fill(vm, IOVA(0)));
}

#endif
