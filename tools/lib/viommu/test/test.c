// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * The loop over a table of tests, and the checks.
 */
#include <stdlib.h>
#include <string.h>

#include "test.h"

/* A check that fails in a loop shall not drown the rest */
#define MAX_LINES 20

unsigned int test_failures;

void test_int(const char *file, int line, const char *what, long long got, long long want)
{
	if (got == want)
		return;
	if (test_failures++ < MAX_LINES)
		printf("# %s:%d: %s is %lld (0x%llx), not %lld (0x%llx)\n", file, line, what,
		       got, (unsigned long long)got, want, (unsigned long long)want);
}

void test_text(const char *file, int line, const char *what, const char *got, const char *want)
{
	if (!strcmp(got, want))
		return;
	if (test_failures++ < MAX_LINES)
		printf("# %s:%d: %s is\n#   %s\n# not\n#   %s\n", file, line, what, got, want);
}

int test_main(const struct test *tests, unsigned int num)
{
	unsigned int bad = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n1..%u\n", num);
	for (unsigned int i = 0; i < num; i++) {
		test_failures = 0;
		tests[i].run();
		printf("%sok %u %s\n", test_failures ? "not " : "", i + 1, tests[i].name);
		bad += !!test_failures;
	}
	return bad ? 1 : 0;
}

uint64_t test_seed = 20241122;

int test_fuzz_main(int argc, char **argv, uint64_t *rounds, const struct test *tests,
		   unsigned int num)
{
	if (argc > 1)
		*rounds = strtoull(argv[1], NULL, 0);
	if (argc > 2)
		test_seed = strtoull(argv[2], NULL, 0);
	printf("# %" PRIu64 " rounds from seed %" PRIu64 "\n", *rounds, test_seed);
	return test_main(tests, num);
}

/* splitmix64 */
uint64_t draw(void)
{
	uint64_t z = test_seed += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

uint32_t below(uint32_t n)
{
	return (uint32_t)(draw() >> 32) % n;
}

void trash(void *to, size_t len)
{
	for (size_t i = 0; i < len; i++)
		((unsigned char *)to)[i] = (unsigned char)draw();
}

void test_rounds(void (*round)(void), uint64_t num)
{
	for (uint64_t n = 0; n < num && !test_failures; n++) {
		uint64_t before = test_seed;

		round();
		if (test_failures)
			printf("# round %" PRIu64 ", random numbers from %" PRIu64 "\n", n, before);
	}
}
