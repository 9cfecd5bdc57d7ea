// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of the conditions for a vIOMMU, which one emulated machine cannot all
 * have: nesting, S2FWB or CANWBS, the force-sync erratum, faults that always stall, ATS,
 * implementations with a type of their own, devices with several StreamIDs, masters of
 * mixed coherency. And of the event thread, to the record at which it changes, and of the
 * devices that are suspects after a timeout of ATC_INV.
 */
#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/iommu.h>
#include <linux/sched.h>

#include "arm-smmu-v3.h"

#define IMPL_TYPE	IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV
#define IMPL_SIZE	(sizeof(struct arm_vsmmu) + 64)
#define IMPL_INFO	IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV

/* A device behind an SMMU, as far as the functions under test look */
struct dev_fixture {
	struct arm_smmu_device smmu;
	struct arm_smmu_impl_ops impl_ops;
	struct arm_smmu_master master;
	struct iommu_fwspec fwspec;
	struct dev_iommu iommu;
	struct device dev;
	/* Registers IDR0 to AIDR */
	u32 regs[8];
};

static struct dev_fixture *dev_fixture(struct kunit *test)
{
	struct dev_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	f->smmu.features = ARM_SMMU_FEAT_NESTING | ARM_SMMU_FEAT_S2FWB;
	f->smmu.base = (void __iomem *)f->regs;
	f->smmu.dev = &f->dev;
	f->master.smmu = &f->smmu;
	f->master.dev = &f->dev;
	f->master.num_streams = 1;
	f->iommu.priv = &f->master;
	f->iommu.fwspec = &f->fwspec;
	f->dev.iommu = &f->iommu;
	return f;
}

static size_t viommu_size(struct dev_fixture *f, unsigned int type)
{
	return arm_smmu_viommu_ops.get_viommu_size(&f->dev, type);
}

static int impl_init(struct arm_vsmmu *vsmmu, const struct iommu_user_data *user_data)
{
	return 0;
}

static size_t impl_size(struct arm_smmu_device *smmu)
{
	return IMPL_SIZE;
}

static size_t impl_no_size(struct arm_smmu_device *smmu)
{
	return 0;
}

static void vsmmu_size_by_type(struct kunit *test)
{
	static const struct arm_smmu_viommu_impl impl = {
		.vsmmu_type = IMPL_TYPE,
		.vsmmu_size = impl_size,
		.vsmmu_init = impl_init,
	};
	static const struct arm_smmu_viommu_impl impl_off = {
		.vsmmu_type = IMPL_TYPE,
		.vsmmu_size = impl_no_size,
		.vsmmu_init = impl_init,
	};
	static const struct arm_smmu_viommu_impl impl_half = {
		.vsmmu_type = IMPL_TYPE,
		.vsmmu_size = impl_size,
	};
	static const struct arm_smmu_viommu_impl impl_other_half = {
		.vsmmu_type = IMPL_TYPE,
		.vsmmu_init = impl_init,
	};
	struct dev_fixture *f = dev_fixture(test);
	const size_t size = sizeof(struct arm_vsmmu);

	KUNIT_EXPECT_EQ(test, 0, viommu_size(f, IOMMU_VIOMMU_TYPE_DEFAULT));
	KUNIT_EXPECT_EQ(test, size, viommu_size(f, IOMMU_VIOMMU_TYPE_ARM_SMMUV3));
	KUNIT_EXPECT_EQ(test, 0, viommu_size(f, IMPL_TYPE));
	KUNIT_EXPECT_EQ(test, 0, viommu_size(f, IMPL_TYPE + 1));

	/* An implementation without vIOMMUs; one that has them, is off, or cannot make them */
	f->smmu.impl_ops = &f->impl_ops;
	KUNIT_EXPECT_EQ(test, 0, viommu_size(f, IMPL_TYPE));
	f->impl_ops.viommu = &impl;
	KUNIT_EXPECT_EQ(test, IMPL_SIZE, viommu_size(f, IMPL_TYPE));
	KUNIT_EXPECT_EQ(test, size, viommu_size(f, IOMMU_VIOMMU_TYPE_ARM_SMMUV3));
	KUNIT_EXPECT_EQ(test, 0, viommu_size(f, IMPL_TYPE + 1));
	f->impl_ops.viommu = &impl_off;
	KUNIT_EXPECT_EQ(test, 0, viommu_size(f, IMPL_TYPE));
	f->impl_ops.viommu = &impl_half;
	KUNIT_EXPECT_EQ(test, 0, viommu_size(f, IMPL_TYPE));
	f->impl_ops.viommu = &impl_other_half;
	KUNIT_EXPECT_EQ(test, 0, viommu_size(f, IMPL_TYPE));
}

static void vsmmu_size_by_features(struct kunit *test)
{
	struct dev_fixture *f = dev_fixture(test);
	unsigned int i;

	for (i = 0; i < 32; i++) {
		const bool nesting = i & 1, fwb = i & 2, canwbs = i & 4, sync = i & 8;
		const bool force = i & 16;
		size_t size;

		f->smmu.features = (nesting ? ARM_SMMU_FEAT_NESTING : 0) |
				   (fwb ? ARM_SMMU_FEAT_S2FWB : 0) |
				   (force ? ARM_SMMU_FEAT_STALL_FORCE : 0);
		f->fwspec.flags = canwbs ? IOMMU_FWSPEC_PCI_RC_CANWBS : 0;
		f->smmu.options = sync ? ARM_SMMU_OPT_CMDQ_FORCE_SYNC : 0;
		size = viommu_size(f, IOMMU_VIOMMU_TYPE_ARM_SMMUV3);
		KUNIT_EXPECT_EQ_MSG(test, nesting && (fwb || canwbs) && !sync && !force,
				    !!size, "%u %u %u %u %u", nesting, fwb, canwbs,
				    sync, force);
	}
}

static void vsmmu_ats_by_features(struct kunit *test)
{
	struct dev_fixture *f = dev_fixture(test);
	unsigned int bits;

	for (bits = 0; bits < 4; bits++) {
		f->smmu.features = bits & 1 ? ARM_SMMU_FEAT_ATS : 0;
		f->fwspec.flags = bits & 2 ? IOMMU_FWSPEC_PCI_RC_ATS : 0;
		KUNIT_EXPECT_EQ_MSG(test, bits == 3,
				    arm_smmu_viommu_ops.pci_ats_supported(&f->dev),
				    "%u", bits);
	}
}

static void vsmmu_parent_flags(struct kunit *test)
{
	const u32 dirty = IOMMU_HWPT_ALLOC_DIRTY_TRACKING;
	const u32 nest = IOMMU_HWPT_ALLOC_NEST_PARENT;
	struct dev_fixture *f = dev_fixture(test);
	struct arm_smmu_domain domain = {};

#define INIT(flags) arm_smmu_nest_parent_init(&domain, &f->smmu, flags)
#define QUIRKS() arm_smmu_nest_parent_quirks(&domain, &f->smmu)
	KUNIT_EXPECT_EQ(test, 0, INIT(dirty));
	KUNIT_EXPECT_FALSE(test, domain.nest_parent);
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, INIT(nest | dirty));
	KUNIT_EXPECT_FALSE(test, domain.nest_parent);
	KUNIT_EXPECT_EQ(test, 0, QUIRKS());

	KUNIT_EXPECT_EQ(test, 0, INIT(nest));
	KUNIT_EXPECT_TRUE(test, domain.nest_parent);
	KUNIT_EXPECT_EQ(test, ARM_SMMU_DOMAIN_S2, domain.stage);
	KUNIT_EXPECT_EQ(test, IO_PGTABLE_QUIRK_ARM_S2FWB, QUIRKS());
	f->smmu.features &= ~ARM_SMMU_FEAT_S2FWB;
	KUNIT_EXPECT_EQ(test, 0, QUIRKS());

	domain.nest_parent = false;
	f->smmu.features &= ~ARM_SMMU_FEAT_NESTING;
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, INIT(nest));
	KUNIT_EXPECT_FALSE(test, domain.nest_parent);
#undef INIT
#undef QUIRKS
}

static unsigned int opcodes_issued[256];

static void count_opcode(struct arm_smmu_domain *smmu_domain, u8 opcode)
{
	opcodes_issued[opcode]++;
}

/* From the bound on, one command takes the place of all others; for a parent only */
static void vsmmu_parent_unmap(struct kunit *test)
{
	static const struct {
		bool parent, ranges;
		size_t size, granule;
		bool all;
	} unmaps[] = {
		{ true, false, 0, SZ_4K, false },
		{ true, false, SZ_4K, SZ_4K, false },
		{ true, false, SZ_2M - SZ_4K, SZ_4K, false },
		{ true, false, SZ_2M, SZ_4K, true },
		{ true, false, SZ_2M, SZ_2M, false },
		{ true, false, SZ_1G - SZ_2M, SZ_2M, false },
		{ true, false, SZ_1G, SZ_2M, true },
		{ true, false, 511ULL * SZ_1G, SZ_1G, false },
		{ true, false, 512ULL * SZ_1G, SZ_1G, true },
		{ true, false, SZ_512M, SZ_64K, true },
		{ true, true, SZ_1G, SZ_4K, false },
		{ false, false, SZ_1G, SZ_4K, false },
		{ false, true, SZ_1G, SZ_4K, false },
	};
	struct dev_fixture *f = dev_fixture(test);
	struct arm_smmu_domain domain = { .smmu = &f->smmu };
	unsigned int i;

	kunit_activate_static_stub(test, arm_smmu_nest_parent_issue, count_opcode);
	for (i = 0; i < ARRAY_SIZE(unmaps); i++) {
		memset(opcodes_issued, 0, sizeof(opcodes_issued));
		domain.nest_parent = unmaps[i].parent;
		f->smmu.features = unmaps[i].ranges ? ARM_SMMU_FEAT_RANGE_INV : 0;
		KUNIT_EXPECT_EQ_MSG(test, unmaps[i].all,
				    arm_smmu_nest_parent_inv_all(&domain, unmaps[i].size,
								 unmaps[i].granule),
				    "%u", i);
		KUNIT_EXPECT_EQ_MSG(test, unmaps[i].all,
				    opcodes_issued[CMDQ_OP_TLBI_S12_VMALL], "%u", i);
		KUNIT_EXPECT_EQ_MSG(test, 0, opcodes_issued[CMDQ_OP_TLBI_NH_ALL], "%u", i);
	}
}

static void vsmmu_cache_coherency(struct kunit *test)
{
	const enum iommu_cap enforce = IOMMU_CAP_ENFORCE_CACHE_COHERENCY;
	struct dev_fixture *coherent = dev_fixture(test);
	struct dev_fixture *other = dev_fixture(test);
	struct arm_smmu_domain *domain =
		kunit_kzalloc(test, sizeof(*domain), GFP_KERNEL);
	struct arm_smmu_master_domain entry = { .master = &other->master };

	KUNIT_ASSERT_NOT_NULL(test, domain);
	INIT_LIST_HEAD(&domain->devices);
	spin_lock_init(&domain->devices_lock);
	coherent->fwspec.flags = IOMMU_FWSPEC_PCI_RC_CANWBS;

	KUNIT_EXPECT_TRUE(test, arm_smmu_viommu_capable(&coherent->master, enforce));
	KUNIT_EXPECT_FALSE(test, arm_smmu_viommu_capable(&other->master, enforce));
	KUNIT_EXPECT_FALSE(test, arm_smmu_viommu_capable(&coherent->master,
							 IOMMU_CAP_PRE_BOOT_PROTECTION));

	/* With the other one on it the domain cannot enforce anything */
	list_add(&entry.devices_elm, &domain->devices);
	KUNIT_EXPECT_FALSE(test, arm_smmu_enforce_cache_coherency(&domain->domain));
	spin_lock_irq(&domain->devices_lock);
	KUNIT_EXPECT_TRUE(test, arm_smmu_domain_takes_master(domain, &other->master));
	spin_unlock_irq(&domain->devices_lock);

	/* Once it does, that one cannot come */
	entry.master = &coherent->master;
	KUNIT_EXPECT_TRUE(test, arm_smmu_enforce_cache_coherency(&domain->domain));
	spin_lock_irq(&domain->devices_lock);
	KUNIT_EXPECT_TRUE(test, arm_smmu_domain_takes_master(domain, &coherent->master));
	KUNIT_EXPECT_FALSE(test, arm_smmu_domain_takes_master(domain, &other->master));
	spin_unlock_irq(&domain->devices_lock);
}

static void vsmmu_vdevice_streams(struct kunit *test)
{
	struct dev_fixture *f = dev_fixture(test);
	struct iommufd_vdevice vdev = { .dev = &f->dev };

	KUNIT_EXPECT_EQ(test, 0, arm_vsmmu_vdevice_init(&vdev));
	f->master.num_streams = 2;
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, arm_vsmmu_vdevice_init(&vdev));
	f->master.num_streams = 0;
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, arm_vsmmu_vdevice_init(&vdev));
}

static void *impl_hw_info(struct arm_smmu_device *smmu, u32 *length, u32 *type)
{
	if (*type != IMPL_INFO)
		return ERR_PTR(-EOPNOTSUPP);
	*length = 4;
	return kzalloc(4, GFP_KERNEL);
}

static void vsmmu_hw_info(struct kunit *test)
{
	static const struct arm_smmu_viommu_impl impl = { .hw_info = impl_hw_info };
	static const unsigned int types[] = {
		IOMMU_HW_INFO_TYPE_DEFAULT, IOMMU_HW_INFO_TYPE_ARM_SMMUV3,
	};
	struct dev_fixture *f = dev_fixture(test);
	struct iommu_hw_info_arm_smmuv3 *info;
	u32 length, type;
	unsigned int i;
	void *other;

	for (i = 0; i < ARRAY_SIZE(f->regs); i++)
		f->regs[i] = 0x11111111 * (i + 1);
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		type = types[i];
		info = arm_smmu_hw_info(&f->dev, &length, &type);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, info);
		KUNIT_EXPECT_EQ(test, IOMMU_HW_INFO_TYPE_ARM_SMMUV3, type);
		KUNIT_EXPECT_EQ(test, 40, length);
		KUNIT_EXPECT_EQ(test, 0, info->flags);
		KUNIT_EXPECT_MEMEQ(test, f->regs, info->idr, sizeof(info->idr));
		KUNIT_EXPECT_EQ(test, 0x77777777, info->iidr);
		KUNIT_EXPECT_EQ(test, 0x88888888, info->aidr);
		kfree(info);
	}

	type = IMPL_INFO;
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			PTR_ERR_OR_ZERO(arm_smmu_hw_info(&f->dev, &length, &type)));
	f->smmu.impl_ops = &f->impl_ops;
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			PTR_ERR_OR_ZERO(arm_smmu_hw_info(&f->dev, &length, &type)));
	f->impl_ops.viommu = &impl;
	other = arm_smmu_hw_info(&f->dev, &length, &type);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, other);
	KUNIT_EXPECT_EQ(test, 4, length);
	kfree(other);
	type = IMPL_INFO + 1;
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			PTR_ERR_OR_ZERO(arm_smmu_hw_info(&f->dev, &length, &type)));
}

/*
 * A vIOMMU is made for one device and used for others: each has to be safe by itself.
 * One that is gets as far as the missing vDEVICE.
 */
static void vsmmu_attach_coherency(struct kunit *test)
{
	struct dev_fixture *f = dev_fixture(test), *other = dev_fixture(test);
	struct arm_vsmmu *vsmmu = kunit_kzalloc(test, sizeof(*vsmmu), GFP_KERNEL);
	struct arm_smmu_nested_domain nested = {
		.domain.type = IOMMU_DOMAIN_NESTED,
		.vsmmu = vsmmu,
		/* V, Config 5: stage 1 */
		.ste[0] = cpu_to_le64(0xb),
	};

	KUNIT_ASSERT_NOT_NULL(test, vsmmu);
	xa_init(&vsmmu->core.vdevs);
	vsmmu->smmu = &f->smmu;

#define ATTACH(f) arm_smmu_attach_dev_nested(&nested.domain, &(f)->dev)
	KUNIT_EXPECT_EQ(test, -ENOENT, ATTACH(f));
	f->smmu.features &= ~ARM_SMMU_FEAT_S2FWB;
	KUNIT_EXPECT_EQ(test, -EINVAL, ATTACH(f));
	f->fwspec.flags = IOMMU_FWSPEC_PCI_RC_CANWBS;
	KUNIT_EXPECT_EQ(test, -ENOENT, ATTACH(f));
	f->iommu.fwspec = NULL;
	KUNIT_EXPECT_EQ(test, -EINVAL, ATTACH(f));
	/* Nor does it help to be behind another SMMU that is safe */
	KUNIT_EXPECT_EQ(test, -EINVAL, ATTACH(other));
#undef ATTACH
	xa_destroy(&vsmmu->core.vdevs);
}

/* A device that faults, and whose records the thread of the test handles */
#define FAULTY_SID	0x1234

struct flood_fixture {
	struct dev_fixture *f;
	struct arm_smmu_stream stream;
	struct arm_vsmmu vsmmu;
	struct arm_smmu_nested_domain nested;
	struct iommu_domain other;
};

static unsigned int reschedules;

static void count_reschedule(void)
{
	reschedules++;
}

static struct flood_fixture *flood_fixture(struct kunit *test)
{
	struct flood_fixture *flood =
		kunit_kzalloc(test, sizeof(*flood), GFP_KERNEL);
	struct arm_smmu_device *smmu;

	KUNIT_ASSERT_NOT_NULL(test, flood);
	flood->f = dev_fixture(test);
	smmu = &flood->f->smmu;
	mutex_init(&smmu->streams_mutex);
	smmu->streams = RB_ROOT;
	smmu->user_events_since = jiffies;
	flood->stream.id = FAULTY_SID;
	flood->stream.master = &flood->f->master;
	rb_link_node(&flood->stream.node, NULL, &smmu->streams.rb_node);
	rb_insert_color(&flood->stream.node, &smmu->streams);

	xa_init(&flood->vsmmu.core.vdevs);
	flood->vsmmu.smmu = smmu;
	flood->nested.domain.type = IOMMU_DOMAIN_NESTED;
	flood->nested.vsmmu = &flood->vsmmu;
	flood->f->master.attached = &flood->nested.domain;

	kunit_activate_static_stub(test, arm_vsmmu_event_resched,
				   count_reschedule);
	reschedules = 0;
	return flood;
}

/* Records of the device; the second does not end meanwhile */
static void flood_records(struct flood_fixture *flood, u64 id, u64 word1,
			  int ret, unsigned int num)
{
	struct arm_smmu_device *smmu = &flood->f->smmu;
	const u64 evt[EVTQ_ENT_DWORDS] = {
		FIELD_PREP(EVTQ_0_ID, id) | FIELD_PREP(EVTQ_0_SID, FAULTY_SID),
		word1,
	};

	while (num--) {
		smmu->user_events_since = jiffies;
		arm_vsmmu_forward_event(smmu, evt, ret);
	}
}

static void next_second(struct flood_fixture *flood)
{
	struct arm_smmu_device *smmu = &flood->f->smmu;
	const u64 evt[EVTQ_ENT_DWORDS] = {
		FIELD_PREP(EVTQ_0_SID, FAULTY_SID + 1),
	};

	smmu->user_events_since = jiffies - HZ;
	arm_vsmmu_forward_event(smmu, evt, -EOPNOTSUPP);
}

/* Each record counts, whatever its fault and whatever its stream */
static void vsmmu_flood_of_guest(struct kunit *test)
{
	static const struct {
		u64 id, word1;
		int ret;
	} kinds[] = {
		{ EVT_ID_TRANSLATION_FAULT, 0, -EOPNOTSUPP },
		{ EVT_ID_TRANSLATION_FAULT, EVTQ_1_S2, -EOPNOTSUPP },
		{ EVT_ID_BAD_CD, 0, -EOPNOTSUPP },
		/* F_UUT, F_CD_FETCH, F_WALK_EABT */
		{ 0x01, 0, -EOPNOTSUPP },
		{ 0x09, 0, -EOPNOTSUPP },
		{ 0x0b, 0, -EOPNOTSUPP },
		{ EVT_ID_TRANSLATION_FAULT, EVTQ_1_STALL, 0 },
	};
	struct flood_fixture *flood = flood_fixture(test);
	unsigned int i;

	sched_set_fifo(current);
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		const unsigned int prio = current->rt_priority;

		flood_records(flood, kinds[i].id, kinds[i].word1, kinds[i].ret,
			      ARM_VSMMU_EVENTS_A_SECOND);
		KUNIT_EXPECT_EQ_MSG(test, SCHED_FIFO, current->policy, "%u", i);
		flood_records(flood, kinds[i].id, kinds[i].word1, kinds[i].ret, 1);
		KUNIT_EXPECT_EQ_MSG(test, SCHED_NORMAL, current->policy, "%u", i);
		next_second(flood);
		KUNIT_EXPECT_EQ_MSG(test, SCHED_FIFO, current->policy, "%u", i);
		KUNIT_EXPECT_EQ(test, prio, current->rt_priority);
		KUNIT_EXPECT_EQ(test, (i + 1) * (ARM_VSMMU_EVENTS_A_SECOND + 2),
				reschedules);
	}
	sched_set_normal(current, 0);
}

/* Records of the host's own devices are no flood, but others may run at each record */
static void vsmmu_flood_of_host(struct kunit *test)
{
	static const unsigned int types[] = {
		IOMMU_DOMAIN_DMA, IOMMU_DOMAIN_IDENTITY, IOMMU_DOMAIN_SVA,
	};
	struct flood_fixture *flood = flood_fixture(test);
	const unsigned int num = 2 * ARM_VSMMU_EVENTS_A_SECOND;
	unsigned int i;

	sched_set_fifo(current);
	flood->f->master.attached = &flood->other;
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		flood->other.type = types[i];
		flood_records(flood, EVT_ID_TRANSLATION_FAULT, 0, -EOPNOTSUPP,
			      num);
		KUNIT_EXPECT_EQ_MSG(test, SCHED_FIFO, current->policy, "%x",
				    types[i]);
	}
	KUNIT_EXPECT_EQ(test, num * i, reschedules);

	/* A guest without a vIOMMU */
	flood->other.type = IOMMU_DOMAIN_UNMANAGED;
	flood_records(flood, EVT_ID_TRANSLATION_FAULT, 0, -EOPNOTSUPP, num);
	KUNIT_EXPECT_EQ(test, SCHED_NORMAL, current->policy);

	/* The administrator has the last word */
	sched_set_fifo_low(current);
	next_second(flood);
	KUNIT_EXPECT_EQ(test, SCHED_FIFO, current->policy);
	KUNIT_EXPECT_EQ(test, 1, current->rt_priority);
	sched_set_normal(current, 0);
}

#define SUSPECT_RING	6	/* log2 of the entries */

struct suspect_case {
	const char *name;
	u32 cons;
	u32 used;
	unsigned int num;
	u32 sids[2];
	/* The low word of the first CMD_SYNC is 0 */
	bool msi;
};

/*
 * The suspects are the devices of all ATC_INVs between two CMD_SYNCs. CONS is the second,
 * which has failed.
 */
static void vsmmu_atc_suspects(struct kunit *test)
{
	enum { S = CMDQ_OP_CMD_SYNC, A = CMDQ_OP_ATC_INV, T = CMDQ_OP_TLBI_NH_VA };
	static const u8 ops[] = { A, S, T, A, T, A, A };
	static const u32 sids[] = { 9, 3, 0, 5, 0, 7, 5 };
	const u32 size = 1 << SUSPECT_RING;
	const struct suspect_case cases[] = {
		{ "plain", 20, 1, 2, { 5, 7 } },
		{ "wrapped", size + 3, 1, 2, { 5, 7 } },
		{ "nearly full", 20, size - 6, 2, { 5, 7 } },
		{ "a later command may be in its place", 20, size - 5, 9 },
		{ "an MSI has finished the first CMD_SYNC", 20, 1, 2, { 5, 7 }, .msi = true },
	};
	struct dev_fixture *f = dev_fixture(test);
	struct arm_smmu_cmdq *cmdq = &f->smmu.cmdq;
	unsigned int c, i;
	__le64 *ring;

	ring = kunit_kcalloc(test, size, sizeof(*ring) * CMDQ_ENT_DWORDS, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ring);
	cmdq->q.base = ring;
	cmdq->q.ent_dwords = CMDQ_ENT_DWORDS;
	cmdq->q.llq.max_n_shift = SUSPECT_RING;
	raw_spin_lock_init(&f->smmu.atc_lock);

	for (c = 0; c < ARRAY_SIZE(cases); c++) {
		const struct suspect_case *t = &cases[c];
		u32 error = FIELD_PREP(CMDQ_CONS_ERR, CMDQ_ERR_CERROR_ATC_INV_IDX);

		for (i = 0; i < size; i++)
			*Q_ENT(&cmdq->q, i) = cpu_to_le64(FIELD_PREP(CMDQ_0_OP, T));
		for (i = 0; i < ARRAY_SIZE(ops); i++) {
			u8 op = t->msi && ops[i] == S ? 0 : ops[i];

			*Q_ENT(&cmdq->q, t->cons - ARRAY_SIZE(ops) + i) =
				cpu_to_le64(FIELD_PREP(CMDQ_0_OP, op) |
					    FIELD_PREP(CMDQ_ATC_0_SID, sids[i]));
		}
		cmdq->q.llq.prod = t->cons + t->used;
		f->smmu.num_atc_suspects = 0;
		f->smmu.atc_timeouts = c;

		/* An error of another kind accuses no device */
		arm_smmu_note_cmdq_error(&f->smmu, cmdq, t->cons |
					 FIELD_PREP(CMDQ_CONS_ERR, CMDQ_ERR_CERROR_ILL_IDX));
		KUNIT_EXPECT_EQ_MSG(test, c, f->smmu.atc_timeouts, "%s", t->name);

		arm_smmu_note_cmdq_error(&f->smmu, cmdq, t->cons | error);
		KUNIT_EXPECT_EQ_MSG(test, c + 1, f->smmu.atc_timeouts, "%s", t->name);
		KUNIT_EXPECT_EQ_MSG(test, t->num, f->smmu.num_atc_suspects, "%s", t->name);
		if (t->num > ARRAY_SIZE(t->sids))
			continue;
		KUNIT_EXPECT_EQ_MSG(test, t->sids[0], f->smmu.atc_suspects[0], "%s", t->name);
		KUNIT_EXPECT_EQ_MSG(test, t->sids[1], f->smmu.atc_suspects[1], "%s", t->name);
	}
}

/*
 * After a timeout of the driver the suspects are those of the CMD_SYNC at which the queue
 * stands, or of the ATC_INV, and none of those behind it.
 */
static void vsmmu_stuck_suspects(struct kunit *test)
{
	enum { S = CMDQ_OP_CMD_SYNC, A = CMDQ_OP_ATC_INV };
	static const u8 ops[] = { A, S, A, A, S, A, S };
	static const u32 sids[] = { 9, 0, 5, 7, 0, 8, 0 };
	struct dev_fixture *f = dev_fixture(test);
	struct arm_smmu_device *smmu = &f->smmu;
	struct arm_smmu_cmdq *cmdq = &smmu->cmdq;
	unsigned int i;
	__le64 *ring;

	ring = kunit_kcalloc(test, 1 << SUSPECT_RING, sizeof(*ring) * CMDQ_ENT_DWORDS,
			     GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ring);
	for (i = 0; i < ARRAY_SIZE(ops); i++)
		ring[i * CMDQ_ENT_DWORDS] = cpu_to_le64(FIELD_PREP(CMDQ_0_OP, ops[i]) |
							FIELD_PREP(CMDQ_ATC_0_SID, sids[i]));
	cmdq->q.base = ring;
	cmdq->q.cons_reg = smmu->base;
	cmdq->q.ent_dwords = CMDQ_ENT_DWORDS;
	cmdq->q.llq.max_n_shift = SUSPECT_RING;
	cmdq->q.llq.prod = ARRAY_SIZE(ops);
	raw_spin_lock_init(&smmu->atc_lock);

	/* Without ATS no device is one */
	writel(4, cmdq->q.cons_reg);
	arm_smmu_note_cmdq_timeout(smmu, cmdq);
	KUNIT_EXPECT_EQ(test, 0, smmu->num_atc_suspects);

	smmu->features |= ARM_SMMU_FEAT_ATS;
	for (i = 3; i <= 4; i++) {
		smmu->num_atc_suspects = 0;
		smmu->atc_timeouts = i;
		writel(i, cmdq->q.cons_reg);
		arm_smmu_note_cmdq_timeout(smmu, cmdq);
		KUNIT_EXPECT_EQ(test, i + 1, smmu->atc_timeouts);
		KUNIT_ASSERT_EQ(test, 2, smmu->num_atc_suspects);
		KUNIT_EXPECT_EQ(test, 12, smmu->atc_suspects[0] + smmu->atc_suspects[1]);
	}
}

/*
 * If the commands of a guest do not complete, and the hardware has reported nothing, the
 * suspects are the devices of the ATC_INVs among them, each once.
 */
static void vsmmu_guest_suspects(struct kunit *test)
{
	const u64 cmds[][CMDQ_ENT_DWORDS] = {
		{ CMDQ_OP_ATC_INV | FIELD_PREP(CMDQ_ATC_0_SID, 5) },
		{ CMDQ_OP_TLBI_NH_VA | FIELD_PREP(CMDQ_ATC_0_SID, 6) },
		{ CMDQ_OP_ATC_INV | FIELD_PREP(CMDQ_ATC_0_SID, 7) },
		{ CMDQ_OP_CFGI_CD | FIELD_PREP(CMDQ_ATC_0_SID, 8) },
		{ CMDQ_OP_ATC_INV | FIELD_PREP(CMDQ_ATC_0_SID, 5) },
		{ CMDQ_OP_ATC_INV | FIELD_PREP(CMDQ_ATC_0_SID, 9) },
	};
	struct arm_smmu_device *smmu = &dev_fixture(test)->smmu;

	raw_spin_lock_init(&smmu->atc_lock);
	/* The last command is not of the batch */
	arm_smmu_suspect_cmds(smmu, cmds[0], ARRAY_SIZE(cmds) - 1);
	KUNIT_ASSERT_EQ(test, 2, smmu->num_atc_suspects);
	KUNIT_EXPECT_EQ(test, 5, smmu->atc_suspects[0]);
	KUNIT_EXPECT_EQ(test, 7, smmu->atc_suspects[1]);
}

/* A blocked device keeps the CD table and the ATS of its domain for the rest of the driver */
static void vsmmu_blocked_ste(struct kunit *test)
{
	struct arm_smmu_master *master = &dev_fixture(test)->master;
	struct arm_smmu_ste ste = {
		.data[0] = cpu_to_le64(FIELD_PREP(STRTAB_STE_0_CFG,
						  STRTAB_STE_0_CFG_S1_TRANS)),
		.data[1] = cpu_to_le64(FIELD_PREP(STRTAB_STE_1_EATS,
						  STRTAB_STE_1_EATS_TRANS)),
	};

	/* No stream table */
	master->num_streams = 0;
	arm_smmu_install_ste_for_dev(master, &ste);
	KUNIT_EXPECT_TRUE(test, master->cd_table.in_ste);
	KUNIT_EXPECT_TRUE(test, master->ste_ats_enabled);

	arm_smmu_block_master(master, 1);
	KUNIT_EXPECT_EQ(test, 1, master->blocked);
	KUNIT_EXPECT_TRUE(test, master->cd_table.in_ste);
	KUNIT_EXPECT_TRUE(test, master->ste_ats_enabled);

	/* Another domain while it is blocked */
	ste.data[0] = cpu_to_le64(FIELD_PREP(STRTAB_STE_0_CFG, STRTAB_STE_0_CFG_S2_TRANS));
	arm_smmu_install_ste_for_dev(master, &ste);
	KUNIT_EXPECT_FALSE(test, master->cd_table.in_ste);
	KUNIT_EXPECT_TRUE(test, master->ste_ats_enabled);
	ste.data[0] = cpu_to_le64(FIELD_PREP(STRTAB_STE_0_CFG, STRTAB_STE_0_CFG_S1_TRANS));
	arm_smmu_install_ste_for_dev(master, &ste);
	KUNIT_EXPECT_TRUE(test, master->cd_table.in_ste);
}

static struct kunit_case arm_smmu_v3_vsmmu_test_cases[] = {
	KUNIT_CASE(vsmmu_atc_suspects),
	KUNIT_CASE(vsmmu_ats_by_features),
	KUNIT_CASE(vsmmu_attach_coherency),
	KUNIT_CASE(vsmmu_blocked_ste),
	KUNIT_CASE(vsmmu_cache_coherency),
	KUNIT_CASE(vsmmu_flood_of_guest),
	KUNIT_CASE(vsmmu_flood_of_host),
	KUNIT_CASE(vsmmu_guest_suspects),
	KUNIT_CASE(vsmmu_hw_info),
	KUNIT_CASE(vsmmu_parent_flags),
	KUNIT_CASE(vsmmu_parent_unmap),
	KUNIT_CASE(vsmmu_size_by_features),
	KUNIT_CASE(vsmmu_size_by_type),
	KUNIT_CASE(vsmmu_stuck_suspects),
	KUNIT_CASE(vsmmu_vdevice_streams),
	{},
};

static struct kunit_suite arm_smmu_v3_vsmmu_test_suite = {
	.name = "arm-smmu-v3-vsmmu",
	.test_cases = arm_smmu_v3_vsmmu_test_cases,
};

kunit_test_suites(&arm_smmu_v3_vsmmu_test_suite);

MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
MODULE_DESCRIPTION("KUnit tests of the conditions for an SMMUv3 vIOMMU");
MODULE_LICENSE("GPL");
