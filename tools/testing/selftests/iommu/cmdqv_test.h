/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared code of the CMDQ-V kselftests: start and end of a test on one VM.
 *
 * Every test ends with a teardown in the legal order, which must succeed, and
 * with a check of the model's order rules for the host.
 */
#ifndef _CMDQV_TEST_H
#define _CMDQV_TEST_H

#include <errno.h>
#include <string.h>

#include "cmdqv_model.h"
#include "cmdqv_trace.h"
#include "cmdqv_vm.h"
#include "wait_for.h"
#include "../kselftest_harness.h"

#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT WAIT_TEST_S

#define TEST_LOG2SIZE	8	/* 256 commands: one page */
#define TEST_HUGE_PAGES	16

static inline void test_reserve(struct __test_metadata *_metadata)
{
	ASSERT_EQ(0, ram_reserve_huge_pages(TEST_HUGE_PAGES))
	{
		TH_LOG("cannot reserve %d huge pages", TEST_HUGE_PAGES);
	}
}

static inline void test_step(struct __test_metadata *_metadata,
			     const struct cmdqv_vm *vm, int rc)
{
	ASSERT_EQ(0, rc)
	{
		TH_LOG("%s", vm->step ? vm->step : "start");
	}
}

#define TEST_RESERVE() test_reserve(_metadata)
#define TEST_STEP(vm, call) test_step(_metadata, vm, call)

#define TEST_BUILD(vm, index, log2size)					\
	do {								\
		TEST_RESERVE();						\
		TEST_STEP(vm, vm_build(vm, index, log2size));		\
	} while (0)

/* Prints the order rules that the host broke since power-on */
static inline void test_log_rules(struct __test_metadata *_metadata,
				  struct dma_dev *dev)
{
	unsigned int i;
	char name[32];
	__u64 count;

	for (i = 0; model_rule(dev, i, name, &count); i++)
		if (count)
			TH_LOG("order rule %s broken %llu times", name, count);
}

#define TEST_END(vm)							\
	do {								\
		struct model_counts __end;				\
									\
		EXPECT_EQ(0, vm_teardown(vm))				\
		{							\
			TH_LOG("%s", (vm)->step);			\
		}							\
		vm_counts(vm, &__end);					\
		EXPECT_EQ(0, __end.strict_host)				\
		{							\
			test_log_rules(_metadata, &(vm)->dev);		\
		}							\
		vm_close(vm);						\
	} while (0)

#endif
