// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of what a guest may put into a virtual STE and into a command.
 *
 * The expectations are tables written from the architecture and from
 * Documentation/userspace-api/viommu/smmuv3.rst, sections 5.2 and 5.3, not from the
 * code under test; every bit is tried, with every combination of the features that
 * matter.
 */
#include <kunit/test.h>
#include <linux/io-pgtable.h>

#include "arm-smmu-v3.h"

#define STE_QWORDS	STRTAB_STE_DWORDS

#define VSTE_V		BIT_ULL(0)
#define VSTE_CFG(n)	((u64)(n) << 1)
#define VSTE_EATS(n)	((u64)(n) << 28)

/* V, Config, S1Fmt, S1ContextPtr, S1CDMax */
#define VSTE_0_MAY	(0x3fULL | GENMASK_ULL(51, 6) | GENMASK_ULL(63, 59))
/* S1DSS, S1CIR, S1COR, S1CSH, S1STALLD, EATS */
#define VSTE_1_MAY	(0xffULL | BIT_ULL(27) | GENMASK_ULL(29, 28))

static int vste_validate(u64 word0, u64 word1)
{
	__le64 ste[2] = { cpu_to_le64(word0), cpu_to_le64(word1) };

	return arm_smmu_vste_validate(ste);
}

static void vste_every_bit(struct kunit *test)
{
	static const unsigned int configs[] = { 0, 4, 5 };
	unsigned int c, bit;

	for (c = 0; c < ARRAY_SIZE(configs); c++) {
		const u64 word0 = VSTE_V | VSTE_CFG(configs[c]);

		for (bit = 4; bit < 64; bit++)
			KUNIT_EXPECT_EQ_MSG(test, VSTE_0_MAY & BIT_ULL(bit) ? 0 : -EIO,
					    vste_validate(word0 | BIT_ULL(bit), 0),
					    "Config %u, word 0, bit %u",
					    configs[c], bit);
		for (bit = 0; bit < 64; bit++) {
			/* EATS = 2 is a value of its own */
			const bool may = bit != 29 && (VSTE_1_MAY & BIT_ULL(bit));

			KUNIT_EXPECT_EQ_MSG(test, may ? 0 : -EIO,
					    vste_validate(word0, BIT_ULL(bit)),
					    "Config %u, word 1, bit %u",
					    configs[c], bit);
		}
	}
}

static void vste_values(struct kunit *test)
{
	__le64 ste[2] = { cpu_to_le64(~VSTE_V), cpu_to_le64(~0ULL) };
	unsigned int i;

	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, i == 0 || i == 4 || i == 5 ? 0 : -EIO,
				vste_validate(VSTE_V | VSTE_CFG(i), 0));
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, i < 2 ? 0 : -EIO,
				vste_validate(VSTE_V | VSTE_CFG(5), VSTE_EATS(i)));

	/* Not valid: accepted, and nothing of it is kept */
	KUNIT_EXPECT_EQ(test, 0, arm_smmu_vste_validate(ste));
	KUNIT_EXPECT_EQ(test, 0, le64_to_cpu(ste[0]));
	KUNIT_EXPECT_EQ(test, 0, le64_to_cpu(ste[1]));
}

/* A master in a nested domain, as far as an STE is concerned */
struct nested_fixture {
	struct io_pgtable pgtable;
	struct arm_smmu_device smmu;
	struct arm_smmu_domain parent;
	struct arm_vsmmu vsmmu;
	struct arm_smmu_nested_domain nested;
	struct arm_smmu_master master;
};

static struct nested_fixture *nested_fixture(struct kunit *test, u64 word0,
					     u64 word1)
{
	struct nested_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	f->pgtable.cfg.arm_lpae_s2_cfg.vttbr = 0x1234567890000ULL;
	f->pgtable.cfg.arm_lpae_s2_cfg.vtcr.tsz = 20;
	f->pgtable.cfg.arm_lpae_s2_cfg.vtcr.ps = 5;
	f->smmu.features = ARM_SMMU_FEAT_STALLS | ARM_SMMU_FEAT_ATTR_TYPES_OVR;
	f->parent.pgtbl_ops = &f->pgtable.ops;
	f->parent.s2_cfg.vmid = 0xabc;
	f->parent.smmu = &f->smmu;
	f->vsmmu.smmu = &f->smmu;
	f->vsmmu.s2_parent = &f->parent;
	f->nested.domain.type = IOMMU_DOMAIN_NESTED;
	f->nested.vsmmu = &f->vsmmu;
	f->nested.ste[0] = cpu_to_le64(word0);
	f->nested.ste[1] = cpu_to_le64(word1);
	f->master.smmu = &f->smmu;
	return f;
}

static void nested_ste(struct nested_fixture *f, bool ats, u64 out[STE_QWORDS])
{
	struct arm_smmu_ste ste;
	unsigned int i;

	arm_smmu_make_nested_ste(&ste, &f->master, &f->nested, ats);
	for (i = 0; i < STE_QWORDS; i++)
		out[i] = le64_to_cpu(ste.data[i]);
}

/* The parent's own STE, which has no stage 1 */
static void parent_ste(struct nested_fixture *f, bool ats, u64 out[STE_QWORDS])
{
	struct arm_smmu_ste ste;
	unsigned int i;

	arm_smmu_make_s2_domain_ste(&ste, &f->master, &f->parent, ats);
	for (i = 0; i < STE_QWORDS; i++)
		out[i] = le64_to_cpu(ste.data[i]);
}

#define MEV		BIT_ULL(19)
#define S2FWB		BIT_ULL(25)
#define S1STALLD	BIT_ULL(27)

static void ste_both_stages(struct kunit *test)
{
	/* All that a guest may set, but S1STALLD */
	const u64 word0 = VSTE_V | VSTE_CFG(5) | (VSTE_0_MAY & ~0xfULL);
	const u64 word1 = 0xff | VSTE_EATS(1);
	struct nested_fixture *f = nested_fixture(test, word0, word1);
	u64 s2[STE_QWORDS], ste[STE_QWORDS];
	unsigned int ats, i;

	for (ats = 0; ats < 2; ats++) {
		parent_ste(f, ats, s2);
		nested_ste(f, ats, ste);
		/* Config 7, the rest as the guest has it */
		KUNIT_EXPECT_EQ(test, word0 | VSTE_CFG(7), ste[0]);
		/* EATS is the kernel's; there are no stalls */
		KUNIT_EXPECT_EQ(test, 0xff | MEV | S1STALLD | s2[1], ste[1]);
		KUNIT_EXPECT_EQ(test, VSTE_EATS(ats),
				ste[1] & GENMASK_ULL(29, 28));
		for (i = 2; i < STE_QWORDS; i++)
			KUNIT_EXPECT_EQ(test, s2[i], ste[i]);
	}

	/* Nor may one that can, as nobody would resume it */
	f->master.stall_enabled = true;
	nested_ste(f, false, ste);
	KUNIT_EXPECT_EQ(test, S1STALLD, ste[1] & S1STALLD);
	/* An SMMU without stalls does not have the bit at all */
	f->smmu.features &= ~ARM_SMMU_FEAT_STALLS;
	nested_ste(f, false, ste);
	KUNIT_EXPECT_EQ(test, 0, ste[1] & S1STALLD);
}

static void ste_bypass_and_abort(struct kunit *test)
{
	struct nested_fixture *f =
		nested_fixture(test, VSTE_V | VSTE_CFG(4) | VSTE_0_MAY, 0xff);
	u64 s2[STE_QWORDS], ste[STE_QWORDS];
	unsigned int ats;

	/* The mask has Config 7 in it, so put Config 4 back */
	f->nested.ste[0] = cpu_to_le64((VSTE_0_MAY & ~0xeULL) | VSTE_CFG(4));
	for (ats = 0; ats < 2; ats++) {
		parent_ste(f, ats, s2);
		nested_ste(f, ats, ste);
		KUNIT_EXPECT_MEMEQ(test, s2, ste, sizeof(ste));
	}

	memset(s2, 0, sizeof(s2));
	s2[0] = VSTE_V;
	f->nested.ste[0] = cpu_to_le64(VSTE_0_MAY & ~0xeULL);
	nested_ste(f, false, ste);
	KUNIT_EXPECT_MEMEQ(test, s2, ste, sizeof(ste));
	/* A virtual STE that is not valid aborts as well */
	f->nested.ste[0] = 0;
	f->nested.ste[1] = 0;
	nested_ste(f, false, ste);
	KUNIT_EXPECT_MEMEQ(test, s2, ste, sizeof(ste));
}

static void ste_forced_write_back(struct kunit *test)
{
	struct nested_fixture *f = nested_fixture(test, VSTE_V | VSTE_CFG(5), 0);
	u64 ste[STE_QWORDS];

	nested_ste(f, false, ste);
	KUNIT_EXPECT_EQ(test, 0, ste[1] & S2FWB);
	f->pgtable.cfg.quirks = IO_PGTABLE_QUIRK_ARM_S2FWB;
	nested_ste(f, false, ste);
	KUNIT_EXPECT_EQ(test, S2FWB, ste[1] & S2FWB);
	parent_ste(f, false, ste);
	KUNIT_EXPECT_EQ(test, S2FWB, ste[1] & S2FWB);
}

struct nested_writer {
	struct arm_smmu_entry_writer writer;
	struct arm_smmu_ste ste;
	bool broken;
};

static void nested_writer_sync(struct arm_smmu_entry_writer *writer)
{
	struct nested_writer *w = container_of(writer, struct nested_writer, writer);

	if (!(w->ste.data[0] & cpu_to_le64(STRTAB_STE_0_V)))
		w->broken = true;
}

static const struct arm_smmu_entry_writer_ops nested_writer_ops = {
	.get_used = arm_smmu_get_ste_used,
	.sync = nested_writer_sync,
};

/* Install the STE for a virtual one; it must arrive, and be valid at every moment */
static void expect_hitless(struct kunit *test, struct nested_fixture *f,
			   struct nested_writer *w, const u64 words[2],
			   bool ats, unsigned int change)
{
	struct arm_smmu_ste target;

	f->nested.ste[0] = cpu_to_le64(words[0]);
	f->nested.ste[1] = cpu_to_le64(words[1]);
	arm_smmu_make_nested_ste(&target, &f->master, &f->nested, ats);
	arm_smmu_write_entry(&w->writer, w->ste.data, target.data);
	KUNIT_EXPECT_MEMEQ(test, &target, &w->ste, sizeof(target));
	KUNIT_EXPECT_FALSE_MSG(test, w->broken, "change %u", change);
}

/* DMA goes on while the guest takes stage 1 into use, changes it, and leaves it */
static void ste_changes_hitless(struct kunit *test)
{
	static const u64 words[][2] = {
		{ VSTE_V | VSTE_CFG(4), 0 },
		{ VSTE_V | VSTE_CFG(5) | 0x1000, 0xfc },
		{ VSTE_V | VSTE_CFG(5) | 0x2000, 0xfc },
		{ VSTE_V | VSTE_CFG(4), 0 },
		{ VSTE_V | VSTE_CFG(0), 0 },
		{ VSTE_V | VSTE_CFG(5) | 0x1000, 0xfc },
		{ VSTE_V | VSTE_CFG(0), 0 },
	};
	struct nested_fixture *f = nested_fixture(test, 0, 0);
	struct nested_writer w = { .writer.ops = &nested_writer_ops };
	unsigned int i;

	f->pgtable.cfg.quirks = IO_PGTABLE_QUIRK_ARM_S2FWB;
	arm_smmu_make_s2_domain_ste(&w.ste, &f->master, &f->parent, false);
	for (i = 0; i < ARRAY_SIZE(words); i++)
		expect_hitless(test, f, &w, words[i], false, i);
}

/* The same while ATS comes and goes, which the device itself has off meanwhile */
static void ste_changes_hitless_ats(struct kunit *test)
{
	static const struct {
		u64 words[2];
		bool ats;
	} steps[] = {
		{ { VSTE_V | VSTE_CFG(4), 0 }, true },
		/* Bypass to a stage 1 without ATS, and back */
		{ { VSTE_V | VSTE_CFG(5) | 0x1000, 0xfc }, false },
		{ { VSTE_V | VSTE_CFG(4), 0 }, true },
		/* The same with S1DSS = bypass */
		{ { VSTE_V | VSTE_CFG(5) | 0x1000, 0xfd }, false },
		/* ATS with a new table */
		{ { VSTE_V | VSTE_CFG(5) | 0x2000, 0xfd | VSTE_EATS(1) }, true },
		{ { VSTE_V | VSTE_CFG(5) | 0x3000, 0xfd }, false },
		{ { VSTE_V | VSTE_CFG(4), 0 }, true },
		{ { VSTE_V | VSTE_CFG(0), 0 }, false },
	};
	struct nested_fixture *f = nested_fixture(test, 0, 0);
	struct nested_writer w = { .writer.ops = &nested_writer_ops };
	unsigned int i;

	f->pgtable.cfg.quirks = IO_PGTABLE_QUIRK_ARM_S2FWB;
	arm_smmu_make_s2_domain_ste(&w.ste, &f->master, &f->parent, true);
	for (i = 0; i < ARRAY_SIZE(steps); i++)
		expect_hitless(test, f, &w, steps[i].words, steps[i].ats, i);
}

/* Bits that a command may have, and the features that they need */
static const struct cmd_rule {
	u8 opcode;
	bool needs_ats;
	u64 word0, word1;
	/* With 16-bit ASIDs, with substreams */
	u64 asid16, substream;
} cmd_rules[] = {
	{ .opcode = 0x05, .word0 = GENMASK_ULL(63, 32), .word1 = BIT_ULL(0),
	  .substream = GENMASK_ULL(31, 12) },
	{ .opcode = 0x06, .word0 = GENMASK_ULL(63, 32) },
	{ .opcode = 0x10, .word0 = GENMASK_ULL(47, 32) },
	{ .opcode = 0x11, .word0 = GENMASK_ULL(55, 32),
	  .asid16 = GENMASK_ULL(63, 56) },
	{ .opcode = 0x12, .word0 = GENMASK_ULL(55, 32),
	  .word1 = GENMASK_ULL(63, 12) | BIT_ULL(0),
	  .asid16 = GENMASK_ULL(63, 56) },
	{ .opcode = 0x13, .word0 = GENMASK_ULL(47, 32),
	  .word1 = GENMASK_ULL(63, 12) | BIT_ULL(0) },
	{ .opcode = 0x30 },
	{ .opcode = 0x40, .needs_ats = true, .word0 = GENMASK_ULL(63, 32),
	  .word1 = GENMASK_ULL(63, 12) | GENMASK_ULL(5, 0),
	  .substream = BIT_ULL(11) | BIT_ULL(9) | GENMASK_ULL(31, 12) },
};

/* Bit 0 .. 4: range invalidation, DS, ATS, substreams, 16-bit ASIDs */
#define CMD_FEATURES	32

static void cmd_smmu(struct arm_smmu_device *smmu, unsigned int features)
{
	memset(smmu, 0, sizeof(*smmu));
	if (features & 1)
		smmu->features |= ARM_SMMU_FEAT_RANGE_INV;
	if (features & 2)
		smmu->features |= ARM_SMMU_FEAT_DS;
	if (features & 4)
		smmu->features |= ARM_SMMU_FEAT_ATS;
	if (features & 8)
		smmu->ssid_bits = 20;
	smmu->asid_bits = features & 16 ? 16 : 8;
}

static const struct cmd_rule *cmd_rule(const struct arm_smmu_device *smmu,
				       unsigned int opcode)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cmd_rules); i++)
		if (cmd_rules[i].opcode == opcode &&
		    (!cmd_rules[i].needs_ats ||
		     smmu->features & ARM_SMMU_FEAT_ATS))
			return &cmd_rules[i];
	return NULL;
}

static void cmd_opcodes(struct kunit *test)
{
	struct arm_smmu_device *smmu =
		kunit_kzalloc(test, sizeof(*smmu), GFP_KERNEL);
	unsigned int features, opcode;

	KUNIT_ASSERT_NOT_NULL(test, smmu);
	for (features = 0; features < CMD_FEATURES; features++) {
		cmd_smmu(smmu, features);
		for (opcode = 0; opcode < 256; opcode++) {
			const u64 cmd[2] = { opcode };

			KUNIT_EXPECT_EQ_MSG(test, cmd_rule(smmu, opcode) ? 0 : -EIO,
					    arm_vsmmu_check_cmd(smmu, cmd),
					    "features %x, opcode %x", features,
					    opcode);
		}
	}
}

static void cmd_every_bit(struct kunit *test)
{
	struct arm_smmu_device *smmu =
		kunit_kzalloc(test, sizeof(*smmu), GFP_KERNEL);
	unsigned int features, i, bit;

	KUNIT_ASSERT_NOT_NULL(test, smmu);
	for (features = 0; features < CMD_FEATURES; features++) {
		cmd_smmu(smmu, features);
		for (i = 0; i < ARRAY_SIZE(cmd_rules); i++) {
			const struct cmd_rule *rule =
				cmd_rule(smmu, cmd_rules[i].opcode);
			u64 may[2] = {};

			if (!rule)
				continue;
			may[0] = rule->word0 |
				 (smmu->asid_bits == 16 ? rule->asid16 : 0) |
				 (smmu->ssid_bits ? rule->substream : 0);
			may[1] = rule->word1;
			for (bit = 8; bit < 128; bit++) {
				const u64 mask = BIT_ULL(bit % 64);
				u64 cmd[2] = { rule->opcode };

				cmd[bit / 64] |= mask;
				KUNIT_EXPECT_EQ_MSG(test, may[bit / 64] & mask ? 0 : -EIO,
						    arm_vsmmu_check_cmd(smmu, cmd),
						    "features %x, opcode %x, bit %u",
						    features, rule->opcode, bit);
			}
		}
	}
}

/* NUM, SCALE, TTL and TG make sense together only */
static int range_wanted(unsigned int features, u64 range, unsigned int ttl,
			unsigned int tg)
{
	if (!range && !ttl && !tg)
		return 0;
	/* Without range invalidation there are no such fields */
	if (!(features & 1))
		return -EIO;
	if (!tg || (!range && !ttl))
		return -EIO;
	if (!(features & 2) && ((range & BIT_ULL(25)) || (tg == 2 && ttl == 1)))
		return -EIO;
	return 0;
}

static void check_range(struct kunit *test, const struct arm_smmu_device *smmu,
			unsigned int features, u64 range)
{
	unsigned int op, ttl, tg;

	for (op = 0x12; op <= 0x13; op++)
		for (ttl = 0; ttl < 4; ttl++)
			for (tg = 0; tg < 4; tg++) {
				const int want = range_wanted(features, range, ttl, tg);
				const u64 cmd[2] = { op | range, tg << 10 | ttl << 8 };

				KUNIT_EXPECT_EQ_MSG(test, want,
						    arm_vsmmu_check_cmd(smmu, cmd),
						    "features %x, %llx %llx",
						    features, cmd[0], cmd[1]);
			}
}

static void cmd_ranges(struct kunit *test)
{
	static const u64 ranges[] = {
		0, BIT_ULL(12), GENMASK_ULL(16, 12), BIT_ULL(20), BIT_ULL(24),
		BIT_ULL(25), GENMASK_ULL(25, 20), GENMASK_ULL(24, 20) | BIT_ULL(13),
	};
	struct arm_smmu_device *smmu =
		kunit_kzalloc(test, sizeof(*smmu), GFP_KERNEL);
	unsigned int features, i;

	KUNIT_ASSERT_NOT_NULL(test, smmu);
	for (features = 0; features < CMD_FEATURES; features++) {
		cmd_smmu(smmu, features);
		for (i = 0; i < ARRAY_SIZE(ranges); i++)
			check_range(test, smmu, features, ranges[i]);
	}
}

static void cmd_atc_size(struct kunit *test)
{
	struct arm_smmu_device *smmu =
		kunit_kzalloc(test, sizeof(*smmu), GFP_KERNEL);
	unsigned int size;

	KUNIT_ASSERT_NOT_NULL(test, smmu);
	cmd_smmu(smmu, 4);
	for (size = 0; size < 64; size++) {
		const u64 cmd[2] = { 0x40, size };

		KUNIT_EXPECT_EQ(test, size <= 52 ? 0 : -EIO,
				arm_vsmmu_check_cmd(smmu, cmd));
	}
}

static struct kunit_case arm_smmu_v3_viommu_test_cases[] = {
	KUNIT_CASE(cmd_atc_size),
	KUNIT_CASE(cmd_every_bit),
	KUNIT_CASE(cmd_opcodes),
	KUNIT_CASE(cmd_ranges),
	KUNIT_CASE(ste_both_stages),
	KUNIT_CASE(ste_bypass_and_abort),
	KUNIT_CASE(ste_changes_hitless),
	KUNIT_CASE(ste_changes_hitless_ats),
	KUNIT_CASE(ste_forced_write_back),
	KUNIT_CASE(vste_every_bit),
	KUNIT_CASE(vste_values),
	{},
};

static struct kunit_suite arm_smmu_v3_viommu_test_suite = {
	.name = "arm-smmu-v3-viommu",
	.test_cases = arm_smmu_v3_viommu_test_cases,
};

kunit_test_suites(&arm_smmu_v3_viommu_test_suite);

MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
MODULE_DESCRIPTION("KUnit tests of the SMMUv3 vIOMMU");
MODULE_LICENSE("GPL");
