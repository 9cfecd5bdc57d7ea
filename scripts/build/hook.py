# SPDX-License-Identifier: GPL-2.0
"""Applies one hook to one base file, and proves that it did exactly what it says.

A semantic patch that matches nothing is silent, and one that matches too often compiles. So each
hook states what it does, and both statements are checked after every run:

    // LINES: +12 -3    in the header: size of the resulting diff, which no trace can get wrong
    // EDITS: 2         on the line before a rule: its edits, from spatch's own trace; one without this line

Releases of Coccinelle differ in blank lines and in whether a conditional goes away with the last line
inside it; neither means anything, so LINES does not count them.

A result is kept under a key made of everything that went in (base file, hook, macros, spatch version), so
an unchanged hook costs nothing the next time.
"""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile

from project import BUILD, ROOT, Refused, outcome, output, read, read_or_none, write

MACROS = os.path.join(ROOT, 'scripts/coccinelle/macros.h')
SPATCH = ['spatch', '--no-includes', '--macro-file', MACROS, '--show-transinfo', '--show-trying',
          '--no-show-diff', '--in-place', '--sp-file']
TIMEOUT = 120
# A vendor's macro for a member, with or without a semicolon, by itself on one or more lines of a structure
KABI = re.compile(r'^([ \t]+)((?:RH|UEK)_KABI_\w+\([^;{}]*?\);?)$', re.M)
CACHE = os.path.join(BUILD, 'hooks')


def spatch_version():
    try:
        return output('spatch', '--version').split('\n', 1)[0]
    except (OSError, Refused) as e:
        raise Refused('spatch (package coccinelle) is not there: run ./run setup') from e


def _rules(text):
    names = re.findall(r'^@([^@\n]*)@', text, re.M)
    return [n.split()[0] for n in names if n.strip()]


def _stated(name, text):
    """Return the edits of each rule of a hook, and the LINES string of its header."""
    lines = re.search(r'^// LINES:(.*)$', text, re.M)
    if not lines:
        raise Refused(f'{name}: no LINES line; write it with make record')
    edits = dict.fromkeys(_rules(text), 1)
    edits |= {rule: int(n) for n, rule in re.findall(r'^// EDITS: (\d+)\n@(\w+)', text, re.M)}
    return edits, ' '.join(lines.group(1).split())


def _meaningful(path):
    """The lines of a file without blank ones and empty conditionals."""
    text = re.sub(r'^\s*\n', '', read(path), flags=re.M)
    return re.sub(r'^#if.*\n#endif.*\n', '', text, flags=re.M)


def _diff_size(old, new, tmp):
    paths = []
    for name, path in (('old', old), ('new', new)):
        paths.append(os.path.join(tmp, f'{name}.lines'))
        write(paths[-1], _meaningful(path))
    _, diff = outcome('diff', '-U0', *paths)
    body = [line for line in diff.splitlines()[2:] if line[:1] in '+-']
    added = sum(line[0] == '+' for line in body)
    return f'+{added} -{len(body) - added}'


def _hide(path):
    """
    Hide from spatch the macros that stand for members, as vendors' trees have them; returns them. Coccinelle 1.3
    parses no structure with one that has no semicolon behind it, whatever its definition.
    """
    hidden = []

    def one(m):
        hidden.append(m[2])
        return f'{m[1]}int kabi_member_{len(hidden) - 1};'

    write(path, KABI.sub(one, read(path)))
    return hidden


def _show(path, hidden):
    write(path, re.sub(r'\bint kabi_member_(\d+);', lambda m: hidden[int(m[1])], read(path)))


def _count_edits(trace, rules):
    counts = dict.fromkeys(rules, 0)
    current = None
    for line in trace.splitlines():
        m = re.match(r'([A-Za-z_]\w*) = $', line)
        if m:
            current = m.group(1)
        elif 'with rule_elem:' in line and current in counts:
            counts[current] += 1
    return counts


def _spatch(name, hook, base):
    """Run spatch on a pristine copy. Returns (edits, diff size, resulting bytes)."""
    text = read(hook)
    rules = _rules(text)
    if not rules or len(rules) != len(re.findall(r'^@@$', text, re.M)):
        raise Refused(f'{name}: every rule needs a name')
    with tempfile.TemporaryDirectory(prefix='hook.', dir=BUILD) as tmp:
        copy = os.path.join(tmp, os.path.basename(base))
        shutil.copyfile(base, copy)
        hidden = _hide(copy)
        p = subprocess.run([*SPATCH, hook, copy], capture_output=True, text=True, timeout=TIMEOUT, cwd=tmp)
        if p.returncode:
            tail = '\n'.join((p.stdout + p.stderr).splitlines()[-15:])
            raise Refused(f'{name}: spatch ended with {p.returncode}\n{tail}')
        _show(copy, hidden)
        edits = _count_edits(p.stdout, rules)
        missing = [rule for rule, n in edits.items() if not n]
        if missing:
            raise Refused(f'{name}: matched nothing: {" ".join(missing)}')
        return edits, _diff_size(base, copy, tmp), read_or_none(copy)


def _key(hook, base, version):
    h = hashlib.sha256(version.encode())
    for path in (hook, base, MACROS, __file__):
        h.update(hashlib.sha256(read_or_none(path)).digest())
    return h.hexdigest()


def _result(name, hook, base, version, verify):
    """The bytes of the base file with the hook applied, from the cache if they were verified before."""
    cached = os.path.join(CACHE, _key(hook, base, version))
    if not os.path.exists(cached):
        edits, lines, result = _spatch(name, hook, base)
        verify(edits, lines)
        os.makedirs(CACHE, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=CACHE, delete=False) as f:
            f.write(result)
        os.replace(f.name, cached)
    return read_or_none(cached)


def apply(name, hook, base, version):
    """Return the bytes of the base file with the hook applied; Refused if a count is off."""
    def verify(edits, lines):
        want_edits, want_lines = _stated(name, read(hook))
        wrong = [f'{rule}: states {want_edits.get(rule, "nothing")}, made {edits.get(rule, "none")}'
                 for rule in sorted(set(edits) | set(want_edits)) if edits.get(rule) != want_edits.get(rule)]
        if wrong:
            raise Refused(f'{name}: number of edits is off: {"; ".join(wrong)}')
        if lines != want_lines:
            raise Refused(f'{name}: size of the change is off: states {want_lines}, made {lines}')

    return _result(name, hook, base, version, verify)


def apply_rules(name, hook, base, version, keep):
    """Like apply(), with those rules only whose names are in keep; all other text stays out."""
    text = read(hook)
    stated = {rule: n for rule, n in _stated(name, text)[0].items() if rule in keep}
    head, *parts = re.split(r'^(?=@[^@\n]+@)', text, flags=re.M)
    kept = [part for part in parts if _rules(part)[0] in keep]
    if not kept:
        return read_or_none(base)

    def verify(edits, _lines):
        if edits != stated:
            raise Refused(f'{name}: rules {" ".join(stated)} alone make other edits: {edits}')

    with tempfile.TemporaryDirectory(prefix='rules.', dir=BUILD) as tmp:
        part = os.path.join(tmp, os.path.basename(hook))
        write(part, ''.join([head, *kept]))
        return _result(name, part, base, version, verify)


def record(name, hook, base):
    """Write into the hook what it does. Returns True if that changed the file."""
    edits, lines, _ = _spatch(name, hook, base)
    text = read(hook)
    out, found = re.subn(r'^// LINES:.*$', f'// LINES: {lines}', text, count=1, flags=re.M)
    if not found:
        at = re.match(r'(//[^\n]*\n)*', text).end()
        out = f'{text[:at]}// LINES: {lines}\n{text[at:]}'
    for rule, n in edits.items():
        stated = f'// EDITS: {n}\n' if n != 1 else ''
        out = re.sub(rf'^(// EDITS:.*\n)?(?=@{rule}\b)', stated, out, count=1, flags=re.M)
    if out == text:
        return False
    write(hook, out)
    return True
