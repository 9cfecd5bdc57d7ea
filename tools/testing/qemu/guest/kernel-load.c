// SPDX-License-Identifier: GPL-2.0
/*
 * DMA mapping load on every CPU: its distribution over the queues of VINTF 0, and the cost of a map
 * and unmap with these queues and with bypass_vcmdq
 *
 *	kernel-load [endless | figures | guest PAGES]
 *
 * The driver takes the queue with the number of the CPU, modulo their number. The benchmark of the
 * base runs one thread for each CPU; it does not bind them, but after some ticks the scheduler has
 * placed each on a CPU of its own, and then the count begins. This needs -icount: CPUs then take
 * turns with an equal number of instructions each, whatever the load of the build machine.
 *
 * With "figures" it measures the cost only: of each size of mapping, both ways, printed for
 * tools/testing/bench/run as "figure NAME<tab>VALUE". Under -icount shift=0 the clock counts the
 * instructions of all CPUs together, and the model counts the unmaps; their quotient is the cost.
 * The averages of the benchmark itself have a unit of 100 instructions, and include the turns of
 * other CPUs.
 *
 * With "endless" the load runs on after the end of the program, in a process with a session of its
 * own, so that the machine powers off under it.
 *
 * With "guest" it measures one size in a virtual machine that has the device: each unmap is one
 * CMD_SYNC of the hardware, on the guest's own queue or on the host's. It prints the number of
 * unmaps and their time in nanoseconds.
 */

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"

#define MAX_QUEUES	128
/*
 * For each CPU, because CPUs share the clock under -icount: time until each CPU has a thread, and
 * time of the sample
 */
#define MS_SETTLE	20
#define MS_SAMPLE	25
/* For a guest, whose unmaps cost a hundred times as much */
#define MS_SAMPLE_GUEST	100
/* Commands of an endless load before the program reports that it runs, and the limit of this wait */
#define ENOUGH		50
#define MS_ENOUGH	10000
/*
 * Permitted deviation of a queue from an even share, in percent; with 4 CPUs for a queue, one CPU
 * on the wrong queue would move a quarter of a share
 */
#define UNEVEN		5

struct load {
	uint64_t ns, commands[MAX_QUEUES], syncs[MAX_QUEUES];
	uint64_t all, all_syncs, main, main_syncs;
	pthread_t waits;
	bool ran;
};

enum mode { VCMDQS, BYPASSED, AS_IT_IS };

static unsigned int cpus, queues, ms_sample = MS_SAMPLE;
static char title[24];

static void count(struct load *l)
{
	struct timespec now;

	for (unsigned int q = 0; q < queues; q++) {
		l->commands[q] = counter(CMDQV_WIN_QUEUE(q) + CMDQV_WIN_Q_COMMANDS) -
				 l->commands[q];
		l->syncs[q] = counter(CMDQV_WIN_QUEUE(q) + CMDQV_WIN_Q_SYNCS) -
			      l->syncs[q];
	}
	l->all = counter(CMDQV_WIN_COMMANDS) - l->all;
	l->all_syncs = counter(CMDQV_WIN_SYNCS) - l->all_syncs;
	l->main = counter(CMDQV_WIN_MAIN_COMMANDS) - l->main;
	l->main_syncs = counter(CMDQV_WIN_MAIN_OPCODE(OP_CMD_SYNC)) - l->main_syncs;
	clock_gettime(CLOCK_MONOTONIC, &now);
	l->ns = now.tv_sec * 1000000000ULL + now.tv_nsec - l->ns;
}

static void *sample(void *arg)
{
	struct load *l = arg;

	usleep(MS_SETTLE * cpus * 1000);
	count(l);
	usleep(ms_sample * cpus * 1000);
	count(l);
	pthread_kill(l->waits, SIGUSR1);
	return NULL;
}

static void report(const struct load *l, bool bypass, const struct map_benchmark *b)
{
	printf("# %s, %u KiB, %s: %llu unmaps in %llu us; map %.1f us, unmap %.1f us\n",
	       title, b->granule * 4, bypass ? "bypass" : "VCMDQs",
	       (unsigned long long)(l->all_syncs + l->main_syncs),
	       (unsigned long long)l->ns / 1000, b->avg_map_100ns / 10.0,
	       b->avg_unmap_100ns / 10.0);
	printf("#   commands (CMD_SYNCs of them): SMMU's own queue %llu (%llu)",
	       (unsigned long long)l->main, (unsigned long long)l->main_syncs);
	for (unsigned int q = 0; q < queues; q++)
		if (l->commands[q])
			printf(", VCMDQ%u %llu (%llu)", q,
			       (unsigned long long)l->commands[q],
			       (unsigned long long)l->syncs[q]);
	printf("%s\n", l->all ? "" : ", no VCMDQ");
}

static struct load run(enum mode mode, uint32_t pages)
{
	struct map_benchmark b = {
		.threads = cpus, .seconds = 100, .node = -1, .dma_bits = 32,
		.dma_dir = 2 /* from the device: it does not fill the buffer */,
		.granule = pages,
	};
	struct load l = { .waits = pthread_self() };
	pthread_t thread;

	end_sleep_at(SIGUSR1);
	if ((mode != AS_IT_IS && write_file(BYPASS, mode == BYPASSED ? "Y" : "N")) ||
	    pthread_create(&thread, NULL, sample, &l))
		return l;
	l.ran = benchmark(&b);
	pthread_join(thread, NULL);
	if (mode != AS_IT_IS)
		report(&l, mode == BYPASSED, &b);
	return l;
}

/* Number of CPUs with this queue */
static unsigned int takers(unsigned int queue)
{
	unsigned int n = 0;

	for (unsigned int cpu = 0; cpu < cpus; cpu++)
		n += cpu % queues == queue;
	return n;
}

static bool is_even(const struct load *l, unsigned int queue)
{
	uint64_t share = l->all * takers(queue) / cpus;

	return l->commands[queue] * 100 >= share * (100 - UNEVEN) &&
	       l->commands[queue] * 100 <= share * (100 + UNEVEN);
}

static void test_spread(void)
{
	struct load l = run(VCMDQS, 1);
	bool even = l.ran, pairs = l.ran, others = false;
	uint64_t sum = 0;

	for (unsigned int q = 0; q < queues; q++) {
		sum += l.commands[q];
		others |= !takers(q) && l.commands[q];
		even &= is_even(&l, q);
		pairs &= l.commands[q] == 2 * l.syncs[q];
	}
	check(l.ran && l.all > 1000 * cpus, "%s: the load ran", title);
	check(!others && sum == l.all,
	      "%s: only the queues with the numbers of CPUs, modulo %u, were used",
	      title, queues);
	check(even, "%s: each of these queues has its share within %u percent",
	      title, UNEVEN);
	check(pairs, "%s: each unmap is a command and a CMD_SYNC", title);
	check(!l.main, "%s: nothing through the SMMU's own queue", title);
}

static void test_bypass(void)
{
	struct load l = run(BYPASSED, 1);

	check(l.ran && l.main > 1000 * cpus && l.main == 2 * l.main_syncs,
	      "%s, bypassed: all through the SMMU's own queue", title);
	check(!l.all, "%s, bypassed: nothing through a VCMDQ", title);
}

static void print_figure(const char *size, bool bypass, const char *what, long long value)
{
	printf("figure DMA map and unmap, %s, %s, %s%s%s\t%lld\n", size, title,
	       bypass ? "bypass" : "VCMDQs", *what ? ": " : "", what, value);
}

static void figures(void)
{
	static const struct {
		const char *name;
		unsigned int pages;
	} sizes[] = { { "4 KiB", 1 }, { "64 KiB", 16 }, { "256 KiB", 64 } };

	for (unsigned int i = 0; i < ARRAY_SIZE(sizes); i++)
		for (int bypass = 0; bypass < 2; bypass++) {
			struct load l = run(bypass ? BYPASSED : VCMDQS, sizes[i].pages);
			uint64_t unmaps = l.all_syncs + l.main_syncs;

			print_figure(sizes[i].name, bypass, "",
				     l.ran && unmaps ? l.ns / unmaps : -1);
			/* Does not depend on the number of CPUs */
			if (cpus == 1)
				print_figure(sizes[i].name, bypass, "commands for 1000 (exact)",
					     l.ran && unmaps ? (l.all + l.main) * 1000 / unmaps : -1);
		}
}

/* The benchmark has one thread for each CPU, and a CPU waits for each of its commands */
static void run_endless(void)
{
	struct map_benchmark b = {
		.threads = cpus, .seconds = 300, .node = -1, .dma_bits = 32,
		.dma_dir = 2, .granule = 1,
	};
	uint64_t before[MAX_QUEUES];
	bool busy = false;

	for (unsigned int q = 0; q < queues; q++)
		before[q] = counter(CMDQV_WIN_QUEUE(q) + CMDQV_WIN_Q_SYNCS);
	if (!fork()) {
		setsid();
		/* Its output has no reader */
		close(STDOUT_FILENO);
		close(STDERR_FILENO);
		_exit(!benchmark(&b));
	}
	for (unsigned int ms = 0; ms < MS_ENOUGH && !busy; ms++) {
		usleep(1000);
		busy = true;
		for (unsigned int q = 0; q < queues && q < cpus; q++)
			busy &= counter(CMDQV_WIN_QUEUE(q) + CMDQV_WIN_Q_SYNCS) >= before[q] + ENOUGH;
	}
	check(busy, "%s: the load runs in each of their queues", title);
}

static int measure_guest(uint32_t pages)
{
	struct load l;

	if (!find_device() || !map_window() || !benchmark_takes_device())
		return 1;
	ms_sample = MS_SAMPLE_GUEST;
	l = run(AS_IT_IS, pages);
	printf("%llu %llu\n", (unsigned long long)(l.all_syncs + l.main_syncs),
	       (unsigned long long)l.ns);
	return !l.ran;
}

int main(int argc, char **argv)
{
	setup();
	cpus = sysconf(_SC_NPROCESSORS_ONLN);
	if (argc == 3 && !strcmp(argv[1], "guest"))
		return measure_guest(strtoul(argv[2], NULL, 10));
	snprintf(title, sizeof(title), "%u CPU%s", cpus, cpus > 1 ? "s" : "");
	printf("TAP version 13\n");
	check(find_device() && map_window(), "the counters can be read");
	if (failures)
		return finish();
	queues = counter(CMDQV_WIN_VCMDQS) / counter(CMDQV_WIN_VINTFS);
	check(benchmark_takes_device(), "the benchmark has the device");
	if (argc > 1 && !strcmp(argv[1], "endless")) {
		run_endless();
	} else if (argc > 1 && !strcmp(argv[1], "figures")) {
		figures();
	} else {
		test_spread();
		test_bypass();
	}
	return finish();
}
