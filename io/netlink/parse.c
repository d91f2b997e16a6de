/* SPDX-License-Identifier: Apache-2.0 */
#include "io/netlink/parse.h"

#include <arpa/inet.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>

#define ATTRS_MAX 64 /* the highest attribute that we look at is IFLA_NUM_RX_QUEUES, 32 */

struct attrs {
	const struct nlattr *at[ATTRS_MAX];
};

static int remember(const struct nlattr *attr, void *arg)
{
	struct attrs *attrs = arg;

	if (mnl_attr_get_type(attr) < ATTRS_MAX)
		attrs->at[mnl_attr_get_type(attr)] = attr;
	return MNL_CB_OK;
}

/* The attributes behind a family struct of that size; false when not even that fits. */
static bool attributes(const struct nlmsghdr *nlh, uint16_t type, size_t family, struct attrs *attrs)
{
	memset(attrs, 0, sizeof(*attrs));
	if (nlh->nlmsg_type != type || nlh->nlmsg_len < MNL_NLMSG_HDRLEN + MNL_ALIGN(family))
		return false;
	/* mnl_attr_parse() would round the length up to the next multiple of four, and read that far. */
	mnl_attr_parse_payload((const char *)nlh + MNL_NLMSG_HDRLEN + MNL_ALIGN(family),
			       nlh->nlmsg_len - MNL_NLMSG_HDRLEN - MNL_ALIGN(family), remember, attrs);
	return true;
}

static void nested(const struct nlattr *attr, struct attrs *attrs)
{
	memset(attrs, 0, sizeof(*attrs));
	if (attr != NULL)
		mnl_attr_parse_nested(attr, remember, attrs);
}

static uint32_t get_u32(const struct nlattr *attr)
{
	return attr != NULL && mnl_attr_get_payload_len(attr) >= sizeof(uint32_t) ? mnl_attr_get_u32(attr) :
										    0;
}

static bool get_mac(const struct nlattr *attr, uint8_t mac[6])
{
	if (attr == NULL || mnl_attr_get_payload_len(attr) != 6)
		return false;
	memcpy(mac, mnl_attr_get_payload(attr), 6);
	return true;
}

static void get_string(const struct nlattr *attr, char *to, size_t size)
{
	size_t len = attr != NULL ? mnl_attr_get_payload_len(attr) : 0;

	if (len > size - 1)
		len = size - 1;
	if (len > 0)
		memcpy(to, mnl_attr_get_payload(attr), len);
	to[len] = '\0'; /* what the kernel sends ends with one already; strlen() stops there */
}

bool netlink_parse_link(const struct nlmsghdr *nlh, struct netlink_link *link)
{
	struct rtnl_link_stats64 stats = { 0 };
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(nlh);
	struct attrs a, kind;

	memset(link, 0, sizeof(*link));
	if (!attributes(nlh, RTM_NEWLINK, sizeof(*info), &a) || a.at[IFLA_IFNAME] == NULL)
		return false;
	link->ifindex = info->ifi_index;
	link->type = info->ifi_type;
	link->flags = info->ifi_flags;
	get_string(a.at[IFLA_IFNAME], link->name, sizeof(link->name));
	nested(a.at[IFLA_LINKINFO], &kind);
	get_string(kind.at[IFLA_INFO_KIND], link->kind, sizeof(link->kind));
	link->mtu = get_u32(a.at[IFLA_MTU]);
	link->tx_queues = get_u32(a.at[IFLA_NUM_TX_QUEUES]);
	link->rx_queues = get_u32(a.at[IFLA_NUM_RX_QUEUES]);
	get_mac(a.at[IFLA_ADDRESS], link->mac);
	if (a.at[IFLA_STATS64] !=
	    NULL) { /* the struct grows at its end with the kernel, and is not aligned */
		size_t len = mnl_attr_get_payload_len(a.at[IFLA_STATS64]);
		memcpy(&stats, mnl_attr_get_payload(a.at[IFLA_STATS64]),
		       len < sizeof(stats) ? len : sizeof(stats));
	}
	link->rx_packets = stats.rx_packets;
	link->tx_packets = stats.tx_packets;
	link->rx_dropped = stats.rx_dropped;
	link->tx_dropped = stats.tx_dropped;
	link->rx_missed = stats.rx_missed_errors;
	link->tx_errors = stats.tx_errors;
	return true;
}

bool netlink_parse_address(const struct nlmsghdr *nlh, struct netlink_address *address)
{
	const struct ifaddrmsg *msg = mnl_nlmsg_get_payload(nlh);
	struct attrs a;
	uint32_t peer;

	memset(address, 0, sizeof(*address));
	if (!attributes(nlh, RTM_NEWADDR, sizeof(*msg), &a) || msg->ifa_family != AF_INET ||
	    msg->ifa_prefixlen > 32)
		return false;
	address->ifindex = (int)msg->ifa_index;
	address->secondary = msg->ifa_flags & IFA_F_SECONDARY;
	address->scope = msg->ifa_scope;
	/* With a peer address (point to point) IFA_ADDRESS is the peer's, and the prefix belongs to it. */
	peer = ntohl(get_u32(a.at[IFA_ADDRESS]));
	address->local = a.at[IFA_LOCAL] != NULL ? ntohl(get_u32(a.at[IFA_LOCAL])) : peer;
	address->mask = msg->ifa_prefixlen > 0 ? 0xffffffffU << (32 - msg->ifa_prefixlen) : 0;
	address->net = (peer != 0 ? peer : address->local) & address->mask;
	return address->local != 0;
}

/* RTA_MULTIPATH: an array of struct rtnexthop, each with attributes of its own. */
static bool choose_next_hop(const struct nlattr *multipath, int only, struct netlink_route *route)
{
	const char *at = mnl_attr_get_payload(multipath);
	size_t left = mnl_attr_get_payload_len(multipath);

	while (left >= sizeof(struct rtnexthop)) {
		const struct rtnexthop *hop = (const struct rtnexthop *)at;
		if (hop->rtnh_len < sizeof(*hop) || hop->rtnh_len > left)
			return false;
		if (only == 0 || hop->rtnh_ifindex == only) {
			struct attrs a = { 0 };
			mnl_attr_parse_payload(hop + 1, hop->rtnh_len - sizeof(*hop), remember, &a);
			route->ifindex = hop->rtnh_ifindex;
			route->gateway = ntohl(get_u32(a.at[RTA_GATEWAY]));
			return true;
		}
		if ((size_t)RTNH_ALIGN(hop->rtnh_len) >= left)
			return false;
		at += RTNH_ALIGN(hop->rtnh_len);
		left -= RTNH_ALIGN(hop->rtnh_len);
	}
	return false;
}

bool netlink_parse_default_route(const struct nlmsghdr *nlh, int only, struct netlink_route *route)
{
	const struct rtmsg *msg = mnl_nlmsg_get_payload(nlh);
	struct attrs a;

	memset(route, 0, sizeof(*route));
	if (!attributes(nlh, RTM_NEWROUTE, sizeof(*msg), &a) || msg->rtm_family != AF_INET ||
	    msg->rtm_dst_len != 0 || msg->rtm_type != RTN_UNICAST)
		return false;
	if ((a.at[RTA_TABLE] != NULL ? get_u32(a.at[RTA_TABLE]) : msg->rtm_table) != RT_TABLE_MAIN)
		return false;
	route->metric = get_u32(a.at[RTA_PRIORITY]);
	route->source = ntohl(get_u32(a.at[RTA_PREFSRC]));
	if (a.at[RTA_MULTIPATH] != NULL)
		return choose_next_hop(a.at[RTA_MULTIPATH], only, route);
	route->ifindex = (int)get_u32(a.at[RTA_OIF]);
	route->gateway = ntohl(get_u32(a.at[RTA_GATEWAY]));
	return route->ifindex != 0 && (only == 0 || route->ifindex == only);
}

bool netlink_parse_neighbour(const struct nlmsghdr *nlh, struct netlink_neighbour *neighbour)
{
	const uint16_t usable = NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT | NUD_NOARP;
	const struct ndmsg *msg = mnl_nlmsg_get_payload(nlh);
	struct attrs a;

	memset(neighbour, 0, sizeof(*neighbour));
	if (!attributes(nlh, RTM_NEWNEIGH, sizeof(*msg), &a) || msg->ndm_family != AF_INET ||
	    !(msg->ndm_state & usable))
		return false;
	neighbour->ifindex = msg->ndm_ifindex;
	neighbour->addr = ntohl(get_u32(a.at[NDA_DST]));
	return neighbour->addr != 0 && get_mac(a.at[NDA_LLADDR], neighbour->mac);
}
