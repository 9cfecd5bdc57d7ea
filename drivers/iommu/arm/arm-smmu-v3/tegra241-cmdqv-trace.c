// SPDX-License-Identifier: GPL-2.0
/*
 * The tracepoints of CMDQ-V. They have their own file, because the tests compile the
 * other files a second time.
 */
#define CREATE_TRACE_POINTS
#include <trace/events/tegra241_cmdqv.h>
