# SPDX-License-Identifier: GPL-2.0
"""The assembled tree as a sequence of states, one for each topic in patches/.

patches/NN-NAME.txt is the message of one patch: a head with Subject and Files, an empty line, the
text. Files are patterns; a file belongs to the topic whose matching pattern is the longest. A hook
that serves more than one topic is divided by lines "TOPIC: NAME", in a comment of its own: what
follows belongs to that topic. The last state is the assembled tree itself.
"""

import fnmatch
import glob
import os
import re

import hook
from assembly import append
from project import ROOT, Refused, read, read_or_none

MARK = re.compile(r'^(?://|#) TOPIC: (\S+)$', re.M)


class Topic:
    """One patch: name, subject, text, patterns of its files."""

    def __init__(self, path):
        head, _, self.text = read(path).partition('\n\n')
        fields = dict(re.findall(r'^(\S+): (.*(?:\n .*)*)', head, re.M))
        self.name = re.sub(r'^\d+-|\.txt$', '', os.path.basename(path))
        self.patterns = fields.get('Files', '').split()
        self.subject = fields.get('Subject', '')
        self.text = self.text.strip() + '\n'
        if not self.subject or not self.patterns or len(self.text) < 80:
            raise Refused(f'{os.path.relpath(path, ROOT)}: needs Subject, Files and a text')


def read_topics():
    paths = sorted(glob.glob(os.path.join(ROOT, 'patches', '[0-9]*.txt')))
    if not paths:
        raise Refused('patches/ has no topics')
    return [Topic(path) for path in paths]


class Series:
    """The states of an assembly whose files are computed."""

    def __init__(self, assembly):
        self.assembly = assembly
        self.topics = read_topics()
        self.names = [t.name for t in self.topics]
        self.version = hook.spatch_version()
        self.last = len(self.topics) - 1

    def topic_of(self, path):
        """Number of the topic that a path of the tree belongs to."""
        found = [(len(p), i) for i, t in enumerate(self.topics) for p in t.patterns if fnmatch.fnmatchcase(path, p)]
        if not found:
            raise Refused(f'{path}: no topic in patches/ takes this file')
        return max(found)[1]

    def _parts(self, path, source):
        """A hook's text as (number of topic, text), cut at its TOPIC lines."""
        pieces = MARK.split(read(source))
        parts = [(self.topic_of(path), pieces[0])]
        for name, text in zip(pieces[1::2], pieces[2::2]):
            if name not in self.names:
                raise Refused(f'{os.path.relpath(source, ROOT)}: no topic {name}')
            parts.append((self.names.index(name), text.removeprefix('\n')))
        return parts

    def _base(self, path):
        return read_or_none(os.path.join(self.assembly.base, path))

    def _appended(self, path, n):
        parts = self._parts(path, self.assembly.appends[path])
        text = ''.join(t for i, t in parts if i <= n)
        base = self._base(path)
        return append(path, base.decode(), text).encode() if text.strip() else base

    def _hooked(self, path, n):
        source = self.assembly.hooks[path]
        parts = self._parts(path, source)
        keep = [r for i, t in parts if i <= n for r in re.findall(r'^@([^@\s]+)[^@\n]*@', t, re.M)]
        base = os.path.join(self.assembly.base, path)
        return hook.apply_rules(f'hooks/{path}.cocci', source, base, self.version, keep)

    def state(self, n):
        """The files that differ from the base after topic n: path -> bytes."""
        files = {}
        for path, data in self.assembly.files.items():
            if path in self.assembly.appends:
                now = self._appended(path, n)
            elif path in self.assembly.hooks:
                now = data if n == self.last else self._hooked(path, n)
            else:
                now = data if self.topic_of(path) <= n else self._base(path)
            if now != self._base(path):
                files[path] = now
        if n == self.last and files != self.assembly.files:
            wrong = sorted(p for p, data in self.assembly.files.items() if files.get(p) != data)
            raise Refused(f'the last state is not the tree: {" ".join(wrong)}')
        return files
