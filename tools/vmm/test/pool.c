// SPDX-License-Identifier: GPL-2.0
/*
 * Guest RAM on the host's pool of huge pages, with a pool of this program: files of a directory
 * in place of sysfs, and mmap() that takes from it what Linux would. Several guests that are
 * short of pages, one after the other: each gets its pages or a clean refusal, the limit of
 * surplus pages is as it was, and no guest reads the pool while another one changes it.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../vmm.h"

/* Pages of the pool: mapped ones are neither free nor surplus any more when their guest ends */
static struct {
	unsigned long nr, free, reserved, surplus;
	/* Pages that the host can make, and times that somebody could have come between */
	unsigned long host;
	unsigned int unlocked;
	/* The highest limit that was seen */
	unsigned long limit;
	/* The signal that comes while the limit is raised, or 0 */
	int signal;
} pool;

static const char *const names[] = { "nr_hugepages", "free_hugepages", "resv_hugepages",
				     "surplus_hugepages" };

void *__wrap_mmap(void *addr, size_t size, int prot, int flags, int fd, off_t offset);
void *__real_mmap(void *addr, size_t size, int prot, int flags, int fd, off_t offset);
int __wrap_munmap(void *addr, size_t size);
int __real_munmap(void *addr, size_t size);

static void put(const char *name, unsigned long value)
{
	char path[96];
	FILE *f;

	snprintf(path, sizeof(path), POOL "%s", name);
	f = fopen(path, "w");
	fprintf(f, "%lu\n", value);
	fclose(f);
}

static unsigned long limit(void)
{
	unsigned long value = 0;
	FILE *f = fopen(POOL "nr_overcommit_hugepages", "r");

	if (f && fscanf(f, "%lu", &value) != 1)
		value = 0;
	if (f)
		fclose(f);
	return value;
}

static void show(void)
{
	const unsigned long values[] = { pool.nr, pool.free, pool.reserved, pool.surplus };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(values); i++)
		put(names[i], values[i]);
}

static bool locked(void)
{
	int fd = open(POOL "nr_overcommit_hugepages", O_RDWR | O_CLOEXEC);
	bool free = !flock(fd, LOCK_EX | LOCK_NB);

	close(fd);
	return !free;
}

/* Linux populates a mapping with all pages, or none */
void *__wrap_mmap(void *addr, size_t size, int prot, int flags, int fd, off_t offset)
{
	unsigned long pages = size / VMM_HUGE_PAGE, free = pool.free - pool.reserved, more;

	if (!(flags & MAP_HUGETLB))
		return __real_mmap(addr, size, prot, flags, fd, offset);
	if (!locked() && access(POOL "nr_overcommit_hugepages", W_OK) == 0)
		pool.unlocked++;
	if (limit() > pool.limit)
		pool.limit = limit();
	if (pool.signal)
		raise(pool.signal);
	more = pages > free ? pages - free : 0;
	if (pool.surplus + more > limit() || more > pool.host) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	pool.nr += more;
	pool.surplus += more;
	pool.host -= more;
	pool.free = pool.free + more - pages;
	show();
	return __real_mmap(NULL, size, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

/* Surplus pages go first */
static void unmapped(size_t size)
{
	unsigned long pages = size / VMM_HUGE_PAGE;
	unsigned long go = pages < pool.surplus ? pages : pool.surplus;

	pool.surplus -= go;
	pool.nr -= go;
	pool.host += go;
	pool.free += pages - go;
	show();
}

int __wrap_munmap(void *addr, size_t size)
{
	if (size >= VMM_HUGE_PAGE)
		unmapped(size);
	return __real_munmap(addr, size);
}

/* The rest of the VMM that ram.c needs */
int kvm_slot_set(struct vmm *vmm, enum vmm_slot slot, uint64_t gpa, void *va, uint64_t size)
{
	return slot == SLOT_RAM && gpa == VMM_RAM && va && size == vmm->ram.size ? 0 : -EINVAL;
}

int failed(const char *what, int rc)
{
	return rc;
}

static unsigned int done, bad;

static void check(bool ok, const char *what)
{
	bad += !ok;
	printf("%sok %u %s\n", ok ? "" : "not ", ++done, what);
}

static void set_up(unsigned long nr, unsigned long host, unsigned long overcommit)
{
	memset(&pool, 0, sizeof(pool));
	pool.nr = nr;
	pool.free = nr;
	pool.host = host;
	show();
	put("nr_overcommit_hugepages", overcommit);
}

static int guest(struct vmm *vmm, unsigned int mib)
{
	*vmm = (struct vmm){ .options.ram_mib = mib };
	return ram_alloc(vmm);
}

static bool as_before(unsigned long nr, unsigned long overcommit)
{
	return pool.nr == nr && pool.free == nr && !pool.surplus && limit() == overcommit &&
	       !pool.unlocked;
}

static void a_large_pool(void)
{
	struct vmm a;
	bool ok;

	set_up(64, 100, 0);
	ok = !guest(&a, 128) && !pool.free && !pool.surplus && !pool.limit;
	ram_free(&a);
	check(ok && as_before(64, 0), "a pool that is large enough is left alone");
}

static void two_guests(void)
{
	struct vmm a, b, c;
	bool ok;

	set_up(64, 100, 0);
	ok = !guest(&a, 96) && !guest(&b, 96);
	ok &= pool.surplus == 32 && pool.nr == 96 && !pool.free && !limit();
	ok &= !guest(&c, 32) && pool.surplus == 48 && !limit();
	/* Not in the order in which they came */
	ram_free(&a);
	ram_free(&c);
	ram_free(&b);
	check(ok && as_before(64, 0), "three guests with more pages than there are");
}

/* A guest that is killed says nothing; its pages go all the same */
static void after_a_kill(void)
{
	struct vmm a, b;
	bool ok;

	set_up(4, 100, 3);
	ok = !guest(&a, 32) && limit() == 3 && pool.surplus == 12;
	unmapped(a.ram.size);
	ok &= as_before(4, 3) && !guest(&b, 32) && limit() == 3;
	ram_free(&b);
	check(ok && as_before(4, 3), "a guest is killed, and the next one has the same pool");
}

static void refused(void)
{
	struct vmm a, b;
	bool ok;

	set_up(64, 31, 0);
	ok = !guest(&a, 96) && guest(&b, 96) == -ENOMEM && !limit() && pool.free == 16;
	ok &= pool.limit == 32;
	ram_free(&a);
	check(ok && as_before(64, 0), "the host cannot make as many: one error, and nothing has changed");
}

/* Free pages that another program has reserved, and not touched, are not for a guest */
static void reserved_pages(void)
{
	struct vmm a;
	bool ok;

	set_up(16, 100, 0);
	pool.reserved = 10;
	show();
	ok = !guest(&a, 32) && pool.surplus == 10 && pool.limit == 10 && !limit();
	ram_free(&a);
	pool.reserved = 0;
	check(ok && as_before(16, 0), "pages that are reserved stay for who has reserved them");
}

static void limit_that_suffices(void)
{
	struct vmm a;
	bool ok;

	set_up(0, 100, 50);
	ok = !guest(&a, 64) && pool.surplus == 32 && pool.limit == 50 && limit() == 50;
	ram_free(&a);
	check(ok && as_before(0, 50), "a limit that suffices is not lowered");
}

static void signals(void)
{
	static const int numbers[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR2 };
	unsigned int i;
	struct vmm a;
	bool ok = true;
	int status;
	pid_t pid;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		set_up(4, 100, 3);
		pid = fork();
		if (!pid) {
			/* This program may have been started with it ignored */
			signal(numbers[i], SIG_DFL);
			pool.signal = numbers[i];
			guest(&a, 32);
			_exit(0);
		}
		ok &= waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) &&
		      WTERMSIG(status) == numbers[i] && limit() == 3;
	}
	check(ok, "a guest is ended by a signal while the limit is raised");
}

static void no_pool(void)
{
	struct vmm a;

	set_up(0, 100, 0);
	unlink(POOL "nr_overcommit_hugepages");
	check(guest(&a, 32) == -ENOMEM && !pool.surplus, "without a pool of huge pages there is an error");
}

int main(void)
{
	unsigned int i;

	mkdir(POOL, 0700);
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n1..8\n");
	a_large_pool();
	two_guests();
	after_a_kill();
	refused();
	reserved_pages();
	limit_that_suffices();
	signals();
	no_pool();
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		char path[96];

		snprintf(path, sizeof(path), POOL "%s", names[i]);
		unlink(path);
	}
	rmdir(POOL);
	return bad != 0;
}
