/* SPDX-License-Identifier: Apache-2.0 */
#include "io/netlink/link.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/netlink/arp.h"
#include "io/netlink/kernel_neighbours.h"
#include "io/netlink/parse.h"
#include "io/netlink/talk.h"

#define LOWER_UP (1U << 16) /* IFF_LOWER_UP of linux/if.h, which does not go with net/if.h */
#define NO_NET 0U /* onlink_net and onlink_mask of "nothing is on-link" */
#define NO_MASK 0xffffffffU

static int take_link(const struct nlmsghdr *nlh, void *arg)
{
	netlink_parse_link(nlh, arg);
	return MNL_CB_OK;
}

/* By index, or by name where that is not NULL. */
static int ask_link(int ifindex, const char *name, struct netlink_link *link)
{
	char buffer[NETLINK_REQUEST_MAX] __attribute__((aligned(8)));
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct ifinfomsg *msg;
	int rc;

	memset(link, 0, sizeof(*link));
	request->nlmsg_type = RTM_GETLINK;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	msg = mnl_nlmsg_put_extra_header(request, sizeof(*msg));
	msg->ifi_index = ifindex;
	if (name != NULL) /* longer than 15 characters: an alternative name (ip link property add altname) */
		mnl_attr_put_strz(request, strlen(name) < IFNAMSIZ ? IFLA_IFNAME : IFLA_ALT_IFNAME, name);
	rc = netlink_ask(request, take_link, NULL, link);
	return rc == 0 && link->ifindex == 0 ? -ENODEV : rc;
}

static struct nlmsghdr *dump_request(char *buffer, uint16_t type, size_t family)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct rtgenmsg *msg;

	request->nlmsg_type = type;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	msg = mnl_nlmsg_put_extra_header(request, family);
	msg->rtgen_family = AF_INET;
	return request;
}

struct route_choice {
	int only; /* interface, 0 = any */
	bool found;
	struct netlink_route route;
};

static int take_route(const struct nlmsghdr *nlh, void *arg)
{
	struct route_choice *choice = arg;
	struct netlink_route route;

	if (netlink_parse_default_route(nlh, choice->only, &route) &&
	    (!choice->found || route.metric < choice->route.metric)) {
		choice->route = route;
		choice->found = true;
	}
	return MNL_CB_OK;
}

static void forget_route(void *arg)
{
	((struct route_choice *)arg)->found = false;
}

static int ask_default_route(struct route_choice *choice)
{
	char buffer[NETLINK_REQUEST_MAX] __attribute__((aligned(8)));

	return netlink_ask(dump_request(buffer, RTM_GETROUTE, sizeof(struct rtmsg)), take_route, forget_route,
			   choice);
}

struct address_choice {
	int ifindex;
	const struct netlink_route *route;
	int best; /* rank of the address below, -1 = none yet */
	struct netlink_address address;
};

/* The kernel's own choice first: the route's source; then whoever shares a prefix with the gateway; then the primary. */
static int rank(const struct netlink_address *address, const struct netlink_route *route)
{
	int points = 0;

	if (route->source != 0 && address->local == route->source)
		points += 8;
	if (route->gateway != 0 && (route->gateway & address->mask) == address->net)
		points += 4;
	if (address->scope == RT_SCOPE_UNIVERSE)
		points += 2;
	return points + !address->secondary;
}

static int take_address(const struct nlmsghdr *nlh, void *arg)
{
	struct address_choice *choice = arg;
	struct netlink_address address;

	if (netlink_parse_address(nlh, &address) && address.ifindex == choice->ifindex &&
	    rank(&address, choice->route) > choice->best) {
		choice->address = address;
		choice->best = rank(&address, choice->route);
	}
	return MNL_CB_OK;
}

static void forget_address(void *arg)
{
	((struct address_choice *)arg)->best = -1;
}

static int find_address(struct io_link *link, const struct netlink_route *route)
{
	struct address_choice choice = { .ifindex = link->ifindex, .route = route, .best = -1 };
	char buffer[NETLINK_REQUEST_MAX] __attribute__((aligned(8)));
	int rc = netlink_ask(dump_request(buffer, RTM_GETADDR, sizeof(struct ifaddrmsg)), take_address,
			     forget_address, &choice);

	link->onlink_net = NO_NET;
	link->onlink_mask = NO_MASK;
	if (rc < 0 || choice.best < 0)
		return rc;
	link->addr = choice.address.local;
	/* A /32 of our own connects nobody. */
	if (choice.address.mask != NO_MASK || choice.address.net != link->addr) {
		link->onlink_net = choice.address.net;
		link->onlink_mask = choice.address.mask;
	}
	return 0;
}

struct mac_wanted {
	uint32_t addr;
	struct io_link *link;
};

static void take_mac(void *arg, uint32_t addr, const uint8_t mac[6])
{
	const struct mac_wanted *wanted = arg;

	if (addr == wanted->addr) {
		memcpy(wanted->link->gateway_mac, mac, 6);
		wanted->link->gateway_mac_known = true;
	}
}

void netlink_find_gateway(struct io_link *link)
{
	struct mac_wanted wanted = { link->gateway, link };
	struct arp_wire wire;

	if (link->gateway == 0 || link->gateway_mac_known)
		return;
	netlink_kernel_neighbours(link->ifindex, take_mac, &wanted);
	if (link->gateway_mac_known || arp_socket_open(link, &wire, NULL) < 0)
		return;
	link->gateway_mac_known = arp_resolve(&wire, link->gateway, link->gateway_mac, NULL) == 0;
	arp_socket_close(&wire);
}

/*
 * IFLA_NUM_TX_QUEUES is what the driver allocated, often one per CPU; ethtool knows how many are in use. Drivers that
 * do not say so use them all.
 */
static void count_queues(const struct netlink_link *found, struct io_link *link)
{
	struct ethtool_channels channels = { .cmd = ETHTOOL_GCHANNELS };
	struct ifreq request = { .ifr_data = (char *)&channels };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	link->tx_queues = found->tx_queues;
	link->rx_queues = found->rx_queues;
	if (fd < 0)
		return;
	memcpy(request.ifr_name, found->name, sizeof(request.ifr_name));
	if (ioctl(fd, SIOCETHTOOL, &request) == 0) {
		unsigned int tx = channels.combined_count + channels.tx_count;
		unsigned int rx = channels.combined_count + channels.rx_count;
		if (tx > 0 && tx < link->tx_queues)
			link->tx_queues = tx;
		if (rx > 0 && rx < link->rx_queues)
			link->rx_queues = rx;
	}
	close(fd);
}

static int check_link(const struct netlink_link *link, struct error *error)
{
	if (link->type == ARPHRD_LOOPBACK)
		return error_set(error, -EINVAL,
				 "interface %s is the loopback: probes that leave by it reach nobody; "
				 "name an Ethernet interface with -i (`ip link` lists them)",
				 link->name);
	if (link->type != ARPHRD_ETHER)
		return error_set(
			error, -EOPNOTSUPP,
			"interface %s is not an Ethernet link (ARP hardware type %u): only Ethernet links are "
			"supported so far; name another one with -i",
			link->name, link->type);
	if (!(link->flags & IFF_UP))
		return error_set(error, -ENETDOWN, "interface %s is down: `ip link set %s up`", link->name,
				 link->name);
	if (!(link->flags & IFF_RUNNING))
		return error_set(error, -ENETDOWN,
				 "interface %s has no carrier: check the cable, or the peer of the link",
				 link->name);
	return 0;
}

static int default_interface(struct error *error)
{
	struct route_choice choice = { .only = 0 };
	int rc = ask_default_route(&choice);

	if (rc < 0)
		return error_set(error, rc, "cannot read the routes of this host: %s", strerror(-rc));
	if (!choice.found)
		return error_set(error, -ENETUNREACH,
				 "this host has no IPv4 default route: name the interface with -i");
	return choice.route.ifindex;
}

int netlink_find_link(const char *name, struct io_link *link, struct error *error)
{
	struct route_choice choice = { 0 };
	struct netlink_link found;
	int ifindex = 0;
	int rc;

	memset(link, 0, sizeof(*link));
	if (name == NULL || *name == '\0') {
		ifindex = default_interface(error);
		if (ifindex < 0)
			return ifindex;
	} else if (strlen(name) >= IO_NAME_MAX) {
		return error_set(error, -EINVAL, "interface name %.20s... is longer than any can be", name);
	}
	rc = ask_link(ifindex, ifindex == 0 ? name : NULL, &found);
	if (rc < 0)
		return error_set(error, rc, "interface %s: %s; `ip link` lists what there is",
				 ifindex != 0 ? "of the default route" : name, strerror(-rc));
	rc = check_link(&found, error);
	if (rc < 0)
		return rc;
	memcpy(link->name, found.name, sizeof(found.name));
	memcpy(link->kind, found.kind, sizeof(found.kind));
	memcpy(link->mac, found.mac, 6);
	link->ifindex = choice.only = found.ifindex;
	link->mtu = found.mtu;
	count_queues(&found, link);

	rc = ask_default_route(&choice);
	if (rc == 0)
		rc = find_address(link, &choice.route);
	if (rc < 0)
		return error_set(error, rc, "cannot read addresses and routes of %s: %s", link->name,
				 strerror(-rc));
	link->gateway = choice.route.gateway;
	return 0;
}

int netlink_link_running(int ifindex)
{
	const unsigned int wanted = IFF_UP | LOWER_UP;
	struct netlink_link found;
	const int rc = ask_link(ifindex, NULL, &found);

	return rc < 0 ? rc : (found.flags & wanted) == wanted;
}

int netlink_link_counters(int ifindex, struct link_counters *counters)
{
	struct netlink_link found;
	int rc = ask_link(ifindex, NULL, &found);

	*counters = (struct link_counters){
		.rx_packets = found.rx_packets,
		.tx_packets = found.tx_packets,
		.rx_dropped = found.rx_dropped,
		.rx_missed = found.rx_missed,
		.tx_dropped = found.tx_dropped,
		.tx_errors = found.tx_errors,
	};
	return rc;
}
