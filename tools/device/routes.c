/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/device/routes.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "io/netlink/talk.h"

struct route {
	const struct nlattr *at[RTA_MAX + 1];
};

static int remember(const struct nlattr *a, void *arg)
{
	if (mnl_attr_get_type(a) <= RTA_MAX)
		((struct route *)arg)->at[mnl_attr_get_type(a)] = a;
	return MNL_CB_OK;
}

static uint32_t get_u32(const struct route *r, int type, uint32_t otherwise)
{
	const struct nlattr *a = r->at[type];

	return a != NULL && mnl_attr_get_payload_len(a) >= sizeof(uint32_t) ? mnl_attr_get_u32(a) : otherwise;
}

struct winners {
	uint32_t metric;
	int *ifindex;
	int count;
};

static void add(struct winners *w, int ifindex)
{
	for (int i = 0; i < w->count; i++)
		if (w->ifindex[i] == ifindex)
			return;
	if (ifindex > 0 && w->count < ROUTES_DEFAULT_MAX)
		w->ifindex[w->count++] = ifindex;
}

/* struct rtnexthop, one behind the other, each with its own length */
static void add_next_hops(struct winners *w, const struct nlattr *a)
{
	const char *at = mnl_attr_get_payload(a);
	size_t left = mnl_attr_get_payload_len(a);

	while (left >= sizeof(struct rtnexthop)) {
		struct rtnexthop hop;
		size_t len;

		memcpy(&hop, at, sizeof(hop));
		len = MNL_ALIGN(hop.rtnh_len);
		add(w, hop.rtnh_ifindex);
		if (len < sizeof(hop) || len > left)
			return;
		at += len;
		left -= len;
	}
}

static int take_default(const struct nlmsghdr *nlh, void *arg)
{
	const struct rtmsg *msg = mnl_nlmsg_get_payload(nlh);
	struct winners *w = arg;
	struct route r = { 0 };
	uint32_t metric;

	if (nlh->nlmsg_type != RTM_NEWROUTE || mnl_nlmsg_get_payload_len(nlh) < sizeof(*msg) ||
	    msg->rtm_dst_len != 0 || msg->rtm_type != RTN_UNICAST)
		return MNL_CB_OK;
	mnl_attr_parse(nlh, sizeof(*msg), remember, &r);
	if (get_u32(&r, RTA_TABLE, msg->rtm_table) != RT_TABLE_MAIN)
		return MNL_CB_OK;
	metric = get_u32(&r, RTA_PRIORITY, 0);
	if (metric > w->metric)
		return MNL_CB_OK;
	if (metric < w->metric)
		w->count = 0;
	w->metric = metric;
	add(w, (int)get_u32(&r, RTA_OIF, 0));
	if (r.at[RTA_MULTIPATH] != NULL)
		add_next_hops(w, r.at[RTA_MULTIPATH]);
	return MNL_CB_OK;
}

static void forget(void *arg)
{
	((struct winners *)arg)->metric = UINT32_MAX;
	((struct winners *)arg)->count = 0;
}

static int take_interface(const struct nlmsghdr *nlh, void *arg)
{
	struct route r = { 0 };

	if (nlh->nlmsg_type != RTM_NEWROUTE || mnl_nlmsg_get_payload_len(nlh) < sizeof(struct rtmsg))
		return MNL_CB_OK;
	mnl_attr_parse(nlh, sizeof(struct rtmsg), remember, &r);
	*(int *)arg = (int)get_u32(&r, RTA_OIF, 0);
	return MNL_CB_OK;
}

int route_to(const struct route_address *to, const struct route_address *from)
{
	char buffer[NETLINK_REQUEST_MAX] __attribute__((aligned(8)));
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	const size_t len = to->family == AF_INET6 ? 16 : 4;
	struct rtmsg *msg;
	int ifindex = 0, rc;

	request->nlmsg_type = RTM_GETROUTE;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	msg = mnl_nlmsg_put_extra_header(request, sizeof(*msg));
	msg->rtm_family = (unsigned char)to->family;
	msg->rtm_dst_len = (unsigned char)(8 * len);
	mnl_attr_put(request, RTA_DST, len, to->bytes);
	if (from != NULL) {
		msg->rtm_src_len = (unsigned char)(8 * len);
		mnl_attr_put(request, RTA_SRC, len, from->bytes);
	}
	rc = netlink_ask(request, take_interface, NULL, &ifindex);
	if (rc == -ENETUNREACH || rc == -EHOSTUNREACH || rc == -EINVAL)
		return 0;
	return rc < 0 ? rc : ifindex;
}

int routes_default(int ifindex[ROUTES_DEFAULT_MAX], struct error *e)
{
	/* a.root-servers.net: asked of the routes, never sent to */
	static const struct route_address internet[] = {
		{ .family = AF_INET, .bytes = { 198, 41, 0, 4 } },
		{ .family = AF_INET6,
		  .bytes = { 0x20, 0x01, 0x05, 0x03, 0xba, 0x3e, [13] = 2, [15] = 0x30 } },
	};
	int total = 0;

	for (size_t i = 0; i < sizeof(internet) / sizeof(internet[0]); i++) {
		char buffer[NETLINK_REQUEST_MAX] __attribute__((aligned(8)));
		struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
		int found[ROUTES_DEFAULT_MAX], rc;
		struct winners w = { .metric = UINT32_MAX, .ifindex = found };
		struct winners all = { .ifindex = ifindex, .count = total };

		request->nlmsg_type = RTM_GETROUTE;
		request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
		((struct rtmsg *)mnl_nlmsg_put_extra_header(request, sizeof(struct rtmsg)))->rtm_family =
			(unsigned char)internet[i].family;
		rc = netlink_ask(request, take_default, forget, &w);
		if (rc < 0 && internet[i].family == AF_INET)
			return error_set(e, rc, "cannot read the routes of this host: %s", strerror(-rc));
		for (int k = 0; rc == 0 && k < w.count; k++) /* a kernel without IPv6 has no such routes */
			add(&all, found[k]);
		add(&all, route_to(&internet[i], NULL));
		total = all.count;
	}
	return total;
}
