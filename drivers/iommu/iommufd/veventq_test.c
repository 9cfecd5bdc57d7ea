// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of the vEVENTQ's queue logic.
 *
 * They cover what no program can bring about from outside in reasonable time: the
 * sequence number at its wrap, preset here to the last numbers before it; and an
 * entry that changes between the reader's look at it and its removal.
 */
#include <kunit/test.h>
#include <linux/slab.h>

#include "veventq.h"

#define TEST_TYPE 0x7e57
#define MAX_SEQUENCE IOMMUFD_VEVENTQ_MAX_SEQUENCE

struct veventq_test {
	struct iommufd_viommu viommu;
	struct iommufd_veventq veventq;
};

static int veventq_test_init(struct kunit *test)
{
	struct veventq_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	xa_init(&t->viommu.veventqs);
	iommufd_veventq_init(&t->veventq, 2);
	t->veventq.viommu = &t->viommu;
	t->veventq.type = TEST_TYPE;
	test->priv = t;
	return xa_err(xa_store(&t->viommu.veventqs, TEST_TYPE, &t->veventq,
			       GFP_KERNEL));
}

static void veventq_test_exit(struct kunit *test)
{
	struct veventq_test *t = test->priv;

	if (!t)
		return;
	xa_erase(&t->viommu.veventqs, TEST_TYPE);
	iommufd_veventq_purge(&t->veventq);
	xa_destroy(&t->viommu.veventqs);
}

static void report(struct kunit *test, u32 data)
{
	struct veventq_test *t = test->priv;
	const int want =
		t->veventq.num_events < t->veventq.depth ? 0 : -EOVERFLOW;

	KUNIT_ASSERT_EQ(test, want,
			iommufd_viommu_report_event(&t->viommu, TEST_TYPE,
						    &data, sizeof(data)));
}

/* The next entry is the event with this sequence number and payload */
static void expect_event(struct kunit *test, u32 sequence, u32 data)
{
	struct veventq_test *t = test->priv;
	struct iommufd_vevent_header header;
	struct iommufd_vevent *vevent;

	KUNIT_ASSERT_TRUE(test,
			  iommufd_veventq_peek(&t->veventq, &header, &vevent));
	KUNIT_ASSERT_NOT_NULL(test, vevent);
	KUNIT_EXPECT_EQ(test, header.flags, 0);
	KUNIT_EXPECT_EQ(test, header.sequence, sequence);
	KUNIT_ASSERT_EQ(test, vevent->data_len, sizeof(data));
	KUNIT_EXPECT_MEMEQ(test, vevent->data, &data, sizeof(data));
	iommufd_veventq_pop(&t->veventq, &header, vevent);
}

/* The next entry is the marker with this sequence number; it stays */
static struct iommufd_vevent_header peek_marker(struct kunit *test, u32 sequence)
{
	struct veventq_test *t = test->priv;
	struct iommufd_vevent_header header = {};
	struct iommufd_vevent *vevent;

	KUNIT_EXPECT_TRUE(test,
			  iommufd_veventq_peek(&t->veventq, &header, &vevent));
	KUNIT_EXPECT_NULL(test, vevent);
	KUNIT_EXPECT_EQ(test, header.flags, IOMMU_VEVENTQ_FLAG_LOST_EVENTS);
	KUNIT_EXPECT_EQ(test, header.sequence, sequence);
	return header;
}

static void expect_marker(struct kunit *test, u32 sequence)
{
	struct iommufd_vevent_header header = peek_marker(test, sequence);
	struct veventq_test *t = test->priv;

	iommufd_veventq_pop(&t->veventq, &header, NULL);
}

static void expect_empty(struct kunit *test)
{
	struct veventq_test *t = test->priv;
	struct iommufd_vevent_header header;
	struct iommufd_vevent *vevent;

	KUNIT_EXPECT_FALSE(test,
			   iommufd_veventq_peek(&t->veventq, &header, &vevent));
	KUNIT_EXPECT_EQ(test, t->veventq.num_events, 0);
}

static void veventq_test_order(struct kunit *test)
{
	expect_empty(test);
	report(test, 10);
	report(test, 11);
	expect_event(test, 0, 10);
	report(test, 12);
	expect_event(test, 1, 11);
	expect_event(test, 2, 12);
	expect_empty(test);
}

static void veventq_test_no_queue(struct kunit *test)
{
	struct veventq_test *t = test->priv;
	u32 data = 0;

	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			iommufd_viommu_report_event(&t->viommu, TEST_TYPE + 1,
						    &data, sizeof(data)));
	KUNIT_EXPECT_EQ(test, t->veventq.sequence, 0);
	expect_empty(test);
}

/*
 * The example of Documentation/userspace-api/viommu/objects.rst, section 8.3:
 * depth 2, five events without a read
 */
static void veventq_test_overflow(struct kunit *test)
{
	u32 i;

	for (i = 0; i < 5; i++)
		report(test, i);
	expect_event(test, 0, 0);
	expect_event(test, 1, 1);
	expect_marker(test, 4);
	expect_empty(test);
}

/* The same, but room is made before another event comes: the gap tells */
static void veventq_test_gap(struct kunit *test)
{
	u32 i;

	for (i = 0; i < 5; i++)
		report(test, i);
	expect_event(test, 0, 0);
	report(test, 5);
	expect_event(test, 1, 1);
	expect_event(test, 5, 5);
	expect_empty(test);
}

static void veventq_test_wrap(struct kunit *test)
{
	struct veventq_test *t = test->priv;

	t->veventq.sequence = MAX_SEQUENCE - 1;
	report(test, 20);
	report(test, 21);
	expect_event(test, MAX_SEQUENCE - 1, 20);
	report(test, 22);
	expect_event(test, MAX_SEQUENCE, 21);
	report(test, 23);
	expect_event(test, 0, 22);
	expect_event(test, 1, 23);
	expect_empty(test);
}

/* The lost event is the last before the wrap, then the first after it */
static void veventq_test_marker_wrap(struct kunit *test)
{
	struct veventq_test *t = test->priv;

	t->veventq.sequence = MAX_SEQUENCE - 2;
	report(test, 30);
	report(test, 31);
	report(test, 32);
	KUNIT_EXPECT_EQ(test, t->veventq.sequence, 0);
	expect_event(test, MAX_SEQUENCE - 2, 30);
	expect_event(test, MAX_SEQUENCE - 1, 31);
	expect_marker(test, MAX_SEQUENCE);
	expect_empty(test);

	t->veventq.sequence = MAX_SEQUENCE - 1;
	report(test, 33);
	report(test, 34);
	report(test, 35);
	expect_event(test, MAX_SEQUENCE - 1, 33);
	expect_event(test, MAX_SEQUENCE, 34);
	expect_marker(test, 0);
	expect_empty(test);
}

/* While the reader copies the marker, events make it obsolete */
static void veventq_test_marker_replaced(struct kunit *test)
{
	struct veventq_test *t = test->priv;
	struct iommufd_vevent_header header;

	report(test, 40);
	report(test, 41);
	report(test, 42);
	expect_event(test, 0, 40);
	expect_event(test, 1, 41);

	header = peek_marker(test, 2);
	report(test, 43);
	iommufd_veventq_pop(&t->veventq, &header, NULL);
	expect_event(test, 3, 43);
	expect_empty(test);
}

/* The same, and the last of those events is lost again: that is news */
static void veventq_test_marker_renewed(struct kunit *test)
{
	struct veventq_test *t = test->priv;
	struct iommufd_vevent_header header;
	u32 i;

	for (i = 0; i < 3; i++)
		report(test, i);
	expect_event(test, 0, 0);
	expect_event(test, 1, 1);

	header = peek_marker(test, 2);
	for (i = 3; i < 6; i++)
		report(test, i);
	iommufd_veventq_pop(&t->veventq, &header, NULL);
	expect_event(test, 3, 3);
	expect_event(test, 4, 4);
	expect_marker(test, 5);
	expect_empty(test);
}

static struct kunit_case veventq_test_cases[] = {
	KUNIT_CASE(veventq_test_gap),
	KUNIT_CASE(veventq_test_marker_renewed),
	KUNIT_CASE(veventq_test_marker_replaced),
	KUNIT_CASE(veventq_test_marker_wrap),
	KUNIT_CASE(veventq_test_no_queue),
	KUNIT_CASE(veventq_test_order),
	KUNIT_CASE(veventq_test_overflow),
	KUNIT_CASE(veventq_test_wrap),
	{},
};

static struct kunit_suite veventq_test_suite = {
	.name = "iommufd-veventq",
	.init = veventq_test_init,
	.exit = veventq_test_exit,
	.test_cases = veventq_test_cases,
};

kunit_test_suite(veventq_test_suite);
