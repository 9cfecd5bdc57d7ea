/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest's CMDQ-V: what libviommu has of it, connected to KVM.
 */
#ifndef _VMM_CMDQV_KVM_H
#define _VMM_CMDQV_KVM_H

#include "vmm.h"

int cmdqv_create(struct vmm *vmm);
int cmdqv_plug(struct vmm *vmm);
int cmdqv_unplug(struct vmm *vmm);
void cmdqv_destroy(struct vmm *vmm);

uint64_t cmdqv_read(struct vmm *vmm, uint64_t offset, unsigned int len);
void cmdqv_write(struct vmm *vmm, uint64_t offset, unsigned int len,
		 uint64_t value);

/* Poll it for events; -1 if there is none. It is of no use any more after an error */
int cmdqv_event_fd(struct vmm *vmm);
bool cmdqv_has_events(struct vmm *vmm);
int cmdqv_events(struct vmm *vmm);

/* For a machine that is saved or restored */
int cmdqv_hold(struct vmm *vmm);
int cmdqv_release(struct vmm *vmm);
int cmdqv_save(struct vmm *vmm, void *state, size_t len);
int cmdqv_restore(struct vmm *vmm, const void *state, size_t len);

#endif
