// SPDX-License-Identifier: GPL-2.0
/*
 * Experiments on a queue: its registers while it is on, its commands, its errors.
 *
 * Each function gets an enabled VINTF without queues and may leave anything behind; see
 * tegra241-cmdqv-experiment.c. Commands are TLBIs and ATC_INVs, which cost translations at
 * most, and none that could answer or end a fault of a device.
 */
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/iommu.h>

#include "tegra241-cmdqv-experiment.h"

/* Runs of the experiment on disabling: in one of them commands may be left */
#define DISABLE_RUNS		16
/* For commands that must not begin after STATUS is 0 */
#define DISABLE_PAUSE_US	1000

#define ATC_INV_SID		GENMASK_ULL(63, 32)
/* All addresses */
#define ATC_INV_ALL		52

/* The SMMU's driver has no name for it */
#define CMDQ_OP_TLBI_NH_ALL	0x10

static u32 cons_error(u32 cons)
{
	return FIELD_GET(VCMDQ_CONS_ERR, cons);
}

static bool in_error(struct tegra241_run *run)
{
	return experiment_read(run, 0, VCMDQ_GERROR) != experiment_read(run, 0, VCMDQ_GERRORN);
}

/* Queue 0 on, and in error at a command that no queue takes */
static bool queue_in_error(struct tegra241_run *run)
{
	if (!experiment_queue(run, 0))
		return false;
	experiment_issue(run, CMDQV_OP_UNDEFINED, 0);
	if (in_error(run))
		return true;
	experiment_saw(run, "an undefined command is no error");
	return false;
}

/* Registers while the queue is on */

enum tegra241_verdict experiment_base_live(struct tegra241_run *run)
{
	size_t bytes = (size_t)1 << (run->log2size + VCMDQ_ENTRY_LOG2);
	u64 other = vcmdq_base_encode(run->dma + bytes, bytes);
	void __iomem *base;
	u64 now;

	if (!experiment_queue(run, 0))
		return EXPERIMENT_UNDECIDED;
	/* An error tells of the other ring */
	experiment_ring(run, 1, 0, CMDQV_OP_UNDEFINED, 0);
	base = tegra241_lvcmdq_regs(&run->vintf, 0).page1 + VCMDQ_BASE;
	cmdqv_writeq_relaxed(other, base);
	now = cmdqv_readq(base);
	experiment_issue(run, CMDQ_OP_CMD_SYNC, 0);
	experiment_saw(run, "BASE reads %s; the command came from the %s ring",
		       now == other ? "as written" : "as before",
		       in_error(run) ? "new" : "old");
	if (in_error(run))
		return EXPERIMENT_OTHER;
	return now == other ? EXPERIMENT_SECOND :
	       now == vcmdq_base_encode(run->dma, bytes) ? EXPERIMENT_FIRST : EXPERIMENT_OTHER;
}

enum tegra241_verdict experiment_cons_live(struct tegra241_run *run)
{
	u32 now;

	if (!experiment_queue(run, 0))
		return EXPERIMENT_UNDECIDED;
	experiment_issue(run, CMDQ_OP_CMD_SYNC, 0);
	experiment_issue(run, CMDQ_OP_CMD_SYNC, 0);
	/* An error tells that the second entry was executed again */
	experiment_ring(run, 0, 1, CMDQV_OP_UNDEFINED, 0);
	experiment_write(run, 0, VCMDQ_CONS, 1);
	now = experiment_read(run, 0, VCMDQ_CONS);
	experiment_issue(run, CMDQ_OP_CMD_SYNC, 0);
	experiment_saw(run, "CONS 1 over 2 reads %u; the entry was %sexecuted again",
		       (u32)(now & VCMDQ_INDEX), in_error(run) ? "" : "not ");
	if (in_error(run))
		return EXPERIMENT_SECOND;
	return now == 2 ? EXPERIMENT_FIRST : EXPERIMENT_OTHER;
}

/* Enable */

/* EN with any BASE: goes on, or is an error */
static enum tegra241_verdict enable_with_base(struct tegra241_run *run, u64 base,
					      enum tegra241_verdict runs,
					      enum tegra241_verdict fails)
{
	struct tegra241_vcmdq_regs regs = tegra241_lvcmdq_regs(&run->vintf, 0);
	u32 status, errors;

	if (!experiment_map(run, 0))
		return EXPERIMENT_UNDECIDED;
	cmdqv_writeq_relaxed(base, regs.page1 + VCMDQ_BASE);
	experiment_write(run, 0, VCMDQ_CONFIG, CMDQV_EN);
	experiment_poll(regs.page0 + VCMDQ_STATUS, CMDQV_EN, CMDQV_EN);
	status = experiment_read(run, 0, VCMDQ_STATUS);
	errors = experiment_read(run, 0, VCMDQ_GERROR) ^ experiment_read(run, 0, VCMDQ_GERRORN);
	experiment_saw(run, "STATUS %u, GERROR differs in 0x%x", status, errors);
	if ((status & CMDQV_EN) && !errors)
		return runs;
	return !(status & CMDQV_EN) && errors == VCMDQ_GERROR_INIT_ERR ? fails :
									 EXPERIMENT_OTHER;
}

enum tegra241_verdict experiment_size_large(struct tegra241_run *run)
{
	u64 log2size = run->cmdqv->max_log2size + 1;

	experiment_saw(run, "LOG2SIZE %llu: ", log2size);
	return enable_with_base(run, (run->dma & VCMDQ_BASE_ADDR) | log2size, EXPERIMENT_SECOND,
				EXPERIMENT_FIRST);
}

enum tegra241_verdict experiment_base_zero(struct tegra241_run *run)
{
	return enable_with_base(run, 0, EXPERIMENT_FIRST, EXPERIMENT_SECOND);
}

/* The end of the 48 bits of BASE */
enum tegra241_verdict experiment_unreadable(struct tegra241_run *run)
{
	return enable_with_base(run, vcmdq_base_encode(GENMASK_ULL(47, 12), SZ_4K),
				EXPERIMENT_SECOND, EXPERIMENT_FIRST);
}

/* Commands */

enum tegra241_verdict experiment_cs(struct tegra241_run *run)
{
	u32 cons;

	if (!experiment_queue(run, 0))
		return EXPERIMENT_UNDECIDED;
	/* An event for the processors, which wakes those that wait for one */
	cons = experiment_issue(run, CMDQ_OP_CMD_SYNC |
				FIELD_PREP(CMDQ_SYNC_0_CS, CMDQ_SYNC_0_CS_SEV), 0);
	experiment_saw(run, "CS = SEV: CONS %u, ERR %u", (u32)(cons & VCMDQ_INDEX),
		       cons_error(cons));
	if (in_error(run))
		return cons_error(cons) == CMDQV_ERR_ILL ? EXPERIMENT_FIRST : EXPERIMENT_OTHER;
	return (cons & VCMDQ_INDEX) == run->prod ? EXPERIMENT_SECOND : EXPERIMENT_OTHER;
}

/* One command; returns its code, 0 if it was taken */
static u32 code_of(struct tegra241_run *run, u8 opcode)
{
	u32 cons = experiment_issue(run, opcode, 0);
	u32 code = in_error(run) ? cons_error(cons) : 0;

	experiment_saw(run, "%02x:%u ", opcode, code);
	if (code)
		experiment_recover(run);
	return code;
}

/* Nothing that could answer a page request, or end or resume a stalled transaction */
enum tegra241_verdict experiment_refusal(struct tegra241_run *run)
{
	static const u8 refused[] = {
		CMDQ_OP_PREFETCH_CFG, CMDQ_OP_CFGI_STE, CMDQ_OP_CFGI_ALL, CMDQ_OP_CFGI_CD,
		CMDQ_OP_CFGI_CD_ALL, CMDQ_OP_TLBI_NH_ALL, CMDQ_OP_TLBI_EL2_ALL,
		CMDQ_OP_TLBI_EL2_ASID, CMDQ_OP_TLBI_EL2_VA, CMDQ_OP_TLBI_S12_VMALL,
		CMDQ_OP_TLBI_S2_IPA, CMDQ_OP_TLBI_NSNH_ALL,
	};
	static const u8 taken[] = { CMDQ_OP_TLBI_NH_ASID, CMDQ_OP_TLBI_NH_VA };
	unsigned int i, illegal = 0, access = 0;
	bool all_taken = true;

	if (!experiment_queue(run, 0))
		return EXPERIMENT_UNDECIDED;
	for (i = 0; i < ARRAY_SIZE(refused); i++) {
		u32 code = code_of(run, refused[i]);

		illegal += code == CMDQV_ERR_ILL;
		access += code == CMDQV_ERR_ACCESS;
	}
	code_of(run, CMDQV_OP_UNDEFINED);
	for (i = 0; i < ARRAY_SIZE(taken); i++)
		all_taken &= !code_of(run, taken[i]);
	if (!all_taken)
		return EXPERIMENT_OTHER;
	return illegal == ARRAY_SIZE(refused) ? EXPERIMENT_FIRST :
	       access == ARRAY_SIZE(refused) ? EXPERIMENT_SECOND : EXPERIMENT_OTHER;
}

/*
 * ATC_INV and a CMD_SYNC, for a device with ATS that is on: if the hardware does not
 * replace the StreamID, it costs that device translations. An invalidation that no
 * device answers could hold the queue for a minute.
 */
static u32 issue_atc_inv(struct tegra241_run *run, u32 sid)
{
	experiment_put(run, CMDQ_OP_ATC_INV | FIELD_PREP(ATC_INV_SID, sid), ATC_INV_ALL);
	return experiment_issue(run, CMDQ_OP_CMD_SYNC, 0);
}

static bool has_ats_device(struct tegra241_run *run)
{
	if (run->ats_sid >= 0 && run->ats_sid <= FIELD_MAX(VINTF_SID_MATCH_VSID))
		return true;
	experiment_saw(run, "no device behind this SMMU has ATS on");
	return false;
}

enum tegra241_verdict experiment_sid_miss(struct tegra241_run *run)
{
	u32 cons, code;

	if (!has_ats_device(run) || !experiment_queue(run, 0))
		return EXPERIMENT_UNDECIDED;
	cons = issue_atc_inv(run, run->ats_sid);
	code = in_error(run) ? cons_error(cons) : 0;
	experiment_saw(run, "CONS %u, ERR %u", (u32)(cons & VCMDQ_INDEX), code);
	if (!code)
		return (cons & VCMDQ_INDEX) == run->prod ? EXPERIMENT_SECOND : EXPERIMENT_OTHER;
	return !(cons & VCMDQ_INDEX) && (code == CMDQV_ERR_ILL || code == CMDQV_ERR_ACCESS) ?
		       EXPERIMENT_FIRST : EXPERIMENT_OTHER;
}

enum tegra241_verdict experiment_vsid(struct tegra241_run *run)
{
	u32 cons;

	if (!has_ats_device(run) || !experiment_queue(run, 0))
		return EXPERIMENT_UNDECIDED;
	/* Without a refusal of this one the next would reach a device that may not exist */
	issue_atc_inv(run, run->ats_sid);
	if (!in_error(run)) {
		experiment_saw(run, "a StreamID without a slot is not refused");
		return EXPERIMENT_UNDECIDED;
	}
	experiment_recover(run);
	tegra241_vintf_set_sid(&run->vintf, 0, run->ats_sid, run->ats_sid);
	cons = issue_atc_inv(run, run->ats_sid);
	if (in_error(run)) {
		experiment_saw(run, "with a slot: ERR %u", cons_error(cons));
		return EXPERIMENT_UNDECIDED;
	}
	cons = issue_atc_inv(run, run->ats_sid | BIT(20));
	experiment_saw(run, "with bit 20 set: CONS %u, ERR %u", (u32)(cons & VCMDQ_INDEX),
		       in_error(run) ? cons_error(cons) : 0);
	return in_error(run) ? EXPERIMENT_FIRST : EXPERIMENT_SECOND;
}

/* Errors */

enum tegra241_verdict experiment_cons_err(struct tegra241_run *run)
{
	u32 before, after;

	if (!queue_in_error(run))
		return EXPERIMENT_UNDECIDED;
	before = cons_error(experiment_read(run, 0, VCMDQ_CONS));
	experiment_recover(run);
	after = cons_error(experiment_read(run, 0, VCMDQ_CONS));
	experiment_saw(run, "ERR %u, then %u", before, after);
	if (in_error(run))
		return EXPERIMENT_OTHER;
	return !after ? EXPERIMENT_FIRST : after == before ? EXPERIMENT_SECOND : EXPERIMENT_OTHER;
}

enum tegra241_verdict experiment_gerror(struct tegra241_run *run)
{
	u32 before, after, acknowledged;

	if (!queue_in_error(run))
		return EXPERIMENT_UNDECIDED;
	experiment_recover(run);
	/* Earlier errors may have been odd in number */
	if (!experiment_read(run, 0, VCMDQ_GERROR)) {
		experiment_issue(run, CMDQV_OP_UNDEFINED, 0);
		experiment_recover(run);
	}
	before = experiment_read(run, 0, VCMDQ_GERROR);
	if (!before) {
		experiment_saw(run, "GERROR is 0 after errors");
		return EXPERIMENT_OTHER;
	}
	if (tegra241_lvcmdq_unmap(&run->vintf))
		return EXPERIMENT_UNDECIDED;
	experiment_set_alloc_map(run, 0, 0, true);
	after = experiment_read(run, 0, VCMDQ_GERROR);
	acknowledged = experiment_read(run, 0, VCMDQ_GERRORN);
	experiment_saw(run, "GERROR 0x%x, then 0x%x with GERRORN 0x%x", before, after,
		       acknowledged);
	if (after != acknowledged)
		return EXPERIMENT_OTHER;
	return after == before ? EXPERIMENT_FIRST : !after ? EXPERIMENT_SECOND : EXPERIMENT_OTHER;
}

/* Bit 0: LVCMDQ_ERR_MAP; bit 1: VINTF_ERR_MAP; bit 2: CMDQ_ERR_MAP */
static unsigned int error_maps(struct tegra241_run *run)
{
	void __iomem *base = run->cmdqv->base;
	u16 v = run->vintf.idx, q = tegra241_vcmdq_idx(&run->vintf, 0);

	return (cmdqv_readq(run->vintf.base + VINTF_LVCMDQ_ERR_MAP(0)) & 1) |
	       (cmdqv_readl(base + CMDQV_VINTF_ERR_MAP(v / 32)) >> v % 32 & 1) << 1 |
	       (cmdqv_readl(base + CMDQV_CMDQ_ERR_MAP(q / 32)) >> q % 32 & 1) << 2;
}

enum tegra241_verdict experiment_check_maps(struct tegra241_run *run)
{
	unsigned int before = error_maps(run), during, after;

	if (!queue_in_error(run))
		return EXPERIMENT_UNDECIDED;
	during = error_maps(run);
	experiment_recover(run);
	after = error_maps(run);
	experiment_saw(run, "maps of queue, VINTF, block: before 0x%x, in error 0x%x, after 0x%x",
		       before, during, after);
	return !before && during == 7 && !after ? EXPERIMENT_FIRST : EXPERIMENT_SECOND;
}

/* The interrupts of earlier errors are handled, or there is none */
static bool has_interrupt(struct tegra241_run *run)
{
	if (run->cmdqv->irq) {
		fsleep(EXPERIMENT_TIMEOUT_US);
		synchronize_irq(run->cmdqv->irq);
		return true;
	}
	experiment_saw(run, "CMDQ-V has no interrupt");
	return false;
}

enum tegra241_verdict experiment_check_edges(struct tegra241_run *run)
{
	int start, first, more;

	if (!has_interrupt(run))
		return EXPERIMENT_UNDECIDED;
	start = atomic_read(&run->interrupts);
	if (!queue_in_error(run))
		return EXPERIMENT_UNDECIDED;
	experiment_interrupted(run, start);
	/* No more of them as long as the error stays */
	fsleep(EXPERIMENT_TIMEOUT_US);
	first = atomic_read(&run->interrupts) - start;
	experiment_recover(run);
	experiment_issue(run, CMDQV_OP_UNDEFINED, 0);
	experiment_interrupted(run, start + first);
	more = atomic_read(&run->interrupts) - start - first;
	experiment_saw(run, "%d for an error that stays, %d for the next one", first, more);
	return first == 1 && more == 1 ? EXPERIMENT_FIRST : EXPERIMENT_SECOND;
}

/* Bits of other VINTFs keep their value */
static void set_int_mask(struct tegra241_run *run, bool masked)
{
	void __iomem *reg = run->cmdqv->base + CMDQV_VINTF_INT_MASK(run->vintf.idx / 32);
	u32 bit = BIT(run->vintf.idx % 32), mask = cmdqv_readl(reg);

	cmdqv_writel(masked ? mask | bit : mask & ~bit, reg);
}

/* An error with the VINTF's bit set; true if it interrupts */
static bool masked_error_interrupts(struct tegra241_run *run)
{
	int before = atomic_read(&run->interrupts);
	bool interrupts;

	set_int_mask(run, true);
	experiment_issue(run, CMDQV_OP_UNDEFINED, 0);
	interrupts = experiment_interrupted(run, before);
	experiment_saw(run, "%s interrupt with the bit set", interrupts ? "an" : "no");
	return interrupts;
}

/* Queue 0 on, and its errors interrupt */
static bool queue_with_interrupt(struct tegra241_run *run)
{
	int before;

	if (!has_interrupt(run))
		return false;
	before = atomic_read(&run->interrupts);
	if (!queue_in_error(run))
		return false;
	if (!experiment_interrupted(run, before)) {
		experiment_saw(run, "an error does not interrupt");
		return false;
	}
	experiment_recover(run);
	return has_interrupt(run);
}

enum tegra241_verdict experiment_int_mask(struct tegra241_run *run)
{
	enum tegra241_verdict verdict;

	if (!queue_with_interrupt(run))
		return EXPERIMENT_UNDECIDED;
	verdict = masked_error_interrupts(run) ? EXPERIMENT_SECOND : EXPERIMENT_FIRST;
	/* It may come when the bit is cleared */
	experiment_recover(run);
	set_int_mask(run, false);
	return verdict;
}

enum tegra241_verdict experiment_masked_edge(struct tegra241_run *run)
{
	int before;
	bool kept;

	if (!queue_with_interrupt(run))
		return EXPERIMENT_UNDECIDED;
	if (masked_error_interrupts(run)) {
		experiment_recover(run);
		set_int_mask(run, false);
		return EXPERIMENT_UNDECIDED;
	}
	before = atomic_read(&run->interrupts);
	set_int_mask(run, false);
	kept = experiment_interrupted(run, before);
	experiment_saw(run, ", %s when it is cleared", kept ? "one" : "none");
	experiment_recover(run);
	return kept ? EXPERIMENT_SECOND : EXPERIMENT_FIRST;
}

/* Disable */

/* A ring full of commands, and EN = 0 at once. Returns how many were left before, and after */
static bool disable_full_queue(struct tegra241_run *run, u32 count, u32 *before, u32 *after)
{
	void __iomem *page0 = tegra241_lvcmdq_regs(&run->vintf, 0).page0;

	experiment_write(run, 0, VCMDQ_PROD, count);
	*before = count - (experiment_read(run, 0, VCMDQ_CONS) & VCMDQ_INDEX);
	experiment_write(run, 0, VCMDQ_CONFIG, 0);
	if (!experiment_poll(page0 + VCMDQ_STATUS, CMDQV_EN, 0)) {
		experiment_saw(run, "STATUS does not become 0");
		return false;
	}
	*after = count - (experiment_read(run, 0, VCMDQ_CONS) & VCMDQ_INDEX);
	return true;
}

/* Queue 0 empty and on again */
static bool start_again(struct tegra241_run *run)
{
	experiment_write(run, 0, VCMDQ_PROD, 0);
	experiment_write(run, 0, VCMDQ_CONS, 0);
	return !tegra241_lvcmdq_enable(&run->vintf, 0);
}

enum tegra241_verdict experiment_disable(struct tegra241_run *run)
{
	u32 count = BIT(run->log2size) - 1, before = 0, after = 0, later, i;
	unsigned int drained = 0;

	if (!experiment_queue(run, 0))
		return EXPERIMENT_UNDECIDED;
	for (i = 0; i < count; i++)
		experiment_put(run, CMDQ_OP_TLBI_NH_ASID, 0);
	for (i = 0; i < DISABLE_RUNS; i++) {
		if (!disable_full_queue(run, count, &before, &after))
			return EXPERIMENT_UNDECIDED;
		if (after)
			break;
		/* A queue that was about to end does not tell */
		drained += before > count / 2;
		if (!start_again(run))
			return EXPERIMENT_UNDECIDED;
	}
	if (after) {
		fsleep(DISABLE_PAUSE_US);
		later = count - (experiment_read(run, 0, VCMDQ_CONS) & VCMDQ_INDEX);
		experiment_saw(run, "%s left with STATUS 0, %s later",
			       after < count ? "some" : "all",
			       later == after ? "the same" : "fewer");
		return later == after ? EXPERIMENT_FIRST : EXPERIMENT_OTHER;
	}
	if (!drained) {
		experiment_saw(run, "the queue was faster than the disable, %u times",
			       DISABLE_RUNS);
		return EXPERIMENT_UNDECIDED;
	}
	experiment_saw(run, "none left with STATUS 0, %u times", DISABLE_RUNS);
	return drained > DISABLE_RUNS / 2 ? EXPERIMENT_SECOND : EXPERIMENT_UNDECIDED;
}
