// SPDX-License-Identifier: GPL-2.0
/*
 * Experiments of the CMDQ-V driver, through debugfs:
 *
 *	cmdqv_experiments [--retired] [NAME...]
 *
 * runs those with the names, "safe" without one, on every CMDQ-V of the machine. It prints
 * the report of the driver, a line for each register and each row, behind "# experiments: ".
 * With a DMA test device it also checks that a run is refused while a guest has a VINTF.
 *
 * A row that differs from the hardware model is no failure. With --retired the VINTF of
 * the first run must be retired, and another run must use another VINTF.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../kselftest.h"
#include "cmdqv_ram.h"
#include "cmdqv_vm.h"
#include "iommu_require.h"
#include "write_text.h"

#define FILES		"/sys/kernel/debug/iommu/tegra241_cmdqv/*/experiments"
#define HUGE_PAGES	16
/* Of the kernel: nobody */
#define OTHER_USER	65534

/* Each text must be refused with -EINVAL, and run nothing */
static bool refuses_words(const char *path)
{
	static const char * const wrong[] = {
		"", "\n", "all", "leve", "levels,order", "order safe", "safe  order", "levelsx",
	};
	bool good = true;
	unsigned int i;

	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		/* The system does not call the driver for a write of nothing */
		int rc = *wrong[i] ? write_text(path, wrong[i]) : -EINVAL;

		if (rc != -EINVAL) {
			ksft_print_msg("\"%s\" gives %d\n", wrong[i], rc);
			good = false;
		}
	}
	return good;
}

static bool refuses_others(const char *path)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		if (setgid(OTHER_USER) || setuid(OTHER_USER))
			_exit(2);
		_exit(write_text(path, "order") != -EACCES);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/* A guest with a VINTF and no queue */
static bool refuses_under_guest(const char *path)
{
	struct cmdqv_vm vm;
	int rc;

	rc = ram_reserve_huge_pages(HUGE_PAGES);
	if (!rc)
		rc = vm_open(&vm, 0);
	if (!rc)
		rc = vm_viommu(&vm);
	if (rc) {
		ksft_print_msg("no guest: %s: %d\n", vm.step, rc);
		return false;
	}
	rc = write_text(path, "safe");
	vm_close(&vm);
	if (rc != -EBUSY)
		ksft_print_msg("under a guest: %d\n", rc);
	return rc == -EBUSY;
}

/* Print the report; true if the VINTF was given back in this state */
static bool report(const char *path, const char *state)
{
	FILE *file = fopen(path, "r");
	bool good = false;
	char line[1024];

	while (file && fgets(line, sizeof(line), file)) {
		/* "end", VINTF, state */
		good |= !strncmp(line, "end\t", 4) && strstr(line, state);
		printf("# experiments: %s", line);
	}
	if (file)
		fclose(file);
	return good;
}

/* The arguments with blanks between */
static char *words(int argc, char **argv)
{
	static char text[1024] = "safe";
	size_t used = 0;
	int i;

	for (i = 1; i < argc; i++)
		used += snprintf(text + used, sizeof(text) - used, "%s%s", i > 1 ? " " : "",
				 argv[i]);
	if (used >= sizeof(text))
		ksft_exit_fail_msg("too many names\n");
	return text;
}

static void ask(const char *path, const char *text, const char *state)
{
	int rc = write_text(path, text);

	printf("# experiments: instance\t%s\n", path);
	ksft_test_result(!rc, "run\n");
	if (rc)
		ksft_print_msg("%s: %s\n", text, strerror(-rc));
	ksft_test_result(report(path, state), "%s\n", state);
}

int main(int argc, char **argv)
{
	bool retired = argc > 1 && !strcmp(argv[1], "--retired");
	const char *text = words(argc - retired, argv + retired);
	unsigned int guest = dma_count() > 0;
	glob_t found;
	size_t i;

	if (glob(FILES, 0, NULL, &found))
		require_skip(FILES " is not there (CONFIG_TEGRA241_CMDQV_EXPERIMENTS, arm_smmu_v3.cmdqv_experiments=1)");
	ksft_print_header();
	ksft_set_plan(2 + guest + 2 * (retired + found.gl_pathc));
	ksft_test_result(refuses_words(found.gl_pathv[0]), "refuses_words\n");
	ksft_test_result(refuses_others(found.gl_pathv[0]), "refuses_others\n");
	if (guest)
		ksft_test_result(refuses_under_guest(found.gl_pathv[0]), "refuses_under_guest\n");
	if (retired)
		ask(found.gl_pathv[0], text, "retired");
	for (i = 0; i < found.gl_pathc; i++)
		ask(found.gl_pathv[i], text, "clean");
	globfree(&found);
	ksft_finished();
}
