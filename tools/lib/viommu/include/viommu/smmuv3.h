/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Rules between the SMMUv3 of the host and the one that a guest sees
 * (Documentation/arch/arm64/tegra241-cmdqv-vmm.rst, section 4). Pure functions
 * on register values.
 */
#ifndef VIOMMU_SMMUV3_H
#define VIOMMU_SMMUV3_H

#include <viommu/device.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * viommu_smmuv3_check - Compare the guest's ID registers with the host's
 * @host: ID registers of the host, of viommu_hw_info_smmuv3()
 * @caps: Capabilities of viommu_hw_info(); they say whether ATS can be used
 * @guest_idr: IDR0 to IDR5 that the guest is to see
 * @field: Name of the first field that the host cannot back, for a message;
 *         may be NULL
 *
 * Compares each field of IDR0, IDR1, IDR3 and IDR5 that says what translation, context
 * descriptors, invalidation and transactions can be. A guest may be shown less than
 * the host has, so that it can move to another one. It must not be shown a feature that no
 * host can give it, like stage 2 of its own. Fields about the VMM's own emulation, like
 * the sizes of queues, are not compared.
 *
 * Return: 0, or -EOPNOTSUPP if the host cannot back what the guest would see.
 */
int viommu_smmuv3_check(const struct viommu_smmuv3_info *host, uint64_t caps,
			const uint32_t guest_idr[6], const char **field);

/**
 * viommu_smmuv3_cmdqs - Size of command queue that a guest can be shown
 * @host: ID registers of the host, of viommu_hw_info_smmuv3()
 * @page_size: Size in bytes of the pages that back guest memory
 *
 * A queue must lie in one page to be contiguous: 4 KiB pages give 8 (256
 * commands), 2 MiB pages 17. A VMM should say so when this is below the host's.
 *
 * Return: log2 of the number of commands, for IDR1.CMDQS: the smallest of 19,
 * the host's and log2(@page_size) - 4; 0 if @page_size is no power of two or
 * below 32.
 */
unsigned int viommu_smmuv3_cmdqs(const struct viommu_smmuv3_info *host,
				 uint64_t page_size);

/**
 * viommu_smmuv3_ste_mask - Clear what the kernel does not take
 * @ste: Words 0 and 1 of a guest's STE, in the byte order of the host
 * @out: The same without the bits that viommu_hwpt_alloc_ste() refuses
 */
void viommu_smmuv3_ste_mask(const uint64_t ste[2], uint64_t out[2]);

#ifdef __cplusplus
}
#endif

#endif
