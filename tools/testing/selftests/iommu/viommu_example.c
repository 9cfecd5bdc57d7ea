// SPDX-License-Identifier: GPL-2.0
/*
 * The iommufd side of a VMM, from the first object to the last: a worked example
 * for Documentation/userspace-api/iommufd_viommu.rst, and a test of it.
 *
 *   viommu_example /dev/vfio/devices/vfio0     a device behind an SMMUv3 with CMDQ-V
 *   viommu_example                             a device of iommufd's mock driver
 *
 * There is no guest. Comments mark the places where a VMM would react to its guest.
 * Each function returns 0, or -1 after an error message.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define __EXPORTED_HEADERS__
#include <linux/iommufd.h>
#include <linux/vfio.h>

#include "iommu_require.h"
#include "viommu_example.h"

int call(int fd, unsigned long request, void *cmd, const char *name)
{
	if (!ioctl(fd, request, cmd))
		return 0;
	fprintf(stderr, "%s: %s\n", name, strerror(errno));
	return -1;
}

static int destroy(struct vm *vm, __u32 id)
{
	struct iommu_destroy cmd = { .size = sizeof(cmd), .id = id };

	return CALL(vm->iommu, IOMMU_DESTROY, &cmd);
}

/* Guest RAM. Its address in the guest is its IOVA. */
static int make_ram(struct vm *vm)
{
	struct iommu_ioas_alloc alloc = { .size = sizeof(alloc) };
	struct iommu_ioas_map map = {
		.size = sizeof(map),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE |
			 IOMMU_IOAS_MAP_WRITEABLE,
		.length = GUEST_RAM_SIZE,
		.iova = GUEST_RAM_BASE,
	};

	vm->ram = mmap(NULL, GUEST_RAM_SIZE, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (vm->ram == MAP_FAILED) {
		perror("guest RAM");
		return -1;
	}
	if (CALL(vm->iommu, IOMMU_IOAS_ALLOC, &alloc))
		return -1;
	vm->ioas_id = alloc.out_ioas_id;
	map.ioas_id = vm->ioas_id;
	map.user_va = (uintptr_t)vm->ram;
	return CALL(vm->iommu, IOMMU_IOAS_MAP, &map);
}

/* Check the hardware. EOPNOTSUPP means that it does not have this type */
static int check_hardware(struct vm *vm)
{
	char data[64];
	struct iommu_hw_info cmd = {
		.size = sizeof(cmd),
		.flags = IOMMU_HW_INFO_FLAG_INPUT_TYPE,
		.dev_id = vm->dev_id,
		.in_data_type = vm->platform->info_type,
		.data_uptr = (uintptr_t)data,
		.data_len = sizeof(data),
	};

	return CALL(vm->iommu, IOMMU_GET_HW_INFO, &cmd);
}

/* Stage 2, which belongs to the VMM and limits the memory for the guest's devices */
static int make_parent(struct vm *vm)
{
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.flags = IOMMU_HWPT_ALLOC_NEST_PARENT,
		.dev_id = vm->dev_id,
		.pt_id = vm->ioas_id,
	};

	if (CALL(vm->iommu, IOMMU_HWPT_ALLOC, &cmd))
		return -1;
	vm->parent_id = cmd.out_hwpt_id;
	return vm->platform->attach(vm, vm->parent_id);
}

static int make_viommu(struct vm *vm)
{
	const struct platform *p = vm->platform;
	struct iommu_viommu_alloc cmd = {
		.size = sizeof(cmd),
		.type = p->viommu_type,
		.dev_id = vm->dev_id,
		.hwpt_id = vm->parent_id,
		.data_len = p->viommu_data_len,
		.data_uptr = (uintptr_t)p->viommu_data,
	};

	if (CALL(vm->iommu, IOMMU_VIOMMU_ALLOC, &cmd))
		return -1;
	vm->viommu_id = cmd.out_viommu_id;

	/* Offset and length exactly as reported are always right */
	vm->registers = mmap(NULL, *p->mmap_length, PROT_READ | PROT_WRITE,
			     MAP_SHARED, vm->iommu, *p->mmap_offset);
	if (vm->registers == MAP_FAILED) {
		perror("mmap of the registers");
		return -1;
	}
	return 0;
}

/* When the guest first writes a stream table entry for the device */
static int make_vdevice(struct vm *vm)
{
	struct iommu_vdevice_alloc cmd = {
		.size = sizeof(cmd),
		.viommu_id = vm->viommu_id,
		.dev_id = vm->dev_id,
		.virt_id = GUEST_DEVICE,
	};

	if (CALL(vm->iommu, IOMMU_VDEVICE_ALLOC, &cmd))
		return -1;
	vm->vdevice_id = cmd.out_vdevice_id;
	return 0;
}

/* Stage 1 of that entry; made again each time the guest changes it */
static int make_nested(struct vm *vm)
{
	const struct platform *p = vm->platform;
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.dev_id = vm->dev_id,
		.pt_id = vm->viommu_id,
		.data_type = p->hwpt_type,
		.data_len = p->hwpt_data_len,
		.data_uptr = (uintptr_t)p->hwpt_data,
	};

	if (CALL(vm->iommu, IOMMU_HWPT_ALLOC, &cmd))
		return -1;
	vm->hwpt_id = cmd.out_hwpt_id;
	return p->attach(vm, vm->hwpt_id);
}

static int make_veventq(struct vm *vm)
{
	struct iommu_veventq_alloc cmd = {
		.size = sizeof(cmd),
		.viommu_id = vm->viommu_id,
		.type = vm->platform->veventq_type,
		.veventq_depth = 64,
	};

	if (CALL(vm->iommu, IOMMU_VEVENTQ_ALLOC, &cmd))
		return -1;
	vm->veventq_id = cmd.out_veventq_id;
	vm->events = cmd.out_veventq_fd;
	return 0;
}

/* Called when poll() reports the file readable */
static int read_events(struct vm *vm)
{
	struct {
		struct iommufd_vevent_header header;
		char payload[32];
	} event;
	/* Room for one event: then each read gives one entry */
	size_t size = sizeof(event.header) + vm->platform->event_len;
	ssize_t n;

	for (;;) {
		n = read(vm->events, &event, size);
		if (n <= 0)
			break;
		if (event.header.flags & IOMMU_VEVENTQ_FLAG_LOST_EVENTS)
			printf("# events were lost up to number %u\n",
			       event.header.sequence);
		/* Otherwise: put event.payload into the guest's own event queue */
	}
	if (n < 0)
		perror("vEVENTQ");
	return n;
}

/* When the guest has given its queue an address and enabled it */
static int make_queue(struct vm *vm)
{
	struct iommu_hw_queue_alloc cmd = {
		.size = sizeof(cmd),
		.viommu_id = vm->viommu_id,
		.type = vm->platform->queue_type,
		.index = 0,
		.nesting_parent_iova = GUEST_RAM_BASE,
		.length = QUEUE_SIZE,
	};

	if (CALL(vm->iommu, IOMMU_HW_QUEUE_ALLOC, &cmd))
		return -1;
	vm->queue_id = cmd.out_hw_queue_id;
	/*
	 * From now on vm->registers may be mapped into the guest, which enables the
	 * queue there and owns it; its commands need no call.
	 */
	return 0;
}

/* Invalidations of the guest outside of that queue */
static int invalidate(struct vm *vm)
{
	const struct platform *p = vm->platform;
	struct iommu_hwpt_invalidate cmd = {
		.size = sizeof(cmd),
		.hwpt_id = vm->viommu_id,
		.data_type = p->invalidate_type,
		.data_uptr = (uintptr_t)p->invalidation,
		.entry_len = p->invalidation_len,
		.entry_num = 1,
	};

	if (CALL(vm->iommu, IOMMU_HWPT_INVALIDATE, &cmd))
		return -1;
	return cmd.entry_num == 1 ? 0 : -1;
}

/* The hardware reads the memory of the queue, so it cannot be unmapped */
static int check_unmap_refused(struct vm *vm)
{
	struct iommu_ioas_unmap cmd = {
		.size = sizeof(cmd),
		.ioas_id = vm->ioas_id,
		.iova = GUEST_RAM_BASE,
		.length = GUEST_RAM_SIZE,
	};

	if (ioctl(vm->iommu, IOMMU_IOAS_UNMAP, &cmd) && errno == EBUSY)
		return 0;
	fprintf(stderr, "guest RAM was unmapped under a queue\n");
	return -1;
}

static int build(struct vm *vm, const char *path)
{
	vm->iommu = open("/dev/iommu", O_RDWR | O_CLOEXEC);
	if (vm->iommu < 0) {
		perror("/dev/iommu");
		return -1;
	}
	if (make_ram(vm) || vm->platform->bind(vm, path) ||
	    check_hardware(vm) || make_parent(vm) || make_viommu(vm) ||
	    make_vdevice(vm) || make_nested(vm) || make_veventq(vm) ||
	    make_queue(vm))
		return -1;
	return 0;
}

/* Each object before the object that it holds; any other order gives EBUSY */
static int teardown(struct vm *vm)
{
	const struct platform *p = vm->platform;

	if (p->attach(vm, vm->ioas_id) || destroy(vm, vm->hwpt_id) ||
	    destroy(vm, vm->vdevice_id))
		return -1;
	/* Unmap the registers from the guest before its queues go */
	if (munmap(vm->registers, *p->mmap_length) ||
	    destroy(vm, vm->queue_id))
		return -1;
	close(vm->events);
	if (destroy(vm, vm->veventq_id) || destroy(vm, vm->viommu_id) ||
	    destroy(vm, vm->parent_id))
		return -1;
	p->unbind(vm);
	if (destroy(vm, vm->ioas_id))
		return -1;
	return close(vm->iommu);
}

int main(int argc, char **argv)
{
	struct vm vm = {
		.platform = argc > 1 ? &platform_cmdqv : &platform_mock,
		.device = -1,
		.events = -1,
	};

	if (argc < 2)
		require_viommu_mock();
	if (build(&vm, argc > 1 ? argv[1] : NULL) || invalidate(&vm) ||
	    read_events(&vm) || check_unmap_refused(&vm) || teardown(&vm))
		return 1;
	return 0;
}

static int cmdqv_bind(struct vm *vm, const char *path)
{
	struct vfio_device_bind_iommufd bind = { .argsz = sizeof(bind) };

	vm->device = open(path, O_RDWR | O_CLOEXEC);
	if (vm->device < 0) {
		perror(path);
		return -1;
	}
	bind.iommufd = vm->iommu;
	if (CALL(vm->device, VFIO_DEVICE_BIND_IOMMUFD, &bind))
		return -1;
	vm->dev_id = bind.out_devid;
	return 0;
}

static int cmdqv_attach(struct vm *vm, __u32 pt_id)
{
	struct vfio_device_attach_iommufd_pt cmd = {
		.argsz = sizeof(cmd),
		.pt_id = pt_id,
	};

	return CALL(vm->device, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &cmd);
}

static void cmdqv_unbind(struct vm *vm)
{
	close(vm->device);
}

static struct iommu_viommu_tegra241_cmdqv cmdqv_data;

/* A valid entry with bypass: V = 1, Config = 4. Both words are little endian */
static const struct iommu_hwpt_arm_smmuv3 cmdqv_ste = { .ste = { 1 | 4 << 1, 0 } };

/* TLBI_NSNH_ALL: all cached translations of this guest */
static const struct iommu_viommu_arm_smmuv3_invalidate cmdqv_tlbi = {
	.cmd = { 0x30, 0 },
};

const struct platform platform_cmdqv = {
	.info_type = IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV,
	.viommu_type = IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV,
	.hwpt_type = IOMMU_HWPT_DATA_ARM_SMMUV3,
	.invalidate_type = IOMMU_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3,
	.veventq_type = IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV,
	.event_len = sizeof(struct iommu_vevent_tegra241_cmdqv),
	.queue_type = IOMMU_HW_QUEUE_TYPE_TEGRA241_CMDQV,
	.bind = cmdqv_bind,
	.attach = cmdqv_attach,
	.unbind = cmdqv_unbind,
	.viommu_data = &cmdqv_data,
	.viommu_data_len = sizeof(cmdqv_data),
	.mmap_offset = (__u64 *)&cmdqv_data.out_vintf_mmap_offset,
	.mmap_length = (__u64 *)&cmdqv_data.out_vintf_mmap_length,
	.hwpt_data = &cmdqv_ste,
	.hwpt_data_len = sizeof(cmdqv_ste),
	.invalidation = &cmdqv_tlbi,
	.invalidation_len = sizeof(cmdqv_tlbi),
};
