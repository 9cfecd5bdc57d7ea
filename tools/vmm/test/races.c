// SPDX-License-Identifier: GPL-2.0
/*
 * The whole VMM under ThreadSanitizer, on a KVM and an iommufd of this program: two vCPUs make
 * random accesses to every register page, events come from the kernel, and the device goes and
 * comes back PLUGS times. ThreadSanitizer ends the program with an error if two threads use
 * memory without an order between them. At the end no object of the kernel is left.
 *
 * A vCPU here is a loop around KVM_RUN. Page 0 of the CMDQ-V is memory; while a memory slot has
 * it, a vCPU writes to it, and a slot goes only when no vCPU is there, as in KVM. The hardware
 * behind page 0 does not execute.
 *
 * Before that, scenes.c has guests whose accesses come in one order.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/iommufd.h>
#include <linux/kvm.h>
#include <linux/vfio.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <viommu.h>

#include "races.h"

#define PLUGS		12
#define HANGUP_EVERY	400	/* accesses of vCPU 0 */
#define OBJECTS		4096
#define FILE_SIZE	0x200000

/* A kind for each object, so that a queue and an event queue can be told apart */
enum kind { NOTHING, IOAS, HWPT, VIOMMU, VDEVICE, VEVENTQ, QUEUE };

static struct {
	pthread_mutex_t lock;
	enum kind objects[OBJECTS];
	uint32_t num;
	unsigned int queues;
	unsigned int plugs;
	/* How much of it there was */
	unsigned int queues_made, invalidations, events;
	/* Write ends of the event queues, by type */
	uint32_t event_id[3];
	int event_fd[3];
	uint32_t sequence[3];
} kernel = { .lock = PTHREAD_MUTEX_INITIALIZER };

static struct {
	pthread_rwlock_t slots;
	void *page0;
	char *ram;
	int vcpu_fd[CPUS];
	struct kvm_run *run[CPUS];
	unsigned int vcpus;
	atomic_ulong accesses;
} kvm = { .slots = PTHREAD_RWLOCK_INITIALIZER };

struct scene scene;

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_ioctl(int fd, unsigned long request, ...);
void *__real_mmap(void *addr, size_t size, int prot, int flags, int fd, off_t offset);
void *__wrap_mmap(void *addr, size_t size, int prot, int flags, int fd, off_t offset);

static int memory_file(void)
{
	int fd = memfd_create("vmm", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, FILE_SIZE))
		abort();
	return fd;
}

int __wrap_open(const char *path, int flags, ...)
{
	if (!strcmp(path, "/dev/kvm") && scene.early)
		raise(scene.early);
	if (!strcmp(path, "/dev/kvm") || !strcmp(path, "/dev/iommu"))
		return memory_file();
	return __real_open(path, flags, 0600);
}

/* Guest RAM is not on huge pages here */
void *__wrap_mmap(void *addr, size_t size, int prot, int flags, int fd, off_t offset)
{
	if (!(flags & MAP_HUGETLB))
		return __real_mmap(addr, size, prot, flags, fd, offset);
	kvm.ram = __real_mmap(addr, size, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, fd, offset);
	return kvm.ram;
}

char *guest_ram(void)
{
	return kvm.ram;
}

uint64_t ioctls_made(void)
{
	return 0;
}

int pci_find(uint16_t vendor, uint16_t device, unsigned int n, char *name);
int pci_bind_vfio(const char *name);
int __wrap_viommu_vfio_path(const char *address, char *path, size_t len);
int __wrap_viommu_vfio_open(const char *path, int *fd);

int pci_find(uint16_t vendor, uint16_t device, unsigned int n, char *name)
{
	*name = 0;
	return 0;
}

int pci_bind_vfio(const char *name)
{
	return 0;
}

int __wrap_viommu_vfio_path(const char *address, char *path, size_t len)
{
	*path = 0;
	return 0;
}

int __wrap_viommu_vfio_open(const char *path, int *fd)
{
	pthread_mutex_lock(&kernel.lock);
	kernel.plugs++;
	pthread_mutex_unlock(&kernel.lock);
	*fd = memory_file();
	return 0;
}

unsigned int plugs(void)
{
	unsigned int n;

	pthread_mutex_lock(&kernel.lock);
	n = kernel.plugs;
	pthread_mutex_unlock(&kernel.lock);
	return n;
}

int __real_viommu_events_new(int fd, size_t len, uint32_t max, uint32_t flags, struct viommu_events **events);
int __wrap_viommu_events_new(int fd, size_t len, uint32_t max, uint32_t flags, struct viommu_events **events);

int __wrap_viommu_events_new(int fd, size_t len, uint32_t max, uint32_t flags, struct viommu_events **events)
{
	static unsigned int made;

	return ++made == scene.no_events ? -ENOMEM : __real_viommu_events_new(fd, len, max, flags, events);
}

/* Objects of iommufd; the lock is held */
static int make(enum kind kind, uint32_t *id)
{
	if (kernel.num + 1 >= OBJECTS)
		abort();
	*id = ++kernel.num;
	kernel.objects[*id] = kind;
	return 0;
}

static int destroy(uint32_t id)
{
	unsigned int i;

	if (id >= OBJECTS || !kernel.objects[id])
		return -ENOENT;
	if (kernel.objects[id] == QUEUE && scene.keeps_queues)
		return -EBUSY;
	if (kernel.objects[id] == QUEUE)
		kernel.queues--;
	if (kernel.objects[id] == VIOMMU && kernel.queues)
		return -EBUSY;
	for (i = 0; i < ARRAY_SIZE(kernel.event_id); i++) {
		if (kernel.event_id[i] != id || kernel.objects[id] != VEVENTQ)
			continue;
		close(kernel.event_fd[i]);
		kernel.event_id[i] = 0;
	}
	kernel.objects[id] = NOTHING;
	return 0;
}

static int veventq_alloc(struct iommu_veventq_alloc *cmd)
{
	int ends[2];

	if (cmd->type >= ARRAY_SIZE(kernel.event_id) || pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	cmd->out_veventq_fd = ends[0];
	kernel.event_fd[cmd->type] = ends[1];
	kernel.sequence[cmd->type] = 0;
	make(VEVENTQ, &cmd->out_veventq_id);
	kernel.event_id[cmd->type] = cmd->out_veventq_id;
	return 0;
}

static void hw_info(struct iommu_hw_info *cmd)
{
	struct iommu_hw_info_arm_smmuv3 smmu = {
		/* Both stages, AArch64, coherent, ASIDs of 16 bits, two levels of stream tables */
		.idr = { 3 | 2 << 2 | 1 << 4 | 1 << 12 | 1 << 27, 19 << 21 | 19 << 16 | 16, 0, 0, 0, 0x75 },
	};
	struct iommu_hw_info_tegra241_cmdqv cmdqv = { .version = 1, .log2vcmdqs = 1, .log2vsids = 4 };
	bool is_cmdqv = cmd->flags & IOMMU_HW_INFO_FLAG_INPUT_TYPE;
	size_t len = is_cmdqv ? sizeof(cmdqv) : sizeof(smmu);

	memcpy((void *)(uintptr_t)cmd->data_uptr, is_cmdqv ? (void *)&cmdqv : &smmu,
	       len < cmd->data_len ? len : cmd->data_len);
	cmd->data_len = len;
	cmd->out_data_type = is_cmdqv ? IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV : IOMMU_HW_INFO_TYPE_ARM_SMMUV3;
}

static int hwpt_alloc(struct iommu_hwpt_alloc *cmd)
{
	const uint64_t *ste = (const void *)(uintptr_t)cmd->data_uptr;

	/* Config of the stream table entry */
	if (scene.no_stage1 && cmd->data_type == IOMMU_HWPT_DATA_ARM_SMMUV3 && (ste[0] >> 1 & 7) == 5)
		return -EIO;
	return make(HWPT, &cmd->out_hwpt_id);
}

static int iommufd(unsigned long request, void *arg)
{
	switch (request) {
	case IOMMU_DESTROY:
		return destroy(((struct iommu_destroy *)arg)->id);
	case IOMMU_GET_HW_INFO:
		hw_info(arg);
		return 0;
	case IOMMU_HWPT_ALLOC:
		return hwpt_alloc(arg);
	case IOMMU_HW_QUEUE_ALLOC:
		if (((struct iommu_hw_queue_alloc *)arg)->index != kernel.queues)
			return -EIO;
		kernel.queues++;
		kernel.queues_made++;
		return make(QUEUE, &((struct iommu_hw_queue_alloc *)arg)->out_hw_queue_id);
	case IOMMU_HWPT_INVALIDATE:
		kernel.invalidations++;
		return 0;
	case IOMMU_IOAS_ALLOC:
		return make(IOAS, &((struct iommu_ioas_alloc *)arg)->out_ioas_id);
	case IOMMU_IOAS_IOVA_RANGES: {
		struct iommu_ioas_iova_ranges *cmd = arg;
		struct iommu_iova_range *range = (void *)(uintptr_t)cmd->allowed_iovas;

		*range = (struct iommu_iova_range){ .last = UINT64_MAX };
		cmd->num_iovas = 1;
		return 0;
	}
	case IOMMU_VDEVICE_ALLOC:
		return make(VDEVICE, &((struct iommu_vdevice_alloc *)arg)->out_vdevice_id);
	case IOMMU_VEVENTQ_ALLOC:
		return veventq_alloc(arg);
	case IOMMU_VIOMMU_ALLOC: {
		struct iommu_viommu_alloc *cmd = arg;
		struct iommu_viommu_tegra241_cmdqv *data = (void *)(uintptr_t)cmd->data_uptr;

		data->out_vintf_mmap_offset = 0x10000;
		data->out_vintf_mmap_length = 0x10000;
		return make(VIOMMU, &cmd->out_viommu_id);
	}
	case VFIO_DEVICE_BIND_IOMMUFD:
		((struct vfio_device_bind_iommufd *)arg)->out_devid = 1;
		return 0;
	case VFIO_DEVICE_GET_REGION_INFO: {
		struct vfio_region_info *info = arg;

		if (scene.no_bars && kernel.plugs > 1)
			return -EIO;
		info->size = 0x10000;
		info->flags = VFIO_REGION_INFO_FLAG_MMAP;
		info->offset = info->index * 0x10000;
		return 0;
	}
	/* Maps, attaching and detaching */
	default:
		return 0;
	}
}

/* An event of the queues, or a fault of the device; a full pipe is a full queue */
static void event(unsigned int type, size_t len)
{
	uint32_t record[10] = { 0 };

	pthread_mutex_lock(&kernel.lock);
	record[1] = kernel.sequence[type];
	record[2] = 1;
	if (kernel.event_id[type] && write(kernel.event_fd[type], record, 8 + len) > 0) {
		kernel.sequence[type]++;
		kernel.events++;
	}
	pthread_mutex_unlock(&kernel.lock);
}

/* Half of a record */
void bad_event(unsigned int type)
{
	pthread_mutex_lock(&kernel.lock);
	if (write(kernel.event_fd[type], "bad", 4) != 4)
		abort();
	pthread_mutex_unlock(&kernel.lock);
}

static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	return *state ^= *state << 5;
}

/* A store of the guest is none of this program, and page 0 has registers */
__attribute__((no_sanitize("thread"))) static void guest_store(volatile uint32_t *reg, uint32_t value)
{
	*reg = value;
}

/* Page 0, if it is in the guest: right in memory */
static void direct_access(uint32_t value)
{
	pthread_rwlock_rdlock(&kvm.slots);
	if (kvm.page0)
		guest_store((uint32_t *)kvm.page0 + value % 6, value);
	pthread_rwlock_unlock(&kvm.slots);
}

/* Registers that do something, among many that do not */
static uint64_t any_register(uint32_t r)
{
	static const uint64_t known[] = {
		VMM_CMDQV, VMM_CMDQV + 0x200, VMM_CMDQV + 0x204, VMM_CMDQV + 0x1000, VMM_CMDQV + 0x30000,
		VMM_CMDQV + 0x30004, VMM_CMDQV + 0x30008, VMM_CMDQV + 0x10008, VMM_CMDQV + 0x40000,
		VMM_CMDQV + 0x40080, VMM_SMMU + 0x20, VMM_SMMU + 0x44, VMM_SMMU + 0x50, VMM_SMMU + 0x64,
		VMM_SMMU + 0x80, VMM_SMMU + 0x88, VMM_SMMU + 0x90, VMM_SMMU + 0x98, VMM_SMMU + 0xa0,
		VMM_SMMU + 0x100ac, VMM_CONTROL + CONTROL_FEATURES, VMM_CONTROL + CONTROL_MARK, VMM_DEVICE_REGS,
	};

	return known[r % ARRAY_SIZE(known)];
}

static uint32_t any_value(uint64_t gpa, uint32_t r)
{
	if (gpa >= VMM_CMDQV + 0x40000)
		return VMM_RAM + 0x10000 * (gpa >> 7 & 1) + (r & 7) + 1;
	if (gpa == VMM_SMMU + 0x80 || gpa == VMM_SMMU + 0x90 || gpa == VMM_SMMU + 0xa0)
		return VMM_RAM + 0x20000 + (r & 3);
	return r % 4 ? r & 0xf : r;
}

/* The next exit of a vCPU; false if it has to leave */
static bool next_exit(unsigned int cpu, struct kvm_run *run, uint32_t *state)
{
	unsigned long n = atomic_fetch_add(&kvm.accesses, 1);
	uint32_t r = next_random(state), value;

	if (!cpu && n % HANGUP_EVERY == HANGUP_EVERY - 1)
		kill(getpid(), SIGHUP);
	if (r % 64 == 1)
		event(IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV, VIOMMU_EVENT_LEN_TEGRA241_CMDQV);
	if (r % 64 == 2)
		event(IOMMU_VEVENTQ_TYPE_ARM_SMMUV3, VIOMMU_EVENT_LEN_ARM_SMMUV3);
	direct_access(r);
	run->exit_reason = KVM_EXIT_MMIO;
	run->mmio.len = 4;
	run->mmio.is_write = r >> 8 & 1;
	run->mmio.phys_addr = any_register(r >> 16);
	value = any_value(run->mmio.phys_addr, next_random(state));
	/* The guest gives its device back, asked or not; the VMM knows */
	if (r % 16 == 3) {
		run->mmio.is_write = 1;
		run->mmio.phys_addr = VMM_CONTROL + CONTROL_HOTPLUG;
		value = CONTROL_EJECT;
	}
	if (!cpu && plugs() >= PLUGS) {
		run->mmio.is_write = 1;
		run->mmio.phys_addr = VMM_CONTROL + CONTROL_EXIT;
		value = 0;
	}
	memcpy(run->mmio.data, &value, sizeof(value));
	return true;
}

/* As the kernel looks at it, which ThreadSanitizer does not see */
__attribute__((no_sanitize("thread"))) bool must_leave(const volatile struct kvm_run *run)
{
	return run->immediate_exit;
}

static int run_vcpu(int fd)
{
	static _Thread_local uint32_t state;
	unsigned int cpu = fd == kvm.vcpu_fd[1];
	struct kvm_run *run = kvm.run[cpu];

	if (scene.run)
		return scene.run(cpu, run);
	if (!state)
		state = cpu + 1;
	return must_leave(run) || !next_exit(cpu, run, &state) ? -EINTR : 0;
}

static int create_vcpu(void)
{
	int fd = memory_file();

	kvm.run[kvm.vcpus] = __real_mmap(NULL, 0x1000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	kvm.vcpu_fd[kvm.vcpus++] = fd;
	return fd;
}

/* One register, which has no content */
static int reg_list(struct kvm_reg_list *list)
{
	uint64_t room = list->n;

	list->n = 1;
	if (!room)
		return -E2BIG;
	list->reg[0] = KVM_REG_ARM64 | KVM_REG_SIZE_U64;
	return 0;
}

static int stats(void)
{
	struct {
		struct kvm_stats_header header;
		struct kvm_stats_desc desc;
		char name[8];
		uint64_t value;
	} content = {
		.header = { .name_size = 8, .num_desc = 1, .desc_offset = sizeof(struct kvm_stats_header),
			    .data_offset = sizeof(content) - 8 },
		.name = "exits",
	};
	int fd = memory_file();

	if (pwrite(fd, &content, sizeof(content), 0) != sizeof(content))
		abort();
	return fd;
}

static int set_slot(const struct kvm_userspace_memory_region *region)
{
	if (region->slot != SLOT_CMDQV_PAGE0)
		return 0;
	pthread_rwlock_wrlock(&kvm.slots);
	kvm.page0 = region->memory_size ? (void *)(uintptr_t)region->userspace_addr : NULL;
	pthread_rwlock_unlock(&kvm.slots);
	return 0;
}

static int kvm_ioctl(int fd, unsigned long request, void *arg)
{
	switch (request) {
	case KVM_CREATE_DEVICE:
		((struct kvm_create_device *)arg)->fd = memory_file();
		return 0;
	case KVM_CREATE_VCPU:
		return create_vcpu();
	case KVM_CREATE_VM:
		return memory_file();
	case KVM_GET_API_VERSION:
		return KVM_API_VERSION;
	case KVM_GET_REG_LIST:
		return reg_list(arg);
	case KVM_GET_STATS_FD:
		return stats();
	case KVM_GET_VCPU_MMAP_SIZE:
		return 0x1000;
	case KVM_RUN:
		return run_vcpu(fd);
	case KVM_SET_USER_MEMORY_REGION:
		return set_slot(arg);
	default:
		return 0;
	}
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *arg;
	int rc;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	if (_IOC_TYPE(request) == KVMIO) {
		rc = kvm_ioctl(fd, request, arg);
	} else {
		pthread_mutex_lock(&kernel.lock);
		rc = iommufd(request, arg);
		pthread_mutex_unlock(&kernel.lock);
	}
	if (rc >= 0)
		return rc;
	errno = -rc;
	return -1;
}

int main(int argc, char **argv)
{
	static char words[][12] = { "vmm", "--cpus", "2", "--device", "1234:1d4a", "--quiet" };
	char *vmm[ARRAY_SIZE(words) + 2] = { 0 };
	unsigned int i, left = 0;
	int status;
	bool busy, bad;

	printf("KTAP version 1\n1..%u\n", 4 + SCENES);
	fflush(stdout);
	bad = scenes();
	for (i = 0; i < ARRAY_SIZE(words); i++)
		vmm[i] = words[i];
	/* Any file will do as a payload: it is not executed */
	vmm[i++] = argv[0];
	status = vmm_main(i, vmm);
	for (i = 0; i < OBJECTS; i++)
		left += kernel.objects[i] != NOTHING;
	printf("%sok %u the machine ends as its guest says\n", status ? "not " : "", SCENES + 1);
	printf("%sok %u the device came %u times\n", kernel.plugs >= PLUGS ? "" : "not ", SCENES + 2,
	       PLUGS);
	printf("%sok %u no object of the kernel is left\n", left ? "not " : "", SCENES + 3);
	busy = kernel.queues_made && kernel.invalidations && kernel.events;
	printf("%sok %u there were queues, invalidations and events\n", busy ? "" : "not ", SCENES + 4);
	printf("# %u queues, %u invalidations, %u events\n", kernel.queues_made, kernel.invalidations,
	       kernel.events);
	return bad || status || left || !busy || kernel.plugs < PLUGS;
}
