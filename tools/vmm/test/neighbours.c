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
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define STATUS_STOPPED 2	/* of a VMM that was told to end */

static unsigned int done, bad;

/* A VMM with a payload on the DMA test device number @device; its output goes to @path */
static pid_t start(const char *payload, unsigned int device, const char *path)
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
		execl("/bin/vmm", "vmm", "--quiet", "--device", name, file, NULL);
		_exit(127);
	}
	close(fd);
	return pid;
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

/* True once the guest has said that it works; false if its VMM ends, or is never at work */
static bool at_work(pid_t vmm, const char *path)
{
	unsigned int i;

	for (i = 0; i < 2000 && still_running(vmm); i++) {
		if (has(path, "at work"))
			return true;
		usleep(100000);
	}
	return false;
}

static void stopped_by(int signal, int expected, const char *what)
{
	pid_t endless = start("endless", 1, "/tmp/endless");
	bool ok = at_work(endless, "/tmp/endless");
	int status;

	kill(endless, signal);
	status = end_of(endless);
	check(ok && status == expected, what, "/tmp/endless");
	check(!run("good", 1, "/tmp/good"), "its device serves the next guest",
	      "/tmp/good");
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n1..6\n");
	run_together();
	stopped_by(SIGTERM, STATUS_STOPPED, "a guest at work is stopped by SIGTERM");
	stopped_by(SIGKILL, -SIGKILL, "a VMM is killed");
	return bad != 0;
}
