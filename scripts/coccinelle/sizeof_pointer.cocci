// SPDX-License-Identifier: GPL-2.0
//
// Size of a pointer where the size of what it points to is meant. Arrays of pointers are allocated
// with the size of a dereferenced pointer to a pointer, so a plain sizeof(pointer) is never needed.

@r@
expression *E;
position p;
@@
(
 sizeof(*E)
|
 sizeof(E@p)
)

@script:python@
p << r.p;
@@
coccilib.report.print_report(p[0], "size of a pointer")
