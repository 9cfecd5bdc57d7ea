/* SPDX-License-Identifier: GPL-2.0 */
/*
 * First instructions of a payload, its exception vectors, and what C cannot say.
 * The VMM starts vCPU 0 at _start, at EL1, with the MMU off; another one comes to
 * secondary_start by PSCI CPU_ON, its number in x0. Memory is zero where the image
 * ends, so there is no .bss to clear.
 */

#define STACK_LOG2	14

	.section .text.start, "ax"
	.global _start
_start:
	mov	x0, #0
	.global secondary_start
secondary_start:
	adrp	x1, stacks
	add	x1, x1, :lo12:stacks
	add	x2, x0, #1
	lsl	x2, x2, #STACK_LOG2
	add	sp, x1, x2
	adrp	x1, vectors
	add	x1, x1, :lo12:vectors
	msr	vbar_el1, x1
	isb
	mov	x29, #0
	mov	x30, #0
	bl	guest_start
1:	wfi
	b	1b

/* x0 .. x30 on the stack, in this order; \handler gets a pointer to them */
	.macro	vector handler
	.balign	0x80
	sub	sp, sp, #256
	stp	x0, x1, [sp, #0]
	mov	x0, sp
	ldr	x1, =\handler
	b	save_and_call
	.endm

	.section .text, "ax"
	.balign	0x800
vectors:
	vector	exception_unexpected	/* SP_EL0: never used */
	vector	exception_unexpected
	vector	exception_unexpected
	vector	exception_unexpected
	vector	exception_sync		/* this exception level */
	vector	exception_irq
	vector	exception_unexpected
	vector	exception_unexpected
	vector	exception_unexpected	/* a lower one: there is none */
	vector	exception_unexpected
	vector	exception_unexpected
	vector	exception_unexpected
	vector	exception_unexpected
	vector	exception_unexpected
	vector	exception_unexpected
	vector	exception_unexpected
	.balign	0x80
	.ltorg

save_and_call:
	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x9, [sp, #64]
	stp	x10, x11, [sp, #80]
	stp	x12, x13, [sp, #96]
	stp	x14, x15, [sp, #112]
	stp	x16, x17, [sp, #128]
	stp	x18, x19, [sp, #144]
	stp	x20, x21, [sp, #160]
	stp	x22, x23, [sp, #176]
	stp	x24, x25, [sp, #192]
	stp	x26, x27, [sp, #208]
	stp	x28, x29, [sp, #224]
	str	x30, [sp, #240]
	blr	x1
	ldp	x2, x3, [sp, #16]
	ldp	x4, x5, [sp, #32]
	ldp	x6, x7, [sp, #48]
	ldp	x8, x9, [sp, #64]
	ldp	x10, x11, [sp, #80]
	ldp	x12, x13, [sp, #96]
	ldp	x14, x15, [sp, #112]
	ldp	x16, x17, [sp, #128]
	ldp	x18, x19, [sp, #144]
	ldp	x20, x21, [sp, #160]
	ldp	x22, x23, [sp, #176]
	ldp	x24, x25, [sp, #192]
	ldp	x26, x27, [sp, #208]
	ldp	x28, x29, [sp, #224]
	ldr	x30, [sp, #240]
	ldp	x0, x1, [sp, #0]
	add	sp, sp, #256
	eret

/* int psci_cpu_on(u64 mpidr, u64 entry, u64 context) */
	.global psci_cpu_on
psci_cpu_on:
	mov	x3, x2
	mov	x2, x1
	mov	x1, x0
	movz	w0, #0x0003
	movk	w0, #0xc400, lsl #16
	hvc	#0
	ret

/* void access_pair(u64 address): a load that no hypervisor can emulate */
	.global access_pair
access_pair:
	ldp	x1, x2, [x0]
	ret

	.section .bss
	.balign	16
stacks:
	.skip	8 << STACK_LOG2
