/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Interface between the objects vIOMMU, vDEVICE and HW_QUEUE and the rest of
 * iommufd. Drivers use <linux/iommufd_viommu_driver.h> instead.
 */
#ifndef __IOMMUFD_VIOMMU_H
#define __IOMMUFD_VIOMMU_H

#include <linux/iommufd_viommu_driver.h>
#include <linux/maple_tree.h>
#include <linux/mutex.h>
#include <linux/wait.h>

#include "iommufd_private.h"

struct file;
struct iopt_area;
struct vm_area_struct;

/**
 * struct iommufd_mmap - A region of MMIO that user space may map
 * @viommu: Owner; every mapping holds it
 * @base: Physical address, page aligned
 * @length: Bytes, a multiple of the page size
 * @pgoff: Start of the region in the offset space of the context, in pages
 * @lock: Protects @holds and @accessed; is held while a page is mapped, and while mappings
 *        are emptied
 * @holds: Calls of iommufd_viommu_hold_mmap() that are not undone
 * @accessed: A page was mapped since the mappings were emptied
 * @released: Woken when @holds becomes 0
 */
struct iommufd_mmap {
	struct iommufd_viommu *viommu;
	phys_addr_t base;
	size_t length;
	unsigned long pgoff;
	struct mutex lock; /* holds, accessed */
	unsigned int holds;
	bool accessed;
	wait_queue_head_t released;
};

static inline struct iommufd_viommu *
iommufd_get_viommu(struct iommufd_ucmd *ucmd, u32 id)
{
	return container_of(iommufd_get_object(ucmd->ictx, id,
					       IOMMUFD_OBJ_VIOMMU),
			    struct iommufd_viommu, obj);
}

static inline bool __iommufd_object_try_use(struct iommufd_ctx *ictx,
					    struct iommufd_object *obj)
{
	return xa_load(&ictx->objects, obj->id) == obj &&
	       refcount_inc_not_zero(&obj->users);
}

/*
 * Take a long-term reference of an object that was not found by its ID. The lock
 * keeps the memory of the object valid. Fails for an object whose command has not
 * finished, because that may still be undone.
 */
#define iommufd_object_try_use(ictx, obj, lock)       \
	({                                            \
		lockdep_assert_held(lock);            \
		__iommufd_object_try_use(ictx, obj);  \
	})

/*
 * False if a HWPT is on the current IOAS of the group. Replacing one HWPT by another
 * then reserves no IOVA, so its error path must not release any.
 */
static inline bool
iommufd_group_changes_ioas(struct iommufd_group *igroup,
			   const struct iommufd_hwpt_paging *hwpt_paging)
{
	struct iommufd_hwpt_paging *old = find_hwpt_paging(igroup->hwpt);

	return !old || old->ioas != hwpt_paging->ioas;
}

/* Reserved IDs (tombstones) have no object and do not count */
static inline bool iommufd_ctx_has_objects(struct iommufd_ctx *ictx)
{
	unsigned long index = 0;

	return xa_find(&ictx->objects, &index, ULONG_MAX, XA_PRESENT);
}

/* viommu.c */
int iommufd_viommu_alloc_ioctl(struct iommufd_ucmd *ucmd);
void iommufd_viommu_destroy(struct iommufd_object *obj);

/* vdevice.c */
int iommufd_vdevice_alloc_ioctl(struct iommufd_ucmd *ucmd);
void iommufd_vdevice_destroy(struct iommufd_object *obj);
void iommufd_device_remove_vdevice(struct iommufd_device *idev);

/* veventq.c */
int iommufd_veventq_alloc_ioctl(struct iommufd_ucmd *ucmd);
void iommufd_veventq_destroy(struct iommufd_object *obj);

/* hw_queue.c */
int iommufd_hw_queue_alloc_ioctl(struct iommufd_ucmd *ucmd);
void iommufd_hw_queue_destroy(struct iommufd_object *obj);
bool iommufd_access_is_internal(struct iommufd_access *access);

/* mmap.c */
int iommufd_fops_mmap(struct file *filp, struct vm_area_struct *vma);
int iommufd_ctx_init_mmap(struct iommufd_ctx *ictx, struct file *filp);
void iommufd_ctx_destroy_mmap(struct iommufd_ctx *ictx);

/* viommu_hwpt.c */
struct iommufd_hw_pagetable *
iommufd_viommu_alloc_hwpt(struct iommufd_ucmd *ucmd,
			  struct iommufd_object *pt_obj,
			  struct iommufd_device *idev,
			  const struct iommu_user_data *user_data);
void iommufd_hwpt_nested_put(struct iommufd_hwpt_nested *hwpt_nested);
bool iommufd_hwpt_bad_fault(struct iommufd_hw_pagetable *hwpt);
int iommufd_viommu_invalidate(struct iommufd_ucmd *ucmd, u32 id,
			      struct iommu_user_data_array *array);

/* hw_info.c */
static inline bool iommufd_hw_info_bad_flags(struct iommu_hw_info *cmd)
{
	return cmd->flags & ~IOMMU_HW_INFO_FLAG_INPUT_TYPE;
}

void *iommufd_hw_info_query(struct device *dev, struct iommu_hw_info *cmd,
			    unsigned int *length);
void iommufd_hw_info_add_caps(struct device *dev, struct iommu_hw_info *cmd);

#endif
