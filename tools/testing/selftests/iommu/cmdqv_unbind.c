// SPDX-License-Identifier: GPL-2.0
/*
 * The administrator removes the device of a running VM: unbinds it from vfio-pci,
 * or removes it from its bus. VFIO requests the device from the VMM by an eventfd and
 * waits until it is closed, without a limit; the guest continues during the wait, and
 * its queues also afterwards. Then the device can come back, without leftovers.
 */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cmdqv_test.h"
#include "cmdqv_regs.h"
#include "../../qemu/pci-dma-test-regs.h"

#define SYSFS_UNBIND	"/sys/bus/pci/drivers/vfio-pci/unbind"
#define SYSFS_RESCAN	"/sys/bus/pci/rescan"
#define QUIET_MS	300

/* A write to sysfs that may take long */
struct request {
	char path[128];
	char text[32];
	atomic_int done;
	pthread_t thread;
};

struct guest {
	struct vcmdq *q;
	atomic_int running;
	int rc;
	pthread_t thread;
};

FIXTURE(unbind) {
	struct cmdqv_vm vm;
	struct cmdqv_regs regs;
	struct request request;
	struct guest guest;
};

FIXTURE_VARIANT(unbind) {
	int remove;
};

FIXTURE_VARIANT_ADD(unbind, from_driver) { .remove = 0 };
FIXTURE_VARIANT_ADD(unbind, from_bus) { .remove = 1 };

FIXTURE_SETUP(unbind)
{
	TEST_RESERVE();
	ASSERT_EQ(0, regs_open(&self->regs));
	EXPECT_EQ(0, regs_vintfs_in_use(&self->regs));
}

static void *write_text(void *arg)
{
	struct request *r = arg;
	FILE *file = fopen(r->path, "w");

	if (file) {
		fputs(r->text, file);
		fclose(file);
	}
	atomic_store(&r->done, 1);
	return NULL;
}

static int request_begin(struct request *r, int remove)
{
	char name[PCI_NAME_LEN];
	int rc = pci_find(PCI_DMA_TEST_VENDOR_ID, PCI_DMA_TEST_DEVICE_ID, 0,
			  name);

	if (rc)
		return rc;
	if (remove)
		snprintf(r->path, sizeof(r->path),
			 "/sys/bus/pci/devices/%s/remove", name);
	else
		snprintf(r->path, sizeof(r->path), SYSFS_UNBIND);
	snprintf(r->text, sizeof(r->text), "%s", remove ? "1" : name);
	return -pthread_create(&r->thread, NULL, write_text, r);
}

static int request_end(struct request *r)
{
	struct timespec end;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += WAIT_MS / 1000;
	return -pthread_timedjoin_np(r->thread, NULL, &end);
}

static void *run_guest(void *arg)
{
	struct guest *g = arg;

	while (atomic_load(&g->running) && !g->rc)
		g->rc = vcmdq_issue_sync(g->q, cmd_tlbi_nh_asid(VM_ASID));
	return NULL;
}

/* Another VM with the device works */
FIXTURE_TEARDOWN(unbind)
{
	struct cmdqv_vm *vm = &self->vm;
	struct request rescan = { .path = SYSFS_RESCAN, .text = "1" };
	unsigned int i;

	EXPECT_EQ(0, regs_vintfs_in_use(&self->regs));
	EXPECT_EQ(1, regs_vintf_clean(&self->regs, 1));
	if (variant->remove)
		write_text(&rescan);
	TEST_BUILD(vm, 0, TEST_LOG2SIZE);
	for (i = 0; i < VM_QUEUES; i++)
		EXPECT_EQ(0, vcmdq_issue_sync(&vm->queue[i].q,
					      cmd_tlbi_nh_asid(VM_ASID)));
	TEST_END(vm);
	EXPECT_EQ(0, regs_vintfs_in_use(&self->regs));
	regs_close(&self->regs);
}

/* A VMM that closes the device some time after the request, and keeps the rest of its VM */
TEST_F(unbind, asks_and_waits)
{
	struct cmdqv_vm *vm = &self->vm;
	struct guest *guest = &self->guest;
	struct pollfd asked = { .events = POLLIN };

	TEST_BUILD(vm, 0, TEST_LOG2SIZE);
	asked.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	ASSERT_LE(0, asked.fd);
	ASSERT_EQ(0, vfio_set_irq(vm->dev.fd, VFIO_PCI_REQ_IRQ_INDEX, asked.fd));
	guest->q = &vm->queue[0].q;
	guest->running = 1;
	ASSERT_EQ(0, pthread_create(&guest->thread, NULL, run_guest, guest));
	EXPECT_EQ(0, poll(&asked, 1, 0));

	ASSERT_EQ(0, request_begin(&self->request, variant->remove));
	EXPECT_EQ(1, poll(&asked, 1, WAIT_MS));
	usleep(QUIET_MS * 1000);
	EXPECT_EQ(0, self->request.done);
	/* Until then guest and VMM work */
	EXPECT_EQ(VM_VSID(0) << 1 | 1, regs_sid_match(&self->regs, 1, 0));
	EXPECT_EQ(0, vm_queue_free(vm, 1));
	EXPECT_EQ(0, vm_queue_alloc(vm, 1, TEST_LOG2SIZE));

	dma_close(&vm->dev);
	ASSERT_EQ(0, request_end(&self->request));
	vm->attached = 0;
	EXPECT_EQ(-ENOENT, vm_destroy(vm, &vm->vdevice));
	vm->vdevice = 0;
	EXPECT_EQ(0, regs_sid_match(&self->regs, 1, 0));
	EXPECT_EQ(0, regs_sid_replace(&self->regs, 1, 0));

	/* The guest is not affected */
	usleep(QUIET_MS * 1000);
	atomic_store(&guest->running, 0);
	ASSERT_EQ(0, pthread_join(guest->thread, NULL));
	EXPECT_EQ(0, guest->rc);
	TEST_STEP(vm, vm_teardown(vm));
	vm_close(vm);
	close(asked.fd);
}

/* A VMM that ignores the request, until it is killed */
TEST_F(unbind, vmm_is_killed)
{
	struct cmdqv_vm *vm = &self->vm;
	int fds[2], rc = -EPIPE, status;
	pid_t pid;

	ASSERT_EQ(0, pipe(fds));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		rc = vm_build(vm, 0, TEST_LOG2SIZE);
		if (write(fds[1], &rc, sizeof(rc)) != sizeof(rc))
			_exit(1);
		self->guest.q = &vm->queue[1].q;
		self->guest.running = 1;
		run_guest(&self->guest);
		_exit(2);
	}
	ASSERT_EQ(sizeof(rc), read(fds[0], &rc, sizeof(rc)));
	ASSERT_EQ(0, rc);

	ASSERT_EQ(0, request_begin(&self->request, variant->remove));
	usleep(QUIET_MS * 1000);
	EXPECT_EQ(0, self->request.done);
	EXPECT_EQ(1, regs_vintfs_in_use(&self->regs));
	EXPECT_EQ(0, waitpid(pid, &status, WNOHANG));
	kill(pid, SIGKILL);
	EXPECT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, request_end(&self->request));
	close(fds[0]);
	close(fds[1]);
}

TEST_HARNESS_MAIN
