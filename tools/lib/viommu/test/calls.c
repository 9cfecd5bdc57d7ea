// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * Each call of the library against a scripted kernel: what arrives in the
 * structure of the ioctl, what comes back, that an error is passed on and leaves
 * the outputs alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/iommufd.h>
#include <linux/vfio.h>
#include <viommu.h>

#include "scripted.h"
#include "test.h"

#define UNSET 0xaaaaaaaau

static void context(void)
{
	struct viommu_ctx *other = NULL;
	int fd;

	EQUAL(viommu_ctx_open("/nonexistent", &other), -ENOENT);
	EQUAL(viommu_ctx_from_fd(-1, &other), -EBADF);
	CHECK(!other);
	set_up();
	fd = viommu_ctx_fd(ctx);
	EQUAL(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EQUAL(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDWR);
	EQUAL(viommu_ctx_from_fd(fd, &other), 0);
	EQUAL(viommu_ctx_fd(other), fd);
	viommu_ctx_close(other);
	EQUAL(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EQUAL(viommu_ctx_ioctls(ctx), 0);
	EQUAL(viommu_destroy(ctx, 77), 0);
	arrived(IOMMU_DESTROY, 8);
	EQUAL(GOT(iommu_destroy)->id, 77);
	kernel.err = EBUSY;
	EQUAL(viommu_destroy(ctx, 77), -EBUSY);
	EQUAL(viommu_ctx_ioctls(ctx), 2);
	tear_down();
	EQUAL(fcntl(fd, F_GETFD), -1);
	viommu_ctx_close(NULL);
}

/* Each call that allocates reports a lack of memory, and leaves nothing behind */
static void without_memory(void)
{
	static const struct viommu_cmdqv_host_ops host_ops = { .size = sizeof(host_ops) };
	struct viommu_cmdqv_config config = { .size = sizeof(config), .host_ops = &host_ops,
		.max_log2size = VIOMMU_CMDQV_ANY_SIZE };
	struct viommu_events *events = NULL;
	struct viommu_cmdqv *cmdqv = NULL;
	struct viommu_batch *batch = NULL;
	struct viommu_ctx *other = NULL;
	int next = dup(0);

	close(next);
	set_up();
	config.ctx = ctx;
	config.page0 = &config;
	config.page0_length = VIOMMU_CMDQV_PAGE_SIZE;
	no_memory = true;
	EQUAL(viommu_ctx_open("/dev/null", &other), -ENOMEM);
	EQUAL(viommu_ctx_from_fd(0, &other), -ENOMEM);
	EQUAL(viommu_batch_new(ctx, 9, &batch), -ENOMEM);
	EQUAL(viommu_events_new(0, 16, 1, 0, &events), -ENOMEM);
	EQUAL(viommu_cmdqv_new(&config, &cmdqv), -ENOMEM);
	no_memory = false;
	CHECK(!other && !batch && !events && !cmdqv);
	tear_down();
	/* The descriptor that was opened is closed again */
	EQUAL(dup(0), next);
	close(next);
}

static void answer_ioas(void *arg)
{
	struct iommu_ioas_alloc *cmd = arg;

	cmd->out_ioas_id = 5;
}

static void answer_unmap(void *arg)
{
	struct iommu_ioas_unmap *cmd = arg;

	cmd->length = 0x3000;
}

static void answer_ranges(void *arg)
{
	struct iommu_ioas_iova_ranges *cmd = arg;
	struct viommu_iova_range *range = (void *)(uintptr_t)cmd->allowed_iovas;

	if (cmd->num_iovas) {
		range[0].start = 0x1000;
		range[0].last = 0x7ffffff;
	}
	cmd->num_iovas = 2;
	cmd->out_iova_alignment = 0x1000;
}

static void ioas(void)
{
	struct viommu_iova_range range = { 0 };
	uint32_t id = UNSET, num = 1;
	uint64_t length = 0x4000, alignment = UNSET;
	char memory[1];

	set_up();
	kernel.answer = answer_ioas;
	EQUAL(viommu_ioas_alloc(ctx, &id), 0);
	arrived(IOMMU_IOAS_ALLOC, sizeof(struct iommu_ioas_alloc));
	EQUAL(id, 5);
	kernel.answer = NULL;

	EQUAL(viommu_ioas_map(ctx, 5, memory, 0x40000000, 0x2000, VIOMMU_MAP_READ), 0);
	arrived(IOMMU_IOAS_MAP, sizeof(struct iommu_ioas_map));
	EQUAL(GOT(iommu_ioas_map)->ioas_id, 5);
	EQUAL(GOT(iommu_ioas_map)->user_va, (uintptr_t)memory);
	EQUAL(GOT(iommu_ioas_map)->iova, 0x40000000);
	EQUAL(GOT(iommu_ioas_map)->length, 0x2000);
	EQUAL(GOT(iommu_ioas_map)->flags, IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE);
	EQUAL(viommu_ioas_map(ctx, 5, memory, 0, 1, VIOMMU_MAP_READ | VIOMMU_MAP_WRITE), 0);
	EQUAL(GOT(iommu_ioas_map)->flags, IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE |
						  IOMMU_IOAS_MAP_WRITEABLE);
	kernel.calls = 0;
	EQUAL(viommu_ioas_map(ctx, 5, memory, 0, 1, 0), -EINVAL);
	EQUAL(viommu_ioas_map(ctx, 5, memory, 0, 1, 4), -EINVAL);
	EQUAL(kernel.calls, 0);

	kernel.answer = answer_unmap;
	EQUAL(viommu_ioas_unmap(ctx, 5, 0x40000000, &length), 0);
	arrived(IOMMU_IOAS_UNMAP, sizeof(struct iommu_ioas_unmap));
	EQUAL(GOT(iommu_ioas_unmap)->length, 0x4000);
	EQUAL(GOT(iommu_ioas_unmap)->iova, 0x40000000);
	EQUAL(length, 0x3000);
	kernel.err = EBUSY;
	length = 9;
	EQUAL(viommu_ioas_unmap(ctx, 5, 0, &length), -EBUSY);
	EQUAL(length, 9);

	kernel.answer = answer_ranges;
	kernel.err = EMSGSIZE;
	EQUAL(viommu_ioas_ranges(ctx, 5, &range, &num, &alignment), -EMSGSIZE);
	arrived(IOMMU_IOAS_IOVA_RANGES, sizeof(struct iommu_ioas_iova_ranges));
	EQUAL(num, 2);
	EQUAL(range.start, 0x1000);
	EQUAL(alignment, UNSET);
	kernel.err = 0;
	num = 0;
	EQUAL(viommu_ioas_ranges(ctx, 5, NULL, &num, &alignment), 0);
	EQUAL(alignment, 0x1000);
	EQUAL(viommu_ioas_ranges(ctx, 5, &range, &num, NULL), 0);
	tear_down();
}

static void ioas_file(void)
{
	set_up();
	EQUAL(viommu_ioas_map_file(ctx, 5, 44, 0x200000, 0x40000000, 0x2000, VIOMMU_MAP_READ), 0);
	arrived(IOMMU_IOAS_MAP_FILE, sizeof(struct iommu_ioas_map_file));
	EQUAL(kernel.request, 0x3b8f);
	EQUAL(kernel.size, 40);
	EQUAL(GOT(iommu_ioas_map_file)->ioas_id, 5);
	EQUAL(GOT(iommu_ioas_map_file)->fd, 44);
	EQUAL(GOT(iommu_ioas_map_file)->start, 0x200000);
	EQUAL(GOT(iommu_ioas_map_file)->iova, 0x40000000);
	EQUAL(GOT(iommu_ioas_map_file)->length, 0x2000);
	EQUAL(GOT(iommu_ioas_map_file)->flags,
	      IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE);
	EQUAL(viommu_ioas_map_file(ctx, 5, -1, 0, 0, 1, VIOMMU_MAP_WRITE), 0);
	EQUAL(GOT(iommu_ioas_map_file)->fd, -1);
	EQUAL(GOT(iommu_ioas_map_file)->flags,
	      IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_WRITEABLE);
	kernel.calls = 0;
	EQUAL(viommu_ioas_map_file(ctx, 5, 44, 0, 0, 1, 0), -EINVAL);
	EQUAL(viommu_ioas_map_file(ctx, 5, 44, 0, 0, 1, 4), -EINVAL);
	EQUAL(kernel.calls, 0);
	kernel.err = EPERM;
	EQUAL(viommu_ioas_map_file(ctx, 5, 44, 0, 0, 1, VIOMMU_MAP_WRITE), -EPERM);

	kernel.err = 0;
	EQUAL(viommu_ioas_change_process(ctx), 0);
	arrived(IOMMU_IOAS_CHANGE_PROCESS, sizeof(struct iommu_ioas_change_process));
	EQUAL(kernel.request, 0x3b92);
	EQUAL(kernel.size, 8);
	EQUAL(GOT(iommu_ioas_change_process)->__reserved, 0);
	kernel.err = ENOTTY;
	EQUAL(viommu_ioas_change_process(ctx), -ENOTTY);
	tear_down();
}

static struct {
	uint32_t type, len;
	unsigned char data[64];
} info;

static void answer_info(void *arg)
{
	struct iommu_hw_info *cmd = arg;

	if (cmd->data_len)
		memcpy((void *)(uintptr_t)cmd->data_uptr, info.data, cmd->data_len);
	cmd->data_len = info.len;
	cmd->out_data_type = info.type;
	cmd->out_capabilities = IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED;
	cmd->out_max_pasid_log2 = 20;
}

static void hw_info(void)
{
	struct viommu_hw_info rest = { .size = sizeof(rest) };
	struct viommu_smmuv3_info smmu = { .size = sizeof(smmu), .flags = UNSET };
	struct viommu_cmdqv_info cmdqv = { .size = sizeof(cmdqv), .flags = UNSET };

	set_up();
	kernel.answer = answer_info;
	info.type = VIOMMU_HW_INFO_ARM_SMMUV3;
	info.len = 40;
	EQUAL(viommu_hw_info(ctx, 3, VIOMMU_HW_INFO_DEFAULT, NULL, 9, &rest), 0);
	arrived(IOMMU_GET_HW_INFO, sizeof(struct iommu_hw_info));
	/* A kernel that does not know the flag refuses it */
	EQUAL(GOT(iommu_hw_info)->flags, 0);
	EQUAL(GOT(iommu_hw_info)->dev_id, 3);
	EQUAL(GOT(iommu_hw_info)->data_len, 0);
	EQUAL(GOT(iommu_hw_info)->in_data_type, 0);
	EQUAL(rest.type, VIOMMU_HW_INFO_ARM_SMMUV3);
	EQUAL(rest.len, 40);
	EQUAL(rest.capabilities, VIOMMU_HW_CAP_ATS_NOT_SUPPORTED);
	EQUAL(rest.max_pasid_log2, 20);

	/* IDR0 follows two words */
	info.data[8] = 0x12;
	EQUAL(viommu_hw_info_smmuv3(ctx, 3, &smmu), 0);
	EQUAL(GOT(iommu_hw_info)->flags, 0);
	EQUAL(GOT(iommu_hw_info)->data_len, 40);
	EQUAL(smmu.idr[0], 0x12);
	info.len = 39;
	smmu.flags = UNSET;
	EQUAL(viommu_hw_info_smmuv3(ctx, 3, &smmu), -EOPNOTSUPP);
	info.len = 40;
	info.type = 1;
	EQUAL(viommu_hw_info_smmuv3(ctx, 3, &smmu), -EOPNOTSUPP);
	EQUAL(smmu.flags, UNSET);

	info.type = VIOMMU_HW_INFO_TEGRA241_CMDQV;
	info.len = 8;
	for (int i = 0; i < 8; i++) {
		/* Good, then each of the three numbers too small or wrong */
		memcpy(info.data, "\0\0\0\0\1\1\4\0", 8);
		if (i == 1)
			info.data[4] = 2;
		if (i == 2)
			info.data[5] = 0;
		if (i == 3)
			info.data[6] = 3;
		if (i > 3)
			info.data[5] = (unsigned char)i;
		cmdqv.flags = UNSET;
		EQUAL(viommu_hw_info_cmdqv(ctx, 3, &cmdqv),
		      i >= 1 && i <= 3 ? -EOPNOTSUPP : 0);
		EQUAL(cmdqv.flags, i >= 1 && i <= 3 ? UNSET : 0);
	}
	EQUAL(GOT(iommu_hw_info)->in_data_type, VIOMMU_HW_INFO_TEGRA241_CMDQV);
	EQUAL(GOT(iommu_hw_info)->flags, IOMMU_HW_INFO_FLAG_INPUT_TYPE);
	kernel.err = ENOENT;
	EQUAL(viommu_hw_info_cmdqv(ctx, 3, &cmdqv), -ENOENT);
	EQUAL(viommu_hw_info_smmuv3(ctx, 3, &smmu), -ENOENT);
	tear_down();
}

/* Each errno of the user ABI has words of its own; what a BAR gives says so */
static void ioas_reasons(void)
{
	static const int errs[] = { 0, -EBADF, -EEXIST, -EFAULT, -EINVAL, -ENOENT, -ENOMEM, -ENOTTY,
				    -EOVERFLOW, -EPERM, -EIO };

	for (unsigned int i = 0; i < ARRAY_SIZE(errs); i++)
		for (unsigned int j = 0; j < i; j++)
			CHECK(strcmp(viommu_ioas_map_reason(errs[i]), viommu_ioas_map_reason(errs[j])));
	TEXT(viommu_ioas_map_reason(-EIO), viommu_ioas_map_reason(-ENOSPC));
	CHECK(strstr(viommu_ioas_map_reason(-EFAULT), "BAR"));
}

static void answer_bind(void *arg)
{
	struct vfio_device_bind_iommufd *cmd = arg;

	cmd->out_devid = 8;
}

static void vfio(void)
{
	uint32_t dev = UNSET;
	int fd = -1;

	set_up();
	EQUAL(viommu_vfio_open("/nonexistent", &fd), -ENOENT);
	EQUAL(fd, -1);
	EQUAL(viommu_vfio_open("/dev/null", &fd), 0);
	EQUAL(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
	kernel.answer = answer_bind;
	EQUAL(viommu_vfio_bind(ctx, 99, &dev), 0);
	EQUAL(kernel.fd, 99);
	EQUAL(kernel.request, VFIO_DEVICE_BIND_IOMMUFD);
	EQUAL(kernel.size, sizeof(struct vfio_device_bind_iommufd));
	EQUAL(GOT(vfio_device_bind_iommufd)->iommufd, viommu_ctx_fd(ctx));
	EQUAL(dev, 8);
	kernel.answer = NULL;
	EQUAL(viommu_vfio_attach(ctx, 99, 12), 0);
	EQUAL(kernel.request, VFIO_DEVICE_ATTACH_IOMMUFD_PT);
	EQUAL(kernel.size, sizeof(struct vfio_device_attach_iommufd_pt));
	EQUAL(GOT(vfio_device_attach_iommufd_pt)->pt_id, 12);
	EQUAL(viommu_vfio_detach(ctx, 99), 0);
	EQUAL(kernel.request, VFIO_DEVICE_DETACH_IOMMUFD_PT);
	EQUAL(kernel.size, sizeof(struct vfio_device_detach_iommufd_pt));
	kernel.err = EINVAL;
	dev = UNSET;
	EQUAL(viommu_vfio_bind(ctx, 99, &dev), -EINVAL);
	EQUAL(viommu_vfio_attach(ctx, 99, 12), -EINVAL);
	EQUAL(viommu_vfio_detach(ctx, 99), -EINVAL);
	EQUAL(dev, UNSET);
	tear_down();
}

static void answer_hwpt(void *arg)
{
	struct iommu_hwpt_alloc *cmd = arg;

	cmd->out_hwpt_id = 6;
	if (cmd->data_type == IOMMU_HWPT_DATA_ARM_SMMUV3) {
		const struct iommu_hwpt_arm_smmuv3 *data = (void *)(uintptr_t)cmd->data_uptr;

		EQUAL(data->ste[0], 0x1d);
		EQUAL(data->ste[1], 0x2e);
		EQUAL(cmd->data_len, sizeof(*data));
	}
}

static void hwpt(void)
{
	uint64_t ste[2] = { 0x1d, 0x2e };
	uint32_t id = UNSET;

	set_up();
	kernel.answer = answer_hwpt;
	EQUAL(viommu_hwpt_alloc_parent(ctx, 3, 5, &id), 0);
	arrived(IOMMU_HWPT_ALLOC, sizeof(struct iommu_hwpt_alloc));
	EQUAL(GOT(iommu_hwpt_alloc)->flags, IOMMU_HWPT_ALLOC_NEST_PARENT);
	EQUAL(GOT(iommu_hwpt_alloc)->dev_id, 3);
	EQUAL(GOT(iommu_hwpt_alloc)->pt_id, 5);
	EQUAL(GOT(iommu_hwpt_alloc)->data_len, 0);
	EQUAL(id, 6);
	EQUAL(viommu_hwpt_alloc_ste(ctx, 3, 9, ste, &id), 0);
	EQUAL(GOT(iommu_hwpt_alloc)->flags, 0);
	EQUAL(GOT(iommu_hwpt_alloc)->pt_id, 9);
	EQUAL(GOT(iommu_hwpt_alloc)->data_type, IOMMU_HWPT_DATA_ARM_SMMUV3);
	kernel.answer = NULL;
	kernel.err = EIO;
	id = UNSET;
	EQUAL(viommu_hwpt_alloc_ste(ctx, 3, 9, ste, &id), -EIO);
	EQUAL(viommu_hwpt_alloc_parent(ctx, 3, 5, &id), -EIO);
	EQUAL(viommu_hwpt_alloc_nested(ctx, 3, 5, 0xdead, ste, 8, &id), -EIO);
	EQUAL(GOT(iommu_hwpt_alloc)->data_type, 0xdead);
	EQUAL(GOT(iommu_hwpt_alloc)->data_len, 8);
	EQUAL(GOT(iommu_hwpt_alloc)->data_uptr, (uintptr_t)ste);
	EQUAL(id, UNSET);
	tear_down();
}

static void answer_viommu(void *arg)
{
	struct iommu_viommu_alloc *cmd = arg;

	cmd->out_viommu_id = 9;
	if (cmd->type == IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV) {
		struct iommu_viommu_tegra241_cmdqv *data = (void *)(uintptr_t)cmd->data_uptr;

		EQUAL(cmd->data_len, sizeof(*data));
		data->out_vintf_mmap_offset = 0x11000;
		data->out_vintf_mmap_length = 0x10000;
	}
}

/* A caller of a later version gets zeroes for what is not known; one without a size gets nothing */
static void other_sizes(void)
{
	struct {
		struct viommu_hw_info now;
		uint64_t later;
	} rest = { .now.size = sizeof(rest), .later = 5 };
	struct {
		struct viommu_smmuv3_info now;
		uint32_t later;
	} smmu = { .now.size = sizeof(smmu), .later = 5 };
	struct {
		struct viommu_region now;
		uint64_t later;
	} page0 = { .now.size = sizeof(page0), .later = 5 };
	static const uint32_t wrong[] = { 0, 4, 7, 0xffffffff, 1025 };
	uint32_t id = UNSET;

	set_up();
	kernel.answer = answer_info;
	info.type = VIOMMU_HW_INFO_ARM_SMMUV3;
	info.len = 40;
	info.data[8] = 0x12;
	EQUAL(viommu_hw_info(ctx, 3, VIOMMU_HW_INFO_DEFAULT, NULL, 9, &rest.now), 0);
	EQUAL(rest.now.type, VIOMMU_HW_INFO_ARM_SMMUV3);
	EQUAL(rest.now.size, sizeof(rest));
	EQUAL(rest.later, 0);
	EQUAL(viommu_hw_info_smmuv3(ctx, 3, &smmu.now), 0);
	EQUAL(smmu.now.idr[0], 0x12);
	EQUAL(smmu.now.size, sizeof(smmu));
	EQUAL(smmu.later, 0);
	kernel.answer = answer_viommu;
	EQUAL(viommu_alloc_cmdqv(ctx, 3, 6, &page0.now, &id), 0);
	EQUAL(page0.now.length, 0x10000);
	EQUAL(page0.later, 0);

	for (unsigned int i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct viommu_hw_info bad_rest = { .size = wrong[i], .type = UNSET };
		struct viommu_smmuv3_info bad_smmu = { .size = wrong[i], .flags = UNSET };
		struct viommu_cmdqv_info bad_cmdqv = { .size = wrong[i], .flags = UNSET };
		struct viommu_region bad_page0 = { .size = wrong[i], .offset = UNSET };

		kernel.calls = 0;
		EQUAL(viommu_hw_info(ctx, 3, VIOMMU_HW_INFO_DEFAULT, NULL, 9, &bad_rest), -EINVAL);
		EQUAL(viommu_hw_info_smmuv3(ctx, 3, &bad_smmu), -EINVAL);
		EQUAL(viommu_hw_info_cmdqv(ctx, 3, &bad_cmdqv), -EINVAL);
		EQUAL(viommu_alloc_cmdqv(ctx, 3, 6, &bad_page0, &id), -EINVAL);
		EQUAL(kernel.calls, 0);
		EQUAL(bad_rest.type, UNSET);
		EQUAL(bad_smmu.flags, UNSET);
		EQUAL(bad_cmdqv.flags, UNSET);
		EQUAL(bad_page0.offset, UNSET);
	}
	tear_down();
}

/* Copy a structure to where the memory ends, with a size beyond that */
static void *at_end(char *end, const void *from, size_t len, uint32_t size)
{
	memcpy(end - len, from, len);
	memcpy(end - len, &size, sizeof(size));
	return end - len;
}

#define AT_END(thing, size) ((__typeof__(&(thing)))at_end(end, &(thing), sizeof(thing), size))

/* A structure whose size was never set: refused, and not read beyond its end */
static void absurd_sizes(void)
{
	static const uint32_t wrong[] = { 0, 4, 1025, 4096, 0x7fffffff, 0xffffffff };
	static const struct viommu_cmdqv_kernel_ops kernel_ops = { .size = sizeof(kernel_ops) };
	static const struct viommu_cmdqv_host_ops host_ops = { .size = sizeof(host_ops) };
	static const struct viommu_hw_queue_limits limits = { .size = sizeof(limits) };
	static const struct viommu_hwpt_request request = { .size = sizeof(request) };
	static const struct viommu_cmdqv_backing backing = { .size = sizeof(backing) };
	struct viommu_cmdqv_config config = { .size = sizeof(config), .host_ops = &host_ops };
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *memory = aligned_alloc(page, 2 * page), *end = memory + page;
	struct viommu_cmdqv *other = NULL, *cmdqv = NULL;
	uint32_t id = UNSET;

	set_up();
	EQUAL(viommu_cmdqv_new(&config, &cmdqv), 0);
	EQUAL(mprotect(end, page, PROT_NONE), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(wrong); i++) {
		EQUAL(viommu_hwpt_alloc(ctx, AT_END(request, wrong[i]), &id), -EINVAL);
		EQUAL(viommu_hw_queue_check(AT_END(limits, wrong[i]), 0, 0, 4096), VIOMMU_HW_QUEUE_OTHER);
		EQUAL(viommu_hw_queue_reason(AT_END(limits, wrong[i]), -EIO, 0, 0, 4096),
		      VIOMMU_HW_QUEUE_OTHER);
		EQUAL(viommu_hw_queue_log2size(AT_END(limits, wrong[i])), 0);
		EQUAL(viommu_cmdqv_attach(cmdqv, AT_END(backing, wrong[i])), -EINVAL);
		EQUAL(viommu_cmdqv_new(AT_END(config, wrong[i]), &other), -EINVAL);
		config.host_ops = AT_END(host_ops, wrong[i]);
		EQUAL(viommu_cmdqv_new(&config, &other), -EINVAL);
		config.host_ops = &host_ops;
		config.kernel_ops = AT_END(kernel_ops, wrong[i]);
		EQUAL(viommu_cmdqv_new(&config, &other), -EINVAL);
		config.kernel_ops = NULL;
	}
	EQUAL(kernel.calls, 0);
	EQUAL(id, UNSET);
	CHECK(!other);
	EQUAL(mprotect(end, page, PROT_READ | PROT_WRITE), 0);
	free(memory);
	EQUAL(viommu_cmdqv_free(cmdqv), 0);
	tear_down();
}

static void answer_vdevice(void *arg)
{
	struct iommu_vdevice_alloc *cmd = arg;

	cmd->out_vdevice_id = 10;
}

static void answer_queue(void *arg)
{
	struct iommu_hw_queue_alloc *cmd = arg;

	cmd->out_hw_queue_id = 11;
}

static void objects(void)
{
	struct viommu_region page0 = { .size = sizeof(page0), .offset = 1, .length = 2 };
	uint32_t id = UNSET;

	set_up();
	kernel.answer = answer_viommu;
	EQUAL(viommu_alloc(ctx, VIOMMU_TYPE_ARM_SMMUV3, 3, 6, NULL, 0, &id), 0);
	arrived(IOMMU_VIOMMU_ALLOC, sizeof(struct iommu_viommu_alloc));
	EQUAL(GOT(iommu_viommu_alloc)->type, IOMMU_VIOMMU_TYPE_ARM_SMMUV3);
	EQUAL(GOT(iommu_viommu_alloc)->dev_id, 3);
	EQUAL(GOT(iommu_viommu_alloc)->hwpt_id, 6);
	EQUAL(id, 9);
	EQUAL(viommu_alloc_cmdqv(ctx, 3, 6, &page0, &id), 0);
	EQUAL(page0.offset, 0x11000);
	EQUAL(page0.length, 0x10000);
	kernel.answer = answer_vdevice;
	EQUAL(viommu_vdevice_alloc(ctx, 9, 3, 0x1234567890ull, &id), 0);
	arrived(IOMMU_VDEVICE_ALLOC, sizeof(struct iommu_vdevice_alloc));
	EQUAL(GOT(iommu_vdevice_alloc)->viommu_id, 9);
	EQUAL(GOT(iommu_vdevice_alloc)->dev_id, 3);
	EQUAL(GOT(iommu_vdevice_alloc)->virt_id, 0x1234567890ull);
	EQUAL(id, 10);
	kernel.answer = answer_queue;
	EQUAL(viommu_hw_queue_alloc(ctx, 9, 1, 2, 0x40000000, 0x1000, &id), 0);
	arrived(IOMMU_HW_QUEUE_ALLOC, sizeof(struct iommu_hw_queue_alloc));
	EQUAL(GOT(iommu_hw_queue_alloc)->viommu_id, 9);
	EQUAL(GOT(iommu_hw_queue_alloc)->type, 1);
	EQUAL(GOT(iommu_hw_queue_alloc)->index, 2);
	EQUAL(GOT(iommu_hw_queue_alloc)->nesting_parent_iova, 0x40000000);
	EQUAL(GOT(iommu_hw_queue_alloc)->length, 0x1000);
	EQUAL(id, 11);
	kernel.answer = NULL;
	kernel.err = EIO;
	id = UNSET;
	EQUAL(viommu_hw_queue_alloc(ctx, 9, 1, 2, 0x40000000, 0x1000, &id), -EIO);
	EQUAL(viommu_vdevice_alloc(ctx, 9, 3, 0, &id), -EIO);
	EQUAL(viommu_alloc(ctx, 1, 3, 6, NULL, 0, &id), -EIO);
	page0.offset = 7;
	EQUAL(viommu_alloc_cmdqv(ctx, 3, 6, &page0, &id), -EIO);
	EQUAL(page0.offset, 7);
	EQUAL(id, UNSET);
	tear_down();
}

static void map_registers(void)
{
	void *addr = NULL;

	set_up();
	EQUAL(viommu_mmap(ctx, 9, 0x10000, 0x11000, &addr), 0);
	CHECK(addr == &mapping);
	EQUAL(mapping.size, 0x10000);
	EQUAL(mapping.offset, 0x11000);
	EQUAL(mapping.prot, PROT_READ | PROT_WRITE);
	EQUAL(mapping.flags, MAP_SHARED);
	EQUAL(mapping.fd, viommu_ctx_fd(ctx));
	EQUAL(viommu_ctx_ioctls(ctx), 0);
	/* Not for the children of the VMM; there is no mapping without that */
	EQUAL(mapping.advice, MADV_DONTFORK);
	EQUAL(mapping.unmapped, 0);
	addr = NULL;
	mapping.advice_err = ENOMEM;
	EQUAL(viommu_mmap(ctx, 9, 0x10000, 0x11000, &addr), -ENOMEM);
	CHECK(!addr);
	EQUAL(mapping.unmapped, 1);
	mapping.err = ENXIO;
	EQUAL(viommu_mmap(ctx, 9, 0x10000, 0x11000, &addr), -ENXIO);
	EQUAL(viommu_mmap(ctx, 9, 0x10000, 1ull << 63, &addr), -ENXIO);
	CHECK(!addr);
	mapping.err = 0;
	tear_down();
}

/* Each errno of the user ABI has words of its own */
static void map_reasons(void)
{
	static const int errs[] = { 0, -EACCES, -EINVAL, -ENODEV, -ENOMEM, -ENXIO, -EPERM, -EIO };

	for (unsigned int i = 0; i < ARRAY_SIZE(errs); i++)
		for (unsigned int j = 0; j < i; j++)
			CHECK(strcmp(viommu_mmap_reason(errs[i]), viommu_mmap_reason(errs[j])));
	TEXT(viommu_mmap_reason(-EIO), viommu_mmap_reason(-EBADF));
	CHECK(strstr(viommu_mmap_reason(-ENXIO), "region"));
	CHECK(strstr(viommu_mmap_reason(-EACCES), "read-only"));
	CHECK(strstr(viommu_mmap_reason(-EINVAL), "page"));
}

static int veventq_fd;

static void answer_veventq(void *arg)
{
	struct iommu_veventq_alloc *cmd = arg;

	cmd->out_veventq_id = 13;
	cmd->out_veventq_fd = (uint32_t)veventq_fd;
}

static void answer_veventq_once(void *arg)
{
	answer_veventq(arg);
	kernel.answer = NULL;
}

static void event_queue(void)
{
	uint32_t id = UNSET;
	int fd = -1;

	set_up();
	veventq_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	kernel.answer = answer_veventq;
	EQUAL(viommu_veventq_alloc(ctx, 9, VIOMMU_VEVENTQ_TEGRA241_CMDQV, 64, &id, &fd), 0);
	arrived(IOMMU_VEVENTQ_ALLOC, sizeof(struct iommu_veventq_alloc));
	EQUAL(GOT(iommu_veventq_alloc)->viommu_id, 9);
	EQUAL(GOT(iommu_veventq_alloc)->type, 2);
	EQUAL(GOT(iommu_veventq_alloc)->veventq_depth, 64);
	EQUAL(id, 13);
	EQUAL(fd, veventq_fd);
	CHECK(fcntl(fd, F_GETFL) & O_NONBLOCK);
	close(fd);
	id = UNSET;
	fd = -1;
	/* The descriptor is bad: the queue is destroyed again */
	kernel.answer = answer_veventq_once;
	EQUAL(viommu_veventq_alloc(ctx, 9, 2, 64, &id, &fd), -EBADF);
	arrived(IOMMU_DESTROY, sizeof(struct iommu_destroy));
	EQUAL(GOT(iommu_destroy)->id, 13);
	kernel.err = EEXIST;
	EQUAL(viommu_veventq_alloc(ctx, 9, 2, 64, &id, &fd), -EEXIST);
	EQUAL(id, UNSET);
	EQUAL(fd, -1);
	tear_down();
}

static uint32_t executed;

static void answer_invalidate(void *arg)
{
	struct iommu_hwpt_invalidate *cmd = arg;

	cmd->entry_num = executed;
}

/* Refuses a command, and then has nothing against those before it */
static void answer_refused(void *arg)
{
	struct iommu_hwpt_invalidate *cmd = arg;

	kernel.err = cmd->entry_num > executed ? EIO : 0;
	cmd->entry_num = executed;
}

static void invalidate(void)
{
	struct viommu_cmd cmds[100] = { 0 };
	uint32_t num = 100;

	set_up();
	kernel.answer = answer_invalidate;
	executed = 100;
	EQUAL(viommu_invalidate_smmuv3(ctx, 9, cmds, &num), 0);
	arrived(IOMMU_HWPT_INVALIDATE, sizeof(struct iommu_hwpt_invalidate));
	EQUAL(GOT(iommu_hwpt_invalidate)->hwpt_id, 9);
	EQUAL(GOT(iommu_hwpt_invalidate)->data_uptr, (uintptr_t)cmds);
	EQUAL(GOT(iommu_hwpt_invalidate)->data_type, IOMMU_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3);
	EQUAL(GOT(iommu_hwpt_invalidate)->entry_len, 16);
	EQUAL(GOT(iommu_hwpt_invalidate)->entry_num, 100);
	EQUAL(num, 100);
	/* Only a refused command is a reason to send anything twice */
	kernel.err = ETIMEDOUT;
	kernel.calls = 0;
	executed = 64;
	EQUAL(viommu_invalidate_smmuv3(ctx, 9, cmds, &num), -ETIMEDOUT);
	EQUAL(num, 64);
	kernel.err = EIO;
	num = 100;
	EQUAL(viommu_invalidate(ctx, 9, 0xdeadbeef, cmds, 16, &num), -EIO);
	EQUAL(num, 64);
	EQUAL(kernel.calls, 2);
	/* The kernel did not get as far as counting */
	kernel.answer = NULL;
	num = 100;
	EQUAL(viommu_invalidate_smmuv3(ctx, 9, cmds, &num), -EIO);
	EQUAL(num, 0);
	kernel.err = 0;
	EQUAL(viommu_invalidate(ctx, 9, 0xdeadbeef, NULL, 12, &num), 0);
	EQUAL(GOT(iommu_hwpt_invalidate)->data_type, 0xdeadbeef);
	EQUAL(GOT(iommu_hwpt_invalidate)->entry_len, 12);
	EQUAL(GOT(iommu_hwpt_invalidate)->entry_num, 0);
	tear_down();
}

/* How many ioctls, and of how many commands, for 0 to 200 commands and a SYNC */
static void batches(void)
{
	struct viommu_cmd cmd = { { 0x11, 0 } };
	struct viommu_batch *batch = NULL;

	set_up();
	EQUAL(viommu_batch_new(ctx, 9, &batch), 0);
	for (uint32_t n = 0; n <= 200; n++) {
		uint64_t before = viommu_ctx_ioctls(ctx);

		for (uint32_t i = 0; i < n; i++) {
			cmd.w[1] = i;
			EQUAL(viommu_batch_add(batch, &cmd), 0);
		}
		EQUAL(viommu_batch_flush(batch), 0);
		EQUAL(viommu_ctx_ioctls(ctx) - before, (n + 62) / 63);
		EQUAL(viommu_batch_done(batch), n % 63);
		if (n % 63)
			EQUAL(GOT(iommu_hwpt_invalidate)->entry_num, n % 63);
	}
	/* A failure drops the batch and tells where */
	kernel.err = EIO;
	kernel.answer = answer_refused;
	executed = 7;
	for (uint32_t i = 0; i < 62; i++)
		EQUAL(viommu_batch_add(batch, &cmd), 0);
	EQUAL(viommu_batch_add(batch, &cmd), -EIO);
	EQUAL(viommu_batch_done(batch), 7);
	/* The seven were sent once more */
	EQUAL(GOT(iommu_hwpt_invalidate)->entry_num, 7);
	kernel.calls = 0;
	EQUAL(viommu_batch_flush(batch), 0);
	EQUAL(kernel.calls, 0);
	viommu_batch_free(batch);
	viommu_batch_free(NULL);
	tear_down();
}

/* The CMDQ-V of a guest on this kernel, that is with the operations of the library */
static void cmdqv(void)
{
	static uint32_t page0[VIOMMU_CMDQV_PAGE_SIZE / 4];
	static const struct viommu_cmdqv_host_ops host_ops = { .size = sizeof(host_ops) };
	struct viommu_cmdqv_config config = {
		.size = sizeof(config),
		.max_log2size = VIOMMU_CMDQV_ANY_SIZE,
		.host_ops = &host_ops,
		.viommu = 9,
		.page0 = page0,
		.page0_length = sizeof(page0),
	};
	struct viommu_cmdqv *device = NULL;

	set_up();
	EQUAL(viommu_cmdqv_new(&config, &device), -EINVAL);
	config.ctx = ctx;
	EQUAL(viommu_cmdqv_new(&config, &device), 0);
	EQUAL(viommu_cmdqv_write(device, 0x1000, 4, 1), 0);
	EQUAL(viommu_cmdqv_write(device, 0x200, 4, 1), 0);
	EQUAL(viommu_cmdqv_write(device, 0x30004, 4, 6), 0);
	kernel.answer = answer_queue;
	EQUAL(viommu_cmdqv_write(device, 0x40000, 8, 0x40000008), 0);
	arrived(IOMMU_HW_QUEUE_ALLOC, sizeof(struct iommu_hw_queue_alloc));
	EQUAL(GOT(iommu_hw_queue_alloc)->viommu_id, 9);
	EQUAL(GOT(iommu_hw_queue_alloc)->type, IOMMU_HW_QUEUE_TYPE_TEGRA241_CMDQV);
	EQUAL(GOT(iommu_hw_queue_alloc)->index, 0);
	EQUAL(GOT(iommu_hw_queue_alloc)->nesting_parent_iova, 0x40000000);
	EQUAL(GOT(iommu_hw_queue_alloc)->length, 4096);
	EQUAL(page0[1], 6);
	EQUAL(viommu_cmdqv_write(device, 0x10000 + 4, 4, 7), 0);
	EQUAL(page0[1], 7);
	kernel.answer = NULL;
	EQUAL(viommu_cmdqv_free(device), 0);
	arrived(IOMMU_DESTROY, sizeof(struct iommu_destroy));
	EQUAL(GOT(iommu_destroy)->id, 11);
	tear_down();
}

static void version(void)
{
	EQUAL(viommu_version(), VIOMMU_VERSION);
	EQUAL(VIOMMU_VERSION, VIOMMU_VERSION_MAJOR * 0x10000 + VIOMMU_VERSION_MINOR * 0x100 + VIOMMU_VERSION_PATCH);
}

static const struct test tests[] = {
	TEST(context),	     TEST(without_memory), TEST(ioas),	TEST(ioas_file), TEST(hw_info), TEST(vfio),
	TEST(other_sizes),   TEST(absurd_sizes),  TEST(ioas_reasons),  TEST(version),
	TEST(hwpt),	     TEST(objects),	  TEST(map_registers), TEST(map_reasons),
	TEST(event_queue),   TEST(invalidate),	  TEST(batches),       TEST(cmdqv),
};

TEST_MAIN(tests)
