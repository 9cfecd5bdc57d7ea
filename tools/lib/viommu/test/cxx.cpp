// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * The headers in C++, each on its own, and a program that links the shared
 * library.
 */
#include <viommu/cmdqv.h>
#include <viommu/device.h>
#include <viommu/event.h>
#include <viommu/fault.h>
#include <viommu/hwpt.h>
#include <viommu/invalidate.h>
#include <viommu/ioas.h>
#include <viommu/object.h>
#include <viommu/smmuv3.h>
#include <viommu.h>

#include <cstdint>
#include <cstdio>
#include <cstring>

namespace
{

int errors;

struct Host {
	static void error(void *host, const viommu_cmdqv_error *error)
	{
		(void)host;
		errors += error->reason == VIOMMU_CMDQV_BAD_ACCESS;
	}
};

int queueAlloc(void *, std::uint32_t, std::uint64_t, std::uint64_t, std::uint32_t *)
{
	return -1;
}

int queueDestroy(void *, std::uint32_t)
{
	return 0;
}

std::uint32_t page0Read(void *, std::uint32_t)
{
	return 0;
}

void page0Write(void *, std::uint32_t, std::uint32_t)
{
}

bool works()
{
	viommu_cmdqv_host_ops host = {};
	host.size = sizeof(host);
	const viommu_cmdqv_kernel_ops kernel = { sizeof(kernel), 0, queueAlloc, queueDestroy, page0Read, page0Write };
	viommu_cmdqv_config config = {};
	viommu_cmdqv *cmdqv = nullptr;
	std::uint64_t value = 1;

	host.error = Host::error;
	config.size = sizeof(config);
	config.max_log2size = VIOMMU_CMDQV_ANY_SIZE;
	config.host_ops = &host;
	config.kernel_ops = &kernel;
	if (viommu_cmdqv_new(&config, &cmdqv))
		return false;
	const bool read = viommu_cmdqv_read(cmdqv, 0x4, 4, &value) == 0 && value == 0x4011;
	const bool hole = viommu_cmdqv_read(cmdqv, 0xc, 4, &value) < 0 && errors == 1;

	return viommu_cmdqv_free(cmdqv) == 0 && read && hole &&
	       std::strlen(viommu_cmdqv_reason_text(VIOMMU_CMDQV_BAD_ACCESS)) > 0;
}

}

int main()
{
	const bool ok = works();

	std::printf("KTAP version 1\n1..1\n%sok 1 cxx\n", ok ? "" : "not ");
	return ok ? 0 : 1;
}
