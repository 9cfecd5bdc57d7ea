/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A machine at work, for payloads that want to see whether it still is.
 */
#ifndef _GUEST_WORK_H
#define _GUEST_WORK_H

#include "iommu.h"

bool work_start(void);
bool work_begin(void);
bool work_end(void);
bool queue_works(struct queue *q);
bool everything_works(void);

#endif
