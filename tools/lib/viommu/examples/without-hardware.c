// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * The CMDQ-V of a guest without any hardware: for trying out the part of a VMM
 * that handles the guest's accesses. The kernel is four functions here; what a
 * guest would do comes from main().
 */
#include <stdio.h>
#include <string.h>
#include <viommu.h>

static unsigned char page0[VIOMMU_CMDQV_PAGE_SIZE];

static int queue_alloc(void *kernel, uint32_t index, uint64_t addr, uint64_t length, uint32_t *id)
{
	(void)kernel;
	printf("kernel: queue %u with %llu commands at 0x%llx\n", index,
	       (unsigned long long)length / 16, (unsigned long long)addr);
	*id = index + 1;
	return 0;
}

static int queue_destroy(void *kernel, uint32_t id)
{
	(void)kernel;
	printf("kernel: queue %u goes\n", id - 1);
	return 0;
}

static uint32_t page0_read(void *kernel, uint32_t offset)
{
	uint32_t value;

	(void)kernel;
	memcpy(&value, page0 + offset, sizeof(value));
	return value;
}

static void page0_write(void *kernel, uint32_t offset, uint32_t value)
{
	(void)kernel;
	memcpy(page0 + offset, &value, sizeof(value));
	/* Enabled at once */
	if (offset % 0x80 == 8)
		memcpy(page0 + offset + 4, &value, sizeof(value));
}

static int map_page0(void *host, void *page)
{
	(void)host;
	(void)page;
	printf("VMM: page 0 goes into the guest\n");
	return 0;
}

static void unmap_page0(void *host)
{
	(void)host;
	printf("VMM: page 0 leaves the guest\n");
}

static const struct viommu_cmdqv_host_ops host_ops = {
	.size = sizeof(host_ops),
	.map_page0 = map_page0,
	.unmap_page0 = unmap_page0,
};

static const struct viommu_cmdqv_kernel_ops kernel_ops = {
	.size = sizeof(kernel_ops),
	.page0_read = page0_read,
	.page0_write = page0_write,
	.queue_alloc = queue_alloc,
	.queue_destroy = queue_destroy,
};

int main(void)
{
	struct viommu_cmdqv_config config = {
		.size = sizeof(config),
		.max_log2size = VIOMMU_CMDQV_ANY_SIZE,
		.host_ops = &host_ops,
		.page0 = page0,
		.page0_length = sizeof(page0),
		.kernel_ops = &kernel_ops,
	};
	struct viommu_cmdqv *cmdqv;
	uint64_t value;

	if (viommu_cmdqv_new(&config, &cmdqv))
		return 1;
	viommu_cmdqv_read(cmdqv, 0x4, 4, &value);
	printf("guest: PARAM is 0x%llx\n", (unsigned long long)value);
	viommu_cmdqv_write(cmdqv, 0x1000, 4, 1);	  /* VINTF CONFIG: EN */
	viommu_cmdqv_write(cmdqv, 0x200, 4, 1);		  /* CMDQ_ALLOC_MAP(0): ALLOCATED */
	viommu_cmdqv_write(cmdqv, 0x40000, 8, 0x80000008); /* BASE: 2^8 commands */
	viommu_cmdqv_write(cmdqv, 0x30008, 4, 1);	  /* CONFIG: EN */
	viommu_cmdqv_read(cmdqv, 0x3000c, 4, &value);
	printf("guest: STATUS is %llu\n", (unsigned long long)value);
	return viommu_cmdqv_free(cmdqv) ? 1 : 0;
}
