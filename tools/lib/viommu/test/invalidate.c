// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * A refused command at each place of an array, on this project's kernel and on
 * mainline's, which counts commands that it has not executed. Linked with --wrap, so
 * that ioctl() is ours.
 */
#include <errno.h>
#include <stdarg.h>

#include <linux/iommufd.h>
#include <viommu.h>

#include "test.h"

#define COMMANDS 200

static const struct viommu_cmd commands[COMMANDS];

static struct {
	/* Drops what it has counted since the last full block, as mainline does */
	bool drops;
	/* The second ioctl finds the hardware dead */
	bool dies;
	uint32_t refused;
	unsigned int calls;
	/* How many times each command was executed */
	unsigned char times[COMMANDS];
} kernel;

int __wrap_ioctl(int fd, unsigned long request, ...);

static int answer(struct iommu_hwpt_invalidate *cmd)
{
	const struct viommu_cmd *cmds = (void *)(uintptr_t)cmd->data_uptr;
	const uint32_t first = (uint32_t)(cmds - commands);
	uint32_t counted = cmd->entry_num, executed;
	int err = 0;

	kernel.calls++;
	if (kernel.dies && kernel.calls > 1) {
		cmd->entry_num = 0;
		return -ETIMEDOUT;
	}
	if (kernel.refused >= first && kernel.refused < first + cmd->entry_num) {
		counted = kernel.refused - first;
		err = -EIO;
	}
	executed = err && kernel.drops ? counted - counted % VIOMMU_BATCH_MAX : counted;
	for (uint32_t i = 0; i < executed; i++)
		kernel.times[first + i]++;
	cmd->entry_num = counted;
	return err;
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list args;

	EQUAL(fd, 0);
	EQUAL(request, IOMMU_HWPT_INVALIDATE);
	va_start(args, request);
	errno = -answer(va_arg(args, struct iommu_hwpt_invalidate *));
	va_end(args);
	return errno ? -1 : 0;
}

/* An array with a refused command; COMMANDS: with none */
static int invalidate(uint32_t refused, uint32_t *num)
{
	struct viommu_ctx *ctx = NULL;
	int rc;

	EQUAL(viommu_ctx_from_fd(0, &ctx), 0);
	memset(kernel.times, 0, sizeof(kernel.times));
	kernel.refused = refused;
	kernel.calls = 0;
	*num = COMMANDS;
	rc = viommu_invalidate_smmuv3(ctx, 9, commands, num);
	EQUAL(viommu_ctx_ioctls(ctx), kernel.calls);
	viommu_ctx_close(ctx);
	return rc;
}

/* The counted commands are executed, and no others */
static void each_place(void)
{
	for (uint32_t refused = 0; refused <= COMMANDS; refused++) {
		uint32_t num;

		EQUAL(invalidate(refused, &num), refused < COMMANDS ? -EIO : 0);
		EQUAL(num, refused);
		EQUAL(kernel.calls, refused < COMMANDS && refused % 63 ? 2 : 1);
		for (uint32_t i = 0; i < COMMANDS; i++)
			EQUAL(kernel.times[i] > 0, i < refused);
	}
}

static void this_kernel(void)
{
	kernel.drops = false;
	each_place();
}

static void mainline(void)
{
	kernel.drops = true;
	each_place();
}

/* Commands that cannot be executed after all do not count */
static void hardware_that_dies(void)
{
	kernel.drops = true;
	kernel.dies = true;
	for (uint32_t refused = 0; refused < COMMANDS; refused++) {
		uint32_t num;

		EQUAL(invalidate(refused, &num), refused % 63 ? -ETIMEDOUT : -EIO);
		EQUAL(num, refused - refused % 63);
	}
	kernel.dies = false;
}

static const struct test tests[] = {
	TEST(this_kernel),
	TEST(mainline),
	TEST(hardware_that_dies),
};

TEST_MAIN(tests)
