/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Devices: VFIO character devices bound to a context, and what the IOMMU
 * behind a device can do.
 */
#ifndef VIOMMU_DEVICE_H
#define VIOMMU_DEVICE_H

#include <viommu/context.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Types of information; the kernel's IOMMU_HW_INFO_TYPE_* */
#define VIOMMU_HW_INFO_DEFAULT 0u
#define VIOMMU_HW_INFO_ARM_SMMUV3 2u
#define VIOMMU_HW_INFO_TEGRA241_CMDQV 3u

/* Capabilities; the kernel's IOMMU_HW_CAP_* */
#define VIOMMU_HW_CAP_DIRTY_TRACKING (1ull << 0)
#define VIOMMU_HW_CAP_PASID_EXEC (1ull << 1)
#define VIOMMU_HW_CAP_PASID_PRIV (1ull << 2)
#define VIOMMU_HW_CAP_ATS_NOT_SUPPORTED (1ull << 3)

/**
 * struct viommu_hw_info - Type and capabilities of a device's IOMMU
 * @size: sizeof(struct viommu_hw_info)
 * @type: Type of the information that was returned
 * @capabilities: Bits VIOMMU_HW_CAP_*
 * @len: Bytes the kernel has of it; may exceed the buffer
 * @max_pasid_log2: log2 of the number of PASIDs of the device, 0 for none
 */
struct viommu_hw_info {
	uint32_t size;
	uint32_t type;
	uint64_t capabilities;
	uint32_t len;
	uint32_t max_pasid_log2;
};

/* The erratum of struct viommu_smmuv3_info: issue TLBI and CFGI twice */
#define VIOMMU_SMMUV3_REPEAT_TLBI_CFGI 1u

/**
 * struct viommu_smmuv3_info - ID registers of an SMMUv3
 * @size: sizeof(struct viommu_smmuv3_info)
 * @flags: VIOMMU_SMMUV3_REPEAT_TLBI_CFGI
 * @idr: SMMU_IDR0 to SMMU_IDR5
 * @iidr: SMMU_IIDR
 * @aidr: SMMU_AIDR
 */
struct viommu_smmuv3_info {
	uint32_t size;
	uint32_t flags;
	uint32_t idr[6];
	uint32_t iidr;
	uint32_t aidr;
};

/**
 * struct viommu_cmdqv_info - Resources of the CMDQ-V beside an SMMUv3 for a guest
 * @size: sizeof(struct viommu_cmdqv_info)
 * @flags: 0
 * @version: Version of CMDQ-V
 * @log2vcmdqs: log2 of the queues of one virtual interface
 * @log2vsids: log2 of the StreamIDs of one virtual interface
 * @reserved: 0
 */
struct viommu_cmdqv_info {
	uint32_t size;
	uint32_t flags;
	uint8_t version;
	uint8_t log2vcmdqs;
	uint8_t log2vsids;
	uint8_t reserved;
};

/**
 * viommu_hw_info - Ask about the IOMMU behind a device
 * @ctx: Context
 * @dev: Device
 * @type: VIOMMU_HW_INFO_*
 * @data: Buffer for the information, or NULL
 * @len: Length of the buffer; what the kernel does not fill is set to 0
 * @info: The rest of the answer, or NULL; its size is set
 *
 * Return: 0, -EINVAL for a wrong size of @info, -ENOENT without such a device, -EOPNOTSUPP if the IOMMU has no
 * information of this type (Documentation/userspace-api/viommu/checks.rst,
 * section 4.7).
 */
int viommu_hw_info(struct viommu_ctx *ctx, uint32_t dev, uint32_t type,
		   void *data, uint32_t len, struct viommu_hw_info *info);

/**
 * viommu_hw_info_smmuv3 - Read the ID registers of the SMMUv3 behind a device
 * @ctx: Context
 * @dev: Device
 * @info: The registers; its size is set
 *
 * Return: as viommu_hw_info(), and -EOPNOTSUPP if it is no SMMUv3.
 */
int viommu_hw_info_smmuv3(struct viommu_ctx *ctx, uint32_t dev,
			  struct viommu_smmuv3_info *info);

/**
 * viommu_hw_info_cmdqv - Ask whether there is a CMDQ-V a guest can use
 * @ctx: Context
 * @dev: Device
 * @info: Its resources; the size in it is set
 *
 * Return: as viommu_hw_info(), and -EOPNOTSUPP if there is no CMDQ-V, or one
 * that does not have what struct viommu_cmdqv shows to a guest: version 1, two
 * queues, 16 StreamIDs (Documentation/arch/arm64/tegra241-cmdqv-vmm.rst,
 * section 1, row 8).
 */
int viommu_hw_info_cmdqv(struct viommu_ctx *ctx, uint32_t dev,
			 struct viommu_cmdqv_info *info);

/**
 * viommu_vfio_open - Open a VFIO character device
 * @path: Path, for instance /dev/vfio/devices/vfio0
 * @fd: Descriptor; the caller closes it, which unbinds the device
 *
 * Return: 0 or what open() reports.
 */
int viommu_vfio_open(const char *path, int *fd);

/**
 * viommu_vfio_path - Find the VFIO character device of a PCI device
 * @address: Address of the PCI device as in sysfs, for instance 0002:01:00.0
 * @path: Buffer for the path
 * @len: Its length
 *
 * Reads sysfs and binds nothing: the device must have a driver of VFIO, as vfio-pci.
 *
 * Return: 0, -EINVAL for an address that is none, -ENODEV without such a device, or if no
 * driver of VFIO has it, -ENOSPC if @len is too short; or what opendir() reports.
 */
int viommu_vfio_path(const char *address, char *path, size_t len);

/**
 * viommu_vfio_bind - Bind a VFIO device to a context
 * @ctx: Context
 * @fd: Descriptor of the VFIO device
 * @dev: ID of the device
 *
 * Return: 0 or a negative errno of VFIO_DEVICE_BIND_IOMMUFD.
 */
int viommu_vfio_bind(struct viommu_ctx *ctx, int fd, uint32_t *dev);

/**
 * viommu_vfio_attach - Give a VFIO device an address space
 * @ctx: Context, for the trace and the count of ioctls
 * @fd: Descriptor of the VFIO device
 * @pt: HWPT or IOAS. An attached device is moved over, without a gap.
 *
 * Return: 0, -ENOENT for a nested HWPT that needs a vDEVICE which the device
 * does not have (Documentation/userspace-api/viommu/smmuv3.rst, section 5.2),
 * -EINVAL for another SMMU's HWPT, or another negative errno of
 * VFIO_DEVICE_ATTACH_IOMMUFD_PT.
 */
int viommu_vfio_attach(struct viommu_ctx *ctx, int fd, uint32_t pt);

/**
 * viommu_vfio_detach - Take a VFIO device off its address space
 * @ctx: Context, for the trace and the count of ioctls
 * @fd: Descriptor of the VFIO device
 *
 * Return: 0 or a negative errno of VFIO_DEVICE_DETACH_IOMMUFD_PT.
 */
int viommu_vfio_detach(struct viommu_ctx *ctx, int fd);

#ifdef __cplusplus
}
#endif

#endif
