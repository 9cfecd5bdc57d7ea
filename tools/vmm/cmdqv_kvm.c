// SPDX-License-Identifier: GPL-2.0
/*
 * All that a VMM adds to the CMDQ-V of libviommu: page 0 is a memory slot of KVM
 * while the library says so, the interrupt is an edge on a line of the GIC, errors
 * go to the log, events of the kernel are handed over.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmdqv_kvm.h"
#include "iommu.h"
#include "smmu.h"

#define PAGE0_GPA (VMM_CMDQV + VIOMMU_CMDQV_PAGE0)

/**
 * struct cmdqv - The guest's CMDQ-V
 * @dev: The library's device
 * @events: Errors of its queues
 * @errors: Errors the library has reported
 */
struct cmdqv {
	struct viommu_cmdqv *dev;
	struct iommu_events events;
	unsigned long errors;
};

static int map_page0(void *host, void *page0)
{
	return kvm_slot_set(host, SLOT_CMDQV_PAGE0, PAGE0_GPA, page0,
			    VIOMMU_CMDQV_PAGE_SIZE);
}

/* KVM returns when no vCPU can reach the page any more */
static void unmap_page0(void *host)
{
	int rc = kvm_slot_set(host, SLOT_CMDQV_PAGE0, PAGE0_GPA, NULL, 0);

	if (rc)
		failed("taking page 0 from the guest", rc);
}

static void interrupt(void *host)
{
	kvm_interrupt_pulse(host, VMM_CMDQV_SPI);
}

/* Why a queue was refused; the layout of RAM tells more than the library knew */
static const char *why(struct vmm *vmm, const struct viommu_cmdqv_error *error)
{
	struct viommu_hw_queue_limits limits;
	struct viommu_memory memory;
	uint32_t reason = error->refused;

	if (!reason)
		return strerror(-error->err);
	iommu_limits(vmm, &memory, &limits);
	if (error->reason == VIOMMU_CMDQV_QUEUE_ALLOC)
		reason = viommu_hw_queue_reason(&limits, error->err, error->index,
						error->addr, error->length);
	return viommu_hw_queue_reason_text(reason);
}

static void report(void *host, const struct viommu_cmdqv_error *error)
{
	struct vmm *vmm = host;
	unsigned long n = ++vmm->cmdqv->errors;

	if (n > LOGGED_MAX)
		return;
	fprintf(stderr, "# vmm: CMDQ-V: %s: %s (queue %d, address 0x%llx)%s\n",
		viommu_cmdqv_reason_text(error->reason), why(vmm, error),
		(int)error->index, (unsigned long long)error->addr,
		n == LOGGED_MAX ? "; no more of these" : "");
}

static const struct viommu_cmdqv_host_ops host_ops = {
	.size = sizeof(host_ops),
	.map_page0 = map_page0,
	.unmap_page0 = unmap_page0,
	.interrupt = interrupt,
	.error = report,
};

/* The guest's CMDQ-V for as long as it runs, if its first device has one; no vIOMMU is behind it yet */
int cmdqv_create(struct vmm *vmm)
{
	struct viommu_cmdqv_config config = {
		.size = sizeof(config),
		.max_log2size = vmm->smmu->cmdqs,
		.host_ops = &host_ops,
		.host = vmm,
	};
	struct cmdqv *cmdqv;
	int rc;

	if (!vmm->iommu->has_cmdqv)
		return 0;
	cmdqv = calloc(1, sizeof(*cmdqv));
	if (!cmdqv)
		return failed("a CMDQ-V", -ENOMEM);
	cmdqv->events.fd = -1;
	vmm->cmdqv = cmdqv;
	rc = viommu_cmdqv_new(&config, &cmdqv->dev);
	return rc ? failed("a CMDQ-V", rc) : 0;
}

/* Put the vIOMMU of the device behind it; the queues of the guest become those of the hardware */
int cmdqv_plug(struct vmm *vmm)
{
	struct cmdqv *cmdqv = vmm->cmdqv;
	struct iommu *iommu = vmm->iommu;
	struct viommu_cmdqv_backing backing = {
		.size = sizeof(backing),
		.viommu = iommu->viommu,
		.ctx = iommu->ctx,
		.page0 = iommu->page0,
		.page0_length = iommu->page0_length,
	};
	int rc;

	if (!cmdqv)
		return 0;
	if (!iommu->has_cmdqv)
		return failed("this device has no CMDQ-V, which the guest has", -ENODEV);
	rc = iommu_events_open(vmm, VIOMMU_VEVENTQ_TEGRA241_CMDQV,
			       VIOMMU_EVENT_LEN_TEGRA241_CMDQV,
			       &cmdqv->events);
	if (rc)
		return rc;
	rc = viommu_cmdqv_attach(cmdqv->dev, &backing);
	return rc ? failed("the queues of the guest on this vIOMMU", rc) : 0;
}

/* The guest keeps its queues; behind them is nothing any more */
int cmdqv_unplug(struct vmm *vmm)
{
	struct cmdqv *cmdqv = vmm->cmdqv;
	int rc;

	if (!cmdqv || !cmdqv->dev)
		return 0;
	rc = viommu_cmdqv_detach(cmdqv->dev);
	if (rc)
		return failed("taking the queues of the guest from the vIOMMU", rc);
	if (iommu_events_fd(&cmdqv->events) >= 0)
		cmdqv_events(vmm);
	iommu_events_close(vmm, &cmdqv->events);
	return 0;
}

void cmdqv_destroy(struct vmm *vmm)
{
	struct cmdqv *cmdqv = vmm->cmdqv;
	int rc;

	if (!cmdqv)
		return;
	iommu_events_close(vmm, &cmdqv->events);
	rc = viommu_cmdqv_free(cmdqv->dev);
	if (rc)
		failed("destroying the guest's queues", rc);
	if (cmdqv->errors)
		fprintf(stderr, "# vmm: CMDQ-V: %lu errors in all\n",
			cmdqv->errors);
	free(cmdqv);
	vmm->cmdqv = NULL;
}

/* The library reports a wrong access, and returns the value that the guest reads */
uint64_t cmdqv_read(struct vmm *vmm, uint64_t offset, unsigned int len)
{
	uint64_t value = 0;

	if (vmm->cmdqv)
		viommu_cmdqv_read(vmm->cmdqv->dev, offset, len, &value);
	return value;
}

void cmdqv_write(struct vmm *vmm, uint64_t offset, unsigned int len,
		 uint64_t value)
{
	if (vmm->cmdqv)
		viommu_cmdqv_write(vmm->cmdqv->dev, offset, len, value);
}

int cmdqv_event_fd(struct vmm *vmm)
{
	return vmm->cmdqv ? iommu_events_fd(&vmm->cmdqv->events) : -1;
}

/* Also if the queue cannot be read any more: the guest has seen that there is one */
bool cmdqv_has_events(struct vmm *vmm)
{
	return vmm->cmdqv && vmm->cmdqv->events.fd >= 0;
}

int cmdqv_events(struct vmm *vmm)
{
	struct cmdqv *cmdqv = vmm->cmdqv;
	struct viommu_event event = { .size = sizeof(event) };
	int rc;

	while (!(rc = viommu_events_next(cmdqv->events.events, &event))) {
		if (event.lost)
			viommu_cmdqv_events_lost(cmdqv->dev);
		if (event.data)
			viommu_cmdqv_event(cmdqv->dev, event.data, event.len);
	}
	return iommu_events_end(&cmdqv->events, "errors of the guest's queues", rc);
}

/* Take the queues from the hardware; to the guest they are enabled as they were */
int cmdqv_hold(struct vmm *vmm)
{
	return vmm->cmdqv ? viommu_cmdqv_hold(vmm->cmdqv->dev, VMM_RAM, vmm->ram.size) : 0;
}

int cmdqv_release(struct vmm *vmm)
{
	return vmm->cmdqv ? viommu_cmdqv_release(vmm->cmdqv->dev) : 0;
}

int cmdqv_save(struct vmm *vmm, void *state, size_t len)
{
	return viommu_cmdqv_save(vmm->cmdqv->dev, state, len);
}

int cmdqv_restore(struct vmm *vmm, const void *state, size_t len)
{
	return viommu_cmdqv_restore(vmm->cmdqv->dev, state, len);
}
