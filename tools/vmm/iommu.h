/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest's slice of the SMMU: the objects of iommufd behind the SMMUv3 and
 * the CMDQ-V that the guest sees.
 */
#ifndef _VMM_IOMMU_H
#define _VMM_IOMMU_H

#include <viommu.h>

#include "vmm.h"

/**
 * struct iommu - Objects of iommufd; an ID of 0 means that there is none
 * @ctx: /dev/iommu
 * @ioas: Guest RAM; it stays when the device goes, and what follows goes with it
 * @ram_mapped: Guest RAM is in @ioas
 * @host: ID registers of the physical SMMU
 * @caps: Capabilities of the physical SMMU
 * @dev: The bound device
 * @parent: Nesting parent: stage 2
 * @viommu: vIOMMU
 * @has_cmdqv: @viommu has a virtual interface of CMDQ-V
 * @page0: Page 0 of that interface in this program, or NULL
 * @page0_length: Bytes of it
 * @vdevice: The device under its StreamID in the guest
 * @abort: HWPT that lets no access pass
 * @bypass: HWPT that goes through stage 2 only
 * @nested: HWPT with the guest's stage 1
 * @attached: The HWPT that the device is attached to
 * @refused: How often the guest asked for what was refused
 */
struct iommu {
	struct viommu_ctx *ctx;
	uint32_t ioas;
	bool ram_mapped;
	struct viommu_smmuv3_info host;
	uint64_t caps;
	uint32_t dev;
	uint32_t parent;
	uint32_t viommu;
	bool has_cmdqv;
	void *page0;
	size_t page0_length;
	uint32_t vdevice;
	uint32_t abort;
	uint32_t bypass;
	uint32_t nested;
	uint32_t attached;
	unsigned long refused;
};

/**
 * struct iommu_events - An event queue
 * @id: vEVENTQ
 * @fd: Its descriptor, -1 if there is no queue
 * @events: Iterator
 * @broken: It cannot be read, and would be ready for ever
 */
struct iommu_events {
	uint32_t id;
	int fd;
	struct viommu_events *events;
	bool broken;
};

/* Poll it; -1 if there is nothing to wait for */
static inline int iommu_events_fd(const struct iommu_events *events)
{
	return events->broken ? -1 : events->fd;
}

int iommu_create(struct vmm *vmm);
int iommu_plug(struct vmm *vmm);
void iommu_detach(struct vmm *vmm);
void iommu_unplug(struct vmm *vmm);
void iommu_limits(struct vmm *vmm, struct viommu_memory *memory,
		  struct viommu_hw_queue_limits *limits);
int iommu_refused(struct vmm *vmm, const char *what, int rc);
int iommu_attach(struct vmm *vmm, uint32_t hwpt);
int iommu_attach_ste(struct vmm *vmm, const uint64_t ste[2]);
int iommu_events_open(struct vmm *vmm, uint32_t type, uint32_t len,
		      struct iommu_events *events);
int iommu_events_end(struct iommu_events *events, const char *what, int rc);
void iommu_events_close(struct vmm *vmm, struct iommu_events *events);
void iommu_destroy(struct vmm *vmm);

#endif
