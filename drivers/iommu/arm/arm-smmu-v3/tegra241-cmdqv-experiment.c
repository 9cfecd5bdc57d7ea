// SPDX-License-Identifier: GPL-2.0
/*
 * Experiments on CMDQ-V: questions to the hardware that no document answers.
 *
 * The driver works with either answer. The hardware model has both, and an owner of
 * the hardware can find out which one is true. Each experiment is a row with a name, a
 * question and two answers, of which the first one is the model's default.
 *
 * With the parameter cmdqv_experiments the driver notes the registers as it finds them,
 * before it writes any, and root gets the file "experiments" in the debugfs directory
 * of the instance. To write "safe" or names of rows runs these experiments, in the order
 * of the table; to read gives the registers and the rows of the last run, one a line,
 * their fields separated by tabs.
 *
 * The limits that keep the machine safe:
 *
 *  - A run needs a VINTF that nobody uses, and is refused while any guest has one. It
 *    holds cmdqv->lock exclusively, so no guest comes meanwhile.
 *  - Memory and VMID are its own. It writes only registers of its VINTF and of the
 *    queues of it, the entries of these in the allocation map, and the VINTF's bit of
 *    the interrupt mask.
 *  - Each wait ends after EXPERIMENT_TIMEOUT_US, handshakes of the driver after a second.
 *  - After each experiment the driver's own teardown runs, and the registers are read.
 *    If anything is left, the VINTF is retired, its memory is not freed, and no further
 *    experiment runs.
 *  - Experiments that may raise an SError are last, and run only if they are named.
 */
#define dev_fmt(fmt) "tegra241_cmdqv: " fmt

#include <linux/cleanup.h>
#include <linux/debugfs.h>
#include <linux/iommu.h>
#include <linux/iopoll.h>
#include <linux/moduleparam.h>
#include <linux/seq_buf.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/string_choices.h>
#include <linux/uaccess.h>

#include "tegra241-cmdqv-experiment.h"

#define REPORT_SIZE		SZ_64K
#define MAX_REQUEST		1024

static bool tegra241_experiments;
module_param_named(cmdqv_experiments, tegra241_experiments, bool, 0444);
MODULE_PARM_DESC(cmdqv_experiments,
		 "Let root run experiments on CMDQ-V, through debugfs.");

/**
 * struct tegra241_experimenter - Experiments of one instance
 * @lock: One run or reader at a time
 * @found: The registers before anything was written
 * @report: The rows of the last run
 * @text: Their memory
 */
struct tegra241_experimenter {
	struct mutex lock; /* one run or reader at a time */
	struct seq_buf found;
	struct seq_buf report;
	char *text;
};

/* In the order of the runs: a row may say what a later one has to avoid */
static const struct tegra241_experiment experiments[] = {
	{ "check-hyp-own", "Does HYP_OWN of a VINTF read back as given?",
	  { "yes", "no" }, .is_check = true, .run = experiment_check_hyp_own },
	{ "reserved", "The value of bits that no field has",
	  { "zero", "kept" }, .run = experiment_reserved },
	{ "slot", "The value of registers of a logical slot without a queue",
	  { "zero", "ones" }, .run = experiment_slot },
	{ "physical", "Does the physical view reach a queue that is not mapped?",
	  { "reaches", "zero" }, .run = experiment_physical },
	{ "order", "A queue is mapped before the one with the number below",
	  { "done", "refused" }, .run = experiment_order },
	{ "slot-twice", "Two queues are mapped to one logical slot",
	  { "refused", "accepted" }, .run = experiment_slot_twice },
	{ "early", "EN of a queue is set while its VINTF is off",
	  { "again", "starts" }, .run = experiment_early },
	{ "levels", "EN of a queue whose VINTF goes off",
	  { "clear", "keep" }, .run = experiment_levels },
	{ "base-live", "BASE is written while the queue is on",
	  { "ignored", "stored" }, .run = experiment_base_live },
	{ "cons-live", "CONS is written while the queue is on",
	  { "ignored", "stored" }, .run = experiment_cons_live },
	{ "size-large", "LOG2SIZE is more than IDR1.CMDQS",
	  { "init-error", "runs" }, .run = experiment_size_large },
	{ "cs", "CMD_SYNC with a completion signal",
	  { "illegal", "ignored" }, .run = experiment_cs },
	{ "refusal", "The code of a command that is not for a guest",
	  { "illegal", "access" }, .run = experiment_refusal },
	{ "cons-err", "CONS.ERR after the error is acknowledged",
	  { "cleared", "kept" }, .run = experiment_cons_err },
	{ "gerror", "GERROR of a queue that is mapped again",
	  { "kept", "cleared" }, .run = experiment_gerror },
	{ "check-maps", "Do all error maps show an error until it is acknowledged?",
	  { "yes", "no" }, .is_check = true, .run = experiment_check_maps },
	{ "check-edges", "Does each new error interrupt once?",
	  { "yes", "no" }, .is_check = true, .run = experiment_check_edges },
	{ "int-mask", "A bit of VINTF_INT_MASK is set",
	  { "masks", "nothing" }, .run = experiment_int_mask },
	{ "masked-edge", "The interrupt for an error while it was masked",
	  { "lost", "kept" }, .run = experiment_masked_edge },
	{ "disable", "EN goes to 0 with commands left",
	  { "drops", "drains" }, .run = experiment_disable },
	{ "unmapped", "A queue is unmapped while it is on",
	  { "stops", "runs" }, .run = experiment_unmapped },
	{ "sid-miss", "ATC_INV with a StreamID that no slot has",
	  { "refused", "dropped" }, .run = experiment_sid_miss },
	{ "vsid", "Bits of a virtual StreamID that are compared with a slot",
	  { "32-bits", "20-bits" }, .run = experiment_vsid },
	/* No experiment decides these */
	{ "off-late", "A level goes off, until STATUS follows",
	  { "works", "stops" }, .reason = "STATUS may follow before the next access" },
	{ "superseded", "A change of EN that STATUS has not followed when EN changes again",
	  { "dropped", "finished" }, .reason = "STATUS may follow between two writes" },
	{ "unmapped-edge", "The interrupt for an error of a queue that is not mapped",
	  { "comes", "none" }, .reason = "no map tells the handler of such an error" },
	/* These may raise an SError */
	{ "base-zero", "A queue goes on with BASE = 0",
	  { "runs", "init-error" }, .dangerous = true, .run = experiment_base_zero },
	{ "unreadable", "A queue goes on whose memory does not exist",
	  { "init-error", "runs" }, .dangerous = true, .run = experiment_unreadable },
	{ "width", "Reads of 1, 2 and 8 bytes in page 0, whose registers have 4",
	  { "zero", "part" }, .dangerous = true, .run = experiment_width },
};

/* Parts of experiments */

/**
 * experiment_saw() - Add to the observation of a row
 * @run: The run
 * @fmt: As for printf()
 */
void experiment_saw(struct tegra241_run *run, const char *fmt, ...)
{
	size_t length = strlen(run->seen);
	va_list args;

	va_start(args, fmt);
	vscnprintf(run->seen + length, sizeof(run->seen) - length, fmt, args);
	va_end(args);
}

/* True if the bits of the register become this within the time of a step */
bool experiment_poll(const void __iomem *reg, u32 mask, u32 value)
{
	u32 now;

	return !read_poll_timeout(cmdqv_readl, now, (now & mask) == value, 10,
				  tegra241_cmdqv_timeout_us(EXPERIMENT_TIMEOUT_US),
				  false, reg);
}

/* A register of page 0, by the logical view */
u32 experiment_read(struct tegra241_run *run, u16 lidx, unsigned int reg)
{
	return cmdqv_readl(tegra241_lvcmdq_regs(&run->vintf, lidx).page0 + reg);
}

void experiment_write(struct tegra241_run *run, u16 lidx, unsigned int reg, u32 value)
{
	cmdqv_writel(value, tegra241_lvcmdq_regs(&run->vintf, lidx).page0 + reg);
}

u32 experiment_alloc_map(struct tegra241_run *run, u16 lidx)
{
	return cmdqv_readl(run->cmdqv->base +
			   CMDQV_ALLOC_MAP(tegra241_vcmdq_idx(&run->vintf, lidx)));
}

/* The queue that the partition gives to slot @vcmdq of the VINTF becomes slot @lidx */
void experiment_set_alloc_map(struct tegra241_run *run, u16 vcmdq, u16 lidx, bool allocated)
{
	cmdqv_writel(cmdqv_alloc_map_encode(run->vintf.idx, lidx, allocated),
		     run->cmdqv->base +
			     CMDQV_ALLOC_MAP(tegra241_vcmdq_idx(&run->vintf, vcmdq)));
}

/* EN of the VINTF, without anything that the driver does around it */
bool experiment_switch_vintf(struct tegra241_run *run, bool on)
{
	u32 config = FIELD_PREP(VINTF_CONFIG_VMID, run->vintf.vmid);

	cmdqv_writel(config | (on ? CMDQV_EN : 0), run->vintf.base + VINTF_CONFIG);
	if (experiment_poll(run->vintf.base + VINTF_STATUS, CMDQV_EN, on))
		return true;
	experiment_saw(run, "the VINTF does not go %s; ", str_on_off(on));
	return false;
}

/* Map queue @lidx, those below it are mapped, and give it the first ring */
bool experiment_map(struct tegra241_run *run, u16 lidx)
{
	size_t bytes = (size_t)1 << (run->log2size + VCMDQ_ENTRY_LOG2);
	int ret = tegra241_lvcmdq_map(&run->vintf);

	if (!ret)
		ret = tegra241_lvcmdq_set_base(&run->vintf, lidx, run->dma, bytes);
	run->prod = 0;
	if (ret)
		experiment_saw(run, "no queue: %d; ", ret);
	return !ret;
}

/* The same, and on */
bool experiment_queue(struct tegra241_run *run, u16 lidx)
{
	int ret;

	if (!experiment_map(run, lidx))
		return false;
	ret = tegra241_lvcmdq_enable(&run->vintf, lidx);
	if (ret)
		experiment_saw(run, "the queue does not go on: %d; ", ret);
	return !ret;
}

/* Write a command to an entry of a ring; returns the index of the next one */
u32 experiment_ring(struct tegra241_run *run, unsigned int ring, u32 index, u64 word0, u64 word1)
{
	u32 size = BIT(run->log2size);
	u64 *entry = run->rings + 2 * (ring * size + (index & (size - 1)));

	entry[0] = (__force u64)cpu_to_le64(word0);
	entry[1] = (__force u64)cpu_to_le64(word1);
	return (index + 1) & (2 * size - 1);
}

u32 experiment_put(struct tegra241_run *run, u64 word0, u64 word1)
{
	run->prod = experiment_ring(run, 0, run->prod, word0, word1);
	return run->prod;
}

/* Execute a command in queue 0; returns CONS */
u32 experiment_issue(struct tegra241_run *run, u64 word0, u64 word1)
{
	experiment_write(run, 0, VCMDQ_PROD, experiment_put(run, word0, word1));
	return experiment_wait(run);
}

/* Wait until queue 0 has consumed all, or is in error; returns CONS */
u32 experiment_wait(struct tegra241_run *run)
{
	void __iomem *page0 = tegra241_lvcmdq_regs(&run->vintf, 0).page0;
	u32 cons;

	read_poll_timeout(cmdqv_readl, cons,
			  (cons & VCMDQ_INDEX) == run->prod ||
			  cmdqv_readl(page0 + VCMDQ_GERROR) !=
				  cmdqv_readl(page0 + VCMDQ_GERRORN),
			  10, tegra241_cmdqv_timeout_us(EXPERIMENT_TIMEOUT_US), false,
			  page0 + VCMDQ_CONS);
	return cmdqv_readl(page0 + VCMDQ_CONS);
}

void experiment_acknowledge(struct tegra241_run *run)
{
	experiment_write(run, 0, VCMDQ_GERRORN, experiment_read(run, 0, VCMDQ_GERROR));
}

/* Make the command at which queue 0 has stopped a CMD_SYNC, and let it go on */
void experiment_recover(struct tegra241_run *run)
{
	u32 index = experiment_read(run, 0, VCMDQ_CONS) & VCMDQ_INDEX;

	while (index != run->prod)
		index = experiment_ring(run, 0, index, CMDQ_OP_CMD_SYNC, 0);
	experiment_acknowledge(run);
	experiment_wait(run);
}

/* True if the handler has found an error of the VINTF since it was counted */
bool experiment_interrupted(struct tegra241_run *run, int before)
{
	int now;

	return !read_poll_timeout(atomic_read, now, now != before, 100,
				  tegra241_cmdqv_timeout_us(EXPERIMENT_TIMEOUT_US),
				  false, &run->interrupts);
}

/* The run */

static void tegra241_run_errors(struct tegra241_vintf *vintf, const u64 *maps)
{
	struct tegra241_run *run = container_of(vintf, struct tegra241_run, vintf);

	atomic_inc(&run->interrupts);
}

static s64 tegra241_find_ats_sid(struct arm_smmu_device *smmu)
{
	struct rb_node *node;

	guard(mutex)(&smmu->streams_mutex);
	for (node = rb_first(&smmu->streams); node; node = rb_next(node)) {
		struct arm_smmu_stream *stream =
			rb_entry(node, struct arm_smmu_stream, node);

		if (stream->master->ats_enabled)
			return stream->id;
	}
	return -1;
}

static bool tegra241_queue_is_clean(struct tegra241_run *run, u16 lidx)
{
	struct tegra241_vcmdq_regs regs = tegra241_phys_vcmdq_regs(&run->vintf, lidx);

	return !(experiment_alloc_map(run, lidx) & CMDQV_ALLOC_ALLOCATED) &&
	       !cmdqv_readl(regs.page0 + VCMDQ_CONFIG) &&
	       !(cmdqv_readl(regs.page0 + VCMDQ_STATUS) & CMDQV_EN) &&
	       !cmdqv_readl(regs.page0 + VCMDQ_PROD) &&
	       cmdqv_readl(regs.page0 + VCMDQ_GERROR) ==
		       cmdqv_readl(regs.page0 + VCMDQ_GERRORN) &&
	       !cmdqv_readq(regs.page1 + VCMDQ_BASE);
}

static bool tegra241_vintf_is_clean(struct tegra241_run *run)
{
	const struct tegra241_vintf *vintf = &run->vintf;
	unsigned int i;

	if ((cmdqv_readl(vintf->base + VINTF_CONFIG) |
	     cmdqv_readl(vintf->base + VINTF_STATUS)) & CMDQV_EN)
		return false;
	for (i = 0; i < vintf->cmdqv->num_sids; i++)
		if (cmdqv_readl(vintf->base + VINTF_SID_MATCH(i)) ||
		    cmdqv_readl(vintf->base + VINTF_SID_REPLACE(i)))
			return false;
	for (i = 0; i < vintf->cmdqv->num_lvcmdqs; i++)
		if (!tegra241_queue_is_clean(run, i))
			return false;
	return true;
}

/* The driver's own teardown ends an experiment, in whatever state it has left the VINTF */
static void tegra241_run_clean(struct tegra241_run *run)
{
	struct tegra241_vintf *vintf = &run->vintf;
	u16 l;

	if (vintf->retired)
		return;
	for (l = vintf->cmdqv->num_lvcmdqs; l > 0; l--)
		experiment_set_alloc_map(run, l - 1, l - 1, false);
	vintf->num_mapped = 0;
	while (vintf->num_mapped < vintf->cmdqv->num_lvcmdqs)
		if (tegra241_lvcmdq_map(vintf))
			break;
	if (tegra241_vintf_disable(vintf) || tegra241_vintf_is_clean(run))
		return;
	tegra241_vintf_retire(vintf);
}

static const char *tegra241_answer(const struct tegra241_experiment *e,
				   enum tegra241_verdict verdict)
{
	static const char * const others[] = {
		[EXPERIMENT_OTHER] = "other",
		[EXPERIMENT_UNDECIDED] = "undecided",
		[EXPERIMENT_NOT_ASKED] = "not-asked",
		[EXPERIMENT_NOT_RUN] = "not-run",
	};

	return verdict < EXPERIMENT_OTHER ? e->answers[verdict] : others[verdict];
}

static enum tegra241_verdict tegra241_run_one(struct tegra241_run *run,
					      const struct tegra241_experiment *e)
{
	enum tegra241_verdict verdict;

	if (!e->run) {
		experiment_saw(run, "%s", e->reason);
		return EXPERIMENT_UNDECIDED;
	}
	dev_dbg(run->cmdqv->dev, "experiment %s\n", e->name);
	if (tegra241_vintf_enable(&run->vintf, false)) {
		experiment_saw(run, "the VINTF does not go on");
		return EXPERIMENT_UNDECIDED;
	}
	verdict = e->run(run);
	tegra241_run_clean(run);
	if (run->vintf.retired)
		experiment_saw(run, "; the VINTF was retired");
	return verdict;
}

static bool tegra241_is_asked(const struct tegra241_experiment *e, const char *request)
{
	size_t length = strlen(e->name);
	const char *word = request;

	if (!e->dangerous && (!strcmp(request, "safe") || !strncmp(request, "safe ", 5)))
		return true;
	for (; (word = strstr(word, e->name)); word += length)
		if ((word == request || word[-1] == ' ') &&
		    (!word[length] || word[length] == ' '))
			return true;
	return false;
}

static void tegra241_run_asked(struct tegra241_run *run, const char *request,
			       struct seq_buf *report)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(experiments); i++) {
		const struct tegra241_experiment *e = &experiments[i];
		enum tegra241_verdict verdict = EXPERIMENT_NOT_ASKED;

		run->seen[0] = 0;
		if (run->vintf.retired)
			verdict = EXPERIMENT_NOT_RUN;
		else if (tegra241_is_asked(e, request))
			verdict = tegra241_run_one(run, e);
		seq_buf_printf(report, "%s\t%s%s\t%s\t%s\t%s\t%s\n",
			       e->is_check ? "check" : "row", e->is_check ? "" : "alt-",
			       e->name, tegra241_answer(e, verdict), e->answers[0],
			       e->question, run->seen[0] ? run->seen : "-");
	}
	seq_buf_printf(report, "end\tVINTF%u\t%s\n", run->vintf.idx,
		       run->vintf.retired ? "retired" : "clean");
}

static int tegra241_run_memory(struct tegra241_run *run, size_t *bytes)
{
	run->log2size = min(run->cmdqv->max_log2size, EXPERIMENT_MAX_LOG2SIZE);
	*bytes = (size_t)2 << (run->log2size + VCMDQ_ENTRY_LOG2);
	run->rings = tegra241_cmdqv_dma_alloc(&run->cmdqv->smmu, *bytes, &run->dma,
					      GFP_KERNEL);
	return run->rings ? 0 : -ENOMEM;
}

/* With cmdqv->lock held exclusively */
static int tegra241_run_on_vintf(struct tegra241_run *run, const char *request,
				 struct seq_buf *report)
{
	struct tegra241_cmdqv *cmdqv = run->cmdqv;
	struct ida *vmids = &cmdqv->smmu.vmid_map;
	size_t bytes;
	int idx, vmid, ret;

	if (!cmdqv->running)
		return -ENODEV;
	for (idx = 1; idx < cmdqv->num_vintfs; idx++)
		if (cmdqv->vintfs[idx])
			return -EBUSY;
	if (cmdqv->num_vintfs == 1)
		return -ENOSPC;
	idx = ida_alloc_range(&cmdqv->vintf_ids, 1, cmdqv->num_vintfs - 1, GFP_KERNEL);
	if (idx < 0)
		return idx;
	vmid = ida_alloc_range(vmids, 1, BIT(cmdqv->smmu.vmid_bits) - 1, GFP_KERNEL);
	if (vmid < 0) {
		ret = vmid;
		goto err_idx;
	}
	ret = tegra241_run_memory(run, &bytes);
	if (ret)
		goto err_vmid;

	tegra241_vintf_init(&run->vintf, cmdqv, idx, vmid);
	run->vintf.handle_errors = tegra241_run_errors;
	tegra241_cmdqv_publish_vintf(&run->vintf);
	tegra241_run_asked(run, request, report);
	tegra241_cmdqv_unpublish_vintf(&run->vintf);
	if (run->vintf.retired)
		return 0;

	tegra241_cmdqv_dma_free(&cmdqv->smmu, bytes, run->rings, run->dma);
err_vmid:
	ida_free(vmids, vmid);
err_idx:
	ida_free(&cmdqv->vintf_ids, idx);
	return ret;
}

static int tegra241_run_experiments(struct tegra241_cmdqv *cmdqv, const char *request)
{
	struct tegra241_experimenter *x = cmdqv->experimenter;
	struct tegra241_run *run __free(kfree) = kzalloc(sizeof(*run), GFP_KERNEL);

	if (!run)
		return -ENOMEM;
	run->cmdqv = cmdqv;
	run->ats_sid = tegra241_find_ats_sid(&cmdqv->smmu);

	guard(mutex)(&x->lock);
	guard(rwsem_write)(&cmdqv->lock);
	seq_buf_clear(&x->report);
	dev_warn(cmdqv->dev, "experiments on the hardware: %s\n", request);
	return tegra241_run_on_vintf(run, request, &x->report);
}

/* debugfs */

static bool tegra241_request_is_valid(const char *request)
{
	const char *word = request;

	for (;;) {
		size_t length = strcspn(word, " ");
		bool known = length == 4 && !strncmp(word, "safe", 4) && word == request;
		unsigned int i;

		for (i = 0; i < ARRAY_SIZE(experiments); i++)
			known |= strlen(experiments[i].name) == length &&
				 !strncmp(word, experiments[i].name, length);
		if (!known)
			return false;
		if (!word[length])
			return true;
		word += length + 1;
	}
}

static ssize_t tegra241_experiments_write(struct file *file, const char __user *buf,
					  size_t count, loff_t *pos)
{
	char *request __free(kfree) = NULL;
	struct seq_file *m = file->private_data;
	char *text;
	int ret;

	if (count > MAX_REQUEST)
		return -EINVAL;
	text = memdup_user_nul(buf, count);
	if (IS_ERR(text))
		return PTR_ERR(text);
	request = text;
	text = strim(text);
	if (strlen(text) + 1 < count || !tegra241_request_is_valid(text))
		return -EINVAL;
	ret = tegra241_run_experiments(m->private, text);
	return ret ? ret : count;
}

static int tegra241_experiments_show(struct seq_file *m, void *v)
{
	struct tegra241_cmdqv *cmdqv = m->private;
	struct tegra241_experimenter *x = cmdqv->experimenter;

	guard(mutex)(&x->lock);
	seq_write(m, x->found.buffer, seq_buf_used(&x->found));
	seq_write(m, x->report.buffer, seq_buf_used(&x->report));
	return 0;
}

static int tegra241_experiments_open(struct inode *inode, struct file *file)
{
	return single_open_size(file, tegra241_experiments_show, inode->i_private,
				2 * REPORT_SIZE);
}

static const struct file_operations tegra241_experiments_fops = {
	.owner = THIS_MODULE,
	.llseek = seq_lseek,
	.open = tegra241_experiments_open,
	.read = seq_read,
	.release = single_release,
	.write = tegra241_experiments_write,
};

/* Registers at the probe */

static void tegra241_note(struct tegra241_experimenter *x, const char *name, int number,
			  u32 value)
{
	if (number < 0)
		seq_buf_printf(&x->found, "found\t%s\t0x%08x\n", name, value);
	else if (value)
		seq_buf_printf(&x->found, "found\t%s(%d)\t0x%08x\n", name, number, value);
}

static void tegra241_note_vintf(struct tegra241_cmdqv *cmdqv, u16 v)
{
	void __iomem *base = cmdqv->base + CMDQV_VINTF(v);
	struct tegra241_experimenter *x = cmdqv->experimenter;

	tegra241_note(x, "VINTF_CONFIG", v, cmdqv_readl(base + VINTF_CONFIG));
	tegra241_note(x, "VINTF_STATUS", v, cmdqv_readl(base + VINTF_STATUS));
}

static void tegra241_note_vcmdq(struct tegra241_cmdqv *cmdqv, u16 q)
{
	static const struct {
		const char *name;
		unsigned int reg;
	} regs[] = {
		{ "CONS", VCMDQ_CONS },
		{ "PROD", VCMDQ_PROD },
		{ "CONFIG", VCMDQ_CONFIG },
		{ "STATUS", VCMDQ_STATUS },
		{ "GERROR", VCMDQ_GERROR },
		{ "GERRORN", VCMDQ_GERRORN },
	};
	void __iomem *page0 = cmdqv->base + CMDQV_VCMDQ_PAGE0 + VCMDQ_STRIDE * q;
	struct tegra241_experimenter *x = cmdqv->experimenter;
	unsigned int i;
	char name[16];

	tegra241_note(x, "CMDQ_ALLOC_MAP", q,
		      cmdqv_readl(cmdqv->base + CMDQV_ALLOC_MAP(q)));
	for (i = 0; i < ARRAY_SIZE(regs); i++) {
		snprintf(name, sizeof(name), "VCMDQ_%s", regs[i].name);
		tegra241_note(x, name, q, cmdqv_readl(page0 + regs[i].reg));
	}
}

static void tegra241_note_all(struct tegra241_cmdqv *cmdqv)
{
	unsigned int i, vcmdqs = cmdqv->num_vintfs * cmdqv->num_lvcmdqs;
	struct tegra241_experimenter *x = cmdqv->experimenter;

	tegra241_note(x, "CONFIG", -1, cmdqv_readl(cmdqv->base + CMDQV_CONFIG));
	tegra241_note(x, "PARAM", -1, cmdqv_readl(cmdqv->base + CMDQV_PARAM));
	tegra241_note(x, "STATUS", -1, cmdqv_readl(cmdqv->base + CMDQV_STATUS));
	for (i = 0; i < 2; i++) {
		tegra241_note(x, "VINTF_ERR_MAP", i,
			      cmdqv_readl(cmdqv->base + CMDQV_VINTF_ERR_MAP(i)));
		tegra241_note(x, "VINTF_INT_MASK", i,
			      cmdqv_readl(cmdqv->base + CMDQV_VINTF_INT_MASK(i)));
	}
	for (i = 0; i < CMDQV_CMDQ_ERR_MAPS; i++)
		tegra241_note(x, "CMDQ_ERR_MAP", i,
			      cmdqv_readl(cmdqv->base + CMDQV_CMDQ_ERR_MAP(i)));
	for (i = 0; i < cmdqv->num_vintfs; i++)
		tegra241_note_vintf(cmdqv, i);
	for (i = 0; i < vcmdqs; i++)
		tegra241_note_vcmdq(cmdqv, i);
}

/**
 * tegra241_experiments_add() - Note the registers as they are, offer experiments to root
 * @cmdqv: The hardware, with its geometry known and a debugfs directory; the driver has
 *         written no register
 *
 * Does nothing without the parameter cmdqv_experiments. Registers with a number are noted
 * if they are not 0.
 */
void tegra241_experiments_add(struct tegra241_cmdqv *cmdqv)
{
	struct tegra241_experimenter *x;

	if (!tegra241_experiments)
		return;
	x = kzalloc(sizeof(*x), GFP_KERNEL);
	if (!x)
		return;
	x->text = kvmalloc(2 * REPORT_SIZE, GFP_KERNEL);
	if (!x->text) {
		kfree(x);
		return;
	}
	mutex_init(&x->lock);
	seq_buf_init(&x->found, x->text, REPORT_SIZE);
	seq_buf_init(&x->report, x->text + REPORT_SIZE, REPORT_SIZE);
	cmdqv->experimenter = x;
	tegra241_note_all(cmdqv);
	debugfs_create_file("experiments", 0600, cmdqv->debugfs, cmdqv,
			    &tegra241_experiments_fops);
}

/**
 * tegra241_experiments_remove() - Free what the probe noted
 * @cmdqv: The hardware; its debugfs directory is gone
 */
void tegra241_experiments_remove(struct tegra241_cmdqv *cmdqv)
{
	struct tegra241_experimenter *x = cmdqv->experimenter;

	if (!x)
		return;
	cmdqv->experimenter = NULL;
	mutex_destroy(&x->lock);
	kvfree(x->text);
	kfree(x);
}
