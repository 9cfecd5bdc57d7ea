/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Another kernel with the initrd and the command line of this one, which retain_initrd has kept.
 */
#ifndef NEXT_KERNEL_H
#define NEXT_KERNEL_H

/* Loads an Image for reboot(LINUX_REBOOT_CMD_KEXEC); more goes to the end of the command line */
int load_kernel(const char *image, const char *more);

#endif
