// SPDX-License-Identifier: GPL-2.0
/* Lines marked "found" must be reported by ../id_freed_early.cocci, no other may be. */

static void bad_slot(struct hw *hw, unsigned int idx)
{
	ida_free(&hw->ids, idx); /* found */
	hw->slots[idx] = NULL;
}

static void bad_member(struct hw *hw, struct vintf *vintf)
{
	ida_free(&hw->ids, vintf->idx); /* found */
	WRITE_ONCE(hw->vintfs[vintf->idx], NULL);
}

static void bad_owner(struct hw *hw, struct vintf *vintf)
{
	ida_free(&hw->ids, vintf->idx); /* found */
	tegra241_cmdqv_unpublish_vintf(vintf);
}

static void bad_bit(struct vsmmu *vsmmu, unsigned int slot)
{
	__clear_bit(slot, vsmmu->sid_slots); /* found */
	tegra241_vintf_clear_sid(&vsmmu->vintf, slot);
}

static void good_slot(struct hw *hw, unsigned int idx)
{
	hw->slots[idx] = NULL;
	synchronize_irq(hw->irq);
	ida_free(&hw->ids, idx);
}

static void good_bit(struct vsmmu *vsmmu, unsigned int slot)
{
	if (vsmmu->running)
		tegra241_vintf_clear_sid(&vsmmu->vintf, slot);
	__clear_bit(slot, vsmmu->sid_slots);
}

static void bad_scope(struct hw *hw, struct vintf *vintf)
{
	ida_free(&hw->ids, vintf->idx); /* found */
	scoped_guard(rwsem_read, &hw->lock) {
		if (hw->running)
			stop(vintf);
		tegra241_cmdqv_unpublish_vintf(vintf);
	}
}
