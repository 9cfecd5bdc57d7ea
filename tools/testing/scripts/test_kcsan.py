# SPDX-License-Identifier: GPL-2.0
"""The filter of KCSAN's reports: those with a function of ours stay in the log, except of a task that sleeps or
spins for a lock."""

import unittest

import kcsan

LINE = '[    1.000000] '
BAR = LINE + '=' * 66


def report(title, *frames):
    lines = [f'BUG: KCSAN: {title}', '', 'write to 0xffff000000873998 of 8 bytes by interrupt on cpu 1:']
    return '\n'.join([BAR, *(LINE + line for line in lines), *(f'{LINE} {frame}+0x2c/0x50' for frame in frames), BAR])


class Filter(unittest.TestCase):
    def split(self, text):
        return kcsan.split(f'before\n{text}\nafter', {'our_function'})

    def test_ours(self):
        """a report with a function of ours in a stack"""
        kept, others = self.split(report('data-race in list_add / our_function', 'list_add', 'our_function'))
        self.assertIn('BUG: KCSAN', kept)
        self.assertEqual(others, [])

    def test_other(self):
        """a report without one, between other lines"""
        kept, others = self.split(report('data-race in fork / exit', 'fork', 'exit'))
        self.assertNotIn('KCSAN', kept)
        self.assertTrue(kept.startswith('before') and kept.endswith('after'))
        self.assertEqual(others, ['data-race in fork / exit'])

    def test_sleep(self):
        """a task of ours that wakes up, and no other race with the timers"""
        sleep = 'data-race in hrtimer_wakeup / schedule_hrtimeout_range_clock'
        self.assertEqual(self.split(report(sleep, 'hrtimer_wakeup', 'our_function'))[1], [sleep])
        other = 'data-race in hrtimer_wakeup / our_function'
        self.assertIn(other, self.split(report(other, 'hrtimer_wakeup', 'our_function'))[0])

    def test_spin(self):
        """two tasks that wait for a lock of ours, and no other race with the lock"""
        spin = 'data-race in osq_lock / osq_unlock'
        self.assertEqual(self.split(report(spin, 'osq_lock', 'rwsem_down_write_slowpath', 'our_function'))[1], [spin])
        for other in ('data-race in osq_lock / our_function', 'data-race in __mutex_init / osq_lock'):
            self.assertIn(other, self.split(report(other, 'osq_lock', 'our_function'))[0])
