// SPDX-License-Identifier: GPL-2.0
/*
 * The interrupt controller of a saved machine: every register of KVM's GICv3 that a guest
 * can change, and what is pending, as words in the order of the tables below. A machine has
 * no LPIs, and so no tables of them. Registers that set bits are written into a
 * controller in reset state, where all of these are clear.
 */
#include <errno.h>
#include <sys/ioctl.h>

#include "snapshot.h"

/* INTIDs of one word, and up to the first shared one */
#define SHARED		(VMM_GIC_LINES - 32)
#define LINE_LEVEL(id)	(VGIC_LEVEL_INFO_LINE_LEVEL << KVM_DEV_ARM_VGIC_LINE_LEVEL_INFO_SHIFT | (id))

struct words {
	uint32_t group;
	uint32_t first;		/* offset of the register, or INTID */
	uint32_t count;
	uint32_t step;
};

/* The revision of KVM's model comes first: it decides what the others mean */
static const struct words dist[] = {
	{ KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 0x0008, 1, 4 },			/* IIDR */
	{ KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 0x0000, 1, 4 },			/* CTLR */
	{ KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 0x0080 + 4, SHARED / 32, 4 },		/* IGROUPR */
	{ KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 0x0c00 + 8, SHARED / 16, 4 },		/* ICFGR */
	{ KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 0x0400 + 32, SHARED / 4, 4 },		/* IPRIORITYR */
	{ KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 0x6000 + 256, SHARED * 2, 4 },	/* IROUTER */
	{ KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 0x0100 + 4, SHARED / 32, 4 },		/* ISENABLER */
	{ KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, LINE_LEVEL(32), SHARED / 32, 32 },
	{ KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 0x0200 + 4, SHARED / 32, 4 },		/* ISPENDR */
	{ KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 0x0300 + 4, SHARED / 32, 4 },		/* ISACTIVER */
};

static const struct words redist[] = {
	{ KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, 0x00000, 1, 4 },			/* CTLR */
	{ KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, 0x10080, 1, 4 },			/* IGROUPR0 */
	{ KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, 0x10c00, 2, 4 },			/* ICFGR */
	{ KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, 0x10400, 8, 4 },			/* IPRIORITYR */
	{ KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, 0x10100, 1, 4 },			/* ISENABLER0 */
	{ KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, LINE_LEVEL(0), 1, 32 },
	{ KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, 0x10200, 1, 4 },			/* ISPENDR0 */
	{ KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, 0x10300, 1, 4 },			/* ISACTIVER0 */
};

#define ICC(op1, crn, crm, op2) (3 << 14 | (op1) << 11 | (crn) << 7 | (crm) << 3 | (op2))

/* Active priorities of higher number are there only with more than 32 priorities */
static const struct {
	uint32_t reg;
	bool optional;
} icc[SNAPSHOT_ICC_REGS] = {
	{ ICC(0, 12, 12, 5), false },	/* SRE */
	{ ICC(0, 12, 12, 4), false },	/* CTLR */
	{ ICC(0, 4, 6, 0), false },	/* PMR */
	{ ICC(0, 12, 8, 3), false },	/* BPR0 */
	{ ICC(0, 12, 12, 3), false },	/* BPR1 */
	{ ICC(0, 12, 8, 4), false },	/* AP0R0 */
	{ ICC(0, 12, 8, 5), true },
	{ ICC(0, 12, 8, 6), true },
	{ ICC(0, 12, 8, 7), true },
	{ ICC(0, 12, 9, 0), false },	/* AP1R0 */
	{ ICC(0, 12, 9, 1), true },
	{ ICC(0, 12, 9, 2), true },
	{ ICC(0, 12, 9, 3), true },
	{ ICC(0, 12, 12, 6), false },	/* IGRPEN0 */
	{ ICC(0, 12, 12, 7), false },	/* IGRPEN1 */
};

static int transfer(struct vmm *vmm, bool save, uint32_t group, uint64_t attr, const void *value)
{
	struct kvm_device_attr cmd = {
		.group = group,
		.attr = attr,
		.addr = (uintptr_t)value,
	};

	return ioctl(vmm->gic_fd, save ? KVM_GET_DEVICE_ATTR : KVM_SET_DEVICE_ATTR, &cmd) ? -errno : 0;
}

/* Attributes of a vCPU have its affinity in the upper half */
static uint64_t of_cpu(unsigned int index)
{
	return (uint64_t)index << 32;
}

static int words_transfer(struct vmm *vmm, bool save, const struct words *table, unsigned int num,
			  unsigned int cpu, const uint32_t *value)
{
	unsigned int i, n;
	int rc;

	for (i = 0; i < num; i++) {
		for (n = 0; n < table[i].count; n++) {
			rc = transfer(vmm, save, table[i].group,
				      of_cpu(cpu) | (table[i].first + n * table[i].step), value++);
			if (rc)
				return rc;
		}
	}
	return 0;
}

static int icc_save(struct vmm_cpu *cpu, uint64_t values[SNAPSHOT_ICC_REGS])
{
	unsigned int i;
	int rc;

	for (i = 0; i < SNAPSHOT_ICC_REGS; i++) {
		rc = transfer(cpu->vmm, true, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS,
			      of_cpu(cpu->index) | icc[i].reg, &values[i]);
		if (rc && icc[i].optional)
			values[i] = 0;
		else if (rc)
			return rc;
	}
	return 0;
}

static int icc_restore(struct vmm_cpu *cpu, const uint64_t values[SNAPSHOT_ICC_REGS])
{
	unsigned int i;
	int rc;

	for (i = 0; i < SNAPSHOT_ICC_REGS; i++) {
		if (icc[i].optional && !values[i])
			continue;
		rc = transfer(cpu->vmm, false, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS,
			      of_cpu(cpu->index) | icc[i].reg, &values[i]);
		if (rc)
			return rc;
	}
	return 0;
}

int snapshot_gic_save(struct vmm *vmm, struct snapshot_gic *to)
{
	return words_transfer(vmm, true, dist, ARRAY_SIZE(dist), 0, to->dist);
}

int snapshot_gic_restore(struct vmm *vmm, const struct snapshot_gic *from)
{
	return words_transfer(vmm, false, dist, ARRAY_SIZE(dist), 0, from->dist);
}

int snapshot_gic_cpu_save(struct vmm_cpu *cpu, struct snapshot_cpu *to)
{
	int rc = words_transfer(cpu->vmm, true, redist, ARRAY_SIZE(redist), cpu->index, to->redist);

	return rc ? rc : icc_save(cpu, to->icc);
}

int snapshot_gic_cpu_restore(struct vmm_cpu *cpu, const struct snapshot_cpu *from)
{
	int rc = words_transfer(cpu->vmm, false, redist, ARRAY_SIZE(redist), cpu->index, from->redist);

	return rc ? rc : icc_restore(cpu, from->icc);
}
