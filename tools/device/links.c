/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/device/links.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "io/netlink/talk.h"

struct list {
	struct device *item;
	size_t count;
	bool short_of_memory;
};

static uint32_t get_u32(const struct nlattr *a)
{
	return mnl_attr_get_payload_len(a) >= sizeof(uint32_t) ? mnl_attr_get_u32(a) : 0;
}

static void get_string(const struct nlattr *a, char *to, size_t size)
{
	const size_t len = strnlen(mnl_attr_get_payload(a), mnl_attr_get_payload_len(a));

	memset(to, 0, size);
	memcpy(to, mnl_attr_get_payload(a), len < size ? len : size - 1);
}

static int take_info(const struct nlattr *a, void *device)
{
	if (mnl_attr_get_type(a) == IFLA_INFO_KIND)
		get_string(a, ((struct device *)device)->kind, sizeof(((struct device *)device)->kind));
	return MNL_CB_OK;
}

static int take_xdp(const struct nlattr *a, void *device)
{
	struct device *d = device;

	switch (mnl_attr_get_type(a)) {
	case IFLA_XDP_ATTACHED:
		d->xdp = mnl_attr_get_payload_len(a) >= 1 ? mnl_attr_get_u8(a) : XDP_NOTHING;
		break;
	case IFLA_XDP_PROG_ID:
	case IFLA_XDP_DRV_PROG_ID:
	case IFLA_XDP_SKB_PROG_ID:
	case IFLA_XDP_HW_PROG_ID:
		if (get_u32(a) != 0)
			d->xdp_program = get_u32(a);
		break;
	}
	return MNL_CB_OK;
}

struct reading {
	struct device device;
	bool elsewhere; /* what it sits on is in another namespace */
};

static int take_attribute(const struct nlattr *a, void *arg)
{
	struct reading *r = arg;
	struct device *d = &r->device;

	switch (mnl_attr_get_type(a)) {
	case IFLA_IFNAME:
		get_string(a, d->name, sizeof(d->name));
		break;
	case IFLA_MTU:
		d->mtu = get_u32(a);
		break;
	case IFLA_MIN_MTU:
		d->mtu_least = get_u32(a);
		break;
	case IFLA_MAX_MTU:
		d->mtu_most = get_u32(a);
		break;
	case IFLA_MASTER:
		d->master = (int)get_u32(a);
		break;
	case IFLA_LINK:
		d->below = (int)get_u32(a);
		break;
	case IFLA_LINK_NETNSID:
		r->elsewhere = true;
		break;
	case IFLA_ADDRESS:
		if (mnl_attr_get_payload_len(a) == sizeof(d->mac))
			memcpy(d->mac, mnl_attr_get_payload(a), sizeof(d->mac));
		break;
	case IFLA_LINKINFO:
		mnl_attr_parse_nested(a, take_info, d);
		break;
	case IFLA_XDP:
		mnl_attr_parse_nested(a, take_xdp, d);
		break;
	}
	return MNL_CB_OK;
}

static int take_link(const struct nlmsghdr *nlh, void *arg)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(nlh);
	struct list *list = arg;
	struct reading r = { .elsewhere = false };
	struct device *grown;

	if (nlh->nlmsg_type != RTM_NEWLINK || mnl_nlmsg_get_payload_len(nlh) < sizeof(*info))
		return MNL_CB_OK;
	r.device.ifindex = info->ifi_index;
	r.device.type = info->ifi_type;
	r.device.flags = info->ifi_flags;
	mnl_attr_parse(nlh, sizeof(*info), take_attribute, &r);
	if (r.elsewhere)
		r.device.below = 0;
	grown = realloc(list->item, (list->count + 1) * sizeof(*grown));
	if (grown == NULL) {
		list->short_of_memory = true;
		return MNL_CB_OK;
	}
	list->item = grown;
	list->item[list->count++] = r.device;
	return MNL_CB_OK;
}

static void forget(void *arg)
{
	((struct list *)arg)->count = 0;
}

int devices_read(struct device **out, size_t *count, struct error *e)
{
	char buffer[NETLINK_REQUEST_MAX] __attribute__((aligned(8)));
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct list list = { .item = NULL };
	int rc;

	request->nlmsg_type = RTM_GETLINK;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
	rc = netlink_ask(request, take_link, forget, &list);
	if (rc == 0 && list.short_of_memory)
		rc = -ENOMEM;
	if (rc < 0) {
		free(list.item);
		return error_set(e, rc, "cannot read the network devices of this host: %s", strerror(-rc));
	}
	*out = list.item;
	*count = list.count;
	return 0;
}

const struct device *device_named(const struct device *d, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(d[i].name, name) == 0)
			return &d[i];
	return NULL;
}

int device_find(const char *name, struct device *out, struct error *e)
{
	const struct device *found;
	struct device *all = NULL;
	size_t count = 0;
	int rc = devices_read(&all, &count, e);

	if (rc < 0)
		return rc;
	found = device_named(all, count, name);
	if (found != NULL)
		*out = *found;
	else
		rc = error_set(e, -ENODEV, "there is no interface %.40s here; `ip link` lists what there is",
			       name);
	free(all);
	return rc;
}

/* Grows the set of devices that carry `of` until nothing is added; a host has few enough for the square. */
bool device_passes(const struct device *d, size_t count, int of, int through)
{
	bool *carries = calloc(count, sizeof(*carries)), grew = carries != NULL, found = of == through;

	for (size_t i = 0; i < count && carries != NULL; i++)
		carries[i] = d[i].ifindex == of;
	while (grew) {
		grew = false;
		for (size_t i = 0; i < count; i++)
			for (size_t j = 0; j < count; j++)
				if (carries[i] && !carries[j] &&
				    (d[i].below == d[j].ifindex || d[j].master == d[i].ifindex))
					carries[j] = grew = true;
	}
	for (size_t i = 0; i < count && carries != NULL; i++)
		found |= carries[i] && d[i].ifindex == through;
	free(carries);
	return found;
}
