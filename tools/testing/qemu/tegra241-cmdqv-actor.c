/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The actor of an access: the host, or a guest that has page 0 of its VINTF
 *
 * Only page 0 of a VINTF that ran without HYP_OWN can be in a guest's hands;
 * it may keep that page when the VINTF goes off under it.  The host's kernel
 * uses the same page while it sets a queue up and takes it down, so the
 * processor tells the two apart: a guest is below the hypervisor (HCR_EL2.VM),
 * or, where there is no virtual machine, a program of user space that has
 * mapped the page.  A VMM that hands on what its guest wrote is user space,
 * too.
 *
 * qtest has no processor.  Its accesses to such a page are the guest's, unless
 * qtest-host says otherwise.
 */

#include "qemu/osdep.h"
#include "target/arm/cpu.h"
#include "target/arm/internals.h"
#include "tegra241-cmdqv-hw.h"

static bool cpu_in_guest(CPUARMState *env)
{
    return arm_current_el(env) < 2 && (env->cp15.hcr_el2 & HCR_VM);
}

/* Asks for the access that is being made */
bool cmdqv_accessed_by_guest(const CmdqvState *s, MemTxAttrs attrs)
{
    if (!current_cpu) {
        return !s->qtest_host;
    }
    return attrs.user || cpu_in_guest(&ARM_CPU(current_cpu)->env);
}

CmdqvActor cmdqv_page0_actor(const CmdqvState *s, unsigned v, bool guest)
{
    return guest && s->vintfs[v].guest ? CMDQV_GUEST : CMDQV_HOST;
}

static bool actor_get_qtest_host(Object *obj, Error **errp)
{
    return TEGRA241_CMDQV_HW(obj)->qtest_host;
}

static void actor_set_qtest_host(Object *obj, bool value, Error **errp)
{
    TEGRA241_CMDQV_HW(obj)->qtest_host = value;
}

void cmdqv_actor_add_properties(Object *obj)
{
    object_property_add_bool(obj, "qtest-host", actor_get_qtest_host,
                             actor_set_qtest_host);
}
