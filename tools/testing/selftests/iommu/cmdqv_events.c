// SPDX-License-Identifier: GPL-2.0
/*
 * An error stops a guest's queue, and the vEVENTQ of the vIOMMU reports the
 * queues in error, without the cause, to the VMM. The kernel acknowledges
 * nothing; only the guest does. A guest that makes errors without end costs the
 * kernel neither its time nor its log.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/wait.h>

#include "cmdqv_test.h"
#include "cmdqv_events.h"
#include "kernel_log.h"

#define DEPTH		4
#define ERRORS		64
#define BAD_COMMAND	((struct smmu_cmd){ .w = { CMD_TLBI_NH_ALL, 0 } })

/* Limits of the handler in a second: errors without and with a pause of 10 ms */
#define IRQS_FREE	64
#define IRQS_PAUSED	100
/* Lines of printk_ratelimited() in five seconds, and one about suppressed lines */
#define LOG_LINES	11
#define STORM_ERRORS	300000
#define STORM_ROUNDS	5
/* Bound of the interrupts while a VM is destroyed; a storm has many of them */
#define TEARDOWN_IRQS	1000

struct event {
	struct iommufd_vevent_header header;
	__le64 map[2];
};

FIXTURE(events) {
	struct cmdqv_vm vm[2];
	struct veventq queue[2];
};

FIXTURE_SETUP(events)
{
	int i;

	for (i = 0; i < 2; i++) {
		TEST_BUILD(&self->vm[i], i, TEST_LOG2SIZE);
		ASSERT_EQ(0, veventq_open(&self->vm[i],
					  IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV,
					  DEPTH, &self->queue[i]));
	}
}

FIXTURE_TEARDOWN(events)
{
	int i;

	for (i = 1; i >= 0; i--) {
		EXPECT_EQ(0, veventq_close(&self->vm[i], &self->queue[i]));
		TEST_END(&self->vm[i]);
	}
}

/* Read the next event, which must come; returns its map of queues 0 to 63 */
static __u64 next_map(struct __test_metadata *_metadata,
		      const struct veventq *queue, __u32 sequence)
{
	struct event event = { 0 };

	EXPECT_EQ(1, veventq_readable(queue, WAIT_MS));
	EXPECT_EQ(sizeof(event), read(queue->fd, &event, sizeof(event)));
	EXPECT_EQ(0, event.header.flags);
	EXPECT_EQ(sequence, event.header.sequence);
	EXPECT_EQ(0, event.map[1]);
	return le64toh(event.map[0]);
}

static void repair(struct __test_metadata *_metadata, struct vcmdq *q)
{
	vcmdq_repair(q);
	EXPECT_EQ(0, vcmdq_drain(q));
}

/* The event names the queue, and only the guest acknowledges */
TEST_F(events, names_the_queue)
{
	struct vcmdq *bad = &self->vm[0].queue[1].q;
	struct vcmdq *good = &self->vm[0].queue[0].q;

	EXPECT_EQ(-EIO, vcmdq_issue_sync(bad, BAD_COMMAND));
	EXPECT_EQ(2, next_map(_metadata, &self->queue[0], 0));
	EXPECT_TRUE(veventq_quiet(&self->queue[0], CMDQV_ERROR_IRQ));

	EXPECT_NE(vcmdq_read(bad, VCMDQ_GERROR), vcmdq_read(bad, VCMDQ_GERRORN));
	EXPECT_EQ(0, vcmdq_issue_sync(good, cmd_tlbi_nh_asid(VM_ASID)));
	repair(_metadata, bad);
	EXPECT_EQ(0, vcmdq_issue_sync(bad, cmd_tlbi_nh_asid(VM_ASID)));
}

/* The event of the next error also has the pending errors: the maps are states */
TEST_F(events, maps_are_levels)
{
	struct vcmdq *q0 = &self->vm[0].queue[0].q;
	struct vcmdq *q1 = &self->vm[0].queue[1].q;

	EXPECT_EQ(-EIO, vcmdq_issue_sync(q0, BAD_COMMAND));
	EXPECT_EQ(1, next_map(_metadata, &self->queue[0], 0));
	EXPECT_EQ(-EIO, vcmdq_issue_sync(q1, BAD_COMMAND));
	EXPECT_EQ(3, next_map(_metadata, &self->queue[0], 1));
	repair(_metadata, q0);
	repair(_metadata, q1);
}

/* An error is reported to its own VMM only */
TEST_F(events, only_the_owner)
{
	struct vcmdq *bad = &self->vm[1].queue[0].q;

	EXPECT_EQ(-EIO, vcmdq_issue_sync(bad, BAD_COMMAND));
	EXPECT_EQ(1, next_map(_metadata, &self->queue[1], 0));
	EXPECT_TRUE(veventq_quiet(&self->queue[0], CMDQV_ERROR_IRQ));
	repair(_metadata, bad);
}

/* A pending error is not reported again when another VM makes an error */
TEST_F(events, told_once)
{
	struct vcmdq *pending = &self->vm[1].queue[0].q;
	struct vcmdq *bad = &self->vm[0].queue[0].q;
	int i;

	EXPECT_EQ(-EIO, vcmdq_issue_sync(pending, BAD_COMMAND));
	EXPECT_EQ(1, next_map(_metadata, &self->queue[1], 0));
	for (i = 0; i < DEPTH; i++) {
		EXPECT_EQ(-EIO, vcmdq_issue_sync(bad, BAD_COMMAND));
		EXPECT_EQ(1, next_map(_metadata, &self->queue[0], i));
		repair(_metadata, bad);
	}
	EXPECT_TRUE(veventq_quiet(&self->queue[1], CMDQV_ERROR_IRQ));
	repair(_metadata, pending);
	EXPECT_EQ(-EIO, vcmdq_issue_sync(pending, BAD_COMMAND));
	EXPECT_EQ(1, next_map(_metadata, &self->queue[1], 1));
	repair(_metadata, pending);
}

/* A VINTF without a vEVENTQ makes errors, and events are dropped */
TEST_F(events, without_queue)
{
	struct vcmdq *bad = &self->vm[0].queue[0].q;

	ASSERT_EQ(0, veventq_close(&self->vm[0], &self->queue[0]));
	EXPECT_EQ(-EIO, vcmdq_issue_sync(bad, BAD_COMMAND));
	EXPECT_TRUE(veventq_quiet(&self->queue[1], CMDQV_ERROR_IRQ));
	repair(_metadata, bad);
	ASSERT_EQ(0, veventq_open(&self->vm[0],
				  IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV, DEPTH,
				  &self->queue[0]));
	EXPECT_TRUE(veventq_quiet(&self->queue[0], CMDQV_ERROR_IRQ));
	EXPECT_EQ(-EIO, vcmdq_issue_sync(bad, BAD_COMMAND));
	EXPECT_EQ(1, next_map(_metadata, &self->queue[0], 0));
	repair(_metadata, bad);
}

/* An error whose event was lost is reported when the handler runs for another guest */
TEST_F(events, lost_is_told_again)
{
	struct vcmdq *q0 = &self->vm[0].queue[0].q;
	struct vcmdq *q1 = &self->vm[0].queue[1].q;
	struct vcmdq *other = &self->vm[1].queue[0].q;
	struct veventq *queue = &self->queue[0];
	struct iommufd_vevent_header header;

	ASSERT_EQ(0, veventq_close(&self->vm[0], queue));
	ASSERT_EQ(0, veventq_open(&self->vm[0],
				  IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV, 1, queue));
	EXPECT_EQ(-EIO, vcmdq_issue_sync(q0, BAD_COMMAND));
	EXPECT_EQ(1, veventq_readable(queue, WAIT_MS));
	EXPECT_EQ(-EIO, vcmdq_issue_sync(q1, BAD_COMMAND));
	EXPECT_TRUE(irq_handled(CMDQV_ERROR_IRQ));
	EXPECT_EQ(1, next_map(_metadata, queue, 0));
	EXPECT_EQ(sizeof(header), read(queue->fd, &header, sizeof(header)));
	EXPECT_EQ(IOMMU_VEVENTQ_FLAG_LOST_EVENTS, header.flags);

	EXPECT_EQ(-EIO, vcmdq_issue_sync(other, BAD_COMMAND));
	EXPECT_EQ(1, next_map(_metadata, &self->queue[1], 0));
	EXPECT_EQ(3, next_map(_metadata, queue, 2));
	repair(_metadata, q0);
	repair(_metadata, q1);
	repair(_metadata, other);
}

/*
 * A guest that makes errors faster than its VMM reads only loses events.
 */
TEST_F(events, overflow)
{
	struct vcmdq *bad = &self->vm[0].queue[0].q;
	struct event event;
	int i;

	for (i = 0; i < ERRORS; i++) {
		EXPECT_EQ(-EIO, vcmdq_issue_sync(bad, BAD_COMMAND));
		EXPECT_TRUE(irq_handled(CMDQV_ERROR_IRQ));
		repair(_metadata, bad);
	}
	/* At most the depth, and one marker for lost ones */
	for (i = 0; i < DEPTH; i++)
		EXPECT_EQ(1, next_map(_metadata, &self->queue[0], i));
	EXPECT_EQ(sizeof(event.header),
		  read(self->queue[0].fd, &event, sizeof(event)));
	EXPECT_EQ(IOMMU_VEVENTQ_FLAG_LOST_EVENTS, event.header.flags);
	EXPECT_EQ(ERRORS - 1, event.header.sequence);
	EXPECT_EQ(0, read(self->queue[0].fd, &event, sizeof(event)));
	EXPECT_EQ(0, vcmdq_issue_sync(bad, cmd_tlbi_nh_asid(VM_ASID)));
}

static void fail_and_repair(struct vcmdq *q)
{
	vcmdq_issue_sync(q, BAD_COMMAND);
	vcmdq_repair(q);
	vcmdq_drain(q);
}

/* An error and its acknowledgment, again and again; never returns */
static void keep_failing(struct vcmdq *q)
{
	for (;;)
		fail_and_repair(q);
}

/* A storm of errors: a bounded number of interrupts and of log lines */
TEST_F(events, storm)
{
	struct vcmdq *good = &self->vm[1].queue[0].q;
	struct model_counts before, counts;
	unsigned long start, ms, irqs, most;
	unsigned int lines;
	int log = kmsg_open();
	pid_t pid;

	ASSERT_LE(0, log);
	model_read(&self->vm[0].dev, &before);
	irqs = irq_count(CMDQV_ERROR_IRQ);
	start = now_ms();
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		keep_failing(&self->vm[0].queue[0].q);
	do {
		EXPECT_EQ(0, vcmdq_issue_sync(good, cmd_tlbi_nh_asid(VM_ASID)));
		model_read(&self->vm[0].dev, &counts);
		model_subtract(&counts, &before, &counts);
	} while (counts.guest.errors < STORM_ERRORS);
	kill(pid, SIGKILL);
	EXPECT_EQ(pid, waitpid(pid, NULL, 0));

	ms = now_ms() - start;
	irqs = irq_count(CMDQV_ERROR_IRQ) - irqs;
	lines = kmsg_count(log, "tegra241_cmdqv");
	close(log);
	most = IRQS_FREE * (ms / 1000 + 2) + IRQS_PAUSED * ms / 1000;
	TH_LOG("%llu errors in %lu ms: %lu interrupts, %u lines in the log",
	       counts.guest.errors, ms, irqs, lines);
	EXPECT_GE(most, irqs);
	EXPECT_LT(0, irqs);
	EXPECT_GE(LOG_LINES * (ms / 5000 + 2), lines);

	/* Only the child has the indexes of the queue, so make it again */
	EXPECT_EQ(0, vm_queue_free(&self->vm[0], 1));
	EXPECT_EQ(0, vm_queue_free(&self->vm[0], 0));
}

struct storm {
	struct vcmdq *q;
	atomic_int over;
};

static void *make_storm(void *arg)
{
	struct storm *storm = arg;

	while (!atomic_load(&storm->over))
		fail_and_repair(storm->q);
	return NULL;
}

/* A VM is destroyed and made during a storm of another one, without a wait for its end */
TEST_F(events, others_come_and_go)
{
	struct storm storm = { .q = &self->vm[0].queue[0].q };
	unsigned long start = irq_count(CMDQV_ERROR_IRQ), irqs, most = 0;
	struct cmdqv_vm *other = &self->vm[1];
	pthread_t thread;
	int i;

	ASSERT_EQ(0, pthread_create(&thread, NULL, make_storm, &storm));
	for (i = 0; i < STORM_ROUNDS; i++) {
		/* The first errors of a second are no storm */
		EXPECT_TRUE(wait_for(irq_count(CMDQV_ERROR_IRQ) - start > IRQS_FREE));
		EXPECT_EQ(0, veventq_close(other, &self->queue[1]));
		start = irq_count(CMDQV_ERROR_IRQ);
		TEST_END(other);
		irqs = irq_count(CMDQV_ERROR_IRQ) - start;
		if (irqs > most)
			most = irqs;
		TEST_BUILD(other, 1, TEST_LOG2SIZE);
		ASSERT_EQ(0, veventq_open(other,
					  IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV,
					  DEPTH, &self->queue[1]));
	}
	atomic_store(&storm.over, 1);
	pthread_join(thread, NULL);
	TH_LOG("%lu interrupts at most while a VM goes", most);
	EXPECT_GT(TEARDOWN_IRQS, most);
}

TEST_HARNESS_MAIN
