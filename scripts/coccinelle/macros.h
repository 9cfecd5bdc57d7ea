// SPDX-License-Identifier: GPL-2.0
/* Macros that spatch cannot parse on its own; it skips the functions that use them */
#define TEST_F(fixture, name) void test(void)
#define scoped_guard(a, ...) YACFE_ITERATOR
