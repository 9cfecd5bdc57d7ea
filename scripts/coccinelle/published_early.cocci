// SPDX-License-Identifier: GPL-2.0
//
// Published before initialised: once an object is in a table, on a list, finalised or behind a file
// descriptor, others may use it. A store into it after that comes too late.

@r exists@
expression X, E1, E2, E3, E4;
identifier f, g;
position p;
@@
(
 iommufd_object_finalize(E1, &X->g)
|
 xa_store(E1, E2, X, E3)
|
 xa_insert(E1, E2, X, E3)
|
 __xa_store(E1, E2, X, E3)
|
 smp_store_release(E1, X)
|
 rcu_assign_pointer(E1, X)
|
 list_add(&X->g, E1)
|
 list_add_tail(&X->g, E1)
|
 tegra241_cmdqv_publish_vintf(X)
)
 ... when != X = E2
     when != xa_erase(E1, ...)
     when != __xa_erase(E1, ...)
     when != list_del(&X->g)
     when != tegra241_cmdqv_unpublish_vintf(X)
 X->f@p = E4

@script:python@
p << r.p;
@@
coccilib.report.print_report(p[0], "the object is published already")
