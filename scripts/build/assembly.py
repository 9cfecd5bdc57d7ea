# SPDX-License-Identifier: GPL-2.0
"""The assembled kernel tree: base + our files + hooks.

The tree starts as a hard-linked copy of the unpacked base, so it costs no space; no file of it is
ever written in place. Three things are laid over it:

    include/ drivers/ ... of this repository    copied to the same path
    hooks/PATH.cocci                            applied to base file PATH (see hook.py)
    hooks/PATH.append                           appended to base file PATH (Makefile, Kconfig, ...)
    hooks/PATH.patch                            a patch of base file PATH, which is no C

The result is computed from pristine base files every time. A file whose content did not change keeps
its timestamp, so building is incremental; what the project no longer contains goes back to what the
base has.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile

import hook
from project import BUILD, ROOT, Refused, meta, on_all_processors, read, read_or_none, remove_empty

OURS = ('arch', 'Documentation', 'drivers', 'include', 'tools/lib/vfio', 'tools/testing/selftests',
        # the registers that a device model and the selftests share
        'tools/testing/qemu/pci-dma-test-regs.h')
SKIP = re.compile(r'^\.(?!kunitconfig$)|~$|\.(o|orig|rej|swp|pyc)$|^__pycache__$')
# Manual pages of the library; no part of the kernel
NOT_KERNEL = 'Documentation/man'


def walk(top):
    """Yield the paths below ROOT/top, relative to ROOT, that belong to the project; or top, a file."""
    if os.path.isfile(os.path.join(ROOT, top)):
        yield top
    for where, dirs, files in os.walk(os.path.join(ROOT, top)):
        dirs[:] = sorted(d for d in dirs if not SKIP.search(d)
                         and os.path.relpath(os.path.join(where, d), ROOT) != NOT_KERNEL)
        for name in sorted(files):
            if not SKIP.search(name):
                yield os.path.relpath(os.path.join(where, name), ROOT)


def append(path, base_text, added):
    """Return base_text with a hooks/*.append text added; Refused if part of it is there already."""
    added = re.sub(r'\A# SPDX-License-Identifier:.*\n', '', added)
    added = re.sub(r'^# TOPIC:.*\n', '', added, flags=re.M)
    stripped = re.sub(r'^\s*#.*\n', '', added, flags=re.M)
    # A Makefile line says something by itself, a Kconfig entry only as a whole
    split = r'\n' if 'Makefile' in path else r'\n\s*\n'
    for block in re.split(split, stripped):
        if block.strip() and f'\n{block.strip()}\n' in f'\n{base_text}\n':
            raise Refused(f'hooks/{path}.append: already in the base: {block.strip()}')
    return base_text.rstrip('\n') + '\n\n' + added.strip('\n') + '\n'


class Assembly:
    """
    The files in which the assembled tree differs from the base: path -> bytes. If a hook does not fit, advice
    tells what to do. The directories in absent are left out.
    """

    def __init__(self, base, advice='the base is not what the hooks are written for', absent=()):
        self.base = base
        self.advice = advice
        self.files = {}
        self.absent = absent
        self.replaces = meta()['REPLACES'].split()
        self.hooks = {}
        self.appends = {}
        self.patches = {}
        for path in walk('hooks'):
            target, ext = os.path.splitext(os.path.relpath(path, 'hooks'))
            table = {'.append': self.appends, '.cocci': self.hooks, '.patch': self.patches}.get(ext)
            if table is None or self._left_out(target):
                continue
            if not os.path.isfile(os.path.join(base, target)):
                raise Refused(f'{path}: the base has no file {target}\n{advice}')
            table[target] = os.path.join(ROOT, path)

    def _left_out(self, path):
        return any(path.startswith(f'{top}/') for top in self.absent)

    def _claim(self, path, data):
        if path in self.files:
            raise Refused(f'{path}: more than one source for this file')
        self.files[path] = data

    def copy_ours(self):
        for top in OURS:
            for path in walk(top):
                if self._left_out(path):
                    continue
                if os.path.lexists(os.path.join(self.base, path)) and path not in self.replaces:
                    raise Refused(f'{path}: the base has this file; change it through hooks/')
                self._claim(path, read_or_none(os.path.join(ROOT, path)))

    def apply_appends(self):
        for path, source in sorted(self.appends.items()):
            self._claim(path, append(path, read(self.base, path), read(source)).encode())

    def apply_patches(self):
        for path, source in sorted(self.patches.items()):
            # Without fuzz: every line of the patch is in the base
            p = subprocess.run(['patch', '--fuzz=0', '--silent', '--reject-file=-', '--output=-',
                                os.path.join(self.base, path), source], capture_output=True)
            if p.returncode:
                raise Refused(f'hooks/{path}.patch: does not apply\n{self.advice}')
            self._claim(path, p.stdout)

    def apply_hooks(self):
        version = hook.spatch_version()

        def one(path):
            try:
                return hook.apply(f'hooks/{path}.cocci', self.hooks[path],
                                  os.path.join(self.base, path), version), None
            except Refused as e:
                return None, str(e)

        paths = sorted(self.hooks)
        results = on_all_processors(one, paths)
        errors = [e for _, e in results if e]
        if errors:
            raise Refused('\n'.join(errors + [self.advice]))
        for path, (data, _) in zip(paths, results):
            self._claim(path, data)

    def compute(self):
        """Fill in all files."""
        self.copy_ours()
        self.apply_appends()
        self.apply_patches()
        self.apply_hooks()

    def record(self):
        def one(path):
            return hook.record(f'hooks/{path}.cocci', self.hooks[path], os.path.join(self.base, path))

        for path, changed in zip(sorted(self.hooks), on_all_processors(one, sorted(self.hooks))):
            if changed:
                print(f'  RECORD  hooks/{path}.cocci')


def write_if_changed(path, data):
    """Write data under path, through a rename: the old file may be a link to the base's."""
    if read_or_none(path) == data:
        return False
    os.makedirs(os.path.dirname(path), exist_ok=True)
    fd, tmp = tempfile.mkstemp(prefix='.assemble.', dir=os.path.dirname(path))
    with os.fdopen(fd, 'wb') as f:
        f.write(data)
    os.chmod(tmp, 0o644)
    os.replace(tmp, path)
    return True


def start_output(base, out):
    """Make out a hard-linked copy of the base unless it already is one."""
    marker = os.path.join(out, '.assembled')
    identity = f'{os.path.realpath(base)} {os.stat(os.path.join(base, "Makefile")).st_ino}'
    state = json.loads(read_or_none(marker) or b'{}')
    if state.get('base') == identity:
        return state
    mine = os.path.exists(marker) or os.path.realpath(out).startswith(f'{os.path.realpath(BUILD)}/')
    if os.path.lexists(out) and not mine and not (os.path.isdir(out) and not os.listdir(out)):
        raise Refused(f'{out} is there already, and was not made by assemble')
    print('  LINK    the base', flush=True)
    if os.path.lexists(out):
        shutil.rmtree(out)
    try:
        shutil.copytree(base, out, symlinks=True, copy_function=os.link)
    except (OSError, shutil.Error):
        # Another file system, or one without hard links
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(base, out, symlinks=True)
    return {'base': identity, 'files': []}


def write_output(base, files, out):
    """Make out the base with files (path -> bytes) laid over it; returns what changed."""
    state = start_output(base, out)
    before = set(state['files'])
    # Written first: an interrupted run must still know every file that it may have touched
    state['files'] = sorted(before | set(files))
    marker = os.path.join(out, '.assembled')
    write_if_changed(marker, json.dumps(state).encode())
    changed = [p for p, data in files.items() if write_if_changed(os.path.join(out, p), data)]
    for path in before - set(files):
        target = os.path.join(out, path)
        data = read_or_none(os.path.join(base, path))
        if data is not None:
            # A copy, not a link: make must see that the file has changed
            write_if_changed(target, data)
        elif os.path.lexists(target):
            os.unlink(target)
            remove_empty(os.path.dirname(target))
        changed.append(path)
    state['files'] = sorted(files)
    write_if_changed(marker, json.dumps(state).encode())
    return changed
