// SPDX-License-Identifier: GPL-2.0
/* Lines marked "found" must be reported by ../freed_before_irq.cocci, no other may be. */

static void bad_remove(struct hw *hw)
{
	kfree(hw->queue); /* found */
	iounmap(hw->base); /* found */
	free_irq(hw->irq, hw);
}

static void bad_put(struct hw *hw, struct vintf *vintf)
{
	kfree(vintf->queues); /* found */
	if (hw->running)
		stop(vintf);
	tegra241_cmdqv_unpublish_vintf(vintf);
}

static void bad_slot(struct hw *hw, struct vintf *vintf)
{
	WRITE_ONCE(hw->vintfs[vintf->idx], NULL);
	kfree(vintf); /* found */
}

static void good_remove(struct hw *hw)
{
	free_irq(hw->irq, hw);
	kfree(hw->queue);
	iounmap(hw->base);
}

static void good_slot(struct hw *hw, struct vintf *vintf)
{
	WRITE_ONCE(hw->vintfs[vintf->idx], NULL);
	if (hw->irq)
		synchronize_irq(hw->irq);
	kfree(vintf);
}
