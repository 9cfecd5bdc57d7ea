// SPDX-License-Identifier: GPL-2.0
/*
 * The VM is built in the order of a VMM: device and RAM, stage 2, vIOMMU,
 * vDEVICE and stage 1, page 0, queues. It is destroyed in the reverse order, the
 * only one that the kernel accepts.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cmdqv_vm.h"

/* Note the step that failed, for messages, and its error. */
static int fails(struct cmdqv_vm *vm, const char *step, int rc)
{
	if (rc >= 0)
		return 0;
	vm->step = step;
	vm->error = rc;
	return 1;
}

static int fails_parent(struct cmdqv_vm *vm, __u32 ioas)
{
	const __u32 rw = IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE;

	return fails(vm, "IOMMU_IOAS_MAP",
		     iommufd_ioas_map(vm->iommufd, ioas, vm->ram.va, vm->ram.gpa,
				      vm->ram.size, rw)) ||
	       fails(vm, "IOMMU_HWPT_ALLOC of the nesting parent",
		     iommufd_hwpt_alloc(vm->iommufd, vm->dev_id, ioas,
					IOMMU_HWPT_ALLOC_NEST_PARENT, &vm->parent));
}

/* RAM, and device number @index in the context of @vm */
static int open_device(struct cmdqv_vm *vm, unsigned int index)
{
	if (fails(vm, "huge pages", ram_alloc(&vm->ram)) ||
	    fails(vm, "open the device", dma_open(&vm->dev, index)) ||
	    fails(vm, "VFIO_DEVICE_BIND_IOMMUFD",
		  vfio_bind(vm->dev.fd, vm->iommufd, &vm->dev_id)) ||
	    fails(vm, "device registers", dma_map(&vm->dev)))
		return vm->error;
	model_read(&vm->dev, &vm->opened);
	return 0;
}

/* Device number @index, RAM in an IOAS, and the nesting parent */
int vm_open(struct cmdqv_vm *vm, unsigned int index)
{
	memset(vm, 0, sizeof(*vm));
	vm->dev.fd = -1;
	vm->iommufd = iommufd_open();
	if (fails(vm, "open /dev/iommu", vm->iommufd) ||
	    open_device(vm, index) ||
	    fails(vm, "IOMMU_IOAS_ALLOC",
		  iommufd_ioas_alloc(vm->iommufd, &vm->ioas)) ||
	    fails_parent(vm, vm->ioas))
		return vm->error;
	return 0;
}

/*
 * The same for another device of the VM @first: in the same context, with more RAM in
 * the same IOAS, and with a nesting parent of its own. It ends before @first does.
 */
int vm_join(struct cmdqv_vm *vm, const struct cmdqv_vm *first, unsigned int index)
{
	memset(vm, 0, sizeof(*vm));
	vm->dev.fd = -1;
	vm->iommufd = fcntl(first->iommufd, F_DUPFD_CLOEXEC, 0);
	if (fails(vm, "duplicate a descriptor", vm->iommufd < 0 ? -errno : 0) ||
	    open_device(vm, index))
		return vm->error;
	vm->ram.gpa = first->ram.gpa + first->ram.size;
	return fails_parent(vm, first->ioas) ? vm->error : 0;
}

int vm_viommu(struct cmdqv_vm *vm)
{
	struct iommu_viommu_tegra241_cmdqv data = { 0 };

	if (fails(vm, "IOMMU_VIOMMU_ALLOC",
		  iommufd_viommu_alloc(vm->iommufd, vm->dev_id, vm->parent,
				       IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV, &data,
				       sizeof(data), &vm->viommu)))
		return vm->error;
	vm->mmap_offset = data.out_vintf_mmap_offset;
	vm->mmap_length = data.out_vintf_mmap_length;
	return 0;
}

/* The device under its virtual StreamID */
int vm_vdevice(struct cmdqv_vm *vm)
{
	if (fails(vm, "IOMMU_VDEVICE_ALLOC",
		  iommufd_vdevice_alloc(vm->iommufd, vm->viommu, vm->dev_id,
					VM_VSID(vm->dev.index),
					&vm->vdevice)))
		return vm->error;
	return 0;
}

/* Stage 1 of the guest */
int vm_stage1(struct cmdqv_vm *vm)
{
	__u64 ste[2];

	stage1_init(&vm->ram, VM_ASID);
	stage1_ste(&vm->ram, ste);
	if (fails(vm, "IOMMU_HWPT_ALLOC of stage 1",
		  iommufd_hwpt_nested(vm->iommufd, vm->dev_id, vm->viommu, ste,
				      &vm->nested)))
		return vm->error;
	return 0;
}

/* The device goes through both stages */
int vm_attach(struct cmdqv_vm *vm)
{
	if (fails(vm, "VFIO_DEVICE_ATTACH_IOMMUFD_PT",
		  vfio_attach(vm->dev.fd, vm->nested)))
		return vm->error;
	vm->attached = 1;
	return 0;
}

/* vDEVICE, stage 1, and the device attached to both stages */
int vm_nest(struct cmdqv_vm *vm)
{
	int rc = vm_vdevice(vm);

	if (!rc)
		rc = vm_stage1(vm);
	return rc ? rc : vm_attach(vm);
}

int vm_map_page0(struct cmdqv_vm *vm)
{
	void *va = mmap(NULL, vm->mmap_length, PROT_READ | PROT_WRITE,
			MAP_SHARED, vm->iommufd, vm->mmap_offset);

	if (fails(vm, "mmap of page 0", va == MAP_FAILED ? -errno : 0))
		return vm->error;
	vm->page0 = va;
	return 0;
}

void vm_unmap_page0(struct cmdqv_vm *vm)
{
	if (vm->page0)
		munmap(vm->page0, vm->mmap_length);
	vm->page0 = NULL;
}

/* Queue @i on its own huge page of RAM, not enabled yet */
int vm_queue_alloc(struct cmdqv_vm *vm, unsigned int i, unsigned int log2size)
{
	struct vm_queue *queue = &vm->queue[i];

	if (fails(vm, "IOMMU_HW_QUEUE_ALLOC",
		  iommufd_hw_queue_alloc(vm->iommufd, vm->viommu, VM_QUEUE_TYPE, i,
					 ram_gpa(&vm->ram, RAM_QUEUE(i)),
					 sizeof(struct smmu_cmd) << log2size,
					 &queue->id)))
		return vm->error;
	vcmdq_init(&queue->q, vm->page0, i, ram_va(&vm->ram, RAM_QUEUE(i)),
		   log2size);
	return 0;
}

int vm_queue_free(struct cmdqv_vm *vm, unsigned int i)
{
	return vm_destroy(vm, &vm->queue[i].id);
}

/* The whole VM, with two enabled queues */
int vm_build(struct cmdqv_vm *vm, unsigned int index, unsigned int log2size)
{
	unsigned int i;
	int rc;

	rc = vm_open(vm, index);
	if (!rc)
		rc = vm_viommu(vm);
	if (!rc)
		rc = vm_nest(vm);
	if (!rc)
		rc = vm_map_page0(vm);
	for (i = 0; !rc && i < VM_QUEUES; i++)
		rc = vm_queue_alloc(vm, i, log2size);
	for (i = 0; !rc && i < VM_QUEUES; i++)
		if (fails(vm, "enable a queue", vcmdq_enable(&vm->queue[i].q)))
			return vm->error;
	return rc;
}

int vm_detach(struct cmdqv_vm *vm)
{
	int rc = 0;

	if (vm->attached)
		rc = vfio_detach(vm->dev.fd);
	if (!rc)
		vm->attached = 0;
	return rc;
}

/* Destroy the object with the ID @id, if there is one, and clear @id */
int vm_destroy(struct cmdqv_vm *vm, __u32 *id)
{
	int rc = *id ? iommufd_destroy(vm->iommufd, *id) : 0;

	if (!rc)
		*id = 0;
	return rc;
}

/* Destroy every object in the legal order; the device stays bound */
int vm_teardown(struct cmdqv_vm *vm)
{
	int i;

	if (fails(vm, "VFIO_DEVICE_DETACH_IOMMUFD_PT", vm_detach(vm)) ||
	    fails(vm, "destroy stage 1", vm_destroy(vm, &vm->nested)) ||
	    fails(vm, "destroy the vDEVICE", vm_destroy(vm, &vm->vdevice)))
		return vm->error;
	for (i = VM_QUEUES - 1; i >= 0; i--)
		if (fails(vm, "destroy a queue", vm_queue_free(vm, i)))
			return vm->error;
	vm_unmap_page0(vm);
	if (fails(vm, "destroy the vIOMMU", vm_destroy(vm, &vm->viommu)) ||
	    fails(vm, "destroy the nesting parent",
		  vm_destroy(vm, &vm->parent)) ||
	    fails(vm, "destroy the IOAS", vm_destroy(vm, &vm->ioas)))
		return vm->error;
	return 0;
}

/* Whether the SMMU has range invalidation (IDR3.RIL), or a negative errno */
int vm_has_ranges(struct cmdqv_vm *vm)
{
	struct iommu_hw_info_arm_smmuv3 info = { 0 };
	int rc = iommufd_hw_info(vm->iommufd, vm->dev_id,
				 IOMMU_HW_INFO_TYPE_ARM_SMMUV3, &info,
				 sizeof(info));

	return rc ? rc : !!(info.idr[3] & 1U << 10);
}

/* Counters of the model since vm_open() */
void vm_counts(struct cmdqv_vm *vm, struct model_counts *counts)
{
	struct model_counts now;

	model_read(&vm->dev, &now);
	model_subtract(&now, &vm->opened, counts);
}

/* From any state: objects that are left go with the file descriptors. */
void vm_close(struct cmdqv_vm *vm)
{
	vm_teardown(vm);
	vm_unmap_page0(vm);
	dma_close(&vm->dev);
	if (vm->iommufd >= 0)
		close(vm->iommufd);
	vm->iommufd = -1;
	ram_free(&vm->ram);
}
