/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The log of the kernel: all of it, or new lines.
 */
#ifndef _KERNEL_LOG_H
#define _KERNEL_LOG_H

#include <fcntl.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/types.h>
#include <unistd.h>

/* Number of times that the log has @text */
static inline unsigned int kernel_said(const char *text)
{
	static char log[1 << 19];
	int n = klogctl(3, log, sizeof(log) - 1);
	unsigned int count = 0;
	const char *p;

	log[n < 0 ? 0 : n] = 0;
	for (p = log; (p = strstr(p, text)); p += strlen(text))
		count++;
	return count;
}

/* Open the kernel's log at its end */
static inline int kmsg_open(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		lseek(fd, 0, SEEK_END);
	return fd;
}

/* Number of new lines with @text; each counts once */
static inline unsigned int kmsg_count(int fd, const char *text)
{
	unsigned int count = 0;
	char line[1024];
	ssize_t n;

	while ((n = read(fd, line, sizeof(line) - 1)) > 0) {
		line[n] = 0;
		count += !!strstr(line, text);
	}
	return count;
}

/*
 * True if @cause, which is repeated, makes a new line with @text. The kernel logs a few
 * events in 5 s at most, and those of earlier tests count, too.
 */
#define kmsg_comes(fd, text, cause)					\
	({								\
		unsigned int __more = 10;				\
									\
		while ((cause), !kmsg_count(fd, text) && --__more)	\
			sleep(1);					\
		__more != 0;						\
	})

#endif
