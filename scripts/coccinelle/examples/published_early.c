// SPDX-License-Identifier: GPL-2.0
/* Lines marked "found" must be reported by ../published_early.cocci, no other may be. */

static int bad_table(struct table *table, struct object *obj, u32 length)
{
	int rc = xa_insert(&table->xa, obj->id, obj, GFP_KERNEL);

	if (rc)
		return rc;
	obj->length = length; /* found */
	return 0;
}

static void bad_finalize(struct context *ictx, struct queue *queue, u64 pa)
{
	iommufd_object_finalize(ictx, &queue->obj);
	queue->base_pa = pa; /* found */
}

static void bad_release(struct hw *hw, struct vintf *vintf)
{
	smp_store_release(&hw->vintfs[vintf->idx], vintf);
	vintf->hw = hw; /* found */
}

static int good_table(struct table *table, struct object *obj, u32 length)
{
	obj->length = length;
	return xa_insert(&table->xa, obj->id, obj, GFP_KERNEL);
}

static void good_reserved(struct table *table, struct object *obj)
{
	xa_insert(&table->xa, obj->id, NULL, GFP_KERNEL);
	obj->ready = true;
	xa_store(&table->xa, obj->id, obj, GFP_KERNEL);
}

static void good_taken_back(struct hw *hw, struct list *list, struct vintf *vintf)
{
	list_add(&vintf->item, &list->head);
	list_del(&vintf->item);
	vintf->hw = NULL;
}
