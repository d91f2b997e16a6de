/* SPDX-License-Identifier: Apache-2.0 */
/* What is read from rtnetlink messages, built here byte by byte, and how whole answers are collected. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/netlink/link.h"
#include "io/netlink/parse.h"
#include "io/netlink/talk.h"

#define SEQ 7
#define PORT 1234
#define ADDR(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))

static char buffer[1 << 20] __attribute__((aligned(8)));

static struct nlmsghdr *message(char *at, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(at);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = flags;
	nlh->nlmsg_seq = SEQ;
	nlh->nlmsg_pid = PORT;
	return nlh;
}

static struct nlmsghdr *link_message(void)
{
	static const uint8_t mac[6] = { 2, 1, 2, 3, 4, 5 };
	struct rtnl_link_stats64 stats = { .rx_packets = 11,
					   .tx_packets = 12,
					   .rx_dropped = 13,
					   .tx_dropped = 14,
					   .tx_errors = 15,
					   .rx_missed_errors = 16 };
	struct nlmsghdr *nlh = message(buffer, RTM_NEWLINK, 0);
	struct ifinfomsg *msg = mnl_nlmsg_put_extra_header(nlh, sizeof(*msg));
	struct nlattr *nest;

	msg->ifi_index = 42;
	msg->ifi_type = ARPHRD_ETHER;
	msg->ifi_flags = IFF_UP | IFF_RUNNING;
	mnl_attr_put_strz(nlh, IFLA_IFNAME, "abcdefghijklmno");
	mnl_attr_put_u32(nlh, IFLA_MTU, 9001);
	mnl_attr_put_u32(nlh, IFLA_NUM_TX_QUEUES, 8);
	mnl_attr_put_u32(nlh, IFLA_NUM_RX_QUEUES, 4);
	mnl_attr_put(nlh, IFLA_ADDRESS, sizeof(mac), mac);
	mnl_attr_put(nlh, IFLA_STATS64, sizeof(stats), &stats);
	nest = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "veth");
	mnl_attr_nest_end(nlh, nest);
	return nlh;
}

Test(netlink, link_message)
{
	const uint8_t mac[6] = { 2, 1, 2, 3, 4, 5 };
	struct netlink_link link;

	cr_assert(netlink_parse_link(link_message(), &link));
	cr_assert_eq(link.ifindex, 42);
	cr_assert_str_eq(link.name, "abcdefghijklmno", "15 characters are not cut");
	cr_assert_str_eq(link.kind, "veth");
	cr_assert_eq(link.type, ARPHRD_ETHER);
	cr_assert_eq(link.flags, IFF_UP | IFF_RUNNING);
	cr_assert_eq(link.mtu, 9001);
	cr_assert_eq(link.tx_queues, 8);
	cr_assert_eq(link.rx_queues, 4);
	cr_assert_arr_eq(link.mac, mac, 6);
	cr_assert_eq(link.rx_packets, 11);
	cr_assert_eq(link.tx_packets, 12);
	cr_assert_eq(link.rx_dropped, 13);
	cr_assert_eq(link.tx_dropped, 14);
	cr_assert_eq(link.tx_errors, 15);
	cr_assert_eq(link.rx_missed, 16);
}

/* Every length that a message can be cut to, each in memory of just that size, so that ASan sees a read too far. */
/* history 14 */
Test(netlink, cut_messages)
{
	const struct nlmsghdr *whole = link_message();

	for (uint32_t len = MNL_NLMSG_HDRLEN; len < whole->nlmsg_len; len++) {
		struct nlmsghdr *cut = malloc(len);
		struct netlink_link link;
		struct netlink_address address;
		struct netlink_route route;
		struct netlink_neighbour neighbour;

		memcpy(cut, whole, len);
		cut->nlmsg_len = len;
		if (len < MNL_NLMSG_HDRLEN + sizeof(struct ifinfomsg))
			cr_assert_not(netlink_parse_link(cut, &link), "cut to %u", len);
		else
			netlink_parse_link(cut, &link);
		cut->nlmsg_type = RTM_NEWADDR;
		netlink_parse_address(cut, &address);
		cut->nlmsg_type = RTM_NEWROUTE;
		netlink_parse_default_route(cut, 0, &route);
		cut->nlmsg_type = RTM_NEWNEIGH;
		netlink_parse_neighbour(cut, &neighbour);
		free(cut);
	}
}

static struct nlmsghdr *address_message(unsigned int prefix, uint32_t local, uint32_t peer,
					unsigned int flags)
{
	struct nlmsghdr *nlh = message(buffer, RTM_NEWADDR, 0);
	struct ifaddrmsg *msg = mnl_nlmsg_put_extra_header(nlh, sizeof(*msg));

	msg->ifa_family = AF_INET;
	msg->ifa_prefixlen = (uint8_t)prefix;
	msg->ifa_index = 42;
	msg->ifa_flags = (uint8_t)flags;
	mnl_attr_put_u32(nlh, IFA_LOCAL, htonl(local));
	mnl_attr_put_u32(nlh, IFA_ADDRESS, htonl(peer));
	return nlh;
}

Test(netlink, address_message)
{
	struct netlink_address a;

	cr_assert(netlink_parse_address(address_message(20, ADDR(10, 1, 18, 5), ADDR(10, 1, 18, 5), 0), &a));
	cr_assert_eq(a.local, ADDR(10, 1, 18, 5));
	cr_assert_eq(a.net, ADDR(10, 1, 16, 0));
	cr_assert_eq(a.mask, 0xfffff000);
	cr_assert_not(a.secondary);
	/* point to point: the prefix is the peer's */
	cr_assert(netlink_parse_address(
		address_message(32, ADDR(10, 0, 0, 1), ADDR(10, 9, 9, 9), IFA_F_SECONDARY), &a));
	cr_assert_eq(a.local, ADDR(10, 0, 0, 1));
	cr_assert_eq(a.net, ADDR(10, 9, 9, 9));
	cr_assert_eq(a.mask, 0xffffffff);
	cr_assert(a.secondary);
	cr_assert(netlink_parse_address(address_message(0, ADDR(10, 0, 0, 1), ADDR(10, 0, 0, 1), 0), &a));
	cr_assert_eq(a.mask, 0);
	cr_assert_not(netlink_parse_address(address_message(33, 1, 1, 0), &a), "no such prefix length");
}

static struct nlmsghdr *route_message(uint32_t table, unsigned int dst_len)
{
	struct nlmsghdr *nlh = message(buffer, RTM_NEWROUTE, 0);
	struct rtmsg *msg = mnl_nlmsg_put_extra_header(nlh, sizeof(*msg));

	msg->rtm_family = AF_INET;
	msg->rtm_dst_len = (uint8_t)dst_len;
	msg->rtm_type = RTN_UNICAST;
	mnl_attr_put_u32(nlh, RTA_TABLE, table);
	mnl_attr_put_u32(nlh, RTA_PRIORITY, 100);
	return nlh;
}

Test(netlink, default_route)
{
	struct netlink_route r;
	struct nlmsghdr *nlh = route_message(RT_TABLE_MAIN, 0);

	mnl_attr_put_u32(nlh, RTA_OIF, 42);
	mnl_attr_put_u32(nlh, RTA_GATEWAY, htonl(ADDR(10, 0, 0, 254)));
	mnl_attr_put_u32(nlh, RTA_PREFSRC, htonl(ADDR(10, 0, 0, 7)));
	cr_assert(netlink_parse_default_route(nlh, 0, &r));
	cr_assert(netlink_parse_default_route(nlh, 42, &r));
	cr_assert_eq(r.ifindex, 42);
	cr_assert_eq(r.gateway, ADDR(10, 0, 0, 254));
	cr_assert_eq(r.source, ADDR(10, 0, 0, 7));
	cr_assert_eq(r.metric, 100);
	cr_assert_not(netlink_parse_default_route(nlh, 43, &r), "another interface");
	nlh = route_message(254 + 1000, 0);
	mnl_attr_put_u32(nlh, RTA_OIF, 42);
	cr_assert_not(netlink_parse_default_route(nlh, 0, &r), "another table");
	nlh = route_message(RT_TABLE_MAIN, 8);
	mnl_attr_put_u32(nlh, RTA_OIF, 42);
	cr_assert_not(netlink_parse_default_route(nlh, 0, &r), "no default route");
}

static size_t put_hop(char *at, int ifindex, uint32_t gateway)
{
	struct rtnexthop *hop = (struct rtnexthop *)at;
	struct rtattr *attr = (struct rtattr *)(hop + 1);
	const uint32_t wire = htonl(gateway);

	memset(hop, 0, sizeof(*hop));
	hop->rtnh_len = sizeof(*hop) + RTA_SPACE(4);
	hop->rtnh_ifindex = ifindex;
	attr->rta_type = RTA_GATEWAY;
	attr->rta_len = RTA_LENGTH(4);
	memcpy(RTA_DATA(attr), &wire, 4);
	return hop->rtnh_len;
}

Test(netlink, multipath_default_route)
{
	char hops[64] __attribute__((aligned(8)));
	size_t one = put_hop(hops, 41, ADDR(10, 0, 0, 1)),
	       two = one + put_hop(hops + one, 42, ADDR(10, 0, 0, 2));
	struct nlmsghdr *nlh = route_message(RT_TABLE_MAIN, 0);
	struct netlink_route r;

	mnl_attr_put(nlh, RTA_MULTIPATH, two, hops);
	cr_assert(netlink_parse_default_route(nlh, 0, &r));
	cr_assert_eq(r.ifindex, 41);
	cr_assert(netlink_parse_default_route(nlh, 42, &r));
	cr_assert_eq(r.gateway, ADDR(10, 0, 0, 2));
	cr_assert_not(netlink_parse_default_route(nlh, 43, &r));
	/* a hop that claims to be longer than the array, and one shorter than itself */
	((struct rtnexthop *)(hops + one))->rtnh_len = 60;
	nlh = route_message(RT_TABLE_MAIN, 0);
	mnl_attr_put(nlh, RTA_MULTIPATH, two, hops);
	cr_assert_not(netlink_parse_default_route(nlh, 42, &r));
	((struct rtnexthop *)hops)->rtnh_len = 0;
	nlh = route_message(RT_TABLE_MAIN, 0);
	mnl_attr_put(nlh, RTA_MULTIPATH, two, hops);
	cr_assert_not(netlink_parse_default_route(nlh, 42, &r), "and does not loop for ever");
}

static struct nlmsghdr *neighbour_message(char *at, uint32_t addr, uint16_t state, uint16_t mac_len)
{
	const uint8_t mac[8] = { 2, 0, 0, 0, 0, (uint8_t)addr, 0, 0 };
	struct nlmsghdr *nlh = message(at, RTM_NEWNEIGH, NLM_F_MULTI);
	struct ndmsg *msg = mnl_nlmsg_put_extra_header(nlh, sizeof(*msg));

	msg->ndm_family = AF_INET;
	msg->ndm_ifindex = 42;
	msg->ndm_state = state;
	mnl_attr_put_u32(nlh, NDA_DST, htonl(addr));
	if (mac_len > 0)
		mnl_attr_put(nlh, NDA_LLADDR, mac_len, mac);
	return nlh;
}

Test(netlink, neighbour_states)
{
	static const struct {
		uint16_t state, mac_len;
		bool usable;
	} row[] = {
		{ NUD_REACHABLE, 6, true },   { NUD_STALE, 6, true },	   { NUD_DELAY, 6, true },
		{ NUD_PROBE, 6, true },	      { NUD_PERMANENT, 6, true },  { NUD_NOARP, 6, true },
		{ NUD_INCOMPLETE, 0, false }, { NUD_FAILED, 6, false },	   { NUD_NONE, 6, false },
		{ NUD_REACHABLE, 0, false },  { NUD_REACHABLE, 8, false },
	};
	struct netlink_neighbour n;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		cr_assert_eq(netlink_parse_neighbour(neighbour_message(buffer, ADDR(10, 0, 0, 9),
								       row[i].state, row[i].mac_len),
						     &n),
			     row[i].usable, "row %zu", i);
	cr_assert(netlink_parse_neighbour(neighbour_message(buffer, ADDR(10, 0, 0, 9), NUD_STALE, 6), &n));
	cr_assert_eq(n.addr, ADDR(10, 0, 0, 9));
	cr_assert_eq(n.ifindex, 42);
	cr_assert_eq(n.mac[5], 9);
}

/* ---- whole answers, over a pair of datagram sockets that stands for the kernel */

static int count(const struct nlmsghdr *nlh, void *arg)
{
	struct netlink_neighbour n;

	*(unsigned int *)arg += netlink_parse_neighbour(nlh, &n);
	return MNL_CB_OK;
}

static size_t put_done(char *at)
{
	struct nlmsghdr *nlh = message(at, NLMSG_DONE, NLM_F_MULTI);

	*(int *)mnl_nlmsg_put_extra_header(nlh, sizeof(int)) = 0;
	return nlh->nlmsg_len;
}

static size_t put_neighbours(unsigned int n)
{
	size_t len = 0;

	for (unsigned int i = 0; i < n; i++)
		len += neighbour_message(buffer + len, ADDR(10, 0, 0, 0) + i + 1, NUD_STALE, 6)->nlmsg_len;
	return len;
}

static void kernel(int pair[2])
{
	const int room = 1 << 20;
	const struct timeval patience = { .tv_usec = 20000 };

	cr_assert_eq(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
	setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	setsockopt(pair[1], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
}

Test(netlink, done_in_the_same_datagram)
{
	unsigned int n = 0;
	int pair[2];
	size_t len = put_neighbours(3);

	kernel(pair);
	len += put_done(buffer + len);
	cr_assert_eq(send(pair[0], buffer, len, 0), (ssize_t)len);
	cr_assert_eq(netlink_collect(pair[1], SEQ, PORT, count, &n), 0);
	cr_assert_eq(n, 3);
}

/* history 14 */
Test(netlink, many_datagrams)
{
	unsigned int n = 0;
	int pair[2];
	size_t len;

	kernel(pair);
	for (int i = 0; i < 5; i++) {
		len = put_neighbours(100);
		cr_assert_eq(send(pair[0], buffer, len, 0), (ssize_t)len);
	}
	len = put_done(buffer);
	cr_assert_eq(send(pair[0], buffer, len, 0), (ssize_t)len);
	cr_assert_eq(netlink_collect(pair[1], SEQ, PORT, count, &n), 0);
	cr_assert_eq(n, 500);
}

/* history 14 */
Test(netlink, datagram_of_more_than_64_kib)
{
	unsigned int n = 0;
	int pair[2];
	size_t len = put_neighbours(2500);

	kernel(pair);
	len += put_done(buffer + len);
	cr_assert_gt(len, 100000);
	cr_assert_eq(send(pair[0], buffer, len, 0), (ssize_t)len);
	cr_assert_eq(netlink_collect(pair[1], SEQ, PORT, count, &n), 0);
	cr_assert_eq(n, 2500);
}

Test(netlink, silence_is_no_hang)
{
	unsigned int n = 0;
	int pair[2];
	size_t len = put_neighbours(3);

	kernel(pair);
	cr_assert_eq(send(pair[0], buffer, len, 0), (ssize_t)len);
	cr_assert_eq(netlink_collect(pair[1], SEQ, PORT, count, &n), -ETIMEDOUT);
	cr_assert_eq(n, 3);
}

Test(netlink, errors_and_interrupted_dumps)
{
	struct nlmsghdr *nlh = message(buffer, NLMSG_ERROR, 0);
	struct nlmsgerr *error = mnl_nlmsg_put_extra_header(nlh, sizeof(*error));
	unsigned int n = 0;
	int pair[2];

	kernel(pair);
	error->error = -ENODEV;
	cr_assert_eq(send(pair[0], buffer, nlh->nlmsg_len, 0), (ssize_t)nlh->nlmsg_len);
	cr_assert_eq(netlink_collect(pair[1], SEQ, PORT, count, &n), -ENODEV);
	nlh = neighbour_message(buffer, 1, NUD_STALE, 6);
	nlh->nlmsg_flags |= NLM_F_DUMP_INTR;
	cr_assert_eq(send(pair[0], buffer, nlh->nlmsg_len, 0), (ssize_t)nlh->nlmsg_len);
	cr_assert_eq(netlink_collect(pair[1], SEQ, PORT, count, &n), -EINTR);
	nlh = neighbour_message(buffer, 1, NUD_STALE, 6);
	nlh->nlmsg_len += 4; /* says more than the datagram holds */
	cr_assert_eq(send(pair[0], buffer, nlh->nlmsg_len - 4, 0), (ssize_t)nlh->nlmsg_len - 4);
	cr_assert_eq(netlink_collect(pair[1], SEQ, PORT, count, &n), -ETIMEDOUT,
		     "ignored, and nothing more comes");
	cr_assert_eq(n, 0);
}

/* ---- the running kernel; reading needs no privilege */

Test(netlink, loopback_is_refused)
{
	struct error error = { 0 };
	struct io_link link;

	cr_assert_eq(netlink_find_link("lo", &link, &error), -EINVAL);
	cr_assert_not_null(strstr(error.text, "lo is the loopback"));
}

Test(netlink, unknown_names)
{
	struct error error = { 0 };
	struct io_link link;
	char name[IO_NAME_MAX + 1];

	cr_assert_eq(netlink_find_link("no-such-link-15", &link, &error), -ENODEV);
	cr_assert_not_null(strstr(error.text, "no-such-link-15"));
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	cr_assert_eq(netlink_find_link(name, &link, &error), -EINVAL);
}

Test(netlink, counters_of_the_loopback)
{
	struct link_counters counters;

	cr_assert_eq(netlink_link_counters(1, &counters), 0);
	cr_assert_eq(netlink_link_counters(0x7ffffff0, &counters), -ENODEV);
	cr_assert_eq(counters.rx_packets, 0);
}
