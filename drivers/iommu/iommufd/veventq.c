// SPDX-License-Identifier: GPL-2.0
/*
 * vEVENTQ: a queue that brings the events of a vIOMMU to user space.
 *
 * A vIOMMU has one queue per type of event at most. The driver reports an event
 * with iommufd_viommu_report_event(); user space reads it from the queue's own
 * file descriptor. Each event has a sequence number. A lost event takes a number,
 * too, so that a gap shows the number of lost events. If the newest event was
 * lost, no event follows the gap yet; then a marker is the last entry that user
 * space reads.
 *
 * The table viommu->veventqs has the queue under its type. The slot is reserved
 * first, and filled when the command can no longer fail; until then a report does
 * not find the queue. Neither the table's lock nor the queue's is held over an
 * access to user memory, which user space can stall for any time. So a reader
 * does not delay a driver that reports.
 *
 * A reader leaves the entry in the queue during the copy, and removes it when the
 * copy is complete: a fault needs no undo. Only readers remove events, one reader
 * at a time, so the memory of the first event stays valid without the queue's
 * lock. The marker may go or change during the copy, so its header is copied
 * first.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/iommufd.h>
#include <linux/memcontrol.h>
#include <linux/poll.h>
#include <linux/slab.h>

#include "veventq.h"

/**
 * iommufd_veventq_init() - Set up an empty queue
 * @veventq: The queue
 * @depth: Maximum number of queued events
 */
void iommufd_veventq_init(struct iommufd_veventq *veventq, u32 depth)
{
	veventq->depth = depth;
	mutex_init(&veventq->read_lock);
	init_waitqueue_head(&veventq->wait);
	spin_lock_init(&veventq->lock);
	INIT_LIST_HEAD(&veventq->events);
}

/**
 * iommufd_veventq_purge() - Undo iommufd_veventq_init(), and free all events
 * @veventq: The queue; neither readers nor drivers can find it any more
 */
void iommufd_veventq_purge(struct iommufd_veventq *veventq)
{
	struct iommufd_vevent *vevent, *next;

	WARN_ON(xa_load(&veventq->viommu->veventqs, veventq->type) == veventq);
	list_for_each_entry_safe(vevent, next, &veventq->events, node)
		kfree(vevent);
	mutex_destroy(&veventq->read_lock);
}

static u32 iommufd_veventq_last_sequence(struct iommufd_veventq *veventq)
{
	return (veventq->sequence - 1) & IOMMUFD_VEVENTQ_MAX_SEQUENCE;
}

/**
 * iommufd_veventq_peek() - Look at the first entry of a queue
 * @veventq: The queue
 * @header: Receives the header of the entry
 * @vevent: Receives the event; NULL if the entry is the marker
 *
 * The caller is the reader.
 *
 * Return: false if there is no entry
 */
bool iommufd_veventq_peek(struct iommufd_veventq *veventq,
			  struct iommufd_vevent_header *header,
			  struct iommufd_vevent **vevent)
{
	bool found = true;

	spin_lock(&veventq->lock);
	*vevent = list_first_entry_or_null(&veventq->events,
					   struct iommufd_vevent, node);
	if (*vevent) {
		*header = (*vevent)->header;
	} else if (veventq->lost_events) {
		header->flags = IOMMU_VEVENTQ_FLAG_LOST_EVENTS;
		header->sequence = iommufd_veventq_last_sequence(veventq);
	} else {
		found = false;
	}
	spin_unlock(&veventq->lock);
	return found;
}

/**
 * iommufd_veventq_pop() - Remove an entry after its copy
 * @veventq: The queue
 * @header: Header of the entry, of iommufd_veventq_peek()
 * @vevent: The event, of iommufd_veventq_peek(); freed
 *
 * A marker that has changed since is another entry, and stays.
 */
void iommufd_veventq_pop(struct iommufd_veventq *veventq,
			 const struct iommufd_vevent_header *header,
			 struct iommufd_vevent *vevent)
{
	spin_lock(&veventq->lock);
	if (vevent) {
		list_del(&vevent->node);
		veventq->num_events--;
	} else if (header->sequence == iommufd_veventq_last_sequence(veventq)) {
		veventq->lost_events = false;
	}
	spin_unlock(&veventq->lock);
	kfree(vevent);
}

static int iommufd_veventq_copy(char __user *buf,
				const struct iommufd_vevent_header *header,
				const struct iommufd_vevent *vevent)
{
	if (copy_to_user(buf, header, sizeof(*header)))
		return -EFAULT;
	if (vevent && copy_to_user(buf + sizeof(*header), vevent->data,
				   vevent->data_len))
		return -EFAULT;
	return 0;
}

/*
 * Another reader can stall in a page fault for any time. A signal interrupts the
 * wait; SA_RESTART decides if read() restarts.
 */
static int iommufd_veventq_lock_reader(struct file *filep)
{
	struct iommufd_veventq *veventq = filep->private_data;

	if (filep->f_flags & O_NONBLOCK)
		return mutex_trylock(&veventq->read_lock) ? 0 : -EAGAIN;
	return mutex_lock_interruptible(&veventq->read_lock) ? -ERESTARTSYS : 0;
}

/* Never waits for events: an empty queue is the end of the file */
static ssize_t iommufd_veventq_fops_read(struct file *filep, char __user *buf,
					 size_t count, loff_t *ppos)
{
	struct iommufd_veventq *veventq = filep->private_data;
	struct iommufd_vevent_header header;
	struct iommufd_vevent *vevent;
	size_t done = 0;
	int rc;

	if (*ppos)
		return -ESPIPE;
	if (count < sizeof(header))
		return -EINVAL;

	rc = iommufd_veventq_lock_reader(filep);
	if (rc)
		return rc;
	while (iommufd_veventq_peek(veventq, &header, &vevent)) {
		size_t length = sizeof(header);

		if (vevent)
			length += vevent->data_len;
		if (length > count - done) {
			rc = -EINVAL;
			break;
		}
		rc = iommufd_veventq_copy(buf + done, &header, vevent);
		if (rc)
			break;
		done += length;
		iommufd_veventq_pop(veventq, &header, vevent);
	}
	mutex_unlock(&veventq->read_lock);

	return done ? done : rc;
}

static __poll_t iommufd_veventq_fops_poll(struct file *filep,
					  struct poll_table_struct *wait)
{
	struct iommufd_veventq *veventq = filep->private_data;
	__poll_t events = 0;

	poll_wait(filep, &veventq->wait, wait);
	spin_lock(&veventq->lock);
	if (!list_empty(&veventq->events) || veventq->lost_events)
		events = EPOLLIN | EPOLLRDNORM;
	spin_unlock(&veventq->lock);
	return events;
}

static int iommufd_veventq_fops_release(struct inode *inode, struct file *filep)
{
	struct iommufd_veventq *veventq = filep->private_data;
	struct iommufd_ctx *ictx;

	/* The file of a failed command has no queue */
	if (!veventq)
		return 0;

	ictx = veventq->viommu->ictx;
	refcount_dec(&veventq->obj.users);
	iommufd_ctx_put(ictx);
	return 0;
}

static const struct file_operations iommufd_veventq_fops = {
	.owner = THIS_MODULE,
	.poll = iommufd_veventq_fops_poll,
	.read = iommufd_veventq_fops_read,
	.release = iommufd_veventq_fops_release,
};

/**
 * iommufd_veventq_destroy() - Destroy a vEVENTQ whose file is closed
 * @obj: Base object of the queue
 */
void iommufd_veventq_destroy(struct iommufd_object *obj)
{
	struct iommufd_veventq *veventq =
		container_of(obj, struct iommufd_veventq, obj);
	struct iommufd_viommu *viommu = veventq->viommu;

	/* From here on no driver finds the queue */
	xa_erase(&viommu->veventqs, veventq->type);
	iommufd_veventq_purge(veventq);
	mem_cgroup_put(veventq->memcg);
	refcount_dec(&viommu->obj.users);
}

/* The caller holds viommu; the result is not published yet */
static struct iommufd_veventq *
iommufd_veventq_create(struct iommufd_viommu *viommu, u32 type, u32 depth)
{
	struct iommufd_veventq *veventq;
	struct iommufd_object *obj;
	int rc;

	/* Reserves the type; drivers do not find the queue yet */
	rc = xa_insert(&viommu->veventqs, type, NULL, GFP_KERNEL_ACCOUNT);
	if (rc)
		return ERR_PTR(rc == -EBUSY ? -EEXIST : rc);

	obj = _iommufd_object_alloc(viommu->ictx, sizeof(*veventq),
				    IOMMUFD_OBJ_VEVENTQ);
	if (IS_ERR(obj)) {
		xa_release(&viommu->veventqs, type);
		return ERR_CAST(obj);
	}
	veventq = container_of(obj, struct iommufd_veventq, obj);

	veventq->viommu = viommu;
	veventq->type = type;
	veventq->memcg = get_mem_cgroup_from_mm(current->mm);
	iommufd_veventq_init(veventq, depth);
	/* Pairs with iommufd_veventq_destroy() */
	refcount_inc(&viommu->obj.users);
	return veventq;
}

/* Make the queue visible to the driver and user space; cannot fail */
static void iommufd_veventq_publish(struct iommufd_veventq *veventq,
				    struct file *filep, int fd)
{
	struct iommufd_viommu *viommu = veventq->viommu;

	/* Pairs with iommufd_veventq_fops_release() */
	refcount_inc(&veventq->obj.users);
	iommufd_ctx_get(viommu->ictx);
	filep->private_data = veventq;

	/* The slot is reserved, so this needs no memory */
	xa_store(&viommu->veventqs, veventq->type, veventq, GFP_KERNEL_ACCOUNT);
	iommufd_object_finalize(viommu->ictx, &veventq->obj);
	fd_install(fd, filep);
}

/**
 * iommufd_veventq_alloc_ioctl() - IOMMU_VEVENTQ_ALLOC
 * @ucmd: Command of user space, &struct iommu_veventq_alloc
 *
 * Checks and their order: Documentation/userspace-api/viommu/checks.rst,
 * section 4.3.
 *
 * Return: 0, or
 * * -EOPNOTSUPP: flags, type or reserved field
 * * -EINVAL: the depth
 * * -ENOENT: no such vIOMMU
 * * -EEXIST: the vIOMMU has a queue of this type
 * * -ENOMEM, -ENFILE, -EMFILE, -EFAULT
 */
int iommufd_veventq_alloc_ioctl(struct iommufd_ucmd *ucmd)
{
	struct iommu_veventq_alloc *cmd = ucmd->cmd;
	struct iommufd_veventq *veventq;
	struct iommufd_viommu *viommu;
	struct file *filep;
	int fd, rc;

	if (cmd->flags || cmd->__reserved ||
	    cmd->type == IOMMU_VEVENTQ_TYPE_DEFAULT)
		return -EOPNOTSUPP;
	if (!cmd->veventq_depth ||
	    cmd->veventq_depth > IOMMUFD_VEVENTQ_MAX_DEPTH)
		return -EINVAL;

	viommu = iommufd_get_viommu(ucmd, cmd->viommu_id);
	if (IS_ERR(viommu))
		return PTR_ERR(viommu);

	veventq = iommufd_veventq_create(viommu, cmd->type, cmd->veventq_depth);
	if (IS_ERR(veventq)) {
		rc = PTR_ERR(veventq);
		goto out_put_viommu;
	}

	filep = anon_inode_getfile("[iommufd-viommu-event]",
				   &iommufd_veventq_fops, NULL, O_RDWR);
	if (IS_ERR(filep)) {
		rc = PTR_ERR(filep);
		goto out_abort;
	}
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0) {
		rc = fd;
		goto out_fput;
	}

	cmd->out_veventq_id = veventq->obj.id;
	cmd->out_veventq_fd = fd;
	rc = iommufd_ucmd_respond(ucmd, sizeof(*cmd));
	if (rc)
		goto out_put_fd;

	iommufd_veventq_publish(veventq, filep, fd);
	goto out_put_viommu;

out_put_fd:
	put_unused_fd(fd);
out_fput:
	fput(filep);
out_abort:
	iommufd_object_abort_and_destroy(ucmd->ictx, &veventq->obj);
out_put_viommu:
	iommufd_put_object(ucmd->ictx, &viommu->obj);
	return rc;
}
