/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * The CMDQ-V that a guest sees: one virtual interface with two queues.
 *
 * The VMM shows it as a window of VIOMMU_CMDQV_SIZE bytes and an edge
 * interrupt, and traps every access to the window, which it hands to
 * viommu_cmdqv_read() and viommu_cmdqv_write(). The device keeps a cache of the
 * registers, makes and destroys HW queues as the guest programs them, and asks
 * the VMM to put page 0 of the interface right into the guest, so that a working
 * guest traps no more. Page 0 is in the guest while there are queues, and every
 * queue whose allocation map entry has bit 0 set is one of them: a queue that is
 * not there has its registers, and its errors, in the cache.
 *
 * A HW queue exists while CONFIG.CMDQV_EN, VINTF CONFIG.EN, bit 0 of its
 * allocation map entry and its BASE are all set, in whatever order the guest
 * writes them, and while all queues of lower index exist. A queue that waits
 * for a lower one keeps its registers. A queue that the kernel refuses
 * has GERROR.CMDQ_INIT_ERR for the guest, and a reason for the VMM.
 *
 * Four things that the hardware leaves open. Logical queue n is physical queue
 * n, whatever else the guest writes into the allocation map. A BASE that comes
 * in two halves counts from the second half on, or from the next write of ALLOC
 * or of an enable, if only one half comes. A queue whose BASE, ALLOC, interface
 * or CMDQ-V goes is off, and stays off until its guest sets EN again; one that
 * goes because a lower one goes is not, and shows its STATUS until it is back.
 * Page 0 of a queue whose allocation map entry has bit 0 clear reads 0 and loses
 * writes in the window of the interface (VIOMMU_CMDQV_PAGE0), whether that is in the
 * guest or not; in the window of the physical queues its registers are kept, and
 * count when bit 0 is set. The maps of the interface have errors of its queues only.
 *
 * No call may run at the same time as another one with the same device, and
 * callbacks must not call back into it. Guest accesses to the mapped page 0
 * are no calls.
 */
#ifndef VIOMMU_CMDQV_H
#define VIOMMU_CMDQV_H

#include <viommu/queue.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The window of the guest, and in it what viommu_cmdqv_host_ops.map_page0 maps */
#define VIOMMU_CMDQV_SIZE 0x50000u
#define VIOMMU_CMDQV_PAGE0 0x30000u
#define VIOMMU_CMDQV_PAGE_SIZE 0x10000u

/* Queues of the guest */
#define VIOMMU_CMDQV_QUEUES 2u

/* No limit of the VMM's for the size of queues */
#define VIOMMU_CMDQV_ANY_SIZE UINT32_MAX

struct viommu_cmdqv;

/**
 * enum viommu_cmdqv_reason - Why viommu_cmdqv_host_ops.error is called
 * @VIOMMU_CMDQV_QUEUE_ALLOC: the kernel refused a HW queue; the guest sees
 *                            CMDQ_INIT_ERR
 * @VIOMMU_CMDQV_QUEUE_DESTROY: a HW queue could not be destroyed. It stays in
 *                            the kernel, and goes on in the guest if the guest still
 *                            wants it as it is; or else is tried again whenever
 *                            something depends on it.
 * @VIOMMU_CMDQV_MAP_PAGE0: the VMM could not map page 0; the guest's accesses
 *                            stay trapped, and are forwarded
 * @VIOMMU_CMDQV_BAD_SIZE: the guest asked for more commands than allowed; it
 *                            sees CMDQ_INIT_ERR
 * @VIOMMU_CMDQV_BAD_ACCESS: the guest made an access of a wrong size or
 *                            alignment, or to a hole
 * @VIOMMU_CMDQV_BAD_EVENT: the kernel reported an error of a queue that does
 *                            not exist
 */
enum viommu_cmdqv_reason {
	VIOMMU_CMDQV_QUEUE_ALLOC,
	VIOMMU_CMDQV_QUEUE_DESTROY,
	VIOMMU_CMDQV_MAP_PAGE0,
	VIOMMU_CMDQV_BAD_SIZE,
	VIOMMU_CMDQV_BAD_ACCESS,
	VIOMMU_CMDQV_BAD_EVENT,
};

/**
 * struct viommu_cmdqv_error - An error and its reason
 * @size: Bytes that the library has filled; those of a later version than its are not
 *        there
 * @reason: enum viommu_cmdqv_reason
 * @err: Negative errno
 * @index: Queue, or UINT32_MAX
 * @access: Bytes of the access, 0 if it is not about one
 * @refused: Why a queue was refused, enum viommu_hw_queue_reason; 0 if it is not about
 *           that
 * @addr: Guest-physical address of the queue's memory, or offset of the access
 * @length: Bytes of the queue's memory
 */
struct viommu_cmdqv_error {
	uint32_t size;
	uint32_t reason;
	int32_t err;
	uint32_t index;
	uint32_t access;
	uint32_t refused;
	uint64_t addr;
	uint64_t length;
};

/**
 * viommu_cmdqv_reason_text - Say a reason in words
 * @reason: enum viommu_cmdqv_reason
 *
 * Return: A constant string, without end of line.
 */
const char *viommu_cmdqv_reason_text(uint32_t reason);

/**
 * struct viommu_cmdqv_host_ops - Callbacks of the device into its VMM
 * @size: sizeof(struct viommu_cmdqv_host_ops), so that the structure can grow
 * @reserved: 0
 * @map_page0: Put @page0, VIOMMU_CMDQV_PAGE_SIZE bytes as viommu_mmap() returned
 *             them, at offset VIOMMU_CMDQV_PAGE0 of the guest's window. Return 0
 *             or a negative errno. NULL: the window stays trapped.
 * @unmap_page0: Take it away again, and return when no CPU of the guest can
 *             reach it any more. Cannot fail. NULL only without @map_page0.
 * @interrupt: Pulse the interrupt (edge). NULL: errors raise none.
 * @error: Something went wrong; a guest can provoke some of these at will, so
 *             a VMM that logs them limits the rate. NULL: nobody is told.
 */
struct viommu_cmdqv_host_ops {
	uint32_t size;
	uint32_t reserved;
	int (*map_page0)(void *host, void *page0);
	void (*unmap_page0)(void *host);
	void (*interrupt)(void *host);
	void (*error)(void *host, const struct viommu_cmdqv_error *error);
};

/**
 * struct viommu_cmdqv_kernel_ops - Callbacks of the device for the kernel part
 * @size: sizeof(struct viommu_cmdqv_kernel_ops), so that the structure can grow
 * @reserved: 0
 * @queue_alloc: Make HW queue @index on @length bytes at guest-physical @addr;
 *               0 and its ID, which is not 0, or a negative errno
 * @queue_destroy: Destroy it; 0 or a negative errno
 * @page0_read: Read the 32-bit register at @offset in page 0
 * @page0_write: Write it
 *
 * A VMM leaves this to the library (see struct viommu_cmdqv_config); tests put
 * a kernel of their own here.
 */
struct viommu_cmdqv_kernel_ops {
	uint32_t size;
	uint32_t reserved;
	int (*queue_alloc)(void *kernel, uint32_t index, uint64_t addr,
			   uint64_t length, uint32_t *id);
	int (*queue_destroy)(void *kernel, uint32_t id);
	uint32_t (*page0_read)(void *kernel, uint32_t offset);
	void (*page0_write)(void *kernel, uint32_t offset, uint32_t value);
};

/**
 * struct viommu_cmdqv_config - Everything a device needs
 * @size: sizeof(struct viommu_cmdqv_config), so that the structure can grow
 * @max_log2size: Largest LOG2SIZE of a queue, as viommu_smmuv3_cmdqs() gives it;
 *                VIOMMU_CMDQV_ANY_SIZE leaves it to the kernel. A Linux guest whose
 *                queue is refused loses its SMMU: show it no larger IDR1.CMDQS
 * @host_ops: Callbacks into the VMM; copied
 * @host: First argument of those
 * @ctx: Context of the vIOMMU; NULL, with @page0 NULL: there is no vIOMMU yet
 * @viommu: vIOMMU, of viommu_alloc_cmdqv()
 * @reserved: 0
 * @page0: Its page 0, of viommu_mmap(); NULL with @kernel_ops: it is never in the guest.
 *         The caller unmaps it after viommu_cmdqv_free() or viommu_cmdqv_detach().
 * @page0_length: Bytes of it, VIOMMU_CMDQV_PAGE_SIZE at least; more stay unused
 * @kernel_ops: NULL; or, instead of @ctx and @viommu, a kernel of the caller's
 * @kernel: First argument of those
 */
struct viommu_cmdqv_config {
	uint32_t size;
	uint32_t max_log2size;
	const struct viommu_cmdqv_host_ops *host_ops;
	void *host;
	struct viommu_ctx *ctx;
	uint32_t viommu;
	uint32_t reserved;
	void *page0;
	uint64_t page0_length;
	const struct viommu_cmdqv_kernel_ops *kernel_ops;
	void *kernel;
};

/**
 * viommu_cmdqv_new - Make a device in reset state
 * @config: Configuration of the device; not kept
 * @cmdqv: The new device
 *
 * A structure may be longer than the library knows it, of a later version, if
 * what is added there is 0.
 *
 * Return: 0, -EINVAL for a configuration that is incomplete, has something that
 * this library does not know, or a page 0 that is too short; -ENOMEM.
 */
int viommu_cmdqv_new(const struct viommu_cmdqv_config *config,
		     struct viommu_cmdqv **cmdqv);

/**
 * struct viommu_cmdqv_backing - The vIOMMU behind a device
 * @size: sizeof(struct viommu_cmdqv_backing), so that the structure can grow
 * @viommu: vIOMMU, of viommu_alloc_cmdqv()
 * @ctx: Its context
 * @page0: Its page 0, of viommu_mmap()
 * @page0_length: Bytes of it, VIOMMU_CMDQV_PAGE_SIZE at least
 * @kernel: With viommu_cmdqv_config.kernel_ops, their new first argument; then @ctx,
 *          @viommu and @page0 need not be there
 */
struct viommu_cmdqv_backing {
	uint32_t size;
	uint32_t viommu;
	struct viommu_ctx *ctx;
	void *page0;
	uint64_t page0_length;
	void *kernel;
};

/**
 * viommu_cmdqv_attach - Put a vIOMMU behind a device that has none
 * @cmdqv: Device
 * @backing: The vIOMMU; not kept
 *
 * Makes the queues that the guest has programmed, with the registers that they have,
 * and puts page 0 into the guest. The vIOMMU may be another one than before, of
 * another context too; its HWPTs must translate as those of the old one did.
 *
 * Return: 0, -EBUSY if there is a vIOMMU, -EINVAL for a backing that is incomplete;
 * or the negative errno of the first queue that the kernel refused: then the vIOMMU
 * is attached, and the guest sees CMDQ_INIT_ERR of that queue. After
 * viommu_cmdqv_detach() the guest has its queues as they were before.
 */
int viommu_cmdqv_attach(struct viommu_cmdqv *cmdqv,
			const struct viommu_cmdqv_backing *backing);

/**
 * viommu_cmdqv_detach - Take the vIOMMU from behind a device
 * @cmdqv: Device; all passed-through devices have left the vIOMMU, so that there
 *         is nothing left to invalidate
 *
 * For the last device of a vIOMMU that goes, or a vIOMMU that the kernel has
 * retired. Takes page 0 from the guest and destroys the queues. To the guest they are as
 * they were, also those that it sets up meanwhile: without a vIOMMU nothing
 * is cached, so the commands of an enabled queue are complete at once, unread.
 * Errors that are active stay so until the guest acknowledges them. One is the vIOMMU's,
 * and goes with it: CMDQ_INIT_ERR of a queue that was made with the same BASE before, or
 * whose refusal has nothing to do with index, size and memory, as -ENOMEM and -ETIMEDOUT.
 * That queue is enabled if its guest has set EN, and the next vIOMMU gets it.
 *
 * Return: 0, also without a vIOMMU; or the negative errno of the first queue that
 * could not be destroyed: then the vIOMMU is still attached, and the queues go on.
 */
int viommu_cmdqv_detach(struct viommu_cmdqv *cmdqv);

/**
 * viommu_cmdqv_free - Free a device
 * @cmdqv: Device or NULL
 *
 * Takes page 0 from the guest, then destroys the queues.
 *
 * Return: 0, or the negative errno of the first queue that could not be
 * destroyed; the device is freed all the same.
 */
int viommu_cmdqv_free(struct viommu_cmdqv *cmdqv);

/**
 * viommu_cmdqv_read - The guest reads from the window
 * @cmdqv: Device
 * @offset: Offset in the window
 * @size: Bytes, 4 or 8; 8 only for BASE, CONS_INDX_BASE and LVCMDQ_ERR_MAP
 * @value: The value for the guest; 0 if the access is wrong
 *
 * Return: 0, or -EINVAL for a wrong access and -ENXIO for a hole, which a VMM
 * need not care about: the guest reads 0.
 */
int viommu_cmdqv_read(struct viommu_cmdqv *cmdqv, uint64_t offset,
		      unsigned int size, uint64_t *value);

/**
 * viommu_cmdqv_write - The guest writes to the window
 * @cmdqv: Device
 * @offset: Offset in the window
 * @size: Bytes, 4 or 8; 8 only for BASE and CONS_INDX_BASE
 * @value: The guest's value
 *
 * Makes and destroys queues, maps and unmaps page 0, as the write demands. A
 * failure in that is no failure of the call: it goes to the guest, and to
 * viommu_cmdqv_host_ops.error.
 *
 * Return: 0, or -EINVAL for a wrong access and -ENXIO for a hole, which a VMM
 * need not care about: the write is ignored.
 */
int viommu_cmdqv_write(struct viommu_cmdqv *cmdqv, uint64_t offset,
		       unsigned int size, uint64_t value);

/**
 * viommu_cmdqv_event - The kernel has reported errors
 * @cmdqv: Device
 * @data: Event of a VIOMMU_VEVENTQ_TEGRA241_CMDQV queue
 * @len: Its length in bytes
 *
 * Raises the interrupt unless the guest has masked it. The error maps that the
 * guest then reads tell what is not acknowledged at that moment.
 *
 * Return: 0, or -EINVAL for a wrong length.
 */
int viommu_cmdqv_event(struct viommu_cmdqv *cmdqv, const void *data,
		       size_t len);

/**
 * viommu_cmdqv_events_lost - Events were lost
 * @cmdqv: Device
 *
 * Does what viommu_cmdqv_event() does, if there is an error that the guest has
 * not acknowledged.
 */
void viommu_cmdqv_events_lost(struct viommu_cmdqv *cmdqv);

/**
 * viommu_cmdqv_reset - Put a device in reset state
 * @cmdqv: Device
 *
 * For a reset of the machine. Takes page 0 from the guest, destroys the queues
 * and sets all registers to their reset values. Processors of the guest may still run,
 * as unmap_page0 returns when none can reach page 0; the VMM keeps its own mapping.
 * Devices of the guest still write where their HWPTs let them: a VMM moves them off
 * first. A vIOMMU stays attached.
 *
 * Return: 0, or the negative errno of the first queue that could not be
 * destroyed; the registers are reset all the same.
 */
int viommu_cmdqv_reset(struct viommu_cmdqv *cmdqv);

/**
 * viommu_cmdqv_queue_exists - Ask for a queue
 * @cmdqv: Device
 * @index: Its number
 *
 * Return: 1 if the guest has this HW queue, 0 if not.
 */
int viommu_cmdqv_queue_exists(const struct viommu_cmdqv *cmdqv,
			      uint32_t index);

/**
 * viommu_cmdqv_page0_mapped - Ask for the mapping
 * @cmdqv: Device
 *
 * Return: 1 if page 0 is mapped in the guest, 0 if not.
 */
int viommu_cmdqv_page0_mapped(const struct viommu_cmdqv *cmdqv);

/**
 * viommu_cmdqv_queues_in - Ask which queues are in a range of memory
 * @cmdqv: Device
 * @iova: Guest-physical address
 * @length: Bytes
 *
 * The kernel refuses to unmap memory (-EBUSY of viommu_ioas_unmap()) that a HW queue
 * reads.
 *
 * Return: Bit n is set if the kernel has HW queue n, and a part of its memory is in
 * the range.
 */
uint32_t viommu_cmdqv_queues_in(const struct viommu_cmdqv *cmdqv, uint64_t iova,
				uint64_t length);

/**
 * viommu_cmdqv_hold - Take the queues in a range of memory back
 * @cmdqv: Device
 * @iova: Guest-physical address
 * @length: Bytes
 *
 * For memory that the VMM unmaps and maps again, as other memory or at another place
 * of its own. Takes page 0 from the guest and destroys the HW queues in the range, and
 * those of higher index. To the guest they are enabled as they were, but CONS stands, so
 * viommu_cmdqv_release() has to follow within the time that a guest waits for a
 * command, which is one second for Linux. One range at a time.
 *
 * Return: 0 if no HW queue is in the range now, and none will be made there; -EINVAL
 * for a range that is empty or ends beyond the last address; -EBUSY if a range is
 * held, or the kernel does not destroy a queue: then no range is held, and the queues go on.
 */
int viommu_cmdqv_hold(struct viommu_cmdqv *cmdqv, uint64_t iova,
		      uint64_t length);

/**
 * viommu_cmdqv_release - Let queues be in all memory again
 * @cmdqv: Device
 *
 * Makes the queues again that viommu_cmdqv_hold() has destroyed; they go on at CONS.
 *
 * Return: 0, also if no range is held; or the negative errno of the first queue that
 * the kernel refused, of which the guest sees CMDQ_INIT_ERR.
 */
int viommu_cmdqv_release(struct viommu_cmdqv *cmdqv);

/* Length in bytes of a saved state, see viommu_cmdqv_save(3) for its format */
#define VIOMMU_CMDQV_STATE_LEN 256u

/**
 * viommu_cmdqv_save - Save the registers
 * @cmdqv: Device; no CPU of the guest may run
 * @state: Buffer for the state
 * @len: Its length, at least VIOMMU_CMDQV_STATE_LEN
 *
 * The device goes on. Commands that the hardware executes from now on are
 * executed again after viommu_cmdqv_restore(), which does no harm. A VMM that
 * takes all queues back with viommu_cmdqv_hold() before has none of these.
 *
 * Return: 0, or -ENOSPC if @len is too short.
 */
int viommu_cmdqv_save(struct viommu_cmdqv *cmdqv, void *state, size_t len);

/**
 * viommu_cmdqv_state_check - Ask whether a buffer has a saved state
 * @state: Buffer, from anywhere
 * @len: Its length
 *
 * For a VMM that checks a file or a stream before it makes anything.
 * viommu_cmdqv_restore() makes the same check.
 *
 * Return: 0; -EINVAL if the state is none, -EPROTONOSUPPORT if it is of another
 * version.
 */
int viommu_cmdqv_state_check(const void *state, size_t len);

/**
 * viommu_cmdqv_restore - Restore saved registers, and make the queues
 * @cmdqv: Device in reset state
 * @state: Saved state, of viommu_cmdqv_save()
 * @len: Its length
 *
 * Raises the interrupt, unless masked, if there is an error that the guest has
 * not acknowledged.
 *
 * Return: 0; -EINVAL if the state is none, -EPROTONOSUPPORT if it is of another
 * version, -EBUSY if the device has queues; or the negative errno of the first
 * queue that the kernel refused, after which the device is in reset state.
 */
int viommu_cmdqv_restore(struct viommu_cmdqv *cmdqv, const void *state,
			 size_t len);

#ifdef __cplusplus
}
#endif

#endif
