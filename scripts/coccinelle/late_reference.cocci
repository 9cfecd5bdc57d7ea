// SPDX-License-Identifier: GPL-2.0
//
// Reference taken outside the lookup lock: what was found may be freed as soon as the lock of the
// table is let go, so the reference has to be taken before that.

// The lock is let go between the lookup and the reference

@dropped exists@
expression X, E;
identifier lookup = {xa_load, mas_walk, mas_find, mtree_load, idr_find, xa_find};
identifier unlock = {xa_unlock, xa_unlock_irq, xa_unlock_bh, xa_unlock_irqrestore, mas_unlock,
		     mutex_unlock, spin_unlock, spin_unlock_irqrestore, rcu_read_unlock, up_read};
identifier take = {refcount_inc, refcount_inc_not_zero, kref_get, kref_get_unless_zero, get_device};
identifier f;
position p;
@@
 X = lookup(...)
 ... when != X = E
 unlock(...);
 ... when != X = E
(
 take@p(<+... X->f ...+>)
|
 iommufd_object_try_use@p(E, <+... X->f ...+>)
)

// There is no lock at all

@held exists@
position p;
identifier lookup = {xa_load, mas_walk, mas_find, mtree_load, idr_find, xa_find};
identifier lock = {xa_lock, xa_lock_irq, xa_lock_bh, mas_lock, mutex_lock, spin_lock, spin_lock_irq,
		   rcu_read_lock, down_read, down_write, lockdep_assert_held, guard, class_mutex_constructor};
@@
(
 lock(...);
|
 xa_lock_irqsave(...);
|
 spin_lock_irqsave(...);
)
 <+...
 lookup@p(...)
 ...+>

@naked exists@
expression X, E;
identifier lookup = {xa_load, mas_walk, mas_find, mtree_load, idr_find, xa_find};
identifier take = {refcount_inc, refcount_inc_not_zero, kref_get, kref_get_unless_zero, get_device};
identifier f;
position q != held.p;
position p;
@@
 X = lookup@q(...)
 ... when != X = E
(
 take@p(<+... X->f ...+>)
|
 iommufd_object_try_use@p(E, <+... X->f ...+>)
)

@script:python@
p << dropped.p;
@@
coccilib.report.print_report(p[0], "reference taken after the lock of the table was let go")

@script:python@
p << naked.p;
@@
coccilib.report.print_report(p[0], "reference taken without the lock of the table")
