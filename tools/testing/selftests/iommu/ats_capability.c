// SPDX-License-Identifier: GPL-2.0
/*
 * IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED for real PCI devices behind an IOMMU that has
 * ATS, VT-d for example. Needs two virtio-rng-pci devices of QEMU without a
 * driver, one with ats=on and one without.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/iommufd.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>

#include "../kselftest_harness.h"
#include "vfio_pci.h"
#include "iommu_require.h"

#define VIRTIO_VENDOR	0x1af4
#define VIRTIO_RNG	0x1044

/* Walk the extended capabilities in the configuration space of a device */
static bool pci_has_ats(const char *name)
{
	char path[128];
	__u32 header = 0;
	int at, fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", name);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return false;
	for (at = PCI_CFG_SPACE_SIZE; at; at = PCI_EXT_CAP_NEXT(header)) {
		if (pread(fd, &header, sizeof(header), at) != sizeof(header) ||
		    PCI_EXT_CAP_ID(header) == PCI_EXT_CAP_ID_ATS)
			break;
	}
	close(fd);
	return at && PCI_EXT_CAP_ID(header) == PCI_EXT_CAP_ID_ATS;
}

static void find_devices(char names[2][PCI_NAME_LEN])
{
	unsigned int i;

	for (i = 0; i < 2; i++)
		if (pci_find(VIRTIO_VENDOR, VIRTIO_RNG, i, names[i]))
			require_skip("PCI device %04x:%04x: %u found, 2 needed (QEMU device virtio-rng-pci)",
				     VIRTIO_VENDOR, VIRTIO_RNG, i);
	if (pci_has_ats(names[0]) == pci_has_ats(names[1]))
		require_skip("not exactly one of %s and %s has ATS", names[0],
			     names[1]);
}

static __attribute__((constructor)) void require_devices(void)
{
	char names[2][PCI_NAME_LEN];

	close(require_iommufd());
	find_devices(names);
}

FIXTURE(ats_capability) {
	int iommufd;
	char names[2][PCI_NAME_LEN];
};

FIXTURE_SETUP(ats_capability)
{
	self->iommufd = require_iommufd();
	find_devices(self->names);
}

FIXTURE_TEARDOWN(ats_capability)
{
	close(self->iommufd);
}

TEST_F(ats_capability, device)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		struct vfio_device_bind_iommufd bind = {
			.argsz = sizeof(bind),
			.iommufd = self->iommufd,
		};
		struct iommu_hw_info cmd = { .size = sizeof(cmd) };
		int fd = pci_open_vfio(self->names[i]);

		ASSERT_LE(0, fd);
		ASSERT_EQ(0, ioctl(fd, VFIO_DEVICE_BIND_IOMMUFD, &bind));
		cmd.dev_id = bind.out_devid;
		ASSERT_EQ(0, ioctl(self->iommufd, IOMMU_GET_HW_INFO, &cmd));
		EXPECT_EQ(pci_has_ats(self->names[i]) ? 0 :
			  IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED,
			  cmd.out_capabilities &
			  IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED);
		close(fd);
	}
}

TEST_HARNESS_MAIN
