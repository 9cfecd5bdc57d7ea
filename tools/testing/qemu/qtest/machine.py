# SPDX-License-Identifier: GPL-2.0
"""A machine without a running processor: the tests make every access.

QEMU's qtest protocol reads and writes physical memory, moves the clock, and reports interrupts; QMP reads and
sets properties. So a test needs no kernel and takes a fraction of a second.
"""

import collections
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile

CMDQV_SPI = 200
QEMU = os.environ.get('QEMU', 'build/qemu/qemu-system-aarch64')
TIMEOUT = 30        # seconds for each response of QEMU


class Machine:
    """QEMU's virt machine with CMDQ-V (properties PROPS), the DMA test device, and more devices."""

    def __init__(self, props='strict=on', dma_devices=1, log='', devices=()):
        self.dir = tempfile.mkdtemp(prefix='cmdqv-')
        self.report = os.path.join(self.dir, 'report')
        self.stderr = os.path.join(self.dir, 'stderr')
        self.edges = collections.Counter()
        self.late = re.search(r'\bseed=[1-9]', props)
        qtest, qmp = self._listen('qtest'), self._listen('qmp')
        command = ['setpriv', '--pdeathsig', 'KILL', QEMU,
                   '-M', 'virt,iommu=smmuv3,gic-version=3', '-cpu', 'max', '-m', '512M',
                   '-accel', 'qtest', '-nodefaults', '-display', 'none',
                   '-qtest', f'unix:{self.dir}/qtest', '-qtest-log', 'none', '-qmp', f'unix:{self.dir}/qmp',
                   '-device', f'tegra241-cmdqv-hw,id=cmdqv0,report={self.report},{props}']
        for i in range(dma_devices):
            command += ['-device', f'pci-dma-test,id=dma{i},addr={i + 1},flr=on']
        for device in devices:
            command += ['-device', device]
        if log:
            command += ['-d', log, '-D', os.path.join(self.dir, 'log')]
        with open(self.stderr, 'wb') as err:
            self.process = subprocess.Popen(command, stderr=err)
        try:
            self.qtest = self._accept(qtest)
            self.qmp_file = self._accept(qmp)
            self.qmp_file.readline()
            self.qmp('qmp_capabilities')
            self._intercept_gic()
        except Exception:
            self.process.kill()
            self.process.wait()
            self._clean()
            raise

    def _listen(self, name):
        sock = socket.socket(socket.AF_UNIX)
        sock.bind(os.path.join(self.dir, name))
        sock.listen(1)
        sock.settimeout(TIMEOUT)
        return sock

    def _accept(self, listener):
        conn, _ = listener.accept()
        listener.close()
        conn.settimeout(TIMEOUT)
        return conn.makefile('rw', encoding='ascii', newline='\n')

    def _intercept_gic(self):
        for entry in self.qmp('qom-list', path='/machine/unattached'):
            if entry['type'] == 'child<arm-gicv3>':
                self.command(f"irq_intercept_in /machine/unattached/{entry['name']}")
                return
        raise RuntimeError('no GIC')

    def command(self, text):
        """Sends one qtest command; counts the edges that come before its response."""
        self.qtest.write(text + '\n')
        self.qtest.flush()
        while True:
            words = self.qtest.readline().split()
            if not words:
                raise RuntimeError(f'QEMU is gone after: {text}')
            if words[0] == 'IRQ':
                if words[1] == 'raise':
                    self.edges[int(words[2])] += 1
            elif words[0] == 'OK':
                return words[1] if len(words) > 1 else None
            else:
                raise RuntimeError(f'{text}: {" ".join(words)}')

    def read32(self, addr):
        return int(self.command(f'readl {addr:#x}'), 0)

    def read64(self, addr):
        return int(self.command(f'readq {addr:#x}'), 0)

    def write32(self, addr, value):
        self.command(f'writel {addr:#x} {value:#x}')

    def write64(self, addr, value):
        self.command(f'writeq {addr:#x} {value:#x}')

    def read_bytes(self, addr, n):
        return bytes.fromhex(self.command(f'read {addr:#x} {n}')[2:])

    def write_bytes(self, addr, data):
        self.command(f'write {addr:#x} {len(data)} 0x{data.hex()}')

    def step(self, ns):
        self.command(f'clock_step {ns}')

    def step_until(self, done):
        """Moves the clock by microseconds until DONE()."""
        for _ in range(10000):
            if done():
                return
            self.step(1000)
        raise AssertionError('this never comes')

    def answer(self, read, value):
        """The handshake: READ() as it is, or, with a seed, as soon as it is VALUE."""
        if self.late:
            self.step_until(lambda: read() == value)
        return read()

    def take_edges(self, spi=CMDQV_SPI):
        """Rising edges of an interrupt, that of CMDQ-V, since the last call."""
        self.command('readl 0x40000000')
        return self.edges.pop(spi, 0)

    def qmp(self, execute, **arguments):
        self.qmp_file.write(json.dumps({'execute': execute, 'arguments': arguments}) + '\n')
        self.qmp_file.flush()
        while True:
            reply = json.loads(self.qmp_file.readline())
            if 'return' in reply:
                return reply['return']
            if 'error' in reply:
                raise RuntimeError(f"{execute}: {reply['error']['desc']}")

    def get(self, prop, path='/machine/peripheral/cmdqv0'):
        return self.qmp('qom-get', path=path, property=prop)

    def set(self, prop, value, path='/machine/peripheral/cmdqv0'):
        self.qmp('qom-set', path=path, property=prop, value=value)

    def reset(self):
        self.qmp('system_reset')

    def strict(self, kind='strict', path='/machine/peripheral/cmdqv0'):
        """Broken rules and their counts, without those at zero."""
        prefix = kind + '-'
        names = [p['name'] for p in self.qmp('qom-list', path=path)]
        rules = [n for n in names if n.startswith(prefix) and not n.endswith('-total') and
                 (kind != 'strict' or not n.startswith('strict-guest-'))]
        return {n[len(prefix):]: v for n in rules if (v := self.get(n, path))}

    def close(self):
        """Ends QEMU and returns its report."""
        try:
            self.qmp_file.write('{"execute": "quit"}\n')
            self.qmp_file.flush()
            self.process.wait(TIMEOUT)
            with open(self.report, encoding='ascii') as f:
                return f.read()
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            self.qtest.close()
            self.qmp_file.close()
            self._clean()

    def _clean(self):
        shutil.rmtree(self.dir, ignore_errors=True)
