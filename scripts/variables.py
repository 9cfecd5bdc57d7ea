#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The variables that a person can set, and the values that each of them may have: variables.py NAME...

make runs this for the variables of a target before any work. A variable that is not set, or empty, has its
default. Every other value is judged here, also for the script that uses it.
"""

import os
import re
import sys

from project import Refused, main_wrapper
import alternatives
import cases
import experiments
import filetype
import hazard_names
import kernel_config

LARGEST = (1 << 64) - 1


def numeric(low, high):
    """A variable whose value is a number in decimal."""
    def number(name, text):
        if not re.fullmatch('[0-9]{1,20}', text) or not low <= int(text) <= high:
            raise Refused(f'{name} is not a number from {low} to {high}: "{text}"')
        return int(text)
    return number


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


def chosen_of(module):
    """A variable whose words choose from what a module of tests has."""
    def chosen(name, text):
        if not text.split():
            raise Refused(f'{name} is blank')
        try:
            return module.chosen(text.split())
        except ValueError as e:
            raise Refused(f'{name}: {e}') from e
    return chosen


def pci_address(name, text):
    """The address of a PCI device."""
    if not re.fullmatch(r'[0-9a-f]{4}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]', text):
        raise Refused(f'{name} is not an address like 0009:01:00.0: "{text}"')
    return text


VARIABLES = {
    'ALTERNATIVES': chosen_of(alternatives),
    'CALLS': numeric(1, LARGEST),
    'CASES': chosen_of(cases),
    'CONFIG': configuration,
    'DEVICE': pci_address,
    'EXPERIMENTS': chosen_of(experiments),
    'HAZARDS': chosen_of(hazard_names),
    'JOBS': numeric(1, 9999),
    'KERNEL': kernel,
    'RECORD': switch,
    'SEED': numeric(0, LARGEST),
    'SEEDS': numeric(1, 1000000),
    'SIGNOFF': switch,
    'SOURCE_DATE_EPOCH': numeric(0, (1 << 32) - 1),
    'STRESS_SECONDS': numeric(1, 24 * 60 * 60),
    'WHOLE': switch,
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
