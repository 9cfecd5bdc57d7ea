// SPDX-License-Identifier: GPL-2.0
/*
 * The stream table of the guest's SMMUv3, of which one entry matters: what the
 * guest says there about its device is what the device gets. An entry that cannot
 * be read, is not valid, or asks for what the guest's SMMU does not have is an
 * abort; so is stage 1 that the kernel refuses, as long as there was none before.
 */
#include <string.h>

#include "smmu.h"

#define CFG_LOG2SIZE(cfg)	((cfg) & 63)
#define CFG_SPLIT(cfg)		((cfg) >> 6 & 31)
#define CFG_FMT(cfg)		((cfg) >> 16 & 3)
#define FMT_LINEAR		0
#define FMT_2LEVEL		1

#define STRTAB_ADDR(base)	((base) & 0x000fffffffffffc0ULL)
#define L1_SPAN(desc)		((desc) & 31)
#define L1_POINTER(desc)	((desc) & 0x000fffffffffffc0ULL)

#define STE_SIZE		64
#define L1_DESC_SIZE		8

static bool fetch(struct vmm *vmm, uint64_t gpa, void *to, size_t len)
{
	void *from = ram_at(vmm, gpa, len);

	if (from)
		memcpy(to, from, len);
	return from;
}

static bool find_2level(struct vmm *vmm, uint64_t *gpa)
{
	unsigned int split = CFG_SPLIT(vmm->smmu->strtab_base_cfg);
	uint64_t desc, sid = VMM_STREAM_ID;

	/* Reserved values behave as 6 */
	if (split != 8 && split != 10)
		split = 6;
	if (!fetch(vmm, *gpa + (sid >> split) * L1_DESC_SIZE, &desc,
		   sizeof(desc)))
		return false;
	/* A span of n covers the first 2^(n-1) StreamIDs of the split */
	sid &= (1U << split) - 1;
	if (!L1_SPAN(desc) || L1_SPAN(desc) > split + 1 ||
	    sid >= 1U << (L1_SPAN(desc) - 1))
		return false;
	*gpa = L1_POINTER(desc) + sid * STE_SIZE;
	return true;
}

static bool read_ste(struct vmm *vmm, uint64_t ste[2])
{
	const struct smmu *smmu = vmm->smmu;
	uint64_t gpa = STRTAB_ADDR(smmu->strtab_base);
	unsigned int log2size = CFG_LOG2SIZE(smmu->strtab_base_cfg);

	if (log2size < SMMU_SIDSIZE && VMM_STREAM_ID >> log2size)
		return false;
	switch (CFG_FMT(smmu->strtab_base_cfg)) {
	case FMT_LINEAR:
		gpa += VMM_STREAM_ID * STE_SIZE;
		break;
	case FMT_2LEVEL:
		if (find_2level(vmm, &gpa))
			break;
		return false;
	default:
		return false;
	}
	return fetch(vmm, gpa, ste, 2 * sizeof(ste[0]));
}

static void attach_stage1(struct vmm *vmm, const uint64_t guest[2])
{
	uint64_t ste[2];

	viommu_smmuv3_ste_mask(guest, ste);
	iommu_attach_ste(vmm, ste);
}

/* The guest has said that its entry changed, or turned translation on or off */
void smmu_stream_update(struct vmm *vmm)
{
	struct smmu *smmu = vmm->smmu;
	struct iommu *iommu = vmm->iommu;
	uint64_t ste[2];

	if (!(smmu->cr0 & SMMU_CR0_SMMUEN))
		iommu_attach(vmm, smmu->gbpa & SMMU_GBPA_ABORT ? iommu->abort :
								 iommu->bypass);
	else if (!read_ste(vmm, ste) || !(ste[0] & SMMU_STE_V))
		iommu_attach(vmm, iommu->abort);
	else if (SMMU_STE_CONFIG(ste[0]) == SMMU_STE_CONFIG_S1)
		attach_stage1(vmm, ste);
	else if (SMMU_STE_CONFIG(ste[0]) == SMMU_STE_CONFIG_BYPASS)
		iommu_attach(vmm, iommu->bypass);
	else
		iommu_attach(vmm, iommu->abort);
}
