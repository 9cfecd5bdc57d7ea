// SPDX-License-Identifier: GPL-2.0
/*
 * Registers of the guest's SMMUv3. The guest is shown no more than the physical
 * SMMU has, and less where this program does nothing for it: no stage 2, no MSI,
 * no stalls, no range invalidation, no substreams.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "smmu.h"

#define REG_IDR(n)		(0x00 + 4 * (n))
#define REG_IIDR		0x18
#define REG_AIDR		0x1c
#define REG_CR0			0x20
#define REG_CR0ACK		0x24
#define REG_CR1			0x28
#define REG_CR2			0x2c
#define REG_GBPA		0x44
#define REG_IRQ_CTRL		0x50
#define REG_IRQ_CTRLACK		0x54
#define REG_GERROR		0x60
#define REG_GERRORN		0x64
#define REG_STRTAB_BASE		0x80
#define REG_STRTAB_BASE_CFG	0x88
#define REG_CMDQ_BASE		0x90
#define REG_CMDQ_PROD		0x98
#define REG_CMDQ_CONS		0x9c
#define REG_EVENTQ_BASE		0xa0
#define REG_EVENTQ_PROD		0x100a8		/* page 1 */
#define REG_EVENTQ_CONS		0x100ac

#define IDR0_S1P		(1U << 1)
#define IDR0_TTF_AARCH64	(2U << 2)
#define IDR0_COHACC		(1U << 4)
#define IDR0_ASID16		(1U << 12)
#define IDR0_TTENDIAN		(3U << 21)
#define IDR0_STALL_NEVER	(1U << 24)
#define IDR0_TERM_MODEL		(1U << 26)
#define IDR0_ST_LEVEL		(3U << 27)
#define IDR1_CMDQS(n)		((n) << 21)
#define IDR1_CMDQS_OF(idr1)	((idr1) >> 21 & 31)
#define IDR1_EVENTQS(n)		((n) << 16)
#define IDR5_OAS		(7U << 0)
#define IDR5_GRAN		(7U << 4)

#define EVENTQ_BITS		7

/* The largest queue that the hardware takes wherever the guest puts it */
static unsigned int largest_queue(struct vmm *vmm)
{
	unsigned int host = IDR1_CMDQS_OF(vmm->iommu->host.idr[1]), cmdqs;
	struct viommu_hw_queue_limits limits;
	struct viommu_memory memory;

	iommu_limits(vmm, &memory, &limits);
	cmdqs = viommu_hw_queue_log2size(&limits);
	if (cmdqs < host)
		fprintf(stderr, "# vmm: queues of 2^%u commands, not 2^%u: a larger one could be refused, as %s\n",
			cmdqs, host,
			viommu_hw_queue_reason_text(viommu_hw_queue_check(&limits, 0, VMM_RAM, 16ULL << (cmdqs + 1))));
	return cmdqs;
}

static void show(struct vmm *vmm)
{
	const struct viommu_smmuv3_info *host = &vmm->iommu->host;
	uint32_t *idr = vmm->smmu->idr;

	vmm->smmu->cmdqs = largest_queue(vmm);
	idr[0] = IDR0_S1P | IDR0_TTF_AARCH64 | IDR0_STALL_NEVER |
		 (host->idr[0] & (IDR0_COHACC | IDR0_ASID16 | IDR0_TTENDIAN |
				  IDR0_TERM_MODEL | IDR0_ST_LEVEL));
	idr[1] = IDR1_CMDQS(vmm->smmu->cmdqs) | IDR1_EVENTQS(EVENTQ_BITS) | SMMU_SIDSIZE;
	idr[5] = host->idr[5] & (IDR5_OAS | IDR5_GRAN);
}

/* The guest's SMMU for as long as it runs */
int smmu_create(struct vmm *vmm)
{
	struct smmu *smmu = calloc(1, sizeof(*smmu));

	if (!smmu)
		return failed("an SMMU", -ENOMEM);
	smmu->gbpa = SMMU_GBPA_ABORT;
	smmu->events.fd = -1;
	vmm->smmu = smmu;
	show(vmm);
	return 0;
}

/* The physical SMMU of a device has to have what the guest has seen; the device gets its stream table entry */
int smmu_plug(struct vmm *vmm)
{
	struct iommu *iommu = vmm->iommu;
	struct smmu *smmu = vmm->smmu;
	const char *field = "";
	int rc;

	rc = viommu_smmuv3_check(&iommu->host, iommu->caps, smmu->idr, &field);
	if (rc)
		return failed(field, rc);
	rc = viommu_batch_new(iommu->ctx, iommu->viommu, &smmu->batch);
	if (rc)
		return failed("a batch of commands", rc);
	rc = iommu_events_open(vmm, VIOMMU_VEVENTQ_ARM_SMMUV3,
			       VIOMMU_EVENT_LEN_ARM_SMMUV3, &smmu->events);
	if (!rc)
		smmu_stream_update(vmm);
	return rc;
}

void smmu_unplug(struct vmm *vmm)
{
	struct smmu *smmu = vmm->smmu;

	if (!smmu)
		return;
	if (iommu_events_fd(&smmu->events) >= 0)
		smmu_events(vmm);
	iommu_events_close(vmm, &smmu->events);
	viommu_batch_free(smmu->batch);
	smmu->batch = NULL;
}

void smmu_destroy(struct vmm *vmm)
{
	struct smmu *smmu = vmm->smmu;

	if (!smmu)
		return;
	smmu_unplug(vmm);
	free(smmu);
	vmm->smmu = NULL;
}

/* Active until the guest writes GERRORN; an edge for each new one */
void smmu_error(struct vmm *vmm, uint32_t error)
{
	struct smmu *smmu = vmm->smmu;

	if ((smmu->gerror ^ smmu->gerrorn) & error)
		return;
	smmu->gerror ^= error;
	if (smmu->irq_ctrl & SMMU_IRQ_GERROR)
		kvm_interrupt_pulse(vmm, VMM_SMMU_GERROR_SPI);
}

static uint64_t read_register(const struct smmu *smmu, uint64_t offset)
{
	switch (offset) {
	case REG_IDR(0) ... REG_IDR(5):
		return smmu->idr[offset / 4];
	case REG_CR0:
	case REG_CR0ACK:
		return smmu->cr0;
	case REG_CR1:
		return smmu->cr1;
	case REG_CR2:
		return smmu->cr2;
	case REG_GBPA:
		return smmu->gbpa;
	case REG_IRQ_CTRL:
	case REG_IRQ_CTRLACK:
		return smmu->irq_ctrl;
	case REG_GERROR:
		return smmu->gerror;
	case REG_GERRORN:
		return smmu->gerrorn;
	case REG_STRTAB_BASE:
		return smmu->strtab_base;
	case REG_STRTAB_BASE_CFG:
		return smmu->strtab_base_cfg;
	case REG_CMDQ_BASE:
		return smmu->cmdq_base;
	case REG_CMDQ_PROD:
		return smmu->cmdq_prod;
	case REG_CMDQ_CONS:
		return smmu->cmdq_cons;
	case REG_EVENTQ_BASE:
		return smmu->eventq_base;
	case REG_EVENTQ_PROD:
		return smmu->eventq_prod;
	case REG_EVENTQ_CONS:
		return smmu->eventq_cons;
	default:
		return 0;
	}
}

/* The upper half of a 64-bit register has no case of its own */
uint64_t smmu_read(struct vmm *vmm, uint64_t offset, unsigned int len)
{
	if (!vmm->smmu || offset % 4 || len < 4)
		return 0;
	switch (offset) {
	case REG_STRTAB_BASE + 4:
	case REG_CMDQ_BASE + 4:
	case REG_EVENTQ_BASE + 4:
		return read_register(vmm->smmu, offset - 4) >> 32;
	default:
		return read_register(vmm->smmu, offset);
	}
}

static void write_cr0(struct vmm *vmm, uint32_t value)
{
	struct smmu *smmu = vmm->smmu;
	uint32_t changed = smmu->cr0 ^ value;

	smmu->cr0 = value & SMMU_CR0_BITS;
	if (changed & SMMU_CR0_SMMUEN)
		smmu_stream_update(vmm);
	if (changed & SMMU_CR0_CMDQEN) {
		smmu->failures = 0;
		smmu_queue_run(vmm);
	}
}

static void write_gbpa(struct vmm *vmm, uint32_t value)
{
	if (!(value & SMMU_GBPA_UPDATE))
		return;
	vmm->smmu->gbpa = value & ~SMMU_GBPA_UPDATE;
	if (!(vmm->smmu->cr0 & SMMU_CR0_SMMUEN))
		smmu_stream_update(vmm);
}

/* Acknowledges errors; a queue that was stopped goes on at CONS */
static void write_gerrorn(struct vmm *vmm, uint32_t value)
{
	struct smmu *smmu = vmm->smmu;

	smmu->gerrorn = value;
	if (!((smmu->gerror ^ smmu->gerrorn) & SMMU_GERROR_CMDQ))
		smmu_queue_run(vmm);
}

static void write_base(uint64_t *base, uint64_t offset, unsigned int len,
		       uint64_t value)
{
	if (len == 8)
		*base = value;
	else if (offset % 8)
		*base = (*base & 0xffffffffULL) | value << 32;
	else
		*base = (*base & ~0xffffffffULL) | (value & 0xffffffffULL);
}

/* Registers that are fixed while the SMMU or a queue of it is on, as the architecture has it */
static void write_tables(struct smmu *smmu, uint64_t offset, unsigned int len,
			 uint64_t value)
{
	bool smmu_on = smmu->cr0 & SMMU_CR0_SMMUEN;
	bool cmdq_on = smmu->cr0 & SMMU_CR0_CMDQEN;
	bool eventq_on = smmu->cr0 & SMMU_CR0_EVENTQEN;

	switch (offset & ~4ULL) {
	case REG_STRTAB_BASE:
		if (!smmu_on)
			write_base(&smmu->strtab_base, offset, len, value);
		break;
	case REG_STRTAB_BASE_CFG:
		if (!smmu_on && !(offset & 4))
			smmu->strtab_base_cfg = value;
		break;
	case REG_CMDQ_BASE:
		if (!cmdq_on)
			write_base(&smmu->cmdq_base, offset, len, value);
		break;
	case REG_EVENTQ_BASE:
		if (!eventq_on)
			write_base(&smmu->eventq_base, offset, len, value);
		break;
	}
}

void smmu_write(struct vmm *vmm, uint64_t offset, unsigned int len,
		uint64_t value)
{
	struct smmu *smmu = vmm->smmu;

	if (!smmu || offset % 4 || len < 4)
		return;
	switch (offset) {
	case REG_CR0:
		write_cr0(vmm, value);
		break;
	case REG_CR1:
		smmu->cr1 = value;
		break;
	case REG_CR2:
		smmu->cr2 = value;
		break;
	case REG_GBPA:
		write_gbpa(vmm, value);
		break;
	case REG_IRQ_CTRL:
		smmu->irq_ctrl = value & SMMU_IRQ_CTRL_BITS;
		break;
	case REG_GERRORN:
		write_gerrorn(vmm, value);
		break;
	case REG_CMDQ_PROD:
		smmu->cmdq_prod = value;
		smmu_queue_run(vmm);
		break;
	case REG_CMDQ_CONS:
		if (!(smmu->cr0 & SMMU_CR0_CMDQEN))
			smmu->cmdq_cons = value;
		break;
	case REG_EVENTQ_PROD:
		if (!(smmu->cr0 & SMMU_CR0_EVENTQEN))
			smmu->eventq_prod = value;
		break;
	case REG_EVENTQ_CONS:
		smmu->eventq_cons = value;
		break;
	default:
		write_tables(smmu, offset, len, value);
	}
}
