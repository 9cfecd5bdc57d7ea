// SPDX-License-Identifier: GPL-2.0
/*
 * SMMUv3 vIOMMU: invalidation commands of a guest (IOMMU_HWPT_INVALIDATE).
 *
 * The commands go to the SMMU's command queue, which all guests share. One wrong bit
 * would stop that queue. So each bit of a command is checked, and then the command is
 * bound to the guest: TLBIs get the VMID of the nesting parent, CFGIs and ATC_INVs the
 * StreamID of the device. Addresses, ASIDs and SSIDs do not change: they select entries
 * of the guest only.
 *
 * A buffer on the stack has the commands of one batch. An ATC_INV for a device with ATS
 * off, or blocked, is not sent: it would time out. A device that does not answer the
 * first one is blocked, see arm-smmu-v3-ats.c. A batch that has timed out, perhaps behind
 * a silent device of another guest, is copied, checked, bound and issued again. Each batch
 * has its own CMD_SYNC, so the number of commands that user space gets is the number of
 * complete ones, whatever the error.
 */
#include <kunit/visibility.h>
#include <linux/iommu.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

#include "arm-smmu-v3.h"

/* One slot of a full batch is for the CMD_SYNC */
#define VSMMU_BATCH_MAX (CMDQ_BATCH_ENTRIES - 1)

union arm_vsmmu_cmd {
	struct iommu_viommu_arm_smmuv3_invalidate user;
	u64 cmd[CMDQ_ENT_DWORDS];
};

static_assert(sizeof(union arm_vsmmu_cmd) == 1 << CMDQ_ENT_SZ_SHIFT);

/* The fields of a range; bit 25 of SCALE exists with 52-bit addresses only */
#define VSMMU_RANGE_0 (CMDQ_TLBI_0_NUM | CMDQ_TLBI_0_SCALE_DS)
#define VSMMU_RANGE_1 (CMDQ_TLBI_1_TTL | CMDQ_TLBI_1_TG)

/* True if the range fields of a command are legal on an SMMU with range invalidation */
static __always_inline bool arm_vsmmu_range_ok(const struct arm_smmu_device *smmu,
					       const u64 *cmd)
{
	unsigned int tg = FIELD_GET(CMDQ_TLBI_1_TG, cmd[1]);
	unsigned int ttl = FIELD_GET(CMDQ_TLBI_1_TTL, cmd[1]);

	if (!tg)
		return false;
	if (!(smmu->features & ARM_SMMU_FEAT_DS)) {
		if (cmd[0] & CMDQ_TLBI_0_SCALE_DS & ~CMDQ_TLBI_0_SCALE)
			return false;
		/* A block at level 1 of the 16 KiB granule */
		if (tg == 2 && ttl == 1)
			return false;
	}
	/* TG without another field is reserved */
	return ttl || (cmd[0] & VSMMU_RANGE_0);
}

/* An opcode has 8 bits */
#define VSMMU_NO_OP 0x100

/**
 * struct arm_vsmmu_rule - Fields that a guest may set in commands of one opcode
 * @op: The opcode; VSMMU_NO_OP before the first command
 * @range: The fields of a range are possible, too
 * @plain: Bits that are 0 in a TLBI whose other fields may have any value, and which gets
 *   the VMID; for another command all bits, so that none is plain
 * @reserved: Bits that are 0
 */
struct arm_vsmmu_rule {
	u16 op;
	bool range;
	u64 plain[CMDQ_ENT_DWORDS];
	u64 reserved[CMDQ_ENT_DWORDS];
};

/*
 * The rule of an opcode; -EIO if it is not for a guest. See the table in
 * Documentation/userspace-api/viommu/smmuv3.rst, section 5.3.
 */
static noinline int arm_vsmmu_set_rule(struct arm_vsmmu_rule *rule,
				       const struct arm_smmu_device *smmu, u8 op)
{
	u64 asid = ((1ULL << smmu->asid_bits) - 1) << __bf_shf(CMDQ_TLBI_0_ASID);
	u64 word0 = CMDQ_0_OP, word1 = 0;
	bool plain = false, range = false;

	switch (op) {
	case CMDQ_OP_TLBI_NH_VA:
		word0 |= asid;
		fallthrough;
	case CMDQ_OP_TLBI_NH_VAA:
		word0 |= CMDQ_TLBI_0_VMID;
		word1 = CMDQ_TLBI_1_LEAF | CMDQ_TLBI_1_VA_MASK;
		plain = true;
		range = smmu->features & ARM_SMMU_FEAT_RANGE_INV;
		break;
	case CMDQ_OP_TLBI_NH_ASID:
		word0 |= asid;
		fallthrough;
	case CMDQ_OP_TLBI_NH_ALL:
		word0 |= CMDQ_TLBI_0_VMID;
		plain = true;
		break;
	case CMDQ_OP_TLBI_NSNH_ALL:
		break;
	case CMDQ_OP_ATC_INV:
		if (!(smmu->features & ARM_SMMU_FEAT_ATS))
			return -EIO;
		word0 |= CMDQ_ATC_0_SID;
		if (smmu->ssid_bits)
			word0 |= CMDQ_0_SSV | CMDQ_ATC_0_GLOBAL | CMDQ_ATC_0_SSID;
		word1 = CMDQ_ATC_1_SIZE | CMDQ_ATC_1_ADDR_MASK;
		break;
	case CMDQ_OP_CFGI_CD:
		if (smmu->ssid_bits)
			word0 |= CMDQ_CFGI_0_SSID;
		word1 = CMDQ_CFGI_1_LEAF;
		fallthrough;
	case CMDQ_OP_CFGI_CD_ALL:
		word0 |= CMDQ_CFGI_0_SID;
		break;
	default:
		return -EIO;
	}

	rule->op = op;
	rule->range = range;
	rule->reserved[0] = ~word0;
	rule->reserved[1] = ~word1;
	rule->plain[0] = plain ? ~word0 : U64_MAX;
	rule->plain[1] = ~word1;
	return 0;
}

/* True if a command has no more than its address, ASID and VMID */
static __always_inline bool arm_vsmmu_is_plain(const struct arm_vsmmu_rule *rule,
					       const u64 *cmd)
{
	return !((cmd[0] & rule->plain[0]) | (cmd[1] & rule->plain[1]));
}

/* True if it also has the fields of a range, which are legal */
static __always_inline bool arm_vsmmu_is_range(const struct arm_vsmmu_rule *rule,
					       const struct arm_smmu_device *smmu,
					       const u64 *cmd)
{
	return rule->range &&
	       !((cmd[0] & rule->reserved[0] & ~VSMMU_RANGE_0) |
		 (cmd[1] & rule->reserved[1] & ~VSMMU_RANGE_1)) &&
	       arm_vsmmu_range_ok(smmu, cmd);
}

/* Any other command of the rule; 0 or -EIO */
static int arm_vsmmu_check_fields(const struct arm_vsmmu_rule *rule, const u64 *cmd)
{
	if (rule->op == CMDQ_OP_ATC_INV &&
	    FIELD_GET(CMDQ_ATC_1_SIZE, cmd[1]) > ATC_INV_SIZE_ALL)
		return -EIO;
	return (cmd[0] & rule->reserved[0]) || (cmd[1] & rule->reserved[1]) ? -EIO : 0;
}

/**
 * arm_vsmmu_check_cmd() - Check a command of a guest
 * @smmu: The SMMU
 * @cmd: The guest's command, in CPU byte order
 *
 * See the table in Documentation/userspace-api/viommu/smmuv3.rst, section 5.3.
 *
 * Return: 0, or -EIO for an opcode or a bit that a guest may not use.
 */
int arm_vsmmu_check_cmd(const struct arm_smmu_device *smmu, const u64 *cmd)
{
	struct arm_vsmmu_rule rule;
	int ret = arm_vsmmu_set_rule(&rule, smmu, FIELD_GET(CMDQ_0_OP, cmd[0]));

	if (ret || arm_vsmmu_is_range(&rule, smmu, cmd))
		return ret;
	return arm_vsmmu_check_fields(&rule, cmd);
}
EXPORT_SYMBOL_IF_KUNIT(arm_vsmmu_check_cmd);

static u64 arm_vsmmu_bind_vmid(const struct arm_vsmmu *vsmmu, u64 word0)
{
	return (word0 & ~CMDQ_TLBI_0_VMID) |
	       FIELD_PREP(CMDQ_TLBI_0_VMID, vsmmu->vmid);
}

/* Bind a checked command to the guest. *skip: it would have no effect. */
static int arm_vsmmu_bind_cmd(struct arm_vsmmu *vsmmu, u64 *cmd, bool *skip)
{
	u8 op = FIELD_GET(CMDQ_0_OP, cmd[0]);
	bool ats_enabled;
	u32 sid;
	int ret;

	*skip = false;
	switch (op) {
	case CMDQ_OP_ATC_INV:
	case CMDQ_OP_CFGI_CD:
	case CMDQ_OP_CFGI_CD_ALL:
		/* The SID is in the same place in all three */
		ret = arm_vsmmu_vsid_to_sid(vsmmu,
					    FIELD_GET(CMDQ_CFGI_0_SID, cmd[0]),
					    &sid, &ats_enabled);
		if (ret)
			return ret;
		u64p_replace_bits(&cmd[0], sid, CMDQ_CFGI_0_SID);
		*skip = op == CMDQ_OP_ATC_INV && !ats_enabled;
		return 0;
	case CMDQ_OP_TLBI_NSNH_ALL:
		cmd[0] = CMDQ_OP_TLBI_NH_ALL;
		fallthrough;
	default:
		cmd[0] = arm_vsmmu_bind_vmid(vsmmu, cmd[0]);
		return 0;
	}
}

/* Check and bind a command that is not for the VMID alone */
static noinline int arm_vsmmu_prepare_cmd(struct arm_vsmmu *vsmmu,
					  const struct arm_vsmmu_rule *rule,
					  u64 *cmd, bool *skip)
{
	return arm_vsmmu_check_fields(rule, cmd) ?:
	       arm_vsmmu_bind_cmd(vsmmu, cmd, skip);
}

/*
 * Copy commands first .. first + num - 1 of the array. Returns the number copied; if
 * short, *err says why.
 */
static u32 arm_vsmmu_copy_cmds(const struct iommu_user_data_array *array,
			       u32 first, u32 num, union arm_vsmmu_cmd *cmds,
			       int *err)
{
	const size_t len = array->entry_len;
	const void __user *uptr = array->uptr + len * first;
	u32 i;

	if (len == sizeof(cmds->user) &&
	    !copy_from_user(cmds, uptr, num * sizeof(cmds->user)))
		return num;

	for (i = 0; i < num; i++) {
		*err = copy_struct_from_user(&cmds[i].user, sizeof(cmds->user),
					     uptr + len * i, len);
		if (*err)
			break;
	}
	return i;
}

/*
 * Check and bind commands in place, up to a bad one. Returns their number; the first
 * *issue of the buffer are to be executed. A guest gives many TLBIs of one kind in a
 * row: as long as the opcode is the same, one without the fields of a range takes a
 * comparison of masks and the VMID.
 */
static u32 arm_vsmmu_prepare_cmds(struct arm_vsmmu *vsmmu,
				  struct arm_vsmmu_rule *rule,
				  union arm_vsmmu_cmd *cmds, u32 num, u32 *issue,
				  int *err)
{
	const struct arm_smmu_device *smmu = vsmmu->smmu;
	union arm_vsmmu_cmd *out = cmds;
	bool skip;
	int ret;
	u32 i;

	for (i = 0; i < num; i++) {
		const u64 cmd[CMDQ_ENT_DWORDS] = {
			le64_to_cpu(cmds[i].user.cmd[0]),
			le64_to_cpu(cmds[i].user.cmd[1]),
		};
		const u8 op = FIELD_GET(CMDQ_0_OP, cmd[0]);

		if (unlikely(op != rule->op)) {
			ret = arm_vsmmu_set_rule(rule, smmu, op);
			if (ret)
				goto err;
		}
		if (arm_vsmmu_is_plain(rule, cmd) ||
		    arm_vsmmu_is_range(rule, smmu, cmd)) {
			out->cmd[0] = arm_vsmmu_bind_vmid(vsmmu, cmd[0]);
			out->cmd[1] = cmd[1];
			out++;
			continue;
		}
		out->cmd[0] = cmd[0];
		out->cmd[1] = cmd[1];
		ret = arm_vsmmu_prepare_cmd(vsmmu, rule, out->cmd, &skip);
		if (ret)
			goto err;
		if (!skip)
			out++;
	}
	ret = 0;
err:
	if (ret)
		*err = ret;
	*issue = out - cmds;
	return i;
}

/**
 * arm_vsmmu_cache_invalidate() - &iommufd_viommu_ops.cache_invalidate
 * @viommu: The vIOMMU
 * @array: Array of &struct iommu_viommu_arm_smmuv3_invalidate; result: @entry_num is
 *   the number of executed commands, also on error
 *
 * Commands before a bad one are executed. An array without entries asks whether the
 * type is known. See Documentation/userspace-api/viommu/smmuv3.rst, section 5.3.
 *
 * Return: 0, or -EINVAL for another type, -EFAULT if an entry cannot be read, -E2BIG if
 *         it is longer than a command and an excess byte is not 0, -EIO for a command
 *         that a guest may not give, -ETIMEDOUT if the SMMU did not execute the
 *         commands.
 */
int arm_vsmmu_cache_invalidate(struct iommufd_viommu *viommu,
			       struct iommu_user_data_array *array)
{
	struct arm_vsmmu *vsmmu = container_of(viommu, struct arm_vsmmu, core);
	struct arm_smmu_device *smmu = vsmmu->smmu;
	/*
	 * 1 KiB that is written before it is read; zeroing it is expensive for one
	 * command
	 */
	union arm_vsmmu_cmd cmds[VSMMU_BATCH_MAX] __uninitialized;
	struct arm_vsmmu_rule rule __uninitialized;
	const u32 num = array->entry_num;
	unsigned int waits = 0;
	unsigned long timeouts;
	int ret = 0, issue_ret;
	u32 n, issue;

	rule.op = VSMMU_NO_OP;
	array->entry_num = 0;
	if (array->type != IOMMU_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3)
		return -EINVAL;

	while (!ret && array->entry_num < num) {
		cond_resched();
		n = min(num - array->entry_num, VSMMU_BATCH_MAX);
		n = arm_vsmmu_copy_cmds(array, array->entry_num, n, cmds, &ret);
		timeouts = READ_ONCE(smmu->atc_timeouts);
		issue_ret = 0;

		/* The reset of a device waits for its ATC_INVs, see arm-smmu-v3-ats.c */
		rcu_read_lock();
		n = arm_vsmmu_prepare_cmds(vsmmu, &rule, cmds, n, &issue, &ret);
		/* The guest repeats commands for the erratum itself */
		if (issue)
			issue_ret = __arm_smmu_cmdq_issue_cmdlist(
				smmu, &smmu->cmdq, cmds[0].cmd, issue, true);
		rcu_read_unlock();

		if (arm_smmu_check_guest_cmds(smmu, cmds[0].cmd, issue, timeouts,
					      issue_ret, &waits)) {
			ret = 0;
			continue;
		}
		if (issue_ret)
			return issue_ret;
		array->entry_num += n;
	}
	return ret;
}
