/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The emulated DMA test device: one 64-bit transfer per command, at once, and
 * a window with the counters of the CMDQ-V model.
 */
#ifndef _CMDQV_DMA_H
#define _CMDQV_DMA_H

#include <stddef.h>
#include <linux/types.h>

#include "vfio_pci.h"

/**
 * struct dma_dev - One DMA test device
 * @name: Its PCI address
 * @index: Which one of its kind
 * @fd: VFIO character device, -1 if closed
 * @regs: Its registers in this program (BAR 0); NULL for another device
 * @window: The model's counters in this program (BAR 2); NULL for another device
 */
struct dma_dev {
	char name[PCI_NAME_LEN];
	unsigned int index;
	int fd;
	volatile char *regs;
	volatile char *window;
};

const char *dma_other_device(void);
unsigned int dma_count(void);
int dma_open(struct dma_dev *dev, unsigned int index);
int dma_map(struct dma_dev *dev);
void dma_unmap(struct dma_dev *dev);
void dma_close(struct dma_dev *dev);

int dma_read(struct dma_dev *dev, __u64 iova, __u64 *value);
int dma_write(struct dma_dev *dev, __u64 iova, __u64 value);
void dma_interrupt(struct dma_dev *dev);
void dma_give_up(struct dma_dev *dev, __u64 page, int given_up);
__u32 dma_stream_id(const struct dma_dev *dev);
__u64 dma_window(const struct dma_dev *dev, unsigned int offset);

#endif
