/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Finding a PCI device in sysfs and binding it to vfio-pci. Every function
 * returns 0 or a descriptor, or a negative errno.
 */
#ifndef _VFIO_PCI_H
#define _VFIO_PCI_H

#include <linux/types.h>

#define PCI_NAME_LEN 16		/* "0000:00:00.0" and a terminator */

int pci_find(__u16 vendor, __u16 device, unsigned int n,
	     char name[PCI_NAME_LEN]);
int pci_bind_vfio(const char *name);
int pci_open_vfio(const char *name);

#endif
