// SPDX-License-Identifier: GPL-2.0
/*
 * The objects of iommufd, made in the order a VMM makes them: an IOAS, the device bound,
 * the nesting parent, guest RAM in the IOAS, the vIOMMU, page 0 of its virtual
 * interface, the vDEVICE, two HWPTs for a guest that has no translation to offer. Nested HWPTs
 * come and go with the stream table entry of the guest. Taken down in the mirror
 * order, which is the only one that the kernel accepts. The IOAS stays when the device goes:
 * without a nesting parent none of its memory is pinned.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "device.h"
#include "iommu.h"
#include "smmu.h"

#define EVENT_DEPTH	64	/* events the kernel keeps for us */
#define EVENTS_AT_ONCE	16
#define RANGES_MAX	32

/* RAM is at one place, so it must be free of what the host keeps for itself */
static int check_ranges(const struct vmm *vmm, const struct iommu *iommu)
{
	struct viommu_iova_range ranges[RANGES_MAX];
	uint32_t num = RANGES_MAX;
	int rc;

	rc = viommu_ioas_ranges(iommu->ctx, iommu->ioas, ranges, &num, NULL);
	if (rc)
		return rc;
	while (num--)
		if (ranges[num].start <= VMM_RAM &&
		    ranges[num].last >= VMM_RAM + vmm->ram.size - 1)
			return 0;
	return -ERANGE;
}

static int map_ram(struct vmm *vmm, struct iommu *iommu)
{
	int rc;

	if (iommu->ram_mapped)
		return 0;
	rc = viommu_ioas_map(iommu->ctx, iommu->ioas, vmm->ram.va, VMM_RAM,
			     vmm->ram.size, VIOMMU_MAP_READ | VIOMMU_MAP_WRITE);
	if (rc) {
		fprintf(stderr, "vmm: guest RAM for the device: %s\n", viommu_ioas_map_reason(rc));
		return rc;
	}
	iommu->ram_mapped = true;
	return 0;
}

/*
 * Steps 1 to 6: everything a VM with any IOMMU does. A device narrows what can be
 * mapped when it is attached, so that is when the ranges are asked for.
 */
static int create_stage2(struct vmm *vmm, struct iommu *iommu)
{
	int rc;

	rc = viommu_vfio_bind(iommu->ctx, vmm->device->fd, &iommu->dev);
	if (rc)
		return failed("binding the device", rc);
	rc = viommu_hwpt_alloc_parent(iommu->ctx, iommu->dev, iommu->ioas,
				      &iommu->parent);
	if (rc)
		return failed("the nesting parent", rc);
	rc = iommu_attach(vmm, iommu->parent);
	if (rc)
		return rc;
	rc = check_ranges(vmm, iommu);
	if (rc)
		return failed("guest RAM at addresses that the device can use", rc);
	return map_ram(vmm, iommu);
}

/* A virtual interface of CMDQ-V if there is one, and page 0 of it; a plain vIOMMU if not */
static int create_viommu(struct iommu *iommu)
{
	struct viommu_region region = { .size = sizeof(region) };
	struct viommu_cmdqv_info info = { .size = sizeof(info) };
	int rc;

	rc = viommu_hw_info_cmdqv(iommu->ctx, iommu->dev, &info);
	if (rc == -EOPNOTSUPP)
		return viommu_alloc(iommu->ctx, VIOMMU_TYPE_ARM_SMMUV3,
				    iommu->dev, iommu->parent, NULL, 0,
				    &iommu->viommu);
	if (rc)
		return rc;
	rc = viommu_alloc_cmdqv(iommu->ctx, iommu->dev, iommu->parent, &region,
				&iommu->viommu);
	if (rc)
		return rc;
	iommu->has_cmdqv = true;
	rc = viommu_mmap(iommu->ctx, iommu->viommu, region.length, region.offset,
			 &iommu->page0);
	if (rc) {
		fprintf(stderr, "vmm: page 0 of the vIOMMU: %s\n", viommu_mmap_reason(rc));
		return rc;
	}
	iommu->page0_length = region.length;
	return 0;
}

static int create_hwpts(struct iommu *iommu)
{
	const uint64_t abort[2] = { SMMU_STE_V };
	const uint64_t bypass[2] = { SMMU_STE_V | SMMU_STE_BYPASS };
	int rc;

	rc = viommu_hwpt_alloc_ste(iommu->ctx, iommu->dev, iommu->viommu, abort,
				   &iommu->abort);
	if (rc)
		return rc;
	return viommu_hwpt_alloc_ste(iommu->ctx, iommu->dev, iommu->viommu,
				     bypass, &iommu->bypass);
}

/* Lasts as long as the machine */
int iommu_create(struct vmm *vmm)
{
	struct iommu *iommu;
	int rc;

	iommu = calloc(1, sizeof(*iommu));
	if (!iommu)
		return failed("an IOMMU", -ENOMEM);
	vmm->iommu = iommu;
	rc = viommu_ctx_open(NULL, &iommu->ctx);
	if (rc)
		return failed("/dev/iommu", rc);
	rc = viommu_ioas_alloc(iommu->ctx, &iommu->ioas);
	return rc ? failed("the IOAS", rc) : 0;
}

/* Everything that needs a device, which is open */
int iommu_plug(struct vmm *vmm)
{
	struct viommu_hw_info info = { .size = sizeof(info) };
	struct iommu *iommu = vmm->iommu;
	int rc;

	rc = create_stage2(vmm, iommu);
	if (rc)
		return rc;
	iommu->host.size = sizeof(iommu->host);
	rc = viommu_hw_info_smmuv3(iommu->ctx, iommu->dev, &iommu->host);
	if (!rc)
		rc = viommu_hw_info(iommu->ctx, iommu->dev,
				    VIOMMU_HW_INFO_DEFAULT, NULL, 0, &info);
	if (rc)
		return failed("capabilities of the SMMU", rc);
	iommu->caps = info.capabilities;
	rc = create_viommu(iommu);
	if (rc)
		return failed("the vIOMMU", rc);
	/* Before the guest runs: it gives CFGI_CD before the first CFGI_STE */
	rc = viommu_vdevice_alloc(iommu->ctx, iommu->viommu, iommu->dev,
				  VMM_STREAM_ID, &iommu->vdevice);
	if (rc)
		return failed("the vDEVICE", rc);
	rc = create_hwpts(iommu);
	if (rc)
		return failed("abort and bypass", rc);
	return iommu_attach(vmm, iommu->abort);
}

/* Where the queues of the guest can be: RAM, which is at the same place of a huge page here and there */
void iommu_limits(struct vmm *vmm, struct viommu_memory *memory,
		  struct viommu_hw_queue_limits *limits)
{
	*memory = (struct viommu_memory){
		.iova = VMM_RAM,
		.length = vmm->ram.size,
		.backing = (uintptr_t)vmm->ram.va,
		.page_size = VMM_HUGE_PAGE,
	};
	*limits = (struct viommu_hw_queue_limits){
		.size = sizeof(*limits),
		.queues = VIOMMU_CMDQV_QUEUES,
		.max_log2size = vmm->iommu->host.idr[1] >> 21 & 31,
		.memory_num = 1,
		.memory = memory,
	};
}

/* As failed(), of what a guest can repeat */
int iommu_refused(struct vmm *vmm, const char *what, int rc)
{
	return failed_again(what, rc, &vmm->iommu->refused);
}

int iommu_attach(struct vmm *vmm, uint32_t hwpt)
{
	struct iommu *iommu = vmm->iommu;
	uint32_t nested = iommu->nested;
	int rc;

	if (!vmm->device || hwpt == iommu->attached)
		return 0;
	rc = viommu_vfio_attach(iommu->ctx, vmm->device->fd, hwpt);
	if (rc)
		return iommu_refused(vmm, "attaching the device", rc);
	iommu->attached = hwpt;
	/* Nothing uses the old stage 1 any more */
	iommu->nested = 0;
	return nested ? viommu_destroy(iommu->ctx, nested) : 0;
}

/* The guest's stage 1, in place of whatever was attached; that stays on failure */
int iommu_attach_ste(struct vmm *vmm, const uint64_t ste[2])
{
	struct iommu *iommu = vmm->iommu;
	uint32_t nested;
	int rc;

	if (!vmm->device)
		return 0;
	rc = viommu_hwpt_alloc_ste(iommu->ctx, iommu->dev, iommu->viommu, ste,
				   &nested);
	if (rc)
		return iommu_refused(vmm, "the guest's stream table entry", rc);
	rc = iommu_attach(vmm, nested);
	if (iommu->attached == nested)
		iommu->nested = nested;
	else
		viommu_destroy(iommu->ctx, nested);
	return rc;
}

/* A kernel that has no such events gives no queue, which is no failure */
int iommu_events_open(struct vmm *vmm, uint32_t type, uint32_t len,
		      struct iommu_events *events)
{
	struct iommu *iommu = vmm->iommu;
	int rc;

	iommu_events_close(vmm, events);
	rc = viommu_veventq_alloc(iommu->ctx, iommu->viommu, type, EVENT_DEPTH,
				  &events->id, &events->fd);
	if (rc == -EOPNOTSUPP) {
		events->fd = -1;
		return 0;
	}
	if (!rc)
		rc = viommu_events_new(events->fd, len, EVENTS_AT_ONCE, 0,
				       &events->events);
	if (!rc)
		return 0;
	iommu_events_close(vmm, events);
	return failed("an event queue", rc);
}

/* 0 if more events may come after @rc of viommu_events_next(); otherwise reports the error */
int iommu_events_end(struct iommu_events *events, const char *what, int rc)
{
	if (rc == -EAGAIN || rc == -EINTR)
		return 0;
	events->broken = true;
	return failed(what, rc);
}

void iommu_events_close(struct vmm *vmm, struct iommu_events *events)
{
	viommu_events_free(events->events);
	if (events->fd >= 0)
		close(events->fd);
	if (events->id)
		viommu_destroy(vmm->iommu->ctx, events->id);
	*events = (struct iommu_events){ .fd = -1 };
}

static void destroy(struct iommu *iommu, const char *what, uint32_t *id)
{
	int rc = *id ? viommu_destroy(iommu->ctx, *id) : 0;

	if (rc)
		failed(what, rc);
	*id = 0;
}

/* The device reaches nothing any more, and nothing is cached for it */
void iommu_detach(struct vmm *vmm)
{
	struct iommu *iommu = vmm->iommu;

	if (!iommu)
		return;
	if (iommu->attached)
		viommu_vfio_detach(iommu->ctx, vmm->device->fd);
	iommu->attached = 0;
	destroy(iommu, "destroying stage 1", &iommu->nested);
	destroy(iommu, "destroying bypass", &iommu->bypass);
	destroy(iommu, "destroying abort", &iommu->abort);
}

/* Undo iommu_plug(), behind iommu_detach() */
void iommu_unplug(struct vmm *vmm)
{
	struct iommu *iommu = vmm->iommu;

	if (!iommu)
		return;
	destroy(iommu, "destroying the vDEVICE", &iommu->vdevice);
	if (iommu->page0)
		munmap(iommu->page0, iommu->page0_length);
	iommu->page0 = NULL;
	destroy(iommu, "destroying the vIOMMU", &iommu->viommu);
	destroy(iommu, "destroying the nesting parent", &iommu->parent);
	iommu->has_cmdqv = false;
	iommu->dev = 0;
}

void iommu_destroy(struct vmm *vmm)
{
	struct iommu *iommu = vmm->iommu;

	if (!iommu)
		return;
	iommu_detach(vmm);
	iommu_unplug(vmm);
	destroy(iommu, "destroying the IOAS", &iommu->ioas);
	viommu_ctx_close(iommu->ctx);
	free(iommu);
	vmm->iommu = NULL;
}
