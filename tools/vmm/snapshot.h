/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Saving a machine to a file, and going on with it in another process:
 *
 *   snapshot_save.c     from a machine whose vCPUs stand still to the file
 *   snapshot_restore.c  from the file to a machine that has not run yet
 *   snapshot_cpu.c      a vCPU
 *   snapshot_gic.c      the interrupt controller
 *   snapshot_file.c     the format, and the check of it
 *
 * Each calls only those below it.
 */
#ifndef _VMM_SNAPSHOT_H
#define _VMM_SNAPSHOT_H

#include "snapshot_file.h"
#include "vmm.h"

/**
 * struct snapshot_loaded - A file in memory
 * @path: Its name
 * @file: Its bytes
 * @s: Parts of the file
 */
struct snapshot_loaded {
	const char *path;
	void *file;
	struct snapshot s;
};

static inline uint32_t snapshot_flags(struct vmm *vmm)
{
	return control_features(vmm) | (vmm->smmu ? SNAPSHOT_HAS_SMMU : 0) |
	       (vmm->hotplug == HOTPLUG_ASKED ? SNAPSHOT_ASKED : 0);
}

/* snapshot_save.c */
int snapshot_save(struct vmm *vmm, const char *path);

/* snapshot_restore.c: read and check the file; make the machine go on where it was; forget it */
int snapshot_load(const char *path, struct snapshot_loaded *loaded);
int snapshot_restore(struct vmm *vmm, const struct snapshot_loaded *loaded);
void snapshot_unload(struct snapshot_loaded *loaded);

/* snapshot_cpu.c; the number of registers of a vCPU, or -errno */
int snapshot_cpu_list(struct vmm_cpu *cpu, uint64_t **ids);
int snapshot_cpu_save(struct vmm_cpu *cpu, struct snapshot_cpu *to);
int snapshot_cpu_reg_save(struct vmm_cpu *cpu, uint64_t id, void *value);
int snapshot_cpu_restore(struct vmm_cpu *cpu, const struct snapshot_cpu *from, const char *regs);

/* snapshot_gic.c */
int snapshot_gic_save(struct vmm *vmm, struct snapshot_gic *to);
int snapshot_gic_restore(struct vmm *vmm, const struct snapshot_gic *from);
int snapshot_gic_cpu_save(struct vmm_cpu *cpu, struct snapshot_cpu *to);
int snapshot_gic_cpu_restore(struct vmm_cpu *cpu, const struct snapshot_cpu *from);

#endif
