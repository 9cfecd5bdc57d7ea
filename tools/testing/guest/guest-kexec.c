// SPDX-License-Identifier: GPL-2.0
/*
 * Starts /Image in place of the running kernel, like kexec(8).
 */
#include <linux/reboot.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>

#include "../machine/next-kernel.h"

int main(void)
{
	int rc = load_kernel("/Image", "");

	if (rc) {
		fprintf(stderr, "guest-kexec: %s\n", strerror(-rc));
		return 1;
	}
	reboot(LINUX_REBOOT_CMD_KEXEC);
	perror("guest-kexec");
	return 1;
}
