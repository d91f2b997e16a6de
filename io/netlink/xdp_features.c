/* SPDX-License-Identifier: Apache-2.0 */
#include "io/netlink/xdp_features.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdbool.h>

#include "io/netlink/talk.h"

/* <linux/netdev.h> is younger than the headers that we build with. */
#define FAMILY "netdev"
#define CMD_DEV_GET 1
#define ATTR_IFINDEX 1
#define ATTR_XDP_FEATURES 3

struct wanted {
	uint16_t attr;
	bool found;
	uint64_t value;
};

static int take_attr(const struct nlattr *attr, void *arg)
{
	struct wanted *w = arg;

	if (mnl_attr_get_type(attr) != w->attr)
		return MNL_CB_OK;
	if (mnl_attr_get_payload_len(attr) == sizeof(uint16_t))
		w->value = mnl_attr_get_u16(attr);
	else if (mnl_attr_get_payload_len(attr) == sizeof(uint64_t))
		w->value = mnl_attr_get_u64(attr);
	else
		return MNL_CB_OK;
	w->found = true;
	return MNL_CB_OK;
}

static int take_message(const struct nlmsghdr *message, void *arg)
{
	if (mnl_nlmsg_get_payload_len(message) >= sizeof(struct genlmsghdr))
		mnl_attr_parse(message, sizeof(struct genlmsghdr), take_attr, arg);
	return MNL_CB_OK;
}

static struct nlmsghdr *begin(void *buffer, uint16_t family, uint8_t command)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	struct genlmsghdr *generic;

	message->nlmsg_type = family;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	generic = mnl_nlmsg_put_extra_header(message, sizeof(*generic));
	generic->cmd = command;
	generic->version = 1;
	return message;
}

static int ask(struct nlmsghdr *message, struct wanted *w)
{
	int rc = netlink_ask_on(NETLINK_GENERIC, message, take_message, NULL, w);

	if (rc == -ENOENT || (rc == 0 && !w->found))
		return -EOPNOTSUPP;
	return rc;
}

int netlink_xdp_features(int ifindex, uint64_t *features)
{
	char buffer[NETLINK_REQUEST_MAX] __attribute__((aligned(8)));
	struct wanted family = { .attr = CTRL_ATTR_FAMILY_ID }, bits = { .attr = ATTR_XDP_FEATURES };
	struct nlmsghdr *message = begin(buffer, GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
	int rc;

	mnl_attr_put_strz(message, CTRL_ATTR_FAMILY_NAME, FAMILY);
	rc = ask(message, &family);
	if (rc < 0)
		return rc;
	message = begin(buffer, (uint16_t)family.value, CMD_DEV_GET);
	mnl_attr_put_u32(message, ATTR_IFINDEX, (uint32_t)ifindex);
	rc = ask(message, &bits);
	if (rc == 0)
		*features = bits.value;
	return rc;
}
