/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A small VMM on KVM: what its parts share. Functions return 0 or -errno, unless
 * told otherwise; messages for people go to stderr, what the guest prints goes
 * to stdout.
 */
#ifndef _VMM_H
#define _VMM_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/kvm.h>

#include "machine.h"

#define VMM_STATUS_SAVED 4	/* exit status: the machine was saved */
#define LOGGED_MAX 8	/* errors of a kind that a guest can make us log */

#define VMM_HUGE_PAGE 0x200000ULL	/* of guest RAM */

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* KVM memory slots */
enum vmm_slot {
	SLOT_RAM,
	SLOT_DEVICE_REGS,
	SLOT_DEVICE_COUNTERS,
	SLOT_CMDQV_PAGE0,
};

/**
 * struct vmm_options - From the command line
 * @payload: File with the guest's program
 * @cpus: Number of vCPUs
 * @ram_mib: Guest RAM in MiB, a multiple of the huge page
 * @device: PCI device to pass through, "VENDOR:DEVICE:N", or NULL
 * @unplugged: The guest starts without @device
 * @quiet: Do not report counts at the end
 * @save: File to save the machine to when it is asked for, or NULL
 * @restore: File of a saved machine that goes on, in place of @payload, or NULL
 */
struct vmm_options {
	const char *payload;
	unsigned int cpus;
	unsigned int ram_mib;
	const char *device;
	bool unplugged;
	bool quiet;
	const char *save;
	const char *restore;
};

/**
 * struct vmm_ram - Guest RAM, on huge pages
 * @va: Where this program sees it
 * @size: Bytes
 */
struct vmm_ram {
	char *va;
	uint64_t size;
};

/**
 * enum vmm_hotplug - State of the device that can be passed through
 * @HOTPLUG_NONE: The guest does not have it
 * @HOTPLUG_PRESENT: The guest has it
 * @HOTPLUG_ASKED: The guest has it, and was asked to give it back
 * @HOTPLUG_GIVEN: The guest has given it back, and uses it no more
 */
enum vmm_hotplug {
	HOTPLUG_NONE,
	HOTPLUG_PRESENT,
	HOTPLUG_ASKED,
	HOTPLUG_GIVEN,
};

struct vmm;

/**
 * struct vmm_cpu - One vCPU and the thread that runs it
 * @vmm: Its machine
 * @index: Its number
 * @fd: KVM's descriptor
 * @stats_fd: KVM's counters of it
 * @run: Shared with KVM
 * @thread: Runs it
 * @started: @thread exists
 */
struct vmm_cpu {
	struct vmm *vmm;
	unsigned int index;
	int fd;
	int stats_fd;
	struct kvm_run *run;
	pthread_t thread;
	bool started;
};

struct smmu;
struct cmdqv;
struct device;
struct iommu;

/**
 * struct vmm - The machine
 * @options: How it was asked for
 * @kvm_fd: /dev/kvm
 * @vm_fd: KVM's descriptor of the machine
 * @gic_fd: The interrupt controller
 * @run_size: Bytes of a vCPU's shared structure
 * @kvm_exits_offset: Where KVM's counter of exits is in a vCPU's statistics
 * @ram: Guest RAM
 * @cpu: vCPUs
 * @lock: Held while an exit is handled, and for everything below
 * @generation: How often the machine was restored
 * @counts: By enum vmm_count, since start
 * @begin: @counts at the guest's first mark
 * @between: Counts between the guest's two marks
 * @iommu: Objects of iommufd, NULL for a machine that has no device to pass through
 * @device: The device that is passed through now, or NULL
 * @smmu: The guest's SMMUv3, NULL as @iommu
 * @cmdqv: The guest's CMDQ-V, NULL if the first device had none
 * @hotplug: State of the device, see hotplug.c
 * @hotplug_fd: An eventfd: the guest has given the device back
 * @stop_fd: An eventfd: the machine is to stop
 * @stopping: The machine is to stop
 * @saving: That is to save it
 * @unsaved: Errors of saves that the guest asked for, since the operator did
 * @status: Exit status
 */
struct vmm {
	struct vmm_options options;
	int kvm_fd;
	int vm_fd;
	int gic_fd;
	size_t run_size;
	uint64_t kvm_exits_offset;
	struct vmm_ram ram;
	struct vmm_cpu cpu[VMM_MAX_CPUS];
	pthread_mutex_t lock;
	uint32_t generation;
	uint64_t counts[COUNTS];
	uint64_t begin[COUNTS];
	uint64_t between[COUNTS];
	struct iommu *iommu;
	struct device *device;
	struct smmu *smmu;
	struct cmdqv *cmdqv;
	enum vmm_hotplug hotplug;
	int hotplug_fd;
	int stop_fd;
	atomic_bool stopping;
	bool saving;
	unsigned long unsaved;
	int status;
};

/* stop.c, below all others */
int failed(const char *what, int rc);
int failed_again(const char *what, int rc, unsigned long *count);
void vmm_stop(struct vmm *vmm, int status);
void vmm_save(struct vmm *vmm);
void vmm_go_on(struct vmm *vmm);

/* kvm.c */
int kvm_open(struct vmm *vmm);
int kvm_irqchip_create(struct vmm *vmm);
int kvm_slot_set(struct vmm *vmm, enum vmm_slot slot, uint64_t gpa, void *va,
		 uint64_t size);
int kvm_interrupt_pulse(struct vmm *vmm, unsigned int spi);
void kvm_close(struct vmm *vmm);

/* cpu.c */
int cpu_create(struct vmm *vmm, unsigned int index);
int cpu_start(struct vmm_cpu *cpu);
void cpu_kick(struct vmm_cpu *cpu);
int cpu_complete(struct vmm_cpu *cpu);
void cpu_destroy(struct vmm_cpu *cpu);
uint64_t cpu_kvm_exits(struct vmm_cpu *cpu);

/* ram.c */
int ram_alloc(struct vmm *vmm);
void ram_free(struct vmm *vmm);
void *ram_at(struct vmm *vmm, uint64_t gpa, uint64_t size);
int ram_load(struct vmm *vmm, const char *path);

/* hotplug.c */
int hotplug_plug(struct vmm *vmm);
int hotplug_unplug(struct vmm *vmm);
int hotplug_toggle(struct vmm *vmm);
int hotplug_step(struct vmm *vmm);
void hotplug_answer(struct vmm *vmm, uint32_t value);

/* mmio.c */
void mmio_access(struct vmm *vmm, struct kvm_run *run);

/* uart.c */
uint64_t uart_read(struct vmm *vmm, uint64_t offset, unsigned int len);
void uart_write(struct vmm *vmm, uint64_t offset, unsigned int len,
		uint64_t value);

/* control.c */
uint64_t control_read(struct vmm *vmm, uint64_t offset, unsigned int len);
void control_write(struct vmm *vmm, uint64_t offset, unsigned int len,
		   uint64_t value);
void control_counts(struct vmm *vmm, uint64_t counts[COUNTS]);
uint32_t control_features(struct vmm *vmm);
void control_report(struct vmm *vmm);

/* ioctls.c: every ioctl of the program but KVM_RUN, library and all */
uint64_t ioctls_made(void);

#endif
