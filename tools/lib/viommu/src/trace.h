/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Static trace points, provider "libviommu": one at the end of each call that
 * asks the kernel, changes something or decides something, named like the function
 * without "viommu_", with its arguments and then its result.
 * They are a nop each, and nothing at all without <sys/sdt.h>.
 */
#ifndef VI_TRACE_H
#define VI_TRACE_H

#ifdef VI_HAVE_SDT
#define SDT_USE_VARIADIC
#include <sys/sdt.h>
#define vi_trace(...) STAP_PROBEV(libviommu, __VA_ARGS__)
#else
/* Never called: arguments are used, but not evaluated */
int vi_no_trace(const char *name, ...);
#define vi_trace(name, ...) ((void)sizeof(vi_no_trace(#name, __VA_ARGS__)))
#endif

#endif
