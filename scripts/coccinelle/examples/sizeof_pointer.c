// SPDX-License-Identifier: GPL-2.0
/* Lines marked "found" must be reported by ../sizeof_pointer.cocci, no other may be. */

struct event {
	u32 *data;
	u32 raw[4];
};

static struct event *bad_alloc(void)
{
	struct event *event = kzalloc(sizeof(event), GFP_KERNEL); /* found */

	return event;
}

static void bad_clear(struct event *event)
{
	memset(event, 0, sizeof(event)); /* found */
}

static int bad_copy(void __user *to, struct event *event)
{
	return copy_to_user(to, event->data, sizeof(event->data)); /* found */
}

static struct event **good_table(unsigned int n)
{
	struct event **table = kcalloc(n, sizeof(*table), GFP_KERNEL);

	return table;
}

static int good_copy(void __user *to, struct event *event)
{
	struct event copy = *event;

	memset(copy.raw, 0, sizeof(copy.raw));
	return copy_to_user(to, &copy, sizeof(copy)) || copy_to_user(to, event, sizeof(*event));
}
