/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's failure injection for the thread that calls: the n-th point that
 * can fail does, whether it is an allocation or one of the points that iommufd
 * has marked. Documentation/fault-injection/fault-injection.rst of the base.
 */
#ifndef _FAIL_NTH_H
#define _FAIL_NTH_H

int fail_nth_open(void);
int fail_nth_set(unsigned int nth);
int fail_nth_met(void);

#endif
