# SPDX-License-Identifier: GPL-2.0
"""Writes KTAP, and reads the output of a machine: KTAP results, the kernel's log, the hardware model's report.

A result that is not a clear pass is a failure: fewer results than planned, a test that failed without a
result line, an unexpected message in the kernel's log.
"""

import re

# Lines that make a test fail if they are in the kernel's log
SPLAT = re.compile(
    r'BUG:|BUG at|WARNING:|KASAN:|UBSAN:|ODEBUG:|refcount_t:|INFO: possible|INFO: task .* blocked|'
    r'INFO: rcu|rcu: INFO|rcu_sched|suspicious RCU usage|Kernel panic|Internal error:|Oops|'
    r'Unable to handle kernel|soft lockup|inconsistent lock state|bad unlock balance|'
    r'possible recursive locking|held lock freed|scheduling while atomic|list_(add|del) corruption|'
    r'kmemleak: \d+ new suspected|unexpected IRQ trap|'
    r'CMDQ timeout|CMD_SYNC timeout')
STAMP = re.compile(r'^\[\s*\d+\.\d+\](?:\[[^\]]*\])? ?')
RESULT = re.compile(r'^(\s*)(not ok|ok) (\d+)(?:\s+(.*?))?(?:\s+# (.*))?\s*$')
PLAN = re.compile(r'^(\s*)1\.\.(\d+)(?: # SKIP (.*))?')
COMMENTS = 8    # lines shown of a failed subtest


class Report:
    """Writes the results of tests on this machine."""

    def __init__(self, planned):
        self.done = self.failed = 0
        print(f'KTAP version 1\n1..{planned}', flush=True)

    def result(self, good, text, notes=(), skip=''):
        """One result, after notes of any number of lines; with a reason, the test was skipped."""
        self.done += 1
        self.failed += not good
        for line in '\n'.join(notes).splitlines():
            print(f'# {line}'.rstrip())
        print(f'{"ok" if good else "not ok"} {self.done} {text}{f" # SKIP {skip}" if skip else ""}', flush=True)


class Test:
    """One program that ran: its verdict and its subtests."""

    def __init__(self, number):
        self.number = number
        self.name = ''
        self.verdict = None
        self.note = ''
        self.planned = None
        self.reason = ''
        self.subtests = []
        self.comments = []      # of each subtest: the last lines that it said before its result
        self.skips = []         # the reasons
        self.output = []
        self.problems = []

    def counts(self):
        """(passed, failed, skipped), a program without subtests counting as one."""
        results = [verdict for verdict, _ in self.subtests]
        if not results:
            results = [self.verdict]
        counts = [results.count('ok'), results.count('not ok'), results.count('skip')]
        # A failure outside of the subtests
        if (self.verdict == 'not ok' or self.problems) and not counts[1]:
            counts[1] += 1
            if not self.subtests:
                counts[0] = counts[2] = 0
        return tuple(counts)

    def failures(self):
        lines = []
        for place, (verdict, name) in enumerate(self.subtests):
            if verdict == 'not ok':
                lines.append('\n          '.join([f'{self.name}: {name}', *self.comments[place]]))
        if self.verdict == 'not ok' and not lines:
            lines.append(f'{self.name}: {self.note or "failed"}')
        return lines + [f'{self.name}: {p}' for p in self.problems]


def _verdict(word, note):
    if word == 'ok' and note and note.upper().startswith('SKIP'):
        return 'skip'
    return word


def parse_report(text):
    """The results of one program on this machine: [(verdict, line)], and whether all that it planned are there."""
    lines = [(m, line) for m, line in ((RESULT.match(line), line) for line in text.splitlines()) if m and not m[1]]
    plans = [int(m[2]) for m in map(PLAN.match, text.splitlines()) if m and not m[1]]
    return [(_verdict(m[2], m[5]), line) for m, line in lines], plans == [len(lines)]


def parse_results(text, names):
    """Return (tests, problems of the machine as a whole)."""
    problems = []
    tests = [Test(i + 1) for i in range(len(names))]
    for test, name in zip(tests, names):
        test.name = name
    current = 0
    said = []
    for line in text.splitlines():
        m = RESULT.match(line)
        if m and not m.group(1):
            number = int(m.group(3))
            if number != current + 1 or number > len(tests):
                problems.append(f'unexpected result line: {line}')
                continue
            tests[current].verdict = _verdict(m.group(2), m.group(5))
            tests[current].note = m.group(5) or ''
            current += 1
            said = []
        elif line.startswith('  ') and current < len(tests):
            test = tests[current]
            test.output.append(line[2:])
            plan = PLAN.match(line)
            if m and m.group(1) == '  ':
                name = m.group(4) or m.group(3)
                test.subtests.append((_verdict(m.group(2), m.group(5)), name))
                test.comments.append(said[-COMMENTS:])
                said = []
                if test.subtests[-1][0] == 'skip':
                    test.skips.append(m.group(5)[len('SKIP '):] or 'no reason')
            elif plan and plan.group(1) == '  ' and test.planned is None:
                test.planned = int(plan.group(2))
                test.reason = plan.group(3) or ''
            elif line.startswith('  #'):
                said.append(line[2:])
            elif line.startswith('  Bail out!'):
                test.problems.append(line.strip())
        elif line.startswith('Bail out!'):
            problems.append(line)
    if '# machine: done' not in text:
        problems.append('the machine did not come to its end')
    for test in tests:
        if test.verdict is None:
            test.verdict, test.note = 'not ok', 'no result'
        elif test.planned is not None and test.planned != len(test.subtests) \
                and test.verdict == 'ok':
            test.problems.append(f'planned {test.planned} subtests, saw {len(test.subtests)}')
    return tests, problems


def judge_skip(test, expected, allowed):
    """Judge a program that was skipped as a whole: a failure, unless expected or allowed, and with a reason."""
    if allowed and test.verdict == 'skip' and test.reason:
        test.skips.append(test.reason)
    elif not expected:
        if test.verdict == 'skip':
            test.problems.append(f'was skipped: {test.reason or "no reason"}')
    elif test.verdict != 'skip':
        test.problems.append(f'was not skipped: {test.note or test.verdict}')
    elif not test.reason:
        test.problems.append('was skipped without a reason')
    else:
        test.verdict = 'ok'


def judge_refusal(test, words):
    """Judge a program that must refuse its arguments, with one line with these words and an exit code of 1 to
    3."""
    text = [line for line in test.output if line.strip()]
    if re.fullmatch(r'exit code [1-3]', test.note) and len(text) == 1 and words in text[0]:
        test.verdict, test.subtests = 'ok', []
    else:
        test.problems.append(f'{test.note or test.verdict}, expected one line with "{words}": {text[:3]}')


def scan_log(text, tests):
    """Add every splat to the problems of the test that ran; return those outside of tests."""
    outside, current = [], None
    for line in text.splitlines():
        line = STAMP.sub('', line.strip('\r'))
        m = re.match(r'machine: (begin|end) (\d+)', line)
        if m:
            current = int(m.group(2)) if m.group(1) == 'begin' else None
        elif SPLAT.search(line):
            if current and current <= len(tests):
                tests[current - 1].problems.append(f'kernel log: {line}')
            else:
                outside.append(f'kernel log: {line}')
    return outside


def parse_kunit(text):
    """
    The results of KUnit in a kernel log: [(verdict, name)], including suites without a result. The kernel prints one
    KTAP document, and each module with suites prints another.
    """
    results, inside, left, missing = [], False, 0, 0
    for line in text.splitlines():
        line = STAMP.sub('', line.strip('\r'))
        if line.startswith('KTAP version'):
            inside, left, missing = True, 0, missing + left
        if not inside:
            continue
        m = RESULT.match(line)
        plan = PLAN.match(line)
        if plan and not plan.group(1):
            left = int(plan.group(2))
            inside = left > 0
        elif m and len(m.group(1)) == 4:
            results.append((_verdict(m.group(2), m.group(5)), m.group(4)))
        elif m and not m.group(1):
            left -= 1
            inside = left > 0
            if m.group(2) == 'not ok' and not any(v == 'not ok' for v, _ in results):
                results.append(('not ok', m.group(4)))
    missing += left
    if missing:
        results.append(('not ok', f'{missing} KUnit suites without a result'))
    return results


def parse_model(text):
    """The reports of the hardware model and the barriers plugin: {'strict NAME': n, 'count WHAT ...': n, ...}.
    Numbers of several instances are added."""
    report = {}
    for line in text.splitlines():
        m = re.match(r'(?:cmdqv-hw|cmdq-barriers): (.*) (\d+)$', line)
        if m:
            report[m.group(1)] = report.get(m.group(1), 0) + int(m.group(2))
    return report


def total(results):
    return tuple(sum(column) for column in zip((0, 0, 0), *results))


def say(good, text):
    """One line of the output for a result that no program has printed; returns its counts."""
    print(f'  {"PASS" if good else "FAIL"}    {text}')
    return int(good), int(not good), 0


def summary(name, passed, failed, skipped, broken):
    """The line that sums up many tests; a program that broke has failed at least once. Returns the counts."""
    failed = failed or int(bool(broken))
    print(f'  {"FAIL" if failed else "PASS"}    {name}: {passed} passed, {failed} failed, {skipped} skipped')
    return passed, failed, skipped


def kunit_results(group):
    """(passed, failed, skipped) of a group in the report of kunit.py."""
    cases = [case['status'] for case in group.get('test_cases', [])]
    own = (cases.count('PASS'), len(cases) - cases.count('PASS') - cases.count('SKIP'), cases.count('SKIP'))
    return total([own] + [kunit_results(g) for g in group.get('sub_groups', [])])
