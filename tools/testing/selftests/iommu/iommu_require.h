/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Requirements of test programs on the machine. Each function returns if the
 * machine meets them, and otherwise ends the program: as skipped (KSFT_SKIP),
 * with one line of KTAP that names the missing device node, file, device or
 * kernel option.
 *
 * A program without arguments is built with -DREQUIRE=FUNCTION: the function
 * then runs before main(), which may be that of kselftest_harness.h. A program
 * with arguments checks them first, and calls the function itself.
 */
#ifndef _IOMMU_REQUIRE_H
#define _IOMMU_REQUIRE_H

#include "../kselftest.h"

#define require_skip(fmt, ...)						\
	do {								\
		ksft_print_header();					\
		ksft_exit_skip(fmt "\n", ##__VA_ARGS__);		\
	} while (0)

int require_iommufd(void);
void require_mock(void);
void require_viommu(int iommufd);
void require_viommu_mock(void);

void require_cmdqv(void);
void require_smmuv3(void);

#endif
