// SPDX-License-Identifier: GPL-2.0
/*
 * The life of the device. A guest keeps its SMMUv3 and its CMDQ-V as long as it runs; what
 * stands behind them comes and goes with the device. SIGHUP is the operator: it plugs the
 * device, or asks the guest to give it back.
 *
 *   NONE -> PRESENT -> ASKED -> GIVEN -> NONE
 *
 * The guest answers by CONTROL_HOTPLUG of the control page when it does not use the device any
 * more. All else is done by the main thread, under the lock: another thread could not close an
 * event queue, which stays open for as long as the main thread sleeps in poll().
 *
 * A guest without a device keeps its queues, and their commands are complete at
 * once, as nothing is cached that they could invalidate. Its stream table and its registers are
 * as it writes them, and count when the device is back.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmdqv_kvm.h"
#include "device.h"
#include "iommu.h"
#include "smmu.h"

/* Device, vIOMMU and what is made on it; the first time also what stays without them */
static int plug(struct vmm *vmm)
{
	bool first = !vmm->smmu;
	int rc = device_open(vmm);

	if (!rc && first)
		rc = iommu_create(vmm);
	if (!rc)
		rc = iommu_plug(vmm);
	if (!rc && first)
		rc = smmu_create(vmm);
	if (!rc)
		rc = smmu_plug(vmm);
	if (!rc && first)
		rc = cmdqv_create(vmm);
	if (!rc)
		rc = cmdqv_plug(vmm);
	if (!rc)
		rc = device_show(vmm);
	return rc;
}

/**
 * hotplug_plug() - Give the guest its device
 * @vmm: The machine, which does not have it
 *
 * Return: 0 or -errno; then the guest does not have it, and nothing of it is left, unless the kernel
 * does not destroy a queue: then @vmm->device stays, and the machine cannot go on.
 */
int hotplug_plug(struct vmm *vmm)
{
	int rc = plug(vmm);

	if (rc)
		hotplug_unplug(vmm);
	else
		vmm->hotplug = HOTPLUG_PRESENT;
	return rc;
}

/**
 * hotplug_unplug() - Take the device from the guest
 * @vmm: The machine; one that does not have it is no error
 *
 * Events that the kernel has reported reach the guest first. Then the device leaves the guest and
 * the vIOMMU, so that nothing is cached, before the queues stop that could invalidate it.
 *
 * Return: 0, or -errno if the kernel does not destroy a queue: then the machine cannot go on.
 */
int hotplug_unplug(struct vmm *vmm)
{
	int rc;

	vmm->hotplug = HOTPLUG_NONE;
	device_hide(vmm);
	iommu_detach(vmm);
	rc = cmdqv_unplug(vmm);
	if (rc)
		return rc;
	smmu_unplug(vmm);
	iommu_unplug(vmm);
	device_close(vmm);
	return 0;
}

/**
 * hotplug_toggle() - The operator has said that the device shall go, or come
 * @vmm: The machine
 *
 * A device that does not come is no end of the machine, one of which a queue stays is.
 *
 * Return: 0, or -errno if the machine cannot go on.
 */
int hotplug_toggle(struct vmm *vmm)
{
	if (!vmm->options.device)
		fprintf(stderr, "vmm: SIGHUP: this machine was started without --device\n");
	else if (vmm->hotplug == HOTPLUG_PRESENT)
		vmm->hotplug = HOTPLUG_ASKED;
	else if (vmm->hotplug == HOTPLUG_NONE && hotplug_plug(vmm) && vmm->device)
		return -EBUSY;
	return 0;
}

/**
 * hotplug_step() - Do what a guest has made possible
 * @vmm: The machine
 *
 * Return: 0, or -errno if the machine cannot go on.
 */
int hotplug_step(struct vmm *vmm)
{
	uint64_t answers;

	/* There may be nothing to read */
	if (read(vmm->hotplug_fd, &answers, sizeof(answers)) < 0 && errno != EAGAIN)
		return failed("the guest's answer", -errno);
	return vmm->hotplug == HOTPLUG_GIVEN ? hotplug_unplug(vmm) : 0;
}

/**
 * hotplug_answer() - The guest has written to CONTROL_HOTPLUG
 * @vmm: The machine
 * @value: CONTROL_EJECT if it was asked, and has given the device back
 */
void hotplug_answer(struct vmm *vmm, uint32_t value)
{
	uint64_t one = 1;

	if (value != CONTROL_EJECT || vmm->hotplug != HOTPLUG_ASKED)
		return;
	vmm->hotplug = HOTPLUG_GIVEN;
	if (write(vmm->hotplug_fd, &one, sizeof(one)) < 0)
		abort();
}
