/* SPDX-License-Identifier: Apache-2.0 */
#include "io/netlink/kernel_neighbours.h"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "io/netlink/parse.h"
#include "io/netlink/talk.h"

struct walk {
	int ifindex;
	void (*each)(void *arg, uint32_t addr, const uint8_t mac[6]);
	void *arg;
};

static int entry(const struct nlmsghdr *nlh, void *arg)
{
	const struct walk *walk = arg;
	struct netlink_neighbour neighbour;

	if (netlink_parse_neighbour(nlh, &neighbour) && neighbour.ifindex == walk->ifindex)
		walk->each(walk->arg, neighbour.addr, neighbour.mac);
	return MNL_CB_OK;
}

int netlink_kernel_neighbours(int ifindex, void (*each)(void *arg, uint32_t addr, const uint8_t mac[6]),
			      void *arg)
{
	char buffer[NETLINK_REQUEST_MAX] __attribute__((aligned(8)));
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct walk walk = { ifindex, each, arg };
	struct ndmsg *msg;

	request->nlmsg_type = RTM_GETNEIGH;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	msg = mnl_nlmsg_put_extra_header(request, sizeof(*msg));
	msg->ndm_family = AF_INET;
	mnl_attr_put_u32(request, NDA_IFINDEX,
			 (uint32_t)ifindex); /* old kernels ignore it and send every interface */
	return netlink_ask(request, entry, NULL, &walk);
}
