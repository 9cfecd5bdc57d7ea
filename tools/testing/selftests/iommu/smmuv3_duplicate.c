// SPDX-License-Identifier: GPL-2.0
/*
 * A device behind a bridge can have the same StreamID twice: its own, and that of its alias on the
 * bridge. After its removal the SMMU driver must still find other devices by their StreamIDs, and
 * report their faults to the guest.
 *
 * Needs a machine with such a device, see the start duplicate-sid in tools/testing/machine/boots.py.
 */
#include <fcntl.h>
#include <stdio.h>

#include "smmuv3_nested.h"
#include "cmdqv_events.h"

#define DEPTH		4
#define NOT_MAPPED	IOVA(64)
#define SYSFS_RESCAN	"/sys/bus/pci/rescan"

FIXTURE(duplicate) {
	char name[PCI_NAME_LEN];
	struct cmdqv_vm vm;
	struct veventq queue;
};

/* Finds the test device that is, or is not, on a bus below another one */
static int find(int below, char name[PCI_NAME_LEN])
{
	unsigned int i, bus;

	for (i = 0; !pci_find(PCI_DMA_TEST_VENDOR_ID, PCI_DMA_TEST_DEVICE_ID, i,
			      name); i++)
		if (sscanf(name, "%*x:%x:", &bus) == 1 && !bus == !below)
			return i;
	return -1;
}

static int write_one(const char *path)
{
	int fd = open(path, O_WRONLY), rc;

	if (fd < 0)
		return -errno;
	rc = write(fd, "1", 1) == 1 ? 0 : -errno;
	close(fd);
	return rc;
}

static int remove_device(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/remove", name);
	return write_one(path);
}

FIXTURE_SETUP(duplicate)
{
	struct dma_dev twice;
	int other;

	other = find(1, self->name);
	if (other < 0)
		SKIP(return, "no device behind a bridge");
	/* The device gets its IOMMU with its first driver */
	ASSERT_EQ(0, dma_open(&twice, other));
	dma_close(&twice);

	other = find(0, self->name);
	ASSERT_LE(0, other);
	NESTED_OPEN(&self->vm, other);
	TEST_STEP(&self->vm, vm_nest(&self->vm));
	ASSERT_EQ(0, veventq_open(&self->vm, IOMMU_VEVENTQ_TYPE_ARM_SMMUV3,
				  DEPTH, &self->queue));
}

FIXTURE_TEARDOWN(duplicate)
{
	EXPECT_EQ(0, veventq_close(&self->vm, &self->queue));
	TEST_END(&self->vm);
}

TEST_F(duplicate, other_device)
{
	__u64 value;

	ASSERT_LE(0, find(1, self->name));
	ASSERT_EQ(0, remove_device(self->name));
	EXPECT_EQ(-EFAULT, dma_read(&self->vm.dev, NOT_MAPPED, &value));
	EXPECT_EQ(1, veventq_readable(&self->queue, WAIT_MS));
	EXPECT_EQ(0, write_one(SYSFS_RESCAN));
	EXPECT_LE(0, find(1, self->name));
}

TEST_HARNESS_MAIN
