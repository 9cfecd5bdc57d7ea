/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CMDQ-V that exists in memory only, and what is around it, for the KUnit tests of the
 * driver.
 *
 *	tegra241-cmdqv-fake.c	   the hardware: registers, queues, faults on demand
 *	tegra241-cmdqv-fake-host.c the platform: devices, interrupt, memory
 *
 * The driver is compiled once. Its accessors of registers and what it gets from the
 * kernel around it lead here while a test runs. So a test sees each access in its order
 * and can let a guest act between any two of them. Calls are redirected for the
 * thread of the test only.
 */
#ifndef _TEGRA241_CMDQV_FAKE_H
#define _TEGRA241_CMDQV_FAKE_H

#include <kunit/test.h>
#include <linux/acpi.h>
#include <linux/iommu.h>
#include <linux/iommufd_viommu_driver.h>
#include <linux/platform_device.h>

#include "tegra241-cmdqv.h"

/* A user's address: an access that is not redirected does not stay unnoticed */
#define CMDQV_FAKE_BASE		0x100000UL
#define CMDQV_FAKE_MAX_LOG	2048
/* In the log of writes: a CMD_SYNC on the SMMU's own queue */
#define CMDQV_FAKE_FLUSH	U32_MAX

/* BIT(value of EN): the handshake for it is not answered */
#define CMDQV_FAKE_STUCK_OFF	BIT(0)
#define CMDQV_FAKE_STUCK_ON	BIT(1)

/**
 * struct cmdqv_fake_queue - A queue, by its physical number
 * @page0: Its registers in page 0
 * @page1: Its registers in page 1
 * @stuck: Handshakes that it does not answer
 * @late: How often STATUS is still what it was before
 */
struct cmdqv_fake_queue {
	u32 page0[VCMDQ_STRIDE / sizeof(u32)];
	u64 page1[VCMDQ_STRIDE / sizeof(u64)];
	unsigned int stuck;
	unsigned int late;
};

/**
 * struct cmdqv_fake - The hardware, and the driver's idea of it
 * @cmdqv: The driver's state
 * @config: Configuration page
 * @queues: All queues
 * @stuck: Handshakes that CMDQ-V as a whole does not answer
 * @vintf_stuck: Handshakes that each VINTF does not answer
 * @in_guest: HYP_OWN is not to be had
 * @no_phys: A queue that is not allocated has no physical view: it reads as ones
 * @unmapped: Accesses of a logical queue that has no physical one
 * @flush_result: Result of a CMD_SYNC in the SMMU's own queue, unless the SMMU has failed
 * @before_read: Called just before the driver reads from an offset
 * @before_write: The same, before a write
 * @after_write: The same, just after
 * @holds: How often page 0 of a guest is held now
 * @num_holds: How often it was held so far
 * @in_hold: Called while the mappings of page 0 are emptied
 * @waits: How often an answer was waited for, with the full timeout and with another
 * @num_events: Events that were reported
 * @event: The last of them
 * @report_result: Answer of iommufd to an event
 * @depend_result: Answer of iommufd when a queue is to depend on another one
 * @work: The last work that the driver has queued
 * @in_pause: Called while the interrupt handler pauses
 * @at_request_irq: Called when the interrupt is requested; may refuse
 * @at_free_irq: Called when the interrupt is given back
 * @at_synchronize_irq: Called when the end of the interrupt handler is waited for
 * @num_writes: How much of @log is in use
 * @log: Writes in their order
 */
struct cmdqv_fake {
	struct tegra241_cmdqv cmdqv;
	u32 config[CMDQV_PAGE_SIZE / sizeof(u32)];
	struct cmdqv_fake_queue queues[CMDQV_MAX_VCMDQS];
	unsigned int stuck;
	unsigned int vintf_stuck[CMDQV_MAX_VINTFS];
	bool in_guest;
	bool no_phys;
	unsigned int unmapped;
	int flush_result;
	void (*before_read)(u32 offset);
	void (*before_write)(u32 offset, u64 value);
	void (*after_write)(u32 offset, u64 value);
	unsigned int holds;
	unsigned int num_holds;
	void (*in_hold)(void);
	unsigned int waits[2];
	unsigned int num_events;
	struct iommu_vevent_tegra241_cmdqv event;
	int report_result;
	int depend_result;
	struct work_struct *work;
	void (*in_pause)(void);
	int (*at_request_irq)(void);
	void (*at_free_irq)(void);
	void (*at_synchronize_irq)(void);
	unsigned int num_writes;
	struct {
		u32 offset;
		u64 value;
	} log[CMDQV_FAKE_MAX_LOG];
};

/* Registers of the SMMU, in a part of the configuration page that CMDQ-V does not use */
#define CMDQV_FAKE_SMMU		0x8000

/* Version 1, 8 queues, 4 VINTFs, 16 StreamID slots: queues 0 and 1 are the kernel's */
#define CMDQV_FAKE_PARAM	0x4231
#define CMDQV_FAKE_LVCMDQS	2
#define CMDQV_FAKE_VINTFS	4
/* The pages of the whole block, and two for each VINTF */
#define CMDQV_FAKE_SIZE		((3 + 2 * 4) * SZ_64K)

/**
 * struct cmdqv_fake_host - The surroundings of the driver
 * @smmu: The SMMU as it is before the probe
 * @pdev: The platform device of CMDQ-V
 * @adev: The ACPI device of CMDQ-V
 * @physical: The physical device that ACPI knows, if there is one
 * @deferred: Whether a device that is not there may still come
 * @irq: Result of a search for the interrupt
 * @mappings: Of the aperture
 * @dma_left: How many more blocks of memory can be had
 * @dma_blocks: Blocks of memory that the driver has
 * @in_dma_alloc: Called while it gets memory
 * @skip_err: Called while the SMMU's driver repairs a queue
 */
struct cmdqv_fake_host {
	struct arm_smmu_device smmu;
	struct platform_device *pdev;
	struct acpi_device adev;
	struct acpi_device_physical_node physical;
	int deferred;
	int irq;
	int mappings;
	unsigned int dma_left;
	int dma_blocks;
	void (*in_dma_alloc)(void);
	void (*skip_err)(struct arm_smmu_cmdq *cmdq);
};

/* A queue for tests: 256 entries, and what BASE says of it */
#define CMDQV_TEST_VMID		0x5a
#define CMDQV_TEST_PA		0x40200000ULL
#define CMDQV_TEST_BYTES	SZ_4K
#define CMDQV_TEST_BASE		(CMDQV_TEST_PA | 8)

/* Those of the test that is running; tests do not run side by side */
extern struct cmdqv_fake *cmdqv_fake;
extern struct cmdqv_fake_host *cmdqv_host;

/* tegra241-cmdqv-fake.c */
int cmdqv_fake_init(struct kunit *test);
int cmdqv_fake_init_running(struct kunit *test);
void cmdqv_fake_exit(struct kunit *test);
int cmdqv_fake_irq(struct kunit *test);
u32 *cmdqv_fake_alloc_map(unsigned int q);
u32 cmdqv_fake_queue_reg(unsigned int q, unsigned int reg);
u64 cmdqv_fake_queue_base(unsigned int q);
u32 cmdqv_fake_vintf_reg(unsigned int vintf, unsigned int reg);
void cmdqv_fake_guest_enable(unsigned int q, bool on);
struct tegra241_vsmmu *cmdqv_fake_new_vsmmu(struct kunit *test);
struct tegra241_vsmmu *cmdqv_fake_running_vsmmu(struct kunit *test);
void cmdqv_fake_set_error_map(unsigned int vintf, u64 map0, u64 map1);

/* tegra241-cmdqv-fake-host.c */
int cmdqv_fake_host_init(struct kunit *test);
void cmdqv_fake_host_exit(struct kunit *test);
struct device *cmdqv_host_dev(void);
unsigned int cmdqv_host_references(struct device *dev);
void cmdqv_host_set_resource(struct kunit *test, size_t size);
void cmdqv_host_new_smmu(struct device *dev);
struct tegra241_cmdqv *cmdqv_host_probe(struct kunit *test);

#endif
