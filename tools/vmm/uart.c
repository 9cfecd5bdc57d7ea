// SPDX-License-Identifier: GPL-2.0
/*
 * The serial port, a PL011 as far as a guest that only prints can tell: the data
 * register takes a character, the flag register says that the transmitter is
 * empty and nothing was received.
 */
#include <stdio.h>

#include "vmm.h"

#define UART_DR		0x000
#define UART_FR		0x018
#define   UART_FR_RXFE	(1 << 4)
#define   UART_FR_TXFE	(1 << 7)

uint64_t uart_read(struct vmm *vmm, uint64_t offset, unsigned int len)
{
	return offset == UART_FR ? UART_FR_RXFE | UART_FR_TXFE : 0;
}

void uart_write(struct vmm *vmm, uint64_t offset, unsigned int len,
		uint64_t value)
{
	if (offset == UART_DR)
		putchar(value & 0xff);
}
