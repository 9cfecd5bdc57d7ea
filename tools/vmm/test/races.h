/* SPDX-License-Identifier: GPL-2.0 */
/* The VMM on a KVM and an iommufd of the test: the random guest of races.c, the scenes of scenes.c */
#ifndef _TEST_RACES_H
#define _TEST_RACES_H

#include <stdbool.h>
#include <linux/kvm.h>

#include "../vmm.h"

#define CPUS	2
#define SCENES	10	/* tests of scenes.c */

/**
 * struct scene - How KVM and iommufd behave in a process; all zero is the random guest
 * @run: KVM_RUN of a vCPU: 0 and the exit in @run, or -errno
 * @keeps_queues: iommufd does not destroy a queue
 * @no_bars: VFIO does not tell the regions of the device that comes second
 * @no_events: The iterator of events that is not made, counted from 1
 * @no_stage1: iommufd refuses each stage 1
 * @early: The signal that comes before there is a machine, or 0
 */
struct scene {
	int (*run)(unsigned int cpu, struct kvm_run *run);
	bool keeps_queues;
	bool no_bars;
	unsigned int no_events;
	bool no_stage1;
	int early;
};

extern struct scene scene;

/* How often a device came */
unsigned int plugs(void);

/* Memory of the guest */
char *guest_ram(void);

/* An event queue cannot be read any more */
void bad_event(unsigned int type);

/* The VMM */
int vmm_main(int argc, char **argv);

/* The vCPU was kicked, as KVM sees it */
bool must_leave(const volatile struct kvm_run *run);

/* Each in a process of its own, the first tests. True if one failed */
bool scenes(void);

#endif
