/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Macros of vendors' trees for spatch, which cannot parse a structure with a macro that no semicolon
 * follows. They stand for members; an empty macro would not help.
 */
#define RH_KABI_EXCLUDE(member) member;
#define RH_KABI_RESERVE(n) int kabi_reserved;
#define UEK_KABI_RESERVE(n) int kabi_reserved;
