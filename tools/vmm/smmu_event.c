// SPDX-License-Identifier: GPL-2.0
/*
 * The event queue of the guest's SMMUv3: what the kernel reports about the device
 * is written into the guest's ring as it is, the StreamID being the guest's
 * already. An event that finds the ring full, or no ring, is lost; the guest
 * learns of it by the overflow flag.
 */
#include <string.h>

#include "smmu.h"

#define EVENT_SIZE	VIOMMU_EVENT_LEN_ARM_SMMUV3
#define PROD_OVERFLOW	(1U << 31)

static void overflow(struct smmu *smmu)
{
	/* One toggle until the guest has acknowledged it */
	if (!((smmu->eventq_prod ^ smmu->eventq_cons) & PROD_OVERFLOW))
		smmu->eventq_prod ^= PROD_OVERFLOW;
}

static void put(struct vmm *vmm, const void *event)
{
	struct smmu *smmu = vmm->smmu;
	unsigned int bits = smmu_queue_bits(smmu->eventq_base,
					    smmu->idr[1] >> 16 & 31);
	uint32_t wrap = (2U << bits) - 1;
	uint32_t prod = smmu->eventq_prod & wrap;
	char *ring;

	if (((prod ^ smmu->eventq_cons) & wrap) == 1U << bits) {
		overflow(smmu);
		return;
	}
	ring = ram_at(vmm, SMMU_QUEUE_BASE(smmu->eventq_base),
		      (uint64_t)EVENT_SIZE << bits);
	if (!ring) {
		smmu_error(vmm, SMMU_GERROR_EVENTQ_ABT);
		return;
	}
	memcpy(ring + (prod & (wrap >> 1)) * EVENT_SIZE, event, EVENT_SIZE);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	smmu->eventq_prod = (smmu->eventq_prod & PROD_OVERFLOW) |
			    ((prod + 1) & wrap);
}

int smmu_event_fd(struct vmm *vmm)
{
	return vmm->smmu ? iommu_events_fd(&vmm->smmu->events) : -1;
}

int smmu_events(struct vmm *vmm)
{
	struct smmu *smmu = vmm->smmu;
	struct viommu_event event = { .size = sizeof(event) };
	bool any = false;
	int rc;

	while (!(rc = viommu_events_next(smmu->events.events, &event))) {
		if (!(smmu->cr0 & SMMU_CR0_EVENTQEN))
			continue;
		any = true;
		if (event.lost)
			overflow(smmu);
		if (event.data)
			put(vmm, event.data);
	}
	if (any && smmu->irq_ctrl & SMMU_IRQ_EVENTQ)
		kvm_interrupt_pulse(vmm, VMM_SMMU_EVENT_SPI);
	return iommu_events_end(&smmu->events, "events of the guest's SMMU", rc);
}
