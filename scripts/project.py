# SPDX-License-Identifier: GPL-2.0
"""What every script of the project needs to know: where things are, and what META says."""

import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
BUILD = os.path.join(ROOT, 'build')
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
    if given:
        return given
    log = subprocess.run(['git', 'log', '-1', '--format=%ct'], cwd=ROOT, capture_output=True, text=True)
    return log.stdout.strip() if not log.returncode else meta()['DATE']


def version_tuple(text):
    return tuple(int(part) for part in text.split('.'))


def main_wrapper(main):
    """Run main(); a Refused or a failed call of the system becomes a line on stderr and exit code 1."""
    try:
        sys.exit(main() or 0)
    except Refused as e:
        text = str(e)
    except OSError as e:
        text = f'{e.filename}: {e.strerror}' if e.filename else str(e)
    print(f'{os.path.basename(sys.argv[0])}: {text}', file=sys.stderr)
    sys.exit(1)
