/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/device/kept.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "io/netlink/talk.h"

#define MESSAGE_MOST 4096 /* bytes; a route of 64 next hops is a quarter of that */
#define PASSES 3 /* a route may need another one, to its gateway, that stands behind it */

struct collecting {
	int ifindex;
	struct json_object *addresses, *routes;
};

static void add_message(struct json_object *to, const struct nlmsghdr *nlh)
{
	const uint8_t *byte = (const void *)nlh;
	char text[2 * MESSAGE_MOST + 1];

	if (nlh->nlmsg_len > MESSAGE_MOST)
		return;
	for (uint32_t i = 0; i < nlh->nlmsg_len; i++)
		snprintf(text + 2 * i, 3, "%02x", byte[i]);
	json_object_array_add(to, json_object_new_string(text));
}

/* Calls each() with the place of every interface index that the route leaves by. */
static void route_devices(struct nlmsghdr *nlh, void (*each)(void *arg, int *ifindex), void *arg)
{
	struct nlattr *a;

	mnl_attr_for_each(a, nlh, sizeof(struct rtmsg))
	{
		char *at = mnl_attr_get_payload(a);
		size_t left = mnl_attr_get_payload_len(a);

		if (mnl_attr_get_type(a) == RTA_OIF && left >= sizeof(int))
			each(arg, (int *)(void *)at);
		while (mnl_attr_get_type(a) == RTA_MULTIPATH && left >= sizeof(struct rtnexthop)) {
			struct rtnexthop *hop = (void *)at;
			const size_t len = MNL_ALIGN(hop->rtnh_len);

			hop->rtnh_flags &= RTNH_F_ONLINK; /* dead and linkdown are told, never taken */
			each(arg, &hop->rtnh_ifindex);
			if (len < sizeof(*hop) || len > left)
				break;
			at += len;
			left -= len;
		}
	}
}

struct swapping {
	int was, now;
	bool found;
};

static void swap(void *arg, int *ifindex)
{
	struct swapping *s = arg;

	if (*ifindex != s->was)
		return;
	s->found = true;
	*ifindex = s->now;
}

static bool is_route_to_keep(const struct nlmsghdr *nlh, int ifindex)
{
	const struct rtmsg *msg = mnl_nlmsg_get_payload(nlh);
	uint8_t copy[MESSAGE_MOST] __attribute__((aligned(8)));
	struct swapping s = { ifindex, ifindex, false };

	if (nlh->nlmsg_type != RTM_NEWROUTE || nlh->nlmsg_len > sizeof(copy) ||
	    mnl_nlmsg_get_payload_len(nlh) < sizeof(*msg) || msg->rtm_type != RTN_UNICAST ||
	    msg->rtm_protocol == RTPROT_KERNEL || msg->rtm_flags & RTM_F_CLONED)
		return false;
	memcpy(copy, nlh, nlh->nlmsg_len);
	route_devices((struct nlmsghdr *)(void *)copy, swap, &s);
	return s.found;
}

static int take(const struct nlmsghdr *nlh, void *arg)
{
	const struct ifaddrmsg *address = mnl_nlmsg_get_payload(nlh);
	struct collecting *c = arg;

	if (nlh->nlmsg_type == RTM_NEWADDR && mnl_nlmsg_get_payload_len(nlh) >= sizeof(*address) &&
	    address->ifa_index == (unsigned int)c->ifindex)
		add_message(c->addresses, nlh);
	if (is_route_to_keep(nlh, c->ifindex))
		add_message(c->routes, nlh);
	return MNL_CB_OK;
}

static int dump(struct collecting *c, uint16_t type, struct json_object **into)
{
	char buffer[NETLINK_REQUEST_MAX] __attribute__((aligned(8)));
	struct nlmsghdr *request;
	int rc = -EINTR;

	for (int tries = 0; tries < 8 && rc == -EINTR;
	     tries++) { /* a dump that changed under way starts anew */
		json_object_put(*into);
		*into = json_object_new_array();
		request = mnl_nlmsg_put_header(buffer);
		request->nlmsg_type = type;
		request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
		mnl_nlmsg_put_extra_header(request, sizeof(struct rtmsg)); /* longer than struct ifaddrmsg */
		rc = netlink_ask(request, take, NULL, c);
	}
	return rc;
}

int kept_read(int ifindex, struct json_object **addresses, struct json_object **routes, struct error *e)
{
	struct collecting c = { .ifindex = ifindex };
	int rc = dump(&c, RTM_GETADDR, &c.addresses);

	if (rc == 0)
		rc = dump(&c, RTM_GETROUTE, &c.routes);
	if (rc < 0) {
		json_object_put(c.addresses);
		json_object_put(c.routes);
		return error_set(e, rc, "cannot read the addresses and routes of this host: %s",
				 strerror(-rc));
	}
	*addresses = c.addresses;
	*routes = c.routes;
	return 0;
}

static size_t parse_message(const char *text, uint8_t message[MESSAGE_MOST])
{
	const size_t len = text != NULL ? strlen(text) / 2 : 0;
	struct nlmsghdr header;

	if (len < sizeof(header) + sizeof(struct ifaddrmsg) || len > MESSAGE_MOST)
		return 0;
	for (size_t i = 0; i < len; i++) {
		unsigned int byte;

		if (sscanf(text + 2 * i, "%2x", &byte) != 1)
			return 0;
		message[i] = (uint8_t)byte;
	}
	memcpy(&header, message, sizeof(header));
	if (header.nlmsg_len != len)
		return 0;
	return header.nlmsg_type == RTM_NEWADDR || (header.nlmsg_type == RTM_NEWROUTE &&
						    len >= sizeof(header) + sizeof(struct rtmsg)) ?
		       len :
		       0;
}

static int bring_one(int was, int now, const char *text)
{
	uint8_t message[MESSAGE_MOST] __attribute__((aligned(8)));
	struct nlmsghdr *nlh = (void *)message;
	struct swapping s = { was, now, false };
	int rc;

	if (parse_message(text, message) == 0)
		return -EBADMSG;
	if (nlh->nlmsg_type == RTM_NEWADDR)
		((struct ifaddrmsg *)mnl_nlmsg_get_payload(nlh))->ifa_index = (unsigned int)now;
	else {
		((struct rtmsg *)mnl_nlmsg_get_payload(nlh))->rtm_flags &= RTNH_F_ONLINK;
		route_devices(nlh, swap, &s);
	}
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
	rc = netlink_ask(nlh, NULL, NULL, NULL);
	return rc == -EEXIST ? 0 : rc;
}

int kept_bring(int was, int now, struct json_object *messages, struct error *e)
{
	int first = -EAGAIN;

	for (int pass = 0; pass < PASSES && first < 0; pass++) {
		first = 0;
		for (size_t i = 0; i < json_object_array_length(messages); i++) {
			const int rc = bring_one(
				was, now, json_object_get_string(json_object_array_get_idx(messages, i)));

			first = first < 0 ? first : rc;
		}
	}
	return first < 0 ?
		       error_set(e, first, "an address or route cannot be set again: %s", strerror(-first)) :
		       0;
}
