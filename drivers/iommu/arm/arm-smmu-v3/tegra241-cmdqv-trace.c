// SPDX-License-Identifier: GPL-2.0
/*
 * The tracepoints of CMDQ-V, made from their header. In a file of their own, because the
 * tests compile the others a second time.
 */
#define CREATE_TRACE_POINTS
#include <trace/events/tegra241_cmdqv.h>
