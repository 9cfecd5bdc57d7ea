// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual machines beside each other, and the end of those that do not end by
 * themselves. Runs in the emulated machine, as its first program does; the VMM is
 * /bin/vmm, payloads are in /.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define STATUS_STOPPED 2	/* of a VMM that was told to end */

static unsigned int done, bad;

/* A VMM of @mib with a payload on the DMA test device number @device; its output goes to @path */
static pid_t start_with(const char *mib, const char *payload, unsigned int device,
			const char *path)
{
	char name[32], file[32];
	pid_t pid;
	int fd;

	snprintf(name, sizeof(name), "1234:1d4a:%u", device);
	snprintf(file, sizeof(file), "/%s.bin", payload);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	pid = fork();
	if (!pid) {
		dup2(fd, 1);
		dup2(fd, 2);
		execl("/bin/vmm", "vmm", "--quiet", "--memory", mib, "--device", name, file, NULL);
		_exit(127);
	}
	close(fd);
	return pid;
}

static pid_t start(const char *payload, unsigned int device, const char *path)
{
	return start_with("32", payload, device, path);
}

/* The exit status, or minus the signal */
static int end_of(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static bool still_running(pid_t pid)
{
	siginfo_t info = { 0 };

	return !waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT) &&
	       !info.si_pid;
}

static bool has(const char *path, const char *word)
{
	char text[8192];
	ssize_t n;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = 0;
	return strstr(text, word);
}

static void show(const char *path)
{
	char line[256];
	FILE *f = fopen(path, "r");

	while (f && fgets(line, sizeof(line), f))
		printf("# %s", line);
	if (f)
		fclose(f);
}

static void check(bool ok, const char *what, const char *path)
{
	if (!ok) {
		bad++;
		show(path);
	}
	printf("%sok %u %s\n", ok ? "" : "not ", ++done, what);
}

static int run(const char *payload, unsigned int device, const char *path)
{
	return end_of(start(payload, device, path));
}

/* The good one as often as it takes until the bad one is through */
static void run_together(void)
{
	pid_t hostile = start("hostile", 1, "/tmp/hostile");
	bool ok = true;

	do {
		ok = !run("good", 0, "/tmp/good");
	} while (ok && still_running(hostile));
	check(ok, "a good guest beside a bad one", "/tmp/good");
	check(!end_of(hostile), "a bad guest beside a good one", "/tmp/hostile");
}

/* True once the guest has said that it works */
static bool at_work(const char *path)
{
	unsigned int i;

	for (i = 0; i < 3000; i++) {
		if (has(path, "at work"))
			return true;
		usleep(100000);
	}
	return false;
}

static void stopped_by(int signal, int expected, const char *what)
{
	pid_t endless = start("endless", 1, "/tmp/endless");
	bool ok = at_work("/tmp/endless");
	int status;

	kill(endless, signal);
	status = end_of(endless);
	check(ok && status == expected, what, "/tmp/endless");
	check(!run("good", 1, "/tmp/good"), "its device serves the next guest",
	      "/tmp/good");
}

static long pool(const char *name)
{
	char path[128], text[32] = "";
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/sys/kernel/mm/hugepages/hugepages-2048kB/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	return n > 0 ? strtol(text, NULL, 10) : -1;
}

/* Two VMMs that need more huge pages than there are, one of them killed, give all of them back */
static void huge_pages(void)
{
	long pages = pool("nr_hugepages"), limit = pool("nr_overcommit_hugepages");
	char mib[16];
	pid_t a, b;
	bool ok;

	snprintf(mib, sizeof(mib), "%ld", 2 * pages - 32);
	a = start_with(mib, "endless", 0, "/tmp/a");
	b = start_with(mib, "endless", 1, "/tmp/b");
	ok = at_work("/tmp/a") && at_work("/tmp/b");
	ok &= pool("surplus_hugepages") > 0;
	kill(a, SIGKILL);
	kill(b, SIGTERM);
	ok &= end_of(a) == -SIGKILL;
	ok &= end_of(b) == STATUS_STOPPED;
	check(ok, "two guests with more huge pages than there are", "/tmp/a");
	ok = pages > 0 && pool("nr_hugepages") == pages && !pool("surplus_hugepages") &&
	     pool("nr_overcommit_hugepages") == limit;
	check(ok, "the pool of huge pages is as it was", "/tmp/b");
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n1..8\n");
	run_together();
	stopped_by(SIGTERM, STATUS_STOPPED, "a guest at work is stopped by SIGTERM");
	stopped_by(SIGKILL, -SIGKILL, "a VMM is killed");
	huge_pages();
	return bad != 0;
}
