// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * Rules between the host's SMMUv3 and the guest's: a table of fields, each with
 * the way in which the two values must relate.
 *
 * The table has the fields that a guest relies on and the hardware implements: translation,
 * context descriptors, invalidation, transactions of devices. It does not have fields about
 * the VMM's own emulation: registers, stream table, queues and their sizes, MSIs of the
 * SMMU. GUEST_AT_MOST 0 is for features that the kernel refuses (stage 2 and EL2 in a
 * guest's STE) or does not carry to a guest (page requests, broadcast of TLBIs).
 */
#include <errno.h>

#include "lib.h"

/* How a field of the host must relate to the guest's */
enum relation {
	/* The host has what the guest is shown, or more */
	AT_LEAST,
	/* The host does no more of what the guest must bear with */
	AT_MOST,
	/* Each bit of the guest is one of the host */
	BITS,
	/* They are equal, or the host's is 0 and means all */
	EQUAL_OR_ALL,
	/* The host has @value or more, whatever the guest is shown */
	HOST_AT_LEAST,
	/* The guest is shown @value or less, whatever the host has */
	GUEST_AT_MOST,
};

struct rule {
	const char *name;
	uint8_t idr;
	uint8_t shift;
	uint8_t width;
	uint8_t relation;
	uint8_t value;
};

static const struct rule rules[] = {
	{ "IDR0.S2P", 0, 0, 1, GUEST_AT_MOST, 0 },
	{ "IDR0.S1P", 0, 1, 1, AT_LEAST, 0 },
	{ "IDR0.TTF", 0, 2, 2, BITS, 0 },
	{ "IDR0.COHACC", 0, 4, 1, AT_LEAST, 0 },
	{ "IDR0.BTM", 0, 5, 1, GUEST_AT_MOST, 0 },
	{ "IDR0.HTTU", 0, 6, 2, AT_LEAST, 0 },
	{ "IDR0.HYP", 0, 9, 1, GUEST_AT_MOST, 0 },
	{ "IDR0.ASID16", 0, 12, 1, AT_LEAST, 0 },
	{ "IDR0.PRI", 0, 16, 1, GUEST_AT_MOST, 0 },
	{ "IDR0.CD2L", 0, 19, 1, AT_LEAST, 0 },
	{ "IDR0.TTENDIAN", 0, 21, 2, EQUAL_OR_ALL, 0 },
	/* 0: S1STALLD counts, 1: no stalls, 2: always, which a guest cannot have */
	{ "IDR0.STALL_MODEL", 0, 24, 2, AT_MOST, 0 },
	{ "IDR0.STALL_MODEL", 0, 24, 2, GUEST_AT_MOST, 1 },
	{ "IDR0.TERM_MODEL", 0, 26, 1, AT_MOST, 0 },
	{ "IDR0.ST_LEVEL", 0, 27, 2, AT_LEAST, 0 },
	{ "IDR1.SIDSIZE", 1, 0, 6, HOST_AT_LEAST, 16 },
	{ "IDR1.SSIDSIZE", 1, 6, 5, AT_LEAST, 0 },
	{ "IDR3.HAD", 3, 2, 1, AT_LEAST, 0 },
	{ "IDR3.PBHA", 3, 3, 1, AT_LEAST, 0 },
	{ "IDR3.STT", 3, 9, 1, AT_LEAST, 0 },
	{ "IDR3.RIL", 3, 10, 1, AT_LEAST, 0 },
	{ "IDR3.BBML", 3, 11, 2, AT_LEAST, 0 },
	{ "IDR3.E0PD", 3, 13, 1, AT_LEAST, 0 },
	{ "IDR5.OAS", 5, 0, 3, AT_LEAST, 0 },
	{ "IDR5.GRAN4K", 5, 4, 1, AT_LEAST, 0 },
	{ "IDR5.GRAN16K", 5, 5, 1, AT_LEAST, 0 },
	{ "IDR5.GRAN64K", 5, 6, 1, AT_LEAST, 0 },
	{ "IDR5.DS", 5, 7, 1, AT_LEAST, 0 },
	{ "IDR5.VAX", 5, 10, 2, AT_LEAST, 0 },
};

#define IDR0_ATS (1u << 10)
#define IDR1_CMDQS(idr) ((idr) >> 21 & 0x1f)
#define CMDQS_MAX 19u
#define LOG2_COMMAND 4u

static uint32_t field(uint32_t idr, const struct rule *r)
{
	return idr >> r->shift & ((1u << r->width) - 1);
}

static bool holds(const struct rule *r, uint32_t host, uint32_t guest)
{
	switch (r->relation) {
	case AT_LEAST:
		return host >= guest;
	case AT_MOST:
		return host <= guest;
	case BITS:
		return !(guest & ~host);
	case EQUAL_OR_ALL:
		return !host || host == guest;
	case HOST_AT_LEAST:
		return host >= r->value;
	default:
		return guest <= r->value;
	}
}

/* ATS is a matter of the device: the SMMU may have it and the device's path not */
static bool ats_holds(const struct viommu_smmuv3_info *host, uint64_t caps,
		      uint32_t guest_idr0)
{
	return !(guest_idr0 & IDR0_ATS) ||
	       (host->idr[0] & IDR0_ATS && !(caps & VIOMMU_HW_CAP_ATS_NOT_SUPPORTED));
}

int viommu_smmuv3_check(const struct viommu_smmuv3_info *host, uint64_t caps,
			const uint32_t guest_idr[6], const char **name)
{
	const char *bad = NULL;

	for (size_t i = 0; !bad && i < ARRAY_SIZE(rules); i++) {
		const struct rule *r = &rules[i];

		if (!holds(r, field(host->idr[r->idr], r), field(guest_idr[r->idr], r)))
			bad = r->name;
	}
	if (!bad && !ats_holds(host, caps, guest_idr[0]))
		bad = "IDR0.ATS";
	if (bad && name)
		*name = bad;
	vi_trace(smmuv3_check, caps, bad ? -EOPNOTSUPP : 0);
	return bad ? -EOPNOTSUPP : 0;
}

unsigned int viommu_smmuv3_cmdqs(const struct viommu_smmuv3_info *host,
				 uint64_t page_size)
{
	unsigned int cmdqs = IDR1_CMDQS(host->idr[1]);
	unsigned int fit;

	if (page_size < 32 || page_size & (page_size - 1))
		fit = 0;
	else
		fit = (unsigned int)__builtin_ctzll(page_size) - LOG2_COMMAND;
	if (cmdqs > CMDQS_MAX)
		cmdqs = CMDQS_MAX;
	if (cmdqs > fit)
		cmdqs = fit;
	vi_trace(smmuv3_cmdqs, host->idr[1], page_size, cmdqs);
	return cmdqs;
}

/* V, Config, S1Fmt, S1ContextPtr, S1CDMax */
#define STE0_MASK 0xf80fffffffffffffull
/* S1DSS, S1CIR, S1COR, S1CSH, S1STALLD, EATS */
#define STE1_MASK 0x00000000380000ffull

void viommu_smmuv3_ste_mask(const uint64_t ste[2], uint64_t out[2])
{
	out[0] = ste[0] & STE0_MASK;
	out[1] = ste[1] & STE1_MASK;
}
