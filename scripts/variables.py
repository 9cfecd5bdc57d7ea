#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The variables that a person can set, and the values that each of them may have: variables.py NAME...

make runs this for the variables of a target before any work. A variable that is not set, or empty, has its
default. Every other value is judged here, also for the script that uses it.
"""

import glob
import os
import re
import sys

from project import ROOT, Refused, main_wrapper
import cases
import filetype
import kernel_config

LARGEST = (1 << 64) - 1


def number(name, text, low, high):
    """The value of a number in decimal."""
    if not re.fullmatch('[0-9]{1,20}', text) or not low <= int(text) <= high:
        raise Refused(f'{name} is not a number from {low} to {high}: "{text}"')
    return int(text)


def numeric(low, high):
    return lambda name, text: number(name, text, low, high)


def switch(name, text):
    """1 is on; anything else is a mistake."""
    if text != '1':
        raise Refused(f'{name} is not 1: "{text}"')
    return True


def configuration(name, text):
    try:
        return kernel_config.read(text)
    except Refused as e:
        raise Refused(f'{name}: {e}') from e


def kernel(name, text):
    """The path of a kernel image for arm64."""
    try:
        odd = filetype.kernel_problem(filetype.head(text), 'arm64')
    except OSError as e:
        odd = e.strerror
    except ValueError as e:
        odd = str(e)
    if odd:
        raise Refused(f'{name}: {text}: {odd}')
    return text


def hazards():
    """Names of the patches that take the handling of a hazard out."""
    return sorted(os.path.basename(p).removesuffix('.patch')
                  for p in glob.glob(os.path.join(ROOT, 'tools/testing/hazards/*.patch')))


def is_hazard(patch, word):
    """Whether word, a number or a name, stands for the patch."""
    return patch == word or bool(re.match(rf'0*{re.escape(word)}[a-z]?-', patch))


def hazard_words(name, text):
    """Numbers or names of patches."""
    if not text.split():
        raise Refused(f'{name} is blank')
    for word in text.split():
        if not any(is_hazard(patch, word) for patch in hazards()):
            raise Refused(f'{name}: no patch {word} in tools/testing/hazards')
    return text.split()


def cases_of_guests(name, text):
    """Rows of the table of guests under stock QEMU."""
    try:
        return cases.chosen(text.split())
    except ValueError as e:
        raise Refused(f'{name}: {e}') from e


VARIABLES = {
    'CALLS': numeric(1, LARGEST),
    'CASES': cases_of_guests,
    'CONFIG': configuration,
    'HAZARDS': hazard_words,
    'JOBS': numeric(1, 9999),
    'KERNEL': kernel,
    'RECORD': switch,
    'SEED': numeric(0, LARGEST),
    'SEEDS': numeric(1, 1000000),
    'SIGNOFF': switch,
    'SOURCE_DATE_EPOCH': numeric(0, (1 << 32) - 1),
    'STRESS_SECONDS': numeric(1, 24 * 60 * 60),
}


def value(name, default):
    """The value of a variable in the environment."""
    text = os.environ.get(name, '')
    return VARIABLES[name](name, text) if text else default


def main():
    for name in sys.argv[1:]:
        if name not in VARIABLES:
            raise Refused(f'no variable {name}; there are: {" ".join(VARIABLES)}')
        value(name, None)


if __name__ == '__main__':
    main_wrapper(main)
