// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * A host from anywhere: information about its hardware, of any type and length, and the
 * names in a directory of sysfs. The program is the kernel: ioctl() and readdir() are its
 * own, see the Makefile. Each result is compared with a second opinion, from the manual
 * pages; memory has exactly the size that the library was told.
 *
 *   host_fuzz [ROUNDS [SEED]]
 */
#include <dirent.h>
#include <errno.h>
#include <regex.h>
#include <stdarg.h>
#include <stdlib.h>

#include <linux/iommufd.h>
#include <viommu.h>

#include "test.h"

int __wrap_ioctl(int fd, unsigned long request, ...);
DIR *__wrap_opendir(const char *path);
struct dirent *__wrap_readdir(DIR *dir);
int __wrap_closedir(DIR *dir);

static uint64_t rounds = 100000;

/* Hardware information of any type and length; the kernel fills no more than it was given */
static struct {
	int err;
	uint32_t type, len, pasid;
	uint64_t capabilities;
	unsigned char data[64];
	size_t filled;
} hw;

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	struct iommu_hw_info *cmd;
	va_list args;

	va_start(args, request);
	cmd = va_arg(args, struct iommu_hw_info *);
	va_end(args);
	CHECK(fd >= 0);
	EQUAL(request, IOMMU_GET_HW_INFO);
	errno = hw.err;
	if (hw.err)
		return -1;
	hw.filled = hw.len < cmd->data_len ? hw.len : cmd->data_len;
	if (hw.filled > sizeof(hw.data))
		hw.filled = sizeof(hw.data);
	memcpy((void *)(uintptr_t)cmd->data_uptr, hw.data, hw.filled);
	cmd->data_len = hw.len;
	cmd->out_data_type = hw.type;
	cmd->out_capabilities = hw.capabilities;
	cmd->out_max_pasid_log2 = (uint8_t)hw.pasid;
	return 0;
}

static void hw_draw(void)
{
	static const unsigned char cmdqv[8] = { [4] = 1, [5] = 1, [6] = 4 };

	memset(&hw, 0, sizeof(hw));
	hw.err = below(8) ? 0 : EOPNOTSUPP;
	hw.type = below(8) ? 1 + below(4) : (uint32_t)draw();
	hw.len = below(8) ? 16 * below(5) : (uint32_t)draw();
	hw.capabilities = draw();
	hw.pasid = below(256);
	trash(hw.data, sizeof(hw.data));
	if (below(2))
		memcpy(hw.data, cmdqv, sizeof(cmdqv));
}

/* A structure of the caller of any size; what it has before the call */
static unsigned char *structure(uint32_t *size, uint32_t right)
{
	unsigned char *made;

	*size = below(2) ? right : below(2) ? right + 4 * below(8) : below(1100);
	made = malloc(*size < 4 ? 4 : *size);
	memset(made, 0x5a, *size < 4 ? 4 : *size);
	memcpy(made, size, 4);
	return made;
}

static uint64_t filled_seen, refused_seen;

/* @content: what must be behind the size, of @len bytes */
static void structure_is(const unsigned char *made, uint32_t size, int rc, const void *content,
			 uint32_t len)
{
	uint32_t now;

	memcpy(&now, made, 4);
	EQUAL(now, size);
	for (uint32_t i = 4; i < size && !test_failures; i++) {
		if (rc)
			EQUAL(made[i], 0x5a);
		else
			EQUAL(made[i], i < len ? ((const unsigned char *)content)[i] : 0);
	}
	filled_seen += !rc;
	refused_seen += !!rc;
}

static bool size_refused(uint32_t size, uint32_t least)
{
	return size < least || size > 1024;
}

static void hw_any(struct viommu_ctx *ctx)
{
	uint32_t size;
	unsigned char *made = structure(&size, sizeof(struct viommu_hw_info)), *data = NULL;
	struct viommu_hw_info want = {
		.type = hw.type,
		.capabilities = hw.capabilities,
		.len = hw.len,
		.max_pasid_log2 = hw.pasid,
	};
	uint32_t len = below(80);
	int rc;

	data = malloc(len ? len : 1);
	rc = viommu_hw_info(ctx, 3, VIOMMU_HW_INFO_DEFAULT, data, len, (struct viommu_hw_info *)made);
	EQUAL(rc, size_refused(size, 24) ? -EINVAL : -hw.err);
	structure_is(made, size, rc, &want, sizeof(want));
	free(data);
	free(made);
}

static void hw_smmuv3(struct viommu_ctx *ctx)
{
	uint32_t size, words[10];
	unsigned char *made = structure(&size, sizeof(struct viommu_smmuv3_info));
	int rc = viommu_hw_info_smmuv3(ctx, 3, (struct viommu_smmuv3_info *)made), opinion = -hw.err;

	/* The kernel has flags, a reserved word, IDR0 to 5, IIDR, AIDR */
	if (size_refused(size, 40))
		opinion = -EINVAL;
	else if (!hw.err && (hw.type != 2 || hw.len < 40))
		opinion = -EOPNOTSUPP;
	EQUAL(rc, opinion);
	memcpy(words, hw.data, sizeof(words));
	words[1] = words[0];
	structure_is(made, size, rc, words, sizeof(words));
	free(made);
}

static void hw_cmdqv(struct viommu_ctx *ctx)
{
	uint32_t size;
	unsigned char *made = structure(&size, sizeof(struct viommu_cmdqv_info)), want[12] = { 0 };
	int rc = viommu_hw_info_cmdqv(ctx, 3, (struct viommu_cmdqv_info *)made), opinion = -hw.err;

	/* The kernel has flags, then bytes: version, queues, StreamIDs */
	if (size_refused(size, 12))
		opinion = -EINVAL;
	else if (!hw.err && (hw.type != 3 || hw.len < 8 || hw.data[4] != 1 || hw.data[5] < 1 || hw.data[6] < 4))
		opinion = -EOPNOTSUPP;
	EQUAL(rc, opinion);
	memcpy(want + 4, hw.data, 7);
	structure_is(made, size, rc, want, sizeof(want));
	free(made);
}

static void hardware(void)
{
	static void (*const asked[])(struct viommu_ctx *ctx) = { hw_any, hw_smmuv3, hw_cmdqv };
	struct viommu_ctx *ctx = NULL;

	EQUAL(viommu_ctx_open("/dev/null", &ctx), 0);
	hw_draw();
	asked[below(ARRAY_SIZE(asked))](ctx);
	viommu_ctx_close(ctx);
}

/* A directory without a file system: names that are near the right one, or any */
static struct {
	struct dirent entry;
	char names[4][256];
	uint32_t num, next;
	int err;
} directory;

static DIR *const dir = (DIR *)&directory;

DIR *__wrap_opendir(const char *path)
{
	CHECK(!strncmp(path, "/sys/bus/pci/devices/", 21));
	errno = directory.err;
	return directory.err ? NULL : dir;
}

struct dirent *__wrap_readdir(DIR *d)
{
	CHECK(d == dir);
	if (directory.next == directory.num)
		return NULL;
	memcpy(directory.entry.d_name, directory.names[directory.next++], sizeof(directory.names[0]));
	return &directory.entry;
}

int __wrap_closedir(DIR *d)
{
	CHECK(d == dir);
	return 0;
}

static void random_text(char *to, size_t len, const char *from)
{
	size_t n = strlen(from);

	for (size_t i = 0; i < len; i++)
		to[i] = below(8) ? from[below((uint32_t)n)] : (char)(1 + below(255));
	to[len] = 0;
}

static void random_address(char address[32])
{
	static const char good[] = "0123456789abcdef";
	uint32_t domain = 3 + below(7);

	random_text(address, below(20), "0123456789abcdef:.");
	if (!below(4))
		return;
	for (uint32_t i = 0; i < domain + 8; i++)
		address[i] = good[below(16)];
	address[domain] = address[domain + 3] = ':';
	address[domain + 6] = '.';
	address[domain + 7] = "0123456789"[below(9)];
	address[domain + 8] = 0;
	if (!below(8))
		address[below(domain + 8)] = (char)(1 + below(127));
}

static uint64_t paths_seen, addresses_refused;

static void path_of_device(void)
{
	static regex_t form;
	static bool compiled;
	char address[32], want[300] = "";
	size_t len = below(64);
	char *path = malloc(len ? len : 1);
	int opinion = -ENODEV, rc;

	if (!compiled)
		EQUAL(regcomp(&form, "^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}[.][0-7]$", REG_EXTENDED | REG_NOSUB), 0);
	compiled = true;
	memset(&directory, 0, sizeof(directory));
	directory.err = below(8) ? 0 : ENOENT;
	directory.num = below(5);
	for (uint32_t i = 0; i < directory.num; i++) {
		random_text(directory.names[i], below(8) ? below(12) : below(256), "vfio0123456789");
		if (below(2))
			memcpy(directory.names[i], "vfio", 4);
	}
	random_address(address);
	for (uint32_t i = 0; !directory.err && i < directory.num && !*want; i++)
		if (!strncmp(directory.names[i], "vfio", 4))
			snprintf(want, sizeof(want), "/dev/vfio/devices/%s", directory.names[i]);
	rc = viommu_vfio_path(address, path, len);
	if (regexec(&form, address, 0, NULL, 0))
		opinion = -EINVAL;
	else if (*want)
		opinion = strlen(want) < len && strlen(want) < 50 ? 0 : -ENOSPC;
	EQUAL(rc, opinion);
	if (!rc && !opinion)
		TEXT(path, want);
	paths_seen += !rc;
	addresses_refused += rc == -EINVAL;
	free(path);
}

static void hardware_information(void)
{
	test_rounds(hardware, rounds);
	printf("# %" PRIu64 " structures filled, %" PRIu64 " not\n", filled_seen, refused_seen);
	CHECK(filled_seen > rounds / 8 && refused_seen > rounds / 8);
}

static void paths(void)
{
	test_rounds(path_of_device, rounds);
	printf("# %" PRIu64 " paths, %" PRIu64 " addresses refused\n", paths_seen, addresses_refused);
	CHECK(paths_seen > rounds / 16 && addresses_refused > rounds / 16);
}

static const struct test tests[] = {
	TEST(hardware_information),
	TEST(paths),
};

FUZZ_MAIN(tests, rounds)
