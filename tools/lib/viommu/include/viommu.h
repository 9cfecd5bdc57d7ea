/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * libviommu: what a virtual machine monitor needs to give its guests a slice
 * of an IOMMU with iommufd, and on NVIDIA Grace command queues of their own.
 *
 * Every function that can fail returns 0 or a negative errno. Outputs are
 * written on success only, unless the function says otherwise. Structures that
 * begin with a size can grow: the caller sets it to sizeof() of his, and gets so much of
 * the result; what the library does not know is 0. A size below that of version 1.0 is
 * -EINVAL. The library
 * prints nothing, aborts nowhere and starts no threads; nothing happens but
 * what a call says. The headers need no kernel headers.
 */
#ifndef VIOMMU_H
#define VIOMMU_H

#include <viommu/context.h>
#include <viommu/device.h>
#include <viommu/event.h>
#include <viommu/fault.h>
#include <viommu/hwpt.h>
#include <viommu/invalidate.h>
#include <viommu/ioas.h>
#include <viommu/object.h>
#include <viommu/queue.h>
#include <viommu/smmuv3.h>
#include <viommu/cmdqv.h>

#endif
