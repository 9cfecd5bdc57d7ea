// SPDX-License-Identifier: GPL-2.0
/*
 * Saving a machine whose vCPUs stand still. The order decides what is in the file:
 *
 *   1. Each vCPU completes the access that it left KVM for.
 *   2. The device may not write memory any more, and the hardware gives the queues back:
 *      from here on nothing but this program changes the machine.
 *   3. Errors and events that the kernel still has go to the guest, as interrupts and
 *      into the ring of its SMMU.
 *   4. vCPUs, interrupt controller, SMMU and CMDQ-V are written, memory at the end.
 *
 * The file appears under its name when it is complete. If anything fails, the queues are
 * the guest's again and the device may write: the machine can go on.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmdqv_kvm.h"
#include "device.h"
#include "smmu.h"
#include "snapshot.h"

#define SUFFIX ".part"

/**
 * struct writer - A file that is being written
 * @file: The file
 * @head: Its first bytes, complete at the end
 * @what: The step that failed, if it was not the file
 */
struct writer {
	FILE *file;
	struct snapshot_head head;
	const char *what;
};

/* Bytes without a place in the head's length and checksum */
static int put_bytes(struct writer *w, const void *data, size_t length)
{
	errno = 0;
	if (length && fwrite(data, length, 1, w->file) != 1)
		return errno ? -errno : -EIO;
	return 0;
}

static int put(struct writer *w, const void *data, size_t length)
{
	w->head.crc = snapshot_crc(w->head.crc, data, length);
	w->head.length += length;
	return put_bytes(w, data, length);
}

static int put_padded(struct writer *w, const void *data, size_t length)
{
	static const char zeros[SNAPSHOT_ALIGN];
	int rc = put(w, data, length);

	return rc ? rc : put(w, zeros, snapshot_padding(length));
}

static int put_section_head(struct writer *w, enum snapshot_type type, uint32_t index, uint64_t length)
{
	struct snapshot_section section = { .type = type, .index = index, .length = length };

	return put(w, &section, sizeof(section));
}

static int put_section(struct writer *w, enum snapshot_type type, const void *data, size_t length)
{
	int rc = put_section_head(w, type, 0, length);

	return rc ? rc : put_padded(w, data, length);
}

static int put_counts(struct vmm *vmm, struct writer *w)
{
	struct snapshot_counts counts;

	control_counts(vmm, counts.counts);
	memcpy(counts.begin, vmm->begin, sizeof(counts.begin));
	memcpy(counts.between, vmm->between, sizeof(counts.between));
	return put_section(w, SNAPSHOT_COUNTS, &counts, sizeof(counts));
}

static int put_gic(struct vmm *vmm, struct writer *w)
{
	struct snapshot_gic gic;
	int rc = snapshot_gic_save(vmm, &gic);

	if (rc)
		w->what = "saving the interrupt controller";
	return rc ? rc : put_section(w, SNAPSHOT_GIC, &gic, sizeof(gic));
}

static int put_regs(struct vmm_cpu *cpu, struct writer *w, const uint64_t *ids, uint32_t num)
{
	char value[SNAPSHOT_REG_MAX];
	uint32_t i;
	int rc;

	for (i = 0; i < num; i++) {
		rc = snapshot_cpu_reg_save(cpu, ids[i], value);
		if (rc)
			w->what = "saving a register of a vCPU";
		else
			rc = put(w, &ids[i], sizeof(ids[i]));
		if (!rc)
			rc = put_padded(w, value, 1UL << SNAPSHOT_REG_LOG2(ids[i]));
		if (rc)
			return rc;
	}
	return 0;
}

static int put_cpu_of(struct vmm_cpu *cpu, struct writer *w, const uint64_t *ids, uint32_t num)
{
	struct snapshot_cpu saved = { .num_regs = num };
	uint64_t length = sizeof(saved);
	uint32_t i;
	int rc;

	for (i = 0; i < num; i++) {
		uint64_t bytes = 1ULL << SNAPSHOT_REG_LOG2(ids[i]);

		if (bytes > SNAPSHOT_REG_MAX)
			return -EPROTO;
		length += sizeof(ids[i]) + bytes + snapshot_padding(bytes);
	}
	rc = snapshot_cpu_save(cpu, &saved);
	if (rc)
		w->what = "saving a vCPU";
	else
		rc = put_section_head(w, SNAPSHOT_CPU, cpu->index, length);
	if (!rc)
		rc = put(w, &saved, sizeof(saved));
	return rc ? rc : put_regs(cpu, w, ids, num);
}

static int put_cpu(struct vmm_cpu *cpu, struct writer *w)
{
	uint64_t *ids = NULL;
	int num = snapshot_cpu_list(cpu, &ids);
	int rc = num;

	if (num < 0)
		w->what = "the registers of a vCPU";
	else
		rc = put_cpu_of(cpu, w, ids, num);
	free(ids);
	return rc;
}

static bool block_is_zero(const char *block)
{
	return !block[0] && !memcmp(block, block + 1, SNAPSHOT_BLOCK - 1);
}

/* Runs of blocks that are not zero */
static int put_memory(struct vmm *vmm, struct writer *w)
{
	uint64_t at, first, gpa;
	int rc = 0;

	for (at = 0; !rc && at < vmm->ram.size;) {
		if (block_is_zero(vmm->ram.va + at)) {
			at += SNAPSHOT_BLOCK;
			continue;
		}
		for (first = at; at < vmm->ram.size && !block_is_zero(vmm->ram.va + at);)
			at += SNAPSHOT_BLOCK;
		gpa = VMM_RAM + first;
		rc = put_section_head(w, SNAPSHOT_MEMORY, 0, sizeof(gpa) + at - first);
		if (!rc)
			rc = put(w, &gpa, sizeof(gpa));
		if (!rc)
			rc = put(w, vmm->ram.va + first, at - first);
	}
	return rc;
}

static int put_devices(struct vmm *vmm, struct writer *w)
{
	unsigned char state[VIOMMU_CMDQV_STATE_LEN];
	struct snapshot_smmu smmu;
	int rc = 0;

	if (vmm->smmu) {
		smmu_save(vmm, &smmu);
		rc = put_section(w, SNAPSHOT_SMMU, &smmu, sizeof(smmu));
	}
	if (!rc && vmm->cmdqv) {
		rc = cmdqv_save(vmm, state, sizeof(state));
		if (rc)
			w->what = "saving the CMDQ-V";
		else
			rc = put_section(w, SNAPSHOT_CMDQV, state, sizeof(state));
	}
	return rc;
}

/* The head comes first; that it is complete, and all else is checked by it, is known at the end */
static int put_machine(struct vmm *vmm, struct writer *w)
{
	const size_t first = offsetof(struct snapshot_head, cpus);
	unsigned int i;
	int rc = put_bytes(w, &w->head, first);

	w->head.length = first;
	if (!rc)
		rc = put(w, &w->head.cpus, sizeof(w->head) - first);
	if (!rc)
		rc = put_counts(vmm, w);
	if (!rc)
		rc = put_gic(vmm, w);
	for (i = 0; !rc && i < vmm->options.cpus; i++)
		rc = put_cpu(&vmm->cpu[i], w);
	if (!rc)
		rc = put_devices(vmm, w);
	if (!rc)
		rc = put_memory(vmm, w);
	if (!rc && fseek(w->file, 0, SEEK_SET))
		rc = -errno;
	if (!rc)
		rc = put_bytes(w, &w->head, first);
	if (!rc && (fflush(w->file) || fsync(fileno(w->file))))
		rc = -errno;
	return rc;
}

static int write_file(struct vmm *vmm, const char *part, const char *path)
{
	struct writer w = {
		.head = {
			.magic = SNAPSHOT_MAGIC,
			.version = SNAPSHOT_VERSION,
			.cpus = vmm->options.cpus,
			.ram_mib = vmm->options.ram_mib,
			.flags = snapshot_flags(vmm),
			.generation = vmm->generation,
		},
	};
	int fd, rc;

	/* The memory of the guest is in it: a new file, that its owner alone can read */
	unlink(part);
	fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return failed_again(part, -errno, &vmm->unsaved);
	w.file = fdopen(fd, "w");
	if (w.file) {
		rc = put_machine(vmm, &w);
		if (fclose(w.file) && !rc)
			rc = -errno;
	} else {
		rc = -errno;
		close(fd);
	}
	if (!rc && rename(part, path))
		rc = -errno;
	if (!rc)
		return 0;
	unlink(part);
	return failed_again(w.what ? w.what : path, rc, &vmm->unsaved);
}

/* Nothing changes the machine any more, and what the kernel has for it is in it */
static int quiesce(struct vmm *vmm)
{
	unsigned int i;
	int rc;

	for (i = 0; i < vmm->options.cpus; i++) {
		rc = cpu_complete(&vmm->cpu[i]);
		if (rc)
			return failed_again("completing the last access of a vCPU", rc, &vmm->unsaved);
	}
	if (!vmm->device)
		return 0;
	rc = device_dma(vmm, false);
	if (rc)
		return failed_again("keeping the device from memory", rc, &vmm->unsaved);
	rc = cmdqv_hold(vmm);
	if (rc)
		return failed_again("taking the queues back", rc, &vmm->unsaved);
	/* A queue of events that cannot be read any more has nothing that would be missed */
	if (cmdqv_event_fd(vmm) >= 0)
		cmdqv_events(vmm);
	if (smmu_event_fd(vmm) >= 0)
		smmu_events(vmm);
	return 0;
}

static void resume(struct vmm *vmm)
{
	int rc;

	if (!vmm->device)
		return;
	rc = cmdqv_release(vmm);
	if (rc)
		failed_again("giving the queues back", rc, &vmm->unsaved);
	rc = device_dma(vmm, true);
	if (rc)
		failed_again("letting the device at memory", rc, &vmm->unsaved);
}

/**
 * snapshot_save() - Save a machine
 * @vmm: The machine; its vCPUs stand still
 * @path: File to make
 *
 * Return: 0, after which the machine must not run any more; or -errno, reported, after which it can.
 */
int snapshot_save(struct vmm *vmm, const char *path)
{
	char part[PATH_MAX];
	int rc;

	if (snprintf(part, sizeof(part), "%s" SUFFIX, path) >= (int)sizeof(part))
		return failed_again(path, -ENAMETOOLONG, &vmm->unsaved);
	rc = quiesce(vmm);
	if (!rc)
		rc = write_file(vmm, part, path);
	if (rc)
		resume(vmm);
	return rc;
}
