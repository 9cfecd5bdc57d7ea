// SPDX-License-Identifier: GPL-2.0
/*
 * Machines that are saved, and go on in another process, with another device, on another
 * virtual interface of CMDQ-V; and files that are none. Runs in the emulated machine; the
 * VMM is /bin/vmm, payloads are in /.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host.h"

#define STATUS_BROKEN	2	/* of a VMM that could not run its machine, or was told to end */
#define STATUS_SAVED	4	/* of a VMM that has saved it */

#define FILE_NAME	"/tmp/machine"
#define VINTFS_MAX	64
#define DEVICE(n)	"--device", "1234:1d4a:" #n

/* A VMM with these arguments, the last of which is NULL; its output goes behind that in @path */
static pid_t start(const char *path, const char *const *arguments)
{
	pid_t pid;
	int fd;

	fflush(stdout);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	pid = fork();
	if (!pid) {
		dup2(fd, 1);
		dup2(fd, 2);
		execv("/bin/vmm", (char *const *)arguments);
		_exit(127);
	}
	close(fd);
	return pid;
}

#define START(path, ...) start(path, (const char *const []){ "vmm", "--quiet", __VA_ARGS__, NULL })

/* All of a file, in memory that is never freed, with a zero behind it */
static char *contents(const char *path, size_t *length)
{
	char *text = calloc(1, 1);
	size_t n, got = 0;
	FILE *f = fopen(path, "r");
	char block[4096];

	while (f && (n = fread(block, 1, sizeof(block), f))) {
		text = realloc(text, got + n + 1);
		memcpy(text + got, block, n);
		got += n;
		text[got] = 0;
	}
	if (f)
		fclose(f);
	if (length)
		*length = got;
	return text;
}

static void write_contents(const char *path, const char *bytes, size_t length)
{
	FILE *f = fopen(path, "w");

	if (!f || fwrite(bytes, 1, length, f) != length || fclose(f))
		perror(path);
}

/* True once @word is in the output; false if the VMM ends, or never says it */
static bool says(pid_t vmm, const char *path, const char *word)
{
	unsigned int i;

	for (i = 0; i < 2000; i++) {
		bool running = vmm_runs(vmm);

		if (strstr(contents(path, NULL), word))
			return true;
		if (!running)
			break;
		usleep(100000);
	}
	return false;
}

/* The highest number of a virtual interface that a guest has, 0 if none has one */
static unsigned int last_vintf(void)
{
	unsigned int n = VINTFS_MAX;

	while (--n && !vintf_is(n, "guest"))
		;
	return n;
}

/* A guest that has itself saved in every state that it knows, and goes on each time */
static void saves_itself(void)
{
	const char *path = "/tmp/saved";
	unsigned int rounds = 0;
	int status;

	status = vmm_end(START(path, "--cpus", "2", DEVICE(0), "--save", FILE_NAME, "/saved.bin"));
	for (; status == STATUS_SAVED; rounds++)
		status = vmm_end(START(path, DEVICE(0), "--save", FILE_NAME, "--restore", FILE_NAME));
	printf("# saved and restored %u times\n", rounds);
	check(!status && rounds == 17, "a guest finds itself as it was, in each of its states", path);
}

/* A load is interrupted at any moment, twice; beside it, another guest takes its device and VINTF */
static void load_goes_on(void)
{
	const char *path = "/tmp/load", *other_path = "/tmp/other";
	unsigned int first, second;
	pid_t load, other;
	bool ok;

	load = START(path, "--cpus", "2", DEVICE(0), "--save", FILE_NAME, "/load.bin");
	ok = says(load, path, "at work, restored 0");
	first = last_vintf();
	kill(load, SIGUSR2);
	check(ok && vmm_end(load) == STATUS_SAVED, "a guest at work is saved", path);

	other = START(other_path, DEVICE(0), "/endless.bin");
	ok = says(other, other_path, "at work");
	load = START(path, DEVICE(1), "--save", FILE_NAME, "--restore", FILE_NAME);
	ok = ok && says(load, path, "at work, restored 1");
	second = last_vintf();
	printf("# VINTF %u before, VINTF %u after\n", first, second);
	check(ok && first && second && first != second,
	      "it goes on with another device, on another VINTF", path);
	kill(load, SIGUSR2);
	check(vmm_end(load) == STATUS_SAVED, "and is saved again", path);
	check(!vmm_end(START(path, DEVICE(1), "--restore", FILE_NAME)),
	      "its load finds nothing wrong", path);
	check(vmm_runs(other), "the guest beside it works all the time", other_path);
	kill(other, SIGTERM);
	vmm_end(other);
}

/*
 * True once the VMM reads this signal, which would have ended it before. A new process blocks all signals
 * for a while, and is not the VMM yet.
 */
static bool takes(pid_t vmm, int signal)
{
	unsigned long long blocked;
	char path[64], *text, *line;
	unsigned int i;

	snprintf(path, sizeof(path), "/proc/%d/status", vmm);
	for (i = 0; i < 2000 && vmm_runs(vmm); i++) {
		text = contents(path, NULL);
		line = strstr(text, "SigBlk:");
		if (strstr(text, "Name:\tvmm\n") && line && sscanf(line, "SigBlk: %llx", &blocked) == 1 &&
		    blocked >> (signal - 1) & 1)
			return true;
		usleep(100000);
	}
	return false;
}

/* The queues of a guest that has lost its device are nowhere when it is saved, and get a device elsewhere */
static void saved_without_device(void)
{
	const char *path = "/tmp/unplugged";
	pid_t vmm = START(path, "--cpus", "2", DEVICE(0), "--unplugged", "--save", FILE_NAME, "/replug.bin");
	bool ok = says(vmm, path, "without a device 1\n");

	kill(vmm, SIGUSR2);
	ok = vmm_end(vmm) == STATUS_SAVED && ok;
	vmm = START(path, DEVICE(1), "--restore", FILE_NAME);
	ok = ok && takes(vmm, SIGHUP);
	kill(vmm, SIGHUP);
	ok = ok && says(vmm, path, "round 1 is over\n");
	/* The next round wants another VINTF, and this one stays free */
	kill(vmm, SIGTERM);
	ok = vmm_end(vmm) == STATUS_BROKEN && ok && !strstr(contents(path, NULL), "not ok");
	check(ok, "a guest is saved without its device, and gets one afterwards", path);
}

/* Where the file cannot be written, the guest goes on, and can be saved later */
static void cannot_be_saved(void)
{
	const char *path = "/tmp/unsaved";
	pid_t vmm = START(path, DEVICE(0), "--save", "/tmp/later/machine", "/endless.bin");
	bool ok = says(vmm, path, "at work");

	kill(vmm, SIGUSR2);
	ok = ok && says(vmm, path, "vmm: /tmp/later/machine.part: No such file or directory");
	check(ok && vmm_runs(vmm), "a guest that cannot be saved goes on", path);
	mkdir("/tmp/later", 0700);
	kill(vmm, SIGUSR2);
	check(vmm_end(vmm) == STATUS_SAVED, "and is saved when it can be", path);
}

/* One line, which has the words, and no guest that prints */
static bool says_no(const char *const *arguments, const char *words)
{
	const char *path = "/tmp/refused";
	char *text, *newline;
	int status;

	unlink(path);
	status = vmm_end(start(path, arguments));
	text = contents(path, NULL);
	newline = strchr(text, '\n');
	if (status == STATUS_BROKEN && !strncmp(text, "vmm: ", 5) && strstr(text, words) && newline &&
	    !newline[1])
		return true;
	printf("# not \"%s\", but status %d and:\n# | %s\n", words, status, text);
	return false;
}

#define REFUSED(words, ...) \
	says_no((const char *const []){ "vmm", "--quiet", __VA_ARGS__, NULL }, words)

static bool file_refused(const char *bytes, size_t length, const char *words)
{
	write_contents("/tmp/bad", bytes, length);
	return REFUSED(words, DEVICE(0), "--restore", "/tmp/bad");
}

static void bad_files(void)
{
	size_t length, payload_length;
	char *file = contents("/tmp/later/machine", &length);
	char *payload = contents("/endless.bin", &payload_length);
	bool ok = length > 4096;

	ok = ok && file_refused(file, length / 2, "cut off");
	ok = ok && file_refused(file, 40, "cut off");
	ok = ok && file_refused(file, 0, "not a snapshot");
	ok = ok && file_refused(payload, payload_length, "not a snapshot");
	file[length / 3] ^= 4;
	ok = ok && file_refused(file, length, "damaged");
	file[length / 3] ^= 4;
	file[8]++;
	ok = ok && file_refused(file, length, "another version");
	check(ok, "a file that is cut, changed, or of another kind is refused", "/tmp/refused");
	ok = REFUSED("other devices", "--restore", "/tmp/later/machine") &&
	     REFUSED("No such file", "--restore", "/tmp/none") &&
	     REFUSED("too large", "--restore", "/tmp") &&
	     REFUSED("--cpus, --memory", "--cpus", "1", "--restore", "/tmp/later/machine");
	check(ok, "a machine with other devices is refused", "/tmp/refused");
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n1..11\n");
	saves_itself();
	load_goes_on();
	saved_without_device();
	cannot_be_saved();
	bad_files();
	return checked();
}
