// SPDX-License-Identifier: GPL-2.0
/*
 * The device with the counters of the hardware model in its second BAR is also
 * the device of the benchmark.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest.h"

#define PCI		"/sys/bus/pci/devices"
#define BENCHMARK	"/sys/kernel/debug/dma_map_benchmark"

#define DMA_MAP_BENCHMARK _IOWR('d', 1, struct map_benchmark)

char device[280];
int failures;
static const uint8_t *window;
static int tests;

void check(bool ok, const char *fmt, ...)
{
	va_list ap;

	failures += !ok;
	printf("%sok %d ", ok ? "" : "not ", ++tests);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

uint64_t counter(unsigned long offset)
{
	return __atomic_load_n((const uint64_t *)(window + offset), __ATOMIC_RELAXED);
}

char counter_char(unsigned long offset)
{
	return __atomic_load_n(window + offset, __ATOMIC_RELAXED);
}

int write_file(const char *path, const char *text)
{
	int fd, ret = 0;

	fd = open(path, O_WRONLY);
	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

static int write_device(const char *name, const char *text)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", device, name);
	return write_file(path, text);
}

static unsigned long read_number(const char *dir, const char *name)
{
	char path[512], text[64] = "";
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return 0;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = 0;
	close(fd);
	return strtoul(text, NULL, 0);
}

bool find_device(void)
{
	struct dirent *d;
	char dir[280];
	DIR *all;

	if (device[0])
		return !access(device, F_OK);
	all = opendir(PCI);
	while (all && (d = readdir(all))) {
		snprintf(dir, sizeof(dir), PCI "/%s", d->d_name);
		if (read_number(dir, "vendor") == PCI_DMA_TEST_VENDOR_ID &&
		    read_number(dir, "device") == PCI_DMA_TEST_DEVICE_ID)
			snprintf(device, sizeof(device), "%s", dir);
	}
	if (all)
		closedir(all);
	return device[0];
}

bool map_window(void)
{
	char path[512];
	void *p;
	int fd;

	write_device("enable", "1");
	snprintf(path, sizeof(path), "%s/resource%d", device,
		 PCI_DMA_TEST_BAR_COUNTERS);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return false;
	p = mmap(NULL, PCI_DMA_TEST_BAR_SIZE, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (p == MAP_FAILED)
		return false;
	window = p;
	return counter(CMDQV_WIN_ID) == CMDQV_WIN_ID_VALUE;
}

void setup(void)
{
	mkdir("/proc", 0755);
	mkdir("/sys", 0755);
	mkdir("/dev", 0755);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
}

/* True if there is a device; the driver need not exist */
static bool offer_device(const char *driver)
{
	char name[64] = "";

	write_device("driver_override", driver);
	snprintf(name, sizeof(name), "%s", strrchr(device, '/') + 1);
	return !write_file("/sys/bus/pci/drivers_probe", name);
}

bool benchmark_takes_device(void)
{
	return offer_device("dma_map_benchmark");
}

bool benchmark_is_there(void)
{
	return !access(BENCHMARK, F_OK);
}

bool benchmark_releases_device(void)
{
	return !write_device("driver/unbind", strrchr(device, '/') + 1);
}

static void on_signal(int sig)
{
	(void)sig;
}

void end_sleep_at(int sig)
{
	const struct sigaction action = { .sa_handler = on_signal };

	sigaction(sig, &action, NULL);
}

bool benchmark(struct map_benchmark *b)
{
	int fd = open(BENCHMARK, O_RDWR);
	int ret;

	if (fd < 0)
		return false;
	ret = ioctl(fd, DMA_MAP_BENCHMARK, b);
	close(fd);
	return !ret;
}

bool change_domains(unsigned int count)
{
	/*
	 * Firmware's IOMMU is found for the first driver that is tried. That of PCIe
	 * ports is in every kernel, and refuses a device of another kind.
	 */
	offer_device("pcieport");
	for (unsigned int i = 0; i < count; i++)
		if (write_device("iommu_group/type", i % 2 ? "DMA" : "identity"))
			return false;
	return true;
}

int finish(void)
{
	printf("1..%d\n", tests);
	printf("# Totals: pass:%d fail:%d\n", tests - failures, failures);
	fflush(stdout);
	if (getpid() == 1)
		reboot(RB_POWER_OFF);
	return !!failures;
}
