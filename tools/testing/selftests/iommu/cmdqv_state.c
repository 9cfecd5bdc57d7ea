// SPDX-License-Identifier: GPL-2.0
/*
 * CMDQ-V for an administrator: the file "vintfs" in debugfs shows the state of the
 * registers, while VMs come and go; the tracepoints report creation and
 * destruction.
 */
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "cmdqv_test.h"
#include "cmdqv_events.h"
#include "cmdqv_regs.h"
#include "write_text.h"

#define VINTFS		"/sys/kernel/debug/iommu/tegra241_cmdqv/*/vintfs"
#define TRACING		"/sys/kernel/tracing/"
#define TEXT_SIZE	(1 << 17)
#define RACE_ROUNDS	24
#define BAD_COMMAND	((struct smmu_cmd){ .w = { CMD_TLBI_NH_ALL, 0 } })

FIXTURE(state) {
	struct cmdqv_vm vm;
	struct cmdqv_regs regs;
	char path[256];
	char *text;
};

FIXTURE_SETUP(state)
{
	glob_t found;

	self->text = malloc(TEXT_SIZE);
	ASSERT_NE(NULL, self->text);
	ASSERT_EQ(0, glob(VINTFS, 0, NULL, &found));
	ASSERT_EQ(1, found.gl_pathc);
	snprintf(self->path, sizeof(self->path), "%s", found.gl_pathv[0]);
	globfree(&found);
	ASSERT_EQ(0, regs_open(&self->regs));
}

FIXTURE_TEARDOWN(state)
{
	regs_close(&self->regs);
	free(self->text);
}

/* The whole file as a string; its length, or -errno */
static int read_text(const char *path, char *text)
{
	int fd = open(path, O_RDONLY), done = 0, n = 0;

	text[0] = 0;
	if (fd < 0)
		return -errno;
	do {
		done += n;
		n = read(fd, text + done, TEXT_SIZE - 1 - done);
	} while (n > 0);
	close(fd);
	text[done] = 0;
	return n < 0 ? -EIO : done;
}

#define EXPECT_TEXT(want) expect(_metadata, self->text, want, 1)
#define EXPECT_NO_TEXT(bad) expect(_metadata, self->text, bad, 0)

static void expect(struct __test_metadata *_metadata, const char *text,
		   const char *part, int there)
{
	EXPECT_EQ(there, !!strstr(text, part))
	{
		TH_LOG("\"%s\" %s:\n%s", part, there ? "is not in" : "is in",
		       text);
	}
}

TEST_F(state, kernel_queues)
{
	ASSERT_LT(0, read_text(self->path, self->text));
	EXPECT_TEXT("VINTF 0: kernel, VMID 0, on, errors 0\n");
	EXPECT_TEXT("  LVCMDQ 0: VCMDQ 0, on, size ");
	EXPECT_TEXT("  LVCMDQ 1: VCMDQ 1, on, size ");
	EXPECT_NO_TEXT("guest");
	EXPECT_NE(0, write_text(self->path, "1"));
}

TEST_F(state, guest_queues)
{
	struct cmdqv_vm *vm = &self->vm;
	struct vcmdq *q;
	__u32 was[VM_QUEUES];
	char want[256];
	int i;

	TEST_BUILD(vm, 0, TEST_LOG2SIZE);
	/* An error toggles GERROR, so its value depends on earlier owners */
	for (i = 0; i < VM_QUEUES; i++)
		was[i] = vcmdq_read(&vm->queue[i].q, VCMDQ_GERROR);
	q = &vm->queue[1].q;
	for (i = 0; i < 5; i++)
		ASSERT_EQ(0, vcmdq_issue_sync(q, cmd_tlbi_nh_asid(VM_ASID)));

	ASSERT_LT(0, read_text(self->path, self->text));
	snprintf(want, sizeof(want), "VINTF 1: guest, VMID %u, on, errors 0\n",
		 regs_vintf_config(&self->regs, 1) >> 1 & 0xffff);
	EXPECT_TEXT(want);
	snprintf(want, sizeof(want),
		 "  LVCMDQ 0: VCMDQ %u, on, size %u, PROD 0x0, CONS 0x0, GERROR 0x%x, GERRORN 0x%x\n",
		 self->regs.queues, 1U << TEST_LOG2SIZE, was[0], was[0]);
	EXPECT_TEXT(want);
	snprintf(want, sizeof(want),
		 "  LVCMDQ 1: VCMDQ %u, on, size %u, PROD 0xa, CONS 0xa, GERROR 0x%x, GERRORN 0x%x\n",
		 self->regs.queues + 1, 1U << TEST_LOG2SIZE, was[1], was[1]);
	EXPECT_TEXT(want);
	snprintf(want, sizeof(want), "  SID 0: virtual 0x%x, physical 0x%x\n",
		 VM_VSID(0), dma_stream_id(&vm->dev));
	EXPECT_TEXT(want);

	/* An error is counted, and shows until its owner acknowledges it */
	ASSERT_EQ(-EIO, vcmdq_issue_sync(q, BAD_COMMAND));
	EXPECT_TRUE(irq_handled(CMDQV_ERROR_IRQ));
	ASSERT_LT(0, read_text(self->path, self->text));
	EXPECT_TEXT("guest, VMID ");
	EXPECT_TEXT(", on, errors 1\n");
	snprintf(want, sizeof(want), "CONS 0x100000a, GERROR 0x%x, GERRORN 0x%x\n",
		 was[1] ^ VCMDQ_GERROR_CMDQ, was[1]);
	EXPECT_TEXT(want);
	vcmdq_repair(q);
	EXPECT_EQ(0, vcmdq_drain(q));
	ASSERT_LT(0, read_text(self->path, self->text));
	snprintf(want, sizeof(want), "PROD 0xc, CONS 0xc, GERROR 0x%x, GERRORN 0x%x\n",
		 was[1] ^ VCMDQ_GERROR_CMDQ, was[1] ^ VCMDQ_GERROR_CMDQ);
	EXPECT_TEXT(want);

	ASSERT_EQ(0, vm_queue_free(vm, 1));
	ASSERT_LT(0, read_text(self->path, self->text));
	EXPECT_TEXT("VINTF 1: guest");
	snprintf(want, sizeof(want), "VCMDQ %u,", self->regs.queues + 1);
	EXPECT_NO_TEXT(want);

	TEST_END(vm);
	ASSERT_LT(0, read_text(self->path, self->text));
	EXPECT_NO_TEXT("guest");
}

/* VMs come and go under a reader */
TEST_F(state, race)
{
	int i, status;
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid) {
		for (;;)
			if (read_text(self->path, self->text) <= 0)
				_exit(1);
	}
	for (i = 0; i < RACE_ROUNDS; i++) {
		TEST_BUILD(&self->vm, 0, TEST_LOG2SIZE);
		TEST_END(&self->vm);
	}
	ASSERT_EQ(0, waitpid(pid, &status, WNOHANG));
	kill(pid, SIGKILL);
	EXPECT_EQ(pid, waitpid(pid, &status, 0));
}

/* The tracepoints of a VM with one error */
TEST_F(state, tracepoints)
{
	struct cmdqv_vm *vm = &self->vm;
	struct veventq queue;
	char want[256];

	ASSERT_EQ(0, write_text(TRACING "trace", "\n"));
	ASSERT_EQ(0, write_text(TRACING "events/tegra241_cmdqv/enable", "1"));
	TEST_BUILD(vm, 0, TEST_LOG2SIZE);
	ASSERT_EQ(0, veventq_open(vm, IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV, 4,
				  &queue));
	snprintf(want, sizeof(want), "vintf=1 vmid=%u hyp_own=0",
		 regs_vintf_config(&self->regs, 1) >> 1 & 0xffff);
	ASSERT_EQ(-EIO, vcmdq_issue_sync(&vm->queue[1].q, BAD_COMMAND));
	EXPECT_EQ(1, veventq_readable(&queue, WAIT_MS));
	EXPECT_EQ(0, veventq_close(vm, &queue));
	TEST_END(vm);
	ASSERT_EQ(0, write_text(TRACING "events/tegra241_cmdqv/enable", "0"));
	ASSERT_LT(0, read_text(TRACING "trace", self->text));

	EXPECT_TEXT("tegra241_cmdqv_vintf_create: ");
	EXPECT_TEXT(want);
	snprintf(want, sizeof(want), "vintf=1 lvcmdq=0 vcmdq=%u\n",
		 self->regs.queues);
	EXPECT_TEXT("tegra241_cmdqv_queue_create: ");
	EXPECT_TEXT(want);
	snprintf(want, sizeof(want), "vintf=1 lvcmdq=1 vcmdq=%u\n",
		 self->regs.queues + 1);
	EXPECT_TEXT(want);
	EXPECT_TEXT("tegra241_cmdqv_error: ");
	EXPECT_TEXT("vintf=1 lvcmdq_map=0000000000000000:0000000000000002\n");
	EXPECT_TEXT("tegra241_cmdqv_event: ");
	EXPECT_TEXT("vintf=1 ret=0\n");
	EXPECT_TEXT("tegra241_cmdqv_queue_destroy: ");
	EXPECT_TEXT("vintf=1 lvcmdq=1 ret=0\n");
	EXPECT_TEXT("vintf=1 lvcmdq=0 ret=0\n");
	EXPECT_TEXT("tegra241_cmdqv_vintf_destroy: ");
	EXPECT_TEXT("vintf=1 retired=0\n");
	EXPECT_NO_TEXT("tegra241_cmdqv_timeout");
}

TEST_HARNESS_MAIN
