// SPDX-License-Identifier: GPL-2.0
/*
 * A CMDQ-V driver on the hardware model: the queues of the kernel
 *
 * It checks that the driver found the device, runs DMA_MAP_BENCHMARK for the DMA
 * test device, and checks the counters of the model: invalidations go through the
 * queues of VINTF 0 and not through the SMMU's own queue; with bypass_vcmdq the
 * reverse.
 *
 *	kernel-queues any|base|project|fallback|dead [ERRORS [ats|TEXT [ADDRESS]]]
 *
 * base is the base's own driver, in a kernel of the unmodified base. Its known
 * faults are expected exactly; the project's driver has none. fallback is any
 * driver that must not use CMDQ-V: the same load must go through the SMMU's own
 * queue. dead is for hardware that does not start, or does not stop: that load
 * goes through the SMMU's own queue, too, and TEXT is what the kernel says.
 * any is a driver that is not known: it must carry a load, through any queue and
 * with any faults. Without DMA_MAP_BENCHMARK the load is changes of the device's
 * domain, which every kernel offers.
 *
 * With ERRORS not 0 the machine was started with fault-illegal-command=ERRORS and
 * fault-vcmdq=1: the driver's interrupt handler must repair its queue ERRORS
 * times. The faults are not in queue 0, because CPU 0 waits for it with
 * interrupts disabled and handles this interrupt. TEXT must be in the kernel's
 * log. ADDRESS is the PCI address of the test device, if there are several: the
 * counters are those of its SMMU.
 *
 * With "ats" the machine was started with ats=on and an IORT with ATS: every
 * unmap must also invalidate the address translation cache of the device.
 */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "../../selftests/iommu/kernel_log.h"
#include "guest.h"

#define DOMAIN_CHANGES 32
#define US_LOAD 100000

static bool ats;

static bool run_benchmark(uint32_t granule)
{
	struct map_benchmark b = {
		.threads = 8, .seconds = 1, .node = -1, .dma_bits = 32,
		.dma_dir = 0, .granule = granule,
	};
	const struct itimerval time = { .it_value.tv_usec = US_LOAD };
	bool ran;

	end_sleep_at(SIGALRM);
	setitimer(ITIMER_REAL, &time, NULL);
	ran = benchmark(&b);
	printf("# %u pages: map %.1f us, unmap %.1f us\n", granule,
	       b.avg_map_100ns / 10.0, b.avg_unmap_100ns / 10.0);
	return ran;
}

/*
 * Order rules that the 6.12 driver breaks before user space runs; the project's
 * driver breaks none.
 */
static void check_strict(bool base)
{
	static const struct {
		const char *name;
		uint64_t count;
	} known[] = {
		/* every queue of every VINTF mapped at reset (hazard 6) */
		{ "map-vintf-off", 128 },
	};
	bool as_known = true;
	uint64_t sum = 0;

	for (unsigned int i = 0; i < counter(CMDQV_WIN_RULES); i++) {
		char name[32];
		uint64_t n = counter(CMDQV_WIN_RULE(i)), want = 0;

		for (unsigned int c = 0; c < sizeof(name); c++)
			name[c] = counter_char(CMDQV_WIN_RULE_NAME(i) + c);
		for (unsigned int k = 0; k < ARRAY_SIZE(known); k++)
			if (base && !strcmp(name, known[k].name))
				want = known[k].count;
		if (n || want)
			printf("# strict %s %llu, known %llu\n", name,
			       (unsigned long long)n, (unsigned long long)want);
		as_known &= n == want;
		sum += n;
	}
	check(as_known && sum == counter(CMDQV_WIN_STRICT),
	      "order rules: broken exactly as known of the driver");
	check(!counter(CMDQV_WIN_STRICT_GUEST), "order rules: none by a guest");
}

struct sample {
	uint64_t tlbi[2], sync[2], atc_inv[2], main, main_sync, other;
};

static void take(struct sample *s)
{
	s->other = counter(CMDQV_WIN_COMMANDS);
	for (int q = 0; q < 2; q++) {
		s->tlbi[q] = counter(CMDQV_WIN_QUEUE(q) + CMDQV_WIN_Q_TLBI_NH_VA);
		s->sync[q] = counter(CMDQV_WIN_QUEUE(q) + CMDQV_WIN_Q_SYNCS);
		s->atc_inv[q] = counter(CMDQV_WIN_QUEUE(q) + CMDQV_WIN_Q_ATC_INV);
		s->other -= s->tlbi[q] + s->sync[q] + s->atc_inv[q];
	}
	s->main = counter(CMDQV_WIN_MAIN_COMMANDS);
	s->main_sync = counter(CMDQV_WIN_MAIN_OPCODE(OP_CMD_SYNC));
}

static void delta(const struct sample *from, struct sample *to)
{
	for (int q = 0; q < 2; q++) {
		to->tlbi[q] -= from->tlbi[q];
		to->sync[q] -= from->sync[q];
		to->atc_inv[q] -= from->atc_inv[q];
		printf("# vcmdq%d TLBI_NH_VA %llu ATC_INV %llu CMD_SYNC %llu\n", q,
		       (unsigned long long)to->tlbi[q],
		       (unsigned long long)to->atc_inv[q],
		       (unsigned long long)to->sync[q]);
	}
	to->main -= from->main;
	to->main_sync -= from->main_sync;
	to->other -= from->other;
	printf("# main %llu, CMD_SYNC %llu of them; other commands on a vcmdq %llu\n",
	       (unsigned long long)to->main, (unsigned long long)to->main_sync,
	       (unsigned long long)to->other);
}

/* One unmap is one TLBI_NH_VA and one CMD_SYNC, and the same with ATC_INV */
static bool as_unmaps(const struct sample *s)
{
	for (int q = 0; q < 2; q++)
		if (s->atc_inv[q] != (ats ? s->tlbi[q] : 0) ||
		    s->sync[q] != s->tlbi[q] + s->atc_inv[q])
			return false;
	return !s->other;
}

static void test_load(uint32_t granule)
{
	bool two_cpus = sysconf(_SC_NPROCESSORS_ONLN) > 1;
	struct sample a, b;
	bool ran;

	take(&a);
	ran = run_benchmark(granule);
	take(&b);
	delta(&a, &b);
	/* The driver takes the queue with the number of the CPU, modulo two */
	check(ran && b.tlbi[0] > 10 && (b.tlbi[1] > 10) == two_cpus,
	      "%u pages: the queues of VINTF 0 carry the invalidations", granule);
	check(as_unmaps(&b), "%u pages: each unmap is %s", granule,
	      ats ? "TLBI_NH_VA, CMD_SYNC, ATC_INV, CMD_SYNC" : "TLBI_NH_VA, CMD_SYNC");
	check(!b.main, "%u pages: nothing through the SMMU's own queue", granule);
}

static void test_bypass(void)
{
	struct sample a, b;
	bool ran;

	check(!write_file(BYPASS, "Y"),
	      "bypass_vcmdq is there and can be set");
	take(&a);
	ran = run_benchmark(1);
	take(&b);
	delta(&a, &b);
	check(ran && b.main > 10 && !b.tlbi[0] && !b.tlbi[1] && !b.other,
	      "bypassed: everything through the SMMU's own queue");
	check(!write_file(BYPASS, "N"), "bypass_vcmdq can be cleared");
}

/* The queue works after its errors: the load above came later */
static void check_errors(uint64_t errors, const char *text)
{
	check(counter(CMDQV_WIN_ERRORS) == errors &&
	      counter(CMDQV_WIN_INTERRUPTS) == errors,
	      "%llu queue errors, as many interrupts",
	      (unsigned long long)errors);
	check(!!kernel_said("skipping command in error state") == !!errors,
	      "the driver %s to repair", errors ? "had something" : "had nothing");
	if (text)
		check(kernel_said(text), "the kernel said: %s", text);
}

static void test_own_queue(void)
{
	struct sample a, b;
	bool ran;

	take(&a);
	ran = run_benchmark(1);
	take(&b);
	delta(&a, &b);
	check(ran && b.main > 100 && !b.tlbi[0] && !b.tlbi[1] && !b.other,
	      "everything through the SMMU's own queue");
}

static void test_fallback(void)
{
	check(!counter(CMDQV_WIN_VINTF(0) + CMDQV_WIN_PAGE0_WRITES),
	      "VINTF 0 was left alone");
	check(access(BYPASS, F_OK), "there is no bypass_vcmdq");
	test_own_queue();
}

/* Reported once; memory that the hardware may still read is not freed */
static void test_dead(const char *text)
{
	check(text && kernel_said(text) == 1, "the kernel said once: %s", text);
	check(kernel_said("only the queue of the SMMU is used") == 1 &&
	      !kernel_said("failed to reset impl"),
	      "the SMMU goes on alone");
	check(find_device() && map_window() && benchmark_takes_device(),
	      "the benchmark has the device");
	if (!failures)
		test_own_queue();
}

static void test_any(void)
{
	bool has_benchmark, ran;
	uint64_t commands, main;

	check(find_device() && map_window(), "the counters can be read");
	if (failures)
		return;
	has_benchmark = benchmark_takes_device() && benchmark_is_there();
	commands = counter(CMDQV_WIN_COMMANDS);
	main = counter(CMDQV_WIN_MAIN_COMMANDS);
	ran = has_benchmark ? run_benchmark(1) && run_benchmark(64) :
			      change_domains(DOMAIN_CHANGES);
	commands = counter(CMDQV_WIN_COMMANDS) - commands;
	main = counter(CMDQV_WIN_MAIN_COMMANDS) - main;
	printf("# CMDQ-V: %s\n",
	       kernel_said("found companion CMDQV device") ? "found" : "not found");
	printf("# commands of the load: %llu on queues of CMDQ-V, %llu on the SMMU's own\n",
	       (unsigned long long)commands, (unsigned long long)main);
	check(ran, "%s", has_benchmark ? "DMA mappings" : "changes of the domain");
	check(commands + main >= DOMAIN_CHANGES, "the load sent commands");
}

/* The physical StreamID is bus, device and function */
static void check_ats(void)
{
	unsigned int domain, bus, slot, function;

	if (sscanf(strrchr(device, '/') + 1, "%x:%x:%x.%x", &domain, &bus, &slot,
		   &function) != 4)
		bus = -1;
	check(counter(CMDQV_WIN_LAST_ATC_SID) == (bus << 8 | slot << 3 | function),
	      "ATC_INV names the device");
}

int main(int argc, char **argv)
{
	unsigned long errors = argc > 2 ? strtoul(argv[2], NULL, 0) : 0;
	bool base = argc < 2 || !strcmp(argv[1], "base");
	bool fallback = argc > 1 && !strcmp(argv[1], "fallback");
	const char *text = argc > 3 ? argv[3] : NULL;

	ats = text && !strcmp(text, "ats");
	if (argc > 4)
		snprintf(device, sizeof(device), "/sys/bus/pci/devices/%s", argv[4]);
	setup();
	printf("TAP version 13\n");
	if (argc > 1 && !strcmp(argv[1], "any")) {
		test_any();
		goto out;
	}
	check(kernel_said("found companion CMDQV device"),
	      "the driver found the device");
	if (argc > 1 && !strcmp(argv[1], "dead")) {
		test_dead(text);
		goto out;
	}
	check(kernel_said("Falling back to standard SMMU CMDQ") == fallback,
	      "the driver %s", fallback ? "fell back" : "did not fall back");
	check(find_device() && map_window(), "the counters can be read");
	if (failures)
		goto out;

	check_strict(base);
	check(benchmark_takes_device(), "the benchmark has the device");
	if (fallback) {
		test_fallback();
		if (text)
			check(kernel_said(text), "the kernel said: %s", text);
		goto out;
	}
	check(counter(CMDQV_WIN_VINTF(0) + CMDQV_WIN_PAGE0_WRITES) > 0,
	      "VINTF 0 was set up");
	/* A skipped command has become a CMD_SYNC: complete that first */
	if (errors)
		run_benchmark(1);
	test_load(1);
	test_load(64);
	test_bypass();
	check_errors(errors, ats ? NULL : text);
	if (ats)
		check_ats();
	check_strict(base);
	if (argc > 4)
		check(benchmark_releases_device(), "the benchmark has released the device");
out:
	return finish();
}
