// SPDX-License-Identifier: GPL-2.0
/*
 * Races between the commands of vIOMMU, vDEVICE, vEVENTQ, HW_QUEUE, mmap() and
 * destroy, and between those of memory from files. Each scenario runs its threads
 * on one context of the mock driver for the time given as argument, in seconds.
 * The program checks the result of each call; faults of the kernel show in its
 * log, under KASAN, KCSAN, lockdep and kmemleak.
 *
 * Without a success in one of its threads a scenario has no race. It continues
 * until each thread has had a success, and fails without after a hundred times
 * its time.
 */
#include <linux/falloc.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <time.h>

#include "file_mock.h"
#include "iommu_arguments.h"
#include "iommu_require.h"
#include "viommu_guest.h"

#define MAX_SECONDS	(24 * 60 * 60)
#define MAX_THREADS	8
#define HUNTED		4
#define PATIENCE	100

/* Shared by the threads of a scenario */
static struct {
	struct mock_guest g;
	time_t end;
	/* Number of threads without a success, and the time limit for them */
	atomic_uint idle;
	atomic_long last;
	/* Offset of a region that may exist; 0 for none */
	atomic_ulong offset;
	/* IDs that may exist, one slot per kind */
	atomic_uint ids[HUNTED];
	atomic_int events;
	/* Memory that is mapped by file */
	int file;
} shared;

struct worker {
	pthread_t thread;
	/* One turn; 0 on success, 1 if it lost a race, otherwise -errno */
	int (*turn)(void);
	const char *name;
	unsigned long done;
	unsigned long lost;
	int error;
};

static time_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

static bool goes_on(void)
{
	return now() < shared.end ||
	       (atomic_load(&shared.idle) && now() < atomic_load(&shared.last));
}

static void *work(void *arg)
{
	struct worker *worker = arg;
	int rc;

	while (goes_on()) {
		rc = worker->turn();
		if (rc < 0) {
			worker->error = rc;
			atomic_store(&shared.last, 0);
			break;
		}
		if (rc)
			worker->lost++;
		else if (!worker->done++)
			atomic_fetch_sub(&shared.idle, 1);
	}
	return NULL;
}

/* 1 if rc is one of the errors of a lost race, otherwise rc */
#define LOST(rc, ...) lost(rc, (int []){ __VA_ARGS__, 0 })

static int lost(int rc, const int *allowed)
{
	for (; *allowed; allowed++)
		if (rc == -*allowed)
			return 1;
	return rc;
}

/* Destroy must succeed in the end; others hold the object for a short time only */
static int destroy_patiently(__u32 id)
{
	time_t end = now() + 60;
	int rc;

	do {
		rc = iommufd_destroy(shared.g.vm.fd, id);
		if (rc == -EBUSY)
			sched_yield();
	} while (rc == -EBUSY && now() < end);
	return rc;
}

/* Scenario 1: regions come and go */

static int make_region(void)
{
	struct iommu_viommu_selftest data = { .in_data = MOCK_DATA };
	__u32 id;
	int rc;

	rc = iommufd_viommu_alloc(shared.g.vm.fd, shared.g.vm.dev, shared.g.vm.parent,
				  IOMMU_VIOMMU_TYPE_SELFTEST, &data, sizeof(data), &id);
	if (rc)
		return rc;
	atomic_store(&shared.offset, data.out_mmap_offset);
	/* Time for the others to find it */
	sched_yield();
	return destroy_patiently(id);
}

static atomic_uint map_turn;

static int map_region(int fork_too)
{
	unsigned long offset = atomic_load(&shared.offset);
	size_t length;
	__u32 *p;
	pid_t pid;
	int rc;

	/* Only a part of the region every other time */
	length = (1 + atomic_fetch_add(&map_turn, 1) % 2) * mock_page;
	p = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, shared.g.vm.fd,
		 offset);
	if (p == MAP_FAILED)
		return LOST(-errno, ENXIO);
	rc = *p == MOCK_DATA ? 0 : -EPROTO;
	if (fork_too) {
		pid = fork();
		if (!pid)
			_exit(*p != MOCK_DATA);
		if (pid > 0 && (waitpid(pid, &rc, 0) != pid || rc))
			rc = -ECHILD;
	}
	/* In two pieces, if there are two */
	if (munmap(p, mock_page) ||
	    (length > mock_page && munmap((char *)p + mock_page, mock_page)))
		rc = -errno;
	return rc;
}

static int map_and_unmap(void)
{
	return map_region(0);
}

static int map_and_fork(void)
{
	return map_region(1);
}

/* Scenario 2: others come and go while a region is held, as for the reset of a device */
static int hold_region(void)
{
	int rc = mock_hold(shared.g.vm.fd, shared.g.vm.viommu, true);

	return rc ? rc : mock_hold(shared.g.vm.fd, shared.g.vm.viommu, false);
}

static int access_held_region(void)
{
	__u64 offset = shared.g.vm.data.out_mmap_offset;
	__u32 *p = mmap(NULL, mock_page, PROT_READ, MAP_SHARED, shared.g.vm.fd,
			offset);
	int rc;

	if (p == MAP_FAILED)
		return -errno;
	rc = *(volatile __u32 *)p == MOCK_DATA ? 0 : -EPROTO;
	return munmap(p, mock_page) ? -errno : rc;
}

/* Scenario 3: another thread destroys each new object at once */

static int publish(int slot, int rc, __u32 id)
{
	if (!rc)
		atomic_store(&shared.ids[slot], id);
	return rc;
}

static int make_vdevice(void)
{
	__u32 id;
	int rc = iommufd_vdevice_alloc(shared.g.vm.fd, shared.g.vm.viommu, shared.g.vm.dev,
				       MOCK_VIRT_ID, &id);

	return LOST(publish(0, rc, id), EEXIST);
}

static int make_queue_0(void)
{
	__u32 id;
	int rc = iommufd_hw_queue_alloc(shared.g.vm.fd, shared.g.vm.viommu,
					IOMMU_HW_QUEUE_TYPE_SELFTEST, 0, MOCK_IOVA,
					mock_page, &id);

	return LOST(publish(1, rc, id), EEXIST);
}

static int make_queue_1(void)
{
	__u32 id;
	int rc = iommufd_hw_queue_alloc(shared.g.vm.fd, shared.g.vm.viommu,
					IOMMU_HW_QUEUE_TYPE_SELFTEST, 1,
					MOCK_IOVA + mock_page, mock_page, &id);

	/* EIO: queue 0 does not exist, or is being destroyed */
	return LOST(publish(2, rc, id), EEXIST, EIO);
}

static int make_nested(void)
{
	__u32 id;
	int rc = mock_nested(shared.g.vm.fd, shared.g.vm.dev, shared.g.vm.viommu, &id);

	if (publish(3, rc, id))
		return rc;
	/* Another thread may have been faster */
	return LOST(iommufd_destroy(shared.g.vm.fd, id), ENOENT, EBUSY);
}

static int hunt(void)
{
	static atomic_uint turn;
	__u32 id = atomic_load(&shared.ids[atomic_fetch_add(&turn, 1) % HUNTED]);

	return LOST(iommufd_destroy(shared.g.vm.fd, id), ENOENT, EBUSY);
}

static int invalidate(void)
{
	/* EINVAL: the vDEVICE does not exist */
	return LOST(guest_invalidate(&shared.g), EINVAL);
}

/* The memory of a queue cannot be unmapped; without a queue it is mapped again at once */
static int remap(void)
{
	__u64 length = GUEST_RAM;
	int rc = iommufd_ioas_unmap(shared.g.vm.fd, shared.g.vm.ioas, MOCK_IOVA, &length);

	if (rc)
		return LOST(rc, EBUSY);
	return iommufd_ioas_map(shared.g.vm.fd, shared.g.vm.ioas, shared.g.ram, MOCK_IOVA,
				GUEST_RAM, MOCK_RW);
}

static int make_queue_0_remapped(void)
{
	int rc = make_queue_0();

	/* The memory is being mapped or unmapped */
	return LOST(rc, ENOENT, EINVAL, EFAULT, EPERM);
}

/* Scenario 4: a queue of events comes and goes under its reporters */

static int make_veventq(void)
{
	struct mock_vevent event[3];
	__u32 id, sequence = 0;
	int i, events, rc;
	ssize_t n;

	rc = iommufd_veventq_alloc(shared.g.vm.fd, shared.g.vm.viommu,
				   IOMMU_VEVENTQ_TYPE_SELFTEST, 3, &id, &events);
	if (rc)
		return rc;
	atomic_store(&shared.events, events);
	for (i = 0; i < 10; i++) {
		mock_poll(events);
		n = mock_read(events, event, sizeof(event));
		if (n < 0)
			return n;
		if (n >= (ssize_t)sizeof(event[0]) && !event[0].header.flags) {
			if (event[0].header.sequence < sequence)
				return -EPROTO;
			sequence = event[0].header.sequence;
		}
	}
	atomic_store(&shared.events, -1);
	close(events);
	return destroy_patiently(id);
}

static int report(void)
{
	return LOST(mock_trigger(shared.g.vm.fd, shared.g.vm.dev), EOPNOTSUPP);
}

/* A reader that the owner does not expect. The number may have been reused */
static int steal_events(void)
{
	int events = atomic_load(&shared.events);
	char buf[64];
	ssize_t n;

	if (events < 0)
		return 1;
	n = mock_read(events, buf, sizeof(buf));
	return n < 0 ? LOST((int)n, EBADF, EINVAL) : !n;
}

/* Scenario 5: the device goes away under its vDEVICE */

static int rebind(void)
{
	__u32 stdev, dev;
	int rc;

	rc = mock_device(shared.g.vm.fd, shared.g.vm.ioas, 0, &stdev, &dev);
	if (rc)
		return rc;
	atomic_store(&shared.ids[0], dev);
	sched_yield();
	/*
	 * Unbinding waits for commands in flight; it cannot be refused. ENOENT:
	 * the ID was that of a vDEVICE, and the thread that destroys vDEVICEs has
	 * destroyed the device.
	 */
	return LOST(destroy_patiently(stdev), ENOENT);
}

static int make_vdevice_rebound(void)
{
	__u32 id, dev = atomic_load(&shared.ids[0]);
	int rc;

	rc = iommufd_vdevice_alloc(shared.g.vm.fd, shared.g.vm.viommu, dev, 7, &id);
	if (rc)
		return LOST(rc, ENOENT, EEXIST);
	atomic_store(&shared.ids[1], id);
	return 0;
}

static int hunt_vdevice(void)
{
	__u32 id = atomic_load(&shared.ids[1]);

	return LOST(iommufd_destroy(shared.g.vm.fd, id), ENOENT, EBUSY);
}

/*
 * Scenario 6: memory of a file is mapped, copied, truncated and charged to
 * another process at once
 */

#define FILE_SIZE	MOCK_HUGE
/* Each thread that maps has its own place */
#define PLACE(n)	(MOCK_IOVA + (n) * 2 * FILE_SIZE)

static int setup_file(struct mock_guest *g)
{
	int rc = guest_open(g);

	shared.file = mock_memfd(FILE_SIZE, 0);
	if (shared.file < 0)
		return shared.file;
	if (!rc)
		rc = iommufd_ioas_alloc(g->vm.fd, &g->vm.ioas);
	return rc ? rc : guest_device(g);
}

static int setup_file_without_domain(struct mock_guest *g)
{
	int rc = setup_file(g);

	return rc ? rc : iommufd_destroy(g->vm.fd, g->vm.stdev);
}

static int map_file_at(__u64 iova, __u64 start, __u64 length)
{
	__u64 unmapped = length;
	int rc = iommufd_ioas_map_file(shared.g.vm.fd, shared.g.vm.ioas, shared.file, start,
				       length, iova, MOCK_RW);

	/* EINVAL: the file is shorter now. Domains come and go: both ways to pin */
	if (rc)
		return LOST(rc, EINVAL);
	/* Stays for a moment, for the threads that copy and that move the charge */
	usleep(5000);
	rc = iommufd_ioas_unmap(shared.g.vm.fd, shared.g.vm.ioas, iova, &unmapped);
	return rc ? rc : unmapped == length ? 0 : -EPROTO;
}

static int map_whole_file(void)
{
	return map_file_at(PLACE(0), 0, FILE_SIZE);
}

static int map_page_of_file(void)
{
	return map_file_at(PLACE(1), mock_page, mock_page);
}

/* Stays for a moment, for the threads that copy */
static int copy_file(void)
{
	__u64 length = 2 * mock_page;
	int rc = iommufd_ioas_copy(shared.g.vm.fd, shared.g.vm.ioas, PLACE(0) + mock_page,
				   shared.g.vm.ioas, PLACE(2), length, MOCK_RW);

	/* ENOENT: nothing is mapped, or not yet; EINVAL: the file is shorter now */
	if (rc)
		return LOST(rc, ENOENT, EINVAL);
	return iommufd_ioas_unmap(shared.g.vm.fd, shared.g.vm.ioas, PLACE(2), &length);
}

static int take_over(void)
{
	return LOST(iommufd_ioas_change_process(shared.g.vm.fd), EBUSY);
}

/* A successor that takes over the charge and exits */
static int take_over_and_exit(void)
{
	int rc = 0;
	pid_t pid = fork();

	if (!pid)
		_exit(take_over() < 0);
	if (pid < 0)
		return -errno;
	return waitpid(pid, &rc, 0) == pid && !rc ? 0 : -ECHILD;
}

static int attach_to_file(void)
{
	__u32 stdev, dev;
	int rc = mock_device(shared.g.vm.fd, shared.g.vm.ioas, 0, &stdev, &dev);

	return rc ? LOST(rc, EINVAL) : iommufd_destroy(shared.g.vm.fd, stdev);
}

static int come_and_go(void)
{
	__u32 ioas;
	int rc = iommufd_ioas_alloc(shared.g.vm.fd, &ioas);

	if (rc)
		return rc;
	rc = iommufd_ioas_map_file(shared.g.vm.fd, ioas, shared.file, 0, mock_page,
				   MOCK_IOVA, MOCK_RW);
	return rc ? rc : destroy_patiently(ioas);
}

static int truncate_file(void)
{
	if (ftruncate(shared.file, 0) || ftruncate(shared.file, FILE_SIZE))
		return -errno;
	return 0;
}

static int punch_file(void)
{
	return fallocate(shared.file,
			 FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, mock_page,
			 MOCK_HUGE) ? -errno : 0;
}

static int access_file(void)
{
	int access = mock_access(shared.g.vm.fd, shared.g.vm.ioas,
				 MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES);
	int written, pinned;
	__u32 id;

	if (access < 0)
		return access;
	written = LOST(mock_access_rw(shared.g.vm.fd, access, PLACE(1), &id,
				      sizeof(id), MOCK_ACCESS_RW_WRITE),
		       ENOENT, EINVAL);
	pinned = LOST(mock_access_pin(shared.g.vm.fd, access, PLACE(0), NULL,
				      2 * mock_page, 0, &id),
		      ENOENT, EINVAL);
	/* Unpinned by an unmap, or with the file */
	close(access);
	return written < 0 ? written : pinned < 0 ? pinned : written & pinned;
}

/* Scenario 7: whole guests, while allocations fail and memory is short */

static int live(void)
{
	int rc, torn, fail;
	struct mock_guest g;

	/* Opened before, because this may fail, too */
	fail = open("/proc/thread-self/make-it-fail", O_WRONLY | O_CLOEXEC);
	if (fail < 0)
		return -errno;
	guest_init(&g, shared.g.ram);
	if (pwrite(fail, "1", 1, 0) != 1)
		return -EIO;
	rc = guest_build_viommu(&g);
	if (!rc)
		rc = guest_build_rest(&g);
	if (pwrite(fail, "0", 1, 0) != 1)
		return -EIO;
	close(fail);
	torn = guest_teardown(&g);
	if (torn)
		return torn;
	return LOST(rc, ENOMEM, ENOENT, EFAULT, EINVAL, EIO);
}

static int hog(void)
{
	size_t all = sysconf(_SC_AVPHYS_PAGES) * mock_page;
	/* Fragmentation raises the kernel's reserve by a huge page: 512 MiB with pages of 64 KiB */
	size_t spare = all / 8 > 2 * mock_thp() ? all / 8 : 2 * mock_thp();
	size_t i, size = all - spare;
	char *p;

	if (all <= spare)
		return -ENOMEM;
	p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return -errno;
	for (i = 0; i < size && now() < shared.end; i += mock_page)
		p[i] = 1;
	munmap(p, size);
	return 0;
}

static int knob(const char *attr, const char *name, const char *text)
{
	char path[80];
	int fd, rc;

	snprintf(path, sizeof(path), "/sys/kernel/debug/%s/%s", attr, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	rc = write(fd, text, strlen(text)) < 0 ? -errno : 0;
	close(fd);
	return rc;
}

/* One allocation in a hundred fails, in threads that enable it */
static int allocations_fail(void)
{
	static const char *const attrs[] = { "failslab", "fail_page_alloc" };
	static const struct {
		const char *name, *text;
	} settings[] = {
		{ "task-filter", "Y" },
		{ "ignore-gfp-wait", "N" },
		{ "verbose", "0" },
		{ "times", "-1" },
		{ "probability", "1" },
	};
	unsigned int i, j;
	int rc = 0;

	for (i = 0; i < ARRAY_SIZE(attrs); i++)
		for (j = 0; !rc && j < ARRAY_SIZE(settings); j++)
			rc = knob(attrs[i], settings[j].name, settings[j].text);
	return rc;
}

/* The filter stays on: without it, the writes to the knobs themselves could fail */
static int allocations_succeed(void)
{
	int slab = knob("failslab", "probability", "0");
	int page = knob("fail_page_alloc", "probability", "0");

	return slab ? slab : page;
}

struct scenario {
	const char *name;
	int (*setup)(struct mock_guest *g);
	struct {
		const char *name;
		int (*turn)(void);
	} turns[MAX_THREADS];
	int failing;
};

static const struct scenario scenarios[] = {
	{ "mmap against destroy", guest_build_parent,
	  { { "make a region", make_region },
	    { "map it", map_and_unmap },
	    { "map it and fork", map_and_fork } } },
	{ "hold against other regions", guest_build_viommu,
	  { { "make a region", make_region },
	    { "make a region too", make_region },
	    { "hold", hold_region },
	    { "hold too", hold_region },
	    { "map and access", access_held_region } } },
	{ "destroy against commands", guest_build_viommu,
	  { { "make vDEVICE", make_vdevice },
	    { "make queue 0", make_queue_0 },
	    { "make queue 1", make_queue_1 },
	    { "make nested HWPT", make_nested },
	    { "invalidate", invalidate },
	    { "destroy", hunt },
	    { "destroy too", hunt } } },
	{ "unmap against HW queues", guest_build_viommu,
	  { { "make queue 0", make_queue_0_remapped },
	    { "destroy", hunt },
	    { "unmap and map", remap } } },
	{ "vEVENTQ close against report", guest_build_nested,
	  { { "make and read", make_veventq },
	    { "report", report },
	    { "report too", report },
	    { "read too", steal_events } } },
	{ "unbind against vDEVICE", guest_build_viommu,
	  { { "bind and unbind", rebind },
	    { "make vDEVICE", make_vdevice_rebound },
	    { "destroy vDEVICE", hunt_vdevice } } },
	{ "MAP_FILE against CHANGE_PROCESS", setup_file,
	  { { "map", map_whole_file },
	    { "map a page", map_page_of_file },
	    { "take over", take_over },
	    { "take over and exit", take_over_and_exit },
	    { "copy", copy_file },
	    { "IOAS come and go", come_and_go } } },
	{ "MAP_FILE against attach, truncation and accesses",
	  setup_file_without_domain,
	  { { "map", map_whole_file },
	    { "map a page", map_page_of_file },
	    { "attach and detach", attach_to_file },
	    { "truncate", truncate_file },
	    { "punch", punch_file },
	    { "access", access_file },
	    { "copy", copy_file },
	    { "take over", take_over } } },
	{ "guests short of memory", guest_open,
	  { { "live", live }, { "live too", live }, { "fill memory", hog } },
	  1 },
};

static int run(const struct scenario *s, struct worker *workers)
{
	int i, started, rc = 0;

	for (i = 0; i < MAX_THREADS && s->turns[i].turn; i++)
		;
	atomic_store(&shared.idle, i);
	for (i = 0; i < MAX_THREADS && s->turns[i].turn; i++) {
		workers[i] = (struct worker){
			.turn = s->turns[i].turn,
			.name = s->turns[i].name,
		};
		rc = -pthread_create(&workers[i].thread, NULL, work,
				     &workers[i]);
		if (rc)
			break;
	}
	started = i;
	for (i = 0; i < started; i++)
		pthread_join(workers[i].thread, NULL);
	return rc;
}

static void test_scenario(const struct scenario *s, void *ram, time_t seconds)
{
	struct worker workers[MAX_THREADS] = {};
	int i, rc, good = 1;

	guest_init(&shared.g, ram);
	shared.file = -1;
	atomic_store(&shared.events, -1);
	atomic_store(&shared.offset, 0);
	for (i = 0; i < HUNTED; i++)
		atomic_store(&shared.ids[i], 0);

	rc = s->setup(&shared.g);
	if (!rc && s->failing)
		rc = allocations_fail();
	shared.end = now() + seconds;
	atomic_store(&shared.last, shared.end + PATIENCE * seconds);
	if (!rc)
		rc = run(s, workers);
	if (s->failing) {
		int off = allocations_succeed();

		rc = rc ? rc : off;
	}
	if (rc) {
		ksft_print_msg("setup: %s: %s\n", strerror(-rc),
			       shared.g.vm.step ? shared.g.vm.step : "");
		good = 0;
	}
	for (i = 0; !rc && i < MAX_THREADS && workers[i].turn; i++) {
		ksft_print_msg("%s: %lu done, %lu lost%s%s\n", workers[i].name,
			       workers[i].done, workers[i].lost,
			       workers[i].error ? ", then " : "",
			       workers[i].error ? strerror(-workers[i].error)
						: "");
		good &= !workers[i].error && workers[i].done;
	}
	/* Objects that the threads have left go with the file */
	guest_close_fd(&shared.g.fault_fd);
	guest_close_fd(&shared.file);
	if (shared.g.vm.fd >= 0 && close(shared.g.vm.fd))
		good = 0;
	if (guest_open(&shared.g) ||
	    mock_check_pins(shared.g.vm.fd, ram, GUEST_RAM, 0)) {
		ksft_print_msg("pages are still pinned\n");
		good = 0;
	}
	if (mock_pinned()) {
		ksft_print_msg("%ld pages are still charged\n", mock_pinned());
		good = 0;
	}
	close(shared.g.vm.fd);
	ksft_test_result(good, "%s\n", s->name);
}

int main(int argc, char **argv)
{
	time_t seconds = 1;
	unsigned int i;
	void *ram;

	arguments_at_most(argc, 1, "[SECONDS]");
	if (argc > 1)
		seconds = argument_number(argv[1], "SECONDS", 1, MAX_SECONDS);
	require_viommu_mock();
	ksft_print_header();
	ksft_set_plan(ARRAY_SIZE(scenarios));
	/* Shared with children, so that fork() copies nothing */
	ram = mmap(NULL, GUEST_RAM, PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (ram == MAP_FAILED)
		ksft_exit_fail_msg("no memory\n");
	for (i = 0; i < ARRAY_SIZE(scenarios); i++)
		test_scenario(&scenarios[i], ram, seconds);
	ksft_finished();
}
