// SPDX-License-Identifier: GPL-2.0
/*
 * First program of the emulated machine: runs a list of tests, reports in KTAP, powers off.
 *
 * The kernel's log uses the first serial port; results go to the second one, so a kernel message
 * cannot split a result line. Two markers in /dev/kmsg show the part of the log that belongs to a
 * test.
 *
 * /machine/tests has one test per line, its arguments separated by tabs. The output of a test
 * becomes KTAP subtests (indented by two spaces). Its exit code decides: 0 passed, 4 skipped, any
 * other failed. A test that does not end within "timeout" seconds is killed. A test that leaves
 * pages pinned, or keeps huge pages, has failed, too, unless there is a line "keeps pages".
 *
 * "kexec" instead of a test starts the kernel /machine/Image with the initrd of this one. The
 * command line of the new kernel has the number of finished tests. It reports that it has started,
 * and continues with the next test.
 *
 * /machine/modules, if it exists, has the path of a module on each line. They are loaded in that
 * order before the tests. A module for hardware that this machine does not have may refuse
 * (ENODEV).
 *
 * If the kernel has kmemleak, and it is not off, a last test scans for leaks.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/reboot.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "balance.h"
#include "next-kernel.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define MAX_ARGS	32
#define KSFT_SKIP	4
/* kmemleak reports an object only when it has been unreachable for five seconds */
#define KMEMLEAK_AGE	6
#define KMEMLEAK	"/sys/kernel/debug/kmemleak"
/* On the command line of a kernel that another one started; init gets it in its environment */
#define TESTS_DONE	"machine_tests_done"

static const struct {
	const char *type;
	const char *where;
	const char *options;
	bool optional;
} mounts[] = {
	{ "devtmpfs", "/dev" },
	{ "proc", "/proc" },
	{ "sysfs", "/sys" },
	{ "tmpfs", "/tmp" },
	{ "debugfs", "/sys/kernel/debug", NULL, true },
	{ "tracefs", "/sys/kernel/tracing", NULL, true },
	{ "hugetlbfs", "/dev/hugepages", "pagesize=2M", true },
};

static FILE *results;
static unsigned int test_timeout = 300;
/* Memory of hardware that does not answer stays pinned */
static bool keeps_pages;

static void say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(results, fmt, ap);
	va_end(ap);
	fflush(results);
}

static void power_off(void)
{
	tcdrain(fileno(results));
	sync();
	reboot(RB_POWER_OFF);
	_exit(1);
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = write(fd, text, strlen(text));
	close(fd);
	return n < 0 ? -EIO : 0;
}

/* One line in the kernel's log; the launcher finds the test of a splat with it */
static void mark(const char *fmt, ...)
{
	char line[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	write_file("/dev/kmsg", line);
}

static void open_results(void)
{
	static const char * const ports[] = { "/dev/ttyAMA1", "/dev/ttyS1", "/dev/console" };
	struct termios t;
	unsigned int i;
	int fd = -1;

	for (i = 0; i < ARRAY_SIZE(ports) && fd < 0; i++)
		fd = open(ports[i], O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd >= 0 && !tcgetattr(fd, &t)) {
		cfmakeraw(&t);
		tcsetattr(fd, TCSANOW, &t);
	}
	results = fdopen(fd, "w");
	if (!results)
		_exit(1);
}

static void mount_all(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(mounts); i++) {
		mkdir(mounts[i].where, 0755);
		if (mount(mounts[i].type, mounts[i].where, mounts[i].type, 0, mounts[i].options) &&
		    !mounts[i].optional)
			mark("machine: mounting %s: %s", mounts[i].where, strerror(errno));
	}
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* Forwards the output of a test, indented; *fresh is true at the start of a line */
static void relay(const char *buf, ssize_t n, bool *fresh)
{
	ssize_t i;

	for (i = 0; i < n; i++) {
		if (*fresh && buf[i] != '\n')
			fputs("  ", results);
		fputc(buf[i], results);
		*fresh = buf[i] == '\n';
	}
	fflush(results);
}

/* Waits until the test has ended and its output is read. Returns true on timeout */
static bool watch(pid_t pid, int out, int *status)
{
	double end = now() + test_timeout;
	bool fresh = true, ended = false;
	char buf[4096];
	ssize_t n;

	for (;;) {
		struct pollfd p = { .fd = out, .events = POLLIN };

		if (poll(&p, 1, ended ? 0 : 100) > 0) {
			n = read(out, buf, sizeof(buf));
			if (n > 0) {
				relay(buf, n, &fresh);
				continue;
			}
		}
		/* Nothing to read: done, unless the test is still running */
		if (ended)
			break;
		ended = waitpid(pid, status, WNOHANG) == pid;
		if (!ended && now() > end) {
			kill(-pid, SIGKILL);
			if (!fresh)
				fputc('\n', results);
			return true;
		}
	}
	if (!fresh)
		fputc('\n', results);
	/* No process of a test may run during the next one */
	kill(-pid, SIGKILL);
	return false;
}

static pid_t start(char **argv, int *out)
{
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		return -1;
	pid = fork();
	if (!pid) {
		setpgid(0, 0);
		dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), 0);
		dup2(fds[1], 1);
		dup2(fds[1], 2);
		if (chdir("/tmp"))
			_exit(127);
		execvp(argv[0], argv);
		dprintf(2, "%s: %s\n", argv[0], strerror(errno));
		_exit(127);
	}
	close(fds[1]);
	*out = fds[0];
	return pid;
}

static void run_test(unsigned int number, char *line)
{
	struct balance before, lost;
	char *argv[MAX_ARGS + 1] = {};
	unsigned int argc = 0;
	int out, status = 0;
	bool late;
	double t;
	pid_t pid;
	char *arg;

	while ((arg = strsep(&line, "\t")) && argc < MAX_ARGS)
		argv[argc++] = arg;

	before = balance_read();
	mark("machine: begin %u", number);
	t = now();
	pid = start(argv, &out);
	if (pid < 0) {
		say("not ok %u %s # cannot start: %s\n", number, argv[0], strerror(errno));
		return;
	}
	setpgid(pid, pid);
	late = watch(pid, out, &status);
	close(out);
	mark("machine: end %u", number);

	if (late)
		say("not ok %u %s # killed after %u s\n", number, argv[0], test_timeout);
	else if (!keeps_pages && balance_lost(&before, &lost))
		say("not ok %u %s # left %ld pages pinned, kept %ld huge pages\n", number, argv[0],
		    lost.pinned, lost.huge);
	else if (WIFSIGNALED(status))
		say("not ok %u %s # killed by signal %d\n", number, argv[0], WTERMSIG(status));
	else if (WEXITSTATUS(status) == KSFT_SKIP)
		say("ok %u %s # SKIP\n", number, argv[0]);
	else if (WEXITSTATUS(status))
		say("not ok %u %s # exit code %d\n", number, argv[0], WEXITSTATUS(status));
	else
		say("ok %u %s # %.2f s\n", number, argv[0], now() - t);
}

/* Returns only on failure. The new kernel reports success. */
static void start_kernel(unsigned int number)
{
	char more[64];
	int rc;

	snprintf(more, sizeof(more), "%s=%u", TESTS_DONE, number);
	rc = load_kernel("/machine/Image", more);

	mark("machine: begin %u", number);
	tcdrain(fileno(results));
	if (!rc) {
		reboot(LINUX_REBOOT_CMD_KEXEC);
		rc = -errno;
	}
	mark("machine: end %u", number);
	say("not ok %u kexec # %s\n", number, strerror(-rc));
}

/* Two scans: only an object that has not changed since the first one is reported */
static void check_leaks(unsigned int number)
{
	bool clean = true, fresh = true;
	struct timespec aged;
	char buf[4096];
	ssize_t n;
	int fd;

	mark("machine: begin %u", number);
	clock_gettime(CLOCK_MONOTONIC, &aged);
	aged.tv_sec += KMEMLEAK_AGE;
	write_file(KMEMLEAK, "scan");
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &aged, NULL);
	write_file(KMEMLEAK, "scan");
	fd = open(KMEMLEAK, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && (n = read(fd, buf, sizeof(buf))) > 0) {
		clean = false;
		relay(buf, n, &fresh);
	}
	close(fd);
	mark("machine: end %u", number);
	say("%sok %u kmemleak\n", clean && fd >= 0 ? "" : "not ", number);
}

static void load_module(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (syscall(SYS_finit_module, fd, "", 0) && errno != ENODEV && errno != EEXIST) {
		say("Bail out! %s: %s\n", path, strerror(errno));
		power_off();
	}
	close(fd);
}

static void load_modules(void)
{
	FILE *list = fopen("/machine/modules", "r");
	char path[4096];
	unsigned int n = 0;

	while (list && fgets(path, sizeof(path), list)) {
		path[strcspn(path, "\n")] = 0;
		load_module(path);
		n++;
	}
	if (!list)
		return;
	fclose(list);
	mark("machine: %u modules", n);
}

static unsigned int load_tests(char *text, char **tests, unsigned int max)
{
	unsigned int n = 0;
	char *line;

	for (line = strsep(&text, "\n"); line; line = strsep(&text, "\n")) {
		if (!strncmp(line, "timeout ", 8))
			test_timeout = atoi(line + 8);
		else if (!strcmp(line, "keeps pages"))
			keeps_pages = true;
		else if (*line && n < max)
			tests[n++] = line;
	}
	return n;
}

int main(void)
{
	static char text[16384], *tests[256];
	unsigned int count, done, i;
	const char *arg;
	bool leaks;
	ssize_t n;
	int fd;

	mount_all();
	open_results();
	write_file("/sys/kernel/debug/failslab/verbose", "0");
	write_file("/sys/kernel/debug/fail_page_alloc/verbose", "0");
	/* KCSAN is off during the start, because it makes the machine slow */
	write_file("/sys/kernel/debug/kcsan", "on");
	setenv("PATH", "/bin", 1);
	load_modules();

	fd = open("/machine/tests", O_RDONLY | O_CLOEXEC);
	n = read(fd, text, sizeof(text) - 1);
	if (n < 0) {
		say("Bail out! /machine/tests: %s\n", strerror(errno));
		power_off();
	}
	close(fd);
	count = load_tests(text, tests, 256);
	/* On by default; the write fails with kmemleak=off */
	leaks = !write_file(KMEMLEAK, "stack=on");

	arg = getenv(TESTS_DONE);
	done = arg ? atoi(arg) : 0;
	if (done) {
		mark("machine: end %u", done);
		say("ok %u kexec\n", done);
	} else {
		say("KTAP version 1\n1..%u\n", count + leaks);
	}
	for (i = done; i < count; i++)
		if (!strcmp(tests[i], "kexec"))
			start_kernel(i + 1);
		else
			run_test(i + 1, tests[i]);
	if (leaks)
		check_leaks(count + 1);
	mark("machine: done");
	say("# machine: done\n");
	power_off();
	return 1;
}
