// SPDX-License-Identifier: GPL-2.0
/*
 * A small VMM: guest RAM on huge pages, vCPUs, a GICv3, a serial port, and, with
 * a device, an SMMUv3 and a CMDQ-V in front of it. The main thread builds the
 * machine, then waits for its end and for events of the hardware; each vCPU has a
 * thread of its own (cpu.c).
 */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cmdqv_kvm.h"
#include "device.h"
#include "iommu.h"
#include "smmu.h"
#include "snapshot.h"
#include "vmm.h"

#define STATUS_USAGE	2

static const struct option long_options[] = {
	{ "cpus", required_argument, NULL, 'c' },
	{ "device", required_argument, NULL, 'd' },
	{ "help", no_argument, NULL, 'h' },
	{ "memory", required_argument, NULL, 'm' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "restore", required_argument, NULL, 'r' },
	{ "save", required_argument, NULL, 's' },
	{ "unplugged", no_argument, NULL, 'u' },
	{ }
};

static void print_help(void)
{
	fputs("usage: vmm [OPTION]... PAYLOAD\n"
	      "       vmm [OPTION]... --restore FILE\n"
	      "Runs PAYLOAD, a flat image, in a virtual machine, or goes on with a saved one.\n"
	      "  -c, --cpus N      vCPUs, 1 to 8 (1)\n"
	      "  -d, --device VENDOR:DEVICE[:N]\n"
	      "                    pass the N-th PCI device of this kind through, behind a vIOMMU\n"
	      "  -m, --memory MIB  guest RAM, in steps of 2 (32)\n"
	      "  -q, --quiet       do not report counts at the end\n"
	      "  -r, --restore FILE\n"
	      "                    go on with the machine in FILE; its vCPUs and memory are those of FILE\n"
	      "  -s, --save FILE   on SIGUSR2, or when the guest asks for it, save the machine to FILE and end\n"
	      "  -u, --unplugged   the guest starts without the device\n"
	      "  -h, --help        this text\n"
	      "SIGHUP plugs the device, or asks the guest to give it back.\n"
	      "The exit status is the guest's own; 2 if the machine could not be run, 4 if it was saved.\n",
	      stdout);
}

static int refuse(const char *what, const char *text)
{
	fprintf(stderr, "vmm: %s: \"%s\"\n", what, text);
	return -EINVAL;
}

static int parse_number(const char *text, unsigned long max, unsigned int *value)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(text, &end, 10);
	/* strtoul() itself takes blanks and signs */
	if (!isdigit((unsigned char)text[0]) || *end || errno || !n || n > max)
		return -EINVAL;
	*value = n;
	return 0;
}

static int parse_device(const char *text)
{
	unsigned int vendor, device, n;
	int length = 0;

	if (!isxdigit((unsigned char)text[0]) ||
	    sscanf(text, "%4x:%4x%n:%u%n", &vendor, &device, &length, &n, &length) < 2 ||
	    text[length])
		return -EINVAL;
	return 0;
}

/* The machine is the one that was saved */
static int parse_restored(int argc, char **argv, const struct vmm_options *options)
{
	if (optind < argc)
		return refuse("a PAYLOAD with --restore", argv[optind]);
	if (options->cpus || options->ram_mib || options->unplugged)
		return refuse("--cpus, --memory or --unplugged with --restore", options->restore);
	return 0;
}

/* getopt_long() reports what it does not know itself */
static int parse(int argc, char **argv, struct vmm_options *options)
{
	int c;

	*options = (struct vmm_options){ 0 };
	while ((c = getopt_long(argc, argv, "c:d:hm:qr:s:u", long_options, NULL)) >= 0) {
		switch (c) {
		case 'c':
			if (parse_number(optarg, VMM_MAX_CPUS, &options->cpus))
				return refuse("--cpus is not a number from 1 to 8", optarg);
			break;
		case 'd':
			if (parse_device(optarg))
				return refuse("--device is not VENDOR:DEVICE[:N]", optarg);
			options->device = optarg;
			break;
		case 'h':
			print_help();
			exit(0);
		case 'm':
			if (parse_number(optarg, VMM_MAX_RAM_MIB, &options->ram_mib) ||
			    options->ram_mib % 2)
				return refuse("--memory is not an even number from 2 to 65536", optarg);
			break;
		case 'q':
			options->quiet = true;
			break;
		case 'r':
			options->restore = optarg;
			break;
		case 's':
			options->save = optarg;
			break;
		case 'u':
			options->unplugged = true;
			break;
		default:
			return -EINVAL;
		}
	}
	if (options->unplugged && !options->device)
		return refuse("--unplugged needs a --device in front of", argv[argc - 1]);
	if (options->restore)
		return parse_restored(argc, argv, options);
	if (optind == argc)
		return refuse("no PAYLOAD behind", argv[argc - 1]);
	if (optind + 1 < argc)
		return refuse("more than one PAYLOAD", argv[optind + 1]);
	options->payload = argv[optind];
	if (!options->cpus)
		options->cpus = 1;
	if (!options->ram_mib)
		options->ram_mib = 32;
	return 0;
}

static int build(struct vmm *vmm)
{
	unsigned int i;
	int rc;

	rc = kvm_open(vmm);
	if (!rc)
		rc = ram_alloc(vmm);
	if (!rc && vmm->options.payload)
		rc = ram_load(vmm, vmm->options.payload);
	for (i = 0; !rc && i < vmm->options.cpus; i++)
		rc = cpu_create(vmm, i);
	if (!rc)
		rc = kvm_irqchip_create(vmm);
	if (rc || !vmm->options.device)
		return rc;
	/* The guest is shown what the SMMU of its device has, also if it gets that later */
	rc = hotplug_plug(vmm);
	if (!rc && vmm->options.unplugged)
		rc = hotplug_unplug(vmm);
	return rc;
}

/* Nothing is made before the whole file has been checked */
static int build_restored(struct vmm *vmm)
{
	struct snapshot_loaded loaded;
	int rc = snapshot_load(vmm->options.restore, &loaded);

	if (rc)
		return rc;
	vmm->options.cpus = loaded.s.head->cpus;
	vmm->options.ram_mib = loaded.s.head->ram_mib;
	rc = build(vmm);
	if (!rc)
		rc = snapshot_restore(vmm, &loaded);
	snapshot_unload(&loaded);
	return rc;
}

static void destroy(struct vmm *vmm)
{
	unsigned int i;

	for (i = 0; i < vmm->options.cpus; i++)
		cpu_destroy(&vmm->cpu[i]);
	hotplug_unplug(vmm);
	cmdqv_destroy(vmm);
	smmu_destroy(vmm);
	iommu_destroy(vmm);
	device_close(vmm);
	kvm_close(vmm);
	ram_free(vmm);
}

/* SIGHUP is about the device, SIGUSR2 saves the machine; any other signal that is taken ends it */
static int take_signal(struct vmm *vmm, int signals)
{
	struct signalfd_siginfo info;

	if (read(signals, &info, sizeof(info)) != sizeof(info))
		return -EINTR;
	switch (info.ssi_signo) {
	case SIGHUP:
		return hotplug_toggle(vmm);
	case SIGUSR2:
		/* The operator learns why, however often the guest has asked */
		vmm->unsaved = 0;
		vmm_save(vmm);
		return 0;
	default:
		return -EINTR;
	}
}

/* The events that the main thread waits for */
enum { WAIT_STOP, WAIT_SIGNAL, WAIT_HOTPLUG, WAIT_CMDQV, WAIT_SMMU, WAITS };

static int serve(struct vmm *vmm, const struct pollfd *fds)
{
	int rc = 0;

	if (fds[WAIT_CMDQV].revents)
		cmdqv_events(vmm);
	if (fds[WAIT_SMMU].revents)
		smmu_events(vmm);
	if (fds[WAIT_SIGNAL].revents)
		rc = take_signal(vmm, fds[WAIT_SIGNAL].fd);
	return rc ? rc : hotplug_step(vmm);
}

/* Until the machine stops: pass on what the hardware and the operator tell */
static void wait_for_end(struct vmm *vmm, int signals)
{
	struct pollfd fds[WAITS] = {
		[WAIT_STOP] = { .fd = vmm->stop_fd, .events = POLLIN },
		[WAIT_SIGNAL] = { .fd = signals, .events = POLLIN },
		[WAIT_HOTPLUG] = { .fd = vmm->hotplug_fd, .events = POLLIN },
		[WAIT_CMDQV] = { .events = POLLIN },
		[WAIT_SMMU] = { .events = POLLIN },
	};
	int rc;

	while (!atomic_load(&vmm->stopping)) {
		/* These come and go with the device */
		fds[WAIT_CMDQV].fd = cmdqv_event_fd(vmm);
		fds[WAIT_SMMU].fd = smmu_event_fd(vmm);
		rc = poll(fds, WAITS, -1) < 0 ? -errno : 0;
		if (rc == -EINTR)
			continue;
		pthread_mutex_lock(&vmm->lock);
		rc = rc ? failed("poll", rc) : serve(vmm, fds);
		if (rc)
			vmm_stop(vmm, STATUS_USAGE);
		pthread_mutex_unlock(&vmm->lock);
	}
}

static void nothing(int signal)
{
}

/* SIGUSR1 only gets a vCPU out of KVM_RUN; the others are read by the main thread */
static int take_signals(bool save)
{
	struct sigaction kick = { .sa_handler = nothing };
	sigset_t taken;

	sigemptyset(&taken);
	sigaddset(&taken, SIGINT);
	sigaddset(&taken, SIGTERM);
	sigaddset(&taken, SIGHUP);
	if (save)
		sigaddset(&taken, SIGUSR2);
	if (sigaction(SIGUSR1, &kick, NULL) || sigprocmask(SIG_BLOCK, &taken, NULL))
		return -errno;
	return signalfd(-1, &taken, SFD_CLOEXEC);
}

/* From the start of the vCPUs until they stand still */
static int run_until_stop(struct vmm *vmm, int signals)
{
	unsigned int i;
	int rc = 0;

	for (i = 0; !rc && i < vmm->options.cpus; i++)
		rc = cpu_start(&vmm->cpu[i]);
	if (rc) {
		pthread_mutex_lock(&vmm->lock);
		vmm_stop(vmm, STATUS_USAGE);
		pthread_mutex_unlock(&vmm->lock);
	}
	wait_for_end(vmm, signals);
	for (i = 0; i < vmm->options.cpus; i++)
		cpu_kick(&vmm->cpu[i]);
	for (i = 0; i < vmm->options.cpus; i++)
		if (vmm->cpu[i].started)
			pthread_join(vmm->cpu[i].thread, NULL);
	for (i = 0; i < vmm->options.cpus; i++)
		vmm->cpu[i].started = false;
	return rc;
}

/* A machine that could not be saved goes on */
static int run(struct vmm *vmm, int signals)
{
	int rc = run_until_stop(vmm, signals);

	while (!rc && vmm->saving) {
		/* The guest may have given its device back just now */
		rc = hotplug_step(vmm);
		if (rc || !snapshot_save(vmm, vmm->options.save))
			break;
		vmm_go_on(vmm);
		rc = run_until_stop(vmm, signals);
	}
	return rc;
}

int main(int argc, char **argv)
{
	static struct vmm vmm = { .kvm_fd = -1, .vm_fd = -1, .gic_fd = -1,
				  .hotplug_fd = -1, .stop_fd = -1,
				  .lock = PTHREAD_MUTEX_INITIALIZER };
	int signals, rc;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (parse(argc, argv, &vmm.options))
		return STATUS_USAGE;
	/* Those that come while the machine is built wait for it */
	signals = take_signals(vmm.options.save);
	if (signals < 0) {
		failed("signals", -errno);
		return STATUS_USAGE;
	}
	rc = vmm.options.restore ? build_restored(&vmm) : build(&vmm);
	if (!rc)
		rc = run(&vmm, signals);
	if (!rc && !vmm.options.quiet)
		control_report(&vmm);
	destroy(&vmm);
	close(signals);
	return rc ? STATUS_USAGE : vmm.status;
}
