// SPDX-License-Identifier: GPL-2.0
/*
 * Random calls on virtual IOMMUs, with an oracle.
 *
 * Most calls are valid, many have one error, some are random bytes. The engine has
 * its own record of references between objects, and checks every destruction against
 * it: the destruction must succeed exactly if the object is not held. Unmapping RAM
 * must be refused exactly while a HW queue exists. Memory of a file can be mapped
 * beside RAM at any time, and its charge can move while RAM, which is memory of a
 * process, is unmapped. A refused call must leave nothing; at the end all objects are
 * destroyed in the legal order, which fails if an object is still held. Only errors
 * of the user ABI are permitted.
 *
 * The sequence depends only on the seed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/iommufd.h>

#include "iommu_arguments.h"
#include "viommu_fuzz_core.h"

#define SLOTS		24
#define NO_ID		0x7ffffff0U
#define HISTORY		24
/* Calls between two lines of progress */
#define PROGRESS	10000
#define FILE_PAGES	16
/* Number of places for a file in the IOAS, after RAM */
#define PLACES		8
#define PLACE_SIZE	(64 << 10)

enum slot_kind { FREE, VIOMMU, VDEVICE, VEVENTQ, QUEUE, NESTED, MAPPING, FILE_AREA, KINDS };

/* An object; a mapping of a region or of a file counts as one */
struct slot {
	enum slot_kind kind;
	__u32 id;
	unsigned int users;
	struct slot *on;	/* the vIOMMU */
	struct slot *lower;	/* the queue below */
	unsigned int index;	/* of a queue */
	__u64 offset;		/* region of a vIOMMU, IOVA of a file */
	__u64 length;
	void *va;
	int fd;			/* of a vEVENTQ, -1 once closed */
};

static struct fuzz_target *t;
static struct slot slots[SLOTS], *attached;
static unsigned long counts[32][2], failures, done;
static char history[HISTORY][96];
static __u64 state;
static void *read_only;
static int file;

static __u64 rnd(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1dULL;
}

static unsigned int below(unsigned int n)
{
	return (rnd() >> 33) % n;
}

static int one_in(unsigned int n)
{
	return !below(n);
}

static void fail(const char *what)
{
	unsigned int i;

	printf("not as it should be, call %lu: %s\n", done, what);
	for (i = 0; i < HISTORY; i++)
		if (history[(done + 1 + i) % HISTORY][0])
			printf("  %s\n", history[(done + 1 + i) % HISTORY]);
	failures++;
}

static const int allowed[] = {
	E2BIG, EADDRINUSE, EBADF, EBUSY, EEXIST, EFAULT, EINVAL, EIO, ENOENT, ENOMEM,
	ENOSPC, ENOTTY, ENXIO, EOPNOTSUPP, EOVERFLOW, EPERM, ERANGE,
};

/* Records the result of a call, for the history and the statistics */
static int note(unsigned int op, const char *name, __u32 a, __u64 b, int rc)
{
	unsigned int i;

	snprintf(history[done % HISTORY], sizeof(history[0]), "%s %u 0x%llx: %d",
		 name, a, (unsigned long long)b, rc);
	counts[op][rc < 0]++;
	if (rc >= 0)
		return rc;
	for (i = 0; i < ARRAY_SIZE(allowed); i++)
		if (rc == -allowed[i])
			return rc;
	fail("an error that the user ABI does not name");
	return rc;
}

static int call(unsigned long request, void *cmd)
{
	return ioctl(t->fd, request, cmd) ? -errno : 0;
}

/* Sometimes a command whose response cannot be written: it must leave nothing */
static int call_maybe_read_only(unsigned long request, void *cmd, size_t size)
{
	int rc;

	if (!one_in(16))
		return call(request, cmd);
	if (mprotect(read_only, 4096, PROT_READ | PROT_WRITE))
		abort();
	memcpy(read_only, cmd, size);
	if (mprotect(read_only, 4096, PROT_READ))
		abort();
	rc = call(request, read_only);
	if (!rc)
		fail("success without a response");
	return rc;
}

static struct slot *find_free(void)
{
	unsigned int i;

	for (i = 0; i < SLOTS; i++)
		if (slots[i].kind == FREE)
			return &slots[i];
	return NULL;
}

static struct slot *pick(enum slot_kind kind)
{
	unsigned int i, start = below(SLOTS);

	for (i = 0; i < SLOTS; i++)
		if (slots[(start + i) % SLOTS].kind == kind)
			return &slots[(start + i) % SLOTS];
	return NULL;
}

/* An ID, mostly the right one */
static __u32 some_id(const struct slot *right)
{
	switch (below(24)) {
	case 0:
		return NO_ID;
	case 1:
		return rnd();
	case 2:
		return slots[below(SLOTS)].id;
	case 3:
		return t->dev;
	default:
		return right ? right->id : NO_ID;
	}
}

/* A value, mostly the right one */
static __u64 some(__u64 right)
{
	switch (below(32)) {
	case 0:
		return rnd();
	case 1:
		return 0;
	case 2:
		return ~0ULL;
	case 3:
		return right + 1;
	case 4:
		return right ^ 1ULL << below(64);
	default:
		return right;
	}
}

static struct slot *add(enum slot_kind kind, __u32 id, struct slot *on)
{
	struct slot *slot = find_free();

	/* step() ensures that there is one */
	if (!slot)
		abort();
	memset(slot, 0, sizeof(*slot));
	slot->kind = kind;
	slot->id = id;
	slot->on = on;
	slot->fd = -1;
	if (on)
		on->users++;
	return slot;
}

static struct slot *by_id(enum slot_kind kind, __u32 id)
{
	unsigned int i;

	for (i = 0; i < SLOTS; i++)
		if (slots[i].kind == kind && slots[i].id == id)
			return &slots[i];
	fail("success with the ID of no such object");
	return NULL;
}

static void op_viommu(unsigned int op)
{
	__u8 data[FUZZ_DATA_MAX] = { 0 };
	struct iommu_viommu_alloc cmd = {
		.size = sizeof(cmd),
		.flags = some(0),
		.type = some(t->viommu_type),
		.dev_id = some(t->dev),
		.hwpt_id = some(t->parent),
		.data_len = some(t->viommu_len),
		.data_uptr = one_in(32) ? 8 : (uintptr_t)data,
	};
	struct slot *slot;

	/* Driver data may be shorter or longer; additional bytes must be 0 */
	if (cmd.data_len > sizeof(data))
		cmd.data_len = sizeof(data);
	if (note(op, "viommu", cmd.type, cmd.data_len,
		 call_maybe_read_only(IOMMU_VIOMMU_ALLOC, &cmd, sizeof(cmd))))
		return;
	slot = add(VIOMMU, cmd.out_viommu_id, NULL);
	if (cmd.type == t->viommu_type && cmd.data_len) {
		memcpy(&slot->offset, data + t->offset_at, sizeof(slot->offset));
		memcpy(&slot->length, data + t->length_at, sizeof(slot->length));
	}
}

static void op_vdevice(unsigned int op)
{
	struct iommu_vdevice_alloc cmd = {
		.size = sizeof(cmd),
		.viommu_id = some_id(pick(VIOMMU)),
		.dev_id = some(t->dev),
		.virt_id = some(below(4)),
	};
	struct slot *on;

	if (note(op, "vdevice", cmd.viommu_id, cmd.virt_id,
		 call_maybe_read_only(IOMMU_VDEVICE_ALLOC, &cmd, sizeof(cmd))))
		return;
	if (pick(VDEVICE))
		fail("a second vDEVICE of one device");
	on = by_id(VIOMMU, cmd.viommu_id);
	add(VDEVICE, cmd.out_vdevice_id, on);
}

static void op_veventq(unsigned int op)
{
	struct iommu_veventq_alloc cmd = {
		.size = sizeof(cmd),
		.flags = some(0),
		.viommu_id = some_id(pick(VIOMMU)),
		.type = some(t->veventq_type),
		.veventq_depth = some(1 + below(8)),
	};
	struct slot *slot;

	if (note(op, "veventq", cmd.viommu_id, cmd.veventq_depth,
		 call_maybe_read_only(IOMMU_VEVENTQ_ALLOC, &cmd, sizeof(cmd))))
		return;
	slot = add(VEVENTQ, cmd.out_veventq_id, by_id(VIOMMU, cmd.viommu_id));
	slot->fd = cmd.out_veventq_fd;
	slot->users = 1;
}

static struct slot *queue_at(const struct slot *on, unsigned int index)
{
	unsigned int i;

	for (i = 0; i < SLOTS; i++)
		if (slots[i].kind == QUEUE && slots[i].on == on &&
		    slots[i].index == index)
			return &slots[i];
	return NULL;
}

static void op_queue(unsigned int op)
{
	struct slot *on = pick(VIOMMU), *slot;
	struct iommu_hw_queue_alloc cmd = {
		.size = sizeof(cmd),
		.flags = some(0),
		.viommu_id = some_id(on),
		.type = some(t->queue_type),
		.index = some(on && queue_at(on, 0) ? 1 : 0),
		.nesting_parent_iova = some(t->iova),
		.length = some(t->queue_bytes),
	};

	if (note(op, "queue", cmd.index, cmd.nesting_parent_iova,
		 call_maybe_read_only(IOMMU_HW_QUEUE_ALLOC, &cmd, sizeof(cmd))))
		return;
	on = by_id(VIOMMU, cmd.viommu_id);
	if (queue_at(on, cmd.index))
		fail("two queues with one index");
	slot = add(QUEUE, cmd.out_hw_queue_id, on);
	slot->index = cmd.index;
	if (!cmd.index)
		return;
	slot->lower = queue_at(on, cmd.index - 1);
	if (slot->lower)
		slot->lower->users++;
	else
		fail("a queue above none");
}

static void op_nested(unsigned int op)
{
	__u8 data[FUZZ_DATA_MAX];
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.flags = some(0),
		.dev_id = some(t->dev),
		.pt_id = some_id(pick(VIOMMU)),
		.data_type = some(t->nested_type),
		.data_len = some(t->nested_len),
		.data_uptr = (uintptr_t)data,
	};
	struct iommu_destroy undo = { .size = sizeof(undo) };
	__u32 id;

	memcpy(data, t->nested, sizeof(data));
	if (one_in(8))
		data[below(t->nested_len)] ^= 1 << below(8);
	if (cmd.data_len > sizeof(data))
		cmd.data_len = sizeof(data);
	if (note(op, "nested", cmd.pt_id, cmd.data_len,
		 call_maybe_read_only(IOMMU_HWPT_ALLOC, &cmd, sizeof(cmd))))
		return;
	/* Also on the parent or the IOAS; that result is ignored */
	id = cmd.out_hwpt_id;
	if (cmd.pt_id != t->parent && cmd.pt_id != t->ioas) {
		add(NESTED, id, by_id(VIOMMU, cmd.pt_id));
		return;
	}
	undo.id = id;
	if (call(IOMMU_DESTROY, &undo))
		fail("an HWPT that cannot be destroyed");
}

static void op_invalidate(unsigned int op)
{
	__u8 data[8 * FUZZ_DATA_MAX] = { 0 };
	__u32 num = below(9), i;
	struct iommu_hwpt_invalidate cmd = {
		.size = sizeof(cmd),
		.hwpt_id = some_id(pick(VIOMMU)),
		.data_uptr = one_in(32) ? 8 : (uintptr_t)data,
		.data_type = some(t->inv_type),
		.entry_len = some(t->inv_len),
		.entry_num = num,
	};
	int rc;

	for (i = 0; i < num; i++)
		t->invalidation(data + i * t->inv_len, below(4));
	if (one_in(4))
		data[below(8 * t->inv_len)] ^= 1 << below(8);
	if (cmd.entry_len > FUZZ_DATA_MAX)
		cmd.entry_len = FUZZ_DATA_MAX;
	rc = note(op, "invalidate", cmd.hwpt_id, num,
		  call(IOMMU_HWPT_INVALIDATE, &cmd));
	if (cmd.entry_num > num || (!rc && cmd.entry_num != num))
		fail("number of invalidations executed");
}

static void op_mmap(unsigned int op)
{
	struct slot *on = pick(VIOMMU), *slot;
	__u64 offset = some(on ? on->offset : 0);
	size_t length = one_in(4) ? 4096 * (1 + below(32)) : on ? on->length : 4096;
	int prot = one_in(8) ? below(8) : PROT_READ | PROT_WRITE;
	int flags = one_in(8) ? MAP_PRIVATE : MAP_SHARED;
	void *va = mmap(NULL, length ?: 4096, prot, flags, t->fd, offset);
	unsigned int i;

	if (note(op, "mmap", prot, offset, va == MAP_FAILED ? -errno : 0))
		return;
	if (flags == MAP_PRIVATE || prot & PROT_EXEC)
		fail("a mapping that must not be");
	if (prot & PROT_READ)
		*(volatile __u32 *)va;
	for (i = 0; i < SLOTS; i++)
		if (slots[i].kind == VIOMMU && slots[i].offset == offset &&
		    slots[i].length >= length)
			break;
	if (!offset || i == SLOTS) {
		fail("a mapping of no region");
		munmap(va, length);
		return;
	}
	slot = add(MAPPING, NO_ID, &slots[i]);
	slot->va = va;
	slot->length = length;
}

static void detach(void)
{
	if (t->detach(t))
		fail("detach");
	if (attached)
		attached->users--;
	attached = NULL;
}

static void op_attach(unsigned int op)
{
	struct slot *to = pick(NESTED);

	if (!to || one_in(3)) {
		detach();
		return;
	}
	if (note(op, "attach", to->id, 0, t->attach(t, to->id)))
		return;
	if (attached)
		attached->users--;
	attached = to;
	to->users++;
}

static void op_event(unsigned int op)
{
	struct slot *slot = pick(VEVENTQ);
	struct pollfd p = { .events = POLLIN };
	char data[512];
	ssize_t n;

	if (t->trigger)
		t->trigger(t);
	if (!slot || slot->fd < 0)
		return;
	if (one_in(16)) {
		close(slot->fd);
		slot->fd = -1;
		slot->users--;
		return;
	}
	p.fd = slot->fd;
	if (poll(&p, 1, 0) < 0)
		fail("poll");
	n = read(slot->fd, one_in(32) ? (void *)8 : data, below(sizeof(data)));
	note(op, "read", slot->id, n, n < 0 ? -errno : 0);
	if (n > 0 && !(p.revents & POLLIN))
		fail("an event that poll did not tell of");
}

static int unmap_ram(void)
{
	struct iommu_ioas_unmap cmd = {
		.size = sizeof(cmd),
		.ioas_id = t->ioas,
		.iova = t->iova,
		.length = t->length,
	};

	return call(IOMMU_IOAS_UNMAP, &cmd);
}

static int map_ram(void)
{
	struct iommu_ioas_map cmd = {
		.size = sizeof(cmd),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE |
			 IOMMU_IOAS_MAP_WRITEABLE,
		.ioas_id = t->ioas,
		.user_va = (uintptr_t)t->ram,
		.length = t->length,
		.iova = t->iova,
	};

	return call(IOMMU_IOAS_MAP, &cmd);
}

static void op_unmap(unsigned int op)
{
	int rc = note(op, "unmap", t->ioas, t->iova, unmap_ram());

	if (rc != (pick(QUEUE) ? -EBUSY : 0))
		fail("unmapping RAM, with queues on it or not");
	if (!rc && map_ram())
		fail("mapping RAM again");
}

static __u64 place(unsigned int n)
{
	return ((t->iova + t->length) | ((64 << 20) - 1)) + 1 + n * PLACE_SIZE;
}

static struct slot *file_at(__u64 iova)
{
	unsigned int i;

	for (i = 0; i < SLOTS; i++)
		if (slots[i].kind == FILE_AREA && slots[i].offset == iova)
			return &slots[i];
	return NULL;
}

static void op_map_file(unsigned int op)
{
	__u64 start = below(FILE_PAGES), length = 1 + below(FILE_PAGES - start);
	struct iommu_ioas_map_file cmd = {
		.size = sizeof(cmd),
		.flags = some(IOMMU_IOAS_MAP_FIXED_IOVA |
			      IOMMU_IOAS_MAP_READABLE |
			      IOMMU_IOAS_MAP_WRITEABLE),
		.ioas_id = some(t->ioas),
		.fd = some(file),
		.start = some(start * 4096),
		.length = some(length * 4096),
		.iova = some(place(below(PLACES))),
	};
	struct iommu_ioas_unmap undo = {
		.size = sizeof(undo),
		.ioas_id = t->ioas,
	};
	struct slot *slot;
	int rc;

	rc = note(op, "map file", cmd.flags, cmd.iova,
		  call_maybe_read_only(IOMMU_IOAS_MAP_FILE, &cmd, sizeof(cmd)));
	if (rc)
		return;
	if (cmd.start + cmd.length > FILE_PAGES * 4096)
		fail("more than the file has was mapped");
	if (file_at(cmd.iova))
		fail("two files at one IOVA");
	if (cmd.iova >= place(0) && cmd.iova < place(PLACES) &&
	    !(cmd.iova % PLACE_SIZE)) {
		slot = add(FILE_AREA, NO_ID, NULL);
		slot->offset = cmd.iova;
		slot->length = cmd.length;
		return;
	}
	/* At another place it might overlap RAM */
	undo.iova = cmd.iova;
	undo.length = cmd.length;
	if (call(IOMMU_IOAS_UNMAP, &undo))
		fail("unmapping a file");
}

static void unmap_file(unsigned int op, struct slot *slot)
{
	struct iommu_ioas_unmap cmd = {
		.size = sizeof(cmd),
		.ioas_id = t->ioas,
		.iova = slot->offset,
		.length = slot->length,
	};

	if (note(op, "unmap file", t->ioas, cmd.iova,
		 call(IOMMU_IOAS_UNMAP, &cmd)) ||
	    cmd.length != slot->length)
		fail("unmapping a file");
}

/* RAM is memory of a process, so it must be unmapped first, which is impossible with queues */
static void op_change_process(unsigned int op)
{
	struct iommu_ioas_change_process cmd = {
		.size = sizeof(cmd),
		.__reserved = some(0),
	};
	int ram = pick(QUEUE) || one_in(2), rc;

	if (!ram && unmap_ram())
		fail("unmapping RAM without queues");
	rc = note(op, "change process", cmd.__reserved, ram,
		  call(IOMMU_IOAS_CHANGE_PROCESS, &cmd));
	if (rc != (cmd.__reserved ? -EOPNOTSUPP : ram ? -EINVAL : 0))
		fail("changing the process, with RAM or without");
	if (!ram && map_ram())
		fail("mapping RAM again");
}

static void op_info(unsigned int op)
{
	__u8 data[128];
	struct iommu_hw_info cmd = {
		.size = sizeof(cmd),
		.flags = some(IOMMU_HW_INFO_FLAG_INPUT_TYPE),
		.dev_id = some(t->dev),
		.data_len = below(sizeof(data)),
		.data_uptr = (uintptr_t)data,
		.in_data_type = below(5),
	};

	note(op, "info", cmd.in_data_type, cmd.data_len,
	     call(IOMMU_GET_HW_INFO, &cmd));
}

/* Random bytes as a command: no object has such IDs, so it must fail */
static void op_noise(unsigned int op)
{
	__u32 cmd[16];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cmd); i++)
		cmd[i] = rnd() | 0x40000000;
	if (!one_in(4))
		cmd[0] = 4 * below(ARRAY_SIZE(cmd));
	if (!note(op, "noise", cmd[0], 0,
		  call(_IO(IOMMUFD_TYPE, 0x90 + below(5)), cmd)))
		fail("noise was taken for a command");
}

static void forget(struct slot *slot)
{
	if (slot->on)
		slot->on->users--;
	if (slot->lower)
		slot->lower->users--;
	if (slot->fd >= 0)
		close(slot->fd);
	slot->kind = FREE;
}

static void destroy(unsigned int op, struct slot *slot)
{
	struct iommu_destroy cmd = { .size = sizeof(cmd), .id = slot->id };
	int rc;

	if (slot->kind == MAPPING) {
		if (munmap(slot->va, slot->length))
			fail("munmap");
		forget(slot);
		return;
	}
	if (slot->kind == FILE_AREA) {
		unmap_file(op, slot);
		forget(slot);
		return;
	}
	rc = note(op, "destroy", slot->kind, slot->id, call(IOMMU_DESTROY, &cmd));
	if (rc != (slot->users ? -EBUSY : 0))
		fail("destroying an object, used or not");
	if (!rc)
		forget(slot);
}

static void op_destroy(unsigned int op)
{
	struct iommu_destroy cmd = { .size = sizeof(cmd), .id = NO_ID };
	struct slot *slot = &slots[below(SLOTS)];

	if (slot->kind != FREE)
		destroy(op, slot);
	else if (note(op, "destroy", 0, NO_ID, call(IOMMU_DESTROY, &cmd)) != -ENOENT)
		fail("destroying nothing");
}

static const struct {
	const char *name;
	void (*op)(unsigned int op);
	unsigned int weight;
	int adds;
} ops[] = {
	{ "attach", op_attach, 6, 0 },
	{ "DESTROY", op_destroy, 30, 0 },
	{ "GET_HW_INFO", op_info, 2, 0 },
	{ "HW_QUEUE_ALLOC", op_queue, 15, 1 },
	{ "HWPT_ALLOC", op_nested, 8, 1 },
	{ "HWPT_INVALIDATE", op_invalidate, 12, 0 },
	{ "IOAS_CHANGE_PROCESS", op_change_process, 2, 0 },
	{ "IOAS_MAP_FILE", op_map_file, 8, 1 },
	{ "IOAS_UNMAP", op_unmap, 1, 0 },
	{ "VDEVICE_ALLOC", op_vdevice, 10, 1 },
	{ "VEVENTQ_ALLOC", op_veventq, 10, 1 },
	{ "VIOMMU_ALLOC", op_viommu, 8, 1 },
	{ "mmap", op_mmap, 10, 1 },
	{ "noise", op_noise, 6, 0 },
	{ "read", op_event, 12, 0 },
};

static void step(void)
{
	unsigned int i, n, sum = 0;

	for (i = 0; i < ARRAY_SIZE(ops); i++)
		sum += ops[i].weight;
	n = below(sum);
	for (i = 0; n >= ops[i].weight; i++)
		n -= ops[i].weight;
	if (ops[i].adds && !find_free())
		ops[1].op(1);
	else
		ops[i].op(i);
	done++;
}

/* Destroy all objects in the legal order; then nothing may hold the nesting parent */
static void clean_up(void)
{
	static const enum slot_kind order[] = { FILE_AREA, MAPPING, NESTED, VDEVICE,
					       VEVENTQ };
	struct iommu_destroy cmd = { .size = sizeof(cmd), .id = t->parent };
	unsigned int i, k;

	detach();
	for (k = 0; k < ARRAY_SIZE(order); k++)
		for (i = 0; i < SLOTS; i++) {
			if (slots[i].kind != order[k])
				continue;
			if (slots[i].fd >= 0) {
				close(slots[i].fd);
				slots[i].fd = -1;
				slots[i].users--;
			}
			destroy(1, &slots[i]);
		}
	while (pick(QUEUE) && !failures)
		for (i = 0; i < SLOTS; i++)
			if (slots[i].kind == QUEUE && !slots[i].users)
				destroy(1, &slots[i]);
	for (i = 0; i < SLOTS; i++)
		if (slots[i].kind == VIOMMU)
			destroy(1, &slots[i]);
	if (call(IOMMU_DESTROY, &cmd))
		fail("something still holds the nesting parent");
}

/* 0 if all @calls random calls on @target had a permitted result */
int fuzz_run(struct fuzz_target *target, __u64 seed, unsigned long calls)
{
	unsigned int i;

	t = target;
	state = seed * 0x9e3779b97f4a7c15ULL | 1;
	read_only = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	file = memfd_create("fuzz", MFD_CLOEXEC);
	if (read_only == MAP_FAILED || file < 0 ||
	    ftruncate(file, FILE_PAGES * 4096))
		return 1;
	while (done < calls && failures < 5) {
		step();
		if (!(done % PROGRESS))
			printf("%lu calls so far\n", done);
	}
	clean_up();

	printf("seed %llu, %lu calls\n", (unsigned long long)seed, done);
	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		printf("%-20s %10lu done %10lu refused\n", ops[i].name, counts[i][0],
		       counts[i][1]);
		/* Random bytes never succeed; every other operation must both succeed and fail */
		if (calls >= 10000 && ((!counts[i][0] && ops[i].op != op_noise) ||
				       !counts[i][1]))
			fail("one of the calls never succeeded, or was never refused");
	}
	return !!failures;
}

/* [SEED [CALLS]] */
void fuzz_arguments(int argc, char **argv, __u64 *seed, unsigned long *calls)
{
	arguments_at_most(argc, 2, "[SEED [CALLS]]");
	*seed = argc > 1 ? argument_number(argv[1], "SEED", 0, UINT64_MAX) : 1;
	*calls = argc > 2 ? argument_number(argv[2], "CALLS", 1, ULONG_MAX) : 100000;
	setvbuf(stdout, NULL, _IOLBF, 0);
}
