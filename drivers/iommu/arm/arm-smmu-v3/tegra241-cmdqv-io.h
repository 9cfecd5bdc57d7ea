/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Register accessors of CMDQ-V: those of the kernel, with a point at which KUnit can
 * redirect an access to its emulation in memory.
 *
 * Without CONFIG_TEGRA241_CMDQV_KUNIT_TEST that point is a constant, and cmdqv_readl()
 * compiles to readl().
 */
#ifndef _TEGRA241_CMDQV_IO_H
#define _TEGRA241_CMDQV_IO_H

#include <linux/io.h>
#include <linux/io-64-nonatomic-lo-hi.h>
#include <linux/types.h>

#if IS_ENABLED(CONFIG_TEGRA241_CMDQV_KUNIT_TEST)
/* tegra241-cmdqv-platform.c */
bool tegra241_cmdqv_test_read(const void __iomem *addr, unsigned int size,
			      u64 *value);
bool tegra241_cmdqv_test_write(void __iomem *addr, u64 value);
#else
static inline bool tegra241_cmdqv_test_read(const void __iomem *addr,
					    unsigned int size, u64 *value)
{
	return false;
}

static inline bool tegra241_cmdqv_test_write(void __iomem *addr, u64 value)
{
	return false;
}
#endif

static inline u32 cmdqv_readl(const void __iomem *addr)
{
	u64 value;

	return tegra241_cmdqv_test_read(addr, sizeof(u32), &value) ?
		       value : readl(addr);
}

static inline u32 cmdqv_readl_relaxed(const void __iomem *addr)
{
	u64 value;

	return tegra241_cmdqv_test_read(addr, sizeof(u32), &value) ?
		       value : readl_relaxed(addr);
}

static inline u64 cmdqv_readq(const void __iomem *addr)
{
	u64 value;

	return tegra241_cmdqv_test_read(addr, sizeof(u64), &value) ?
		       value : readq(addr);
}

static inline u64 cmdqv_readq_relaxed(const void __iomem *addr)
{
	u64 value;

	return tegra241_cmdqv_test_read(addr, sizeof(u64), &value) ?
		       value : readq_relaxed(addr);
}

static inline void cmdqv_writel(u32 value, void __iomem *addr)
{
	if (!tegra241_cmdqv_test_write(addr, value))
		writel(value, addr);
}

static inline void cmdqv_writel_relaxed(u32 value, void __iomem *addr)
{
	if (!tegra241_cmdqv_test_write(addr, value))
		writel_relaxed(value, addr);
}

static inline void cmdqv_writeq_relaxed(u64 value, void __iomem *addr)
{
	if (!tegra241_cmdqv_test_write(addr, value))
		writeq_relaxed(value, addr);
}

#endif
