/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Experiments on CMDQ-V: what the frame and the experiments share.
 *
 *	tegra241-cmdqv-experiment.c	   the frame: permission, VINTF, memory, report
 *	tegra241-cmdqv-experiment-map.c	   experiments on VINTFs and the allocation map
 *	tegra241-cmdqv-experiment-queue.c  experiments on one queue
 */
#ifndef _TEGRA241_CMDQV_EXPERIMENT_H
#define _TEGRA241_CMDQV_EXPERIMENT_H

#include <linux/atomic.h>
#include <linux/sizes.h>

#include "tegra241-cmdqv.h"

/* The time that each step of an experiment may take */
#define EXPERIMENT_TIMEOUT_US	100000
/* Two rings of the size, one after the other */
#define EXPERIMENT_MAX_LOG2SIZE	12

#define VCMDQ_GERROR_CMDQ_ERR	BIT(0)
#define VCMDQ_GERROR_INIT_ERR	BIT(2)
#define VCMDQ_INDEX		GENMASK(19, 0)
#define VCMDQ_CONS_ERR		GENMASK(30, 24)

/* CONS.ERR */
#define CMDQV_ERR_ILL		1
#define CMDQV_ERR_ATC		3
#define CMDQV_ERR_ACCESS	4

/* An opcode that the SMMUv3 does not define */
#define CMDQV_OP_UNDEFINED	0xff

/* One bit for each VINTF, set: no interrupt for its errors */
#define CMDQV_VINTF_INT_MASK(m)	(0x001c + 4 * (m))

enum tegra241_verdict {
	EXPERIMENT_FIRST,
	EXPERIMENT_SECOND,
	EXPERIMENT_OTHER,
	EXPERIMENT_UNDECIDED,
	EXPERIMENT_NOT_ASKED,
	EXPERIMENT_NOT_RUN,
};

/**
 * struct tegra241_run - A run of experiments
 * @cmdqv: The hardware
 * @vintf: The VINTF of the run
 * @rings: Two rings of commands
 * @dma: Their address
 * @log2size: log2 of the number of entries of a ring
 * @prod: Next entry of the first ring to write, with the wrap bit
 * @interrupts: How often the handler has found errors of the VINTF
 * @ats_sid: StreamID of a device with ATS on, or -1
 * @seen: Observation of the experiment that runs
 */
struct tegra241_run {
	struct tegra241_cmdqv *cmdqv;
	struct tegra241_vintf vintf;
	u64 *rings;
	dma_addr_t dma;
	unsigned int log2size;
	u32 prod;
	atomic_t interrupts;
	s64 ats_sid;
	char seen[384];
};

/**
 * struct tegra241_experiment - Question to the hardware
 * @name: Of the row; "alt-" in front gives the property of the hardware model
 * @question: In words
 * @answers: The model's default, and the other answer that it knows
 * @dangerous: May raise an SError or stop the bus; runs if asked for by name
 * @is_check: The first answer is a known fact, so the model has no other
 * @run: Does it on an enabled VINTF without queues, NULL if no experiment decides
 * @reason: Why none does
 */
struct tegra241_experiment {
	const char *name;
	const char *question;
	const char *answers[2];
	bool dangerous;
	bool is_check;
	enum tegra241_verdict (*run)(struct tegra241_run *run);
	const char *reason;
};

/* tegra241-cmdqv-experiment.c */
__printf(2, 3) void experiment_saw(struct tegra241_run *run, const char *fmt, ...);
bool experiment_poll(const void __iomem *reg, u32 mask, u32 value);
u32 experiment_read(struct tegra241_run *run, u16 lidx, unsigned int reg);
void experiment_write(struct tegra241_run *run, u16 lidx, unsigned int reg, u32 value);
u32 experiment_alloc_map(struct tegra241_run *run, u16 lidx);
void experiment_set_alloc_map(struct tegra241_run *run, u16 vcmdq, u16 lidx, bool allocated);
bool experiment_switch_vintf(struct tegra241_run *run, bool on);
bool experiment_map(struct tegra241_run *run, u16 lidx);
bool experiment_queue(struct tegra241_run *run, u16 lidx);
u32 experiment_ring(struct tegra241_run *run, unsigned int ring, u32 index, u64 word0, u64 word1);
u32 experiment_put(struct tegra241_run *run, u64 word0, u64 word1);
u32 experiment_issue(struct tegra241_run *run, u64 word0, u64 word1);
u32 experiment_wait(struct tegra241_run *run);
void experiment_acknowledge(struct tegra241_run *run);
void experiment_recover(struct tegra241_run *run);
bool experiment_interrupted(struct tegra241_run *run, int before);

/* tegra241-cmdqv-experiment-map.c */
enum tegra241_verdict experiment_check_hyp_own(struct tegra241_run *run);
enum tegra241_verdict experiment_early(struct tegra241_run *run);
enum tegra241_verdict experiment_levels(struct tegra241_run *run);
enum tegra241_verdict experiment_order(struct tegra241_run *run);
enum tegra241_verdict experiment_physical(struct tegra241_run *run);
enum tegra241_verdict experiment_reserved(struct tegra241_run *run);
enum tegra241_verdict experiment_width(struct tegra241_run *run);
enum tegra241_verdict experiment_slot(struct tegra241_run *run);
enum tegra241_verdict experiment_slot_twice(struct tegra241_run *run);
enum tegra241_verdict experiment_unmapped(struct tegra241_run *run);

/* tegra241-cmdqv-experiment-queue.c */
enum tegra241_verdict experiment_base_live(struct tegra241_run *run);
enum tegra241_verdict experiment_base_zero(struct tegra241_run *run);
enum tegra241_verdict experiment_check_edges(struct tegra241_run *run);
enum tegra241_verdict experiment_check_maps(struct tegra241_run *run);
enum tegra241_verdict experiment_cons_err(struct tegra241_run *run);
enum tegra241_verdict experiment_cons_live(struct tegra241_run *run);
enum tegra241_verdict experiment_cs(struct tegra241_run *run);
enum tegra241_verdict experiment_disable(struct tegra241_run *run);
enum tegra241_verdict experiment_gerror(struct tegra241_run *run);
enum tegra241_verdict experiment_int_mask(struct tegra241_run *run);
enum tegra241_verdict experiment_masked_edge(struct tegra241_run *run);
enum tegra241_verdict experiment_refusal(struct tegra241_run *run);
enum tegra241_verdict experiment_sid_miss(struct tegra241_run *run);
enum tegra241_verdict experiment_size_large(struct tegra241_run *run);
enum tegra241_verdict experiment_unreadable(struct tegra241_run *run);
enum tegra241_verdict experiment_vsid(struct tegra241_run *run);

#endif
