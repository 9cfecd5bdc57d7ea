/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Tests that report in KTAP: a table of functions, and checks that say what they
 * found and go on.
 */
#ifndef TEST_H
#define TEST_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct test {
	const char *name;
	void (*run)(void);
};

extern unsigned int test_failures;

/* Run a table; returns what main() returns */
int test_main(const struct test *tests, unsigned int num);

/* The same for a program whose words, if any, are the number of rounds and the seed */
int test_fuzz_main(int argc, char **argv, uint64_t *rounds, const struct test *tests,
		   unsigned int num);

void test_int(const char *file, int line, const char *what, long long got, long long want);
void test_text(const char *file, int line, const char *what, const char *got, const char *want);

/* Random numbers: the same ones for the same seed. below(): less than @n; trash(): bytes */
extern uint64_t test_seed;
uint64_t draw(void);
uint32_t below(uint32_t n);
void trash(void *to, size_t len);

/* Run @round up to @num times, until a check fails; then say which, and its random numbers */
void test_rounds(void (*round)(void), uint64_t num);

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define CHECK(condition) test_int(__FILE__, __LINE__, #condition, !!(condition), 1)
#define EQUAL(got, want) \
	test_int(__FILE__, __LINE__, #got, (long long)(got), (long long)(want))
#define TEXT(got, want) test_text(__FILE__, __LINE__, #got, got, want)

#define TEST(function) { #function, function }
#define FUZZ_MAIN(tests, rounds) \
	int main(int argc, char **argv) \
	{ \
		return test_fuzz_main(argc, argv, &rounds, tests, ARRAY_SIZE(tests)); \
	}
#define TEST_MAIN(tests) \
	int main(void) \
	{ \
		return test_main(tests, ARRAY_SIZE(tests)); \
	}

#endif
