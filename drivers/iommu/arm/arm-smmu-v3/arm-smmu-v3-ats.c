// SPDX-License-Identifier: GPL-2.0
/*
 * Devices that answer no ATC_INV: in reset, or broken.
 *
 * A device with ATS keeps translations. Pages may return to the host only after the
 * device has answered an ATC_INV for them, or if it cannot reach memory any more. A
 * device that is blocked has an STE that aborts, so its translations are useless, and
 * the kernel sends it no ATC_INV. The STE that the attached domain wants is kept beside
 * it, and is installed when the device is released. The rest of the driver sees that one:
 * a PASID can be attached to a blocked device.
 *
 * A device in reset answers no ATC_INV: the CMD_SYNC behind one fails, or waits, and so
 * do all users of that queue. So a device is blocked during its reset. The reset begins
 * after all commands in flight have completed. These are in RCU read sections of this
 * file. Queues of a guest are the implementation's part.
 *
 * A device of user space that does not answer outside of a reset is blocked until its
 * next reset, or until it has a domain of the host and answers. If an ATC_INV times out,
 * the SMMU or CMDQ-V stops at the CMD_SYNC behind it, and the handler of that error notes
 * the StreamIDs of all ATC_INVs since the CMD_SYNC before: the suspects. The unmap that
 * has waited for the CMD_SYNC, or for its own timeout, then empties the whole ATC of each
 * suspect, one by one, and blocks a device that does not answer that either. It does so
 * before it returns, so the pages are still in use. The answer is read from the queue of
 * that question alone, which has executed all earlier commands: errors and timeouts of
 * other queues, or of older commands, prove nothing.
 *
 * The SMMU may wait for a device longer than the driver does for a CMD_SYNC, and all
 * CMD_SYNCs behind that one time out, too. The suspects are then those of the CMD_SYNC at
 * which the queue stands; none of them is asked before the queue has left it. The others
 * repeat their commands until a queue executes them: ATC_INVs, and the CFGI_STE of each
 * device whose STE changes. The TLBIs of an unmap may be in another queue than its next
 * commands. So if any CMD_SYNC of the SMMU has timed out since a domain was last known to
 * have no stale entry, all its entries are invalidated, and this command is repeated.
 *
 * Host drivers unmap with spinlocks held, where an STE cannot change: a device of the host
 * is not blocked.
 *
 * IOMMU_HWPT_INVALIDATE does the same for the ATC_INVs of a guest. The pages are the
 * guest's, but the queue is not: all users of the SMMU wait for each of the timeouts, and
 * the guest decides how many there are. It repeats its commands, too, unless its process
 * is killed.
 *
 * An STE changes with arm_smmu_asid_lock held, and so do the reasons to block it.
 */
#include <kunit/static_stub.h>
#include <kunit/visibility.h>
#include <linux/cleanup.h>
#include <linux/delay.h>
#include <linux/pci-ats.h>
#include <linux/pci.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>

#include "arm-smmu-v3.h"

/* Reasons to block a device */
#define BLOCKED_IN_RESET	BIT(0)
#define BLOCKED_SILENT		BIT(1)

/* Devices that can be suspects before all are */
#define MAX_SUSPECTS \
	(sizeof_field(struct arm_smmu_device, atc_suspects) / sizeof(u32))
/* The answer of a device, as the queue that has the question shows it; the greatest counts */
enum {
	ATC_ANSWERED,
	ATC_UNCLEAR,
	ATC_SILENT,
};

/* ATC_INVs that can be between two CMD_SYNCs; beyond that every device is a suspect */
#define MAX_UNSYNCED		256
/* Times to ask a device whose answer is unclear */
#define MAX_TRIES		16
/* Times to wait, and their length, for a queue that is stuck: longer than PCI's timeout */
#define MAX_WAITS		60
#define STUCK_MS		1000
/* Time in which the handler of an error, a thread, lets the queue continue */
#define REPAIR_MS		20

/**
 * arm_smmu_init_atc_suspects() - Prepare an SMMU for timeouts of ATC_INV
 * @smmu: The SMMU
 */
void arm_smmu_init_atc_suspects(struct arm_smmu_device *smmu)
{
	raw_spin_lock_init(&smmu->atc_lock);
}

/* With more suspects than fit every device is one, which num_atc_suspects says */
static void arm_smmu_add_suspect(struct arm_smmu_device *smmu, u32 sid)
{
	unsigned int i;

	lockdep_assert_held(&smmu->atc_lock);

	if (smmu->num_atc_suspects > MAX_SUSPECTS)
		return;
	for (i = 0; i < smmu->num_atc_suspects; i++)
		if (smmu->atc_suspects[i] == sid)
			return;
	if (i < MAX_SUSPECTS)
		smmu->atc_suspects[i] = sid;
	smmu->num_atc_suspects++;
}

/* True if @master is a suspect */
static bool arm_smmu_is_suspect(const struct arm_smmu_master *master,
				const u32 *sids, unsigned int num)
{
	unsigned int s, i;

	if (num > MAX_SUSPECTS)
		return true;
	for (s = 0; s < master->num_streams; s++)
		for (i = 0; i < num; i++)
			if (master->streams[s].id == sids[i])
				return true;
	return false;
}

/*
 * Note the devices of the ATC_INVs since the last CMD_SYNC before @cons, and of that at
 * @cons if @n is 0; otherwise it is 1. Returns what they tell of a question in this queue.
 */
static u8 arm_smmu_note_window(struct arm_smmu_device *smmu,
			       struct arm_smmu_queue *q, u32 cons, u32 n)
{
	const struct arm_smmu_master *asked = smmu->atc_asked;
	const u32 size = 1 << q->llq.max_n_shift;
	const u32 max = min_t(u32, size, MAX_UNSYNCED);
	bool is_asked = false, others = false;
	u32 used;

	lockdep_assert_held(&smmu->atc_lock);

	WRITE_ONCE(smmu->atc_timeouts, smmu->atc_timeouts + 1);
	for (; n < max; n++) {
		const __le64 *entry = Q_ENT(q, cons - n);
		u64 cmd = le64_to_cpu(READ_ONCE(entry[0]));
		u32 sid = FIELD_GET(CMDQ_ATC_0_SID, cmd);

		/* The MSI of a CMD_SYNC writes 0 over its opcode; no command has that one */
		if (FIELD_GET(CMDQ_0_OP, cmd) == CMDQ_OP_CMD_SYNC || !lower_32_bits(cmd))
			break;
		if (FIELD_GET(CMDQ_0_OP, cmd) != CMDQ_OP_ATC_INV)
			continue;
		arm_smmu_add_suspect(smmu, sid);
		if (asked && arm_smmu_is_suspect(asked, &sid, 1))
			is_asked = true;
		else
			others = true;
	}
	/* New commands may be in the place of those before the CMD_SYNC. PROD is read after them */
	smp_rmb();
	used = (READ_ONCE(q->llq.prod) - cons) & (2 * size - 1);
	if (n == max || used + n > size) {
		smmu->num_atc_suspects = MAX_SUSPECTS + 1;
		return ATC_UNCLEAR;
	}
	if (!is_asked)
		return ATC_ANSWERED;
	return others ? ATC_UNCLEAR : ATC_SILENT;
}

/**
 * arm_smmu_note_cmdq_error() - Note the devices that may not have answered an ATC_INV
 * @smmu: The SMMU
 * @cmdq: A queue of the kernel, which has stopped at a command
 * @cons: CONS of the queue, with the code of the error
 *
 * Called by the handler of the error before it lets the queue continue.
 */
void arm_smmu_note_cmdq_error(struct arm_smmu_device *smmu,
			      struct arm_smmu_cmdq *cmdq, u32 cons)
{
	unsigned long flags;
	u8 answer;

	if (FIELD_GET(CMDQ_CONS_ERR, cons) != CMDQ_ERR_CERROR_ATC_INV_IDX)
		return;

	raw_spin_lock_irqsave(&smmu->atc_lock, flags);
	answer = arm_smmu_note_window(smmu, &cmdq->q, cons, 1);
	if (cmdq == smmu->atc_asked_cmdq)
		smmu->atc_answer = max(smmu->atc_answer, answer);
	raw_spin_unlock_irqrestore(&smmu->atc_lock, flags);
}
EXPORT_SYMBOL_IF_KUNIT(arm_smmu_note_cmdq_error);

/* The same for a queue that stands at @cons, without an error */
static u8 arm_smmu_note_stand(struct arm_smmu_device *smmu, struct arm_smmu_queue *q,
			      u32 cons)
{
	const u32 mask = (2 << q->llq.max_n_shift) - 1;
	u64 cmd = le64_to_cpu(READ_ONCE(*Q_ENT(q, cons)));
	/* If the queue is empty by now, the entry is an old one */
	bool at_inv = FIELD_GET(CMDQ_0_OP, cmd) == CMDQ_OP_ATC_INV &&
		      (READ_ONCE(q->llq.prod) ^ cons) & mask;
	unsigned long flags;
	u8 answer;

	raw_spin_lock_irqsave(&smmu->atc_lock, flags);
	answer = arm_smmu_note_window(smmu, q, cons, !at_inv);
	raw_spin_unlock_irqrestore(&smmu->atc_lock, flags);
	return answer;
}

/**
 * arm_smmu_note_cmdq_timeout() - Note the devices for which a queue may wait
 * @smmu: The SMMU
 * @cmdq: A queue of the kernel, in which a CMD_SYNC has not completed in time
 *
 * The queue may stand at another CMD_SYNC, or at an ATC_INV.
 */
void arm_smmu_note_cmdq_timeout(struct arm_smmu_device *smmu,
				struct arm_smmu_cmdq *cmdq)
{
	u32 cons = readl_relaxed(cmdq->q.cons_reg);

	if (smmu->features & ARM_SMMU_FEAT_ATS)
		arm_smmu_note_stand(smmu, &cmdq->q, cons);
}
EXPORT_SYMBOL_IF_KUNIT(arm_smmu_note_cmdq_timeout);

/* True if an ATC_INV has timed out since @timeouts was read, before a CMD_SYNC */
static bool arm_smmu_atc_timed_out(const struct arm_smmu_device *smmu,
				   unsigned long timeouts)
{
	/* The queue continues after the handler has noted the error */
	smp_rmb();
	return unlikely(READ_ONCE(smmu->atc_timeouts) != timeouts);
}

static bool arm_smmu_is_of_user(struct iommu_domain *domain)
{
	if (!domain)
		return false;
	if (domain->type == IOMMU_DOMAIN_NESTED)
		return true;
	return (domain->type & __IOMMU_DOMAIN_PAGING) &&
	       to_smmu_domain(domain)->of_user;
}

/*
 * Issue commands again while a queue that is stuck does not execute them. Returns the queue
 * that has, or NULL.
 */
static struct arm_smmu_cmdq *
arm_smmu_issue_until_done(struct arm_smmu_device *smmu, u8 opcode, u64 *cmds, int n,
			  unsigned int *waits)
{
	struct arm_smmu_cmdq_ent ent = { .opcode = opcode };
	struct arm_smmu_cmdq *cmdq = arm_smmu_get_cmdq(smmu, &ent);

	while (arm_smmu_cmdq_issue_cmdlist(smmu, cmdq, cmds, n, true)) {
		if (!*waits || arm_smmu_is_failing(smmu))
			return NULL;
		(*waits)--;
		msleep(STUCK_MS);
		cmdq = arm_smmu_get_cmdq(smmu, &ent);
	}
	return cmdq;
}

/*
 * Invalidate a domain whose TLBIs may wait in a queue that is stuck. If another thread has
 * done so since its own CMD_SYNC has timed out, this one need not: its changes of the page
 * table came before.
 */
static void arm_smmu_await_tlbi(struct arm_smmu_domain *smmu_domain)
{
	struct arm_smmu_device *smmu = smmu_domain->smmu;
	unsigned long timeouts = READ_ONCE(smmu->atc_timeouts);
	u64 cmd[CMDQ_ENT_DWORDS] = {};
	unsigned int waits = MAX_WAITS;
	u8 op = CMDQ_OP_TLBI_S12_VMALL;

	if (likely(timeouts == READ_ONCE(smmu_domain->tlbi_timeouts)))
		return;

	if (smmu_domain->stage == ARM_SMMU_DOMAIN_S1) {
		op = smmu->features & ARM_SMMU_FEAT_E2H ? CMDQ_OP_TLBI_EL2_ASID :
							  CMDQ_OP_TLBI_NH_ASID;
		cmd[0] = FIELD_PREP(CMDQ_TLBI_0_ASID, smmu_domain->cd.asid);
	} else {
		cmd[0] = FIELD_PREP(CMDQ_TLBI_0_VMID, smmu_domain->s2_cfg.vmid);
	}
	cmd[0] |= FIELD_PREP(CMDQ_0_OP, op);
	if (arm_smmu_issue_until_done(smmu, op, cmd, 1, &waits))
		WRITE_ONCE(smmu_domain->tlbi_timeouts, timeouts);
}

/* The same for the STE of a device, and its CDs if they are the kernel's */
static void arm_smmu_await_ste(struct arm_smmu_master *master)
{
	struct arm_smmu_device *smmu = master->smmu;
	unsigned long timeouts = READ_ONCE(smmu->atc_timeouts);
	unsigned int i, waits = MAX_WAITS;

	if (likely(timeouts == master->ste_timeouts))
		return;

	for (i = 0; i < master->num_streams; i++) {
		u64 sid = FIELD_PREP(CMDQ_CFGI_0_SID, master->streams[i].id);
		u64 cmds[][CMDQ_ENT_DWORDS] = {
			{ FIELD_PREP(CMDQ_0_OP, CMDQ_OP_CFGI_STE) | sid, CMDQ_CFGI_1_LEAF },
			{ FIELD_PREP(CMDQ_0_OP, CMDQ_OP_CFGI_CD_ALL) | sid },
		};

		if (!arm_smmu_issue_until_done(smmu, CMDQ_OP_CFGI_STE, cmds[0],
					       1 + master->cd_table.in_ste, &waits))
			return;
	}
	master->ste_timeouts = timeouts;
}

/* When this returns the SMMU has executed the CFGI_STE */
static void arm_smmu_install_now(struct arm_smmu_master *master,
				 const struct arm_smmu_ste *ste)
{
	__arm_smmu_install_ste_for_dev(master, ste);
	arm_smmu_await_ste(master);
}

/**
 * arm_smmu_install_ste_for_dev() - Install an STE, now or when the device is released
 * @master: The device
 * @target: The STE that its domain wants
 *
 * The caller holds arm_smmu_asid_lock, unless it is a unit test.
 */
void arm_smmu_install_ste_for_dev(struct arm_smmu_master *master,
				  const struct arm_smmu_ste *target)
{
	struct arm_smmu_ste abort;

	master->target_ste = *target;
	if (master->blocked) {
		arm_smmu_make_abort_ste(&abort);
		target = &abort;
	}
	arm_smmu_install_now(master, target);
}
EXPORT_SYMBOL_IF_KUNIT(arm_smmu_install_ste_for_dev);

/* The caller holds arm_smmu_asid_lock, unless it is a unit test */
VISIBLE_IF_KUNIT
void arm_smmu_block_master(struct arm_smmu_master *master, u8 reason)
{
	struct arm_smmu_ste abort;

	if (!master->blocked) {
		arm_smmu_make_abort_ste(&abort);
		arm_smmu_install_now(master, &abort);
	}
	/* Others skip its ATC_INVs from here on, and give their pages back */
	smp_store_release(&master->blocked, master->blocked | reason);
}
EXPORT_SYMBOL_IF_KUNIT(arm_smmu_block_master);

static void arm_smmu_release_master(struct arm_smmu_master *master)
{
	lockdep_assert_held(&arm_smmu_asid_lock);

	WRITE_ONCE(master->blocked, 0);
	/* Others send ATC_INVs before the device translates again */
	smp_mb();
	arm_smmu_install_now(master, &master->target_ste);
}

/*
 * Turn the list into marks of the devices, so that no suspect is forgotten while another
 * one is checked.
 */
static void arm_smmu_mark_suspects(struct arm_smmu_device *smmu)
{
	u32 sids[MAX_SUSPECTS];
	struct arm_smmu_stream *stream;
	struct rb_node *node;
	unsigned int num;

	lockdep_assert_held(&arm_smmu_asid_lock);
	lockdep_assert_held(&smmu->streams_mutex);

	scoped_guard(raw_spinlock_irqsave, &smmu->atc_lock) {
		num = smmu->num_atc_suspects;
		memcpy(sids, smmu->atc_suspects, sizeof(sids));
		smmu->num_atc_suspects = 0;
	}
	for (node = num ? rb_first(&smmu->streams) : NULL; node;
	     node = rb_next(node)) {
		stream = rb_entry(node, struct arm_smmu_stream, node);
		if (arm_smmu_is_suspect(stream->master, sids, num))
			stream->master->atc_suspect = true;
	}
}

VISIBLE_IF_KUNIT
int arm_smmu_issue_question(struct arm_smmu_device *smmu, struct arm_smmu_cmdq *cmdq,
			    u64 *cmd)
{
	KUNIT_STATIC_STUB_REDIRECT(arm_smmu_issue_question, smmu, cmdq, cmd);
	return arm_smmu_cmdq_issue_cmdlist(smmu, cmdq, cmd, 1, true);
}
EXPORT_SYMBOL_IF_KUNIT(arm_smmu_issue_question);

/*
 * Ask a device in a queue that has executed all earlier commands. An error of the SMMU can be
 * for ATC_INVs of other threads before the same CMD_SYNC; the answer is then unclear. It is
 * also unclear if the question times out, unless the queue then stands at it for longer.
 */
static u8 arm_smmu_ask(struct arm_smmu_master *master, struct arm_smmu_cmdq *cmdq,
		       int *err)
{
	const u32 mask = (2 << cmdq->q.llq.max_n_shift) - 1;
	struct arm_smmu_device *smmu = master->smmu;
	bool stands = false;
	unsigned int i;
	int ret = 0;
	u8 answer;
	u32 cons;

	scoped_guard(raw_spinlock_irqsave, &smmu->atc_lock) {
		smmu->atc_asked = master;
		smmu->atc_asked_cmdq = cmdq;
		smmu->atc_answer = ATC_ANSWERED;
	}
	for (i = 0; i < master->num_streams && !ret; i++) {
		u64 cmd[CMDQ_ENT_DWORDS] = {
			FIELD_PREP(CMDQ_0_OP, CMDQ_OP_ATC_INV) |
				FIELD_PREP(CMDQ_ATC_0_SID, master->streams[i].id),
			FIELD_PREP(CMDQ_ATC_1_SIZE, ATC_INV_SIZE_ALL),
		};

		ret = arm_smmu_issue_question(smmu, cmdq, cmd);
	}
	if (ret) {
		cons = readl_relaxed(cmdq->q.cons_reg);
		msleep(STUCK_MS);
		stands = !((readl_relaxed(cmdq->q.cons_reg) ^ cons) & mask) &&
			 arm_smmu_note_stand(smmu, &cmdq->q, cons) == ATC_SILENT;
	}
	scoped_guard(raw_spinlock_irqsave, &smmu->atc_lock) {
		answer = smmu->atc_answer;
		if (ret)
			answer = stands ? ATC_SILENT : max_t(u8, answer, ATC_UNCLEAR);
		smmu->atc_asked = NULL;
		smmu->atc_asked_cmdq = NULL;
	}
	*err = ret;
	return answer;
}

/*
 * Empty the whole ATC of a device; true if it has answered. A question behind a CMD_SYNC at
 * which the queue stands times out, too, so the queue has to leave that first.
 *
 * If the answer stays unclear although the SMMU has executed the last question, the device
 * counts as one that has answered: no other device may block it. If a queue stays stuck
 * beyond all timeouts, it counts as silent: its pages are needed.
 */
static bool arm_smmu_empty_atc(struct arm_smmu_master *master)
{
	struct arm_smmu_device *smmu = master->smmu;
	unsigned int tries = MAX_TRIES, first = MAX_WAITS, waits = MAX_WAITS;
	struct arm_smmu_cmdq *cmdq;
	u8 answer;
	int ret;

	cmdq = arm_smmu_issue_until_done(smmu, CMDQ_OP_ATC_INV, NULL, 0, &first);
	while (cmdq) {
		arm_smmu_mark_suspects(smmu);
		master->atc_suspect = false;
		answer = arm_smmu_ask(master, cmdq, &ret);
		if (answer != ATC_UNCLEAR)
			return answer == ATC_ANSWERED;
		if (!(ret ? waits && --waits : --tries) || arm_smmu_has_failed(smmu))
			return !ret;
		cmdq = arm_smmu_issue_until_done(smmu, CMDQ_OP_ATC_INV, NULL, 0,
						 &waits);
	}
	return false;
}

/* Give a suspect a second chance, and block it if it does not answer */
static void arm_smmu_check_suspect(struct arm_smmu_master *master)
{
	lockdep_assert_held(&arm_smmu_asid_lock);

	if (!master->ats_enabled || master->blocked ||
	    !arm_smmu_is_of_user(master->attached) || arm_smmu_empty_atc(master) ||
	    arm_smmu_is_failing(master->smmu))
		return;
	arm_smmu_block_master(master, BLOCKED_SILENT);
	dev_err(master->dev,
		"does not answer an ATC invalidation: blocked until it is reset\n");
}

/*
 * Block devices that do not answer an ATC_INV. If another caller has found the suspects
 * already, this waits until it has blocked them.
 */
static void arm_smmu_check_suspects(struct arm_smmu_device *smmu)
{
	struct arm_smmu_master *master;
	struct rb_node *node;

	guard(mutex)(&arm_smmu_asid_lock);
	guard(mutex)(&smmu->streams_mutex);
	arm_smmu_mark_suspects(smmu);
	for (node = rb_first(&smmu->streams); node; node = rb_next(node)) {
		master = rb_entry(node, struct arm_smmu_stream, node)->master;
		if (master->atc_suspect)
			arm_smmu_check_suspect(master);
		master->atc_suspect = false;
	}
}

/**
 * arm_smmu_atc_inv_domain() - Invalidate a range in the ATCs of all devices of a domain
 * @smmu_domain: The domain
 * @iova: Start of the range
 * @size: Its bytes; 0 for all addresses
 *
 * Called after the TLBIs for the range. For a domain of user space the caller may sleep,
 * and when this returns the TLBIs are executed, a device that does not answer is blocked,
 * and all others have answered, even if the queue was stuck; each wait has two minutes.
 *
 * Return: 0, or -ETIMEDOUT if the SMMU did not execute the commands.
 */
int arm_smmu_atc_inv_domain(struct arm_smmu_domain *smmu_domain,
			    unsigned long iova, size_t size)
{
	struct arm_smmu_device *smmu = smmu_domain->smmu;
	unsigned int waits = MAX_WAITS;
	unsigned long timeouts;
	int ret;

	if (!(smmu->features & ARM_SMMU_FEAT_ATS) || arm_smmu_has_failed(smmu))
		return 0;
	if (smmu_domain->of_user)
		arm_smmu_await_tlbi(smmu_domain);

	do {
		rcu_read_lock();
		timeouts = READ_ONCE(smmu->atc_timeouts);
		ret = __arm_smmu_atc_inv_domain(smmu_domain, iova, size);
		rcu_read_unlock();
		if (!smmu_domain->of_user ||
		    (!ret && !arm_smmu_atc_timed_out(smmu, timeouts)))
			return ret;

		if (ret)
			msleep(waits == MAX_WAITS ? REPAIR_MS : STUCK_MS);
		arm_smmu_check_suspects(smmu);
	} while (ret && !arm_smmu_has_failed(smmu) && --waits);
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(arm_smmu_atc_inv_domain);

/**
 * arm_smmu_suspect_cmds() - Note the devices of the ATC_INVs among commands
 * @smmu: The SMMU
 * @cmds: The commands, in CPU byte order
 * @num: Their number
 */
void arm_smmu_suspect_cmds(struct arm_smmu_device *smmu, const u64 *cmds, int num)
{
	const u64 *end = cmds + num * CMDQ_ENT_DWORDS;
	unsigned long flags;

	raw_spin_lock_irqsave(&smmu->atc_lock, flags);
	for (; cmds < end; cmds += CMDQ_ENT_DWORDS)
		if (FIELD_GET(CMDQ_0_OP, *cmds) == CMDQ_OP_ATC_INV)
			arm_smmu_add_suspect(smmu, FIELD_GET(CMDQ_ATC_0_SID, *cmds));
	raw_spin_unlock_irqrestore(&smmu->atc_lock, flags);
}
EXPORT_SYMBOL_IF_KUNIT(arm_smmu_suspect_cmds);

/**
 * arm_smmu_check_guest_cmds() - Block devices that did not answer ATC_INVs of a guest
 * @smmu: The SMMU
 * @cmds: The commands of one batch, in CPU byte order
 * @num: Their number
 * @timeouts: The atc_timeouts of the SMMU before the batch
 * @err: Result of the batch; -ETIMEDOUT need not have been reported by the hardware
 * @waits: How often this has waited for a queue that is stuck
 *
 * A device that does not answer is blocked when this returns. The caller may sleep.
 *
 * Return: true if the batch is to be prepared and issued again.
 */
bool arm_smmu_check_guest_cmds(struct arm_smmu_device *smmu, const u64 *cmds, int num,
			       unsigned long timeouts, int err, unsigned int *waits)
{
	if (!err && !arm_smmu_atc_timed_out(smmu, timeouts))
		return false;

	if (err) {
		arm_smmu_suspect_cmds(smmu, cmds, num);
		msleep(*waits ? STUCK_MS : REPAIR_MS);
	}
	arm_smmu_check_suspects(smmu);
	return err && smmu->features & ARM_SMMU_FEAT_ATS && !arm_smmu_has_failed(smmu) &&
	       ++*waits < MAX_WAITS && !fatal_signal_pending(current);
}

/**
 * arm_smmu_atc_inv_master() - Invalidate the ATC of a device
 * @master: The device
 * @ssid: The SSID, or IOMMU_NO_PASID for the whole ATC
 *
 * The domain of the device changes. A device that keeps translations of a domain of user
 * space is blocked. The caller holds arm_smmu_asid_lock.
 *
 * Return: 0, or -ETIMEDOUT if the SMMU did not execute the commands.
 */
int arm_smmu_atc_inv_master(struct arm_smmu_master *master, ioasid_t ssid)
{
	struct arm_smmu_device *smmu = master->smmu;
	unsigned long timeouts = READ_ONCE(smmu->atc_timeouts);
	int ret;

	if (master->blocked || arm_smmu_has_failed(smmu))
		return 0;
	ret = __arm_smmu_atc_inv_master(master, ssid);
	if (!ret && !arm_smmu_atc_timed_out(smmu, timeouts))
		return 0;
	if (ret)
		msleep(REPAIR_MS);
	guard(mutex)(&smmu->streams_mutex);
	arm_smmu_check_suspect(master);
	return ret;
}

/**
 * arm_smmu_attach_to_host() - Release a blocked device that user space has given back
 * @state: The change of its domain, for which the STE is installed, or kept
 *
 * Without a reset the device would stay blocked for all drivers of the host.
 */
void arm_smmu_attach_to_host(struct arm_smmu_attach_state *state)
{
	struct arm_smmu_master *master = state->master;

	lockdep_assert_held(&arm_smmu_asid_lock);

	/* In a reset arm_smmu_reset_done() decides */
	if (!(master->blocked & BLOCKED_SILENT) || master->num_resets ||
	    state->new_domain->type == IOMMU_DOMAIN_BLOCKED ||
	    arm_smmu_is_of_user(state->new_domain))
		return;

	guard(mutex)(&master->smmu->streams_mutex);
	/* Without ATS the SMMU refuses what the ATC translates */
	if (state->ats_enabled && !arm_smmu_empty_atc(master))
		dev_err(master->dev,
			"does not answer an ATC invalidation of the host: stays blocked\n");
	else
		arm_smmu_release_master(master);
}

static const struct arm_smmu_viommu_impl *
arm_smmu_reset_impl(const struct arm_smmu_master *master)
{
	const struct arm_smmu_impl_ops *ops = master->smmu->impl_ops;

	return ops && ops->viommu && ops->viommu->reset_prepare ? ops->viommu : NULL;
}

/* A device without ATS gets no ATC_INV; one without an STE makes no DMA */
static bool arm_smmu_reset_matters(const struct arm_smmu_master *master)
{
	return master->smmu->features & ARM_SMMU_FEAT_ATS &&
	       dev_is_pci(master->dev) &&
	       pci_ats_supported(to_pci_dev(master->dev)) &&
	       master->target_ste.data[0];
}

/**
 * arm_smmu_reset_prepare() - &iommu_viommu_ops.reset_prepare
 * @dev: The device
 */
void arm_smmu_reset_prepare(struct device *dev)
{
	struct arm_smmu_master *master = dev_iommu_priv_get(dev);
	const struct arm_smmu_viommu_impl *impl = arm_smmu_reset_impl(master);

	scoped_guard(mutex, &arm_smmu_asid_lock) {
		if (master->num_resets++ || !arm_smmu_reset_matters(master))
			return;
		arm_smmu_block_master(master, BLOCKED_IN_RESET);
	}
	/* Wait for ATC_INVs in flight, those of the kernel, then those of guests */
	synchronize_rcu();
	if (impl)
		impl->reset_prepare(master);
}

/**
 * arm_smmu_reset_done() - &iommu_viommu_ops.reset_done
 * @dev: The device
 *
 * The reset has emptied its ATC, but the reset may have failed. A device that does not
 * answer stays blocked.
 */
void arm_smmu_reset_done(struct device *dev)
{
	struct arm_smmu_master *master = dev_iommu_priv_get(dev);
	const struct arm_smmu_viommu_impl *impl = arm_smmu_reset_impl(master);

	scoped_guard(mutex, &arm_smmu_asid_lock) {
		if (--master->num_resets || !master->blocked)
			return;
		guard(mutex)(&master->smmu->streams_mutex);
		if (master->ats_enabled && !arm_smmu_empty_atc(master) &&
		    arm_smmu_is_of_user(master->attached)) {
			dev_err(master->dev,
				"does not answer an ATC invalidation after a reset: stays blocked\n");
			WRITE_ONCE(master->blocked, BLOCKED_SILENT);
		} else {
			arm_smmu_release_master(master);
		}
	}
	if (impl)
		impl->reset_done(master);
}
