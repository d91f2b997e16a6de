/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The indirection table. A table that is what the driver would make by itself is asked for as such, not
 * written entry by entry: the kernel remembers that a table was set by hand, and then no longer spreads it
 * anew when channels change.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/anyscan-nic/nic.h"
#include "tools/device/ethtool.h"

static struct json_object *as_json(const uint32_t *table, uint32_t size)
{
	struct json_object *a = json_object_new_array();

	for (uint32_t i = 0; i < size; i++)
		json_object_array_add(a, json_object_new_int64(table[i]));
	return a;
}

struct json_object *rss_read(const struct nic *nic, int *rc)
{
	struct json_object *a;
	struct rss rss;

	*rc = ethtool_rss(nic->device.name, &rss);
	if (*rc < 0)
		return NULL;
	a = as_json(rss.table, rss.size);
	rss_free(&rss);
	return a;
}

static struct json_object *equal_over(unsigned int queues, size_t size)
{
	struct json_object *a = json_object_new_array();

	for (size_t i = 0; i < size; i++)
		json_object_array_add(a, json_object_new_int64((int64_t)(i % queues)));
	return a;
}

int rss_want(struct nic *nic, struct json_object *now, struct json_object **wanted, struct error *e)
{
	(void)e;
	if (nic->config->rss == RSS_EQUAL && nic->queues > 0)
		*wanted = equal_over(nic->queues, json_object_array_length(now));
	return 0;
}

/* Whether the table is i % queues over the queues that are now: ethtool_rxfh_indir_default() */
static bool is_default(const struct nic *nic, struct json_object *value)
{
	struct json_object *channels, *usual;
	bool same = false;
	int rc;

	channels = channels_read(nic, &rc);
	if (channels != NULL && channels_receiving(channels) > 0) {
		usual = equal_over(channels_receiving(channels), json_object_array_length(value));
		same = json_object_equal(usual, value);
		json_object_put(usual);
	}
	json_object_put(channels);
	return same;
}

static bool reset_gives(const struct nic *nic, struct json_object *value)
{
	struct json_object *now;
	bool same;
	int rc;

	if (!is_default(nic, value) || ethtool_set_rss(nic->device.name, NULL, 0) < 0)
		return false;
	now = rss_read(nic, &rc);
	same = now != NULL && json_object_equal(now, value);
	json_object_put(now);
	return same;
}

int rss_write(const struct nic *nic, struct json_object *value)
{
	const size_t size = json_object_array_length(value);
	uint32_t *table;
	int rc;

	if (reset_gives(nic, value))
		return 0;
	table = malloc((size + 1) * sizeof(*table));
	if (table == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < size; i++)
		table[i] = (uint32_t)json_object_get_int64(json_object_array_get_idx(value, i));
	rc = ethtool_set_rss(nic->device.name, table, (uint32_t)size);
	free(table);
	return rc;
}

void rss_settle(const struct nic *nic, struct json_object *value)
{
	if (is_default(nic, value))
		rss_write(nic, value);
}
