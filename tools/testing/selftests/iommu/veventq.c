// SPDX-License-Identifier: GPL-2.0
/*
 * IOMMU_VEVENTQ_ALLOC on the mock driver: the new objects, each refusal in its
 * order, references, and the events of a queue. veventq_read.c tests the reader.
 */
#include <sys/resource.h>
#include <sys/wait.h>

#include "veventq_mock.h"
#include "write_text.h"

FIXTURE(veventq) {
	struct mock_vm vm;
	struct iommu_veventq_alloc cmd;	/* a command that would succeed */
};

FIXTURE_SETUP(veventq)
{
	MOCK_VM_START(&self->vm);
	self->cmd = (struct iommu_veventq_alloc){
		.size = sizeof(self->cmd),
		.viommu_id = self->vm.viommu,
		.type = IOMMU_VEVENTQ_TYPE_SELFTEST,
		.veventq_depth = 1,
	};
}

FIXTURE_TEARDOWN(veventq)
{
	MOCK_VM_END(&self->vm);
}

#define ALLOC() iommufd_ioctl(self->vm.fd, IOMMU_VEVENTQ_ALLOC, &self->cmd)

#define EXPECT_REFUSED(err)						\
	do {								\
		EXPECT_EQ(-(err), ALLOC());				\
		EXPECT_EQ(0, self->cmd.out_veventq_id);			\
		EXPECT_EQ(0, self->cmd.out_veventq_fd);			\
	} while (0)

/* A refused command leaves the type free, no descriptor, and no reference of the vIOMMU */
#define EXPECT_NOTHING_LEFT(next_fd)					\
	do {								\
		EXPECT_EQ(next_fd, lowest_fd());			\
		self->cmd.type = IOMMU_VEVENTQ_TYPE_SELFTEST;		\
		ASSERT_EQ(0, ALLOC());					\
		EXPECT_EQ(0, close(self->cmd.out_veventq_fd));		\
		EXPECT_EQ(0, iommufd_destroy(self->vm.fd,		\
					     self->cmd.out_veventq_id));\
		EXPECT_EQ(0, iommufd_destroy(self->vm.fd,		\
					     self->vm.viommu));		\
	} while (0)

static int lowest_fd(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

TEST_F(veventq, makes_object_and_file)
{
	char path[32], name[64] = "";

	ASSERT_EQ(0, ALLOC());
	EXPECT_NE(0, self->cmd.out_veventq_id);
	EXPECT_NE(self->vm.viommu, self->cmd.out_veventq_id);

	EXPECT_EQ(FD_CLOEXEC, fcntl(self->cmd.out_veventq_fd, F_GETFD));
	EXPECT_EQ(O_RDWR, fcntl(self->cmd.out_veventq_fd, F_GETFL) & O_ACCMODE);
	snprintf(path, sizeof(path), "/proc/self/fd/%u",
		 self->cmd.out_veventq_fd);
	EXPECT_LT(0, readlink(path, name, sizeof(name) - 1));
	EXPECT_STREQ("anon_inode:[iommufd-viommu-event]", name);
	EXPECT_EQ(0, close(self->cmd.out_veventq_fd));
}

TEST_F(veventq, sizes)
{
	struct {
		struct iommu_veventq_alloc cmd;
		__u64 more;
	} longer = { .cmd = self->cmd, .more = 1 };
	int fd = lowest_fd();

	self->cmd.size = offsetof(struct iommu_veventq_alloc, __reserved) - 1;
	EXPECT_REFUSED(EINVAL);

	longer.cmd.size = sizeof(longer);
	EXPECT_EQ(-E2BIG, iommufd_ioctl(self->vm.fd, IOMMU_VEVENTQ_ALLOC, &longer));
	longer.more = 0;
	ASSERT_EQ(0, iommufd_ioctl(self->vm.fd, IOMMU_VEVENTQ_ALLOC, &longer));
	EXPECT_EQ(0, close(longer.cmd.out_veventq_fd));
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, longer.cmd.out_veventq_id));

	/* Members past the size count as zero, and are not written */
	self->cmd.size = offsetof(struct iommu_veventq_alloc, __reserved);
	self->cmd.__reserved = 1;
	ASSERT_EQ(0, ALLOC());
	EXPECT_EQ(1, self->cmd.__reserved);
	EXPECT_EQ(0, close(self->cmd.out_veventq_fd));
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, self->cmd.out_veventq_id));
	EXPECT_NOTHING_LEFT(fd);
}

/* Row 1, which comes before row 2 */
TEST_F(veventq, flags_type_reserved)
{
	int fd = lowest_fd();

	self->cmd.veventq_depth = 0;
	self->cmd.flags = 1;
	EXPECT_REFUSED(EOPNOTSUPP);
	self->cmd.flags = 1U << 31;
	EXPECT_REFUSED(EOPNOTSUPP);
	self->cmd.flags = 0;
	self->cmd.__reserved = 1;
	EXPECT_REFUSED(EOPNOTSUPP);
	self->cmd.__reserved = 0;
	self->cmd.type = IOMMU_VEVENTQ_TYPE_DEFAULT;
	EXPECT_REFUSED(EOPNOTSUPP);

	self->cmd.veventq_depth = 1;
	EXPECT_NOTHING_LEFT(fd);
}

/* Row 2, which comes before row 3 */
TEST_F(veventq, depth)
{
	__u32 depths[] = { 0, MAX_DEPTH + 1, 1U << 31, ~0U };
	int fd = lowest_fd();
	unsigned int i;

	self->cmd.viommu_id = MOCK_NO_ID;
	for (i = 0; i < ARRAY_SIZE(depths); i++) {
		self->cmd.veventq_depth = depths[i];
		EXPECT_REFUSED(EINVAL);
	}
	self->cmd.viommu_id = self->vm.viommu;
	self->cmd.veventq_depth = MAX_DEPTH;
	EXPECT_NOTHING_LEFT(fd);
}

/* Row 3 */
TEST_F(veventq, viommu)
{
	__u32 ids[] = { 0, MOCK_NO_ID, self->vm.ioas, self->vm.dev,
			self->vm.stdev, self->vm.parent, ~0U };
	int fd = lowest_fd();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		self->cmd.viommu_id = ids[i];
		EXPECT_REFUSED(ENOENT);
	}
	self->cmd.viommu_id = self->vm.viommu;
	EXPECT_NOTHING_LEFT(fd);
}

/* Row 4: one queue per vIOMMU and type, and any type is accepted */
TEST_F(veventq, exists)
{
	__u32 types[] = { IOMMU_VEVENTQ_TYPE_ARM_SMMUV3,
			  IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV, 3,
			  IOMMU_VEVENTQ_TYPE_SELFTEST, ~0U };
	__u32 other, id, ids[ARRAY_SIZE(types)];
	int fd, fds[ARRAY_SIZE(types)];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		ASSERT_EQ(0, iommufd_veventq_alloc(self->vm.fd, self->vm.viommu,
						   types[i], 1, &ids[i], &fds[i]));
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		self->cmd.type = types[i];
		EXPECT_REFUSED(EEXIST);
	}

	/* The same type on another vIOMMU */
	ASSERT_EQ(0, iommufd_viommu_alloc(self->vm.fd, self->vm.dev, self->vm.parent,
					  IOMMU_VIOMMU_TYPE_SELFTEST, NULL, 0, &other));
	ASSERT_EQ(0, iommufd_veventq_alloc(self->vm.fd, other, types[0], 1, &id, &fd));
	EXPECT_EQ(0, close(fd));
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, id));
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, other));

	/* Closing the file does not free the type */
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		self->cmd.type = types[i];
		EXPECT_EQ(0, close(fds[i]));
		EXPECT_REFUSED(EEXIST);
		EXPECT_EQ(0, iommufd_destroy(self->vm.fd, ids[i]));
	}
	EXPECT_NOTHING_LEFT(fds[0]);
}

/* Row 5, EMFILE; row 4 comes before it, row 6 after */
TEST_F(veventq, no_descriptor)
{
	struct rlimit old, none;
	int fd = lowest_fd();
	struct iommu_veventq_alloc *read_only;
	__u32 id;
	int used;

	ASSERT_EQ(0, iommufd_veventq_alloc(self->vm.fd, self->vm.viommu, 1, 1, &id,
					   &used));
	read_only = mock_read_only(&self->cmd, sizeof(self->cmd));
	ASSERT_EQ(0, getrlimit(RLIMIT_NOFILE, &old));
	none = old;
	none.rlim_cur = lowest_fd();
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &none));

	EXPECT_REFUSED(EMFILE);
	EXPECT_EQ(-EMFILE, iommufd_ioctl(self->vm.fd, IOMMU_VEVENTQ_ALLOC,
					 read_only));
	self->cmd.type = 1;
	EXPECT_REFUSED(EEXIST);

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &old));
	EXPECT_EQ(0, close(used));
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, id));
	EXPECT_NOTHING_LEFT(fd);
}

/* Row 5, ENFILE: the limit of the system, which does not apply to root */
TEST_F(veventq, no_file)
{
	static const char file_max[] = "/proc/sys/fs/file-max";
	int status, rc, fd = lowest_fd(), max;
	char old[32] = "";
	pid_t pid;

	max = open(file_max, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, max);
	ASSERT_LT(0, read(max, old, sizeof(old) - 1));
	close(max);
	ASSERT_EQ(0, write_text(file_max, "0"));

	pid = fork();
	if (!pid) {
		if (setuid(65534))
			_exit(255);
		_exit(-ALLOC());
	}
	rc = waitpid(pid, &status, 0);
	EXPECT_EQ(0, write_text(file_max, old));
	ASSERT_EQ(pid, rc);
	ASSERT_TRUE(WIFEXITED(status));
	EXPECT_EQ(ENFILE, WEXITSTATUS(status));
	EXPECT_NOTHING_LEFT(fd);
}

/* Row 6 */
TEST_F(veventq, response)
{
	int fd = lowest_fd();
	void *cmd = mock_read_only(&self->cmd, sizeof(self->cmd));

	EXPECT_EQ(-EFAULT, iommufd_ioctl(self->vm.fd, IOMMU_VEVENTQ_ALLOC, cmd));
	EXPECT_EQ(0, memcmp(cmd, &self->cmd, sizeof(self->cmd)));
	EXPECT_EQ(-EFAULT, iommufd_ioctl(self->vm.fd, IOMMU_VEVENTQ_ALLOC,
					 mock_unreadable()));
	EXPECT_NOTHING_LEFT(fd);
}

/* The file holds the object, the object holds the vIOMMU */
TEST_F(veventq, lifetime)
{
	__u32 id;
	int fd, copy;

	ASSERT_EQ(0, iommufd_veventq_alloc(self->vm.fd, self->vm.viommu,
					   IOMMU_VEVENTQ_TYPE_SELFTEST, 1, &id, &fd));
	EXPECT_EQ(-EBUSY, iommufd_destroy(self->vm.fd, id));
	EXPECT_EQ(-EBUSY, iommufd_destroy(self->vm.fd, self->vm.viommu));

	copy = dup(fd);
	ASSERT_LE(0, copy);
	EXPECT_EQ(0, close(fd));
	EXPECT_EQ(-EBUSY, iommufd_destroy(self->vm.fd, id));
	EXPECT_EQ(0, close(copy));
	EXPECT_EQ(-EBUSY, iommufd_destroy(self->vm.fd, self->vm.viommu));

	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, id));
	EXPECT_EQ(-ENOENT, iommufd_destroy(self->vm.fd, id));
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, self->vm.viommu));
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, self->vm.parent));
}

/* The other order of close: an open queue holds all objects */
TEST_F(veventq, outlives_iommufd)
{
	struct mock_vevent event = {};
	__u32 id, vdevice, nested;
	int fd, copy;

	ASSERT_EQ(0, mock_vm_nest(&self->vm, &vdevice, &nested));
	ASSERT_EQ(0, iommufd_veventq_alloc(self->vm.fd, self->vm.viommu,
					   IOMMU_VEVENTQ_TYPE_SELFTEST, 1, &id, &fd));
	ASSERT_EQ(0, mock_trigger(self->vm.fd, self->vm.dev));
	copy = dup(fd);
	ASSERT_LE(0, copy);
	EXPECT_EQ(0, close(self->vm.fd));

	EXPECT_EQ(0, close(fd));
	EXPECT_EQ(POLLIN | POLLRDNORM, mock_poll(copy));
	EXPECT_EQ(sizeof(event), mock_read(copy, &event, sizeof(event)));
	EXPECT_EQ(MOCK_VIRT_ID, event.event.virt_id);
	EXPECT_EQ(0, mock_poll(copy));
	EXPECT_EQ(0, close(copy));

	/* For the teardown */
	self->vm.fd = open("/dev/iommu", O_RDWR);
}

/* A child exits with an open queue, full of events */
TEST_F(veventq, goes_with_the_process)
{
	__u32 id, vdevice, nested;
	int fd, i, status;
	pid_t pid;

	ASSERT_EQ(0, mock_vm_nest(&self->vm, &vdevice, &nested));
	pid = fork();
	if (!pid) {
		if (iommufd_veventq_alloc(self->vm.fd, self->vm.viommu,
					  IOMMU_VEVENTQ_TYPE_SELFTEST, 10, &id, &fd))
			_exit(1);
		for (i = 0; i < 12; i++)
			if (mock_trigger(self->vm.fd, self->vm.dev))
				_exit(2);
		_exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);

	/* The object still exists, as any other object */
	EXPECT_REFUSED(EEXIST);
	EXPECT_EQ(-EBUSY, iommufd_destroy(self->vm.fd, self->vm.viommu));
}

/* The queue of an event, and the result for its driver */
TEST_F(veventq, report)
{
	struct mock_vevent event = {};
	__u32 id, other_id, vdevice, nested;
	int fd, other;

	EXPECT_EQ(-ENOENT, mock_trigger(self->vm.fd, MOCK_NO_ID));
	EXPECT_EQ(-ENOENT, mock_trigger(self->vm.fd, self->vm.viommu));
	EXPECT_EQ(-ENOENT, mock_trigger(self->vm.fd, self->vm.dev));

	ASSERT_EQ(0, mock_vm_nest(&self->vm, &vdevice, &nested));
	EXPECT_EQ(-EOPNOTSUPP, mock_trigger(self->vm.fd, self->vm.dev));
	ASSERT_EQ(0, iommufd_veventq_alloc(self->vm.fd, self->vm.viommu, 1, 1,
					   &other_id, &other));
	EXPECT_EQ(-EOPNOTSUPP, mock_trigger(self->vm.fd, self->vm.dev));

	/* A dropped event takes no number */
	ASSERT_EQ(0, iommufd_veventq_alloc(self->vm.fd, self->vm.viommu,
					   IOMMU_VEVENTQ_TYPE_SELFTEST, 1, &id, &fd));
	EXPECT_EQ(0, mock_trigger(self->vm.fd, self->vm.dev));
	EXPECT_EQ(0, mock_trigger(self->vm.fd, self->vm.dev));
	EXPECT_EQ(sizeof(event), mock_read(fd, &event, sizeof(event)));
	EXPECT_EQ(0, event.header.flags);
	EXPECT_EQ(0, event.header.sequence);
	EXPECT_EQ(MOCK_VIRT_ID, event.event.virt_id);
	EXPECT_EQ(0, mock_poll(other));
	EXPECT_EQ(0, mock_read(other, &event, sizeof(event)));

	/* A queue that is closed but not destroyed still queues events */
	EXPECT_EQ(0, close(fd));
	EXPECT_EQ(0, mock_trigger(self->vm.fd, self->vm.dev));
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, id));
	EXPECT_EQ(-EOPNOTSUPP, mock_trigger(self->vm.fd, self->vm.dev));

	/* A new queue begins with 0 again */
	ASSERT_EQ(0, iommufd_veventq_alloc(self->vm.fd, self->vm.viommu,
					   IOMMU_VEVENTQ_TYPE_SELFTEST, 1, &id, &fd));
	EXPECT_EQ(0, mock_trigger(self->vm.fd, self->vm.dev));
	EXPECT_EQ(sizeof(event), mock_read(fd, &event, sizeof(event)));
	EXPECT_EQ(0, event.header.sequence);
	EXPECT_EQ(0, close(fd));
	EXPECT_EQ(0, close(other));

	ASSERT_EQ(0, mock_attach(self->vm.fd, self->vm.stdev, self->vm.ioas));
	EXPECT_EQ(-ENOENT, mock_trigger(self->vm.fd, self->vm.dev));
}

TEST_F(veventq, report_virt_id_0)
{
	__u32 id, vdevice, nested;
	int fd;

	ASSERT_EQ(0, iommufd_vdevice_alloc(self->vm.fd, self->vm.viommu, self->vm.dev, 0,
					   &vdevice));
	ASSERT_EQ(0, mock_nested(self->vm.fd, self->vm.dev, self->vm.viommu,
				 &nested));
	ASSERT_EQ(0, mock_attach(self->vm.fd, self->vm.stdev, nested));
	ASSERT_EQ(0, iommufd_veventq_alloc(self->vm.fd, self->vm.viommu,
					   IOMMU_VEVENTQ_TYPE_SELFTEST, 1, &id, &fd));
	EXPECT_EQ(-ENOENT, mock_trigger(self->vm.fd, self->vm.dev));
	EXPECT_EQ(0, mock_poll(fd));
	EXPECT_EQ(0, close(fd));
}

TEST_HARNESS_MAIN
