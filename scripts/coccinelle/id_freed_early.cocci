// SPDX-License-Identifier: GPL-2.0
//
// ID freed before its slot is cleared: the next owner of the number may fill the slot in between,
// and loses it.

@r exists@
expression I, T, X;
position p;
@@
(
 ida_free(..., I)@p
|
 clear_bit(I, ...)@p
|
 __clear_bit(I, ...)@p
|
 bitmap_clear(..., I, 1)@p
|
 idr_remove(..., I)@p
)
 ... when != I = X
(
 T[I] = NULL
|
 WRITE_ONCE(T[I], NULL)
|
 smp_store_release(&T[I], NULL)
|
 RCU_INIT_POINTER(T[I], NULL)
|
 tegra241_vintf_clear_sid(X, I)
)

@owner exists@
expression X;
identifier i;
position p;
@@
 ida_free(..., X->i)@p
 ...
 tegra241_cmdqv_unpublish_vintf(X)

@script:python@
p << r.p;
@@
coccilib.report.print_report(p[0], "the number is free while its slot is still in use")

@script:python@
p << owner.p;
@@
coccilib.report.print_report(p[0], "the number is free while its slot is still in use")
