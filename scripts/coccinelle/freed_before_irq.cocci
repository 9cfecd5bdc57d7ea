// SPDX-License-Identifier: GPL-2.0
//
// Resource freed before the interrupt: the handler may run until it is drained, and use what was
// freed.

@r exists@
position p;
@@
(
 kfree(...)@p
|
 kvfree(...)@p
|
 bitmap_free(...)@p
|
 ida_free(...)@p
|
 ida_destroy(...)@p
|
 iounmap(...)@p
|
 dma_free_coherent(...)@p
|
 tegra241_kernel_vintf_free(...)@p
)
 ... when any
(
 free_irq(...)
|
 synchronize_irq(...)
|
 disable_irq(...)
|
 tegra241_cmdqv_free_irq(...)
|
 tegra241_cmdqv_unpublish_vintf(...)
)

// A slot that the handler reads is cleared, and its content freed without waiting for the handler

@slot@
expression T, X, I;
identifier free = {kfree, kvfree, kfree_sensitive};
position p;
@@
(
 WRITE_ONCE(T[I], NULL)
|
 smp_store_release(&T[I], NULL)
)
 ... when != synchronize_irq(...)
     when != free_irq(...)
     when != synchronize_rcu(...)
 free@p(X)

@script:python@
p << r.p;
@@
coccilib.report.print_report(p[0], "freed while the interrupt handler may still use it")

@script:python@
p << slot.p;
@@
coccilib.report.print_report(p[0], "freed while the interrupt handler may still use it")
