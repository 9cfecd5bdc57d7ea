/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The domain with the mapping of a device's MSI doorbell.
 *
 * This is the attached domain of the device, or the nesting parent of that domain: the
 * kernel cannot add mappings to a nested domain. User space may replace and free the
 * domain at any time (a VMM does so when its guest writes the stream table), so use it
 * under the mutex of the group only.
 *
 * The doorbell is mapped when the interrupt is allocated, and the mapping stays for the
 * life of the domain. A device that is attached to a nested domain on the same parent
 * keeps its interrupts; a device that moves to another parent needs new ones.
 */
#ifndef __IOMMU_MSI_H
#define __IOMMU_MSI_H

#include <kunit/static_stub.h>
#include <kunit/visibility.h>

struct iommu_domain;
struct iommu_group;

/*
 * Returns NULL if there is no domain. The caller unlocks the same @group in any case; it
 * is an argument, because the device may get its group between lock and unlock.
 */
struct iommu_domain *iommu_msi_domain_lock(struct iommu_group *group);
void iommu_msi_domain_unlock(struct iommu_group *group);

#endif
