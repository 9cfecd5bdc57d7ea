// SPDX-License-Identifier: GPL-2.0
/*
 * The machine as KVM knows it: memory slots, a GICv3 inside the kernel, the
 * interrupt lines of devices outside of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vmm.h"

static int call(int fd, unsigned long request, void *arg)
{
	int rc = ioctl(fd, request, arg);

	return rc < 0 ? -errno : rc;
}

static int create(struct vmm *vmm)
{
	/* Loads that KVM cannot decode come to us, not as an error of KVM_RUN */
	struct kvm_enable_cap no_syndrome = {
		.cap = KVM_CAP_ARM_NISV_TO_USER,
	};
	int rc;

	vmm->vm_fd = call(vmm->kvm_fd, KVM_CREATE_VM, NULL);
	if (vmm->vm_fd < 0)
		return failed("KVM_CREATE_VM", vmm->vm_fd);
	rc = call(vmm->vm_fd, KVM_ENABLE_CAP, &no_syndrome);
	if (rc)
		return failed("KVM_CAP_ARM_NISV_TO_USER", rc);
	rc = call(vmm->kvm_fd, KVM_GET_VCPU_MMAP_SIZE, NULL);
	if (rc < (int)sizeof(struct kvm_run))
		return failed("KVM_GET_VCPU_MMAP_SIZE", rc < 0 ? rc : -EPROTO);
	vmm->run_size = rc;
	return 0;
}

int kvm_open(struct vmm *vmm)
{
	int rc;

	vmm->vm_fd = -1;
	vmm->gic_fd = -1;
	vmm->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	vmm->hotplug_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (vmm->stop_fd < 0 || vmm->hotplug_fd < 0)
		return failed("eventfd", -errno);
	vmm->kvm_fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (vmm->kvm_fd < 0)
		return failed("/dev/kvm", -errno);
	rc = call(vmm->kvm_fd, KVM_GET_API_VERSION, NULL);
	if (rc != KVM_API_VERSION)
		return failed("KVM_GET_API_VERSION", rc < 0 ? rc : -EPROTO);
	return create(vmm);
}

static int gic_set(struct vmm *vmm, unsigned int group, uint64_t attr, void *value)
{
	struct kvm_device_attr cmd = {
		.group = group,
		.attr = attr,
		.addr = (uintptr_t)value,
	};

	return call(vmm->gic_fd, KVM_SET_DEVICE_ATTR, &cmd);
}

/* After the vCPUs, which is when their redistributors can be placed */
int kvm_irqchip_create(struct vmm *vmm)
{
	struct kvm_create_device cmd = { .type = KVM_DEV_TYPE_ARM_VGIC_V3 };
	uint64_t dist = VMM_GIC_DIST, redist = VMM_GIC_REDIST;
	uint32_t lines = VMM_GIC_LINES;
	int rc;

	rc = call(vmm->vm_fd, KVM_CREATE_DEVICE, &cmd);
	if (rc)
		return failed("the GICv3", rc);
	vmm->gic_fd = cmd.fd;
	rc = gic_set(vmm, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST,
		     &dist);
	if (!rc)
		rc = gic_set(vmm, KVM_DEV_ARM_VGIC_GRP_ADDR,
			     KVM_VGIC_V3_ADDR_TYPE_REDIST, &redist);
	if (!rc)
		rc = gic_set(vmm, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &lines);
	if (!rc)
		rc = gic_set(vmm, KVM_DEV_ARM_VGIC_GRP_CTRL,
			     KVM_DEV_ARM_VGIC_CTRL_INIT, NULL);
	return rc ? failed("setting up the GICv3", rc) : 0;
}

/* @size 0 removes the slot: accesses at its place are MMIO from now on */
int kvm_slot_set(struct vmm *vmm, enum vmm_slot slot, uint64_t gpa, void *va,
		 uint64_t size)
{
	struct kvm_userspace_memory_region cmd = {
		.slot = slot,
		.guest_phys_addr = gpa,
		.memory_size = size,
		.userspace_addr = (uintptr_t)va,
	};

	return call(vmm->vm_fd, KVM_SET_USER_MEMORY_REGION, &cmd);
}

/* One edge on the shared peripheral interrupt @spi */
int kvm_interrupt_pulse(struct vmm *vmm, unsigned int spi)
{
	struct kvm_irq_level cmd = {
		.irq = KVM_ARM_IRQ_TYPE_SPI << KVM_ARM_IRQ_TYPE_SHIFT |
		       (spi + 32),
		.level = 1,
	};
	int rc;

	rc = call(vmm->vm_fd, KVM_IRQ_LINE, &cmd);
	if (rc)
		return rc;
	cmd.level = 0;
	return call(vmm->vm_fd, KVM_IRQ_LINE, &cmd);
}

void kvm_close(struct vmm *vmm)
{
	if (vmm->gic_fd >= 0)
		close(vmm->gic_fd);
	if (vmm->vm_fd >= 0)
		close(vmm->vm_fd);
	if (vmm->kvm_fd >= 0)
		close(vmm->kvm_fd);
	if (vmm->hotplug_fd >= 0)
		close(vmm->hotplug_fd);
	if (vmm->stop_fd >= 0)
		close(vmm->stop_fd);
}
