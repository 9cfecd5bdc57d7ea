// SPDX-License-Identifier: GPL-2.0
/*
 * Failure injection: each sequence of calls is run again and again, and in round n
 * the n-th point in the kernel that can fail does fail (an allocation, or one of
 * the points that iommufd has marked), until a round comes to its end without
 * having met its point.
 *
 * A round that fails must leave the kernel as it was: no ID and no descriptor may
 * be missing, no page may be pinned, the same call must now succeed, and every
 * object must go when it is told to. Leaks and splats show in the kernel's log.
 */
#include "fail_nth.h"
#include "file_mock.h"
#include "viommu_world.h"

struct sequence {
	const char *name;
	/* Without injection; must succeed */
	int (*setup)(struct world *w);
	/* With injection */
	int (*run)(struct world *w);
	/* A single call that changes nothing when it fails */
	int single;
};

static const char *problem;
/* Memory of the memfd @file, so that its pins show however it is mapped */
static void *ram;
static int file;

/* The lowest ID and the lowest descriptor that are free */
static int free_slots(struct world *w, __u32 *id, int *fd)
{
	int rc = iommufd_ioas_alloc(w->fd, id);

	if (!rc)
		rc = iommufd_destroy(w->fd, *id);
	*fd = dup(0);
	close(*fd);
	return rc;
}

/* Whether a call that failed has left something; then it must succeed */
static const char *try_again(struct world *w, const struct sequence *s,
			     __u32 id, int fd)
{
	__u32 id_now;
	int fd_now;

	if (free_slots(w, &id_now, &fd_now))
		return "an IOAS cannot be made any more";
	if (id_now != id)
		return "an ID is missing";
	if (fd_now != fd)
		return "a descriptor is missing";
	return s->run(w) ? "the call does not succeed now" : NULL;
}

/* With problem set if it returns -1; else 1 if the point was met, 0 if not */
static int round_check(const struct sequence *s, struct world *w,
		       unsigned int nth, struct fail_nth_counts *counts)
{
	int rc, met, fd = -1;
	__u32 id = 0;

	problem = "setup";
	if (s->setup && s->setup(w))
		return -1;
	if (s->single && free_slots(w, &id, &fd))
		return -1;

	problem = "fail-nth";
	if (fail_nth_set(nth))
		return -1;
	rc = s->run(w);
	met = fail_nth_met();
	if (met < 0 || fail_nth_set(0))
		return -1;

	problem = "it fails although nothing was made to fail";
	if (rc && !met)
		return -1;
	problem = rc && s->single ? try_again(w, s, id, fd) : NULL;
	if (problem)
		return -1;
	problem = "the teardown fails";
	if (world_teardown(w))
		return -1;
	problem = "pages are still pinned";
	if (world_open(w) || mock_check_pins(w->fd, w->ram, WORLD_RAM, 0))
		return -1;
	problem = NULL;
	counts->points += met;
	counts->refused += met && rc;
	return met;
}

static int round_run(const struct sequence *s, unsigned int nth,
		     struct fail_nth_counts *counts)
{
	struct world w;
	int rc;

	world_init(&w, ram);
	rc = round_check(s, &w, nth, counts);
	if (rc < 0)
		ksft_print_msg("%s, round %u, at %s: %s\n", s->name, nth,
			       w.step ? w.step : "the start", problem);
	/* If something went wrong, this is more than the last descriptor */
	fail_nth_set(0);
	if (w.region != MAP_FAILED)
		world_munmap(&w);
	world_close_fd(&w.fault_fd);
	world_close_fd(&w.events);
	world_close_fd(&w.fd);
	return rc;
}

static void test_sequence(const struct sequence *s)
{
	struct fail_nth_counts counts;
	int rc = fail_nth_rounds(s, s->name, round_run, &counts);

	/* A sequence that never failed has met no point that matters */
	ksft_test_result(!rc && counts.refused, "%s\n", s->name);
}

static int setup_vdevice(struct world *w)
{
	int rc = world_build_viommu(w);

	return rc ? rc : world_vdevice(w);
}

static int setup_reports(struct world *w)
{
	int rc = world_build_nested(w);

	return rc ? rc : world_veventq(w);
}

static int setup_queue_0(struct world *w)
{
	int rc = world_build_viommu(w);

	return rc ? rc : world_queue(w, 0);
}

static int run_queue_0(struct world *w)
{
	return world_queue(w, 0);
}

static int run_queue_1(struct world *w)
{
	return world_queue(w, 1);
}

/* Three reports into a queue of four: what finds no memory is lost, not refused */
static int run_report(struct world *w)
{
	struct mock_vevent event;
	__u32 next = 0, i;
	ssize_t n;
	int rc;

	for (i = 0; i < 3; i++) {
		rc = mock_trigger(w->fd, w->dev);
		if (rc)
			return rc;
	}
	while (next < 3) {
		n = mock_read(w->events, &event, sizeof(event));
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
	return mock_read(w->events, &event, sizeof(event)) ? -EPROTO : 0;
}

static int run_life(struct world *w)
{
	int rc = world_build_viommu(w);

	if (!rc)
		rc = world_build_rest(w);
	if (!rc)
		rc = run_report(w);
	return rc ? rc : world_teardown(w);
}

/* Above the memory that an area of the process has */
#define FILE_IOVA (MOCK_IOVA + MOCK_HUGE)

static int setup_empty(struct world *w)
{
	int rc = world_open(w);

	if (!rc)
		rc = iommufd_ioas_alloc(w->fd, &w->ioas);
	return rc ? rc : world_device(w);
}

static int run_map_file(struct world *w)
{
	WORLD_STEP(w, mock_map_file(w->fd, w->ioas, file, 0, WORLD_RAM,
				    MOCK_IOVA, MOCK_RW));
	w->mapped = 1;
	return 0;
}

static int setup_ioas(struct world *w)
{
	int rc = world_open(w);

	return rc ? rc : iommufd_ioas_alloc(w->fd, &w->ioas);
}

static int device_with(struct world *w, __u32 flags)
{
	WORLD_STEP(w, mock_device(w->fd, w->ioas, flags, &w->stdev, &w->dev));
	return 0;
}

static int run_device(struct world *w)
{
	return device_with(w, 0);
}

static int run_device_no_dirty(struct world *w)
{
	return device_with(w, MOCK_FLAGS_DEVICE_NO_DIRTY);
}

static int run_device_huge_iova(struct world *w)
{
	return device_with(w, MOCK_FLAGS_DEVICE_HUGE_IOVA);
}

static int run_device_pasid(struct world *w)
{
	return device_with(w, MOCK_FLAGS_DEVICE_PASID);
}

static int setup_map_file(struct world *w)
{
	int rc = setup_ioas(w);

	return rc ? rc : run_map_file(w);
}

static int setup_map_file_attached(struct world *w)
{
	int rc = setup_empty(w);

	return rc ? rc : run_map_file(w);
}

static int run_change_process(struct world *w)
{
	WORLD_STEP(w, mock_change_process(w->fd));
	return 0;
}

static int run_copy(struct world *w)
{
	WORLD_STEP(w, mock_copy(w->fd, w->ioas, MOCK_IOVA, w->ioas, FILE_IOVA,
				mock_page, MOCK_RW));
	return 0;
}

/* A mediated device: both directions, and pins */
static int run_access(struct world *w)
{
	int access = mock_access(w->fd, w->ioas,
				 MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES);
	__u32 id;
	int rc;

	w->step = "access";
	if (access < 0)
		return access;
	rc = mock_access_rw(w->fd, access, MOCK_IOVA, &id, sizeof(id), 0);
	if (!rc)
		rc = mock_access_rw(w->fd, access, MOCK_IOVA, &id, sizeof(id),
				    MOCK_ACCESS_RW_WRITE);
	if (!rc)
		rc = mock_access_pin(w->fd, access, MOCK_IOVA, NULL, WORLD_RAM,
				     MOCK_FLAGS_ACCESS_WRITE, &id);
	if (!rc)
		rc = mock_access_unpin(w->fd, access, id);
	close(access);
	return rc;
}

/* Huge pages, none of which is there: they have to be made */
static int run_map_holes(struct world *w)
{
	int holes = mock_memfd(2 * MOCK_HUGE, MFD_HUGETLB | MFD_HUGE_2MB);
	int rc;

	w->step = "holes";
	if (holes < 0)
		return holes;
	rc = mock_map_file(w->fd, w->ioas, holes, 0, 2 * MOCK_HUGE, MOCK_IOVA,
			   MOCK_RW);
	close(holes);
	return rc;
}

static int run_file_life(struct world *w)
{
	int rc = setup_map_file(w);

	if (!rc)
		rc = run_access(w);
	if (!rc)
		rc = world_device(w);
	if (!rc)
		rc = run_copy(w);
	if (!rc)
		rc = run_change_process(w);
	return rc ? rc : world_teardown(w);
}

static const struct sequence sequences[] = {
	{ "IOMMU_VIOMMU_ALLOC", world_build_parent, world_viommu, 1 },
	{ "IOMMU_VDEVICE_ALLOC", world_build_viommu, world_vdevice, 1 },
	{ "IOMMU_VEVENTQ_ALLOC", world_build_viommu, world_veventq, 1 },
	{ "IOMMU_HW_QUEUE_ALLOC", world_build_viommu, run_queue_0, 1 },
	{ "IOMMU_HW_QUEUE_ALLOC of the second queue", setup_queue_0,
	  run_queue_1, 1 },
	{ "IOMMU_HWPT_ALLOC on a vIOMMU", setup_vdevice, world_nested, 1 },
	{ "IOMMU_HWPT_INVALIDATE on a vIOMMU", setup_vdevice, world_invalidate,
	  1 },
	{ "mmap", world_build_viommu, world_mmap, 1 },
	{ "device", setup_ioas, run_device, 1 },
	{ "device without dirty tracking", setup_ioas, run_device_no_dirty, 1 },
	{ "device with huge IOVAs", setup_ioas, run_device_huge_iova, 1 },
	{ "device with PASIDs", setup_ioas, run_device_pasid, 1 },
	{ "IOMMU_IOAS_MAP_FILE", setup_ioas, run_map_file, 1 },
	{ "IOMMU_IOAS_MAP_FILE with a domain", setup_empty, run_map_file, 1 },
	{ "IOMMU_IOAS_MAP_FILE of holes", setup_empty, run_map_holes, 1 },
	{ "attach to an IOAS with a file", setup_map_file, world_device, 1 },
	{ "IOMMU_IOAS_COPY of a file", setup_map_file_attached, run_copy, 1 },
	{ "access to a file", setup_map_file, run_access, 1 },
	{ "access to a file in a domain", setup_map_file_attached, run_access,
	  1 },
	{ "IOMMU_IOAS_CHANGE_PROCESS", setup_map_file_attached,
	  run_change_process, 1 },
	{ "reports and read", setup_reports, run_report, 0 },
	{ "the whole life of a guest", NULL, run_life, 0 },
	{ "the whole life of a file", NULL, run_file_life, 0 },
};

int main(void)
{
	unsigned int i;

	fail_nth_require();
	ksft_print_header();
	ksft_set_plan(ARRAY_SIZE(sequences));

	file = mock_memfd(WORLD_RAM, 0);
	ram = mock_view(file, WORLD_RAM);
	if (ram == MAP_FAILED)
		ksft_exit_fail_msg("no memory\n");
	memset(ram, 0, WORLD_RAM);
	for (i = 0; i < ARRAY_SIZE(sequences); i++)
		test_sequence(&sequences[i]);
	ksft_finished();
}
