/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The file of a saved machine, and the check of it. The format is documented in
 * Documentation/arch/arm64/tegra241-cmdqv-snapshot.rst, section 3. Numbers are little
 * endian, and every part begins at a multiple of 8 bytes. Nothing here needs KVM or a
 * device, so that it can be tested on any machine.
 */
#ifndef _VMM_SNAPSHOT_FILE_H
#define _VMM_SNAPSHOT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "machine.h"

#define SNAPSHOT_MAGIC		"VMMSNAP"	/* and a zero byte */
#define SNAPSHOT_VERSION	1
#define SNAPSHOT_ALIGN		8
#define SNAPSHOT_BLOCK		4096		/* memory is saved in multiples of this */

/* The features that the guest sees, and an SMMU, which stays when a device goes */
#define SNAPSHOT_HAS_SMMU	(1U << 3)
/* The guest was asked to give its device back; this is no device */
#define SNAPSHOT_ASKED		(1U << 4)
#define SNAPSHOT_FLAGS		(CONTROL_HAS_DEVICE | CONTROL_HAS_CMDQV | CONTROL_HAS_EVENTS | \
				 SNAPSHOT_HAS_SMMU | SNAPSHOT_ASKED)

/* Words of the distributor, and of one redistributor; snapshot_gic.c has their order */
#define SNAPSHOT_DIST_WORDS	555
#define SNAPSHOT_REDIST_WORDS	16
#define SNAPSHOT_ICC_REGS	15

/* Lengths of a register in bytes; KVM has no longer ones */
#define SNAPSHOT_REG_MAX	256
#define SNAPSHOT_REG_ARCH(id)	((id) >> 56)
#define SNAPSHOT_REG_ARM64	0x60
#define SNAPSHOT_REG_LOG2(id)	((id) >> 52 & 15)

/* Sections, in this order; the last three only with an SMMU, a CMDQ-V, memory that is not zero */
enum snapshot_type {
	SNAPSHOT_COUNTS = 1,
	SNAPSHOT_GIC = 2,
	SNAPSHOT_CPU = 3,
	SNAPSHOT_SMMU = 4,
	SNAPSHOT_CMDQV = 5,
	SNAPSHOT_MEMORY = 6,
};

/**
 * struct snapshot_head - First bytes of the file
 * @magic: SNAPSHOT_MAGIC
 * @version: SNAPSHOT_VERSION
 * @crc: CRC-32 of the file from @cpus on
 * @length: Bytes of the file
 * @cpus: vCPUs
 * @ram_mib: Guest RAM in MiB
 * @flags: SNAPSHOT_FLAGS
 * @generation: How often the machine had been restored
 * @reserved: 0
 */
struct snapshot_head {
	char magic[8];
	uint32_t version;
	uint32_t crc;
	uint64_t length;
	uint32_t cpus;
	uint32_t ram_mib;
	uint32_t flags;
	uint32_t generation;
	uint64_t reserved[3];
};

/**
 * struct snapshot_section - Before each section, which is filled up with zeros
 * @type: enum snapshot_type
 * @index: The vCPU, or 0
 * @length: Bytes that follow, without those that fill up
 */
struct snapshot_section {
	uint32_t type;
	uint32_t index;
	uint64_t length;
};

/* Section COUNTS: struct vmm has the meaning */
struct snapshot_counts {
	uint64_t counts[COUNTS];
	uint64_t begin[COUNTS];
	uint64_t between[COUNTS];
};

/* Section GIC */
struct snapshot_gic {
	uint32_t dist[SNAPSHOT_DIST_WORDS];
};

/**
 * struct snapshot_cpu - Section CPU: a vCPU and its part of the interrupt controller
 * @mp_state: Of KVM: it runs, or is off
 * @num_regs: Registers, each its number, its bytes, and zeros up to a multiple of 8
 * @serror_pending: An SError waits, 0 or 1
 * @serror_has_esr: With a syndrome, 0 or 1
 * @serror_esr: The syndrome
 * @redist: Redistributor
 * @icc: CPU interface
 */
struct snapshot_cpu {
	uint32_t mp_state;
	uint32_t num_regs;
	uint32_t serror_pending;
	uint32_t serror_has_esr;
	uint64_t serror_esr;
	uint32_t redist[SNAPSHOT_REDIST_WORDS];
	uint64_t icc[SNAPSHOT_ICC_REGS];
};

/* Section SMMU: registers as struct smmu has them */
struct snapshot_smmu {
	uint32_t idr[6];
	uint32_t cr0;
	uint32_t cr1;
	uint32_t cr2;
	uint32_t gbpa;
	uint32_t irq_ctrl;
	uint32_t gerror;
	uint32_t gerrorn;
	uint32_t strtab_base_cfg;
	uint32_t cmdq_prod;
	uint32_t cmdq_cons;
	uint32_t eventq_prod;
	uint32_t eventq_cons;
	uint64_t strtab_base;
	uint64_t cmdq_base;
	uint64_t eventq_base;
};

/**
 * struct snapshot - A file that has passed the check; all pointers point into it
 * @head: First bytes
 * @counts: By enum vmm_count
 * @gic: Distributor
 * @cpu: vCPUs
 * @regs: Registers of each of them
 * @smmu: SMMU, or NULL
 * @cmdqv: State of viommu_cmdqv_save(), or NULL
 * @memory: First section of memory
 * @end: End of the file
 */
struct snapshot {
	const struct snapshot_head *head;
	const struct snapshot_counts *counts;
	const struct snapshot_gic *gic;
	const struct snapshot_cpu *cpu[VMM_MAX_CPUS];
	const char *regs[VMM_MAX_CPUS];
	const struct snapshot_smmu *smmu;
	const void *cmdqv;
	const char *memory;
	const char *end;
};

/* A register */
struct snapshot_reg {
	uint64_t id;
	const void *value;
	size_t length;
};

/* Memory that is not zero */
struct snapshot_memory {
	uint64_t gpa;
	const void *data;
	uint64_t length;
};

/*
 * NULL, or the words that say why @length bytes at @file, which is aligned to 8, are no machine
 * that can be restored; @s is valid only with NULL
 */
const char *snapshot_check(const void *file, uint64_t length, struct snapshot *s);

/* The next register from @at on, which moves behind it; as many as num_regs of a vCPU */
struct snapshot_reg snapshot_reg_next(const char **at);

/* The next memory from @at on, which moves behind it; false at the end of the file */
bool snapshot_memory_next(const struct snapshot *s, const char **at, struct snapshot_memory *m);

/* CRC-32 of @length more bytes; the first @crc is 0 */
uint32_t snapshot_crc(uint32_t crc, const void *data, size_t length);

static inline uint64_t snapshot_padding(uint64_t length)
{
	return -length % SNAPSHOT_ALIGN;
}

#endif
