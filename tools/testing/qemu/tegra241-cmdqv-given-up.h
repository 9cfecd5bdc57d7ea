/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that no queue may read any more */

#ifndef TEGRA241_CMDQV_GIVEN_UP_H
#define TEGRA241_CMDQV_GIVEN_UP_H

#include "exec/hwaddr.h"

void cmdqv_give_up(hwaddr page, bool given_up);
bool cmdqv_given_up(hwaddr addr);
unsigned cmdqv_given_up_pages(void);

#endif
