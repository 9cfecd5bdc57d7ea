# SPDX-License-Identifier: GPL-2.0
"""What every script of the project needs to know: where things are, and what META says."""

import argparse
import os
import re
import subprocess
import sys
import traceback

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
BUILD = os.path.join(ROOT, 'build')
# The launcher of the emulated machine
MACHINE = os.path.join(ROOT, 'tools/testing/machine')
# Scripts and modules are in folders by subject; every module has a name of its own
sys.dont_write_bytecode = True
sys.path += [os.path.join(ROOT, 'scripts', subject) for subject in ('build', 'check', 'package')]
sys.path += [os.path.join(ROOT, 'tools/testing', subject) for subject in ('bench', 'guest', 'machine')]
# Native on arm64, cross elsewhere; env.sh has the same for the shell
CROSS_COMPILE = '' if os.uname().machine == 'aarch64' else 'aarch64-linux-gnu-'


class Refused(Exception):
    """Something the user must hear about; ends the script with its text."""


def meta():
    """Return META as a dictionary."""
    values = {}
    with open(os.path.join(ROOT, 'META'), encoding='utf-8') as f:
        for line in f:
            m = re.match(r'([A-Z_]+)=(.*)$', line)
            if m:
                values[m.group(1)] = m.group(2).strip()
    return values


def date():
    """When the project was changed last, in seconds since the Epoch; env.sh has the same for the shell."""
    given = os.environ.get('SOURCE_DATE_EPOCH')
    if given and not re.fullmatch('[0-9]{1,10}', given):
        raise Refused(f'SOURCE_DATE_EPOCH is not a number of seconds: "{given}"')
    if given:
        return given
    log = subprocess.run(['git', 'log', '-1', '--format=%ct'], cwd=ROOT, capture_output=True, text=True)
    return log.stdout.strip() if not log.returncode else meta()['DATE']


def version_tuple(text):
    return tuple(int(part) for part in text.split('.'))


class Parser(argparse.ArgumentParser):
    """With one line for what is wrong, instead of all options."""

    def error(self, message):
        raise Refused(message)


def in_words(error):
    """An error that reached the end of a script, in one line."""
    if isinstance(error, OSError):
        return ': '.join(str(part) for part in (error.filename, error.strerror or error) if part)
    if isinstance(error, UnicodeError):
        return f'a file is no text in UTF-8: {error}'
    if isinstance(error, subprocess.SubprocessError):
        return str(error)
    at = traceback.extract_tb(error.__traceback__)[-1]
    return f'internal error in {os.path.basename(at.filename)}, line {at.lineno}: {type(error).__name__}: {error}'


def main_wrapper(main):
    """Run main(); an error becomes one line on stderr, and exit code 1."""
    try:
        sys.exit(main() or 0)
    except KeyboardInterrupt:
        sys.exit(130)
    except Refused as e:
        text = str(e)
    except Exception as e:
        text = in_words(e)
    print(f'{"/".join(sys.argv[0].split("/")[-2:])}: {text}', file=sys.stderr)
    sys.exit(1)
