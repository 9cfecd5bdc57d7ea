// SPDX-License-Identifier: GPL-2.0
/*
 * IOMMU_VDEVICE_ALLOC on the mock driver: a device gets its virtual ID, each refusal
 * in its order, and the effect of an unbind on the vDEVICE.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "viommu_mock.h"

#define CALLS_IN_VAIN	100000

FIXTURE(vdevice) {
	struct mock_vm vm;
	/* a second device and a second vIOMMU */
	__u32 stdev2;
	__u32 dev2;
	__u32 viommu2;
};

FIXTURE_SETUP(vdevice)
{
	struct mock_vm *vm = &self->vm;

	MOCK_VM_START(vm);
	ASSERT_EQ(0, mock_device(vm->fd, vm->ioas, 0, &self->stdev2,
				 &self->dev2));
	ASSERT_EQ(0, iommufd_viommu_alloc(vm->fd, vm->dev, vm->parent,
					  IOMMU_VIOMMU_TYPE_SELFTEST, NULL, 0,
					  &self->viommu2));
}

FIXTURE_TEARDOWN(vdevice)
{
	MOCK_VM_END(&self->vm);
}

#define EXPECT_VDEVICE(result, viommu, dev, virt_id, id) \
	EXPECT_EQ(result, iommufd_vdevice_alloc(self->vm.fd, viommu, dev, virt_id, id))

TEST_F(vdevice, virtual_ids)
{
	__u64 virt_ids[] = { 0, 1, 63, 64, 0xfffff, 0xffffffff,
			     0x100000000ULL, ~0ULL };
	struct mock_vm *vm = &self->vm;
	unsigned int i;
	__u32 id;

	for (i = 0; i < ARRAY_SIZE(virt_ids); i++) {
		id = 0;
		EXPECT_VDEVICE(0, vm->viommu, vm->dev, virt_ids[i], &id);
		EXPECT_NE(0, id);
		EXPECT_EQ(0, iommufd_destroy(vm->fd, id));
		EXPECT_EQ(-ENOENT, iommufd_destroy(vm->fd, id));
	}
	EXPECT_EQ(0, iommufd_destroy(vm->fd, vm->viommu));
}

TEST_F(vdevice, ids_that_do_not_exist)
{
	struct mock_vm *vm = &self->vm;
	__u32 not_viommu[] = { 0, MOCK_NO_ID, vm->ioas, vm->dev, vm->parent };
	__u32 not_dev[] = { 0, MOCK_NO_ID, vm->ioas, vm->stdev, vm->viommu };
	unsigned int i;
	__u32 id = 0;

	for (i = 0; i < ARRAY_SIZE(not_viommu); i++)
		EXPECT_VDEVICE(-ENOENT, not_viommu[i], vm->dev, 1, &id);
	for (i = 0; i < ARRAY_SIZE(not_dev); i++)
		EXPECT_VDEVICE(-ENOENT, vm->viommu, not_dev[i], 1, &id);
	EXPECT_EQ(0, id);
	EXPECT_EQ(0, iommufd_destroy(vm->fd, vm->viommu));
}

TEST_F(vdevice, one_per_device)
{
	struct mock_vm *vm = &self->vm;
	__u32 vdevice, id;

	EXPECT_VDEVICE(0, vm->viommu, vm->dev, 1, &vdevice);
	EXPECT_VDEVICE(-EEXIST, vm->viommu, vm->dev, 1, &id);
	EXPECT_VDEVICE(-EEXIST, vm->viommu, vm->dev, 2, &id);
	EXPECT_VDEVICE(-EEXIST, self->viommu2, vm->dev, 2, &id);
	EXPECT_EQ(0, iommufd_destroy(vm->fd, self->viommu2));
	EXPECT_EQ(0, iommufd_destroy(vm->fd, vdevice));
	EXPECT_VDEVICE(0, vm->viommu, vm->dev, 2, &vdevice);
}

TEST_F(vdevice, one_per_virtual_id)
{
	struct mock_vm *vm = &self->vm;
	__u32 vdevice, vdevice2, id;

	EXPECT_VDEVICE(0, vm->viommu, vm->dev, 7, &vdevice);
	EXPECT_VDEVICE(-EEXIST, vm->viommu, self->dev2, 7, &id);
	/* Another vIOMMU has its own virtual IDs */
	EXPECT_VDEVICE(0, self->viommu2, self->dev2, 7, &vdevice2);
	EXPECT_EQ(0, iommufd_destroy(vm->fd, vdevice2));
	EXPECT_EQ(0, iommufd_destroy(vm->fd, vdevice));
	EXPECT_VDEVICE(0, vm->viommu, self->dev2, 7, &id);
}

/* The vIOMMU is checked before the device */
TEST_F(vdevice, order_of_the_checks)
{
	struct mock_vm *vm = &self->vm;
	__u32 vdevice, id;

	EXPECT_VDEVICE(0, vm->viommu, vm->dev, 7, &vdevice);
	EXPECT_VDEVICE(-ENOENT, MOCK_NO_ID, vm->dev, 7, &id);
	EXPECT_VDEVICE(-ENOENT, vm->viommu, MOCK_NO_ID, 7, &id);
}

TEST_F(vdevice, response_that_faults)
{
	struct mock_vm *vm = &self->vm;
	struct iommu_vdevice_alloc cmd = {
		.size = sizeof(cmd),
		.viommu_id = vm->viommu,
		.dev_id = vm->dev,
		.virt_id = 9,
	};
	void *page = mock_read_only(&cmd, sizeof(cmd));
	unsigned int i;
	__u32 id;

	for (i = 0; i < 20; i++)
		EXPECT_EQ(-EFAULT, iommufd_ioctl(vm->fd, IOMMU_VDEVICE_ALLOC,
						 page));
	/* Neither the device nor the virtual ID is in use */
	EXPECT_VDEVICE(0, vm->viommu, vm->dev, 9, &id);
	EXPECT_EQ(0, iommufd_destroy(vm->fd, id));
	EXPECT_EQ(0, iommufd_destroy(vm->fd, vm->viommu));
}

TEST_F(vdevice, refused_by_the_driver)
{
	struct mock_vm *vm = &self->vm;
	__u32 vdevice, id;
	unsigned int i;

	for (i = 0; i < 20; i++)
		EXPECT_VDEVICE(-EIO, vm->viommu, vm->dev,
			       IOMMU_TEST_VIRT_ID_REFUSED, &id);
	/* Neither the device nor the virtual ID is in use: it is refused as before */
	EXPECT_VDEVICE(0, vm->viommu, vm->dev, 9, &vdevice);
	EXPECT_VDEVICE(-EIO, vm->viommu, self->dev2,
		       IOMMU_TEST_VIRT_ID_REFUSED, &id);
	EXPECT_EQ(0, iommufd_destroy(vm->fd, vdevice));
	EXPECT_EQ(0, iommufd_destroy(vm->fd, vm->viommu));
}

TEST_F(vdevice, keeps_the_viommu)
{
	struct mock_vm *vm = &self->vm;
	__u32 id;

	EXPECT_VDEVICE(0, vm->viommu, vm->dev, 1, &id);
	EXPECT_EQ(-EBUSY, iommufd_destroy(vm->fd, vm->viommu));
	EXPECT_EQ(-EBUSY, iommufd_destroy(vm->fd, vm->dev));
	EXPECT_EQ(0, iommufd_destroy(vm->fd, id));
	EXPECT_EQ(0, iommufd_destroy(vm->fd, vm->viommu));
}

TEST_F(vdevice, nobody_attaches_to_it)
{
	struct mock_vm *vm = &self->vm;
	__u32 id, hwpt;

	EXPECT_VDEVICE(0, vm->viommu, vm->dev, 1, &id);
	EXPECT_EQ(-EINVAL, mock_attach(vm->fd, vm->stdev, id));
	EXPECT_EQ(-EINVAL, iommufd_hwpt_alloc(vm->fd, vm->dev, id, 0, &hwpt));
	EXPECT_EQ(0, iommufd_destroy(vm->fd, id));
}

TEST_F(vdevice, unbinding_leaves_a_tombstone)
{
	struct mock_vm *vm = &self->vm;
	__u32 vdevice, stdev, dev, id;
	unsigned int i;

	EXPECT_VDEVICE(0, vm->viommu, vm->dev, 5, &vdevice);
	EXPECT_EQ(0, iommufd_destroy(vm->fd, vm->stdev));
	EXPECT_EQ(-ENOENT, iommufd_destroy(vm->fd, vdevice));

	/* The virtual ID is free for another device */
	EXPECT_VDEVICE(0, vm->viommu, self->dev2, 5, &id);
	EXPECT_NE(vdevice, id);
	EXPECT_EQ(0, iommufd_destroy(vm->fd, id));

	/* The ID of the vDEVICE stays reserved */
	for (i = 0; i < 50; i++) {
		ASSERT_EQ(0, iommufd_ioas_alloc(vm->fd, &id));
		ASSERT_NE(vdevice, id);
	}
	ASSERT_EQ(0, mock_device(vm->fd, vm->ioas, 0, &stdev, &dev));
	EXPECT_NE(vdevice, stdev);
	EXPECT_NE(vdevice, dev);
	EXPECT_EQ(-ENOENT, iommufd_destroy(vm->fd, vdevice));
	EXPECT_EQ(-ENOENT, mock_attach(vm->fd, stdev, vdevice));

	/* All other objects can be destroyed */
	EXPECT_EQ(0, iommufd_destroy(vm->fd, vm->viommu));
}

TEST_F(vdevice, unbinding_while_attached)
{
	struct mock_vm *vm = &self->vm;
	__u32 vdevice, nested;

	EXPECT_VDEVICE(0, vm->viommu, vm->dev, 5, &vdevice);
	ASSERT_EQ(0, mock_nested(vm->fd, vm->dev, vm->viommu, &nested));
	ASSERT_EQ(0, mock_attach(vm->fd, vm->stdev, nested));
	EXPECT_EQ(0, iommufd_destroy(vm->fd, vm->stdev));
	EXPECT_EQ(-ENOENT, iommufd_destroy(vm->fd, vdevice));
	EXPECT_EQ(0, iommufd_destroy(vm->fd, nested));
	EXPECT_EQ(0, iommufd_destroy(vm->fd, vm->viommu));
}

/* Many tombstones, and close() still ends */
TEST_F(vdevice, closing_with_tombstones)
{
	struct mock_vm *vm = &self->vm;
	__u32 stdev, dev, id;
	unsigned int i;

	for (i = 0; i < 30; i++) {
		ASSERT_EQ(0, mock_device(vm->fd, vm->ioas, 0, &stdev, &dev));
		EXPECT_VDEVICE(0, vm->viommu, dev, 100, &id);
		ASSERT_EQ(0, iommufd_destroy(vm->fd, stdev));
		EXPECT_EQ(-ENOENT, iommufd_destroy(vm->fd, id));
	}
	/* ... and one existing vDEVICE */
	EXPECT_VDEVICE(0, vm->viommu, vm->dev, 100, &id);
}

struct race {
	struct mock_vm *vm;
	__u32 dev;
	atomic_int stop;
	unsigned int made;
	unsigned int vain;	/* calls that failed */
};

/* Makes and destroys vDEVICEs of the device until it is gone */
static void *race_thread(void *arg)
{
	struct race *race = arg;
	__u32 id;
	int rc;

	while (!atomic_load(&race->stop)) {
		rc = iommufd_vdevice_alloc(race->vm->fd, race->vm->viommu, race->dev, 1,
					   &id);
		if (rc) {
			race->vain++;
			continue;
		}
		race->made++;
		iommufd_destroy(race->vm->fd, id);
	}
	return NULL;
}

/*
 * Unbinding cannot fail, and waits only for a command in flight. A lost wakeup would
 * cost a minute, in which another thread makes far more calls than this bound.
 */
TEST_F(vdevice, unbinding_races_with_destroy)
{
	struct race race = { .vm = &self->vm };
	unsigned int i, made = 0;
	pthread_t thread;
	__u32 stdev;

	for (i = 0; i < 30; i++) {
		ASSERT_EQ(0, mock_device(self->vm.fd, self->vm.ioas, 0, &stdev,
					 &race.dev));
		race.stop = 0;
		race.made = 0;
		race.vain = 0;
		ASSERT_EQ(0, pthread_create(&thread, NULL, race_thread, &race));
		usleep(20000);
		EXPECT_EQ(0, iommufd_destroy(self->vm.fd, stdev));
		atomic_store(&race.stop, 1);
		pthread_join(thread, NULL);
		made += race.made;
		EXPECT_GT(CALLS_IN_VAIN, race.vain);
	}
	EXPECT_LT(0, made);
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, self->vm.viommu));
}

TEST_HARNESS_MAIN
