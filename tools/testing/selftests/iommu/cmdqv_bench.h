/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Instructions per operation, beside the figures of the mainline kernel.
 */
#ifndef _CMDQV_BENCH_H
#define _CMDQV_BENCH_H

#include "cmdqv_vm.h"

int bench_run(struct cmdqv_vm *vm);
int bench_large(struct cmdqv_vm *vm);
int bench_events(struct cmdqv_vm *vm);
void bench_print(void);
void bench_lines(void);

#endif
