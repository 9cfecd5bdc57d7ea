// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * Fault queues. The kernel reads and writes whole records of fixed size, which are those of
 * the interface.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib.h"

#define SAME(a, b) _Static_assert((a) == (b), #a " is not the kernel's")
#define SAME_MEMBER(ours, theirs) \
	SAME(offsetof(struct viommu_fault, ours), offsetof(struct iommu_hwpt_pgfault, theirs))

/* Numbers are compared, not enumerations */
SAME(VIOMMU_FAULT_PASID_VALID, 0u + IOMMU_PGFAULT_FLAGS_PASID_VALID);
SAME(VIOMMU_FAULT_LAST_PAGE, 0u + IOMMU_PGFAULT_FLAGS_LAST_PAGE);
SAME(VIOMMU_FAULT_READ, 0u + IOMMU_PGFAULT_PERM_READ);
SAME(VIOMMU_FAULT_WRITE, 0u + IOMMU_PGFAULT_PERM_WRITE);
SAME(VIOMMU_FAULT_EXEC, 0u + IOMMU_PGFAULT_PERM_EXEC);
SAME(VIOMMU_FAULT_PRIV, 0u + IOMMU_PGFAULT_PERM_PRIV);
SAME(VIOMMU_FAULT_SUCCESS, 0u + IOMMUFD_PAGE_RESP_SUCCESS);
SAME(VIOMMU_FAULT_INVALID, 0u + IOMMUFD_PAGE_RESP_INVALID);
SAME(sizeof(struct viommu_fault), sizeof(struct iommu_hwpt_pgfault));
SAME_MEMBER(flags, flags);
SAME_MEMBER(dev, dev_id);
SAME_MEMBER(pasid, pasid);
SAME_MEMBER(grpid, grpid);
SAME_MEMBER(perm, perm);
SAME_MEMBER(addr, addr);
SAME_MEMBER(length, length);
SAME_MEMBER(cookie, cookie);

int viommu_faults_alloc(struct viommu_ctx *ctx, uint32_t *faults, int *fd)
{
	struct iommu_fault_alloc cmd = { .size = sizeof(cmd) };
	int rc = vi_ioctl(ctx, ctx->fd, IOMMU_FAULT_QUEUE_ALLOC, &cmd);

	if (!rc) {
		rc = vi_nonblocking((int)cmd.out_fault_fd);
		if (rc) {
			close((int)cmd.out_fault_fd);
			viommu_destroy(ctx, cmd.out_fault_id);
		}
	}
	if (!rc) {
		*faults = cmd.out_fault_id;
		*fd = (int)cmd.out_fault_fd;
	}
	vi_trace(faults_alloc, ctx->fd, cmd.out_fault_id, cmd.out_fault_fd, rc);
	return rc;
}

int viommu_faults_read(int fd, struct viommu_fault *faults, uint32_t *num)
{
	ssize_t n = 0;
	int rc = *num ? 0 : -EINVAL;

	if (!rc) {
		n = read(fd, faults, *num * sizeof(*faults));
		if (n < 0)
			rc = -errno;
		else if (!n)
			rc = -EAGAIN;
		else if (n % (ssize_t)sizeof(*faults))
			rc = -EBADMSG;
	}
	if (!rc)
		*num = (uint32_t)(n / (ssize_t)sizeof(*faults));
	vi_trace(faults_read, fd, n, rc);
	return rc;
}

int viommu_faults_answer(int fd, uint32_t cookie, uint32_t code)
{
	struct iommu_hwpt_page_response response = { .cookie = cookie, .code = code };
	int rc = 0;

	if (code != VIOMMU_FAULT_SUCCESS && code != VIOMMU_FAULT_INVALID)
		rc = -EINVAL;
	if (!rc && write(fd, &response, sizeof(response)) != (ssize_t)sizeof(response))
		rc = -errno;
	vi_trace(faults_answer, fd, cookie, code, rc);
	return rc;
}
