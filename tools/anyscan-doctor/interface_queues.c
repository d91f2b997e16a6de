/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>

#include "tools/anyscan-doctor/interfaces.h"
#include "tools/device/ethtool.h"

void probe_channels(struct json_object *o, const struct interface *i)
{
	struct ethtool_channels channels;
	const int rc = ethtool_channels(i->device->name, &channels);
	struct json_object *c;

	if (rc < 0) {
		cannot(o, "channels", NOTHING_TO_SET, "the driver does not tell its channels: %s",
		       because(rc));
		return;
	}
	c = can(o, "channels");
	put_number(c, "combined", channels.combined_count);
	put_number(c, "rx", channels.rx_count);
	put_number(c, "tx", channels.tx_count);
	put_number(c, "most_combined", channels.max_combined);
	put_number(c, "most_rx", channels.max_rx);
	put_number(c, "most_tx", channels.max_tx);
}

/* The bits are those of the kernel's rss_hash_func_strings, which only ever grew at its end. */
static const char *function_name(uint8_t bits)
{
	static const char *const names[] = { "toeplitz", "xor", "crc32" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (bits == 1U << i)
			return names[i];
	return "unknown";
}

static void put_key(struct json_object *c, const struct rss *rss)
{
	char *text = malloc(2 * (size_t)rss->key_size + 1);

	if (text == NULL)
		return;
	text[0] = '\0';
	for (uint32_t k = 0; k < rss->key_size; k++)
		snprintf(text + 2 * (size_t)k, 3, "%02x", rss->key[k]);
	json_object_object_add(c, "key", json_object_new_string(text));
	free(text);
}

static void put_fields(struct json_object *c, const char *ifname, const char *key, uint32_t flow)
{
	static const struct {
		uint64_t bit;
		const char *name;
	} fields[] = {
		{ RXH_L2DA, "destination_mac" },       { RXH_VLAN, "vlan" },
		{ RXH_L3_PROTO, "protocol" },	       { RXH_IP_SRC, "source_address" },
		{ RXH_IP_DST, "destination_address" }, { RXH_L4_B_0_1, "source_port" },
		{ RXH_L4_B_2_3, "destination_port" },
	};
	struct json_object *names;
	uint64_t bits;

	if (ethtool_hash_fields(ifname, flow, &bits) < 0)
		return;
	names = json_object_new_array();
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (bits & fields[i].bit)
			json_object_array_add(names, json_object_new_string(fields[i].name));
	json_object_object_add(c, key, names);
}

static int64_t queues_in(const struct rss *rss)
{
	int64_t queues = 0;

	for (uint32_t k = 0; k < rss->size; k++) {
		bool seen = false;

		for (uint32_t j = 0; j < k; j++)
			seen |= rss->table[j] == rss->table[k];
		queues += !seen;
	}
	return queues;
}

void probe_rss(struct json_object *o, const struct interface *i)
{
	struct json_object *c;
	struct rss rss;
	const int rc = ethtool_rss(i->device->name, &rss);

	if (rc < 0) {
		cannot(o, "rss",
		       "nothing to do: replies come as the driver spreads them, and all queues are read",
		       "the driver has no indirection table: %s", because(rc));
		return;
	}
	c = can(o, "rss");
	put_number(c, "entries", rss.size);
	put_number(c, "queues", queues_in(&rss));
	put_text(c, "function", function_name(rss.function));
	put_key(c, &rss);
	put_fields(c, i->device->name, "tcp4_fields", TCP_V4_FLOW);
	put_fields(c, i->device->name, "udp4_fields", UDP_V4_FLOW);
	rss_free(&rss);
}

void probe_rings(struct json_object *o, const struct interface *i)
{
	struct ethtool_ringparam rings;
	const int rc = ethtool_rings(i->device->name, &rings);
	struct json_object *c;

	if (rc < 0) {
		cannot(o, "rings", NOTHING_TO_SET, "the driver does not tell the size of its rings: %s",
		       because(rc));
		return;
	}
	c = can(o, "rings");
	put_number(c, "rx", rings.rx_pending);
	put_number(c, "tx", rings.tx_pending);
	put_number(c, "most_rx", rings.rx_max_pending);
	put_number(c, "most_tx", rings.tx_max_pending);
}
