// SPDX-License-Identifier: GPL-2.0
/*
 * A vCPU is a thread that calls KVM_RUN and handles what it returns with, one
 * vCPU at a time under the machine's lock. vCPU 0 starts at the payload's first
 * instruction, the others wait for PSCI CPU_ON, which KVM does by itself.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vmm.h"

#define STATUS_BROKEN	2	/* exit status: KVM could not go on */

#define REG_PC (KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | \
		KVM_REG_ARM_CORE_REG(regs.pc))

/* Where the statistics have the number of exits; they describe themselves */
static int find_exits(struct vmm_cpu *cpu)
{
	struct kvm_stats_header header;
	struct kvm_stats_desc *desc;
	size_t size;
	uint32_t i;
	int rc = -ENOENT;

	if (pread(cpu->stats_fd, &header, sizeof(header), 0) != sizeof(header))
		return -EIO;
	size = sizeof(*desc) + header.name_size;
	desc = malloc(size);
	if (!desc)
		return -ENOMEM;
	for (i = 0; rc && i < header.num_desc; i++) {
		if (pread(cpu->stats_fd, desc, size,
			  header.desc_offset + i * size) != (ssize_t)size)
			break;
		if (!strcmp(desc->name, "exits")) {
			cpu->vmm->kvm_exits_offset =
				header.data_offset + desc->offset;
			rc = 0;
		}
	}
	free(desc);
	return rc;
}

uint64_t cpu_kvm_exits(struct vmm_cpu *cpu)
{
	uint64_t value = 0;

	if (pread(cpu->stats_fd, &value, sizeof(value),
		  cpu->vmm->kvm_exits_offset) != sizeof(value))
		return 0;
	return value;
}

static int init(struct vmm_cpu *cpu)
{
	struct kvm_vcpu_init target;
	uint64_t pc = VMM_RAM;
	struct kvm_one_reg reg = { .id = REG_PC, .addr = (uintptr_t)&pc };

	if (ioctl(cpu->vmm->vm_fd, KVM_ARM_PREFERRED_TARGET, &target))
		return -errno;
	target.features[0] |= 1U << KVM_ARM_VCPU_PSCI_0_2;
	if (cpu->index)
		target.features[0] |= 1U << KVM_ARM_VCPU_POWER_OFF;
	if (ioctl(cpu->fd, KVM_ARM_VCPU_INIT, &target))
		return -errno;
	if (!cpu->index && ioctl(cpu->fd, KVM_SET_ONE_REG, &reg))
		return -errno;
	return 0;
}

int cpu_create(struct vmm *vmm, unsigned int index)
{
	struct vmm_cpu *cpu = &vmm->cpu[index];
	int rc;

	*cpu = (struct vmm_cpu){ .vmm = vmm, .index = index, .stats_fd = -1 };
	cpu->fd = ioctl(vmm->vm_fd, KVM_CREATE_VCPU, (void *)(uintptr_t)index);
	if (cpu->fd < 0)
		return failed("KVM_CREATE_VCPU", -errno);
	cpu->run = mmap(NULL, vmm->run_size, PROT_READ | PROT_WRITE, MAP_SHARED,
			cpu->fd, 0);
	if (cpu->run == MAP_FAILED) {
		cpu->run = NULL;
		return failed("a vCPU's shared memory", -errno);
	}
	cpu->stats_fd = ioctl(cpu->fd, KVM_GET_STATS_FD, NULL);
	if (cpu->stats_fd < 0)
		return failed("KVM_GET_STATS_FD", -errno);
	rc = find_exits(cpu);
	if (rc)
		return failed("KVM's counter of exits", rc);
	rc = init(cpu);
	return rc ? failed("KVM_ARM_VCPU_INIT", rc) : 0;
}

void cpu_destroy(struct vmm_cpu *cpu)
{
	if (!cpu->vmm)
		return;
	if (cpu->started)
		pthread_join(cpu->thread, NULL);
	if (cpu->stats_fd >= 0)
		close(cpu->stats_fd);
	if (cpu->run)
		munmap(cpu->run, cpu->vmm->run_size);
	if (cpu->fd >= 0)
		close(cpu->fd);
	cpu->vmm = NULL;
}

/* An access of several registers or the like: the guest gets what it would get from a bus */
static void no_syndrome(struct vmm_cpu *cpu)
{
	struct kvm_vcpu_events events;

	cpu->vmm->counts[COUNT_NO_SYNDROME]++;
	memset(&events, 0, sizeof(events));
	events.exception.ext_dabt_pending = 1;
	if (ioctl(cpu->fd, KVM_SET_VCPU_EVENTS, &events)) {
		failed("KVM_SET_VCPU_EVENTS", -errno);
		vmm_stop(cpu->vmm, STATUS_BROKEN);
	}
}

static void handle(struct vmm_cpu *cpu)
{
	struct vmm *vmm = cpu->vmm;

	switch (cpu->run->exit_reason) {
	case KVM_EXIT_MMIO:
		mmio_access(vmm, cpu->run);
		break;
	case KVM_EXIT_ARM_NISV:
		no_syndrome(cpu);
		break;
	case KVM_EXIT_SYSTEM_EVENT:
		vmm->counts[COUNT_SYSTEM]++;
		vmm_stop(vmm, 0);
		break;
	default:
		fprintf(stderr, "vmm: vCPU %u left KVM for reason %u\n",
			cpu->index, cpu->run->exit_reason);
		vmm_stop(vmm, STATUS_BROKEN);
	}
}

static void *run(void *arg)
{
	struct vmm_cpu *cpu = arg;
	struct vmm *vmm = cpu->vmm;

	while (!atomic_load(&vmm->stopping)) {
		int rc = ioctl(cpu->fd, KVM_RUN, NULL) < 0 ? -errno : 0;

		pthread_mutex_lock(&vmm->lock);
		vmm->counts[COUNT_EXITS]++;
		if (!rc) {
			handle(cpu);
		} else if (rc == -EINTR || rc == -EAGAIN) {
			vmm->counts[COUNT_SIGNAL]++;
		} else {
			failed("KVM_RUN", rc);
			vmm_stop(vmm, STATUS_BROKEN);
		}
		pthread_mutex_unlock(&vmm->lock);
	}
	return NULL;
}

int cpu_start(struct vmm_cpu *cpu)
{
	int rc;

	cpu->run->immediate_exit = 0;
	rc = pthread_create(&cpu->thread, NULL, run, cpu);
	if (rc)
		return failed("a thread for a vCPU", -rc);
	cpu->started = true;
	return 0;
}

/*
 * KVM completes the access for which the vCPU left when it is to enter the guest again. Have it do
 * that, and no more; the thread of the vCPU has been joined.
 */
int cpu_complete(struct vmm_cpu *cpu)
{
	cpu->run->immediate_exit = 1;
	if (!ioctl(cpu->fd, KVM_RUN, NULL))
		return -EPROTO;
	return errno == EINTR ? 0 : -errno;
}

/*
 * Get the vCPU out of KVM_RUN. A signal that arrives just before KVM_RUN would
 * be lost; the flag that KVM looks at when it enters is not.
 */
void cpu_kick(struct vmm_cpu *cpu)
{
	if (!cpu->started)
		return;
	cpu->run->immediate_exit = 1;
	pthread_kill(cpu->thread, SIGUSR1);
}
