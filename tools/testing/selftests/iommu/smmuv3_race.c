// SPDX-License-Identifier: GPL-2.0
/*
 * Races between threads of a VMM: HWPTs are replaced while interrupts are set up,
 * commands name a virtual StreamID whose vDEVICE comes and goes, memory is unmapped
 * under a guest that invalidates. Each call must end, with success or with a permitted
 * error; the checks of the debug kernel on locks and memory are the result. In the end
 * the VM must work.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "smmuv3_nested.h"

#define ROUNDS 200

FIXTURE(race) {
	struct cmdqv_vm vm;
	__u32 bypass;
};

struct racer {
	struct cmdqv_vm *vm;
	__u32 bypass;
	atomic_int *running;
	int rc;			/* the first error that must not be */
	atomic_uint done;	/* calls that succeeded */
};

/* Whether each racer after this one has had so many calls succeed, or is lost */
static bool others_did(const struct racer *r, unsigned int calls)
{
	for (r++; r->vm; r++)
		if (!r->rc && atomic_load(&r->done) < calls)
			return false;
	return true;
}

static void note(struct racer *r, int rc, int may)
{
	if (!rc)
		r->done++;
	else if (rc != may && !r->rc)
		r->rc = rc;
}

FIXTURE_SETUP(race)
{
	__u64 ste[2] = { VSTE_V | VSTE_CFG_BYPASS, 0 };

	NESTED_OPEN(&self->vm, 0);
	TEST_STEP(&self->vm, vm_nest(&self->vm));
	ASSERT_EQ(0, iommufd_hwpt_nested(self->vm.iommufd, self->vm.dev_id,
					 self->vm.viommu, ste, &self->bypass));
}

FIXTURE_TEARDOWN(race)
{
	EXPECT_EQ(0, iommufd_destroy(self->vm.iommufd, self->bypass));
	TEST_END(&self->vm);
}

/* The others run until this one has finished its rounds */
static void *replace_hwpts(void *arg)
{
	struct racer *r = arg;
	unsigned int i;

	for (i = 0; i < ROUNDS || !others_did(r, 1); i++) {
		note(r, vfio_attach(r->vm->dev.fd, r->bypass), 0);
		note(r, vfio_attach(r->vm->dev.fd, r->vm->nested), 0);
	}
	atomic_store(r->running, 0);
	return NULL;
}

static void *set_up_interrupts(void *arg)
{
	const __u32 index = VFIO_PCI_MSIX_IRQ_INDEX;
	struct racer *r = arg;
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	while (atomic_load(r->running)) {
		note(r, vfio_set_irq(r->vm->dev.fd, index, fd), 0);
		note(r, vfio_set_irq(r->vm->dev.fd, index, -1), 0);
	}
	close(fd);
	return NULL;
}

/* A vDEVICE under the same virtual StreamID again and again */
static void *renew_vdevice(void *arg)
{
	struct racer *r = arg;
	struct cmdqv_vm *vm = r->vm;

	while (atomic_load(r->running)) {
		/* A command in flight may use it */
		note(r, vm_destroy(vm, &vm->vdevice), -EBUSY);
		if (!vm->vdevice)
			note(r, iommufd_vdevice_alloc(vm->iommufd, vm->viommu,
						      vm->dev_id, VM_VSID(0),
						      &vm->vdevice), 0);
	}
	return NULL;
}

static void *invalidate(void *arg)
{
	struct racer *r = arg;
	struct cmdqv_vm *vm = r->vm;
	const __u64 vsid = (__u64)VM_VSID(0) << 32;

	while (atomic_load(r->running)) {
		note(r, invalidate_one(vm, CMD_CFGI_CD_ALL | vsid, 0), -EIO);
		note(r, invalidate_one(vm, CMD_TLBI_NH_ALL, 0), 0);
	}
	return NULL;
}

static void *remap_memory(void *arg)
{
	const __u32 rw = IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE;
	struct racer *r = arg;
	struct cmdqv_vm *vm = r->vm;
	const __u64 iova = vm->ram.gpa + vm->ram.size, page = ram_host_page();
	__u64 length;

	while (atomic_load(r->running)) {
		note(r, iommufd_ioas_map(vm->iommufd, vm->ioas,
					 ram_va(&vm->ram, RAM_FREE), iova,
					 page, rw), 0);
		length = page;
		note(r, iommufd_ioas_unmap(vm->iommufd, vm->ioas, iova, &length),
		     0);
	}
	return NULL;
}

static void race(struct __test_metadata *_metadata, struct cmdqv_vm *vm,
		 __u32 bypass, void *(*const *threads)(void *), unsigned int n)
{
	struct racer racers[5] = { 0 };
	pthread_t ids[4];
	atomic_int running = 1;
	unsigned int i;

	ASSERT_GE(ARRAY_SIZE(ids), n);
	for (i = 0; i < n; i++) {
		racers[i].vm = vm;
		racers[i].bypass = bypass;
		racers[i].running = &running;
	}
	for (i = 0; i < n; i++)
		ASSERT_EQ(0, pthread_create(&ids[i], NULL, threads[i],
					    &racers[i]));
	for (i = 0; i < n; i++) {
		ASSERT_EQ(0, pthread_join(ids[i], NULL));
		EXPECT_EQ(0, racers[i].rc)
		{
			TH_LOG("thread %u", i);
		}
		EXPECT_NE(0, racers[i].done);
	}

	stage1_map(&vm->ram, IOVA(0), GPA(vm, 0));
	EXPECT_EQ(VALUE_A, device_reads(vm, IOVA(0)));
}

TEST_F(race, interrupts)
{
	static void *(*const threads[])(void *) = {
		replace_hwpts, set_up_interrupts, remap_memory,
	};

	race(_metadata, &self->vm, self->bypass, threads, ARRAY_SIZE(threads));
}

/* Stage 1 needs a vDEVICE, so this variant does not replace HWPTs and only sets the pace */
static void *wait_only(void *arg)
{
	struct racer *r = arg;

	r->done = wait_for(others_did(r, ROUNDS));
	atomic_store(r->running, 0);
	return NULL;
}

TEST_F(race, vdevice)
{
	static void *(*const threads[])(void *) = {
		wait_only, renew_vdevice, invalidate, remap_memory,
	};

	race(_metadata, &self->vm, self->bypass, threads, ARRAY_SIZE(threads));
}

TEST_HARNESS_MAIN
