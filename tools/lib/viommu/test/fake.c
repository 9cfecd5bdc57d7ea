// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * The scripted kernel. Its rules are the kernel's: queues are made in ascending
 * and destroyed in descending order, and their registers are there only while
 * they exist. Page 0 may be in the guest only while there is a queue, and what
 * the guest does there nobody traps: without a queue it reads 0 and loses writes.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "fake.h"

static void say(struct fake *f, const char *format, ...)
{
	va_list args;
	int n;

	if (f->len && f->len < sizeof(f->log) - 1)
		f->log[f->len++] = ' ';
	va_start(args, format);
	n = vsnprintf(f->log + f->len, sizeof(f->log) - f->len, format, args);
	va_end(args);
	if (n < 0 || f->len + n >= sizeof(f->log)) {
		puts("# the log of the fake kernel is too short");
		exit(1);
	}
	f->len += n;
}

const char *fake_log(struct fake *f)
{
	f->log[f->len] = 0;
	f->len = 0;
	return f->log;
}

static int fake_alloc(void *kernel, uint32_t index, uint64_t addr, uint64_t length,
		      uint32_t *id)
{
	struct fake *f = kernel;
	struct fake_queue *q = &f->queues[index];

	if (q->exists || (index && !f->queues[index - 1].exists))
		say(f, "BUG(alloc%u)", index);
	if (f->alloc_err[index]) {
		say(f, "alloc%u!", index);
		return f->alloc_err[index];
	}
	say(f, "alloc%u", index);
	q->exists = true;
	q->id = f->next_id++;
	q->addr = addr;
	q->length = length;
	memset(q->regs, 0, sizeof(q->regs));
	q->regs[R_GERROR] = q->next_gerror;
	q->regs[R_GERRORN] = q->next_gerror;
	*id = q->id;
	return 0;
}

static int fake_destroy(void *kernel, uint32_t id)
{
	struct fake *f = kernel;
	uint32_t index;

	for (index = 0; index < VIOMMU_CMDQV_QUEUES; index++)
		if (f->queues[index].exists && f->queues[index].id == id)
			break;
	if (index == VIOMMU_CMDQV_QUEUES) {
		say(f, "BUG(destroy id %u)", id);
		return -ENOENT;
	}
	if (index + 1 < VIOMMU_CMDQV_QUEUES && f->queues[index + 1].exists)
		say(f, "BUG(destroy%u)", index);
	if (f->mapped)
		say(f, "BUG(mapped)");
	if (f->destroy_err[index]) {
		say(f, "destroy%u!", index);
		return f->destroy_err[index];
	}
	say(f, "destroy%u", index);
	f->queues[index].exists = false;
	return 0;
}

static bool page0_valid(struct fake *f, uint32_t offset)
{
	uint32_t index = offset / 0x80;

	if (index < VIOMMU_CMDQV_QUEUES && offset % 0x80 / 4 < R_NUM && offset % 4 == 0 &&
	    f->queues[index].exists)
		return true;
	say(f, "BUG(page 0 offset 0x%x)", offset);
	return false;
}

static uint32_t fake_page0_read(void *kernel, uint32_t offset)
{
	struct fake *f = kernel;

	return page0_valid(f, offset) ? fake_hw_read(f, offset / 0x80, offset % 0x80 / 4) : 0;
}

static void fake_page0_write(void *kernel, uint32_t offset, uint32_t value)
{
	static const char names[R_NUM] = { 'c', 'p', 'e', 's', 'g', 'n' };
	struct fake *f = kernel;
	uint32_t reg = offset % 0x80 / 4;

	if (!page0_valid(f, offset))
		return;
	if (reg == R_STATUS || reg == R_GERROR)
		say(f, "BUG(write of a register that is only read)");
	if (!f->registers_unlogged)
		say(f, "%c%u=%x", names[reg], offset / 0x80, value);
	fake_hw_write(f, offset / 0x80, reg, value);
}

static int fake_map(void *host, void *page0)
{
	struct fake *f = host;

	if (f->mapped || !f->queues[0].exists || page0 != f)
		say(f, "BUG(map)");
	say(f, f->map_err ? "map!" : "map");
	f->mapped = !f->map_err;
	return f->map_err;
}

static void fake_unmap(void *host)
{
	struct fake *f = host;

	if (!f->mapped)
		say(f, "BUG(unmap)");
	say(f, "unmap");
	f->mapped = false;
}

static void fake_interrupt(void *host)
{
	struct fake *f = host;

	say(f, "irq");
	f->irqs++;
}

static void fake_error(void *host, const struct viommu_cmdqv_error *error)
{
	struct fake *f = host;

	say(f, "err(%u,%d,%d)", error->reason, error->err, (int)error->index);
	f->error = *error;
}

const struct viommu_cmdqv_host_ops fake_host_ops = {
	.size = sizeof(fake_host_ops),
	.error = fake_error,
	.interrupt = fake_interrupt,
	.map_page0 = fake_map,
	.unmap_page0 = fake_unmap,
};

const struct viommu_cmdqv_kernel_ops fake_kernel_ops = {
	.size = sizeof(fake_kernel_ops),
	.page0_read = fake_page0_read,
	.page0_write = fake_page0_write,
	.queue_alloc = fake_alloc,
	.queue_destroy = fake_destroy,
};

void fake_init_size(struct fake *f, uint32_t max_log2size)
{
	struct viommu_cmdqv_config config = {
		.size = sizeof(config),
		.max_log2size = max_log2size,
		.host_ops = &fake_host_ops,
		.host = f,
		.page0 = f,
		.page0_length = VIOMMU_CMDQV_PAGE_SIZE,
		.kernel_ops = &fake_kernel_ops,
		.kernel = f,
	};

	memset(f, 0, sizeof(*f));
	f->next_id = 100;
	f->budget = UINT64_MAX;
	memset(f->memory, '.', sizeof(f->memory));
	EQUAL(viommu_cmdqv_new(&config, &f->cmdqv), 0);
	TEXT(fake_log(f), "");
}

void fake_init(struct fake *f)
{
	fake_init_size(f, VIOMMU_CMDQV_ANY_SIZE);
}

void fake_exit(struct fake *f)
{
	memset(f->destroy_err, 0, sizeof(f->destroy_err));
	EQUAL(viommu_cmdqv_free(f->cmdqv), 0);
	EQUAL(f->mapped, 0);
	for (uint32_t i = 0; i < VIOMMU_CMDQV_QUEUES; i++)
		EQUAL(f->queues[i].exists, 0);
}

/* Is there a register of a queue in the memory that the guest has mapped? */
static bool direct_register(const struct fake *f, uint64_t offset, unsigned int size,
			    uint32_t *index, uint32_t *reg)
{
	uint64_t slot = (offset - A_LOGICAL(0, 0)) / 0x80;

	*index = (uint32_t)slot;
	*reg = offset % 0x80 / 4;
	return size == 4 && offset % 4 == 0 && slot < VIOMMU_CMDQV_QUEUES && *reg < R_NUM &&
	       f->queues[slot].exists;
}

bool fake_direct(const struct fake *f, uint64_t offset)
{
	return f->mapped && offset - A_LOGICAL(0, 0) < VIOMMU_CMDQV_PAGE_SIZE;
}

int fake_guest_read(struct fake *f, uint64_t offset, unsigned int size, uint64_t *value)
{
	uint32_t index, reg;

	if (!fake_direct(f, offset))
		return viommu_cmdqv_read(f->cmdqv, offset, size, value);
	*value = direct_register(f, offset, size, &index, &reg) ? fake_hw_read(f, index, reg) : 0;
	return 0;
}

int fake_guest_write(struct fake *f, uint64_t offset, unsigned int size, uint64_t value)
{
	uint32_t index, reg;

	if (!fake_direct(f, offset))
		return viommu_cmdqv_write(f->cmdqv, offset, size, value);
	if (direct_register(f, offset, size, &index, &reg))
		fake_hw_write(f, index, reg, (uint32_t)value);
	return 0;
}

uint64_t fake_read(struct fake *f, uint64_t offset, unsigned int size)
{
	uint64_t value;

	EQUAL(fake_guest_read(f, offset, size, &value), 0);
	return value;
}

void fake_write(struct fake *f, uint64_t offset, uint64_t value)
{
	EQUAL(fake_guest_write(f, offset, 4, value), 0);
}

void fake_write64(struct fake *f, uint64_t offset, uint64_t value)
{
	EQUAL(fake_guest_write(f, offset, 8, value), 0);
}

void fake_queues(struct fake *f, uint32_t num)
{
	fake_write(f, A_CONFIG, 1);
	fake_write(f, A_VINTF_CONFIG, 1);
	for (uint32_t i = 0; i < num; i++) {
		fake_write(f, A_ALLOC(i), 1 | i << 1);
		fake_write64(f, A_BASE(i), 0x40000000 + 0x10000 * i + 8);
		EQUAL(viommu_cmdqv_queue_exists(f->cmdqv, i), 1);
	}
	EQUAL(viommu_cmdqv_page0_mapped(f->cmdqv), num > 0);
	fake_log(f);
}

void fake_init_queues(struct fake *f, uint32_t num, uint32_t on)
{
	fake_init(f);
	fake_queues(f, num);
	for (uint32_t i = 0; i < num; i++)
		if (on & 1u << i)
			fake_write(f, A_LOGICAL(i, R_CONFIG), 1);
	fake_log(f);
}
