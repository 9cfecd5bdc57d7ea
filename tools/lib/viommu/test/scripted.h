/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * A scripted kernel: the next ioctl() and mmap() of the library, as a test gives the
 * answer and looks at the arguments. Programs with it are linked with --wrap, see
 * the Makefile.
 */
#ifndef SCRIPTED_H
#define SCRIPTED_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct viommu_ctx;

/* The last ioctl: its arguments, and the answer of the next */
struct scripted_kernel {
	int fd;
	unsigned long request;
	unsigned int calls;
	int err;
	size_t size;
	unsigned char got[128];
	void (*answer)(void *arg);
};

/* The last mmap(), the advice of the last madvise() with its answer, calls of munmap() */
struct scripted_mapping {
	size_t size;
	int prot, flags, fd;
	off_t offset;
	int err;
	int advice;
	int advice_err;
	unsigned int unmapped;
};

extern struct scripted_kernel kernel;
extern struct scripted_mapping mapping;
extern struct viommu_ctx *ctx;
/* calloc() fails */
extern bool no_memory;

/* The structure that arrived, with its type */
#define GOT(type) ((struct type *)kernel.got)

/* The last ioctl was this one, with a structure of this size */
void arrived(unsigned long request, size_t size);

/* Open @ctx, with a kernel that answers 0; and close it */
void set_up(void);
void tear_down(void);

#endif
