# SPDX-License-Identifier: GPL-2.0
"""Changes files of a user's tree, all of them or none, and takes the change back: the store TREE/.viommu

    state.json   path -> digest of the file as it was and as it becomes, and the mode it had
    files/PATH   the file as it was
    new/PATH     the file as it becomes, while it is not in its place

All data is written into the store first, where a full disk or a read-only tree does no harm. Renames follow; if
one fails, those before it are undone. They need no space, so a full disk does not hinder restore() either. The
store has state.json before the first rename and until after the last one: whatever is interrupted in between,
restore() finishes.
"""

import contextlib
import hashlib
import json
import os
import shutil

from project import Refused, read_or_none, remove_empty, write

STORE = '.viommu'
STATE = os.path.join(STORE, 'state.json')


def digest(data):
    return hashlib.sha256(data).hexdigest() if data is not None else None


def read_state(tree):
    """Path -> what is known of it; None if there is no state."""
    text = read_or_none(os.path.join(tree, STATE))
    if text is None:
        return None
    try:
        return json.loads(text)
    except ValueError as e:
        raise Refused(f'{STATE} is damaged: {e}') from e


def _prune(tree, paths):
    """Remove the directories of paths that are empty."""
    for path in paths:
        remove_empty(os.path.dirname(os.path.join(tree, path)))


def _rename_all(tree, pairs):
    """Rename each source to its target, all paths in the tree; if one fails, undo those before it."""
    done = []
    try:
        for source, target in pairs:
            os.makedirs(os.path.join(tree, os.path.dirname(target)), exist_ok=True)
            os.rename(os.path.join(tree, source), os.path.join(tree, target))
            done.append((source, target))
    except OSError as e:
        with contextlib.suppress(OSError):
            while done:
                source, target = done[-1]
                os.rename(os.path.join(tree, target), os.path.join(tree, source))
                done.pop()
        _prune(tree, [target for _, target in pairs if not target.startswith(STORE)])
        after = f'make unapply KDIR={tree} takes back what was done' if done else 'the tree is as it was'
        raise Refused(f'{target}: {e.strerror}; {after}') from e


def _fill(tree, files):
    """Write the store; returns the renames that change the tree."""
    state, pairs = {}, []
    for path, data in files.items():
        place, kept, new = os.path.join(tree, path), f'{STORE}/files/{path}', f'{STORE}/new/{path}'
        old = read_or_none(place)
        mode = os.stat(place).st_mode & 0o7777 if old is not None else 0o644
        state[path] = {'new': digest(data), 'old': digest(old), 'mode': mode}
        write(os.path.join(tree, new), data)
        os.chmod(os.path.join(tree, new), mode)
        if old is not None:
            os.makedirs(os.path.join(tree, os.path.dirname(kept)), exist_ok=True)
            pairs.append((path, kept))
        pairs.append((new, path))
    write(os.path.join(tree, STORE, '.gitignore'), '*\n')
    write(os.path.join(tree, STATE), json.dumps(state, indent=1))
    return pairs


def change(tree, files):
    """Make the tree have files (path -> bytes)."""
    store = os.path.join(tree, STORE)
    try:
        pairs = _fill(tree, files)
    except OSError as e:
        shutil.rmtree(store, ignore_errors=True)
        raise Refused(f'cannot write {store}: {e.strerror}; the tree is as it was') from e
    try:
        _rename_all(tree, pairs)
    except Refused:
        # Not if something could not be undone: then restore() needs the store
        if all(digest(read_or_none(os.path.join(tree, p))) == s['old'] for p, s in read_state(tree).items()):
            shutil.rmtree(store, ignore_errors=True)
        raise


def _back(tree, path, state):
    """The renames that bring one file back; Refused if it was edited since, or lost."""
    kept, new = f'{STORE}/files/{path}', f'{STORE}/new/{path}'
    now = digest(read_or_none(os.path.join(tree, path)))
    if now == state['old']:
        return []
    pairs = [(path, new)] if now is not None else []
    if now not in (state['new'], None) or (now is None and not os.path.exists(os.path.join(tree, kept))):
        raise Refused(path)
    if state['old']:
        if digest(read_or_none(os.path.join(tree, kept))) != state['old']:
            raise Refused(path)
        pairs.append((kept, path))
    return pairs


def restore(tree, state):
    """Make the tree as it was before change(), and remove the store."""
    pairs, wrong = [], []
    for path, s in state.items():
        try:
            pairs += _back(tree, path, s)
        except Refused:
            wrong.append(path)
    if wrong:
        raise Refused('edited since apply, not touched: ' + ' '.join(sorted(wrong)))
    _rename_all(tree, pairs)
    for _, path in pairs:
        if path in state:
            # make must see that the file has changed
            os.utime(os.path.join(tree, path))
            os.chmod(os.path.join(tree, path), state[path]['mode'])
    # First: without it, what an interruption leaves of the store is nothing but rubbish
    os.unlink(os.path.join(tree, STATE))
    shutil.rmtree(os.path.join(tree, STORE))
    _prune(tree, [path for path, s in state.items() if not s['old']])
