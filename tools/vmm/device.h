/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The PCI device that the guest gets.
 */
#ifndef _VMM_DEVICE_H
#define _VMM_DEVICE_H

#include "vmm.h"

#define DEVICE_BARS 2

/**
 * struct device - A VFIO device
 * @fd: Its character device
 * @bar: Memory that is mapped into the guest
 * @bar.va: Where this program sees it
 * @bar.size: Bytes
 */
struct device {
	int fd;
	struct {
		void *va;
		uint64_t size;
	} bar[DEVICE_BARS];
};

int device_open(struct vmm *vmm);
int device_dma(struct vmm *vmm, bool on);
int device_show(struct vmm *vmm);
void device_hide(struct vmm *vmm);
void device_close(struct vmm *vmm);

#endif
