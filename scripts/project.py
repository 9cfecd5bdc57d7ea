# SPDX-License-Identifier: GPL-2.0
"""Shared by every script of the project: paths, files, commands, and errors in one line."""

import argparse
import contextlib
import os
import re
import subprocess
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
BUILD = os.path.join(ROOT, 'build')
BASE = os.path.join(BUILD, 'base')
LINUX = os.path.join(BUILD, 'linux')
# Scripts and modules are in folders by subject; every module has a name of its own
sys.dont_write_bytecode = True
SUBJECTS = ('bench', 'guest', 'hazards', 'machine', 'syzkaller')
sys.path += [os.path.join(ROOT, 'scripts', subject) for subject in ('build', 'check', 'package')]
sys.path += [os.path.join(ROOT, 'tools/testing', subject) for subject in SUBJECTS]
# Native on arm64, cross elsewhere; env.sh has the same for the shell
CROSS_COMPILE = '' if os.uname().machine == 'aarch64' else 'aarch64-linux-gnu-'


class Refused(Exception):
    """Something the user must hear about; ends the script with its text."""


def read(*path, errors='replace'):
    """The text of a file, whose path may be relative to the top of the project."""
    with open(os.path.join(ROOT, *path), encoding='utf-8', errors=errors) as f:
        return f.read()


def read_or_none(path):
    """The bytes of a file, if there is one."""
    try:
        with open(path, 'rb') as f:
            return f.read()
    except FileNotFoundError:
        return None


def remove_empty(path):
    """Remove a directory, and those above it, as long as they are empty."""
    with contextlib.suppress(OSError):
        os.removedirs(path)


def write(path, text):
    """Make the text or bytes the content of a file, whose directory need not exist."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb') as f:
        f.write(text.encode() if isinstance(text, str) else text)


def outcome(*command, cwd=ROOT, **options):
    """Run a command; its exit code, and all that it said."""
    p = subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                       errors='replace', **options)
    return p.returncode, p.stdout


def output(*command, cwd=ROOT, **options):
    """Run a command; what it wrote to stdout. Refused with its last line if it fails."""
    p = subprocess.run(command, cwd=cwd, capture_output=True, text=True, errors='replace', **options)
    if p.returncode:
        said = (p.stderr.strip() or p.stdout.strip() or f'exit code {p.returncode}').splitlines()[-1]
        raise Refused(f'{" ".join(command[:2])}: {said}')
    return p.stdout


def on_all_processors(function, items):
    """The results of a function that mostly waits for a command."""
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return list(pool.map(function, items))


def git_files(*patterns):
    """The files of the project, also those that are not in git yet, relative to its top."""
    names = output('git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', *patterns)
    return [name for name in names.split('\0')[:-1] if os.path.exists(os.path.join(ROOT, name))]


def meta():
    """Return META as a dictionary."""
    return {key: value.strip() for key, value in re.findall(r'^([A-Z_]+)=(.*)$', read('META'), re.M)}


def date():
    """When the project was changed last, in seconds since the Epoch; env.sh has the same for the shell."""
    given = os.environ.get('SOURCE_DATE_EPOCH')
    if given and not re.fullmatch('[0-9]{1,10}', given):
        raise Refused(f'SOURCE_DATE_EPOCH is not a number of seconds: "{given}"')
    if given:
        return given
    code, text = outcome('git', 'log', '-1', '--format=%ct')
    return meta()['DATE'] if code else text.strip()


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
