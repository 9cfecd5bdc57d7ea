// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * Events and faults from anywhere: the bytes of a vEVENTQ, of a fault queue, and the error
 * maps of a CMDQ-V. The program is the kernel: read() is its own, see the Makefile. Each
 * result is compared with a second opinion, from the manual pages; memory has exactly the
 * size that the library was told.
 *
 *   events_fuzz [ROUNDS [SEED]]
 */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/types.h>

#include <linux/iommufd.h>

#include "fake.h"

#define HEADER sizeof(struct iommufd_vevent_header)
#define LAST 0x7fffffffu
#define FD 77
#define BUFFER_MAX 4096

ssize_t __wrap_read(int fd, void *buffer, size_t size);

static uint64_t rounds = 100000;

/* The last answer of the kernel */
static struct {
	unsigned int reads;
	int err;
	size_t len;
	unsigned char bytes[BUFFER_MAX];
	/* The sequence number that would be right, and the length of an event */
	uint32_t next;
	uint32_t event_len;
} kernel;

/* A number that is right, near, at an end, or any */
static uint32_t number(uint32_t right)
{
	switch (below(16)) {
	case 0:
		return (uint32_t)draw();
	case 1:
		return right + below(9) - 4;
	case 2:
		return LAST - below(3);
	case 3:
		return right - 1;
	default:
		return right & LAST;
	}
}

static void put_entry(size_t size)
{
	struct iommufd_vevent_header header = { .sequence = number(kernel.next) };
	size_t len = kernel.event_len;

	if (!below(6))
		header.flags = below(4) ? IOMMU_VEVENTQ_FLAG_LOST_EVENTS : (uint32_t)draw();
	if (header.flags & IOMMU_VEVENTQ_FLAG_LOST_EVENTS)
		len = 0;
	if (kernel.len + HEADER + len > size)
		return;
	kernel.next = (header.sequence + 1) & LAST;
	memcpy(kernel.bytes + kernel.len, &header, HEADER);
	trash(kernel.bytes + kernel.len + HEADER, len);
	kernel.len += HEADER + len;
}

/* Mostly entries, sometimes cut, sometimes no entries at all */
static void put_events(size_t size)
{
	for (uint32_t n = below(7); n; n--)
		put_entry(size);
	if (!below(8))
		kernel.len = below((uint32_t)size + 1);
	if (!below(16))
		trash(kernel.bytes, size);
}

static void put_faults(size_t size)
{
	const size_t fault = sizeof(struct iommu_hwpt_pgfault);

	trash(kernel.bytes, size);
	kernel.len = below((uint32_t)(size / fault) + 1) * fault;
	if (!below(4))
		kernel.len = below((uint32_t)size + 1);
}

static void (*put)(size_t size);

/* Behind the end is nothing that counts */
ssize_t __wrap_read(int fd, void *buffer, size_t size)
{
	static const int errors[] = { EAGAIN, EBADF, EFAULT, EINTR, EINVAL, EIO, ENOMEM };

	EQUAL(fd, FD);
	CHECK(size <= BUFFER_MAX);
	kernel.reads++;
	kernel.err = below(16) ? 0 : errors[below(ARRAY_SIZE(errors))];
	kernel.len = 0;
	if (!kernel.err)
		put(size);
	trash(buffer, size);
	memcpy(buffer, kernel.bytes, kernel.len);
	errno = kernel.err;
	return kernel.err ? -1 : (ssize_t)kernel.len;
}

/* The reader of the manual page: where it stands in the bytes, and its account */
struct reader {
	size_t at;
	uint32_t expected;
	uint64_t lost;
};

static int event_opinion(struct reader *r, const unsigned char **data, uint32_t *sequence,
			 uint32_t *lost)
{
	uint32_t words[2], gap;
	bool marker;

	*data = NULL;
	if (kernel.err)
		return -kernel.err;
	if (!kernel.len)
		return -EAGAIN;
	if (kernel.len - r->at < HEADER)
		goto bad;
	memcpy(words, kernel.bytes + r->at, HEADER);
	marker = words[0] % 2;
	*sequence = words[1];
	/* Numbers are on a circle of 2^31 */
	gap = words[1] >= r->expected ? words[1] - r->expected : LAST - r->expected + words[1] + 1;
	if (words[1] > LAST || (marker && gap == LAST))
		goto bad;
	if (!marker) {
		if (kernel.len - r->at - HEADER < kernel.event_len)
			goto bad;
		*data = kernel.bytes + r->at + HEADER;
	}
	*lost = marker ? gap + 1 : gap;
	r->lost += *lost;
	r->expected = words[1] == LAST ? 0 : words[1] + 1;
	r->at += HEADER + (marker ? 0 : kernel.event_len);
	return 0;
bad:
	r->at = kernel.len;
	return -EBADMSG;
}

static uint64_t events_seen, losses_seen, bad_seen;

static void one_event(struct viommu_events *events, struct reader *r)
{
	struct viommu_event event = { .size = sizeof(event) };
	const unsigned char *data;
	unsigned int reads = kernel.reads;
	uint32_t sequence = 0, lost = 0;
	bool empty = r->at == kernel.len;
	int rc = viommu_events_next(events, &event), opinion;

	EQUAL(kernel.reads - reads, empty);
	if (empty)
		r->at = 0;
	opinion = event_opinion(r, &data, &sequence, &lost);
	EQUAL(rc, opinion);
	EQUAL(event.size, sizeof(event));
	EQUAL(event.len, data ? kernel.event_len : 0);
	EQUAL(!event.data, !data);
	EQUAL(event.sequence, rc ? 0 : sequence);
	EQUAL(event.lost, rc ? 0 : lost);
	EQUAL(viommu_events_lost(events), r->lost);
	if (event.data && data)
		EQUAL(memcmp(event.data, data, kernel.event_len), 0);
	/* An event without data tells of a loss */
	CHECK(rc || event.data || event.lost);
	events_seen += !rc && event.data;
	losses_seen += !rc && event.lost;
	bad_seen += rc == -EBADMSG;
}

static void queue_of_events(void)
{
	static const uint32_t lengths[] = { 4, 16, 32, 60 };
	struct viommu_events *events = NULL;
	struct reader r = { .expected = below(2) ? 0 : (uint32_t)draw() & LAST };

	memset(&kernel, 0, sizeof(kernel));
	put = put_events;
	kernel.next = r.expected;
	kernel.event_len = lengths[below(ARRAY_SIZE(lengths))];
	EQUAL(viommu_events_new(FD, kernel.event_len, 1 + below(8), r.expected, &events), 0);
	for (uint32_t n = 1 + below(32); n && !test_failures; n--)
		one_event(events, &r);
	viommu_events_free(events);
}

static uint64_t faults_seen, cut_seen;

static void queue_of_faults(void)
{
	const uint32_t asked = below(6);
	struct viommu_fault *faults = malloc(asked ? asked * sizeof(*faults) : 1);
	uint32_t num = asked;
	int opinion = 0, rc;

	memset(&kernel, 0, sizeof(kernel));
	put = put_faults;
	rc = viommu_faults_read(FD, faults, &num);
	if (!asked)
		opinion = -EINVAL;
	else if (kernel.err)
		opinion = -kernel.err;
	else if (!kernel.len)
		opinion = -EAGAIN;
	else if (kernel.len % 40)
		opinion = -EBADMSG;
	EQUAL(rc, opinion);
	EQUAL(num, rc ? asked : kernel.len / 40);
	if (!rc)
		EQUAL(memcmp(faults, kernel.bytes, kernel.len), 0);
	faults_seen += !rc;
	cut_seen += rc == -EBADMSG;
	free(faults);
}

static uint64_t edges_seen, wrong_seen;

static void put_maps(unsigned char *data, const uint64_t maps[2])
{
	const uint64_t little[2] = { htole64(maps[0]), htole64(maps[1]) };

	memcpy(data, little, sizeof(little));
}

/* Maps of the queues in error, with bits of queues that no guest has; any length and place */
static void error_event(struct fake *f)
{
	size_t len = below(4) ? 16 : below(40), shift = below(4);
	unsigned char *block = malloc(len + shift + 1), *data = block + shift;
	unsigned int edges = f->irqs;
	uint64_t maps[2] = { 0 };
	bool wrong;

	if (below(4))
		maps[0] = below(8) ? below(4) : 1ull << below(64);
	if (!below(8))
		maps[1] = 1ull << below(64);
	trash(data, len);
	if (len == 16 && below(8))
		put_maps(data, maps);
	else if (len == 16)
		memcpy(maps, data, 16);
	maps[0] = len == 16 ? le64toh(maps[0]) : 0;
	maps[1] = len == 16 ? le64toh(maps[1]) : 0;
	wrong = maps[0] > 3 || maps[1];
	memset(&f->error, 0, sizeof(f->error));
	EQUAL(viommu_cmdqv_event(f->cmdqv, data, len), len == 16 ? 0 : -EINVAL);
	EQUAL(f->error.reason, wrong ? VIOMMU_CMDQV_BAD_EVENT : 0);
	if (wrong) {
		uint32_t i = 0;

		while (i < 2 || !(maps[i / 64] >> i % 64 & 1))
			i++;
		EQUAL(f->error.index, i);
	}
	/* An edge for the error of a queue that there is, and no more than one */
	CHECK(f->irqs - edges <= !!(maps[0] & 3));
	for (uint32_t q = 0; q < VIOMMU_CMDQV_QUEUES; q++)
		if (maps[0] >> q & 1 && viommu_cmdqv_queue_exists(f->cmdqv, q))
			EQUAL(f->irqs - edges, 1);
	edges_seen += f->irqs - edges;
	wrong_seen += wrong;
	free(block);
}

static void errors_of_queues(void)
{
	struct fake f;

	fake_init_queues(&f, below(3), below(4));
	for (uint32_t n = 16; n && !test_failures; n--)
		error_event(&f);
	fake_exit(&f);
}

static void events(void)
{
	test_rounds(queue_of_events, rounds);
	printf("# %" PRIu64 " events, %" PRIu64 " losses, %" PRIu64 " reads without sense\n", events_seen,
	       losses_seen, bad_seen);
	CHECK(events_seen > rounds && losses_seen > rounds / 8 && bad_seen > rounds / 8);
}

static void faults(void)
{
	test_rounds(queue_of_faults, rounds);
	printf("# %" PRIu64 " reads of faults, %" PRIu64 " cut\n", faults_seen, cut_seen);
	CHECK(faults_seen > rounds / 8 && cut_seen > rounds / 64);
}

static void cmdqv_events(void)
{
	test_rounds(errors_of_queues, rounds / 8);
	printf("# %" PRIu64 " edges, %" PRIu64 " events of other queues\n", edges_seen, wrong_seen);
	CHECK(edges_seen > rounds / 8 && wrong_seen > rounds / 8);
}

static const struct test tests[] = {
	TEST(events),
	TEST(faults),
	TEST(cmdqv_events),
};

FUZZ_MAIN(tests, rounds)
