// SPDX-License-Identifier: GPL-2.0
/*
 * IOMMU_IOAS_MAP_FILE: IOMMU_IOAS_MAP for the pages of a file.
 *
 * Guest memory of a VMM is often a memfd that it shares with other processes. A
 * mapping through the file does not depend on the addresses or the life of a
 * process. file_pages.c provides the pages.
 *
 * The device writes to the file without a check of the file system. So each
 * direction needs a descriptor with this permission, and writing is refused for a
 * sealed or append-only file.
 */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/iommu.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "file_pin.h"
#include "io_pagetable.h"
#include "map_file.h"

static int iommufd_check_file(struct file *file, int iommu_prot)
{
	if ((iommu_prot & IOMMU_READ) && !(file->f_mode & FMODE_READ))
		return -EPERM;
	if (!(iommu_prot & IOMMU_WRITE))
		return 0;
	if (!(file->f_mode & FMODE_WRITE) || iopt_file_is_sealed(file) ||
	    IS_APPEND(file_inode(file)))
		return -EPERM;
	return 0;
}

static int iopt_map_file(struct iommufd_ctx *ictx, struct io_pagetable *iopt,
			 unsigned long *iova, struct file *file, u64 start,
			 unsigned long length, int iommu_prot,
			 unsigned int flags)
{
	struct iopt_pages_list *elm;
	LIST_HEAD(pages_list);
	int rc;

	elm = kzalloc(sizeof(*elm), GFP_KERNEL_ACCOUNT);
	if (!elm)
		return -ENOMEM;
	elm->pages = iopt_alloc_file_pages(file, start, length,
					   iommu_prot & IOMMU_WRITE);
	if (IS_ERR(elm->pages)) {
		rc = PTR_ERR(elm->pages);
		kfree(elm);
		return rc;
	}
	if (ictx->account_mode == IOPT_PAGES_ACCOUNT_MM &&
	    elm->pages->account_mode == IOPT_PAGES_ACCOUNT_USER)
		elm->pages->account_mode = IOPT_PAGES_ACCOUNT_MM;
	elm->start_byte = start - elm->pages->file.start;
	elm->length = length;
	list_add(&elm->next, &pages_list);

	rc = iopt_map_pages(iopt, &pages_list, length, iova, iommu_prot, flags);
	iopt_free_pages_list(&pages_list);
	return rc;
}

static int iommufd_map_fd(struct iommufd_ucmd *ucmd, struct iommufd_ioas *ioas)
{
	struct iommu_ioas_map_file *cmd = ucmd->cmd;
	int iommu_prot = conv_iommu_prot(cmd->flags);
	unsigned long iova = cmd->iova;
	unsigned int flags = 0;
	struct file *file;
	u64 last;
	int rc;

	if (!cmd->length)
		return -EINVAL;
	if (check_add_overflow(cmd->start, cmd->length - 1, &last))
		return -EOVERFLOW;

	file = fget(cmd->fd);
	if (!file)
		return -EBADF;
	rc = iommufd_check_file(file, iommu_prot);
	if (rc)
		goto out_fput;

	if (!(cmd->flags & IOMMU_IOAS_MAP_FIXED_IOVA))
		flags = IOPT_ALLOC_IOVA;
	rc = iopt_map_file(ucmd->ictx, &ioas->iopt, &iova, file, cmd->start,
			   cmd->length, iommu_prot, flags);
	if (rc)
		goto out_fput;

	cmd->iova = iova;
	rc = iommufd_ucmd_respond(ucmd, sizeof(*cmd));
	if (rc)
		iopt_unmap_iova(&ioas->iopt, iova, cmd->length, NULL);

out_fput:
	fput(file);
	return rc;
}

/**
 * iommufd_ioas_map_file() - IOMMU_IOAS_MAP_FILE
 * @ucmd: Command of user space, &struct iommu_ioas_map_file
 *
 * Return: 0, or in this order
 * * -EOPNOTSUPP: an unknown flag
 * * -EOVERFLOW: IOVA or length out of range
 * * -EINVAL: neither READABLE nor WRITEABLE
 * * -ENOENT: no such IOAS
 * * -EINVAL: the length is 0
 * * -EOVERFLOW: the range in the file
 * * -EBADF: no open file
 * * -EPERM: the descriptor or a seal forbids the access
 * * -ENOMEM: no memory
 * * or the result of mapping the range, as for IOMMU_IOAS_MAP
 * * or the result of pinning, if there is a domain: -EINVAL for a file of another
 *   kind or a range past its end, -ENOMEM for no memory or the limit of the process,
 *   -EHWPOISON for memory that the hardware has lost
 */
int iommufd_ioas_map_file(struct iommufd_ucmd *ucmd)
{
	struct iommu_ioas_map_file *cmd = ucmd->cmd;
	struct iommufd_ioas *ioas;
	int rc;

	if (cmd->flags &
	    ~(IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_WRITEABLE |
	      IOMMU_IOAS_MAP_READABLE))
		return -EOPNOTSUPP;
	if (cmd->iova >= ULONG_MAX || cmd->length >= ULONG_MAX)
		return -EOVERFLOW;
	if (!(cmd->flags &
	      (IOMMU_IOAS_MAP_WRITEABLE | IOMMU_IOAS_MAP_READABLE)))
		return -EINVAL;

	ioas = iommufd_get_ioas(ucmd->ictx, cmd->ioas_id);
	if (IS_ERR(ioas))
		return PTR_ERR(ioas);
	rc = iommufd_map_fd(ucmd, ioas);
	iommufd_put_object(ucmd->ictx, &ioas->obj);
	return rc;
}
