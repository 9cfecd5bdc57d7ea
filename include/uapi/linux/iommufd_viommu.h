/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * User ABI of the iommufd objects that give a virtual machine its own share of an
 * IOMMU: vIOMMU, vDEVICE, vEVENTQ and HW_QUEUE; and of the commands for guest
 * memory from files: IOMMU_IOAS_MAP_FILE and IOMMU_IOAS_CHANGE_PROCESS.
 *
 * <linux/iommufd.h> includes this file, so a program needs one include, the same
 * as with a mainline kernel. Numbers, sizes and offsets are mainline's. The
 * general rules that <linux/iommufd.h> states for all its commands (structure
 * sizes, reserved fields, errno values) hold here.
 */
#ifndef _UAPI_IOMMUFD_VIOMMU_H
#define _UAPI_IOMMUFD_VIOMMU_H

#include <linux/ioctl.h>
#include <linux/types.h>

/*
 * Number 0x95 belongs to a command that this kernel does not have. It gives
 * ENOTTY and is never used for another command.
 */
enum {
	IOMMUFD_CMD_IOAS_MAP_FILE = 0x8f,
	IOMMUFD_CMD_VIOMMU_ALLOC = 0x90,
	IOMMUFD_CMD_VDEVICE_ALLOC = 0x91,
	IOMMUFD_CMD_IOAS_CHANGE_PROCESS = 0x92,
	IOMMUFD_CMD_VEVENTQ_ALLOC = 0x93,
	IOMMUFD_CMD_HW_QUEUE_ALLOC = 0x94,
	IOMMUFD_CMD_IOAS_NOIOMMU_GET_PA = 0x95,
};

/* Additions to enum iommu_hwpt_data_type */
#define IOMMU_HWPT_DATA_ARM_SMMUV3 2

/* Additions to enum iommufd_hwpt_alloc_flags; PASID is refused by this kernel */
#define IOMMU_HWPT_ALLOC_PASID (1U << 3)

/* Additions to enum iommu_hw_info_type */
#define IOMMU_HW_INFO_TYPE_DEFAULT 0
#define IOMMU_HW_INFO_TYPE_ARM_SMMUV3 2
#define IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV 3

/* Additions to enum iommufd_hw_capabilities */
#define IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED (1 << 3)

/* Additions to enum iommu_hwpt_invalidate_data_type */
#define IOMMU_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3 1

/**
 * enum iommufd_hw_info_flags - Flags of IOMMU_GET_HW_INFO
 * @IOMMU_HW_INFO_FLAG_INPUT_TYPE: &struct iommu_hw_info.in_data_type is the
 *                                 requested type. Without the flag the word is
 *                                 ignored on input.
 */
enum iommufd_hw_info_flags {
	IOMMU_HW_INFO_FLAG_INPUT_TYPE = 1 << 0,
};

/**
 * enum iommu_hw_info_arm_smmuv3_flags - Flags of &struct iommu_hw_info_arm_smmuv3
 * @IOMMU_HW_INFO_ARM_SMMUV3_ERRATA_REPEAT_TLBI_CFGI: erratum T264-SMMU-3: every
 *                                TLBI or CFGI with its CMD_SYNC must be
 *                                issued twice.
 */
enum iommu_hw_info_arm_smmuv3_flags {
	IOMMU_HW_INFO_ARM_SMMUV3_ERRATA_REPEAT_TLBI_CFGI = 1 << 0,
};

/**
 * struct iommu_hw_info_arm_smmuv3 - SMMUv3 information
 *                                   (IOMMU_HW_INFO_TYPE_ARM_SMMUV3)
 * @flags: Bits of enum iommu_hw_info_arm_smmuv3_flags
 * @__reserved: 0
 * @idr: SMMU_IDR0 to SMMU_IDR5 as the hardware reads
 * @iidr: SMMU_IIDR
 * @aidr: SMMU_AIDR
 *
 * A VMM may look at IDR0 {ST_LEVEL, TERM_MODEL, STALL_MODEL, TTENDIAN, CD2L,
 * ASID16, TTF}, IDR1 {CMDQS, SIDSIZE, SSIDSIZE}, IDR3 {BBML, RIL} and IDR5 {VAX,
 * GRAN64K, GRAN16K, GRAN4K, DS}. If a nested HWPT can be made, there is a stage
 * 1. COHACC is always true. ATS depends on the device.
 */
struct iommu_hw_info_arm_smmuv3 {
	__u32 flags;
	__u32 __reserved;
	__u32 idr[6];
	__u32 iidr;
	__u32 aidr;
};

/**
 * struct iommu_hw_info_tegra241_cmdqv - CMDQ-V information
 *                                       (IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV)
 * @flags: 0
 * @version: CMDQ-V version, PARAM[3:0]
 * @log2vcmdqs: log2 of the logical VCMDQs of one virtual interface; a VMM shows
 *              it as PARAM[7:4]
 * @log2vsids: log2 of the StreamID slots of one virtual interface; a VMM shows
 *             it as PARAM[15:12]
 * @__reserved: 0
 */
struct iommu_hw_info_tegra241_cmdqv {
	__u32 flags;
	__u8 version;
	__u8 log2vcmdqs;
	__u8 log2vsids;
	__u8 __reserved;
};

/**
 * struct iommu_hwpt_arm_smmuv3 - Virtual stream table entry of a nested HWPT
 *                                (IOMMU_HWPT_DATA_ARM_SMMUV3)
 * @ste: The first two words of the guest's STE, little endian
 *
 * Word 0 may have V, Config, S1Fmt, S1ContextPtr and S1CDMax; word 1 may have
 * S1DSS, S1CIR, S1COR, S1CSH, S1STALLD and EATS. With V clear all other bits are
 * ignored and DMA of the device aborts. With V set any other bit, a Config that
 * is not abort (0), bypass (4) or stage 1 (5), or an EATS that is not 0 or 1
 * gives EIO.
 */
struct iommu_hwpt_arm_smmuv3 {
	__aligned_le64 ste[2];
};

/**
 * struct iommu_viommu_arm_smmuv3_invalidate - One SMMUv3 command
 *                              (IOMMU_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3)
 * @cmd: The two words of the command, little endian
 *
 * Accepted are TLBI_NSNH_ALL, TLBI_NH_VA, TLBI_NH_VAA, TLBI_NH_ALL, TLBI_NH_ASID,
 * ATC_INV, CFGI_CD and CFGI_CD_ALL; any other opcode and any bit that the command
 * does not have gives EIO. The kernel sets the VMID and replaces the virtual
 * StreamID by the physical one.
 */
struct iommu_viommu_arm_smmuv3_invalidate {
	__aligned_le64 cmd[2];
};

/**
 * struct iommu_ioas_map_file - ioctl(IOMMU_IOAS_MAP_FILE)
 * @size: sizeof(struct iommu_ioas_map_file)
 * @flags: Bits of enum iommufd_ioas_map_flags, as for IOMMU_IOAS_MAP
 * @ioas_id: IOAS to map into
 * @fd: A memfd, or another file of shmem or hugetlbfs
 * @start: Byte offset in the file
 * @length: Bytes to map from @start on
 * @iova: Where to map: input with IOMMU_IOAS_MAP_FIXED_IOVA, output without
 *
 * Map a range of a file. This is IOMMU_IOAS_MAP, except that the pages belong to
 * the file and not to a process: they stay mapped when the descriptor is closed,
 * when the caller unmaps the file, and when the caller exits. Pages that the file
 * loses later (truncation, a punched hole) stay mapped while they are pinned.
 *
 * READABLE needs a descriptor that can be read, WRITEABLE one that can be written
 * and a file that is not append-only and has neither F_SEAL_WRITE nor
 * F_SEAL_FUTURE_WRITE; otherwise EPERM. While the mapping is writeable,
 * F_SEAL_WRITE cannot be added (EBUSY). When pages are pinned, a file of another
 * kind and a range past the end of the file give EINVAL.
 */
struct iommu_ioas_map_file {
	__u32 size;
	__u32 flags;
	__u32 ioas_id;
	__s32 fd;
	__aligned_u64 start;
	__aligned_u64 length;
	__aligned_u64 iova;
};

#define IOMMU_IOAS_MAP_FILE _IO(IOMMUFD_TYPE, IOMMUFD_CMD_IOAS_MAP_FILE)

/**
 * struct iommu_ioas_change_process - ioctl(IOMMU_IOAS_CHANGE_PROCESS)
 * @size: sizeof(struct iommu_ioas_change_process)
 * @__reserved: Must be 0
 *
 * Charge the locked memory of every IOAS of the context to the calling process,
 * which has received the descriptor from another one. EINVAL if memory of a
 * process is mapped (IOMMU_IOAS_MAP), EBUSY if an area is being mapped or
 * unmapped, ENOMEM if the limit of the caller is too low for all of it. On
 * failure nothing has changed.
 */
struct iommu_ioas_change_process {
	__u32 size;
	__u32 __reserved;
};

#define IOMMU_IOAS_CHANGE_PROCESS \
	_IO(IOMMUFD_TYPE, IOMMUFD_CMD_IOAS_CHANGE_PROCESS)

/**
 * enum iommu_viommu_type - Type of a vIOMMU
 * @IOMMU_VIOMMU_TYPE_DEFAULT: Reserved, always refused
 * @IOMMU_VIOMMU_TYPE_ARM_SMMUV3: ARM SMMUv3
 * @IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV: ARM SMMUv3 with a CMDQ-V virtual interface
 */
enum iommu_viommu_type {
	IOMMU_VIOMMU_TYPE_DEFAULT = 0,
	IOMMU_VIOMMU_TYPE_ARM_SMMUV3 = 1,
	IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV = 2,
};

/**
 * struct iommu_viommu_tegra241_cmdqv - Driver data of a CMDQ-V vIOMMU
 *                                      (IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV)
 * @out_vintf_mmap_offset: Offset for mmap() of /dev/iommu to map page 0 of the
 *                         virtual interface
 * @out_vintf_mmap_length: Length of that region in bytes
 *
 * The virtual interface has HYP_OWN = 0, so a VMM must show HYP_OWN as 0 to its
 * guest. The mapping must begin at this offset; it may be shorter than the
 * region, but not longer.
 */
struct iommu_viommu_tegra241_cmdqv {
	__aligned_u64 out_vintf_mmap_offset;
	__aligned_u64 out_vintf_mmap_length;
};

/**
 * struct iommu_viommu_alloc - ioctl(IOMMU_VIOMMU_ALLOC)
 * @size: sizeof(struct iommu_viommu_alloc)
 * @flags: Must be 0
 * @type: A value of enum iommu_viommu_type
 * @dev_id: Device whose physical IOMMU backs the vIOMMU
 * @hwpt_id: Nesting parent: a paging HWPT made with IOMMU_HWPT_ALLOC_NEST_PARENT
 * @out_viommu_id: ID of the new vIOMMU
 * @data_len: Bytes of driver data, 0 for none
 * @__reserved: Should be 0. Not checked, as in mainline.
 * @data_uptr: User pointer to the driver data, which is the structure of @type
 *
 * Allocate a vIOMMU: a virtual machine's share of one physical IOMMU. vDEVICEs,
 * vEVENTQs, HW queues and nested HWPTs are made on it.
 */
struct iommu_viommu_alloc {
	__u32 size;
	__u32 flags;
	__u32 type;
	__u32 dev_id;
	__u32 hwpt_id;
	__u32 out_viommu_id;
	__u32 data_len;
	__u32 __reserved;
	__aligned_u64 data_uptr;
};

#define IOMMU_VIOMMU_ALLOC _IO(IOMMUFD_TYPE, IOMMUFD_CMD_VIOMMU_ALLOC)

/**
 * struct iommu_vdevice_alloc - ioctl(IOMMU_VDEVICE_ALLOC)
 * @size: sizeof(struct iommu_vdevice_alloc)
 * @viommu_id: vIOMMU of the virtual device
 * @dev_id: Bound device
 * @out_vdevice_id: ID of the new vDEVICE
 * @virt_id: ID of the device on the vIOMMU: the virtual StreamID on SMMUv3
 *
 * Bind a device to a vIOMMU under its virtual ID. A device has one vDEVICE at
 * most. An unbind of the device also destroys its vDEVICE, and the ID of the
 * vDEVICE is not used again until the file is closed.
 */
struct iommu_vdevice_alloc {
	__u32 size;
	__u32 viommu_id;
	__u32 dev_id;
	__u32 out_vdevice_id;
	__aligned_u64 virt_id;
};

#define IOMMU_VDEVICE_ALLOC _IO(IOMMUFD_TYPE, IOMMUFD_CMD_VDEVICE_ALLOC)

/**
 * enum iommu_veventq_flag - Flags of &struct iommufd_vevent_header
 * @IOMMU_VEVENTQ_FLAG_LOST_EVENTS: Events up to and including this sequence
 *                                  number were lost, and none was queued since.
 *                                  No payload follows.
 */
enum iommu_veventq_flag {
	IOMMU_VEVENTQ_FLAG_LOST_EVENTS = 1U << 0,
};

/**
 * struct iommufd_vevent_header - Header before the payload of an event
 * @flags: Bits of enum iommu_veventq_flag
 * @sequence: Number of the event. Each event of the queue has a number, also a
 *            lost one: a step of n between two headers means that n - 1 events
 *            were lost in between. The number after 2^31 - 1 is 0.
 */
struct iommufd_vevent_header {
	__u32 flags;
	__u32 sequence;
};

/**
 * enum iommu_veventq_type - Type of the events of a vEVENTQ
 * @IOMMU_VEVENTQ_TYPE_DEFAULT: Reserved, always refused
 * @IOMMU_VEVENTQ_TYPE_ARM_SMMUV3: &struct iommu_vevent_arm_smmuv3
 * @IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV: &struct iommu_vevent_tegra241_cmdqv
 */
enum iommu_veventq_type {
	IOMMU_VEVENTQ_TYPE_DEFAULT = 0,
	IOMMU_VEVENTQ_TYPE_ARM_SMMUV3 = 1,
	IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV = 2,
};

/**
 * struct iommu_vevent_arm_smmuv3 - Event of an SMMUv3
 *                                  (IOMMU_VEVENTQ_TYPE_ARM_SMMUV3)
 * @evt: One event record, little endian. The StreamID is the virtual one.
 *
 * Delivered are C_BAD_STE, F_STREAM_DISABLED, C_BAD_SUBSTREAMID, C_BAD_CD,
 * F_TRANSLATION, F_ADDR_SIZE, F_ACCESS and F_PERMISSION.
 */
struct iommu_vevent_arm_smmuv3 {
	__aligned_le64 evt[4];
};

/**
 * struct iommu_vevent_tegra241_cmdqv - Event of a CMDQ-V virtual interface
 *                                      (IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV)
 * @lvcmdq_err_map: The error maps of the logical VCMDQs, little endian: bit n of
 *                  the 128 is set when queue n has an error
 */
struct iommu_vevent_tegra241_cmdqv {
	__aligned_le64 lvcmdq_err_map[2];
};

/**
 * struct iommu_veventq_alloc - ioctl(IOMMU_VEVENTQ_ALLOC)
 * @size: sizeof(struct iommu_veventq_alloc)
 * @flags: Must be 0
 * @viommu_id: vIOMMU whose events the queue receives
 * @type: A value of enum iommu_veventq_type
 * @veventq_depth: Maximum number of queued events, 1 to 2^19
 * @out_veventq_id: ID of the new vEVENTQ
 * @out_veventq_fd: File descriptor to read the events from, close-on-exec. User
 *                  space closes it before it destroys the vEVENTQ.
 * @__reserved: Must be 0
 *
 * Allocate a queue that receives all events of one type of a vIOMMU. A vIOMMU has
 * one queue per type at most.
 *
 * read() returns whole entries, each a &struct iommufd_vevent_header and the
 * payload of the type, and 0 at once when the queue is empty. If the queue is
 * full, an event is lost; if the newest event was lost, the last entry is a
 * header with IOMMU_VEVENTQ_FLAG_LOST_EVENTS.
 */
struct iommu_veventq_alloc {
	__u32 size;
	__u32 flags;
	__u32 viommu_id;
	__u32 type;
	__u32 veventq_depth;
	__u32 out_veventq_id;
	__u32 out_veventq_fd;
	__u32 __reserved;
};

#define IOMMU_VEVENTQ_ALLOC _IO(IOMMUFD_TYPE, IOMMUFD_CMD_VEVENTQ_ALLOC)

/**
 * enum iommu_hw_queue_type - Type of a HW queue
 * @IOMMU_HW_QUEUE_TYPE_DEFAULT: Reserved, always refused
 * @IOMMU_HW_QUEUE_TYPE_TEGRA241_CMDQV: Logical VCMDQ of a CMDQ-V vIOMMU
 *
 * Type TEGRA241_CMDQV: indexes are allocated 0, 1, 2 ... and destroyed in the
 * reverse order. The queue memory must be physically contiguous and its physical
 * address aligned to the length, which is a power of two between 32 bytes and 16
 * << IDR1.CMDQS. Memory in one huge page meets this.
 */
enum iommu_hw_queue_type {
	IOMMU_HW_QUEUE_TYPE_DEFAULT = 0,
	IOMMU_HW_QUEUE_TYPE_TEGRA241_CMDQV = 1,
};

/**
 * struct iommu_hw_queue_alloc - ioctl(IOMMU_HW_QUEUE_ALLOC)
 * @size: sizeof(struct iommu_hw_queue_alloc)
 * @flags: Must be 0
 * @viommu_id: vIOMMU of the queue
 * @type: A value of enum iommu_hw_queue_type
 * @index: Logical number of the queue on the vIOMMU
 * @out_hw_queue_id: ID of the new HW queue
 * @nesting_parent_iova: Guest-physical address of the queue memory: an IOVA of
 *                       the IOAS behind the nesting parent
 * @length: Bytes of queue memory from there on
 *
 * Allocate a queue that the hardware reads and the guest writes. The memory is
 * pinned while the queue exists; IOMMU_IOAS_UNMAP of it gives EBUSY.
 */
struct iommu_hw_queue_alloc {
	__u32 size;
	__u32 flags;
	__u32 viommu_id;
	__u32 type;
	__u32 index;
	__u32 out_hw_queue_id;
	__aligned_u64 nesting_parent_iova;
	__aligned_u64 length;
};

#define IOMMU_HW_QUEUE_ALLOC _IO(IOMMUFD_TYPE, IOMMUFD_CMD_HW_QUEUE_ALLOC)

#endif
