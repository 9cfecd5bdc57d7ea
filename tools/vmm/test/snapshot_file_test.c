// SPDX-License-Identifier: GPL-2.0
/*
 * The file of a saved machine: what is good, cut, damaged, or made by somebody who wants
 * to reach memory that is not the file's. A file that passes the check is used as
 * snapshot_restore.c uses it, under sanitizers: each register, each byte of memory.
 *
 *   snapshot_file [FILES [SEED]]
 */
#include <errno.h>
#include <stdlib.h>

#include "fake.h"
#include "snapshot_file.h"

#define CPUS		2
#define RAM_MIB		2
#define RAM_BYTES	((size_t)RAM_MIB << 20)
#define HEAD_UNCHECKED	offsetof(struct snapshot_head, cpus)

static uint64_t files = 20000;

/* A file in memory of exactly its length, so that a byte behind it is noticed */
struct file {
	char *bytes;
	size_t length;
};

/* Where the good file has its parts */
static size_t at_cpu[CPUS], at_smmu, at_cmdqv, at_memory[2];

static struct file copy(const struct file *from, size_t length)
{
	struct file f = { malloc(length ? length : 1), length };
	size_t common = length < from->length ? length : from->length;

	memcpy(f.bytes, from->bytes, common);
	memset(f.bytes + common, 0, length - common);
	return f;
}

static void add(struct file *f, const void *data, size_t length)
{
	f->bytes = realloc(f->bytes, f->length + length);
	if (length)
		memcpy(f->bytes + f->length, data, length);
	f->length += length;
}

static size_t add_section(struct file *f, uint32_t type, uint32_t index, const void *data, size_t length)
{
	struct snapshot_section section = { .type = type, .index = index, .length = length };
	size_t at = f->length;

	add(f, &section, sizeof(section));
	add(f, data, length);
	add(f, "\0\0\0\0\0\0\0", snapshot_padding(length));
	return at;
}

/* Length and checksum of the head */
static void seal(struct file *f)
{
	struct snapshot_head *head = (void *)f->bytes;

	if (f->length < sizeof(*head))
		return;
	head->length = f->length;
	head->crc = snapshot_crc(0, f->bytes + HEAD_UNCHECKED, f->length - HEAD_UNCHECKED);
}

static void add_cpu(struct file *f, uint32_t index)
{
	/* Of 4, 8, 16 and 256 bytes */
	static const uint64_t ids[] = { 0x6020000000100000ull, 0x6030000000100002ull, 0x6040000000100054ull,
					0x6080000000150000ull };
	struct snapshot_cpu cpu = { .num_regs = ARRAY_SIZE(ids), .serror_pending = 1, .serror_has_esr = 1 };
	char value[SNAPSHOT_REG_MAX] = { 0 };
	struct file section = { 0 };

	add(&section, &cpu, sizeof(cpu));
	for (unsigned int i = 0; i < ARRAY_SIZE(ids); i++) {
		size_t length = 1UL << SNAPSHOT_REG_LOG2(ids[i]);

		memset(value, 0, sizeof(value));
		memset(value, 0x11 * (i + 1), length);
		add(&section, &ids[i], sizeof(ids[i]));
		add(&section, value, length + snapshot_padding(length));
	}
	at_cpu[index] = add_section(f, SNAPSHOT_CPU, index, section.bytes, section.length);
	free(section.bytes);
}

static size_t add_memory(struct file *f, uint64_t gpa, unsigned int blocks)
{
	size_t length = (size_t)blocks * SNAPSHOT_BLOCK, at;
	char *bytes = malloc(sizeof(gpa) + length);

	memcpy(bytes, &gpa, sizeof(gpa));
	memset(bytes + sizeof(gpa), 0x5a, length);
	at = add_section(f, SNAPSHOT_MEMORY, 0, bytes, sizeof(gpa) + length);
	free(bytes);
	return at;
}

/* Queue 0 at work, queue 1 refused */
static void add_cmdqv(struct file *f)
{
	char state[VIOMMU_CMDQV_STATE_LEN];
	struct fake fake;

	fake_init(&fake);
	fake_queues(&fake, 1);
	fake_write(&fake, A_ALLOC(1), 3);
	fake.alloc_err[1] = -EFAULT;
	fake_write64(&fake, A_BASE(1), 0x1234560008ull);
	EQUAL(viommu_cmdqv_save(fake.cmdqv, state, sizeof(state)), 0);
	fake_log(&fake);
	fake_exit(&fake);
	at_cmdqv = add_section(f, SNAPSHOT_CMDQV, 0, state, sizeof(state));
}

static struct file good_file(void)
{
	struct snapshot_head head = {
		.magic = SNAPSHOT_MAGIC,
		.version = SNAPSHOT_VERSION,
		.cpus = CPUS,
		.ram_mib = RAM_MIB,
		.flags = SNAPSHOT_FLAGS,
	};
	struct snapshot_counts counts = { 0 };
	struct snapshot_gic gic = { 0 };
	struct snapshot_smmu smmu = { .cr0 = 0x1f, .cmdq_prod = UINT32_MAX, .gerror = 5 };
	struct file f = { 0 };

	add(&f, &head, sizeof(head));
	add_section(&f, SNAPSHOT_COUNTS, 0, &counts, sizeof(counts));
	add_section(&f, SNAPSHOT_GIC, 0, &gic, sizeof(gic));
	for (uint32_t i = 0; i < CPUS; i++)
		add_cpu(&f, i);
	at_smmu = add_section(&f, SNAPSHOT_SMMU, 0, &smmu, sizeof(smmu));
	add_cmdqv(&f);
	at_memory[0] = add_memory(&f, VMM_RAM, 1);
	at_memory[1] = add_memory(&f, VMM_RAM + RAM_BYTES - 2 * SNAPSHOT_BLOCK, 2);
	seal(&f);
	return f;
}

/* As snapshot_restore.c does; returns a sum of all bytes */
static uint64_t use(const struct snapshot *s)
{
	size_t ram_bytes = (size_t)s->head->ram_mib << 20;
	const char *at = s->memory;
	struct snapshot_memory m;
	uint64_t sum = 0;

	while (snapshot_memory_next(s, &at, &m)) {
		CHECK(m.gpa >= VMM_RAM && m.gpa - VMM_RAM < ram_bytes &&
		      m.length <= ram_bytes - (m.gpa - VMM_RAM));
		sum += snapshot_crc(0, m.data, m.length);
	}
	for (uint32_t i = 0; i < s->head->cpus; i++) {
		at = s->regs[i];
		for (uint32_t n = 0; n < s->cpu[i]->num_regs; n++) {
			struct snapshot_reg reg = snapshot_reg_next(&at);

			CHECK(reg.length <= SNAPSHOT_REG_MAX);
			sum += snapshot_crc((uint32_t)reg.id, reg.value, reg.length);
		}
		sum += snapshot_crc(0, s->cpu[i], sizeof(*s->cpu[i]));
	}
	sum += snapshot_crc(0, s->counts, sizeof(*s->counts)) + snapshot_crc(0, s->gic, sizeof(*s->gic));
	if (s->smmu)
		sum += snapshot_crc(0, s->smmu, sizeof(*s->smmu));
	if (s->cmdqv) {
		struct fake f;

		fake_init(&f);
		EQUAL(viommu_cmdqv_restore(f.cmdqv, s->cmdqv, VIOMMU_CMDQV_STATE_LEN), 0);
		CHECK(!strstr(fake_log(&f), "BUG"));
		fake_exit(&f);
	}
	return sum;
}

static const char *check(const struct file *f)
{
	struct snapshot s;
	const char *why = snapshot_check(f->bytes, f->length, &s);

	if (!why)
		use(&s);
	return why;
}

static const char *words(const char *why)
{
	return why ? why : "good";
}

static void good(void)
{
	struct file f = good_file();
	const char *at, *memory;
	struct snapshot_memory m;
	struct snapshot s;

	TEXT(words(snapshot_check(f.bytes, f.length, &s)), "good");
	EQUAL(s.head->cpus, CPUS);
	EQUAL(s.smmu->gerror, 5);
	CHECK(!memcmp(s.cmdqv, "VCMDQ-V", 8));
	at = s.regs[1];
	for (unsigned int i = 0; i < 4; i++) {
		static const size_t lengths[] = { 4, 8, 16, 256 };
		struct snapshot_reg reg = snapshot_reg_next(&at);

		EQUAL(reg.length, lengths[i]);
		EQUAL(((const char *)reg.value)[reg.length - 1], 0x11 * (i + 1));
	}
	memory = s.memory;
	EQUAL(snapshot_memory_next(&s, &memory, &m), 1);
	EQUAL(m.gpa, VMM_RAM);
	EQUAL(m.length, SNAPSHOT_BLOCK);
	EQUAL(snapshot_memory_next(&s, &memory, &m), 1);
	EQUAL(m.gpa, VMM_RAM + RAM_BYTES - 2 * SNAPSHOT_BLOCK);
	EQUAL(((const char *)m.data)[m.length - 1], 0x5a);
	EQUAL(snapshot_memory_next(&s, &memory, &m), 0);
	/* The check value of this CRC in the literature */
	EQUAL(snapshot_crc(0, "123456789", 9), 0xcbf43926);
	EQUAL(snapshot_crc(snapshot_crc(0, "1234", 4), "56789", 5), 0xcbf43926);
	free(f.bytes);
}

/* At every length */
static void cut(void)
{
	struct file f = good_file();

	for (size_t length = 0; length < f.length; length++) {
		struct file part = copy(&f, length);

		TEXT(words(check(&part)), length < 12 ? "not a snapshot" : "a snapshot that is cut off");
		free(part.bytes);
	}
	for (size_t more = 1; more < 20; more++) {
		struct file longer = copy(&f, f.length + more);

		TEXT(words(check(&longer)), "a snapshot with other bytes behind its end");
		free(longer.bytes);
	}
	free(f.bytes);
}

/* In every byte */
static void one_bit(void)
{
	struct file f = good_file();

	for (size_t at = 0; at < f.length; at++) {
		f.bytes[at] ^= 1u << at % 8;
		CHECK(check(&f));
		if (at >= HEAD_UNCHECKED)
			TEXT(words(check(&f)), "a damaged snapshot: the checksum is wrong");
		f.bytes[at] ^= 1u << at % 8;
	}
	TEXT(words(check(&f)), "good");
	free(f.bytes);
}

/* One field is wrong, and the checksum is right */
static void wrong(size_t at, unsigned int size, uint64_t value, const char *why)
{
	struct file f = good_file();

	memcpy(f.bytes + at, &value, size);
	seal(&f);
	TEXT(words(check(&f)), why);
	free(f.bytes);
}

#define HEAD(field)	offsetof(struct snapshot_head, field)
#define LENGTH		offsetof(struct snapshot_section, length)
#define CONTENT		sizeof(struct snapshot_section)
#define REGS		(CONTENT + sizeof(struct snapshot_cpu))

static void wrong_heads(void)
{
	static const char cpus[] = "a snapshot with a wrong number of vCPUs";
	static const char memory[] = "a snapshot with a wrong size of memory";
	static const char devices[] = "a snapshot with unknown devices";

	wrong(HEAD(version), 4, 0, "a snapshot of another version");
	wrong(HEAD(version), 4, 2, "a snapshot of another version");
	wrong(HEAD(cpus), 4, 0, cpus);
	wrong(HEAD(cpus), 4, 9, cpus);
	wrong(HEAD(cpus), 4, UINT32_MAX, cpus);
	wrong(HEAD(cpus), 4, 1, "a snapshot with a wrong SMMU");
	wrong(HEAD(cpus), 4, 3, "a snapshot with a wrong vCPU");
	wrong(HEAD(ram_mib), 4, 0, memory);
	wrong(HEAD(ram_mib), 4, 3, memory);
	wrong(HEAD(ram_mib), 4, 65538, memory);
	wrong(HEAD(flags), 4, SNAPSHOT_FLAGS | 32, devices);
	wrong(HEAD(flags), 4, SNAPSHOT_FLAGS & ~SNAPSHOT_HAS_SMMU, devices);
	wrong(HEAD(flags), 4, SNAPSHOT_FLAGS & ~CONTROL_HAS_CMDQV, devices);
	wrong(HEAD(flags), 4, SNAPSHOT_FLAGS & ~CONTROL_HAS_DEVICE, devices);
	wrong(HEAD(flags), 4, SNAPSHOT_HAS_SMMU | CONTROL_HAS_CMDQV, "good");
	wrong(HEAD(flags), 4, SNAPSHOT_HAS_SMMU | CONTROL_HAS_CMDQV | SNAPSHOT_ASKED, devices);
	wrong(HEAD(flags), 4, SNAPSHOT_HAS_SMMU | CONTROL_HAS_DEVICE, "a snapshot with wrong memory");
	wrong(HEAD(flags), 4, 0, "a snapshot with wrong memory");
	wrong(HEAD(generation), 4, UINT32_MAX, "a snapshot with a wrong head");
	wrong(HEAD(reserved[2]), 8, 1, "a snapshot with a wrong head");
}

static void wrong_cpus(void)
{
	static const char cpu[] = "a snapshot with a wrong vCPU";
	size_t at = at_cpu[1];

	wrong(sizeof(struct snapshot_head), 4, 2, "a snapshot with wrong counts");
	wrong(at, 4, SNAPSHOT_SMMU, cpu);
	wrong(at + 4, 4, 0, cpu);
	wrong(at + LENGTH, 8, 0, cpu);
	wrong(at + LENGTH, 8, sizeof(struct snapshot_cpu), cpu);
	wrong(at + LENGTH, 8, UINT64_MAX, cpu);
	wrong(at + LENGTH, 8, INT64_MAX, cpu);
	wrong(at + CONTENT + offsetof(struct snapshot_cpu, num_regs), 4, 0, cpu);
	wrong(at + CONTENT + offsetof(struct snapshot_cpu, num_regs), 4, 3, cpu);
	wrong(at + CONTENT + offsetof(struct snapshot_cpu, num_regs), 4, 5, cpu);
	wrong(at + CONTENT + offsetof(struct snapshot_cpu, num_regs), 4, UINT32_MAX, cpu);
	wrong(at + CONTENT + offsetof(struct snapshot_cpu, serror_pending), 4, 2, cpu);
	wrong(at + CONTENT + offsetof(struct snapshot_cpu, serror_has_esr), 4, 2, cpu);
	/* Of another processor; longer than any; longer than it is; filled up with something */
	wrong(at + REGS, 8, 0x2020000000100000ull, cpu);
	wrong(at + REGS, 8, 0x6090000000100000ull, cpu);
	wrong(at + REGS, 8, 0x60f0000000100000ull, cpu);
	wrong(at + REGS, 8, 0x6080000000100000ull, cpu);
	wrong(at + REGS + 12, 4, 1, cpu);
	/* KVM judges which register it is, and its value */
	wrong(at + REGS, 8, 0x6020000000100abcull, "good");
	wrong(at + REGS + 8, 4, 0xdeadbeef, "good");
}

/* Nothing is behind the last vCPU but the end of the file; its last register is longer than that */
static void wrong_end(void)
{
	struct file f = good_file(), end = copy(&f, at_smmu);
	struct snapshot_head *head = (void *)end.bytes;
	char *last = end.bytes + end.length - 256 - sizeof(uint64_t);
	uint32_t *num_regs = (void *)(end.bytes + at_cpu[1] + CONTENT + offsetof(struct snapshot_cpu, num_regs));
	static const uint64_t lengths[] = { 0x6080000000000000ull, 0x6070000000000000ull, 0x6020000000000000ull };

	head->flags = 0;
	seal(&end);
	TEXT(words(check(&end)), "good");
	for (unsigned int i = 0; i < ARRAY_SIZE(lengths); i++) {
		for (uint32_t more = 0; more < 3; more++) {
			*num_regs = 4 + more;
			memcpy(last, &lengths[i], sizeof(lengths[i]));
			seal(&end);
			if (i || more)
				TEXT(words(check(&end)), "a snapshot with a wrong vCPU");
		}
	}
	/* In the place of its value, another one begins that would end behind the file */
	memset(last, 0, sizeof(uint64_t) + 256);
	memcpy(last, &lengths[2], sizeof(lengths[2]));
	memcpy(last + 16, &lengths[0], sizeof(lengths[0]));
	*num_regs = 6;
	seal(&end);
	TEXT(words(check(&end)), "a snapshot with a wrong vCPU");
	free(end.bytes);
	free(f.bytes);
}

static void wrong_devices(void)
{
	static const char smmu[] = "a snapshot with a wrong SMMU";
	static const char cmdqv[] = "a snapshot with a wrong CMDQ-V";
	static const char memory[] = "a snapshot with wrong memory";

	wrong(at_smmu + LENGTH, 8, sizeof(struct snapshot_smmu) - 8, smmu);
	wrong(at_smmu + CONTENT + offsetof(struct snapshot_smmu, cr0), 4, 0x20, smmu);
	wrong(at_smmu + CONTENT + offsetof(struct snapshot_smmu, irq_ctrl), 4, 8, smmu);
	wrong(at_smmu + CONTENT + offsetof(struct snapshot_smmu, gbpa), 4, 1u << 31, smmu);
	wrong(at_smmu + CONTENT + offsetof(struct snapshot_smmu, gerror), 4, 2, smmu);
	wrong(at_cmdqv + LENGTH, 8, VIOMMU_CMDQV_STATE_LEN - 8, cmdqv);
	wrong(at_cmdqv + CONTENT + 8, 4, 2, cmdqv);
	wrong(at_cmdqv + CONTENT + 4 * 43, 4, 2, cmdqv);
	wrong(at_memory[0] + 4, 4, 1, memory);
	wrong(at_memory[0] + LENGTH, 8, 0, memory);
	wrong(at_memory[0] + LENGTH, 8, 8, memory);
	wrong(at_memory[0] + LENGTH, 8, 8 + SNAPSHOT_BLOCK - 8, memory);
	wrong(at_memory[0] + LENGTH, 8, UINT64_MAX - 7, memory);
	wrong(at_memory[0] + CONTENT, 8, VMM_RAM + 8, memory);
	wrong(at_memory[0] + CONTENT, 8, VMM_RAM - SNAPSHOT_BLOCK, memory);
	wrong(at_memory[0] + CONTENT, 8, VMM_RAM + RAM_BYTES, memory);
	wrong(at_memory[0] + CONTENT, 8, UINT64_MAX - SNAPSHOT_BLOCK + 1, memory);
	/* Behind the end, over one another, in the wrong order */
	wrong(at_memory[1] + CONTENT, 8, VMM_RAM + RAM_BYTES - SNAPSHOT_BLOCK, memory);
	wrong(at_memory[1] + CONTENT, 8, VMM_RAM, memory);
	wrong(at_memory[0] + CONTENT, 8, VMM_RAM + RAM_BYTES - SNAPSHOT_BLOCK, memory);
	wrong(at_memory[1] + CONTENT, 8, VMM_RAM + SNAPSHOT_BLOCK, "good");
}

static void change(struct file *f)
{
	static const uint64_t odd[] = { 0, 1, 7, 8, 255, 4096, INT32_MAX, UINT32_MAX, INT64_MAX, UINT64_MAX,
					UINT64_MAX - 7, UINT64_MAX - 15, 1ull << 63, VMM_RAM };
	/* Most of a file is memory and registers, and most of its fields are before them */
	const size_t heads[] = { 0, sizeof(struct snapshot_head), at_cpu[0], at_cpu[1], at_smmu, at_cmdqv,
				 at_memory[0], at_memory[1] };
	size_t at = below(4) ? heads[below(ARRAY_SIZE(heads))] + below(64) : draw() % f->length;
	uint64_t value = below(2) ? odd[below(ARRAY_SIZE(odd))] : draw() >> below(64);
	size_t size = 1u << below(4);

	if (below(2))
		at &= ~(size_t)7;
	if (at + size > f->length)
		return;
	if (below(3))
		memcpy(f->bytes + at, &value, size);
	else
		f->bytes[at] ^= 1u << below(8);
}

/* A part goes, comes twice, or is exchanged */
static void move(struct file *f)
{
	size_t from = draw() % f->length & ~7ull, to = draw() % f->length & ~7ull, n = (size_t)8 << below(9);

	if (from + n <= f->length && to + n <= f->length)
		memmove(f->bytes + to, f->bytes + from, n);
}

static void random_files(void)
{
	struct file whole = good_file();
	uint64_t taken = 0, refused = 0, reasons = 0;
	const char *seen[32] = { 0 };

	for (uint64_t n = 0; n < files && !test_failures; n++) {
		uint64_t before = test_seed;
		struct file f = copy(&whole, below(8) ? whole.length : draw() % (2 * whole.length));
		const char *why;

		for (uint32_t i = below(4); i && f.length; i--) {
			if (below(8))
				change(&f);
			else
				move(&f);
		}
		if (below(8))
			seal(&f);
		why = check(&f);
		taken += !why;
		refused += !!why;
		for (unsigned int i = 0; why && i < ARRAY_SIZE(seen); i++) {
			if (seen[i] == why)
				break;
			if (!seen[i]) {
				seen[i] = why;
				reasons++;
				break;
			}
		}
		free(f.bytes);
		if (test_failures)
			printf("# file %" PRIu64 ", random numbers from %" PRIu64 "\n", n, before);
	}
	printf("# %" PRIu64 " good, %" PRIu64 " refused for %" PRIu64 " reasons\n", taken, refused, reasons);
	CHECK(taken > files / 16);
	CHECK(refused > files / 4);
	/* Every one there is */
	EQUAL(reasons, 15);
	free(whole.bytes);
}

static const struct test tests[] = {
	TEST(good),	   TEST(cut),	       TEST(one_bit),	   TEST(wrong_heads),
	TEST(wrong_cpus),  TEST(wrong_end),     TEST(wrong_devices), TEST(random_files),
};

int main(int argc, char **argv)
{
	if (argc > 1)
		files = strtoull(argv[1], NULL, 0);
	if (argc > 2)
		test_seed = strtoull(argv[2], NULL, 0);
	printf("# %" PRIu64 " files from seed %" PRIu64 "\n", files, test_seed);
	return test_main(tests, ARRAY_SIZE(tests));
}
