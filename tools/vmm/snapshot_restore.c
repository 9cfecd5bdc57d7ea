// SPDX-License-Identifier: GPL-2.0
/*
 * Going on with a saved machine. The file is read and checked as a whole before there is a
 * machine; then memory, vCPUs and the interrupt controller get their state, and after them
 * the devices, whose errors are interrupts: the SMMU, whose stream table is in memory, and
 * the CMDQ-V, whose queues execute from then on. No vCPU has run by then, so what fails
 * ends the process with nothing done but invalidations.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmdqv_kvm.h"
#include "smmu.h"
#include "snapshot.h"

/* Beyond guest RAM: registers, and the heads of sections of single blocks */
#define FILE_MAX ((uint64_t)VMM_MAX_RAM_MIB << 21)

static int refuse(const struct snapshot_loaded *loaded, const char *why, int rc)
{
	fprintf(stderr, "vmm: %s: %s\n", loaded->path, why);
	return rc;
}

static int read_file(int fd, struct snapshot_loaded *loaded, uint64_t *length)
{
	struct stat st;
	uint64_t at = 0;
	ssize_t n;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size > FILE_MAX)
		return -EFBIG;
	loaded->file = malloc(st.st_size + 1);
	if (!loaded->file)
		return -ENOMEM;
	/* One byte more, to notice a file that grows */
	while ((n = read(fd, (char *)loaded->file + at, st.st_size + 1 - at)) > 0)
		at += n;
	*length = at;
	return n < 0 ? -errno : 0;
}

int snapshot_load(const char *path, struct snapshot_loaded *loaded)
{
	uint64_t length = 0;
	const char *why;
	int fd, rc;

	*loaded = (struct snapshot_loaded){ .path = path };
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return failed(path, -errno);
	rc = read_file(fd, loaded, &length);
	close(fd);
	if (rc) {
		snapshot_unload(loaded);
		return failed(path, rc);
	}
	why = snapshot_check(loaded->file, length, &loaded->s);
	if (why) {
		rc = refuse(loaded, why, -EINVAL);
		snapshot_unload(loaded);
	}
	return rc;
}

void snapshot_unload(struct snapshot_loaded *loaded)
{
	free(loaded->file);
	loaded->file = NULL;
}

static int restore_memory(struct vmm *vmm, const struct snapshot *s)
{
	const char *at = s->memory;
	struct snapshot_memory m;
	void *to;

	while (snapshot_memory_next(s, &at, &m)) {
		to = ram_at(vmm, m.gpa, m.length);
		if (!to)
			return -EFAULT;
		memcpy(to, m.data, m.length);
	}
	return 0;
}

static int restore_cpus(struct vmm *vmm, const struct snapshot_loaded *loaded)
{
	const struct snapshot *s = &loaded->s;
	unsigned int i;
	int rc = 0;

	for (i = 0; !rc && i < vmm->options.cpus; i++)
		rc = snapshot_cpu_restore(&vmm->cpu[i], s->cpu[i], s->regs[i]);
	if (rc == -EREMCHG)
		return refuse(loaded, "its vCPUs have other registers: it is of another kernel or processor",
			      rc);
	if (rc)
		return failed("restoring a vCPU", rc);
	rc = snapshot_gic_restore(vmm, s->gic);
	for (i = 0; !rc && i < vmm->options.cpus; i++)
		rc = snapshot_gic_cpu_restore(&vmm->cpu[i], s->cpu[i]);
	return rc ? failed("restoring the interrupt controller", rc) : 0;
}

static int restore_devices(struct vmm *vmm, const struct snapshot_loaded *loaded)
{
	const struct snapshot *s = &loaded->s;
	int rc = 0;

	if (s->smmu)
		rc = smmu_restore(vmm, s->smmu);
	if (rc)
		return refuse(loaded, "its SMMU has other ID registers: it is of another host", rc);
	if (s->cmdqv)
		rc = cmdqv_restore(vmm, s->cmdqv, VIOMMU_CMDQV_STATE_LEN);
	return rc ? failed("restoring the CMDQ-V", rc) : 0;
}

/**
 * snapshot_restore() - Have a machine be where a saved one was
 * @vmm: The machine, built with the numbers of the file, not run yet
 * @loaded: The file
 *
 * Return: 0, or -errno, reported.
 */
int snapshot_restore(struct vmm *vmm, const struct snapshot_loaded *loaded)
{
	const struct snapshot *s = &loaded->s;
	int rc = 0;

	/* The guest had given its device back, and gets it when the operator says so */
	if (vmm->device && !(s->head->flags & CONTROL_HAS_DEVICE))
		rc = hotplug_unplug(vmm);
	if (rc)
		return rc;
	if ((s->head->flags & ~SNAPSHOT_ASKED) != snapshot_flags(vmm))
		return refuse(loaded, "it is of a machine with other devices", -ENODEV);
	rc = restore_memory(vmm, s);
	if (rc)
		return failed("restoring memory", rc);
	rc = restore_cpus(vmm, loaded);
	if (!rc)
		rc = restore_devices(vmm, loaded);
	if (rc)
		return rc;
	memcpy(vmm->counts, s->counts->counts, sizeof(vmm->counts));
	memcpy(vmm->begin, s->counts->begin, sizeof(vmm->begin));
	memcpy(vmm->between, s->counts->between, sizeof(vmm->between));
	if (s->head->flags & SNAPSHOT_ASKED)
		vmm->hotplug = HOTPLUG_ASKED;
	vmm->generation = s->head->generation + 1;
	return 0;
}
