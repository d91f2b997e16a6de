/* SPDX-License-Identifier: Apache-2.0 */
#include "io/bound_nic.h"

#include <arpa/inet.h>
#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io/boot_id.h"

static const char *text_of(struct json_object *o, const char *key)
{
	const char *text = json_object_get_string(json_object_object_get(o, key));

	return text != NULL ? text : "";
}

static bool get_address(struct json_object *o, const char *key, uint32_t *out)
{
	struct in_addr parsed;

	if (inet_pton(AF_INET, text_of(o, key), &parsed) != 1)
		return false;
	*out = ntohl(parsed.s_addr);
	return true;
}

static bool get_mac(struct json_object *o, const char *key, uint8_t out[6])
{
	uint8_t m[6];

	if (sscanf(text_of(o, key), "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx", m, m + 1, m + 2, m + 3, m + 4,
		   m + 5) != 6)
		return false;
	memcpy(out, m, 6);
	return true;
}

static bool from_this_start(struct json_object *root)
{
	char boot[BOOT_ID_MAX];

	boot_id(boot);
	return strcmp(text_of(root, "boot"), boot) == 0;
}

static void fill(struct json_object *known, struct io_link *link)
{
	static const uint8_t none[6];
	struct json_object *mtu = json_object_object_get(known, "mtu");

	get_address(known, "address", &link->addr);
	get_address(known, "gateway", &link->gateway);
	if (get_address(known, "onlink_net", &link->onlink_net))
		get_address(known, "onlink_mask", &link->onlink_mask);
	if (get_mac(known, "gateway_mac", link->gateway_mac))
		link->gateway_mac_known = true;
	if (memcmp(link->mac, none, 6) == 0)
		get_mac(known, "mac", link->mac);
	if (json_object_get_int(mtu) > 0)
		link->mtu = (unsigned int)json_object_get_int(mtu);
}

int bound_nic_read(const char *dir, const char *pci, struct io_link *link, struct error *e)
{
	const char *domain = strchr(pci, ':') == strrchr(pci, ':') ? "0000:" : "";
	struct json_object *root, *known;
	char path[PATH_MAX];
	int rc = 1;

	if (strchr(pci, '/') != NULL ||
	    snprintf(path, sizeof(path), "%s/bound-%s%s.json", dir, domain, pci) >= (int)sizeof(path))
		return 0;
	if (access(path, F_OK) < 0)
		return 0;
	root = json_object_from_file(path);
	known = json_object_object_get(root, "link");
	if (!json_object_is_type(known, json_type_object))
		rc = error_set(
			e, -EBADMSG,
			"%s cannot be read as what anyscan-nic bind writes; --source-ip and --gateway-mac "
			"stand in for it once it is removed",
			path);
	else if (!from_this_start(root))
		rc = 0;
	else
		fill(known, link);
	json_object_put(root);
	return rc;
}
