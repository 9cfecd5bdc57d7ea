// SPDX-License-Identifier: GPL-2.0
/*
 * iommufd and its mock driver as requirements, see iommu_require.h. The kernel
 * gives ENOTTY for an unknown request, and another error for a known one with
 * wrong arguments. So these checks make no object.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define __EXPORTED_HEADERS__
#include <linux/iommufd.h>

#include "../../../../drivers/iommu/iommufd/iommufd_test.h"
#include "iommu_require.h"

/**
 * require_iommufd() - Require /dev/iommu
 *
 * Return: a descriptor of it
 */
int require_iommufd(void)
{
	int fd = open("/dev/iommu", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		require_skip("/dev/iommu: %s (CONFIG_IOMMUFD, module iommufd)",
			     strerror(errno));
	return fd;
}

/**
 * require_viommu() - Require the vIOMMU objects
 * @iommufd: Descriptor of /dev/iommu
 */
void require_viommu(int iommufd)
{
	struct iommu_viommu_alloc cmd = { .size = sizeof(cmd) };

	if (ioctl(iommufd, IOMMU_VIOMMU_ALLOC, &cmd) && errno == ENOTTY)
		require_skip("this kernel has no IOMMU_VIOMMU_ALLOC");
}

static void require_mock_driver(int iommufd)
{
	struct iommu_test_cmd cmd = { .size = sizeof(cmd) };

	if (ioctl(iommufd, IOMMU_TEST_CMD, &cmd) && errno == ENOTTY)
		require_skip("iommufd has no mock driver (CONFIG_IOMMUFD_TEST)");
}

/**
 * require_mock() - Require the mock driver
 */
void require_mock(void)
{
	int fd = require_iommufd();

	require_mock_driver(fd);
	close(fd);
}

/**
 * require_viommu_mock() - Require the mock driver and the vIOMMU objects
 */
void require_viommu_mock(void)
{
	int fd = require_iommufd();

	require_viommu(fd);
	require_mock_driver(fd);
	close(fd);
}

#ifdef REQUIRE
/* The constructors of kselftest_harness.h only register; its tests run in main() */
static __attribute__((constructor)) void require_first(void)
{
	REQUIRE();
}
#endif
