// SPDX-License-Identifier: GPL-2.0
/*
 * The CMDQ-V aperture through /dev/mem. /proc/iomem has its address under the name
 * of the device, from ACPI or the device tree; PARAM has its size.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cmdqv_regs.h"

#define CONFIG_PAGE_SIZE	0x10000ULL
#define PARAM			0x4
#define ALLOC_MAP		0x200
#define VINTF			0x1000
#define VINTF_STRIDE		0x100
#define VINTF_CONFIG		0x00
#define VINTF_STATUS		0x04
#define SID_MATCH		0x40
#define SID_REPLACE		0x80
#define PHYSICAL_PAGE0		0x10000
#define PHYSICAL_PAGE1		0x20000
#define QUEUE_STRIDE		0x80

/* The first device with a part of the name in @names */
static int find_aperture(const char *const names[2], unsigned long long *start)
{
	char line[256];
	FILE *file = fopen("/proc/iomem", "r");
	int rc = -ENODEV;

	if (!file)
		return -errno;
	while (rc && fgets(line, sizeof(line), file))
		if ((strstr(line, names[0]) || strstr(line, names[1])) &&
		    sscanf(line, " %llx-", start) == 1 && *start)
			rc = 0;
	fclose(file);
	return rc;
}

static __u32 read32(struct cmdqv_regs *regs, unsigned long offset)
{
	return *(volatile __u32 *)(regs->base + offset);
}

static int open_named(struct cmdqv_regs *regs, const char *const names[2])
{
	unsigned long long start;
	__u32 param;
	int fd, rc;

	memset(regs, 0, sizeof(*regs));
	rc = find_aperture(names, &start);
	if (rc)
		return rc;
	fd = open("/dev/mem", O_RDONLY | O_SYNC);
	if (fd < 0)
		return -errno;
	regs->size = 3 * CONFIG_PAGE_SIZE;
	regs->base = mmap(NULL, regs->size, PROT_READ, MAP_SHARED, fd, start);
	rc = regs->base == MAP_FAILED ? -errno : 0;
	close(fd);
	if (rc)
		return rc;
	param = read32(regs, PARAM);
	regs->vintfs = 1U << ((param >> 8) & 0xf);
	regs->queues = (1U << ((param >> 4) & 0xf)) / regs->vintfs;
	regs->sids = 1U << ((param >> 12) & 0xf);
	return 0;
}

/* The only CMDQ-V, or any of them */
int regs_open(struct cmdqv_regs *regs)
{
	static const char *const names[] = { "NVDA200C", "cmdqv" };

	return open_named(regs, names);
}

/* The CMDQ-V of the device @name */
int regs_open_device(struct cmdqv_regs *regs, const char *name)
{
	const char *const names[] = { name, name };

	return open_named(regs, names);
}

void regs_close(struct cmdqv_regs *regs)
{
	munmap((void *)regs->base, regs->size);
	regs->base = NULL;
}

static __u32 vintf_reg(struct cmdqv_regs *regs, unsigned int v, unsigned int reg)
{
	return read32(regs, VINTF + v * VINTF_STRIDE + reg);
}

__u32 regs_vintf_config(struct cmdqv_regs *regs, unsigned int v)
{
	return vintf_reg(regs, v, VINTF_CONFIG);
}

__u32 regs_vintf_status(struct cmdqv_regs *regs, unsigned int v)
{
	return vintf_reg(regs, v, VINTF_STATUS);
}

__u32 regs_sid_match(struct cmdqv_regs *regs, unsigned int v, unsigned int slot)
{
	return vintf_reg(regs, v, SID_MATCH + 4 * slot);
}

__u32 regs_sid_replace(struct cmdqv_regs *regs, unsigned int v,
		       unsigned int slot)
{
	return vintf_reg(regs, v, SID_REPLACE + 4 * slot);
}

/* The driver divides the queues evenly: number l of VINTF v is v * queues + l. */
static unsigned int physical(struct cmdqv_regs *regs, unsigned int v,
			     unsigned int l)
{
	return v * regs->queues + l;
}

__u32 regs_alloc_map(struct cmdqv_regs *regs, unsigned int v, unsigned int l)
{
	return read32(regs, ALLOC_MAP + 4 * physical(regs, v, l));
}

__u64 regs_queue_base(struct cmdqv_regs *regs, unsigned int v, unsigned int l)
{
	unsigned long offset =
		PHYSICAL_PAGE1 + QUEUE_STRIDE * physical(regs, v, l);

	return *(volatile __u64 *)(regs->base + offset);
}

/* A register of page 0 in the physical view, which needs no allocation of the queue */
__u32 regs_queue(struct cmdqv_regs *regs, unsigned int v, unsigned int l,
		 unsigned int reg)
{
	return read32(regs, PHYSICAL_PAGE0 +
			    QUEUE_STRIDE * physical(regs, v, l) + reg);
}

/* True if VINTF @v and its queues have no state of a previous owner */
int regs_vintf_clean(struct cmdqv_regs *regs, unsigned int v)
{
	static const unsigned int zero[] = { 0x00, 0x04, 0x08, 0x0c };
	unsigned int i, l;

	if (regs_vintf_config(regs, v) || (regs_vintf_status(regs, v) & 1))
		return 0;
	for (i = 0; i < regs->sids; i++)
		if (regs_sid_match(regs, v, i) || regs_sid_replace(regs, v, i))
			return 0;
	for (l = 0; l < regs->queues; l++) {
		if ((regs_alloc_map(regs, v, l) & 1) ||
		    regs_queue_base(regs, v, l) ||
		    regs_queue(regs, v, l, 0x10) != regs_queue(regs, v, l, 0x14))
			return 0;
		for (i = 0; i < sizeof(zero) / sizeof(*zero); i++)
			if (regs_queue(regs, v, l, zero[i]))
				return 0;
	}
	return 1;
}

/* Number of enabled VINTFs, without the host's */
unsigned int regs_vintfs_in_use(struct cmdqv_regs *regs)
{
	unsigned int v, count = 0;

	for (v = 1; v < regs->vintfs; v++)
		if (regs_vintf_config(regs, v) & 1)
			count++;
	return count;
}
