// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * The iterator over events, fed through a pipe: entries as the kernel writes
 * them, losses of both kinds, and what no kernel writes.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <linux/iommufd.h>
#include <viommu.h>

#include "test.h"

#define LAST 0x7fffffffu
#define LEN 16

struct pipe {
	int in, out;
	struct viommu_events *events;
};

static void set_up(struct pipe *p, uint32_t len, uint32_t num, uint32_t sequence)
{
	int fds[2] = { -1, -1 };

	EQUAL(pipe2(fds, O_NONBLOCK), 0);
	p->out = fds[0];
	p->in = fds[1];
	EQUAL(viommu_events_new(p->out, len, num, sequence, &p->events), 0);
}

static void tear_down(struct pipe *p)
{
	viommu_events_free(p->events);
	/* The descriptor is still the caller's */
	EQUAL(close(p->out), 0);
	if (p->in >= 0)
		close(p->in);
}

static void put(struct pipe *p, uint32_t sequence, uint64_t data)
{
	struct {
		struct iommufd_vevent_header header;
		uint64_t data[2];
	} entry = { .header.sequence = sequence, .data = { htole64(data), 0 } };

	EQUAL(write(p->in, &entry, sizeof(entry)), sizeof(entry));
}

static void put_lost(struct pipe *p, uint32_t sequence)
{
	struct iommufd_vevent_header header = { IOMMU_VEVENTQ_FLAG_LOST_EVENTS, sequence };

	EQUAL(write(p->in, &header, sizeof(header)), sizeof(header));
}

static void expect(struct pipe *p, uint32_t sequence, uint64_t data, uint32_t lost)
{
	struct viommu_event event = { .size = sizeof(event) };
	uint64_t word = 0;

	EQUAL(viommu_events_next(p->events, &event), 0);
	EQUAL(event.sequence, sequence);
	EQUAL(event.len, LEN);
	EQUAL(event.lost, lost);
	CHECK(event.data);
	if (event.data)
		memcpy(&word, event.data, sizeof(word));
	EQUAL(le64toh(word), data);
}

static void expect_lost(struct pipe *p, uint32_t sequence, uint32_t lost)
{
	struct viommu_event event = { .size = sizeof(event) };

	EQUAL(viommu_events_next(p->events, &event), 0);
	EQUAL(event.sequence, sequence);
	EQUAL(event.lost, lost);
	EQUAL(event.len, 0);
	CHECK(!event.data);
}

static void expect_error(struct pipe *p, int rc)
{
	struct viommu_event event = { .size = sizeof(event) };

	EQUAL(viommu_events_next(p->events, &event), rc);
	CHECK(!event.data);
	EQUAL(event.len, 0);
}

static void in_order(void)
{
	struct pipe p;

	/* Fewer at a time than there are, exactly as many, and more */
	for (uint32_t num = 1; num < 8; num++) {
		set_up(&p, LEN, num, 0);
		expect_error(&p, -EAGAIN);
		for (uint32_t i = 0; i < 5; i++)
			put(&p, i, 1000 + i);
		for (uint32_t i = 0; i < 5; i++)
			expect(&p, i, 1000 + i, 0);
		expect_error(&p, -EAGAIN);
		EQUAL(viommu_events_lost(p.events), 0);
		tear_down(&p);
	}
}

/* An empty event queue reads as 0, an empty pipe as EAGAIN; both are "nothing there" */
static void empty_queue(void)
{
	struct pipe p;

	set_up(&p, LEN, 4, 0);
	put(&p, 0, 5);
	close(p.in);
	p.in = -1;
	expect(&p, 0, 5, 0);
	expect_error(&p, -EAGAIN);
	expect_error(&p, -EAGAIN);
	tear_down(&p);
}

/* The example of the user ABI: depth 2, events 0 to 4, nobody reads */
static void lost_at_the_end(void)
{
	struct pipe p;

	set_up(&p, LEN, 8, 0);
	put(&p, 0, 10);
	put(&p, 1, 11);
	put_lost(&p, 4);
	expect(&p, 0, 10, 0);
	expect(&p, 1, 11, 0);
	expect_lost(&p, 4, 3);
	put(&p, 5, 15);
	expect(&p, 5, 15, 0);
	EQUAL(viommu_events_lost(p.events), 3);
	tear_down(&p);
}

/* The same, but one entry is read before event 5 comes: the gap tells */
static void lost_in_between(void)
{
	struct pipe p;

	set_up(&p, LEN, 8, 0);
	put(&p, 0, 10);
	expect(&p, 0, 10, 0);
	put(&p, 1, 11);
	put(&p, 5, 15);
	expect(&p, 1, 11, 0);
	expect(&p, 5, 15, 3);
	EQUAL(viommu_events_lost(p.events), 3);
	tear_down(&p);
}

static void marker_alone(void)
{
	struct pipe p;

	set_up(&p, LEN, 8, 0);
	put_lost(&p, 0);
	expect_lost(&p, 0, 1);
	put_lost(&p, 1);
	expect_lost(&p, 1, 1);
	put_lost(&p, 9);
	put(&p, 12, 1);
	expect_lost(&p, 9, 8);
	expect(&p, 12, 1, 2);
	EQUAL(viommu_events_lost(p.events), 12);
	tear_down(&p);
}

static void numbers_wrap(void)
{
	struct pipe p;

	set_up(&p, LEN, 4, LAST - 1);
	put(&p, LAST - 1, 1);
	put(&p, LAST, 2);
	put(&p, 0, 3);
	expect(&p, LAST - 1, 1, 0);
	expect(&p, LAST, 2, 0);
	expect(&p, 0, 3, 0);
	tear_down(&p);
	set_up(&p, LEN, 4, LAST - 1);
	put(&p, 1, 1);
	expect(&p, 1, 1, 3);
	tear_down(&p);
	set_up(&p, LEN, 4, LAST);
	put_lost(&p, 0);
	expect_lost(&p, 0, 2);
	tear_down(&p);
}

/* Flags that a later kernel may have */
static void unknown_flags(void)
{
	struct {
		struct iommufd_vevent_header header;
		uint64_t data[2];
	} entry = { { ~IOMMU_VEVENTQ_FLAG_LOST_EVENTS, 0 }, { htole64(7), 0 } };
	struct pipe p;

	set_up(&p, LEN, 4, 0);
	EQUAL(write(p.in, &entry, sizeof(entry)), sizeof(entry));
	put(&p, 1, 8);
	entry.header = (struct iommufd_vevent_header){ ~0u, 2 };
	EQUAL(write(p.in, &entry.header, sizeof(entry.header)), sizeof(entry.header));
	expect(&p, 0, 7, 0);
	expect(&p, 1, 8, 0);
	expect_lost(&p, 2, 1);
	tear_down(&p);
}

static void bad_header(struct pipe *p, uint32_t sequence)
{
	struct iommufd_vevent_header header = { 0, sequence };

	EQUAL(write(p->in, &header, sizeof(header)), sizeof(header));
	put(p, 1, 1);
	expect_error(p, -EBADMSG);
	/* The rest of that read is dropped; the next read goes on */
	expect_error(p, -EAGAIN);
	put(p, 2, 2);
	expect(p, 2, 2, 2);
}

/* A marker tells of one loss at least, so its number is not the one of the last event */
static void repeated_marker(void)
{
	struct pipe p;

	set_up(&p, LEN, 4, 0);
	put(&p, 0, 5);
	put_lost(&p, 0);
	put(&p, 1, 6);
	expect(&p, 0, 5, 0);
	expect_error(&p, -EBADMSG);
	expect_error(&p, -EAGAIN);
	put(&p, 2, 7);
	expect(&p, 2, 7, 1);
	EQUAL(viommu_events_lost(p.events), 1);
	tear_down(&p);
}

static void nonsense(void)
{
	struct pipe p;
	struct viommu_event event = { .size = sizeof(event) };

	set_up(&p, LEN, 4, 0);
	bad_header(&p, LAST + 1u);
	tear_down(&p);
	for (size_t n = 1; n < 24; n++) {
		if (n == 8)
			continue;
		set_up(&p, LEN, 4, 0);
		EQUAL(write(p.in, "0123456789012345678901234", n), (long)n);
		/* An entry that ends early is none, whatever its bytes */
		EQUAL(viommu_events_next(p.events, &event), -EBADMSG);
		tear_down(&p);
	}
	set_up(&p, LEN, 1, 0);
	close(p.out);
	p.out = open("/dev/null", O_WRONLY);
	expect_error(&p, -EBADF);
	tear_down(&p);
}

static void arguments(void)
{
	struct viommu_events *events = NULL;
	struct viommu_event event = { .size = 8, .sequence = 99 };
	struct pipe p;

	/* Nothing is taken */
	set_up(&p, LEN, 4, 0);
	put(&p, 0, 7);
	EQUAL(viommu_events_next(p.events, &event), -EINVAL);
	EQUAL(event.sequence, 99);
	event.size = ~0u;
	EQUAL(viommu_events_next(p.events, &event), -EINVAL);
	expect(&p, 0, 7, 0);
	tear_down(&p);

	EQUAL(viommu_events_new(0, 0, 1, 0, &events), -EINVAL);
	EQUAL(viommu_events_new(0, 6, 1, 0, &events), -EINVAL);
	EQUAL(viommu_events_new(0, 1 << 20, 1, 0, &events), -EINVAL);
	EQUAL(viommu_events_new(0, LEN, 0, 0, &events), -EINVAL);
	EQUAL(viommu_events_new(0, LEN, VIOMMU_VEVENTQ_DEPTH_MAX + 1, 0, &events), -EINVAL);
	EQUAL(viommu_events_new(0, LEN, 1, LAST + 1u, &events), -EINVAL);
	CHECK(!events);
	viommu_events_free(NULL);
}

/*
 * A queue of the kernel with some depth, against its reader: whatever is lost,
 * events taken and events lost add up to events produced.
 */
static void random_queue(void)
{
	struct viommu_event event = { .size = sizeof(event) };
	uint32_t produced = 0, taken = 0, queued = 0, depth = 3;
	bool marker = false;
	struct pipe p;

	srand(1);
	set_up(&p, LEN, 5, 0);
	for (int step = 0; step < 200000; step++) {
		if (rand() % 3) {
			/* The marker is written when the reader comes; until then it may go again */
			if (queued < depth) {
				marker = false;
				put(&p, produced, produced);
				queued++;
			} else {
				marker = true;
			}
			produced++;
			continue;
		}
		if (marker)
			put_lost(&p, produced - 1);
		marker = false;
		while (!viommu_events_next(p.events, &event)) {
			uint32_t word = 0;

			if (!event.data)
				continue;
			memcpy(&word, event.data, sizeof(word));
			EQUAL(word, event.sequence);
			taken++;
		}
		queued = 0;
		depth = 1 + rand() % 6;
		EQUAL(taken + viommu_events_lost(p.events), produced);
		if (test_failures)
			break;
	}
	CHECK(viommu_events_lost(p.events) > 1000);
	CHECK(taken > 1000);
	tear_down(&p);
}

static const struct test tests[] = {
	TEST(in_order),	    TEST(empty_queue),	TEST(lost_at_the_end), TEST(lost_in_between),
	TEST(marker_alone), TEST(numbers_wrap), TEST(nonsense),	       TEST(arguments),
	TEST(random_queue), TEST(unknown_flags), TEST(repeated_marker),
};

TEST_MAIN(tests)
