// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * Tells what the IOMMU behind a VFIO device offers a guest:
 *
 *   iommu-info /dev/vfio/devices/vfio0
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <viommu.h>

static int show(struct viommu_ctx *ctx, uint32_t dev)
{
	struct viommu_smmuv3_info smmu = { .size = sizeof(smmu) };
	struct viommu_cmdqv_info cmdqv = { .size = sizeof(cmdqv) };
	int rc = viommu_hw_info_smmuv3(ctx, dev, &smmu);

	if (rc)
		return rc;
	for (unsigned int i = 0; i < 6; i++)
		printf("IDR%u    0x%08x\n", i, smmu.idr[i]);
	printf("queues  2^%u commands with 4 KiB pages, 2^%u with 2 MiB pages\n",
	       viommu_smmuv3_cmdqs(&smmu, 4096), viommu_smmuv3_cmdqs(&smmu, 2 << 20));
	if (viommu_hw_info_cmdqv(ctx, dev, &cmdqv))
		printf("CMDQ-V  none\n");
	else
		printf("CMDQ-V  version %u, %u queues and %u StreamIDs for a guest\n", cmdqv.version,
		       1u << cmdqv.log2vcmdqs, 1u << cmdqv.log2vsids);
	return 0;
}

int main(int argc, char **argv)
{
	struct viommu_ctx *ctx = NULL;
	int fd = -1, rc;
	uint32_t dev;

	if (argc != 2) {
		fprintf(stderr, "usage: %s DEVICE\n", argv[0]);
		return 2;
	}
	rc = viommu_vfio_open(argv[1], &fd);
	if (!rc)
		rc = viommu_ctx_open(NULL, &ctx);
	if (!rc)
		rc = viommu_vfio_bind(ctx, fd, &dev);
	if (!rc)
		rc = show(ctx, dev);
	if (rc)
		fprintf(stderr, "iommu-info: %s: %s\n", argv[1], strerror(-rc));
	if (fd >= 0)
		close(fd);
	viommu_ctx_close(ctx);
	return rc ? 1 : 0;
}
