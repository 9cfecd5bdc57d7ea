// SPDX-License-Identifier: GPL-2.0
/*
 * Guests under a shutdown of the host, and under a start of another kernel.
 *
 *	cmdqv_shutdown		starts two virtual machines that run without end
 *	cmdqv_shutdown next	in the next kernel: checks that nothing is left of them
 *
 * The VMs run in a process with its own session, so that the test runner does not kill
 * it.
 *
 * A thread keeps each queue full, whatever page 0 shows, with a model that is slow
 * (fault-slow-ns). The second VM also turns its queues on again when they are off,
 * and its VMM changes memory, queues and vDEVICE all the time.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../kselftest.h"
#include "../../qemu/pci-dma-test-regs.h"
#include "cmdqv_ram.h"
#include "cmdqv_regs.h"
#include "cmdqv_vm.h"
#include "iommu_arguments.h"
#include "iommu_require.h"
#include "wait_for.h"

#define HUGE_PAGES	16
#define LOG2SIZE	8
#define MACHINES	2
/* CMD_SYNCs before the program reports that the VMs run */
#define ENOUGH		100
#define UNMAPS		10
/* Leave the processors to others */
#define PAUSE_US	5000

static struct cmdqv_vm vms[MACHINES];

static void fill(struct vcmdq *q)
{
	unsigned int n;

	q->cons = vcmdq_read(q, VCMDQ_CONS) & q->wrap;
	for (n = 0; (q->prod ^ q->cons) != 1U << q->log2size; n++) {
		q->ring[q->prod & q->mask] = n % 4 == 3 ? cmd_sync() :
			cmd_tlbi_nh_va(VM_ASID, STAGE1_IOVA);
		q->prod = (q->prod + 1) & q->wrap;
		q->commands++;
	}
	vcmdq_kick(q);
	usleep(PAUSE_US);
}

static void *run_guest(void *arg)
{
	struct vcmdq *q = arg;

	for (;;)
		fill(q);
	return NULL;
}

static void *run_stubborn_guest(void *arg)
{
	struct vcmdq *q = arg;

	for (;;) {
		fill(q);
		if (!(vcmdq_read(q, VCMDQ_STATUS) & VCMDQ_EN))
			vcmdq_write(q, VCMDQ_CONFIG, VCMDQ_EN);
	}
	return NULL;
}

/* Results are ignored; objects go with the process */
static void *run_vmm(void *arg)
{
	const __u32 rw = IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE;
	struct smmu_cmd cmd = cmd_tlbi_nh_asid(VM_ASID);
	const unsigned int last = VM_QUEUES - 1;
	struct cmdqv_vm *vm = arg;
	const __u64 iova = vm->ram.gpa + vm->ram.size, page = ram_host_page();
	__u64 length;
	__u32 num;

	for (;;) {
		iommufd_ioas_map(vm->iommufd, vm->ioas,
				 ram_va(&vm->ram, RAM_FREE), iova, page, rw);
		num = 1;
		iommufd_hwpt_invalidate(vm->iommufd, vm->viommu, &cmd, &num);
		length = page;
		iommufd_ioas_unmap(vm->iommufd, vm->ioas, iova, &length);
		vm_queue_free(vm, last);
		iommufd_hw_queue_alloc(vm->iommufd, vm->viommu, VM_QUEUE_TYPE, last,
				       ram_gpa(&vm->ram, RAM_QUEUE(last)),
				       sizeof(struct smmu_cmd) << LOG2SIZE,
				       &vm->queue[last].id);
		vm_destroy(vm, &vm->vdevice);
		vm_vdevice(vm);
		usleep(PAUSE_US);
	}
	return NULL;
}

static int begin(void *(*fn)(void *), void *arg)
{
	pthread_t id;

	return -pthread_create(&id, NULL, fn, arg);
}

static int run_machine(unsigned int m)
{
	struct cmdqv_vm *vm = &vms[m];
	unsigned int i;
	int rc;

	rc = vm_build(vm, m, LOG2SIZE);
	for (i = 0; !rc && i < VM_QUEUES; i++)
		rc = begin(m ? run_stubborn_guest : run_guest, &vm->queue[i].q);
	return rc;
}

/*
 * Wait until all queues have executed commands; the last one of the second VM comes
 * and goes
 */
static int wait_for_work(void)
{
	struct model_counts counts;

	return wait_for((vm_counts(&vms[0], &counts),
			 counts.guest.sync >= ENOUGH)) ? 0 : -ETIMEDOUT;
}

static int run_machines(void)
{
	unsigned int m;
	int rc = 0;

	for (m = 0; !rc && m < MACHINES; m++)
		rc = run_machine(m);
	if (!rc)
		rc = wait_for_work();
	return rc;
}

static __u64 kernel_commands(struct dma_dev *dev)
{
	return dma_window(dev, CMDQV_WIN_QUEUE(0) + CMDQV_WIN_Q_COMMANDS) +
	       dma_window(dev, CMDQV_WIN_QUEUE(1) + CMDQV_WIN_Q_COMMANDS);
}

/* The kernel's queues execute the commands of an unmap, and no other queue runs */
static void test_work(void)
{
	const __u32 rw = IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE;
	struct cmdqv_vm *vm = &vms[0];
	const __u64 iova = RAM_GPA + RAM_SIZE;
	struct model_counts counts;
	__u64 before, length;
	unsigned int i;
	int rc;

	rc = vm_open(vm, 0);
	if (!rc)
		rc = vfio_attach(vm->dev.fd, vm->parent);
	before = rc ? 0 : kernel_commands(&vm->dev);
	for (i = 0; !rc && i < UNMAPS; i++) {
		length = ram_host_page();
		rc = iommufd_ioas_map(vm->iommufd, vm->ioas,
				      ram_va(&vm->ram, RAM_FREE), iova, length,
				      rw);
		if (!rc)
			rc = iommufd_ioas_unmap(vm->iommufd, vm->ioas, iova,
						&length);
	}
	ksft_test_result(!rc && kernel_commands(&vm->dev) >= before + 2 * UNMAPS,
			 "the queues of the kernel work: %s\n", strerror(-rc));
	if (!rc) {
		vm_counts(vm, &counts);
		rc = vfio_detach(vm->dev.fd);
	}
	ksft_test_result(!rc && !counts.guest.commands,
			 "no queue of a guest does anything\n");
	vm_close(vm);
}

static void test_next(void)
{
	struct cmdqv_regs regs;
	unsigned int v;
	int clean = 1;

	ksft_set_plan(3);
	if (regs_open(&regs))
		ksft_exit_fail_msg("no registers\n");
	for (v = 1; v < regs.vintfs; v++)
		clean &= regs_vintf_clean(&regs, v);
	ksft_test_result(!regs_vintfs_in_use(&regs) && clean,
			 "nothing is left of the machines\n");
	regs_close(&regs);
	test_work();
	ksft_finished();
}

static void test_machines_run(void)
{
	int fds[2], rc = -EPIPE;

	ksft_set_plan(1);
	if (pipe(fds))
		ksft_exit_fail_msg("no pipe\n");
	if (!fork()) {
		setsid();
		rc = run_machines();
		if (write(fds[1], &rc, sizeof(rc)) != sizeof(rc) || rc)
			_exit(1);
		/* The output is not read from here on */
		close(STDOUT_FILENO);
		close(STDERR_FILENO);
		close(fds[0]);
		close(fds[1]);
		run_vmm(&vms[1]);
	}
	close(fds[1]);
	if (read(fds[0], &rc, sizeof(rc)) != sizeof(rc))
		rc = -EPIPE;
	ksft_test_result(!rc, "two machines run: %s\n", strerror(-rc));
	ksft_finished();
}

int main(int argc, char **argv)
{
	arguments_at_most(argc, 1, "[next]");
	if (argc > 1 && strcmp(argv[1], "next"))
		argument_refused("neither \"next\" nor nothing: \"%s\"", argv[1]);
	require_cmdqv();
	ksft_print_header();
	if (ram_reserve_huge_pages(HUGE_PAGES))
		ksft_exit_fail_msg("no huge pages\n");
	if (argc > 1)
		test_next();
	else
		test_machines_run();
}
