/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared code of the programs in this directory: KTAP results, the counters of
 * the hardware model, and the base's benchmark of DMA mappings.
 */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "../pci-dma-test-regs.h"

#define BYPASS		"/sys/kernel/debug/iommu/tegra241_cmdqv/bypass_vcmdq"
#define OP_CMD_SYNC	0x46
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* include/linux/map_benchmark.h of the base */
struct map_benchmark {
	uint64_t avg_map_100ns;
	uint64_t map_stddev;
	uint64_t avg_unmap_100ns;
	uint64_t unmap_stddev;
	uint32_t threads;
	uint32_t seconds;
	int32_t node;
	uint32_t dma_bits;
	uint32_t dma_dir;
	uint32_t dma_trans_ns;
	uint32_t granule;
	uint8_t expansion[76];
};

/* The DMA test device in sysfs, if it was named or found */
extern char device[280];
extern int failures;

void check(bool ok, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
uint64_t counter(unsigned long offset);
/* A byte of the counters window, for names */
char counter_char(unsigned long offset);
int write_file(const char *path, const char *text);
void setup(void);
bool find_device(void);
bool map_window(void);
bool benchmark_takes_device(void);
/* The benchmark has one device at a time */
bool benchmark_releases_device(void);
/* It appears with its device */
bool benchmark_is_there(void);
bool benchmark(struct map_benchmark *b);
/* The benchmark runs for whole seconds, but this signal ends its sleep, and it then stops its threads, too */
void end_sleep_at(int sig);
/* Gives the device, which no driver may have, an identity domain and a new one for DMA in turn */
bool change_domains(unsigned int count);
/* Prints plan and sum; ends the machine if this is its init */
int finish(void);

#endif
