// SPDX-License-Identifier: GPL-2.0
/*
 * Macros that spatch cannot parse on its own; it skips the functions and structures that use them. Those
 * of vendors' trees stand for members without a semicolon behind them; an empty macro would not help.
 */
#define RH_KABI_EXCLUDE(member) member;
#define RH_KABI_RESERVE(n) int kabi_reserved;
#define TEST_F(fixture, name) void test(void)
#define UEK_KABI_RESERVE(n) int kabi_reserved;
#define scoped_guard(a, ...) YACFE_ITERATOR
