// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * The few requests of VFIO that tie a device to a context.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include <linux/vfio.h>

#include "lib.h"

#define PCI_DEVICES "/sys/bus/pci/devices/"
#define VFIO_DEV "/vfio-dev"
#define VFIO_DEVICES "/dev/vfio/devices/"

/* Domains have four digits or more */
static const char pci_form[] = "xxxx:xx:xx.o";
#define PCI_DOMAIN_MAX 8u

static bool is_pci(const char *address)
{
	size_t len = strlen(address), form = sizeof(pci_form) - 1, extra;

	if (len < form || len > form - 4 + PCI_DOMAIN_MAX)
		return false;
	extra = len - form;
	for (size_t i = 0; i < len; i++) {
		char want = i < extra ? 'x' : pci_form[i - extra];
		const char *set = want == 'x' ? "0123456789abcdef" : want == 'o' ? "01234567" :
				  want == ':' ? ":" : ".";

		if (!strchr(set, address[i]))
			return false;
	}
	return true;
}

/* @to has room for both */
static void join(char *to, const char *a, const char *b)
{
	size_t len = strlen(a);

	memcpy(to, a, len);
	memcpy(to + len, b, strlen(b) + 1);
}

/* The name of the only entry that a driver of VFIO makes */
static int vfio_name(const char *address, char *name, size_t len)
{
	char path[sizeof(PCI_DEVICES) + sizeof(pci_form) + PCI_DOMAIN_MAX + sizeof(VFIO_DEV)];
	const struct dirent *entry;
	int rc = -ENODEV;
	DIR *dir;

	join(path, PCI_DEVICES, address);
	join(path + strlen(path), VFIO_DEV, "");
	dir = opendir(path);
	if (!dir)
		return errno == ENOENT ? -ENODEV : -errno;
	while (rc == -ENODEV && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, "vfio", 4))
			continue;
		rc = strlen(entry->d_name) < len ? 0 : -ENOSPC;
		if (!rc)
			join(name, entry->d_name, "");
	}
	closedir(dir);
	return rc;
}

int viommu_vfio_path(const char *address, char *path, size_t len)
{
	char name[32];
	int rc = is_pci(address) ? 0 : -EINVAL;

	if (!rc)
		rc = vfio_name(address, name, sizeof(name));
	if (!rc && sizeof(VFIO_DEVICES) + strlen(name) > len)
		rc = -ENOSPC;
	if (!rc)
		join(path, VFIO_DEVICES, name);
	vi_trace(vfio_path, address, rc);
	return rc;
}

int viommu_vfio_open(const char *path, int *fd)
{
	int new = open(path, O_RDWR | O_CLOEXEC);
	int rc = new < 0 ? -errno : 0;

	if (!rc)
		*fd = new;
	vi_trace(vfio_open, path, new, rc);
	return rc;
}

int viommu_vfio_bind(struct viommu_ctx *ctx, int fd, uint32_t *dev)
{
	struct vfio_device_bind_iommufd cmd = {
		.argsz = sizeof(cmd),
		.iommufd = ctx->fd,
	};
	int rc = vi_ioctl(ctx, fd, VFIO_DEVICE_BIND_IOMMUFD, &cmd);

	if (!rc)
		*dev = cmd.out_devid;
	vi_trace(vfio_bind, ctx->fd, fd, cmd.out_devid, rc);
	return rc;
}

int viommu_vfio_attach(struct viommu_ctx *ctx, int fd, uint32_t pt)
{
	struct vfio_device_attach_iommufd_pt cmd = {
		.argsz = sizeof(cmd),
		.pt_id = pt,
	};
	int rc = vi_ioctl(ctx, fd, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &cmd);

	vi_trace(vfio_attach, ctx->fd, fd, pt, rc);
	return rc;
}

int viommu_vfio_detach(struct viommu_ctx *ctx, int fd)
{
	struct vfio_device_detach_iommufd_pt cmd = { .argsz = sizeof(cmd) };
	int rc = vi_ioctl(ctx, fd, VFIO_DEVICE_DETACH_IOMMUFD_PT, &cmd);

	vi_trace(vfio_detach, ctx->fd, fd, rc);
	return rc;
}
