/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The domain in which the MSI doorbell of a device is mapped.
 *
 * That is the domain that the device is attached to, or the nesting parent of that
 * domain: a nested domain has no mappings that the kernel could add to. The domain may
 * be replaced and freed at any time by user space (a guest that writes its stream table
 * makes a VMM do that), so it is to be used under the mutex of the group only.
 *
 * The doorbell is mapped when the interrupt is allocated, and the mapping stays for the
 * life of the domain. A device that gets a nested domain on the same parent keeps its
 * interrupts; one that is moved to another parent needs new ones.
 */
#ifndef __IOMMU_MSI_H
#define __IOMMU_MSI_H

struct iommu_domain;
struct iommu_group;

/*
 * NULL if there is none. The same @group is to be unlocked in any case; it is an argument
 * and not taken from the device twice, since a device may get its group in between.
 */
struct iommu_domain *iommu_msi_domain_lock(struct iommu_group *group);
void iommu_msi_domain_unlock(struct iommu_group *group);

#endif
