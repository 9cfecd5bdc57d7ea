/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Fault queue: page faults of devices that wait for an answer (PCI page requests, stalls of
 * an SMMUv3), from HWPTs that were made with VIOMMU_HWPT_FAULTS. A fault that its device does
 * not wait for is an event of the vIOMMU (<viommu/event.h>).
 */
#ifndef VIOMMU_FAULT_H
#define VIOMMU_FAULT_H

#include <viommu/context.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Flags of a fault; the kernel's IOMMU_PGFAULT_FLAGS_* */
#define VIOMMU_FAULT_PASID_VALID 1u
#define VIOMMU_FAULT_LAST_PAGE 2u

/* Access that a fault asks for; the kernel's IOMMU_PGFAULT_PERM_* */
#define VIOMMU_FAULT_READ 1u
#define VIOMMU_FAULT_WRITE 2u
#define VIOMMU_FAULT_EXEC 4u
#define VIOMMU_FAULT_PRIV 8u

/* Answers; the kernel's IOMMUFD_PAGE_RESP_* */
#define VIOMMU_FAULT_SUCCESS 0u
#define VIOMMU_FAULT_INVALID 1u

/**
 * struct viommu_fault - A page fault
 * @flags: VIOMMU_FAULT_PASID_VALID, VIOMMU_FAULT_LAST_PAGE: the last one of its group
 * @dev: Device
 * @pasid: Process address space, with VIOMMU_FAULT_PASID_VALID
 * @grpid: Group of the page request
 * @perm: VIOMMU_FAULT_READ and the like
 * @reserved: 0
 * @addr: Address
 * @length: Bytes that the device is about to use, 0 if it does not say
 * @cookie: The group for viommu_faults_answer(); counts in the last fault of a group
 *
 * The kernel fills it in an array, so it cannot grow and has no size.
 */
struct viommu_fault {
	uint32_t flags;
	uint32_t dev;
	uint32_t pasid;
	uint32_t grpid;
	uint32_t perm;
	uint32_t reserved;
	uint64_t addr;
	uint32_t length;
	uint32_t cookie;
};

/**
 * viommu_faults_alloc - Make a fault queue
 * @ctx: Context
 * @faults: ID of the new fault queue
 * @fd: Descriptor to poll, non-blocking and close-on-exec. The caller closes it, before
 *      the queue is destroyed, and destroys the HWPTs with this queue before that.
 *
 * Return: 0, -ENOMEM, or another negative errno.
 */
int viommu_faults_alloc(struct viommu_ctx *ctx, uint32_t *faults, int *fd);

/**
 * viommu_faults_read - Take faults
 * @fd: Descriptor of the fault queue
 * @faults: Array for the faults
 * @num: In: length of the array. Out: how many were taken; groups are never cut.
 *
 * Never waits.
 *
 * Return: 0; -EAGAIN if there is none, or the first group does not fit into the array;
 * -EINVAL if @num is 0; -EBADMSG if the kernel has returned a part of a fault; or what
 * read() reports. *@num is written on success only.
 */
int viommu_faults_read(int fd, struct viommu_fault *faults, uint32_t *num);

/**
 * viommu_faults_answer - Answer a group of faults
 * @fd: Descriptor of the fault queue
 * @cookie: Group
 * @code: VIOMMU_FAULT_SUCCESS: the access shall be tried again; VIOMMU_FAULT_INVALID: it
 *        failed
 *
 * Each group has to be answered once. The kernel answers the rest with
 * VIOMMU_FAULT_INVALID when the last HWPT with this queue goes.
 *
 * Return: 0, -EINVAL if no group with this cookie waits, or for another @code; or what
 * write() reports.
 */
int viommu_faults_answer(int fd, uint32_t cookie, uint32_t code);

#ifdef __cplusplus
}
#endif

#endif
