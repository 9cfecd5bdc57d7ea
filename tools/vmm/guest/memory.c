// SPDX-License-Identifier: GPL-2.0
/*
 * Functions that the compiler may call of its own accord.
 */
#include "guest.h"

void *memcpy(void *to, const void *from, size_t n);
void *memset(void *to, int value, size_t n);

void *memcpy(void *to, const void *from, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		((char *)to)[i] = ((const char *)from)[i];
	return to;
}

void *memset(void *to, int value, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		((char *)to)[i] = value;
	return to;
}
