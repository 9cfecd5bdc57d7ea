// SPDX-License-Identifier: GPL-2.0
/*
 * Pass-through of a PCI device with VFIO: bound to vfio-pci if it is not yet, its
 * memory mapped here, and from here into the guest. Its configuration space and
 * its interrupt vectors stay with the host; a payload knows what it gets.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>

#include <viommu.h>

#include "vfio_pci.h"
#include "device.h"

#define PATH_LEN 64

static const struct {
	unsigned int index;
	enum vmm_slot slot;
	uint64_t gpa;
} bars[DEVICE_BARS] = {
	{ 0, SLOT_DEVICE_REGS, VMM_DEVICE_REGS },
	{ 2, SLOT_DEVICE_COUNTERS, VMM_DEVICE_COUNTERS },
};

static int region(int fd, unsigned int index, struct vfio_region_info *info)
{
	*info = (struct vfio_region_info){ .argsz = sizeof(*info),
					   .index = index };
	return ioctl(fd, VFIO_DEVICE_GET_REGION_INFO, info) ? -errno : 0;
}

/* Open the device; it can be bound to an iommufd then */
int device_open(struct vmm *vmm)
{
	char name[PCI_NAME_LEN], path[PATH_LEN];
	unsigned int vendor, id, n = 0;
	int fd, rc;

	if (sscanf(vmm->options.device, "%x:%x:%u", &vendor, &id, &n) < 2)
		return failed(vmm->options.device, -EINVAL);
	rc = pci_find(vendor, id, n, name);
	if (!rc)
		rc = pci_bind_vfio(name);
	if (!rc)
		rc = viommu_vfio_path(name, path, sizeof(path));
	if (!rc)
		rc = viommu_vfio_open(path, &fd);
	if (rc)
		return failed(vmm->options.device, rc);
	vmm->device = calloc(1, sizeof(*vmm->device));
	if (!vmm->device) {
		close(fd);
		return failed("a device", -ENOMEM);
	}
	vmm->device->fd = fd;
	return 0;
}

static int map_bar(struct vmm *vmm, unsigned int i)
{
	struct device *device = vmm->device;
	struct vfio_region_info info;
	void *va;
	int rc;

	rc = region(device->fd, bars[i].index, &info);
	if (rc)
		return rc;
	if (!info.size)
		return 0;
	if (info.size > VMM_PAGE_SIZE || !(info.flags & VFIO_REGION_INFO_FLAG_MMAP))
		return -ENODEV;
	va = mmap(NULL, info.size, PROT_READ | PROT_WRITE, MAP_SHARED,
		  device->fd, info.offset);
	if (va == MAP_FAILED)
		return -errno;
	device->bar[i].va = va;
	device->bar[i].size = info.size;
	return kvm_slot_set(vmm, bars[i].slot, bars[i].gpa, va, info.size);
}

/* Have the bound device decode its memory, and do DMA or not */
int device_dma(struct vmm *vmm, bool on)
{
	uint16_t command = PCI_COMMAND_MEMORY | (on ? PCI_COMMAND_MASTER : 0);
	struct vfio_region_info config;
	int rc;

	rc = region(vmm->device->fd, VFIO_PCI_CONFIG_REGION_INDEX, &config);
	if (rc)
		return rc;
	return pwrite(vmm->device->fd, &command, sizeof(command),
		      config.offset + PCI_COMMAND) == sizeof(command) ? 0 : -EIO;
}

/* Have the bound device do DMA, and put its memory into the guest */
int device_show(struct vmm *vmm)
{
	unsigned int i;
	int rc;

	rc = device_dma(vmm, true);
	if (rc)
		return failed("configuration space", rc);
	for (i = 0; i < DEVICE_BARS; i++) {
		rc = map_bar(vmm, i);
		if (rc)
			return failed("memory of the device", rc);
	}
	return 0;
}

/* Take the memory of the device from the guest; accesses to it are accesses to nothing */
void device_hide(struct vmm *vmm)
{
	struct device *device = vmm->device;
	unsigned int i;
	int rc;

	for (i = 0; device && i < DEVICE_BARS; i++) {
		if (!device->bar[i].va)
			continue;
		rc = kvm_slot_set(vmm, bars[i].slot, bars[i].gpa, NULL, 0);
		if (rc)
			failed("taking the memory of the device from the guest", rc);
		munmap(device->bar[i].va, device->bar[i].size);
		device->bar[i].va = NULL;
	}
}

/* The last descriptor of the device: closing it unbinds it and resets it */
void device_close(struct vmm *vmm)
{
	struct device *device = vmm->device;

	if (!device)
		return;
	close(device->fd);
	free(device);
	vmm->device = NULL;
}
