// SPDX-License-Identifier: GPL-2.0
/*
 * As much of printf() as the payloads use, onto the serial port.
 */
#include "guest.h"

static void put(char c)
{
	write32(VMM_UART, c);
}

static void put_number(u64 value, unsigned int base, int width, char fill)
{
	char digits[20];
	int n = 0;

	do {
		digits[n++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	for (; width > n; width--)
		put(fill);
	while (n)
		put(digits[--n]);
}

static void put_string(const char *text, int width)
{
	int n;

	for (n = 0; text[n]; n++)
		put(text[n]);
	for (; n < width; n++)
		put(' ');
}

static void put_argument(char type, bool wide, int width, char fill, va_list *ap)
{
	u64 value;

	switch (type) {
	case 's':
		put_string(va_arg(*ap, const char *), width);
		return;
	case 'c':
		put(va_arg(*ap, int));
		return;
	case '%':
		put('%');
		return;
	}
	value = wide ? va_arg(*ap, u64) : va_arg(*ap, u32);
	if (type == 'd' && (wide ? (long)value < 0 : (int)value < 0)) {
		put('-');
		value = wide ? -value : (u32)-(u32)value;
	}
	put_number(value, type == 'x' ? 16 : 10, width, fill);
}

void vprint(const char *format, va_list arguments)
{
	va_list ap;

	va_copy(ap, arguments);
	for (; *format; format++) {
		int width = 0;
		bool wide = false;
		char fill = ' ';

		if (*format != '%') {
			put(*format);
			continue;
		}
		if (*++format == '0')
			fill = *format++;
		for (; *format >= '0' && *format <= '9'; format++)
			width = 10 * width + *format - '0';
		for (; *format == 'l'; format++)
			wide = true;
		put_argument(*format, wide, width, fill, &ap);
	}
	va_end(ap);
}

void print(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vprint(format, ap);
	va_end(ap);
}
