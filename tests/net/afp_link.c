/* SPDX-License-Identifier: Apache-2.0 */
/*
 * afp_link IF GATEWAY_MAC: who we are on a link, from the kernel's configuration. The namespace holds, besides IF with
 * 198.18.0.1/24 and a default route by 198.18.0.2, a link "downlink" that is down and a tunnel "tunnel" (t_af_packet).
 * The far end has the addresses .2, .3, .7 and .200; the kernel's table says that .9 is at 02:00:00:00:00:99.
 */
#include "io/engines.h"
#include "io/netlink/link.h"
#include "io/netlink/neighbours.h"
#include "tests/net/far_end.h"

static void refused(const char *name, int code, const char *word)
{
	struct error error = { 0 };
	struct io_link link;
	int rc = netlink_find_link(name, &link, &error);

	printf("   %s: %s\n", name, error.text);
	expect("code", (uint64_t)-rc, (uint64_t)-code);
	expect("the sentence has the word", strstr(error.text, word) != NULL, 1);
	expect("the sentence has the name", strstr(error.text, name) != NULL, 1);
}

static uint64_t mac_number(const uint8_t mac[6])
{
	uint64_t n = 0;

	for (int i = 0; i < 6; i++)
		n = n << 8 | mac[i];
	return n;
}

static void neighbours(const struct io_link *link, uint64_t far_mac)
{
	struct ranges targets = { 0 };
	struct error error = { 0 };
	struct neighbours *n = NULL;
	uint8_t mac[6];

	printf("-- neighbours\n");
	ranges_add(&targets, 0x0a000000, 0x0a0000ff);
	ranges_normalise(&targets);
	expect("nothing on-link: code", (uint64_t)neighbours_resolve(link, &targets, NULL, &n, &error), 0);
	expect("nothing on-link: no table", n == NULL, 1);
	ranges_add(&targets, 0xc6110000, 0xc6120009); /* 198.17.0.0-198.18.0.9: ten of them on-link */
	ranges_add(&targets, 0xc61200c8, 0xc61200c9); /* .200 and .201 */
	ranges_normalise(&targets);
	expect("code", (uint64_t)neighbours_resolve(link, &targets, NULL, &n, &error), 0);
	ranges_free(&targets);
	if (n == NULL) {
		printf("NOT OK no table: %s\n", error.text);
		failures++;
		return;
	}
	expect("resolved", neighbours_resolved(n), 5);
	expect("missing", neighbours_missing(n), 7);
	expect("10.0.0.1 is routed", neighbours_find(n, 0x0a000001, mac), NEIGHBOUR_ROUTED);
	expect("198.19.0.1 is routed", neighbours_find(n, 0xc6130001, mac), NEIGHBOUR_ROUTED);
	expect(".3 is found", neighbours_find(n, 0xc6120003, mac), NEIGHBOUR_FOUND);
	expect(".3's MAC", mac_number(mac), far_mac);
	expect(".200 is found", neighbours_find(n, 0xc61200c8, mac), NEIGHBOUR_FOUND);
	expect(".9 is found", neighbours_find(n, 0xc6120009, mac), NEIGHBOUR_FOUND);
	expect(".9's MAC, from the kernel's table", mac_number(mac), 0x020000000099);
	expect(".4 is missing", neighbours_find(n, 0xc6120004, mac), NEIGHBOUR_MISSING);
	expect("our own address is missing", neighbours_find(n, LOCAL_ADDR, mac), NEIGHBOUR_MISSING);
	neighbours_destroy(n);
}

int main(int argc, char **argv)
{
	struct io_link link, unnamed;
	struct error error = { 0 };
	uint64_t far_mac;

	if (argc != 3)
		return 2;
	far_mac = strtoull(argv[2], NULL, 16);
	printf("-- the link\n");
	expect("code", (uint64_t)netlink_find_link(argv[1], &link, &error), 0);
	expect("name", strcmp(link.name, argv[1]), 0);
	expect("ifindex", (uint64_t)link.ifindex, if_nametoindex(argv[1]));
	expect("kind is veth", strcmp(link.kind, "veth"), 0);
	expect("MAC", mac_number(link.mac), 0x020000000001);
	expect("MTU", link.mtu, 1500);
	expect("tx queues", link.tx_queues, 2);
	expect("rx queues", link.rx_queues, 2);
	expect("address", link.addr, LOCAL_ADDR);
	expect("connected net", link.onlink_net, 0xc6120000);
	expect("connected mask", link.onlink_mask, 0xffffff00);
	expect("gateway", link.gateway, 0xc6120002);
	expect("gateway's MAC: not asked for", link.gateway_mac_known, 0);
	netlink_find_gateway(&link);
	expect("gateway's MAC, by our own ARP", link.gateway_mac_known, 1);
	expect("gateway's MAC", mac_number(link.gateway_mac), far_mac);
	expect("no name: code", (uint64_t)netlink_find_link("", &unnamed, &error), 0);
	expect("no name: the default route's", (uint64_t)unnamed.ifindex, (uint64_t)link.ifindex);
	printf("-- refusals\n");
	refused("lo", -EINVAL, "loopback");
	refused("tunnel", -EOPNOTSUPP, "Ethernet");
	refused("downlink", -ENETDOWN, "down");
	refused("nosuchlink", -ENODEV, "ip link");
	refused("nosuchlink-of-more-than-fifteen", -ENODEV, "ip link");
	neighbours(&link, far_mac);
	return failures != 0;
}
