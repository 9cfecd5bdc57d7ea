// SPDX-License-Identifier: GPL-2.0
/*
 * From vendor and device number to an open VFIO character device: search sysfs,
 * select vfio-pci as the driver, probe, and open the device of VFIO.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vfio_pci.h"
#include "write_text.h"

#define PCI_DEVICES "/sys/bus/pci/devices"

static long read_number(const char *name, const char *file)
{
	char path[128], text[32] = "";
	int fd;

	snprintf(path, sizeof(path), PCI_DEVICES "/%s/%s", name, file);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return -1;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = 0;
	close(fd);
	return text[0] ? strtol(text, NULL, 16) : -1;
}

/* The @n-th device with these numbers in the order of the bus */
int pci_find(__u16 vendor, __u16 device, unsigned int n,
	     char name[PCI_NAME_LEN])
{
	struct dirent **entries;
	int count, i, rc = -ENODEV;

	count = scandir(PCI_DEVICES, &entries, NULL, alphasort);
	if (count < 0)
		return -errno;
	for (i = 0; i < count; i++) {
		const char *found = entries[i]->d_name;

		if (rc && read_number(found, "vendor") == vendor &&
		    read_number(found, "device") == device && !n--) {
			snprintf(name, PCI_NAME_LEN, "%.15s", found);
			rc = 0;
		}
		free(entries[i]);
	}
	free(entries);
	return rc;
}

int pci_bind_vfio(const char *name)
{
	char path[128], link[256];
	ssize_t len;
	int rc;

	snprintf(path, sizeof(path), PCI_DEVICES "/%s/driver", name);
	len = readlink(path, link, sizeof(link) - 1);
	if (len > 0) {
		link[len] = 0;
		if (!strcmp(strrchr(link, '/') + 1, "vfio-pci"))
			return 0;
		return -EBUSY;
	}
	snprintf(path, sizeof(path), PCI_DEVICES "/%s/driver_override", name);
	rc = write_text(path, "vfio-pci");
	if (rc)
		return rc;
	return write_text("/sys/bus/pci/drivers_probe", name);
}

int pci_open_vfio(const char *name)
{
	char path[300];
	struct dirent *entry;
	int fd = -ENODEV;
	DIR *dir;
	int rc;

	rc = pci_bind_vfio(name);
	if (rc)
		return rc;
	snprintf(path, sizeof(path), PCI_DEVICES "/%s/vfio-dev", name);
	dir = opendir(path);
	if (!dir)
		return -errno;
	while ((entry = readdir(dir))) {
		if (strncmp(entry->d_name, "vfio", 4))
			continue;
		snprintf(path, sizeof(path), "/dev/vfio/devices/%s",
			 entry->d_name);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			fd = -errno;
		break;
	}
	closedir(dir);
	return fd;
}
