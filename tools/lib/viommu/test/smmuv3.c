// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * The rules between the host's and the guest's SMMUv3, field by field.
 */
#include <errno.h>

#include <viommu.h>

#include "test.h"

/* A host and a guest that fit: TTF 2, little endian, 2-level, ATS, SIDSIZE 16, all granules */
static const struct viommu_smmuv3_info good = {
	.idr = { 2 << 2 | 1 << 10 | 2 << 21 | 1 << 27, 16 | 10 << 6 | 19 << 21, 0, 1 << 10, 0,
		 5 | 7 << 4 },
};

static const struct {
	const char *name;
	uint8_t idr, shift, width, host, guest;
	int rc;
} rows[] = {
	{ "IDR0.TTF", 0, 2, 2, 3, 2, 0 },
	{ "IDR0.TTF", 0, 2, 2, 2, 3, -EOPNOTSUPP },
	{ "IDR0.TTENDIAN", 0, 21, 2, 0, 2, 0 },
	{ "IDR0.TTENDIAN", 0, 21, 2, 2, 2, 0 },
	{ "IDR0.TTENDIAN", 0, 21, 2, 3, 2, -EOPNOTSUPP },
	{ "IDR0.TTENDIAN", 0, 21, 2, 2, 3, -EOPNOTSUPP },
	{ "IDR0.ST_LEVEL", 0, 27, 2, 0, 1, -EOPNOTSUPP },
	{ "IDR0.ST_LEVEL", 0, 27, 2, 1, 0, 0 },
	/* AArch64 only does not have AArch32, though its number is greater */
	{ "IDR0.TTF", 0, 2, 2, 2, 1, -EOPNOTSUPP },
	{ "IDR0.S2P", 0, 0, 1, 1, 1, -EOPNOTSUPP },
	{ "IDR0.S2P", 0, 0, 1, 1, 0, 0 },
	{ "IDR0.S1P", 0, 1, 1, 0, 1, -EOPNOTSUPP },
	{ "IDR0.S1P", 0, 1, 1, 1, 1, 0 },
	{ "IDR0.COHACC", 0, 4, 1, 0, 1, -EOPNOTSUPP },
	{ "IDR0.COHACC", 0, 4, 1, 1, 0, 0 },
	{ "IDR0.BTM", 0, 5, 1, 1, 1, -EOPNOTSUPP },
	{ "IDR0.HTTU", 0, 6, 2, 1, 2, -EOPNOTSUPP },
	{ "IDR0.HTTU", 0, 6, 2, 2, 1, 0 },
	{ "IDR0.HYP", 0, 9, 1, 1, 1, -EOPNOTSUPP },
	{ "IDR0.ASID16", 0, 12, 1, 0, 1, -EOPNOTSUPP },
	{ "IDR0.ASID16", 0, 12, 1, 1, 1, 0 },
	{ "IDR0.ASID16", 0, 12, 1, 1, 0, 0 },
	{ "IDR0.PRI", 0, 16, 1, 1, 1, -EOPNOTSUPP },
	{ "IDR0.CD2L", 0, 19, 1, 0, 1, -EOPNOTSUPP },
	{ "IDR0.CD2L", 0, 19, 1, 1, 0, 0 },
	{ "IDR0.STALL_MODEL", 0, 24, 2, 0, 0, 0 },
	{ "IDR0.STALL_MODEL", 0, 24, 2, 0, 1, 0 },
	{ "IDR0.STALL_MODEL", 0, 24, 2, 1, 0, -EOPNOTSUPP },
	{ "IDR0.STALL_MODEL", 0, 24, 2, 2, 2, -EOPNOTSUPP },
	{ "IDR0.STALL_MODEL", 0, 24, 2, 0, 2, -EOPNOTSUPP },
	{ "IDR0.TERM_MODEL", 0, 26, 1, 1, 0, -EOPNOTSUPP },
	{ "IDR0.TERM_MODEL", 0, 26, 1, 0, 1, 0 },
	{ "IDR0.ATS", 0, 10, 1, 0, 1, -EOPNOTSUPP },
	{ "IDR0.ATS", 0, 10, 1, 1, 0, 0 },
	{ "IDR1.SIDSIZE", 1, 0, 6, 15, 8, -EOPNOTSUPP },
	{ "IDR1.SIDSIZE", 1, 0, 6, 32, 8, 0 },
	{ "IDR1.SIDSIZE", 1, 0, 6, 16, 32, 0 },
	{ "IDR1.SSIDSIZE", 1, 6, 5, 0, 1, -EOPNOTSUPP },
	{ "IDR1.SSIDSIZE", 1, 6, 5, 20, 0, 0 },
	{ "IDR3.HAD", 3, 2, 1, 0, 1, -EOPNOTSUPP },
	{ "IDR3.HAD", 3, 2, 1, 1, 0, 0 },
	{ "IDR3.PBHA", 3, 3, 1, 0, 1, -EOPNOTSUPP },
	{ "IDR3.STT", 3, 9, 1, 0, 1, -EOPNOTSUPP },
	{ "IDR3.BBML", 3, 11, 2, 1, 2, -EOPNOTSUPP },
	{ "IDR3.BBML", 3, 11, 2, 2, 1, 0 },
	{ "IDR3.E0PD", 3, 13, 1, 0, 1, -EOPNOTSUPP },
	{ "IDR5.DS", 5, 7, 1, 0, 1, -EOPNOTSUPP },
	{ "IDR5.VAX", 5, 10, 2, 0, 1, -EOPNOTSUPP },
	{ "IDR5.VAX", 5, 10, 2, 1, 0, 0 },
	{ "IDR3.RIL", 3, 10, 1, 0, 1, -EOPNOTSUPP },
	{ "IDR3.RIL", 3, 10, 1, 1, 0, 0 },
	{ "IDR5.OAS", 5, 0, 3, 4, 5, -EOPNOTSUPP },
	{ "IDR5.OAS", 5, 0, 3, 6, 5, 0 },
	{ "IDR5.GRAN4K", 5, 4, 1, 0, 1, -EOPNOTSUPP },
	{ "IDR5.GRAN4K", 5, 4, 1, 1, 0, 0 },
	{ "IDR5.GRAN16K", 5, 5, 1, 0, 1, -EOPNOTSUPP },
	{ "IDR5.GRAN16K", 5, 5, 1, 1, 0, 0 },
	{ "IDR5.GRAN64K", 5, 6, 1, 0, 1, -EOPNOTSUPP },
	{ "IDR5.GRAN64K", 5, 6, 1, 1, 0, 0 },
};

static void set(uint32_t *idr, unsigned int shift, unsigned int width, uint32_t value)
{
	*idr = (*idr & ~(((1u << width) - 1) << shift)) | value << shift;
}

static void registers(void)
{
	const char *name = "none";

	EQUAL(viommu_smmuv3_check(&good, 0, good.idr, &name), 0);
	TEXT(name, "none");
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		struct viommu_smmuv3_info host = good, guest = good;

		name = "none";
		set(&host.idr[rows[i].idr], rows[i].shift, rows[i].width, rows[i].host);
		set(&guest.idr[rows[i].idr], rows[i].shift, rows[i].width, rows[i].guest);
		EQUAL(viommu_smmuv3_check(&host, 0, guest.idr, &name), rows[i].rc);
		TEXT(name, rows[i].rc ? rows[i].name : "none");
		EQUAL(viommu_smmuv3_check(&host, 0, guest.idr, NULL), rows[i].rc);
	}
}

/* The SMMU has it, but the way to the device has not */
static void ats_of_the_device(void)
{
	const char *name = NULL;
	uint32_t guest[6];

	memcpy(guest, good.idr, sizeof(guest));
	EQUAL(viommu_smmuv3_check(&good, VIOMMU_HW_CAP_ATS_NOT_SUPPORTED, guest, &name),
	      -EOPNOTSUPP);
	TEXT(name, "IDR0.ATS");
	guest[0] &= ~(1u << 10);
	EQUAL(viommu_smmuv3_check(&good, VIOMMU_HW_CAP_ATS_NOT_SUPPORTED, guest, &name), 0);
}

static void command_queue_size(void)
{
	struct viommu_smmuv3_info host = good;

	EQUAL(viommu_smmuv3_cmdqs(&host, 4096), 8);
	EQUAL(viommu_smmuv3_cmdqs(&host, 16384), 10);
	EQUAL(viommu_smmuv3_cmdqs(&host, 65536), 12);
	EQUAL(viommu_smmuv3_cmdqs(&host, 2 << 20), 17);
	EQUAL(viommu_smmuv3_cmdqs(&host, 1 << 30), 19);
	EQUAL(viommu_smmuv3_cmdqs(&host, 1ull << 40), 19);
	EQUAL(viommu_smmuv3_cmdqs(&host, 0), 0);
	EQUAL(viommu_smmuv3_cmdqs(&host, 16), 0);
	EQUAL(viommu_smmuv3_cmdqs(&host, 4097), 0);
	set(&host.idr[1], 21, 5, 7);
	EQUAL(viommu_smmuv3_cmdqs(&host, 4096), 7);
	set(&host.idr[1], 21, 5, 31);
	EQUAL(viommu_smmuv3_cmdqs(&host, 1 << 30), 19);
}

static void stream_table_entry(void)
{
	uint64_t all[2] = { ~0ull, ~0ull }, none[2] = { 0, 0 }, out[2];

	viommu_smmuv3_ste_mask(all, out);
	/* V, Config, S1Fmt, S1ContextPtr, S1CDMax */
	EQUAL(out[0], 1ull | 7ull << 1 | 3ull << 4 | 0x3fffffffffffull << 6 | 31ull << 59);
	/* S1DSS, S1CIR, S1COR, S1CSH, S1STALLD, EATS */
	EQUAL(out[1], 3ull | 3ull << 2 | 3ull << 4 | 3ull << 6 | 1ull << 27 | 3ull << 28);
	viommu_smmuv3_ste_mask(none, out);
	EQUAL(out[0] | out[1], 0);
	/* In place */
	viommu_smmuv3_ste_mask(all, all);
	EQUAL(all[1], 0x380000ff);
}

static const struct test tests[] = {
	TEST(registers),
	TEST(ats_of_the_device),
	TEST(command_queue_size),
	TEST(stream_table_entry),
};

TEST_MAIN(tests)
