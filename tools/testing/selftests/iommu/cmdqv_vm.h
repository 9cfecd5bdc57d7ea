/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A virtual machine without a CPU: this program is its VMM (iommufd, VFIO) and
 * its guest (stage-1 tables, queues) at once. Built step by step, so that a
 * test can stop anywhere; vm_close() undoes the steps that were done.
 */
#ifndef _CMDQV_VM_H
#define _CMDQV_VM_H

#include "cmdqv_dma.h"
#include "iommufd_calls.h"
#include "cmdqv_model.h"
#include "cmdqv_ram.h"
#include "cmdqv_vcmdq.h"

#define VM_QUEUES	2
#define VM_QUEUE_TYPE	IOMMU_HW_QUEUE_TYPE_TEGRA241_CMDQV
#define VM_ASID		1

/*
 * Virtual StreamID of device n. It differs from the physical one, so that a
 * test detects hardware that does not replace it.
 */
#define VM_VSID(n)	(0x1234U + (n))

/**
 * struct vm_queue - One HW queue
 * @id: The HW_QUEUE object, 0 if there is none
 * @q: The guest's side
 */
struct vm_queue {
	__u32 id;
	struct vcmdq q;
};

/**
 * struct cmdqv_vm - The VM; an ID of 0 means that there is no such object
 * @iommufd: /dev/iommu
 * @dev: The DMA device
 * @dev_id: ID of the bound device
 * @ioas: IOAS of guest RAM
 * @parent: Nesting parent: stage 2
 * @viommu: vIOMMU of type TEGRA241_CMDQV
 * @vdevice: The device under its virtual StreamID
 * @nested: Nested HWPT: stage 1 of the guest
 * @attached: The device is attached
 * @mmap_offset: Of page 0, as the kernel reported it
 * @mmap_length: Of page 0, as the kernel reported it
 * @page0: Page 0 of the virtual interface in this program, or NULL
 * @ram: Guest RAM
 * @queue: The HW queues
 * @opened: Counters of the model when the device had been opened
 * @step: The step that failed, for messages
 * @error: Its error
 */
struct cmdqv_vm {
	int iommufd;
	struct dma_dev dev;
	__u32 dev_id;
	__u32 ioas;
	__u32 parent;
	__u32 viommu;
	__u32 vdevice;
	__u32 nested;
	int attached;
	__u64 mmap_offset;
	__u64 mmap_length;
	void *page0;
	struct guest_ram ram;
	struct vm_queue queue[VM_QUEUES];
	struct model_counts opened;
	const char *step;
	int error;
};

int vm_open(struct cmdqv_vm *vm, unsigned int index);
int vm_join(struct cmdqv_vm *vm, const struct cmdqv_vm *first, unsigned int index);
int vm_viommu(struct cmdqv_vm *vm);
int vm_vdevice(struct cmdqv_vm *vm);
int vm_stage1(struct cmdqv_vm *vm);
int vm_attach(struct cmdqv_vm *vm);
int vm_nest(struct cmdqv_vm *vm);
int vm_map_page0(struct cmdqv_vm *vm);
void vm_unmap_page0(struct cmdqv_vm *vm);
int vm_queue_alloc(struct cmdqv_vm *vm, unsigned int i, unsigned int log2size);
int vm_queue_free(struct cmdqv_vm *vm, unsigned int i);
int vm_build(struct cmdqv_vm *vm, unsigned int index, unsigned int log2size);
int vm_detach(struct cmdqv_vm *vm);
int vm_destroy(struct cmdqv_vm *vm, __u32 *id);
int vm_teardown(struct cmdqv_vm *vm);
int vm_has_ranges(struct cmdqv_vm *vm);
void vm_counts(struct cmdqv_vm *vm, struct model_counts *counts);
void vm_close(struct cmdqv_vm *vm);

#endif
