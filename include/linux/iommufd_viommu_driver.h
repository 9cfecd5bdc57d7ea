/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Interface of the iommufd objects vIOMMU, vDEVICE, vEVENTQ and HW_QUEUE for
 * drivers.
 *
 * The core allocates an object together with the driver's structure around it: the
 * driver reports the size, the core allocates and zeroes the structure, and the
 * init operation fills it in. So core and driver share one allocation and one
 * lifetime. An init operation that fails leaves nothing; the destroy operation
 * undoes a successful one, and cannot fail. User space cannot find an object before
 * its init operation has succeeded.
 *
 * An IOMMU driver sets one pointer: &struct iommu_ops.viommu_ops.
 *
 * Names and signatures are mainline's, where the meaning is the same. It differs in:
 *
 * - &struct iommu_viommu_ops: mainline has these operations in &struct iommu_ops.
 *   Here the structure of the base gets one member only.
 * - iommufd_hw_queue_depend(), iommufd_hw_queue_undepend(): functions of the core's
 *   structure. Mainline's are macros for the driver's structure and its member.
 * - @base_addr_pa and @memory_lost of &struct iommufd_hw_queue, @faults_are_events,
 *   @parent_iova_contig, @pci_ats_supported, the calls around a reset, and those that
 *   hold a mapped region have no counterpart there.
 */
#ifndef __LINUX_IOMMUFD_VIOMMU_DRIVER_H
#define __LINUX_IOMMUFD_VIOMMU_DRIVER_H

#include <linux/err.h>
#include <linux/iommu.h>
#include <linux/refcount.h>
#include <linux/types.h>
#include <linux/uaccess.h>
#include <linux/xarray.h>
#include <uapi/linux/iommufd.h>

struct device;
struct iommufd_access;
struct iommufd_ctx;
struct iommufd_device;
struct iommufd_hw_queue;
struct iommufd_hwpt_paging;
struct iommufd_vdevice;
struct iommufd_viommu;
struct iommufd_viommu_ops;

enum iommufd_object_type {
	IOMMUFD_OBJ_NONE,
	IOMMUFD_OBJ_ANY = IOMMUFD_OBJ_NONE,
	IOMMUFD_OBJ_DEVICE,
	IOMMUFD_OBJ_HWPT_PAGING,
	IOMMUFD_OBJ_HWPT_NESTED,
	IOMMUFD_OBJ_IOAS,
	IOMMUFD_OBJ_ACCESS,
	IOMMUFD_OBJ_FAULT,
	IOMMUFD_OBJ_VIOMMU,
	IOMMUFD_OBJ_VDEVICE,
	IOMMUFD_OBJ_VEVENTQ,
	IOMMUFD_OBJ_HW_QUEUE,
#ifdef CONFIG_IOMMUFD_TEST
	IOMMUFD_OBJ_SELFTEST,
#endif
	IOMMUFD_OBJ_MAX,
};

/**
 * struct iommufd_object - Base of every object that has an ID in user space
 * @shortterm_users: Commands in flight that use the object; unbinding a device
 *                   waits for them
 * @users: References of other objects and of files, and one for the ID. User space
 *         can destroy the object while the last is the only one.
 * @type: Selects the function that destroys the object
 * @id: Key in the objects of its context; user space uses it
 */
struct iommufd_object {
	refcount_t shortterm_users;
	refcount_t users;
	enum iommufd_object_type type;
	unsigned int id;
};

/**
 * struct iommu_viommu_ops - Operations of an IOMMU driver that makes vIOMMUs
 * @get_viommu_size: Bytes of the driver's structure around &struct iommufd_viommu
 *                   for a vIOMMU of @type on the IOMMU of @dev; 0 if there is no
 *                   such vIOMMU. NULL if the driver has no vIOMMUs.
 * @pci_ats_supported: True if @dev, a PCI device with ATS, can use ATS with its
 *                     IOMMU. NULL counts as false.
 * @reset_done: Undo of @reset_prepare, after the reset. May be NULL.
 * @reset_prepare: @dev is to be reset, and answers no invalidation until @reset_done.
 *                 Both calls nest, and may sleep. NULL together with @reset_done.
 * @viommu_init: Fill in a new vIOMMU on the nesting parent @parent. Sets
 *               viommu->ops. @user_data is NULL if user space passed none.
 */
struct iommu_viommu_ops {
	size_t (*get_viommu_size)(struct device *dev,
				  enum iommu_viommu_type type);
	bool (*pci_ats_supported)(struct device *dev);
	void (*reset_done)(struct device *dev);
	void (*reset_prepare)(struct device *dev);
	int (*viommu_init)(struct iommufd_viommu *viommu,
			   struct iommu_domain *parent,
			   const struct iommu_user_data *user_data);
};

/**
 * struct iommufd_viommu - A VM's share of one physical IOMMU
 * @obj: Reference counts and ID
 * @ictx: Context in which @obj has its ID
 * @iommu_dev: The physical IOMMU; a device on another one is refused
 * @hwpt: Nesting parent, referenced
 * @ops: Operations of the driver, set by &iommu_viommu_ops.viommu_init
 * @vdevs: vDEVICEs, by &iommufd_vdevice.virt_id
 * @veventqs: vEVENTQs, one of each &enum iommu_veventq_type
 * @type: As in &struct iommu_viommu_alloc
 */
struct iommufd_viommu {
	struct iommufd_object obj;
	struct iommufd_ctx *ictx;
	struct iommu_device *iommu_dev;
	struct iommufd_hwpt_paging *hwpt;
	const struct iommufd_viommu_ops *ops;
	struct xarray vdevs;
	struct xarray veventqs;
	enum iommu_viommu_type type;
};

/**
 * struct iommufd_vdevice - A device on a vIOMMU under its virtual ID
 * @obj: Reference counts and ID
 * @viommu: vIOMMU of the device, referenced
 * @idev: Bound device of the context; unbinding it removes the vDEVICE
 * @dev: The device for the driver
 * @virt_id: ID of the device on the vIOMMU; virtual StreamID on SMMUv3
 * @destroy: Undo of &iommufd_viommu_ops.vdevice_init, which sets it; may be NULL
 */
struct iommufd_vdevice {
	struct iommufd_object obj;
	struct iommufd_viommu *viommu;
	struct iommufd_device *idev;
	struct device *dev;
	u64 virt_id;
	void (*destroy)(struct iommufd_vdevice *vdev);
};

/**
 * struct iommufd_hw_queue - A hardware queue on locked guest memory
 * @obj: Reference counts and ID
 * @viommu: vIOMMU of the queue, referenced
 * @access: Internal access that keeps the areas of the IOAS on whole pages
 * @type: As in &struct iommu_hw_queue_alloc
 * @base_addr: Start of the memory in the IOAS of the nesting parent
 * @length: Bytes of memory from @base_addr, and contiguous from @base_addr_pa
 * @base_addr_pa: Physical address that @base_addr is mapped to
 * @destroy: Undo of &iommufd_viommu_ops.hw_queue_init_phys, which sets it; may be
 *           NULL
 * @memory_lost: Set by @destroy, or by an init that fails, if the hardware did not
 *               answer and may still read the memory: the core then keeps the pages
 *               pinned for good
 */
struct iommufd_hw_queue {
	struct iommufd_object obj;
	struct iommufd_viommu *viommu;
	struct iommufd_access *access;
	enum iommu_hw_queue_type type;
	u64 base_addr;
	size_t length;
	phys_addr_t base_addr_pa;
	bool memory_lost;
	void (*destroy)(struct iommufd_hw_queue *hw_queue);
};

/**
 * struct iommufd_viommu_ops - Operations of a vIOMMU
 * @alloc_domain_nested: Make a domain of type IOMMU_DOMAIN_NESTED on the vIOMMU
 * @cache_invalidate: Execute an array of invalidation requests. Sets
 *                    array->entry_num to the number of executed ones, also on
 *                    error.
 * @destroy: Undo of &iommu_viommu_ops.viommu_init
 * @faults_are_events: A fault in a nested domain ends its transaction and is
 *                     reported as an event. It never waits for a response, so a
 *                     nested HWPT with a fault object cannot be attached.
 * @get_hw_queue_size: Bytes of the driver's structure around &struct
 *                     iommufd_hw_queue for a queue of @type; 0 if there is no
 *                     such queue
 * @hw_queue_init_phys: Set the memory of the logical queue @index: contiguous, at
 *                      the physical address @base_addr_pa
 * @parent_iova_contig: Physical address of an address that is mapped in the nesting
 *                      parent. Takes a length in bytes and cuts it to the contiguous
 *                      part, 0 if nothing is mapped there. NULL if the core must
 *                      look up each page.
 * @vdevice_init: Configure the hardware for the vDEVICE; may be NULL
 * @vdevice_size: Bytes of the driver's structure around &struct iommufd_vdevice; 0
 *                for the plain structure
 */
struct iommufd_viommu_ops {
	struct iommu_domain *(*alloc_domain_nested)(struct iommufd_viommu *viommu, u32 flags,
						    const struct iommu_user_data *user_data);
	int (*cache_invalidate)(struct iommufd_viommu *viommu,
				struct iommu_user_data_array *array);
	void (*destroy)(struct iommufd_viommu *viommu);
	bool faults_are_events;
	size_t (*get_hw_queue_size)(struct iommufd_viommu *viommu,
				    enum iommu_hw_queue_type type);
	int (*hw_queue_init_phys)(struct iommufd_hw_queue *hw_queue, u32 index,
				  phys_addr_t base_addr_pa);
	phys_addr_t (*parent_iova_contig)(struct iommufd_viommu *viommu,
					  unsigned long iova, size_t *length);
	int (*vdevice_init)(struct iommufd_vdevice *vdev);
	size_t vdevice_size;
};

/**
 * __iommu_copy_struct_to_user() - Copy a driver's structure to user space
 * @dst_data: Pointer, type and length from user space
 * @src_data: Structure to copy
 * @data_type: Type that @dst_data must have
 * @data_len: Bytes of @src_data
 * @min_len: Bytes of the first version of the structure
 *
 * Return: 0; -EINVAL for another type, or if the user's length is below @min_len or
 * above @data_len; -EFAULT
 */
static inline int
__iommu_copy_struct_to_user(const struct iommu_user_data *dst_data,
			    const void *src_data, unsigned int data_type,
			    size_t data_len, size_t min_len)
{
	if (dst_data->type != data_type)
		return -EINVAL;
	if (dst_data->len < min_len || dst_data->len > data_len)
		return -EINVAL;
	if (copy_to_user(dst_data->uptr, src_data, dst_data->len))
		return -EFAULT;
	return 0;
}

/**
 * iommu_copy_struct_to_user() - Copy a driver's structure to user space
 * @user_data: Pointer to a &struct iommu_user_data with pointer, type and length
 * @ksrc: Pointer to the structure to copy
 * @data_type: Type that @user_data must have
 * @min_last: Last member of the first version of the structure
 *
 * Counterpart of iommu_copy_struct_from_user(), with the same checks.
 *
 * Return: 0, -EINVAL or -EFAULT
 */
#define iommu_copy_struct_to_user(user_data, ksrc, data_type, min_last)      \
({                                                                           \
	const typeof(ksrc) __ksrc = (ksrc);                                  \
									     \
	__iommu_copy_struct_to_user(user_data, __ksrc, data_type,            \
				    sizeof(*__ksrc),                         \
				    offsetofend(typeof(*__ksrc), min_last)); \
})

#if IS_ENABLED(CONFIG_IOMMUFD_DRIVER)
/*
 * The device of a virtual ID, or NULL. The caller holds xa_lock of viommu->vdevs,
 * and the result is valid until the unlock.
 */
struct device *iommufd_viommu_find_dev(struct iommufd_viommu *viommu,
				       unsigned long virt_id);
int iommufd_viommu_get_vdev_id(struct iommufd_viommu *viommu,
			       struct device *dev, unsigned long *virt_id);
int iommufd_viommu_report_event(struct iommufd_viommu *viommu,
				enum iommu_veventq_type type,
				const void *event_data, size_t data_len);
int iommufd_viommu_alloc_mmap(struct iommufd_viommu *viommu, phys_addr_t base,
			      size_t length, unsigned long *offset);
void iommufd_viommu_destroy_mmap(struct iommufd_viommu *viommu,
				 unsigned long offset);
void iommufd_viommu_hold_mmap(struct iommufd_viommu *viommu,
			      unsigned long offset);
void iommufd_viommu_release_mmap(struct iommufd_viommu *viommu,
				 unsigned long offset);
void iommu_device_reset_done(struct device *dev);
void iommu_device_reset_prepare(struct device *dev);
int iommufd_hw_queue_depend(struct iommufd_hw_queue *hw_queue,
			    struct iommufd_hw_queue *on);
void iommufd_hw_queue_undepend(struct iommufd_hw_queue *hw_queue,
			       struct iommufd_hw_queue *on);
#else /* CONFIG_IOMMUFD_DRIVER */
static inline struct device *
iommufd_viommu_find_dev(struct iommufd_viommu *viommu, unsigned long virt_id)
{
	return NULL;
}

static inline int iommufd_viommu_get_vdev_id(struct iommufd_viommu *viommu,
					     struct device *dev,
					     unsigned long *virt_id)
{
	return -ENOENT;
}

static inline int iommufd_viommu_report_event(struct iommufd_viommu *viommu,
					      enum iommu_veventq_type type,
					      const void *event_data,
					      size_t data_len)
{
	return -EOPNOTSUPP;
}

static inline int iommufd_viommu_alloc_mmap(struct iommufd_viommu *viommu,
					    phys_addr_t base, size_t length,
					    unsigned long *offset)
{
	return -EOPNOTSUPP;
}

static inline void iommufd_viommu_destroy_mmap(struct iommufd_viommu *viommu,
					       unsigned long offset)
{
}

static inline void iommufd_viommu_hold_mmap(struct iommufd_viommu *viommu,
					    unsigned long offset)
{
}

static inline void iommufd_viommu_release_mmap(struct iommufd_viommu *viommu,
					       unsigned long offset)
{
}

static inline void iommu_device_reset_done(struct device *dev)
{
}

static inline void iommu_device_reset_prepare(struct device *dev)
{
}

static inline int iommufd_hw_queue_depend(struct iommufd_hw_queue *hw_queue,
					  struct iommufd_hw_queue *on)
{
	return -EOPNOTSUPP;
}

static inline void iommufd_hw_queue_undepend(struct iommufd_hw_queue *hw_queue,
					     struct iommufd_hw_queue *on)
{
}
#endif /* CONFIG_IOMMUFD_DRIVER */

#endif
