// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "next-kernel.h"

static int read_command_line(char *line, size_t size, const char *more)
{
	int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t n;
	int len;

	if (fd < 0)
		return -errno;
	n = read(fd, line, size - 1);
	close(fd);
	if (n <= 0)
		return -EIO;
	line[n] = 0;
	n = strcspn(line, "\n");
	len = n + snprintf(line + n, size - n, " %s", more);
	return len < (int)size ? len : -E2BIG;
}

int load_kernel(const char *image, const char *more)
{
	int kernel = open(image, O_RDONLY | O_CLOEXEC);
	int initrd = open("/sys/firmware/initrd", O_RDONLY | O_CLOEXEC);
	char line[4096];
	int len = read_command_line(line, sizeof(line), more), rc = 0;

	if (kernel < 0 || initrd < 0)
		rc = -ENOENT;
	else if (len < 0)
		rc = len;
	else if (syscall(SYS_kexec_file_load, kernel, initrd, len + 1, line, 0))
		rc = -errno;
	if (kernel >= 0)
		close(kernel);
	if (initrd >= 0)
		close(initrd);
	return rc;
}
