/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "tools/anyscan-nic/nic.h"
#include "tools/device/ethtool.h"

static struct json_object *as_json(const struct ethtool_ringparam *r)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "rx", json_object_new_int64(r->rx_pending));
	json_object_object_add(o, "rx_mini", json_object_new_int64(r->rx_mini_pending));
	json_object_object_add(o, "rx_jumbo", json_object_new_int64(r->rx_jumbo_pending));
	json_object_object_add(o, "tx", json_object_new_int64(r->tx_pending));
	return o;
}

static unsigned int number(struct json_object *o, const char *key)
{
	return (unsigned int)json_object_get_int64(json_object_object_get(o, key));
}

struct json_object *rings_read(const struct nic *nic, int *rc)
{
	struct ethtool_ringparam r;

	*rc = ethtool_rings(nic->device.name, &r);
	return *rc == 0 ? as_json(&r) : NULL;
}

static int parse(const char *text, struct ethtool_ringparam *r, struct error *e)
{
	const char *comma = strchr(text, ',');
	char rx[16];

	if (strcmp(text, "max") == 0) {
		r->rx_pending = r->rx_max_pending;
		r->tx_pending = r->tx_max_pending;
		return 0;
	}
	snprintf(rx, sizeof(rx), "%.*s", comma != NULL ? (int)(comma - text) : (int)strlen(text), text);
	if (!parse_number(rx, &r->rx_pending) ||
	    !parse_number(comma != NULL ? comma + 1 : rx, &r->tx_pending))
		return error_set(e, -EINVAL,
				 "--rings: \"%s\" is no size; write 1024, 512,1024 (RX, TX), max or keep",
				 text);
	if (r->rx_pending < 1 || r->rx_pending > r->rx_max_pending || r->tx_pending < 1 ||
	    r->tx_pending > r->tx_max_pending)
		return error_set(e, -ERANGE, "--rings %s: the driver takes 1 to %u for RX and 1 to %u for TX",
				 text, r->rx_max_pending, r->tx_max_pending);
	return 0;
}

int rings_want(struct nic *nic, struct json_object *now, struct json_object **wanted, struct error *e)
{
	struct ethtool_ringparam r;
	int rc;

	(void)now;
	if (strcmp(nic->config->rings, "keep") == 0)
		return 0;
	rc = ethtool_rings(nic->device.name, &r);
	if (rc < 0)
		return error_set(e, rc, "the rings of %s: %s", nic->device.name, strerror(-rc));
	rc = parse(nic->config->rings, &r, e);
	if (rc == 0)
		*wanted = as_json(&r);
	return rc;
}

int rings_write(const struct nic *nic, struct json_object *value)
{
	struct ethtool_ringparam r;
	int rc = ethtool_rings(nic->device.name, &r);

	if (rc < 0)
		return rc;
	r.rx_pending = number(value, "rx");
	r.rx_mini_pending = number(value, "rx_mini");
	r.rx_jumbo_pending = number(value, "rx_jumbo");
	r.tx_pending = number(value, "tx");
	return ethtool_set_rings(nic->device.name, &r);
}
