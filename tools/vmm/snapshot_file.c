// SPDX-License-Identifier: GPL-2.0
/*
 * Check of a saved machine. A file may come from anywhere, so every length, index and
 * address is looked at before it is used, and all of it before anything is made of it:
 * first magic, version, length and checksum, then the sections in their one order. The
 * values of registers are left to KVM, which checks them as those of any VMM; the state of
 * the CMDQ-V is the library's to check.
 */
#include <endian.h>
#include <string.h>

#include <viommu.h>

#include "smmu.h"
#include "snapshot_file.h"

_Static_assert(__BYTE_ORDER == __LITTLE_ENDIAN, "numbers are used as they are in the file");
_Static_assert(sizeof(struct snapshot_head) == 64, "the head has another length");
_Static_assert(sizeof(struct snapshot_section) == 16, "a section's head has another length");
_Static_assert(sizeof(struct snapshot_cpu) == 208, "a vCPU has another length");
_Static_assert(sizeof(struct snapshot_smmu) == 96, "the SMMU has another length");

#define CRC_POLYNOMIAL 0xedb88320u

/**
 * struct cursor - The rest of the file
 * @at: Its next byte
 * @left: Bytes from there on, a multiple of 8
 */
struct cursor {
	const char *at;
	uint64_t left;
};

uint32_t snapshot_crc(uint32_t crc, const void *data, size_t length)
{
	static uint32_t table[256];
	const unsigned char *byte = data;
	unsigned int i, bit;

	if (!table[1]) {
		for (i = 0; i < 256; i++) {
			uint32_t value = i;

			for (bit = 0; bit < 8; bit++)
				value = value >> 1 ^ (value & 1 ? CRC_POLYNOMIAL : 0);
			table[i] = value;
		}
	}
	crc = ~crc;
	while (length--)
		crc = table[(crc ^ *byte++) & 0xff] ^ crc >> 8;
	return ~crc;
}

static bool all_zero(const char *at, uint64_t length)
{
	while (length--)
		if (*at++)
			return false;
	return true;
}

/* The head of the next section, if all of the section is there */
static const struct snapshot_section *peek(const struct cursor *c)
{
	const struct snapshot_section *section = (const void *)c->at;
	uint64_t left;

	if (c->left < sizeof(*section))
		return NULL;
	left = c->left - sizeof(*section);
	/* The rest of the file is a multiple of 8, so there is room to fill up */
	return section->length <= left ? section : NULL;
}

/* The section of @type and @index, NULL if another one comes here */
static const void *take(struct cursor *c, enum snapshot_type type, uint32_t index, uint64_t *length)
{
	const struct snapshot_section *section = peek(c);
	uint64_t whole;

	if (!section || section->type != type || section->index != index)
		return NULL;
	whole = sizeof(*section) + section->length + snapshot_padding(section->length);
	if (!all_zero((const char *)(section + 1) + section->length,
		      snapshot_padding(section->length)))
		return NULL;
	*length = section->length;
	c->at += whole;
	c->left -= whole;
	return section + 1;
}

/* A section of one length */
static const void *take_exactly(struct cursor *c, enum snapshot_type type, uint64_t length)
{
	uint64_t found;
	const void *at = take(c, type, 0, &found);

	return found == length ? at : NULL;
}

static const char *check_head(const struct snapshot_head *head, uint64_t length)
{
	if (length < sizeof(head->magic) + sizeof(head->version) ||
	    memcmp(head->magic, SNAPSHOT_MAGIC, sizeof(head->magic)))
		return "not a snapshot";
	if (head->version != SNAPSHOT_VERSION)
		return "a snapshot of another version";
	if (length < sizeof(*head) || head->length > length)
		return "a snapshot that is cut off";
	if (head->length != length || length % SNAPSHOT_ALIGN)
		return "a snapshot with other bytes behind its end";
	if (head->crc != snapshot_crc(0, &head->cpus, length - offsetof(struct snapshot_head, cpus)))
		return "a damaged snapshot: the checksum is wrong";
	return NULL;
}

/*
 * Device and CMDQ-V are behind an SMMU, events come from a CMDQ-V with a device, and only a guest with
 * a device can be asked for it
 */
static bool flags_valid(uint32_t flags)
{
	const uint32_t behind = CONTROL_HAS_DEVICE | CONTROL_HAS_CMDQV;

	return !(flags & ~SNAPSHOT_FLAGS) && (!(flags & behind) || flags & SNAPSHOT_HAS_SMMU) &&
	       (!(flags & CONTROL_HAS_EVENTS) || (flags & behind) == behind) &&
	       (!(flags & SNAPSHOT_ASKED) || flags & CONTROL_HAS_DEVICE);
}

static const char *check_machine(const struct snapshot_head *head)
{
	if (!head->cpus || head->cpus > VMM_MAX_CPUS)
		return "a snapshot with a wrong number of vCPUs";
	if (!head->ram_mib || head->ram_mib % 2 || head->ram_mib > VMM_MAX_RAM_MIB)
		return "a snapshot with a wrong size of memory";
	if (!flags_valid(head->flags))
		return "a snapshot with unknown devices";
	if (head->generation == UINT32_MAX || head->reserved[0] || head->reserved[1] ||
	    head->reserved[2])
		return "a snapshot with a wrong head";
	return NULL;
}

static bool regs_valid(struct cursor c, uint32_t num)
{
	uint64_t id, length;

	while (num--) {
		if (c.left < sizeof(id))
			return false;
		memcpy(&id, c.at, sizeof(id));
		length = 1ULL << SNAPSHOT_REG_LOG2(id);
		if (SNAPSHOT_REG_ARCH(id) != SNAPSHOT_REG_ARM64 || length > SNAPSHOT_REG_MAX)
			return false;
		c.at += sizeof(id);
		c.left -= sizeof(id);
		if (length + snapshot_padding(length) > c.left ||
		    !all_zero(c.at + length, snapshot_padding(length)))
			return false;
		c.at += length + snapshot_padding(length);
		c.left -= length + snapshot_padding(length);
	}
	return !c.left;
}

static bool take_cpu(struct cursor *c, uint32_t index, struct snapshot *s)
{
	uint64_t length;
	const struct snapshot_cpu *cpu = take(c, SNAPSHOT_CPU, index, &length);

	if (!cpu || length < sizeof(*cpu) || length % SNAPSHOT_ALIGN || cpu->serror_pending > 1 ||
	    cpu->serror_has_esr > 1)
		return false;
	s->cpu[index] = cpu;
	s->regs[index] = (const char *)(cpu + 1);
	return regs_valid((struct cursor){ s->regs[index], length - sizeof(*cpu) }, cpu->num_regs);
}

/* ID registers are compared with those of the SMMU that can be shown, when it is there */
static bool smmu_valid(const struct snapshot_smmu *smmu)
{
	return !(smmu->cr0 & ~SMMU_CR0_BITS) && !(smmu->irq_ctrl & ~SMMU_IRQ_CTRL_BITS) &&
	       !(smmu->gbpa & SMMU_GBPA_UPDATE) && !(smmu->gerror & ~SMMU_GERROR_BITS);
}

static bool memory_valid(const struct snapshot *s)
{
	uint64_t free = VMM_RAM, end = VMM_RAM + ((uint64_t)s->head->ram_mib << 20), length;
	struct cursor c = { s->memory, s->end - s->memory };
	const uint64_t *gpa;

	while (c.left) {
		gpa = take(&c, SNAPSHOT_MEMORY, 0, &length);
		if (!gpa || length <= sizeof(*gpa))
			return false;
		length -= sizeof(*gpa);
		if (*gpa % SNAPSHOT_BLOCK || length % SNAPSHOT_BLOCK || *gpa < free || *gpa >= end ||
		    length > end - *gpa)
			return false;
		free = *gpa + length;
	}
	return true;
}

static const char *check_sections(struct snapshot *s, struct cursor c)
{
	uint32_t i;

	s->counts = take_exactly(&c, SNAPSHOT_COUNTS, sizeof(*s->counts));
	if (!s->counts)
		return "a snapshot with wrong counts";
	s->gic = take_exactly(&c, SNAPSHOT_GIC, sizeof(*s->gic));
	if (!s->gic)
		return "a snapshot with a wrong interrupt controller";
	for (i = 0; i < s->head->cpus; i++)
		if (!take_cpu(&c, i, s))
			return "a snapshot with a wrong vCPU";
	if (s->head->flags & SNAPSHOT_HAS_SMMU) {
		s->smmu = take_exactly(&c, SNAPSHOT_SMMU, sizeof(*s->smmu));
		if (!s->smmu || !smmu_valid(s->smmu))
			return "a snapshot with a wrong SMMU";
	}
	if (s->head->flags & CONTROL_HAS_CMDQV) {
		s->cmdqv = take_exactly(&c, SNAPSHOT_CMDQV, VIOMMU_CMDQV_STATE_LEN);
		if (!s->cmdqv || viommu_cmdqv_state_check(s->cmdqv, VIOMMU_CMDQV_STATE_LEN))
			return "a snapshot with a wrong CMDQ-V";
	}
	s->memory = c.at;
	s->end = c.at + c.left;
	return memory_valid(s) ? NULL : "a snapshot with wrong memory";
}

const char *snapshot_check(const void *file, uint64_t length, struct snapshot *s)
{
	const char *why;

	*s = (struct snapshot){ .head = file };
	why = check_head(s->head, length);
	if (!why)
		why = check_machine(s->head);
	if (!why)
		why = check_sections(s, (struct cursor){ (const char *)(s->head + 1),
							 length - sizeof(*s->head) });
	return why;
}

struct snapshot_reg snapshot_reg_next(const char **at)
{
	struct snapshot_reg reg;

	memcpy(&reg.id, *at, sizeof(reg.id));
	reg.value = *at + sizeof(reg.id);
	reg.length = 1UL << SNAPSHOT_REG_LOG2(reg.id);
	*at += sizeof(reg.id) + reg.length + snapshot_padding(reg.length);
	return reg;
}

bool snapshot_memory_next(const struct snapshot *s, const char **at, struct snapshot_memory *m)
{
	const struct snapshot_section *section = (const void *)*at;
	const uint64_t *gpa = (const void *)(section + 1);

	if (*at == s->end)
		return false;
	m->gpa = *gpa;
	m->data = gpa + 1;
	m->length = section->length - sizeof(*gpa);
	*at = (const char *)m->data + m->length;
	return true;
}
