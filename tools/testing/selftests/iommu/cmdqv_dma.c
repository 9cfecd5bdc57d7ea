// SPDX-License-Identifier: GPL-2.0
/*
 * Driver of the DMA test device on VFIO. A transfer is complete when the write of
 * the command register returns; the result register tells whether the SMMU
 * permitted it. Register layout: pci-dma-test-regs.h, which the device itself
 * includes.
 *
 * With CMDQV_DEVICE=ADDRESS in the environment, any PCI device takes the place of the
 * test devices. It has no DMA on command, and no counters: all of them are 0.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/pci_regs.h>

#include "cmdqv_dma.h"
#include "device_barrier.h"
#include "iommufd_calls.h"
#include "../../qemu/pci-dma-test-regs.h"

/* The address of a device in place of the test devices, or NULL */
const char *dma_other_device(void)
{
	return getenv("CMDQV_DEVICE");
}

static int find_device(unsigned int index, char name[PCI_NAME_LEN])
{
	const char *other = dma_other_device();

	if (!other)
		return pci_find(PCI_DMA_TEST_VENDOR_ID, PCI_DMA_TEST_DEVICE_ID,
				index, name);
	if (index || strlen(other) >= PCI_NAME_LEN)
		return -ENODEV;
	snprintf(name, PCI_NAME_LEN, "%s", other);
	return 0;
}

unsigned int dma_count(void)
{
	char name[PCI_NAME_LEN];
	unsigned int n = 0;

	while (!find_device(n, name))
		n++;
	return n;
}

int dma_open(struct dma_dev *dev, unsigned int index)
{
	int rc;

	memset(dev, 0, sizeof(*dev));
	dev->fd = -1;
	dev->index = index;
	rc = find_device(index, dev->name);
	if (rc)
		return rc;
	rc = pci_open_vfio(dev->name);
	if (rc < 0)
		return rc;
	dev->fd = rc;
	return 0;
}

static int map_bar(struct dma_dev *dev, __u32 index, volatile char **bar)
{
	__u64 offset, size;
	void *va;
	int rc;

	rc = vfio_region(dev->fd, index, &offset, &size);
	if (rc)
		return rc;
	if (size < PCI_DMA_TEST_BAR_SIZE)
		return -ENODEV;
	va = mmap(NULL, PCI_DMA_TEST_BAR_SIZE, PROT_READ | PROT_WRITE,
		  MAP_SHARED, dev->fd, offset);
	if (va == MAP_FAILED)
		return -errno;
	*bar = va;
	return 0;
}

/* Enable memory and DMA of the device, and map its registers. */
int dma_map(struct dma_dev *dev)
{
	__u16 command = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
	__u64 offset, size;
	int rc;

	if (dma_other_device())
		return 0;
	rc = vfio_region(dev->fd, VFIO_PCI_CONFIG_REGION_INDEX, &offset, &size);
	if (rc)
		return rc;
	if (pwrite(dev->fd, &command, sizeof(command),
		   offset + PCI_COMMAND) != sizeof(command))
		return -EIO;
	rc = map_bar(dev, PCI_DMA_TEST_BAR_REGS, &dev->regs);
	if (!rc)
		rc = map_bar(dev, PCI_DMA_TEST_BAR_COUNTERS, &dev->window);
	if (!rc && *(volatile __u64 *)(dev->regs + DMA_TEST_ID) !=
		   DMA_TEST_ID_VALUE)
		rc = -ENODEV;
	return rc;
}

void dma_unmap(struct dma_dev *dev)
{
	if (dev->regs)
		munmap((void *)dev->regs, PCI_DMA_TEST_BAR_SIZE);
	if (dev->window)
		munmap((void *)dev->window, PCI_DMA_TEST_BAR_SIZE);
	dev->regs = NULL;
	dev->window = NULL;
}

void dma_close(struct dma_dev *dev)
{
	dma_unmap(dev);
	if (dev->fd >= 0)
		close(dev->fd);
	dev->fd = -1;
}

static __u64 reg_read(struct dma_dev *dev, unsigned int reg)
{
	return *(volatile __u64 *)(dev->regs + reg);
}

static void reg_write(struct dma_dev *dev, unsigned int reg, __u64 value)
{
	*(volatile __u64 *)(dev->regs + reg) = value;
}

static int run(struct dma_dev *dev, __u64 iova, __u64 command)
{
	if (!dev->regs)
		return -EOPNOTSUPP;
	device_barrier();
	reg_write(dev, DMA_TEST_ADDR, iova);
	reg_write(dev, DMA_TEST_COMMAND, command);
	switch (reg_read(dev, DMA_TEST_RESULT)) {
	case DMA_TEST_OK:
		return 0;
	case DMA_TEST_FAULT:
		return -EFAULT;
	case DMA_TEST_NO_BUS_MASTER:
		return -EPERM;
	default:
		return -EIO;
	}
}

/* The device reads 8 bytes at @iova. -EFAULT if the SMMU refuses. */
int dma_read(struct dma_dev *dev, __u64 iova, __u64 *value)
{
	int rc = run(dev, iova, DMA_TEST_READ);

	if (!rc)
		*value = reg_read(dev, DMA_TEST_DATA);
	return rc;
}

/* The device writes 8 bytes at @iova. -EFAULT if the SMMU refuses. */
int dma_write(struct dma_dev *dev, __u64 iova, __u64 value)
{
	if (dev->regs)
		reg_write(dev, DMA_TEST_DATA, value);
	return run(dev, iova, DMA_TEST_WRITE);
}

/* The device sends its interrupt, as an MSI if that is set up. */
void dma_interrupt(struct dma_dev *dev)
{
	reg_write(dev, DMA_TEST_INTERRUPT, 1);
}

/* The page of 4 KiB at the physical address @page: no queue may read it, or it may again */
void dma_give_up(struct dma_dev *dev, __u64 page, int given_up)
{
	reg_write(dev, DMA_TEST_GIVEN_UP, page | (given_up ? DMA_TEST_GIVEN_UP_ON : 0));
}

/* On this machine the StreamID is the PCI requester ID. */
__u32 dma_stream_id(const struct dma_dev *dev)
{
	unsigned int domain, bus, slot, function;

	if (sscanf(dev->name, "%x:%x:%x.%x", &domain, &bus, &slot,
		   &function) != 4)
		return ~0U;
	return bus << 8 | slot << 3 | function;
}

__u64 dma_window(const struct dma_dev *dev, unsigned int offset)
{
	return dev->window ? *(volatile __u64 *)(dev->window + offset) : 0;
}
