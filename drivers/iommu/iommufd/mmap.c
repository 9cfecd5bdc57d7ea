// SPDX-License-Identifier: GPL-2.0
/*
 * mmap() on /dev/iommu: regions of MMIO that belong to a vIOMMU.
 *
 * A driver registers a region while it makes its vIOMMU, and user space gets its
 * offset in the driver's data. The offset names the region in a table of the
 * context; it is not a physical address. A mapping starts at the start of a
 * region; it may be shorter than the region.
 *
 * Each VMA holds the vIOMMU, so that the region outlives its mappings. A region
 * is in the table before the command that makes the vIOMMU has finished, and
 * user space can guess offsets; so a region of a vIOMMU that is not published
 * yet cannot be mapped.
 *
 * A page is mapped when it is first accessed. A driver can hold a region: its mappings
 * are emptied, and accesses wait in the page fault until it is released. The fault waits
 * with the lock of the address space held, as it does for a BAR that VFIO has disabled.
 *
 * Linux finds the mappings of a file in the address space of its inode, which all contexts
 * would share, since they are opened with one device node. To empty the mappings of one
 * would then make fork, munmap() and exit of others wait. So each context has an inode.
 *
 * The lock of the table makes lookup and reference atomic against removal. The
 * region is removed before the memory of the vIOMMU is freed.
 */
#include <linux/cleanup.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/pseudo_fs.h>

#include "viommu.h"

#define IOMMUFD_FS_MAGIC	0x696f6d66

static struct vfsmount *iommufd_fs_mount;
static int iommufd_fs_users;

static int iommufd_fs_init(struct fs_context *fc)
{
	return init_pseudo(fc, IOMMUFD_FS_MAGIC) ? 0 : -ENOMEM;
}

/* Of the inodes of all contexts; it has no files */
static struct file_system_type iommufd_fs_type = {
	.init_fs_context = iommufd_fs_init,
	.kill_sb = kill_anon_super,
	.name = "iommufd",
	.owner = THIS_MODULE,
};

static struct inode *iommufd_mmap_new_inode(void)
{
	struct inode *inode;
	int rc;

	rc = simple_pin_fs(&iommufd_fs_type, &iommufd_fs_mount, &iommufd_fs_users);
	if (rc)
		return ERR_PTR(rc);
	inode = alloc_anon_inode(iommufd_fs_mount->mnt_sb);
	if (IS_ERR(inode))
		simple_release_fs(&iommufd_fs_mount, &iommufd_fs_users);
	return inode;
}

static void iommufd_mmap_open(struct vm_area_struct *vma)
{
	struct iommufd_mmap *region = vma->vm_private_data;

	refcount_inc(&region->viommu->obj.users);
}

static void iommufd_mmap_close(struct vm_area_struct *vma)
{
	struct iommufd_mmap *region = vma->vm_private_data;

	refcount_dec(&region->viommu->obj.users);
}

static vm_fault_t iommufd_mmap_fault(struct vm_fault *vmf)
{
	struct iommufd_mmap *region = vmf->vma->vm_private_data;
	unsigned long pfn = PHYS_PFN(region->base) + vmf->pgoff - region->pgoff;

	do {
		guard(mutex)(&region->lock);
		if (!region->holds) {
			region->accessed = true;
			return vmf_insert_pfn(vmf->vma, vmf->address, pfn);
		}
	} while (!wait_event_killable(region->released,
				      !READ_ONCE(region->holds)));
	/* The process ends. Without an error, a copy of the kernel would repeat the access. */
	return VM_FAULT_SIGBUS;
}

static const struct vm_operations_struct iommufd_mmap_vm_ops = {
	.close = iommufd_mmap_close,
	.fault = iommufd_mmap_fault,
	.open = iommufd_mmap_open,
};

/* The region that starts at pgoff, with a reference of its vIOMMU; or NULL */
static struct iommufd_mmap *iommufd_mmap_get(struct iommufd_ctx *ictx,
					     unsigned long pgoff)
{
	MA_STATE(mas, &ictx->mt_mmap, pgoff, pgoff);
	struct iommufd_mmap *region;

	mas_lock(&mas);
	region = mas_walk(&mas);
	if (region && (region->pgoff != pgoff ||
		       !iommufd_object_try_use(ictx, &region->viommu->obj,
					       &ictx->mt_mmap.ma_lock)))
		region = NULL;
	mas_unlock(&mas);
	return region;
}

/**
 * iommufd_fops_mmap() - mmap() on /dev/iommu
 * @filp: The iommufd file
 * @vma: The new VMA
 *
 * Checks and their order: Documentation/userspace-api/viommu/mmap.rst, section
 * 7.2. VM_MAYEXEC is cleared, so that mprotect() cannot make the mapping
 * executable.
 *
 * Return: 0, or
 * * -EINVAL: the mapping is not shared, or the file was opened read-only
 * * -EPERM: the mapping is executable
 * * -ENXIO: no region starts at the offset, or it is shorter than the mapping
 */
int iommufd_fops_mmap(struct file *filp, struct vm_area_struct *vma)
{
	size_t length = vma->vm_end - vma->vm_start;
	struct iommufd_ctx *ictx = filp->private_data;
	struct iommufd_mmap *region;

	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	if (vma->vm_flags & VM_EXEC)
		return -EPERM;

	region = iommufd_mmap_get(ictx, vma->vm_pgoff);
	if (!region)
		return -ENXIO;
	if (length > region->length) {
		refcount_dec(&region->viommu->obj.users);
		return -ENXIO;
	}

	vm_flags_mod(vma, VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP,
		     VM_MAYEXEC);
	vma->vm_page_prot = pgprot_decrypted(pgprot_noncached(vma->vm_page_prot));
	vma->vm_private_data = region;
	vma->vm_ops = &iommufd_mmap_vm_ops;
	return 0;
}

/**
 * iommufd_ctx_init_mmap() - Prepare a new context for regions
 * @ictx: The context
 * @filp: Its file, which gets the address space of the context
 *
 * Return: 0, or -ENOMEM
 */
int iommufd_ctx_init_mmap(struct iommufd_ctx *ictx, struct file *filp)
{
	struct inode *inode = iommufd_mmap_new_inode();

	if (IS_ERR(inode))
		return -ENOMEM;
	ictx->mmap_inode = inode;
	filp->f_mapping = inode->i_mapping;
	mt_init_flags(&ictx->mt_mmap, MT_FLAGS_ALLOC_RANGE);
	return 0;
}

/**
 * iommufd_ctx_destroy_mmap() - Undo iommufd_ctx_init_mmap()
 * @ictx: The context, whose objects are gone
 */
void iommufd_ctx_destroy_mmap(struct iommufd_ctx *ictx)
{
	WARN_ON(!mtree_empty(&ictx->mt_mmap));
	mtree_destroy(&ictx->mt_mmap);
	iput(ictx->mmap_inode);
	simple_release_fs(&iommufd_fs_mount, &iommufd_fs_users);
}
