// SPDX-License-Identifier: GPL-2.0
/* VMMs as processes, see host.h */
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host.h"

#define VINTFS	"/sys/kernel/debug/iommu/tegra241_cmdqv/*/vintfs"

static unsigned int done, bad;

pid_t vmm_start(const char *payload, unsigned int device, const char *option, const char *path)
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
		execl("/bin/vmm", "vmm", "--quiet", "--cpus", "2", "--device", name, file, option, NULL);
		_exit(127);
	}
	close(fd);
	return pid;
}

int vmm_end(pid_t vmm)
{
	int status;

	if (waitpid(vmm, &status, 0) != vmm)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

bool vmm_runs(pid_t vmm)
{
	siginfo_t info = { 0 };

	return !waitid(P_PID, vmm, &info, WEXITED | WNOHANG | WNOWAIT) &&
	       !info.si_pid;
}

static bool has(const char *path, const char *line)
{
	char text[8192], *at;
	ssize_t n;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = 0;
	at = strstr(text, line);
	return at && at[strlen(line)] == '\n';
}

bool vmm_says(pid_t vmm, const char *path, const char *line)
{
	unsigned int i;
	bool runs = true;

	for (i = 0; runs && i < 2000; i++) {
		runs = vmm_runs(vmm);
		if (has(path, line))
			return true;
		usleep(100000);
	}
	return false;
}

const char *vintf_state(unsigned int vintf)
{
	static char state[64];
	char line[256], found[sizeof(state)] = "";
	unsigned int n;
	glob_t paths;
	FILE *f;

	state[0] = 0;
	if (glob(VINTFS, 0, NULL, &paths))
		return state;
	f = fopen(paths.gl_pathv[0], "r");
	globfree(&paths);
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "VINTF %u: %63[^\n]", &n, found) == 2 && n == vintf)
			memcpy(state, found, sizeof(state));
	if (f)
		fclose(f);
	return state;
}

bool vintf_is(unsigned int vintf, const char *word)
{
	return strstr(vintf_state(vintf), word);
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

void check(bool ok, const char *what, const char *path)
{
	if (!ok) {
		bad++;
		show(path);
	}
	printf("%sok %u %s\n", ok ? "" : "not ", ++done, what);
}

int checked(void)
{
	return bad != 0;
}
