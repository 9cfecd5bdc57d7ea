// SPDX-License-Identifier: GPL-2.0
/* Lines marked "found" must be reported by ../late_reference.cocci, no other may be. */

static struct object *bad_dropped(struct table *table, unsigned long id)
{
	struct object *obj;

	xa_lock(&table->xa);
	obj = xa_load(&table->xa, id);
	xa_unlock(&table->xa);
	if (obj)
		refcount_inc(&obj->users); /* found */
	return obj;
}

static struct object *bad_naked(struct table *table, unsigned long id)
{
	struct object *obj;

	obj = xa_load(&table->xa, id);
	if (!obj || !refcount_inc_not_zero(&obj->users)) /* found */
		return NULL;
	return obj;
}

static struct region *bad_region(struct context *ictx, struct ma_state *mas)
{
	struct region *region;

	mas_lock(mas);
	region = mas_walk(mas);
	mas_unlock(mas);
	if (region && !iommufd_object_try_use(ictx, &region->viommu->obj)) /* found */
		return NULL;
	return region;
}

static struct object *good_locked(struct table *table, unsigned long id)
{
	struct object *obj;

	xa_lock(&table->xa);
	obj = xa_load(&table->xa, id);
	if (obj && !refcount_inc_not_zero(&obj->users))
		obj = NULL;
	xa_unlock(&table->xa);
	return obj;
}

static struct region *good_region(struct context *ictx, struct ma_state *mas)
{
	struct region *region;

	mas_lock(mas);
	region = mas_walk(mas);
	if (region && !iommufd_object_try_use(ictx, &region->viommu->obj))
		region = NULL;
	mas_unlock(mas);
	return region;
}
