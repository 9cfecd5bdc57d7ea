// SPDX-License-Identifier: GPL-2.0
/* What spatch has to be told of macros, or it skips the functions that use them. */
#define scoped_guard(a, ...) YACFE_ITERATOR
