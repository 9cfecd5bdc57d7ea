# SPDX-License-Identifier: GPL-2.0
"""The series of patches on whole trees, as a user applies them; the result against the assembled tree.

The trees are hard links to the base, but for the files that the series change. Nothing is written to the
base: check_pristine would tell.
"""

import os
import shutil

from project import output

# Files of the tools beside the tree
SKIP = {'.git', '.pc', '.assembled', '.unpacked'}


def copy(base, where, changed):
    """The base under another name; the files in changed are copies."""
    changed = {os.path.join(base, path) for path in changed}

    def link(source, target, **_):
        if source not in changed:
            try:
                return os.link(source, target, follow_symlinks=False)
            except OSError:
                # Another file system, or one without hard links
                pass
        return shutil.copy2(source, target)

    shutil.rmtree(where, ignore_errors=True)
    shutil.copytree(base, where, symlinks=True, copy_function=link)


def by_git(series, where, env):
    """git am on a repository of the whole base."""
    git = ('git', '-c', 'core.compression=0', '-c', 'core.fsync=none', '-c', 'gc.auto=0',
           '-c', 'core.autocrlf=false')
    output(*git, 'init', '-q', cwd=where, env=env)
    # Files above the threshold go straight into a pack, and not into 87,000 small files
    output(*git, '-c', 'core.bigFileThreshold=1', 'add', '-A', '-f', cwd=where, env=env)
    output(*git, 'commit', '-q', '-m', 'The base', cwd=where, env=env)
    output(*git, 'am', '-q', *(os.path.join(series, n) for n in sorted(os.listdir(series))), cwd=where, env=env)


def by_quilt(series, where, env):
    """quilt push -a, without fuzz."""
    env = env | {'QUILT_PATCHES': series, 'QUILT_PATCH_OPTS': '--fuzz=0'}
    output('quilt', '--quiltrc', '-', 'push', '-q', '-a', cwd=where, env=env)


def quilt_back(series, where, env):
    """quilt pop -a, which gives the base again."""
    output('quilt', '--quiltrc', '-', 'pop', '-q', '-a', cwd=where, env=env | {'QUILT_PATCHES': series})


def entries(top):
    """Path -> directory entry of every file and link below top."""
    found, todo = {}, [top]
    while todo:
        with os.scandir(todo.pop()) as it:
            for e in it:
                if e.is_dir(follow_symlinks=False):
                    if e.name not in SKIP:
                        todo.append(e.path)
                elif e.name not in SKIP:
                    found[os.path.relpath(e.path, top)] = e
    return found


def same(a, b):
    if a.is_symlink() or b.is_symlink():
        return a.is_symlink() and b.is_symlink() and os.readlink(a.path) == os.readlink(b.path)
    sa, sb = a.stat(), b.stat()
    if (sa.st_mode ^ sb.st_mode) & 0o111 or sa.st_size != sb.st_size:
        return False
    if (sa.st_dev, sa.st_ino) == (sb.st_dev, sb.st_ino):
        return True
    with open(a.path, 'rb') as fa, open(b.path, 'rb') as fb:
        return fa.read() == fb.read()


def differences(one, two):
    """The first paths that differ in two whole trees."""
    a, b = entries(one), entries(two)
    return sorted(p for p in a.keys() | b.keys() if p not in a or p not in b or not same(a[p], b[p]))[:20]
