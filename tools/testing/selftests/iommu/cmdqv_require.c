// SPDX-License-Identifier: GPL-2.0
/*
 * The emulated hardware as a requirement, see iommu_require.h: two DMA test
 * devices for VFIO, and their SMMUv3 with nesting, with or without CMDQ-V. The
 * check binds the first device to an iommufd for a moment.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cmdqv_dma.h"
#include "iommufd_calls.h"
#include "iommu_require.h"
#include "../../qemu/pci-dma-test-regs.h"

#define DEVICES 2

static const char huge_pages[] =
	"/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages";

static void require_file(const char *path, int mode, const char *option)
{
	if (access(path, mode))
		require_skip("%s: %s (%s)", path, strerror(errno), option);
}

static void require_devices(void)
{
	unsigned int count = dma_count();

	/* One device of the owner is enough for programs without DMA */
	if (!dma_other_device() && count < DEVICES)
		require_skip("PCI device %04x:%04x: %u found, %u needed (QEMU device pci-dma-test)",
			     PCI_DMA_TEST_VENDOR_ID, PCI_DMA_TEST_DEVICE_ID,
			     count, DEVICES);
}

/* The first device, bound to @iommufd, with its memory mapped */
static __u32 open_device(int iommufd, struct dma_dev *dev)
{
	__u32 id;
	int rc = dma_open(dev, 0);

	if (rc)
		require_skip("%s: vfio-pci: %s (CONFIG_VFIO_PCI, CONFIG_VFIO_DEVICE_CDEV)",
			     dev->name, strerror(-rc));
	rc = vfio_bind(dev->fd, iommufd, &id);
	if (rc)
		require_skip("%s: VFIO_DEVICE_BIND_IOMMUFD: %s (no IOMMU?)",
			     dev->name, strerror(-rc));
	rc = dma_map(dev);
	if (rc)
		require_skip("%s: device memory: %s", dev->name, strerror(-rc));
	return id;
}

static void require_info(int iommufd, __u32 id, __u32 type, const char *what)
{
	int rc = iommufd_hw_info(iommufd, id, type, NULL, 0);

	if (rc)
		require_skip("IOMMU_GET_HW_INFO of %s: %s", what, strerror(-rc));
}

static void require_hardware(__u32 type, const char *what)
{
	int iommufd = require_iommufd();
	struct dma_dev dev;
	__u32 id;

	require_viommu(iommufd);
	require_devices();
	require_file(huge_pages, W_OK, "CONFIG_HUGETLBFS");
	id = open_device(iommufd, &dev);
	/* The tests read the counters of the model */
	if (!dma_other_device() &&
	    dma_window(&dev, CMDQV_WIN_ID) != CMDQV_WIN_ID_VALUE)
		require_skip("no CMDQ-V (QEMU device tegra241-cmdqv-hw)");
	require_info(iommufd, id, type, what);
	dma_close(&dev);
	close(iommufd);
	iommufd_ioctls = 0;
}

/**
 * require_cmdqv() - Require two DMA test devices behind an SMMUv3 with CMDQ-V
 */
void require_cmdqv(void)
{
	require_hardware(IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV,
			 "CMDQ-V (CONFIG_TEGRA241_CMDQV)");
	if (!dma_other_device())
		require_file("/dev/mem", R_OK, "CONFIG_DEVMEM");
}

/**
 * require_smmuv3() - Require two DMA test devices behind an SMMUv3 with nesting
 */
void require_smmuv3(void)
{
	require_hardware(IOMMU_HW_INFO_TYPE_ARM_SMMUV3,
			 "SMMUv3 (CONFIG_ARM_SMMU_V3_IOMMUFD)");
}
