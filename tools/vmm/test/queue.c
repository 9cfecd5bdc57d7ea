// SPDX-License-Identifier: GPL-2.0
/*
 * The command queue of a guest in memory of this program, on a kernel that executes a batch
 * or fails. The guest repairs its queue as Linux does. However a batch fails, each command
 * has been executed when CONS is past the CMD_SYNC behind it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../smmu.h"

#define BITS		8
#define SIZE		(1u << BITS)
#define RING		VMM_RAM
#define CMD_CFGI_STE	0x03
#define CMD_TLBI_NH_VA	0x12
#define CMD_SYNC	0x46
#define CERROR_ILL	1
#define REPAIRS_MAX	8

/* Counts of a kernel after a failure: this project's, and mainline's where that differs */
enum counts { OURS, MAINLINE };

/* The ioctl with this number fails, or all from it on, with a command that it refuses, or without */
static struct {
	unsigned int ioctl;
	bool for_good;
	int rc;
	unsigned int refused;
	enum counts counts;
} fault;

static struct viommu_cmd ring[SIZE];
static bool executed[SIZE];
static unsigned int ioctls, updates, repairs;
static bool update_early;
static unsigned int done, bad;

struct viommu_batch {
	struct viommu_cmd cmds[VIOMMU_BATCH_MAX];
	unsigned int num, done;
};

void *ram_at(struct vmm *vmm, uint64_t gpa, uint64_t size)
{
	return gpa == RING && size == sizeof(ring) ? ring : NULL;
}

void smmu_error(struct vmm *vmm, uint32_t error)
{
	vmm->smmu->gerror ^= error;
}

/* An update of the stream table comes behind the commands before it */
void smmu_stream_update(struct vmm *vmm)
{
	unsigned int i;

	updates++;
	for (i = 0; (ring[i].w[0] & 0xff) != CMD_CFGI_STE; i++)
		update_early |= !executed[i];
}

int viommu_batch_flush(struct viommu_batch *batch)
{
	bool fails = ++ioctls == fault.ioctl || (fault.for_good && ioctls > fault.ioctl);
	unsigned int i, num = fails ? fault.refused : batch->num;

	for (i = 0; i < num; i++)
		executed[batch->cmds[i].w[1]] = true;
	batch->done = num;
	if (fails && fault.rc != -EIO && fault.counts == MAINLINE)
		batch->done = batch->num - 1;
	batch->num = 0;
	return fails ? fault.rc : 0;
}

int viommu_batch_add(struct viommu_batch *batch, const struct viommu_cmd *cmd)
{
	batch->cmds[batch->num++] = *cmd;
	return batch->num == VIOMMU_BATCH_MAX ? viommu_batch_flush(batch) : 0;
}

uint32_t viommu_batch_done(const struct viommu_batch *batch)
{
	return batch->done;
}

static void check(bool ok, const char *what)
{
	bad += !ok;
	printf("%sok %u %s\n", ok ? "" : "not ", ++done, what);
}

/* An illegal command becomes a CMD_SYNC; after any other error the guest acknowledges */
static void repair(struct smmu *smmu)
{
	struct viommu_cmd *cmd = &ring[smmu->cmdq_cons % SIZE];

	if (smmu->cmdq_cons >> 24 == CERROR_ILL) {
		/* Of another command the guest would lose the effect */
		executed[cmd->w[1]] |= fault.rc == -EIO;
		cmd->w[0] = CMD_SYNC;
	}
	smmu->gerrorn = smmu->gerror;
	repairs++;
}

/*
 * @num commands, of which number @other is the opcode @op, and a CMD_SYNC behind them. Returns
 * false if CONS passes one that was not executed, or if the queue does not come to its end.
 */
static bool run(unsigned int num, unsigned int other, unsigned int op)
{
	struct viommu_batch batch = { .num = 0 };
	struct smmu smmu = {
		.cr0 = SMMU_CR0_CMDQEN,
		.cmdq_base = RING | BITS,
		.cmdq_prod = num + 1,
		.idr = { 0, BITS << 21 },
		.batch = &batch,
	};
	struct vmm vmm = { .smmu = &smmu };
	bool ok = true;
	unsigned int i;

	ioctls = updates = repairs = 0;
	update_early = false;
	memset(executed, 0, sizeof(executed));
	for (i = 0; i <= num; i++)
		ring[i] = (struct viommu_cmd){ { i == num ? CMD_SYNC : CMD_TLBI_NH_VA, i } };
	if (other < num)
		ring[other].w[0] = op;
	for (i = 0; i < REPAIRS_MAX; i++) {
		smmu_queue_run(&vmm);
		if (smmu.gerror == smmu.gerrorn)
			break;
		repair(&smmu);
	}
	for (i = 0; i < num; i++)
		ok &= executed[i] || i == other;
	return ok && smmu.cmdq_cons == num + 1;
}

static void every_error(void)
{
	static const struct {
		int rc;
		enum counts counts;
		const char *what;
	} cases[] = {
		{ -ETIMEDOUT, OURS, "a timeout: all commands before the CMD_SYNC are executed" },
		{ -ETIMEDOUT, MAINLINE, "a timeout on mainline, which counts too many" },
		{ -EFAULT, OURS, "an error that is not the guest's" },
	};
	unsigned int i, num, n, wrong;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		wrong = 0;
		fault.rc = cases[i].rc;
		fault.counts = cases[i].counts;
		/* A batch that ends with the CMD_SYNC, full ones, and one behind those */
		for (num = 1; num <= 3 * VIOMMU_BATCH_MAX; num++)
			for (n = 1; n <= (num + VIOMMU_BATCH_MAX - 1) / VIOMMU_BATCH_MAX; n++) {
				fault.ioctl = n;
				wrong += !run(num, num, 0) || repairs != 1;
			}
		check(!wrong, cases[i].what);
	}
}

static void refused_command(void)
{
	unsigned int n, wrong = 0;

	fault.ioctl = 1;
	fault.rc = -EIO;
	for (n = 0; n < 10; n++) {
		fault.refused = n;
		wrong += !run(10, 10, 0) || repairs != 1;
		wrong += ring[n].w[0] != CMD_SYNC;
	}
	fault.refused = 0;
	check(!wrong, "a refused command: the queue stops there, and all others are executed");
}

static void stream_table(void)
{
	fault.ioctl = 1;
	fault.rc = -ETIMEDOUT;
	check(run(10, 5, CMD_CFGI_STE) && updates == 1 && !update_early,
	      "a timeout before CFGI_STE: the stream table changes behind the repeated commands");
}

static void dead_kernel(void)
{
	fault.ioctl = 1;
	fault.for_good = true;
	fault.rc = -ETIMEDOUT;
	check(!run(10, 10, 0) && repairs == 3 && ioctls == 4,
	      "a kernel that always fails: the queue stops without an error");
	fault.for_good = false;
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n1..7\n");
	check(run(2 * VIOMMU_BATCH_MAX + 1, -1, 0) && ioctls == 3 && !repairs,
	      "commands that are executed");
	every_error();
	refused_command();
	stream_table();
	dead_kernel();
	return bad != 0;
}
