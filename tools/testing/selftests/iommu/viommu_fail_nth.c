// SPDX-License-Identifier: GPL-2.0
/*
 * Failure injection: each sequence of calls runs in rounds, and in round n the
 * n-th point of failure in the kernel fails (an allocation, or a point marked in
 * iommufd), until a round has no such point.
 *
 * A failed round must leave the kernel unchanged: no ID and no descriptor may be
 * missing, no page may be pinned, the same call must now succeed, and every
 * object can be destroyed. Leaks and splats show in the kernel's log.
 */
#include <setjmp.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/wait.h>

#include "fail_nth.h"
#include "file_mock.h"
#include "viommu_guest.h"

enum what {
	ANY,		/* may fail, and then need not be repeatable */
	CALL,		/* a single call that changes nothing when it fails */
	NEVER_FAILS,
};

struct sequence {
	const char *name;
	/* Without injection; must succeed */
	int (*setup)(struct mock_guest *g);
	/* With injection */
	int (*run)(struct mock_guest *g);
	enum what what;
};

static const char *problem;
/* Memory of the memfd @file, so that its pins can be checked for every kind of mapping */
static void *ram;
static int file;
/* An eventfd */
static int counter;

/* The lowest ID and the lowest descriptor that are free */
static int free_slots(struct mock_guest *g, __u32 *id, int *fd)
{
	int rc = iommufd_ioas_alloc(g->vm.fd, id);

	if (!rc)
		rc = iommufd_destroy(g->vm.fd, *id);
	*fd = dup(0);
	close(*fd);
	return rc;
}

/* Check that a failed call left nothing; then it must succeed */
static const char *try_again(struct mock_guest *g, const struct sequence *s,
			     __u32 id, int fd)
{
	__u32 id_now;
	int fd_now;

	if (free_slots(g, &id_now, &fd_now))
		return "an IOAS cannot be made any more";
	if (id_now != id)
		return "an ID is missing";
	if (fd_now != fd)
		return "a descriptor is missing";
	return s->run(g) ? "the call does not succeed now" : NULL;
}

/* 1 if the point failed, 0 if not, -1 with problem set */
static int round_check(const struct sequence *s, struct mock_guest *g,
		       unsigned int nth, struct fail_nth_counts *counts)
{
	int rc, met, fd = -1;
	__u32 id = 0;

	problem = "setup";
	if (s->setup && s->setup(g))
		return -1;
	if (s->what == CALL && free_slots(g, &id, &fd))
		return -1;

	problem = "fail-nth";
	if (fail_nth_set(nth))
		return -1;
	rc = s->run(g);
	met = fail_nth_met();
	if (met < 0 || fail_nth_set(0))
		return -1;

	problem = "it fails although nothing was made to fail";
	if (rc && !met)
		return -1;
	problem = "it must not fail";
	if (rc && s->what == NEVER_FAILS)
		return -1;
	problem = rc && s->what == CALL ? try_again(g, s, id, fd) : NULL;
	if (problem)
		return -1;
	problem = "the teardown fails";
	if (guest_teardown(g))
		return -1;
	problem = "pages are still pinned";
	if (guest_open(g) || mock_check_pins(g->vm.fd, g->ram, GUEST_RAM, 0))
		return -1;
	problem = NULL;
	counts->points += met;
	counts->refused += met && rc;
	return met;
}

static int round_run(const struct sequence *s, unsigned int nth,
		     struct fail_nth_counts *counts)
{
	struct mock_guest g;
	int rc;

	guest_init(&g, ram);
	rc = round_check(s, &g, nth, counts);
	if (rc < 0)
		ksft_print_msg("%s, round %u, at %s: %s\n", s->name, nth,
			       g.vm.step ? g.vm.step : "the start", problem);
	/* After an error more than the last descriptor is open */
	fail_nth_set(0);
	if (g.region != MAP_FAILED)
		guest_munmap(&g);
	guest_close_fd(&g.fault_fd);
	guest_close_fd(&g.events);
	guest_close_fd(&g.vm.fd);
	return rc;
}

static void test_sequence(const struct sequence *s)
{
	struct fail_nth_counts counts;
	int rc = fail_nth_rounds(s, s->name, round_run, &counts);

	/* A sequence that was never refused had no relevant point of failure */
	ksft_test_result(!rc && (s->what == NEVER_FAILS ? counts.points : counts.refused),
			 "%s\n", s->name);
}

static int setup_vdevice(struct mock_guest *g)
{
	int rc = guest_build_viommu(g);

	return rc ? rc : guest_vdevice(g);
}

static int setup_reports(struct mock_guest *g)
{
	int rc = guest_build_nested(g);

	return rc ? rc : guest_veventq(g);
}

static int setup_queue_0(struct mock_guest *g)
{
	int rc = guest_build_viommu(g);

	return rc ? rc : guest_queue(g, 0);
}

static int run_queue_0(struct mock_guest *g)
{
	return guest_queue(g, 0);
}

static int run_queue_1(struct mock_guest *g)
{
	return guest_queue(g, 1);
}

/* Three reports into a queue of four: an event without memory is lost, not refused */
static int run_report(struct mock_guest *g)
{
	struct mock_vevent event;
	__u32 next = 0, i;
	ssize_t n;
	int rc;

	for (i = 0; i < 3; i++) {
		rc = mock_trigger(g->vm.fd, g->vm.dev);
		if (rc)
			return rc;
	}
	while (next < 3) {
		n = mock_read(g->events, &event, sizeof(event));
		if (n < 0)
			return n;
		if (n == sizeof(event) && !event.header.flags)
			rc = event.header.sequence < next ||
			     event.event.virt_id != MOCK_VIRT_ID;
		else
			rc = n != sizeof(event.header) ||
			     event.header.flags != MOCK_LOST ||
			     event.header.sequence != 2;
		if (rc)
			return -EPROTO;
		next = event.header.sequence + 1;
	}
	return mock_read(g->events, &event, sizeof(event)) ? -EPROTO : 0;
}

static int run_life(struct mock_guest *g)
{
	int rc = guest_build_viommu(g);

	if (!rc)
		rc = guest_build_rest(g);
	if (!rc)
		rc = run_report(g);
	return rc ? rc : guest_teardown(g);
}

/* So much space that a region in its middle shares no page table with other memory */
#define REGION_GAP (2UL << 30)

static sigjmp_buf refused_access;

static void on_sigbus(int signal)
{
	siglongjmp(refused_access, 1);
}

/* A mapping of the region whose first access needs page tables */
static int setup_mapped(struct mock_guest *g)
{
	int rc = guest_build_viommu(g);
	void *gap;

	if (rc)
		return rc;
	g->vm.step = "mmap";
	gap = mmap(NULL, REGION_GAP, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		   -1, 0);
	if (gap == MAP_FAILED || munmap(gap, REGION_GAP))
		return -errno;
	g->region = mmap(gap + REGION_GAP / 2, g->vm.data.out_mmap_length,
			 PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED_NOREPLACE, g->vm.fd,
			 g->vm.data.out_mmap_offset);
	return g->region == MAP_FAILED ? -errno : 0;
}

/* Without memory for a page table the kernel repeats the instruction */
static int run_access_by_process(struct mock_guest *g)
{
	g->vm.step = "access";
	if (sigsetjmp(refused_access, 1))
		return -EFAULT;
	return *(volatile __u32 *)g->region == MOCK_DATA ? 0 : -EPROTO;
}

/* A call that reads the region, and allocates nothing itself */
static int run_access_by_call(struct mock_guest *g)
{
	__u64 value;

	g->vm.step = "write from the region";
	if (write(counter, g->region, sizeof(value)) != sizeof(value))
		return -errno;
	if (read(counter, &value, sizeof(value)) != sizeof(value) || value != MOCK_DATA)
		return -EPROTO;
	return 0;
}

static int setup_accessed(struct mock_guest *g)
{
	int rc = setup_mapped(g);

	return rc ? rc : run_access_by_process(g);
}

/* A mapping more, in another process */
static int run_fork(struct mock_guest *g)
{
	pid_t pid = fork();
	int status;

	g->vm.step = "fork";
	if (pid < 0)
		return -errno;
	if (!pid)
		_exit(run_access_by_process(g) ? 1 : 0);
	if (waitpid(pid, &status, 0) != pid)
		return -errno;
	return status ? -EPROTO : 0;
}

/* The rest is a mapping of its own */
static int run_split(struct mock_guest *g)
{
	g->vm.step = "munmap of the first page";
	return munmap(g->region, mock_page) ? -errno : 0;
}

/* Above the area with memory of the process */
#define FILE_IOVA (MOCK_IOVA + MOCK_HUGE)

static int setup_empty(struct mock_guest *g)
{
	int rc = guest_open(g);

	if (!rc)
		rc = iommufd_ioas_alloc(g->vm.fd, &g->vm.ioas);
	return rc ? rc : guest_device(g);
}

static int run_map_file(struct mock_guest *g)
{
	MOCK_STEP(&g->vm, iommufd_ioas_map_file(g->vm.fd, g->vm.ioas, file, 0,
						GUEST_RAM, MOCK_IOVA, MOCK_RW));
	g->mapped = 1;
	return 0;
}

static int setup_ioas(struct mock_guest *g)
{
	int rc = guest_open(g);

	return rc ? rc : iommufd_ioas_alloc(g->vm.fd, &g->vm.ioas);
}

static int device_with(struct mock_guest *g, __u32 flags)
{
	MOCK_STEP(&g->vm, mock_device(g->vm.fd, g->vm.ioas, flags, &g->vm.stdev, &g->vm.dev));
	return 0;
}

static int run_device(struct mock_guest *g)
{
	return device_with(g, 0);
}

static int run_device_no_dirty(struct mock_guest *g)
{
	return device_with(g, MOCK_FLAGS_DEVICE_NO_DIRTY);
}

static int run_device_huge_iova(struct mock_guest *g)
{
	return device_with(g, MOCK_FLAGS_DEVICE_HUGE_IOVA);
}

static int run_device_pasid(struct mock_guest *g)
{
	return device_with(g, MOCK_FLAGS_DEVICE_PASID);
}

static int setup_map_file(struct mock_guest *g)
{
	int rc = setup_ioas(g);

	return rc ? rc : run_map_file(g);
}

static int setup_map_file_attached(struct mock_guest *g)
{
	int rc = setup_empty(g);

	return rc ? rc : run_map_file(g);
}

static int run_change_process(struct mock_guest *g)
{
	MOCK_STEP(&g->vm, iommufd_ioas_change_process(g->vm.fd));
	return 0;
}

static int run_copy(struct mock_guest *g)
{
	MOCK_STEP(&g->vm, iommufd_ioas_copy(g->vm.fd, g->vm.ioas, MOCK_IOVA, g->vm.ioas,
					    FILE_IOVA, mock_page, MOCK_RW));
	return 0;
}

/* A mediated device: both directions, and pins */
static int run_access(struct mock_guest *g)
{
	int access = mock_access(g->vm.fd, g->vm.ioas,
				 MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES);
	__u32 id;
	int rc;

	g->vm.step = "access";
	if (access < 0)
		return access;
	rc = mock_access_rw(g->vm.fd, access, MOCK_IOVA, &id, sizeof(id), 0);
	if (!rc)
		rc = mock_access_rw(g->vm.fd, access, MOCK_IOVA, &id, sizeof(id),
				    MOCK_ACCESS_RW_WRITE);
	if (!rc)
		rc = mock_access_pin(g->vm.fd, access, MOCK_IOVA, NULL, GUEST_RAM,
				     MOCK_FLAGS_ACCESS_WRITE, &id);
	if (!rc)
		rc = mock_access_unpin(g->vm.fd, access, id);
	close(access);
	return rc;
}

/* A file without its huge pages: the pin allocates them */
static int run_map_holes(struct mock_guest *g)
{
	int holes = mock_memfd(2 * MOCK_HUGE, MFD_HUGETLB | MFD_HUGE_2MB);
	int rc;

	g->vm.step = "holes";
	if (holes < 0)
		return holes;
	rc = iommufd_ioas_map_file(g->vm.fd, g->vm.ioas, holes, 0, 2 * MOCK_HUGE, MOCK_IOVA,
				   MOCK_RW);
	close(holes);
	return rc;
}

static int run_file_life(struct mock_guest *g)
{
	int rc = setup_map_file(g);

	if (!rc)
		rc = run_access(g);
	if (!rc)
		rc = guest_device(g);
	if (!rc)
		rc = run_copy(g);
	if (!rc)
		rc = run_change_process(g);
	return rc ? rc : guest_teardown(g);
}

static const struct sequence sequences[] = {
	{ "IOMMU_VIOMMU_ALLOC", guest_build_parent, guest_viommu, CALL },
	{ "IOMMU_VDEVICE_ALLOC", guest_build_viommu, guest_vdevice, CALL },
	{ "IOMMU_VEVENTQ_ALLOC", guest_build_viommu, guest_veventq, CALL },
	{ "IOMMU_HW_QUEUE_ALLOC", guest_build_viommu, run_queue_0, CALL },
	{ "IOMMU_HW_QUEUE_ALLOC of the second queue", setup_queue_0,
	  run_queue_1, CALL },
	{ "IOMMU_HWPT_ALLOC on a vIOMMU", setup_vdevice, guest_nested, CALL },
	{ "IOMMU_HWPT_INVALIDATE on a vIOMMU", setup_vdevice, guest_invalidate,
	  CALL },
	{ "mmap", guest_build_viommu, guest_mmap, CALL },
	{ "the first access to a region", setup_mapped, run_access_by_process, NEVER_FAILS },
	{ "the first access to a region by a call", setup_mapped, run_access_by_call, CALL },
	{ "fork with a region", setup_accessed, run_fork, CALL },
	{ "munmap of a part of a region", setup_accessed, run_split, CALL },
	{ "device", setup_ioas, run_device, CALL },
	{ "device without dirty tracking", setup_ioas, run_device_no_dirty, CALL },
	{ "device with huge IOVAs", setup_ioas, run_device_huge_iova, CALL },
	{ "device with PASIDs", setup_ioas, run_device_pasid, CALL },
	{ "IOMMU_IOAS_MAP_FILE", setup_ioas, run_map_file, CALL },
	{ "IOMMU_IOAS_MAP_FILE with a domain", setup_empty, run_map_file, CALL },
	{ "IOMMU_IOAS_MAP_FILE of holes", setup_empty, run_map_holes, CALL },
	{ "attach to an IOAS with a file", setup_map_file, guest_device, CALL },
	{ "IOMMU_IOAS_COPY of a file", setup_map_file_attached, run_copy, CALL },
	{ "access to a file", setup_map_file, run_access, CALL },
	{ "access to a file in a domain", setup_map_file_attached, run_access,
	  CALL },
	{ "IOMMU_IOAS_CHANGE_PROCESS", setup_map_file_attached,
	  run_change_process, CALL },
	{ "reports and read", setup_reports, run_report, ANY },
	{ "the whole life of a guest", NULL, run_life, ANY },
	{ "the whole life of a file", NULL, run_file_life, ANY },
};

int main(void)
{
	unsigned int i;

	fail_nth_require();
	ksft_print_header();
	ksft_set_plan(ARRAY_SIZE(sequences));

	file = mock_memfd(GUEST_RAM, 0);
	ram = mock_view(file, GUEST_RAM);
	if (ram == MAP_FAILED)
		ksft_exit_fail_msg("no memory\n");
	memset(ram, 0, GUEST_RAM);
	counter = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (counter < 0 || signal(SIGBUS, on_sigbus) == SIG_ERR)
		ksft_exit_fail_msg("no eventfd\n");
	for (i = 0; i < ARRAY_SIZE(sequences); i++)
		test_sequence(&sequences[i]);
	ksft_finished();
}
