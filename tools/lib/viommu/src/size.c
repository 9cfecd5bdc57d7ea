// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * Structures that can grow, and the version that tells how far they have. A program and the
 * library may have been compiled with different versions of one; the shorter one counts.
 */
#include <string.h>

#include "lib.h"

/* More is the size of a caller that forgot to set it, who must not have his memory read or cleared */
#define SIZE_MAX_SANE 1024u

bool vi_take(void *to, size_t len, const void *from, size_t size, size_t least)
{
	if (size < least || size > SIZE_MAX_SANE)
		return false;
	for (size_t i = len; i < size; i++)
		if (((const unsigned char *)from)[i])
			return false;
	memset(to, 0, len);
	memcpy(to, from, size < len ? size : len);
	return true;
}

bool vi_gives(const uint32_t *size, size_t least)
{
	return *size >= least && *size <= SIZE_MAX_SANE;
}

void vi_give(uint32_t *size, const void *from, size_t len)
{
	size_t known = *size < len ? *size : len;

	memcpy(size + 1, (const uint32_t *)from + 1, known - sizeof(*size));
	memset((char *)size + known, 0, *size - known);
}

uint32_t viommu_version(void)
{
	return VIOMMU_VERSION;
}
