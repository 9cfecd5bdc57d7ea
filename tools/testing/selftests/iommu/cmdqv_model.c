// SPDX-License-Identifier: GPL-2.0
/*
 * The counters of the CMDQ-V model, read through the window of the DMA test
 * device. The model counts by physical queue and page; this file adds the counts
 * up by owner. With N queues in a VINTF, queue q belongs to VINTF q / N, and VINTF
 * 0 to the host.
 */
#include <string.h>

#include "cmdqv_model.h"
#include "../../qemu/pci-dma-test-regs.h"

#define OPCODE_TLBI_NH_ASID	0x11
#define OPCODE_TLBI_NH_VA	0x12

static void add_queue(struct dma_dev *dev, unsigned int q,
		      struct model_queue_counts *counts)
{
	unsigned int at = CMDQV_WIN_QUEUE(q);

	counts->commands += dma_window(dev, at + CMDQV_WIN_Q_COMMANDS);
	counts->sync += dma_window(dev, at + CMDQV_WIN_Q_SYNCS);
	counts->tlbi_nh_va += dma_window(dev, at + CMDQV_WIN_Q_TLBI_NH_VA);
	counts->tlbi_nh_asid += dma_window(dev, at + CMDQV_WIN_Q_TLBI_NH_ASID);
	counts->errors += dma_window(dev, at + CMDQV_WIN_Q_ERRORS);
}

void model_read(struct dma_dev *dev, struct model_counts *counts)
{
	unsigned int vintfs = dma_window(dev, CMDQV_WIN_VINTFS);
	unsigned int queues = dma_window(dev, CMDQV_WIN_VCMDQS);
	struct model_queue_counts *main = &counts->main;
	unsigned int v, q;

	memset(counts, 0, sizeof(*counts));
	if (dma_window(dev, CMDQV_WIN_ID) != CMDQV_WIN_ID_VALUE || !vintfs)
		return;
	for (q = queues / vintfs; q < queues; q++)
		add_queue(dev, q, &counts->guest);
	for (v = 1; v < vintfs; v++) {
		unsigned int at = CMDQV_WIN_VINTF(v);

		counts->guest.mmio_reads +=
			dma_window(dev, at + CMDQV_WIN_PAGE0_READS);
		counts->guest.mmio_writes +=
			dma_window(dev, at + CMDQV_WIN_PAGE0_WRITES);
	}
	main->commands = dma_window(dev, CMDQV_WIN_MAIN_COMMANDS);
	main->sync = dma_window(dev, CMDQV_WIN_MAIN_SYNCS);
	main->errors = dma_window(dev, CMDQV_WIN_MAIN_ERRORS);
	main->tlbi_nh_va = dma_window(
		dev, CMDQV_WIN_MAIN_OPCODE(OPCODE_TLBI_NH_VA));
	main->tlbi_nh_asid = dma_window(
		dev, CMDQV_WIN_MAIN_OPCODE(OPCODE_TLBI_NH_ASID));
	counts->smmu.mmio_reads = dma_window(dev, CMDQV_WIN_SMMU_READS);
	counts->smmu.mmio_writes = dma_window(dev, CMDQV_WIN_SMMU_WRITES);
	counts->interrupts = dma_window(dev, CMDQV_WIN_INTERRUPTS);
	counts->strict_host = dma_window(dev, CMDQV_WIN_STRICT);
	counts->strict_guest = dma_window(dev, CMDQV_WIN_STRICT_GUEST);
}

/* All counters are __u64, so the structures can be used as arrays. */
void model_subtract(const struct model_counts *after,
		    const struct model_counts *before,
		    struct model_counts *result)
{
	const __u64 *a = (const __u64 *)after;
	const __u64 *b = (const __u64 *)before;
	__u64 *r = (__u64 *)result;
	unsigned int i;

	for (i = 0; i < sizeof(*result) / sizeof(*r); i++)
		r[i] = a[i] - b[i];
}

/* The sum of @counter of the queues of VINTF 0 */
static __u64 vintf0_sum(struct dma_dev *dev, unsigned int counter)
{
	unsigned int q = dma_window(dev, CMDQV_WIN_VCMDQS) /
			 dma_window(dev, CMDQV_WIN_VINTFS);
	__u64 sum = 0;

	while (q--)
		sum += dma_window(dev, CMDQV_WIN_QUEUE(q) + counter);
	return sum;
}

/* Commands of the host so far, on the SMMU's own queue and on those of VINTF 0 */
__u64 model_host_commands(struct dma_dev *dev)
{
	return dma_window(dev, CMDQV_WIN_MAIN_COMMANDS) +
	       vintf0_sum(dev, CMDQV_WIN_Q_COMMANDS);
}

/* Those with @opcode, for which a queue has @counter */
__u64 model_host_opcode(struct dma_dev *dev, unsigned int opcode,
			unsigned int counter)
{
	return dma_window(dev, CMDQV_WIN_MAIN_OPCODE(opcode)) +
	       vintf0_sum(dev, counter);
}

__u32 model_last_atc_sid(struct dma_dev *dev)
{
	return dma_window(dev, CMDQV_WIN_LAST_ATC_SID);
}

/* Name of order rule @i in @name, and the number of times that the host broke it */
int model_rule(struct dma_dev *dev, unsigned int i, char name[32], __u64 *count)
{
	__u64 part;
	unsigned int k;

	if (i >= dma_window(dev, CMDQV_WIN_RULES))
		return 0;
	for (k = 0; k < 32; k += sizeof(part)) {
		part = dma_window(dev, CMDQV_WIN_RULE_NAME(i) + k);
		memcpy(name + k, &part, sizeof(part));
	}
	name[31] = 0;
	*count = dma_window(dev, CMDQV_WIN_RULE(i));
	return 1;
}
