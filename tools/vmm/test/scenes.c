// SPDX-License-Identifier: GPL-2.0
/*
 * Guests whose accesses come in one order, on the KVM and the iommufd of races.c: each scene is a
 * process. An access that has to come between the end of the first vCPU and that of the second
 * one comes when the second one is kicked.
 */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <viommu.h>

#include "races.h"

#define SAVES		20
#define TIMEOUT_S	60	/* for a machine that never ends */

static char saved[64], messages[64];

/* Steps that a vCPU has gone; after a failed save another thread goes on */
static unsigned int steps[CPUS];

/* This VMM goes on with a machine */
static bool restored;

/* vCPU 1 is in KVM_RUN */
static atomic_bool second_runs;

static int write_to(struct kvm_run *run, uint64_t gpa, uint32_t value)
{
	run->exit_reason = KVM_EXIT_MMIO;
	run->mmio.len = 4;
	run->mmio.is_write = 1;
	run->mmio.phys_addr = gpa;
	memcpy(run->mmio.data, &value, sizeof(value));
	return 0;
}

static int read_from(struct kvm_run *run, uint64_t gpa)
{
	write_to(run, gpa, 0);
	run->mmio.is_write = 0;
	return 0;
}

static int control(struct kvm_run *run, uint64_t reg, uint32_t value)
{
	return write_to(run, VMM_CONTROL + reg, value);
}

/* Until the vCPU is kicked */
static int wait_for_kick(const struct kvm_run *run)
{
	while (!must_leave(run))
		usleep(1000);
	return -EINTR;
}

/* The exit status of a VMM, or minus the signal that killed it; its messages go to a file */
static int status_of(const struct scene *setting, const char *option, const char *file)
{
	const char *vmm[10] = { "vmm", "--device", "1234:1d4a", "--quiet" };
	unsigned int num = 4;
	int status = 0;
	pid_t pid;

	if (!restored) {
		vmm[num++] = "--cpus";
		vmm[num++] = "2";
		vmm[num++] = "/proc/self/exe";
	}
	vmm[num++] = option;
	vmm[num++] = file;
	fflush(stdout);
	pid = fork();
	if (!pid) {
		if (!freopen(messages, "w", stderr))
			abort();
		alarm(TIMEOUT_S);
		scene = *setting;
		exit(vmm_main(file ? num : num - 1, (char **)vmm));
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static bool is_saved(void)
{
	return !unlink(saved);
}

/* vCPU 0 asks for a save, and vCPU 1 leaves KVM for another reason before it is kicked */
static int save_and(struct kvm_run *run, unsigned int cpu)
{
	if (steps[cpu]++)
		return -1;
	if (!cpu) {
		while (!atomic_load(&second_runs))
			usleep(1000);
		return control(run, CONTROL_SAVE, 1);
	}
	atomic_store(&second_runs, true);
	wait_for_kick(run);
	return 1;
}

static int save_and_power_off(unsigned int cpu, struct kvm_run *run)
{
	int rc = save_and(run, cpu);

	if (rc > 0)
		run->exit_reason = KVM_EXIT_SYSTEM_EVENT;
	return rc < 0 ? wait_for_kick(run) : 0;
}

static int save_and_break(unsigned int cpu, struct kvm_run *run)
{
	int rc = save_and(run, cpu);

	if (rc > 0)
		return -EIO;
	return rc < 0 ? wait_for_kick(run) : 0;
}

static bool power_off(void)
{
	return !status_of(&(struct scene){ .run = save_and_power_off }, "--save", saved) && !is_saved();
}

static bool broken_kvm(void)
{
	return status_of(&(struct scene){ .run = save_and_break }, "--save", saved) == 2 && !is_saved();
}

/* A device that does not come leaves nothing; it comes when the operator says so again */
static int ask_again(unsigned int cpu, struct kvm_run *run)
{
	static unsigned int asked;
	uint32_t features;

	if (cpu || must_leave(run))
		return wait_for_kick(run);
	memcpy(&features, run->mmio.data, sizeof(features));
	if (asked == 2 && features & CONTROL_HAS_DEVICE)
		return control(run, CONTROL_EXIT, plugs());
	/* The first device is shown to the VMM before the guest starts */
	if (asked < 2 && plugs() == asked + 1) {
		asked++;
		kill(getpid(), SIGHUP);
	}
	return read_from(run, VMM_CONTROL + CONTROL_FEATURES);
}

/* Of the third and the fourth iterator: that of the SMMU, and that of the queues */
static bool no_events(void)
{
	const struct scene smmu = { .run = ask_again, .no_events = 3 };
	const struct scene cmdqv = { .run = ask_again, .no_events = 4 };

	return status_of(&smmu, "--unplugged", NULL) == 3 && status_of(&cmdqv, "--unplugged", NULL) == 3;
}

/* Queue 0 is on after as many steps, if the guest has a device that takes it */
static const struct {
	uint64_t gpa;
	uint32_t value;
} queue_on[] = {
	{ VMM_CMDQV, 1 },
	{ VMM_CMDQV + 0x200, 1 },
	{ VMM_CMDQV + 0x1000, 1 },
	{ VMM_CMDQV + 0x40000, VMM_RAM + 0x10000 + 8 },
	{ VMM_CMDQV + 0x40004, 0 },
	{ VMM_CMDQV + 0x10008, 1 },
};

/* The device comes for a queue that is on, and goes again as its regions are not there */
static int plug_queue(unsigned int cpu, struct kvm_run *run)
{
	unsigned int i = steps[cpu]++;

	if (!cpu && i < ARRAY_SIZE(queue_on))
		return write_to(run, queue_on[i].gpa, queue_on[i].value);
	if (!cpu && i == ARRAY_SIZE(queue_on))
		kill(getpid(), SIGHUP);
	return wait_for_kick(run);
}

static bool queue_stays(void)
{
	const struct scene stays = { .run = plug_queue, .no_bars = true, .keeps_queues = true };

	return status_of(&stays, "--unplugged", NULL) == 2;
}

/* vCPU 1 gives the device back when it is kicked for a save */
static int save_and_eject(unsigned int cpu, struct kvm_run *run)
{
	unsigned int i = steps[cpu]++;
	uint32_t asked;

	if (cpu) {
		atomic_store(&second_runs, true);
		wait_for_kick(run);
		return i ? -EINTR : control(run, CONTROL_HOTPLUG, CONTROL_EJECT);
	}
	if (i < ARRAY_SIZE(queue_on))
		return write_to(run, queue_on[i].gpa, queue_on[i].value);
	if (i == ARRAY_SIZE(queue_on))
		kill(getpid(), SIGHUP);
	memcpy(&asked, run->mmio.data, sizeof(asked));
	if (i > ARRAY_SIZE(queue_on) + 1 && !run->mmio.is_write && asked && atomic_load(&second_runs))
		return control(run, CONTROL_SAVE, 1);
	return must_leave(run) ? -EINTR : read_from(run, VMM_CONTROL + CONTROL_HOTPLUG);
}

static bool queue_stays_in_save(void)
{
	const struct scene stays = { .run = save_and_eject, .keeps_queues = true };

	return status_of(&stays, "--save", saved) == 2 && !is_saved();
}

/* The guest asks for a save, and ends where it was restored */
static int end_with_save(unsigned int cpu, struct kvm_run *run, unsigned int step)
{
	uint32_t generation;

	if (must_leave(run))
		return -EINTR;
	if (step % 2 == 0)
		return read_from(run, VMM_CONTROL + CONTROL_GENERATION);
	memcpy(&generation, run->mmio.data, sizeof(generation));
	return control(run, generation ? CONTROL_EXIT : CONTROL_SAVE, 0);
}

/* The entry of the device wants stage 1 and ATS */
static int refused_entry(unsigned int cpu, struct kvm_run *run)
{
	static const struct {
		uint64_t gpa;
		uint32_t value;
	} smmu_on[] = {
		{ VMM_SMMU + 0x80, VMM_RAM + 0x30000 },	/* STRTAB_BASE */
		{ VMM_SMMU + 0x88, 5 },			/* STRTAB_BASE_CFG */
		{ VMM_SMMU + 0x20, 1 },			/* CR0.SMMUEN */
	};
	static const uint64_t ste[2] = { 1 | 5 << 1, 2ULL << 28 };
	unsigned int i;

	if (cpu)
		return wait_for_kick(run);
	i = steps[0]++;
	if (!i)
		memcpy(guest_ram() + 0x30000 + 0x10 * 64, ste, sizeof(ste));
	if (i < ARRAY_SIZE(smmu_on) && !restored)
		return write_to(run, smmu_on[i].gpa, smmu_on[i].value);
	return end_with_save(cpu, run, restored ? i : i - ARRAY_SIZE(smmu_on));
}

/* Saves a machine, and goes on with it */
static bool saved_and_restored(struct scene setting)
{
	bool ok = status_of(&setting, "--save", saved) == VMM_STATUS_SAVED;

	restored = true;
	ok = ok && !status_of(&setting, "--restore", saved);
	restored = false;
	is_saved();
	return ok;
}

static bool entry_refused(void)
{
	return saved_and_restored((struct scene){ .run = refused_entry, .no_stage1 = true });
}

static int broken_events(unsigned int cpu, struct kvm_run *run)
{
	if (cpu)
		return wait_for_kick(run);
	if (!steps[0] && !restored)
		bad_event(VIOMMU_VEVENTQ_TEGRA241_CMDQV);
	return end_with_save(cpu, run, steps[0]++);
}

static bool events_broken(void)
{
	return saved_and_restored((struct scene){ .run = broken_events });
}

/* The guest ends when its device is asked for */
static int until_asked(unsigned int cpu, struct kvm_run *run)
{
	uint32_t asked;

	if (cpu || must_leave(run))
		return wait_for_kick(run);
	memcpy(&asked, run->mmio.data, sizeof(asked));
	if (steps[0]++ && asked)
		return control(run, CONTROL_EXIT, 7);
	return read_from(run, VMM_CONTROL + CONTROL_HOTPLUG);
}

static bool early_signals(void)
{
	const struct scene hangup = { .run = until_asked, .early = SIGHUP };
	const struct scene save = { .run = until_asked, .early = SIGUSR2 };
	const struct scene end = { .run = until_asked, .early = SIGTERM };

	return status_of(&hangup, "--save", saved) == 7 &&
	       status_of(&save, "--save", saved) == VMM_STATUS_SAVED && is_saved() &&
	       status_of(&end, "--save", saved) == 2;
}

/* Saved between the request for the device and the answer of the guest, who does not look again */
static int answer_later(unsigned int cpu, struct kvm_run *run)
{
	uint32_t value;

	if (cpu || must_leave(run))
		return wait_for_kick(run);
	memcpy(&value, run->mmio.data, sizeof(value));
	if (!restored) {
		if (!steps[0]++)
			kill(getpid(), SIGHUP);
		else if (value)
			return control(run, CONTROL_SAVE, 1);
		return read_from(run, VMM_CONTROL + CONTROL_HOTPLUG);
	}
	if (!steps[0]++)
		return control(run, CONTROL_HOTPLUG, CONTROL_EJECT);
	if (steps[0] > 2 && !(value & CONTROL_HAS_DEVICE))
		return control(run, CONTROL_EXIT, 0);
	return read_from(run, VMM_CONTROL + CONTROL_FEATURES);
}

static bool answered_later(void)
{
	return saved_and_restored((struct scene){ .run = answer_later });
}

/* The guest asks for many saves that fail, the operator for one */
static int save_in_vain(unsigned int cpu, struct kvm_run *run)
{
	unsigned int i;

	if (cpu || must_leave(run))
		return wait_for_kick(run);
	i = steps[0]++;
	if (i < SAVES)
		return control(run, CONTROL_SAVE, 1);
	if (i > SAVES)
		return control(run, CONTROL_EXIT, 0);
	kill(getpid(), SIGUSR2);
	return wait_for_kick(run);
}

static bool lines_bounded(void)
{
	const struct scene in_vain = { .run = save_in_vain };
	unsigned int errors = 0, ends = 0;
	bool ok = !status_of(&in_vain, "--save", "/nonexistent/x");
	FILE *f = fopen(messages, "r");
	char line[256];

	while (f && fgets(line, sizeof(line), f)) {
		errors += !!strstr(line, "/nonexistent/x");
		ends += !!strstr(line, "no more of these");
	}
	if (f)
		fclose(f);
	return ok && errors == LOGGED_MAX + 1 && ends == 1;
}

static const struct {
	const char *name;
	bool (*ok)(void);
} tests[SCENES] = {
	{ "a guest that powers off while it is to be saved ends, and is not saved", power_off },
	{ "a machine that KVM cannot run while it is to be saved is not saved", broken_kvm },
	{ "a device whose event queue is not made comes when it is asked for again", no_events },
	{ "a device that does not come, and of which a queue stays, ends the machine", queue_stays },
	{ "a queue that stays while a device goes before a save ends the machine", queue_stays_in_save },
	{ "a machine goes on with a stream table entry that the kernel refuses", entry_refused },
	{ "a machine goes on whose event queue could not be read any more", events_broken },
	{ "signals that come before there is a machine are taken", early_signals },
	{ "a guest gives its device back that was asked for before it was saved", answered_later },
	{ "a guest that cannot be saved has a bounded number of lines in the log", lines_bounded },
};

static void show_messages(void)
{
	char line[256];
	FILE *f = fopen(messages, "r");

	while (f && fgets(line, sizeof(line), f))
		printf("# %s", line);
	if (f)
		fclose(f);
}

bool scenes(void)
{
	unsigned int i, bad = 0;

	snprintf(saved, sizeof(saved), "/tmp/vmm-scene-%d", getpid());
	snprintf(messages, sizeof(messages), "/tmp/vmm-messages-%d", getpid());
	for (i = 0; i < SCENES; i++) {
		bool ok = tests[i].ok();

		bad += !ok;
		if (!ok)
			show_messages();
		printf("%sok %u %s\n", ok ? "" : "not ", i + 1, tests[i].name);
	}
	unlink(messages);
	unlink(saved);
	return bad;
}
