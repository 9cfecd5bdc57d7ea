// SPDX-License-Identifier: GPL-2.0
/*
 * One VM with devices behind two SMMUs, each with a CMDQ-V of its own: a vIOMMU on each.
 * An object of one SMMU is refused for a device behind the other. Numbers of VINTFs,
 * queues and StreamIDs are the same on both, and nothing of one reaches the other.
 *
 * The machine is that of the boot "two-smmus": the first device is behind the SMMU of
 * the machine, and the second behind a root port with another SMMU.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmdqv_test.h"
#include "cmdqv_events.h"
#include "cmdqv_regs.h"
#include "../../qemu/pci-dma-test-regs.h"
#include "write_text.h"

#define SMMUS		2
#define IOVA(n)		(STAGE1_IOVA + (n) * RAM_PAGE)
#define GPA(vm, page)	ram_gpa(&(vm)->ram, RAM_DATA + (page) * RAM_PAGE)
#define OLD		0xa0a0a0a0a0a0a0a0ULL
#define NEW		0xb1b1b1b1b1b1b1b1ULL
#define VSID		VM_VSID(0)
#define DEPTH		4
#define BAD_COMMAND	((struct smmu_cmd){ .w = { CMD_TLBI_NH_ALL, 0 } })
#define EVT_F_TRANSLATION 0x10

#define DEBUGFS		"/sys/kernel/debug/iommu/tegra241_cmdqv/"
#define TEXT_SIZE	(1 << 14)

/* The CMDQ-V of each device, and the numbers of its interrupt and of its SMMU's events */
static const struct {
	const char *name;
	const char *error_irq;
	const char *event_irq;
} smmus[SMMUS] = {
	{ "NVDA200C:00", " 232 Edge ", " 106 Edge " },
	{ "NVDA200C:01", " 233 Edge ", " 234 Edge " },
};

struct error_event {
	struct iommufd_vevent_header header;
	__le64 map[2];
};

struct fault_event {
	struct iommufd_vevent_header header;
	__le64 evt[4];
};

FIXTURE(smmus) {
	struct cmdqv_vm vm[SMMUS];
	struct cmdqv_regs regs[SMMUS];
};

/* The directory of the SMMU of a device in sysfs, as a string; NULL if there is none */
static char *smmu_of(const struct dma_dev *dev)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu", dev->name);
	return realpath(path, NULL);
}

static int behind_one_smmu(const struct cmdqv_vm vm[SMMUS])
{
	char *first = smmu_of(&vm[0].dev), *second = smmu_of(&vm[1].dev);
	int one = !first || !second || !strcmp(first, second);

	free(first);
	free(second);
	return one;
}

/* The second device has more RAM at another place, but the same virtual StreamID */
static void join(struct __test_metadata *_metadata, struct cmdqv_vm vm[SMMUS])
{
	TEST_STEP(&vm[1], vm_join(&vm[1], &vm[0], 1));
	vm[1].dev.index = 0;
}

static void make_vm(struct __test_metadata *_metadata, struct cmdqv_vm vm[SMMUS])
{
	int i;

	TEST_STEP(&vm[0], vm_open(&vm[0], 0));
	join(_metadata, vm);
	for (i = 0; i < SMMUS; i++) {
		*ram_data(&vm[i].ram, 0) = OLD + i;
		*ram_data(&vm[i].ram, 1) = NEW + i;
	}
}

FIXTURE_SETUP(smmus)
{
	struct cmdqv_vm *vm = self->vm;
	int i;

	TEST_RESERVE();
	make_vm(_metadata, vm);
	if (behind_one_smmu(vm)) {
		vm_close(&vm[1]);
		vm_close(&vm[0]);
		SKIP(return, "both devices are behind one SMMU");
	}
	for (i = 0; i < SMMUS; i++) {
		ASSERT_EQ(0, regs_open_device(&self->regs[i], smmus[i].name));
		TEST_STEP(&vm[i], vm_viommu(&vm[i]));
	}
}

FIXTURE_TEARDOWN(smmus)
{
	int i;

	for (i = SMMUS - 1; i >= 0; i--) {
		TEST_END(&self->vm[i]);
		EXPECT_EQ(0, regs_vintfs_in_use(&self->regs[i]));
		EXPECT_EQ(1, regs_vintf_clean(&self->regs[i], 1));
		regs_close(&self->regs[i]);
	}
}

/* The rest of a VM with its vIOMMU: two queues, not enabled */
static void make_queues(struct __test_metadata *_metadata, struct cmdqv_vm *vm)
{
	int k;

	TEST_STEP(vm, vm_map_page0(vm));
	for (k = 0; k < VM_QUEUES; k++)
		TEST_STEP(vm, vm_queue_alloc(vm, k, TEST_LOG2SIZE));
}

static void build(struct __test_metadata *_metadata, struct cmdqv_vm *vm)
{
	int k;

	TEST_STEP(vm, vm_nest(vm));
	make_queues(_metadata, vm);
	for (k = 0; k < VM_QUEUES; k++)
		ASSERT_EQ(0, vcmdq_enable(&vm->queue[k].q));
}

static __u64 device_reads(struct cmdqv_vm *vm, __u64 iova)
{
	__u64 value = 0;
	int rc = dma_read(&vm->dev, iova, &value);

	return rc ? (__u64)rc : value;
}

/* Each device has the parameters of its own CMDQ-V, and the two differ */
TEST_F(smmus, hw_info)
{
	struct iommu_hw_info_tegra241_cmdqv info[SMMUS] = { 0 };
	int i;

	for (i = 0; i < SMMUS; i++) {
		ASSERT_EQ(0, iommufd_hw_info(self->vm[i].iommufd, self->vm[i].dev_id,
					     IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV,
					     &info[i], sizeof(info[i])));
		EXPECT_EQ(self->regs[i].queues, 1U << info[i].log2vcmdqs);
		EXPECT_EQ(self->regs[i].sids, 1U << info[i].log2vsids);
	}
	EXPECT_NE(info[0].log2vcmdqs, info[1].log2vcmdqs);
	EXPECT_NE(info[0].log2vsids, info[1].log2vsids);
}

/* A nesting parent belongs to one SMMU */
TEST_F(smmus, parent)
{
	struct iommu_viommu_tegra241_cmdqv data = { 0 };
	int i;

	for (i = 0; i < SMMUS; i++) {
		struct cmdqv_vm *mine = &self->vm[i], *other = &self->vm[!i];
		__u32 id;

		EXPECT_EQ(-EINVAL, iommufd_viommu_alloc(mine->iommufd, mine->dev_id,
							other->parent,
							IOMMU_VIOMMU_TYPE_ARM_SMMUV3,
							NULL, 0, &id));
		EXPECT_EQ(-EINVAL, iommufd_viommu_alloc(mine->iommufd, mine->dev_id,
							other->parent,
							IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV,
							&data, sizeof(data), &id));
		EXPECT_EQ(0, data.out_vintf_mmap_length);
		EXPECT_EQ(-EINVAL, vfio_attach(mine->dev.fd, other->parent));
	}
	/* Nothing was taken */
	for (i = 0; i < SMMUS; i++)
		EXPECT_EQ(1, regs_vintfs_in_use(&self->regs[i]));
}

TEST_F(smmus, vdevice)
{
	__u32 id;
	int i;

	for (i = 0; i < SMMUS; i++)
		EXPECT_EQ(-EINVAL, iommufd_vdevice_alloc(self->vm[i].iommufd,
							 self->vm[i].viommu,
							 self->vm[!i].dev_id, VSID,
							 &id));
	for (i = 0; i < SMMUS; i++) {
		EXPECT_EQ(0, regs_sid_match(&self->regs[i], 1, 0));
		TEST_STEP(&self->vm[i], vm_vdevice(&self->vm[i]));
	}
	/* The same virtual StreamID, and each device at its own SMMU */
	for (i = 0; i < SMMUS; i++) {
		EXPECT_EQ(VSID << 1 | 1, regs_sid_match(&self->regs[i], 1, 0));
		EXPECT_EQ(dma_stream_id(&self->vm[i].dev),
			  regs_sid_replace(&self->regs[i], 1, 0));
		EXPECT_EQ(0, regs_sid_match(&self->regs[i], 1, 1));
	}
}

TEST_F(smmus, nested)
{
	struct cmdqv_vm *vm = self->vm;
	__u64 ste[2];
	__u32 id;
	int i;

	for (i = 0; i < SMMUS; i++) {
		TEST_STEP(&vm[i], vm_vdevice(&vm[i]));
		TEST_STEP(&vm[i], vm_stage1(&vm[i]));
		stage1_map(&vm[i].ram, IOVA(0), GPA(&vm[i], 0));
	}
	for (i = 0; i < SMMUS; i++) {
		stage1_ste(&vm[i].ram, ste);
		EXPECT_EQ(-EINVAL, iommufd_hwpt_nested(vm[i].iommufd, vm[i].dev_id,
						       vm[!i].viommu, ste, &id));
		EXPECT_EQ(-EINVAL, vfio_attach(vm[i].dev.fd, vm[!i].nested));
	}
	for (i = 0; i < SMMUS; i++)
		TEST_STEP(&vm[i], vm_attach(&vm[i]));
	/* A change to the domain of the other is refused, and the device stays in its own */
	for (i = 0; i < SMMUS; i++) {
		EXPECT_EQ(-EINVAL, vfio_attach(vm[i].dev.fd, vm[!i].nested));
		EXPECT_EQ(OLD + i, device_reads(&vm[i], IOVA(0)));
	}
}

/* Numbers count for each SMMU alone; the order of queues as well */
TEST_F(smmus, queues)
{
	struct cmdqv_vm *vm = self->vm;
	__u32 id;
	int i, k;

	EXPECT_NE(vm[0].mmap_offset, vm[1].mmap_offset);
	TEST_STEP(&vm[0], vm_map_page0(&vm[0]));
	TEST_STEP(&vm[1], vm_map_page0(&vm[1]));
	TEST_STEP(&vm[0], vm_queue_alloc(&vm[0], 0, TEST_LOG2SIZE));
	EXPECT_EQ(-EIO, iommufd_hw_queue_alloc(vm[1].iommufd, vm[1].viommu, VM_QUEUE_TYPE,
					       1, ram_gpa(&vm[1].ram, RAM_QUEUE(1)),
					       16 << TEST_LOG2SIZE, &id));
	EXPECT_EQ(0, regs_alloc_map(&self->regs[1], 1, 0) & 1);
	TEST_STEP(&vm[1], vm_queue_alloc(&vm[1], 0, TEST_LOG2SIZE));
	TEST_STEP(&vm[1], vm_queue_alloc(&vm[1], 1, TEST_LOG2SIZE));
	EXPECT_EQ(0, regs_alloc_map(&self->regs[0], 1, 1) & 1);
	TEST_STEP(&vm[0], vm_queue_alloc(&vm[0], 1, TEST_LOG2SIZE));

	for (i = 0; i < SMMUS; i++) {
		EXPECT_EQ(1, regs_vintfs_in_use(&self->regs[i]));
		for (k = 0; k < VM_QUEUES; k++) {
			EXPECT_EQ(1 << 15 | k << 1 | 1,
				  regs_alloc_map(&self->regs[i], 1, k));
			EXPECT_EQ(VCMDQ_EN, vcmdq_enable(&vm[i].queue[k].q) ?:
						   vcmdq_read(&vm[i].queue[k].q,
							      VCMDQ_STATUS));
		}
	}
	EXPECT_NE(regs_queue_base(&self->regs[0], 1, 0),
		  regs_queue_base(&self->regs[1], 1, 0));

	/* A queue of one holds no queue of the other */
	EXPECT_EQ(-EBUSY, iommufd_destroy(vm[0].iommufd, vm[0].queue[0].id));
	EXPECT_EQ(0, vm_queue_free(&vm[0], 1));
	EXPECT_EQ(0, vm_queue_free(&vm[0], 0));
	EXPECT_EQ(0, vcmdq_issue_sync(&vm[1].queue[0].q, cmd_tlbi_nh_asid(VM_ASID)));
	EXPECT_EQ(1 << 15 | 1, regs_alloc_map(&self->regs[1], 1, 0));
}

/* Both SMMUs have the old page in the IOTLB and the new one in stage 1 */
static void make_stale(struct __test_metadata *_metadata, struct cmdqv_vm vm[SMMUS])
{
	int i;

	for (i = 0; i < SMMUS; i++) {
		stage1_map(&vm[i].ram, IOVA(0), GPA(&vm[i], 0));
		ASSERT_EQ(0, vcmdq_issue_sync(&vm[i].queue[0].q,
					      cmd_tlbi_nh_asid(VM_ASID)));
		ASSERT_EQ(OLD + i, device_reads(&vm[i], IOVA(0)));
		stage1_map(&vm[i].ram, IOVA(0), GPA(&vm[i], 1));
		ASSERT_EQ(OLD + i, device_reads(&vm[i], IOVA(0)));
	}
}

/* Same ASID, same address, perhaps the same VMID: another SMMU is another cache */
TEST_F(smmus, commands)
{
	struct cmdqv_vm *vm = self->vm;
	struct model_counts before, counts;
	int i;

	build(_metadata, &vm[0]);
	build(_metadata, &vm[1]);
	for (i = 0; i < SMMUS; i++) {
		make_stale(_metadata, vm);
		model_read(&vm[!i].dev, &before);
		ASSERT_EQ(0, vcmdq_issue_sync(&vm[i].queue[0].q,
					      cmd_tlbi_nh_va(VM_ASID, IOVA(0))));
		EXPECT_EQ(0, vcmdq_issue_sync(&vm[i].queue[1].q, cmd_atc_inv(VSID, 0)));
		EXPECT_EQ(dma_stream_id(&vm[i].dev), model_last_atc_sid(&vm[i].dev));
		EXPECT_EQ(NEW + i, device_reads(&vm[i], IOVA(0)));
		EXPECT_EQ(OLD + !i, device_reads(&vm[!i], IOVA(0)));
		model_read(&vm[!i].dev, &counts);
		model_subtract(&counts, &before, &counts);
		EXPECT_EQ(0, counts.guest.commands);
		EXPECT_EQ(0, counts.guest.mmio_writes);
	}
}

/* The same by IOMMU_HWPT_INVALIDATE, with the widest command of a guest */
TEST_F(smmus, invalidate)
{
	struct smmu_cmd all = { .w = { CMD_TLBI_NSNH_ALL, 0 } };
	struct cmdqv_vm *vm = self->vm;
	__u32 num = 1;
	int i;

	build(_metadata, &vm[0]);
	build(_metadata, &vm[1]);
	for (i = 0; i < SMMUS; i++) {
		make_stale(_metadata, vm);
		ASSERT_EQ(0, iommufd_hwpt_invalidate(vm[i].iommufd, vm[i].viommu, &all,
						     &num));
		EXPECT_EQ(NEW + i, device_reads(&vm[i], IOVA(0)));
		EXPECT_EQ(OLD + !i, device_reads(&vm[!i], IOVA(0)));
	}
}

/* An unmap from the IOAS, which both nesting parents map, takes effect on both SMMUs */
TEST_F(smmus, unmap)
{
	struct cmdqv_vm *vm = self->vm;
	char *memory = ram_huge_pages(1);
	const __u64 gpa = 2 * RAM_GPA;
	__u64 length = RAM_HUGE_PAGE;
	int i;

	ASSERT_NE(NULL, memory);
	*(volatile __u64 *)memory = NEW;
	ASSERT_EQ(0, iommufd_ioas_map(vm->iommufd, vm->ioas, memory, gpa, length,
				      IOMMU_IOAS_MAP_READABLE));
	for (i = 0; i < SMMUS; i++) {
		build(_metadata, &vm[i]);
		stage1_map(&vm[i].ram, IOVA(2), gpa);
		ASSERT_EQ(NEW, device_reads(&vm[i], IOVA(2)));
	}
	ASSERT_EQ(0, iommufd_ioas_unmap(vm->iommufd, vm->ioas, gpa, &length));
	for (i = 0; i < SMMUS; i++)
		EXPECT_EQ((__u64)-EFAULT, device_reads(&vm[i], IOVA(2)));
}

/* No vEVENTQ of the VM has more, and no interrupt is left to handle */
static void expect_quiet(struct __test_metadata *_metadata,
			 const struct veventq queue[SMMUS])
{
	int i;

	for (i = 0; i < SMMUS; i++) {
		EXPECT_TRUE(irq_handled(smmus[i].error_irq));
		EXPECT_TRUE(irq_handled(smmus[i].event_irq));
	}
	for (i = 0; i < SMMUS; i++)
		EXPECT_EQ(0, veventq_readable(&queue[i], 0));
}

/* An error of a queue goes to the vEVENTQ of its vIOMMU, by the interrupt of its CMDQ-V */
TEST_F(smmus, errors)
{
	struct cmdqv_vm *vm = self->vm;
	struct veventq queue[SMMUS];
	unsigned long irqs[SMMUS];
	int i;

	for (i = 0; i < SMMUS; i++) {
		build(_metadata, &vm[i]);
		ASSERT_EQ(0, veventq_open(&vm[i], IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV,
					  DEPTH, &queue[i]));
	}
	for (i = 0; i < SMMUS; i++) {
		struct vcmdq *bad = &vm[i].queue[1].q;
		struct error_event event = { 0 };

		irqs[0] = irq_count(smmus[0].error_irq);
		irqs[1] = irq_count(smmus[1].error_irq);
		EXPECT_EQ(-EIO, vcmdq_issue_sync(bad, BAD_COMMAND));
		EXPECT_EQ(1, veventq_readable(&queue[i], WAIT_MS));
		EXPECT_EQ(sizeof(event), read(queue[i].fd, &event, sizeof(event)));
		EXPECT_EQ(0, event.header.sequence);
		EXPECT_EQ(2, le64toh(event.map[0]));
		expect_quiet(_metadata, queue);
		EXPECT_EQ(irqs[i] + 1, irq_count(smmus[i].error_irq));
		EXPECT_EQ(irqs[!i], irq_count(smmus[!i].error_irq));
		/* The queue with the same number on the other SMMU has no error */
		EXPECT_EQ(0, vcmdq_issue_sync(&vm[!i].queue[1].q,
					      cmd_tlbi_nh_asid(VM_ASID)));
		vcmdq_repair(bad);
		EXPECT_EQ(0, vcmdq_drain(bad));
	}
	for (i = 0; i < SMMUS; i++)
		EXPECT_EQ(0, veventq_close(&vm[i], &queue[i]));
}

/* A fault of a device goes to the vEVENTQ of its vIOMMU */
TEST_F(smmus, faults)
{
	struct cmdqv_vm *vm = self->vm;
	struct veventq queue[SMMUS];
	int i;

	for (i = 0; i < SMMUS; i++) {
		build(_metadata, &vm[i]);
		/* The emulator makes two events of a failing access of 8 bytes */
		*(volatile __u64 *)(vm[i].dev.regs + DMA_TEST_SIZE) = 4;
		ASSERT_EQ(0, veventq_open(&vm[i], IOMMU_VEVENTQ_TYPE_ARM_SMMUV3, DEPTH,
					  &queue[i]));
	}
	for (i = 0; i < SMMUS; i++) {
		struct fault_event event = { 0 };

		EXPECT_EQ((__u64)-EFAULT, device_reads(&vm[i], IOVA(64 + i)));
		EXPECT_EQ(1, veventq_readable(&queue[i], WAIT_MS));
		EXPECT_EQ(sizeof(event), read(queue[i].fd, &event, sizeof(event)));
		EXPECT_EQ(0, event.header.sequence);
		EXPECT_EQ(EVT_F_TRANSLATION, le64toh(event.evt[0]) & 0xff);
		EXPECT_EQ(VSID, le64toh(event.evt[0]) >> 32);
		EXPECT_EQ(IOVA(64 + i), le64toh(event.evt[2]));
		expect_quiet(_metadata, queue);
	}
	for (i = 0; i < SMMUS; i++) {
		*(volatile __u64 *)(vm[i].dev.regs + DMA_TEST_SIZE) = 8;
		EXPECT_EQ(0, veventq_close(&vm[i], &queue[i]));
	}
}

/* The file of an instance; its length */
static int read_vintfs(const char *name, char *text)
{
	char path[128];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), DEBUGFS "%s/vintfs", name);
	f = fopen(path, "r");
	if (!f)
		return -errno;
	n = fread(text, 1, TEXT_SIZE - 1, f);
	text[n] = 0;
	fclose(f);
	return n;
}

/* Debugfs has one directory for each instance, with VINTFs of this instance alone */
TEST_F(smmus, debugfs)
{
	struct cmdqv_vm *vm = self->vm;
	char *text = malloc(TEXT_SIZE);
	glob_t found;
	int i;

	ASSERT_NE(NULL, text);
	ASSERT_EQ(0, glob(DEBUGFS "*/vintfs", 0, NULL, &found));
	EXPECT_EQ(SMMUS, found.gl_pathc);
	globfree(&found);
	EXPECT_EQ(0, access(DEBUGFS "bypass_vcmdq", W_OK));

	EXPECT_EQ(0, vm_destroy(&vm[1], &vm[1].viommu));
	ASSERT_LT(0, read_vintfs(smmus[0].name, text));
	EXPECT_NE(NULL, strstr(text, "VINTF 1: guest"));
	ASSERT_LT(0, read_vintfs(smmus[1].name, text));
	EXPECT_EQ(NULL, strstr(text, "guest"));
	EXPECT_NE(NULL, strstr(text, "VINTF 0: kernel, VMID 0, on, errors 0\n"));

	TEST_STEP(&vm[1], vm_viommu(&vm[1]));
	EXPECT_EQ(0, vm_destroy(&vm[0], &vm[0].viommu));
	TEST_STEP(&vm[1], vm_vdevice(&vm[1]));
	for (i = 0; i < SMMUS; i++) {
		char want[64];

		ASSERT_LT(0, read_vintfs(smmus[i].name, text));
		EXPECT_EQ(i, !!strstr(text, "VINTF 1: guest"));
		snprintf(want, sizeof(want), "virtual 0x%x, physical 0x%x\n", VSID,
			 dma_stream_id(&vm[1].dev));
		EXPECT_EQ(i, !!strstr(text, want));
	}
	free(text);
}

/* The queues of the VM on SMMU @i work, and its device if it has one */
static void expect_works(struct __test_metadata *_metadata, struct cmdqv_vm *vm, int i)
{
	int k;

	for (k = 0; k < VM_QUEUES; k++)
		EXPECT_EQ(0, vcmdq_issue_sync(&vm[i].queue[k].q,
					      cmd_tlbi_nh_asid(VM_ASID)));
	if (vm[i].attached)
		EXPECT_EQ(OLD + i, device_reads(&vm[i], IOVA(0)));
}

static void build_and_map(struct __test_metadata *_metadata, struct cmdqv_vm *vm, int i)
{
	build(_metadata, &vm[i]);
	*ram_data(&vm[i].ram, 0) = OLD + i;
	stage1_map(&vm[i].ram, IOVA(0), GPA(&vm[i], 0));
	expect_works(_metadata, vm, i);
}

/*
 * The only device behind an SMMU is unplugged. Its vDEVICE goes; vIOMMU and queues stay
 * until the VMM destroys them, and the other SMMU is not affected. Then the device comes
 * back, to the same SMMU.
 */
TEST_F(smmus, unplug)
{
	struct cmdqv_vm *vm = self->vm;
	__u64 length = vm[1].ram.size;
	char path[64];

	build_and_map(_metadata, vm, 0);
	build_and_map(_metadata, vm, 1);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/remove", vm[1].dev.name);
	dma_close(&vm[1].dev);
	ASSERT_EQ(0, write_text(path, "1"));
	ASSERT_EQ(-1, access(path, F_OK));
	vm[1].attached = 0;
	EXPECT_EQ(-ENOENT, vm_destroy(&vm[1], &vm[1].vdevice));
	vm[1].vdevice = 0;
	EXPECT_EQ(0, regs_sid_match(&self->regs[1], 1, 0));
	EXPECT_EQ(VSID << 1 | 1, regs_sid_match(&self->regs[0], 1, 0));
	expect_works(_metadata, vm, 0);
	expect_works(_metadata, vm, 1);

	TEST_STEP(&vm[1], vm_teardown(&vm[1]));
	EXPECT_EQ(0, regs_vintfs_in_use(&self->regs[1]));
	EXPECT_EQ(1, regs_vintf_clean(&self->regs[1], 1));
	EXPECT_EQ(1, regs_vintfs_in_use(&self->regs[0]));
	expect_works(_metadata, vm, 0);
	EXPECT_EQ(0, iommufd_ioas_unmap(vm[0].iommufd, vm[0].ioas, vm[1].ram.gpa,
					&length));
	vm_close(&vm[1]);

	ASSERT_EQ(0, write_text("/sys/bus/pci/rescan", "1"));
	ASSERT_EQ(0, access(path, F_OK));
	join(_metadata, vm);
	ASSERT_EQ(0, behind_one_smmu(vm));
	TEST_STEP(&vm[1], vm_viommu(&vm[1]));
	build_and_map(_metadata, vm, 1);
	expect_works(_metadata, vm, 0);
}

TEST_HARNESS_MAIN
