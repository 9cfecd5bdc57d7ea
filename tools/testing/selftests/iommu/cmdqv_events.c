// SPDX-License-Identifier: GPL-2.0
/*
 * An error stops a guest's queue, and the guest's VMM hears of it through the
 * vEVENTQ of the vIOMMU: which queues are in error, not what for. The kernel
 * acknowledges nothing; that is the guest's business.
 */
#include <endian.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "cmdqv_test.h"

#define WAIT_MS		2000
#define QUIET_MS	100
#define DEPTH		4
#define ERRORS		64
#define BAD_COMMAND	((struct smmu_cmd){ .w = { CMD_TLBI_NH_ALL, 0 } })

struct event {
	struct iommufd_vevent_header header;
	__le64 map[2];
};

FIXTURE(events) {
	struct cmdqv_vm vm[2];
	__u32 id[2];
	int fd[2];
};

static int veventq_alloc(struct cmdqv_vm *vm, __u32 *id, int *fd)
{
	struct iommu_veventq_alloc cmd = {
		.size = sizeof(cmd),
		.viommu_id = vm->viommu,
		.type = IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV,
		.veventq_depth = DEPTH,
	};
	int rc = cmdqv_ioctl(vm->iommufd, IOMMU_VEVENTQ_ALLOC, &cmd);

	if (!rc) {
		*id = cmd.out_veventq_id;
		*fd = cmd.out_veventq_fd;
	}
	return rc;
}

/* Whether there is something to read before the time is over */
static int readable(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1 && (p.revents & POLLIN);
}

static __u64 error_map(const struct event *event)
{
	return le64toh(event->map[0]);
}

FIXTURE_SETUP(events)
{
	int i;

	for (i = 0; i < 2; i++) {
		TEST_BUILD(&self->vm[i], i, TEST_LOG2SIZE);
		ASSERT_EQ(0, veventq_alloc(&self->vm[i], &self->id[i],
					   &self->fd[i]));
		ASSERT_EQ(0, fcntl(self->fd[i], F_SETFL, O_NONBLOCK));
	}
}

FIXTURE_TEARDOWN(events)
{
	int i;

	for (i = 1; i >= 0; i--) {
		EXPECT_EQ(0, close(self->fd[i]));
		EXPECT_EQ(0, iommufd_destroy(self->vm[i].iommufd, self->id[i]));
		TEST_END(&self->vm[i]);
	}
}

/* The event names the queue, and nobody but the guest acknowledges */
TEST_F(events, names_the_queue)
{
	struct vcmdq *bad = &self->vm[0].queue[1].q;
	struct vcmdq *good = &self->vm[0].queue[0].q;
	struct event event;

	EXPECT_EQ(-EIO, vcmdq_issue_sync(bad, BAD_COMMAND));
	ASSERT_EQ(1, readable(self->fd[0], WAIT_MS));
	ASSERT_EQ(sizeof(event), read(self->fd[0], &event, sizeof(event)));
	EXPECT_EQ(0, event.header.flags);
	EXPECT_EQ(0, event.header.sequence);
	EXPECT_EQ(2, error_map(&event));
	EXPECT_EQ(0, event.map[1]);
	EXPECT_EQ(0, read(self->fd[0], &event, sizeof(event)));

	EXPECT_NE(vcmdq_read(bad, VCMDQ_GERROR), vcmdq_read(bad, VCMDQ_GERRORN));
	EXPECT_EQ(0, vcmdq_issue_sync(good, cmd_tlbi_nh_asid(VM_ASID)));
	vcmdq_repair(bad);
	EXPECT_EQ(0, vcmdq_drain(bad));
	EXPECT_EQ(0, vcmdq_issue_sync(bad, cmd_tlbi_nh_asid(VM_ASID)));
}

/* What is pending shows in the event of the next error: the maps are a level */
TEST_F(events, maps_are_levels)
{
	struct vcmdq *q0 = &self->vm[0].queue[0].q;
	struct vcmdq *q1 = &self->vm[0].queue[1].q;
	struct event event;

	EXPECT_EQ(-EIO, vcmdq_issue_sync(q0, BAD_COMMAND));
	ASSERT_EQ(1, readable(self->fd[0], WAIT_MS));
	ASSERT_EQ(sizeof(event), read(self->fd[0], &event, sizeof(event)));
	EXPECT_EQ(1, error_map(&event));

	EXPECT_EQ(-EIO, vcmdq_issue_sync(q1, BAD_COMMAND));
	ASSERT_EQ(1, readable(self->fd[0], WAIT_MS));
	ASSERT_EQ(sizeof(event), read(self->fd[0], &event, sizeof(event)));
	EXPECT_EQ(1, event.header.sequence);
	EXPECT_EQ(3, error_map(&event));

	vcmdq_repair(q0);
	EXPECT_EQ(0, vcmdq_drain(q0));
	vcmdq_repair(q1);
	EXPECT_EQ(0, vcmdq_drain(q1));
}

/* An error is heard by its own VMM only */
TEST_F(events, only_the_owner)
{
	struct vcmdq *bad = &self->vm[1].queue[0].q;
	struct event event;

	EXPECT_EQ(-EIO, vcmdq_issue_sync(bad, BAD_COMMAND));
	ASSERT_EQ(1, readable(self->fd[1], WAIT_MS));
	ASSERT_EQ(sizeof(event), read(self->fd[1], &event, sizeof(event)));
	EXPECT_EQ(1, error_map(&event));
	EXPECT_EQ(0, readable(self->fd[0], QUIET_MS));
	vcmdq_repair(bad);
	EXPECT_EQ(0, vcmdq_drain(bad));
}

/*
 * A guest that makes errors faster than its VMM reads loses events, no more. An
 * error that is repaired before the kernel looks makes no event at all.
 */
TEST_F(events, overflow)
{
	struct vcmdq *bad = &self->vm[0].queue[0].q;
	struct event event;
	int i;

	for (i = 0; i < ERRORS; i++) {
		EXPECT_EQ(-EIO, vcmdq_issue_sync(bad, BAD_COMMAND));
		EXPECT_EQ(1, readable(self->fd[0], WAIT_MS));
		usleep(1000);
		vcmdq_repair(bad);
		EXPECT_EQ(0, vcmdq_drain(bad));
	}
	/* Not more than the depth, and one to tell that there were more */
	for (i = 0; read(self->fd[0], &event, sizeof(event)) > 0; i++)
		;
	EXPECT_LE(1, i);
	EXPECT_GE(DEPTH + 1, i);
	EXPECT_EQ(0, vcmdq_issue_sync(bad, cmd_tlbi_nh_asid(VM_ASID)));
}

TEST_HARNESS_MAIN
