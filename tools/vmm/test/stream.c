// SPDX-License-Identifier: GPL-2.0
/*
 * The stream table of a guest in memory of this program: what the device is attached to, for
 * both formats of the table, each SPLIT, and tables that do not reach the device or end in
 * front of it.
 */
#include <stdio.h>
#include <string.h>

#include "../smmu.h"

#define TABLE	VMM_RAM
#define LEAF	(VMM_RAM + 0x2000)
#define TWO_LEVEL(split) (1u << 16 | (split) << 6 | SMMU_SIDSIZE)

enum { ABORT = 1, BYPASS, STAGE1 };

static uint64_t ram[0x800];
static uint32_t attached;
static unsigned int done, bad;

void *ram_at(struct vmm *vmm, uint64_t gpa, uint64_t size)
{
	return gpa >= VMM_RAM && gpa - VMM_RAM <= sizeof(ram) - size ? (char *)ram + (gpa - VMM_RAM) : NULL;
}

int iommu_attach(struct vmm *vmm, uint32_t hwpt)
{
	attached = hwpt;
	return 0;
}

int iommu_attach_ste(struct vmm *vmm, const uint64_t ste[2])
{
	attached = STAGE1;
	return 0;
}

void viommu_smmuv3_ste_mask(const uint64_t ste[2], uint64_t out[2])
{
	memcpy(out, ste, 2 * sizeof(ste[0]));
}

static uint32_t update(uint32_t cfg)
{
	struct iommu iommu = { .abort = ABORT, .bypass = BYPASS };
	struct smmu smmu = { .cr0 = SMMU_CR0_SMMUEN, .strtab_base = TABLE, .strtab_base_cfg = cfg };
	struct vmm vmm = { .iommu = &iommu, .smmu = &smmu };

	attached = 0;
	smmu_stream_update(&vmm);
	return attached;
}

static void check(bool ok, const char *what)
{
	bad += !ok;
	printf("%sok %u %s\n", ok ? "" : "not ", ++done, what);
}

static void put(uint64_t gpa, uint64_t value)
{
	ram[(gpa - VMM_RAM) / 8] = value;
}

/* A first level whose descriptor covers the device, and a second level with stage 1 for it */
static void two_levels(unsigned int split, unsigned int span)
{
	memset(ram, 0, sizeof(ram));
	put(TABLE + (VMM_STREAM_ID >> split) * 8, LEAF | span);
	put(LEAF + (VMM_STREAM_ID & ((1u << split) - 1)) * 64,
	    SMMU_STE_V | (uint64_t)SMMU_STE_CONFIG_S1 << 1);
}

static void one_level(void)
{
	memset(ram, 0, sizeof(ram));
	check(update(SMMU_SIDSIZE) == ABORT, "an entry that is not valid aborts");
	put(TABLE + VMM_STREAM_ID * 64, SMMU_STE_V | SMMU_STE_BYPASS);
	check(update(SMMU_SIDSIZE) == BYPASS, "linear: bypass");
	put(TABLE + VMM_STREAM_ID * 64, SMMU_STE_V | (uint64_t)SMMU_STE_CONFIG_S1 << 1);
	check(update(SMMU_SIDSIZE) == STAGE1, "linear: stage 1");
	check(update(4) == ABORT, "linear: a table that ends in front of the device aborts");
	check(update(2u << 16 | SMMU_SIDSIZE) == ABORT, "a reserved format aborts");
}

static void every_split(void)
{
	unsigned int split, wrong = 0;

	for (split = 0; split < 32; split++) {
		unsigned int bits = split == 8 || split == 10 ? split : 6;

		two_levels(bits, bits + 1);
		wrong += update(TWO_LEVEL(split)) != STAGE1;
	}
	check(!wrong, "two levels: each SPLIT, of which reserved ones behave as 6");
	two_levels(6, 5);
	check(update(TWO_LEVEL(6)) == ABORT, "two levels: a span that ends in front of the device aborts");
	two_levels(6, 6);
	check(update(TWO_LEVEL(6)) == STAGE1, "two levels: a span that ends behind it");
	two_levels(6, 8);
	check(update(TWO_LEVEL(6)) == ABORT, "two levels: a span that is longer than the split aborts");
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n1..9\n");
	one_level();
	every_split();
	return bad != 0;
}
