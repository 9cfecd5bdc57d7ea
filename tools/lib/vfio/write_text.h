/* SPDX-License-Identifier: GPL-2.0 */
/* Writing to the files of sysfs, debugfs and procfs. */
#ifndef _WRITE_TEXT_H
#define _WRITE_TEXT_H

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* 0, or the negative errno; the file is emptied first, which clears a trace */
static inline int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	int rc = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

#endif
