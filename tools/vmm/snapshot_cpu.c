// SPDX-License-Identifier: GPL-2.0
/*
 * A vCPU of a saved machine: each register that KVM lists, whether it runs, and an SError
 * that waits. The clock of the guest is among the registers, so for the guest no time passes
 * between save and restore. The list must be the same where the machine goes on: another
 * one is of another kernel or processor, whose difference the guest would notice.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "snapshot.h"

int snapshot_cpu_list(struct vmm_cpu *cpu, uint64_t **ids)
{
	struct kvm_reg_list none = { .n = 0 };
	struct kvm_reg_list *list;
	uint64_t i;

	/* Fails, and says how many there are */
	if (!ioctl(cpu->fd, KVM_GET_REG_LIST, &none) || errno != E2BIG)
		return -EPROTO;
	list = calloc(1, sizeof(*list) + none.n * sizeof(list->reg[0]));
	*ids = calloc(none.n, sizeof(**ids));
	if (!list || !*ids || none.n > INT32_MAX) {
		free(list);
		return -ENOMEM;
	}
	list->n = none.n;
	if (ioctl(cpu->fd, KVM_GET_REG_LIST, list)) {
		int rc = -errno;

		free(list);
		return rc;
	}
	for (i = 0; i < list->n; i++)
		(*ids)[i] = list->reg[i];
	free(list);
	return (int)none.n;
}

int snapshot_cpu_reg_save(struct vmm_cpu *cpu, uint64_t id, void *value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)value };

	return ioctl(cpu->fd, KVM_GET_ONE_REG, &reg) ? -errno : 0;
}

int snapshot_cpu_save(struct vmm_cpu *cpu, struct snapshot_cpu *to)
{
	struct kvm_vcpu_events events = { 0 };
	struct kvm_mp_state mp_state;

	if (ioctl(cpu->fd, KVM_GET_MP_STATE, &mp_state) ||
	    ioctl(cpu->fd, KVM_GET_VCPU_EVENTS, &events))
		return -errno;
	to->mp_state = mp_state.mp_state;
	to->serror_pending = events.exception.serror_pending;
	to->serror_has_esr = events.exception.serror_has_esr;
	to->serror_esr = events.exception.serror_esr;
	return snapshot_gic_cpu_save(cpu, to);
}

static int regs_restore(struct vmm_cpu *cpu, const struct snapshot_cpu *from, const char *at,
			const uint64_t *ids)
{
	uint32_t i;

	for (i = 0; i < from->num_regs; i++) {
		struct snapshot_reg found = snapshot_reg_next(&at);
		struct kvm_one_reg reg = { .id = found.id, .addr = (uintptr_t)found.value };

		if (found.id != ids[i])
			return -EREMCHG;
		/* One that cannot be changed takes the value that it has */
		if (ioctl(cpu->fd, KVM_SET_ONE_REG, &reg))
			return -errno;
	}
	return 0;
}

int snapshot_cpu_restore(struct vmm_cpu *cpu, const struct snapshot_cpu *from, const char *regs)
{
	struct kvm_mp_state mp_state = { .mp_state = from->mp_state };
	struct kvm_vcpu_events events = {
		.exception.serror_pending = from->serror_pending,
		.exception.serror_has_esr = from->serror_has_esr,
		.exception.serror_esr = from->serror_esr,
	};
	uint64_t *ids = NULL;
	int num = snapshot_cpu_list(cpu, &ids), rc;

	rc = num < 0 ? num : (uint32_t)num != from->num_regs ? -EREMCHG : 0;
	if (!rc)
		rc = regs_restore(cpu, from, regs, ids);
	free(ids);
	if (!rc && (ioctl(cpu->fd, KVM_SET_MP_STATE, &mp_state) ||
		    ioctl(cpu->fd, KVM_SET_VCPU_EVENTS, &events)))
		rc = -errno;
	return rc;
}
