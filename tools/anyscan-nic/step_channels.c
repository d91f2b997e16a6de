/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "tools/anyscan-nic/nic.h"
#include "tools/device/ethtool.h"

static struct json_object *as_json(const struct ethtool_channels *c)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "combined", json_object_new_int64(c->combined_count));
	json_object_object_add(o, "rx", json_object_new_int64(c->rx_count));
	json_object_object_add(o, "tx", json_object_new_int64(c->tx_count));
	json_object_object_add(o, "other", json_object_new_int64(c->other_count));
	return o;
}

static unsigned int number(struct json_object *o, const char *key)
{
	return (unsigned int)json_object_get_int64(json_object_object_get(o, key));
}

unsigned int channels_receiving(struct json_object *value)
{
	return number(value, "combined") + number(value, "rx");
}

struct json_object *channels_read(const struct nic *nic, int *rc)
{
	struct ethtool_channels c;

	*rc = ethtool_channels(nic->device.name, &c);
	return *rc == 0 ? as_json(&c) : NULL;
}

/* Where a driver has both kinds, the combined ones are the queues of a scan: each has its own interrupt. */
static int set_count(const struct nic *nic, struct ethtool_channels *c, unsigned int count, struct error *e)
{
	const bool combined = c->max_combined > 0;
	unsigned int most = c->max_rx < c->max_tx ? c->max_rx : c->max_tx;

	if (combined)
		most = c->max_combined;
	if (count < 1 || count > most)
		return error_set(e, -ERANGE, "--channels %s: the driver of %s takes 1 to %u",
				 nic->config->channels, nic->device.name, most);
	if (combined)
		c->combined_count = count;
	else
		c->rx_count = c->tx_count = count;
	return 0;
}

int channels_want(struct nic *nic, struct json_object *now, struct json_object **wanted, struct error *e)
{
	const char *text = nic->config->channels;
	struct ethtool_channels c;
	unsigned int count, most;
	int rc;

	nic->queues = channels_receiving(now);
	if (strcmp(text, "keep") == 0)
		return 0;
	rc = ethtool_channels(nic->device.name, &c);
	if (rc < 0)
		return error_set(e, rc, "the channels of %s: %s", nic->device.name, strerror(-rc));
	most = c.max_combined > 0 ? c.max_combined : c.max_rx < c.max_tx ? c.max_rx : c.max_tx;
	if (strcmp(text, "max") == 0)
		count = most;
	else if (strcmp(text, "half") == 0)
		count = most > 1 ? most / 2 : most;
	else if (!parse_number(text, &count))
		return error_set(e, -EINVAL, "--channels: \"%s\" is no number; write 4, max, half or keep",
				 text);
	rc = set_count(nic, &c, count, e);
	if (rc < 0)
		return rc;
	*wanted = as_json(&c);
	nic->queues = channels_receiving(*wanted);
	return 0;
}

int channels_write(const struct nic *nic, struct json_object *value)
{
	struct ethtool_channels c;
	int rc = ethtool_channels(nic->device.name, &c); /* what is no count stays as the driver says it */

	if (rc < 0)
		return rc;
	c.combined_count = number(value, "combined");
	c.rx_count = number(value, "rx");
	c.tx_count = number(value, "tx");
	c.other_count = number(value, "other");
	return ethtool_set_channels(nic->device.name, &c);
}
