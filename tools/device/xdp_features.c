/* SPDX-License-Identifier: Apache-2.0 */
/* The family's numbers stand here (Documentation/netlink/specs/netdev.yaml): Debian 12's headers are older than it. */
#include "tools/device/xdp_features.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "io/netlink/talk.h"

enum {
	NETDEV_DEV_GET = 1
};
enum {
	NETDEV_DEV_IFINDEX = 1,
	NETDEV_DEV_XDP_FEATURES = 3,
	NETDEV_DEV_XDP_ZC_MAX_SEGS = 4
};

const char *const xdp_feature_names[] = {
	"basic", "redirect", "ndo_xmit", "xsk_zerocopy", "hw_offload", "rx_sg", "ndo_xmit_sg", NULL,
};

static int take_family(const struct nlattr *a, void *family)
{
	if (mnl_attr_get_type(a) == CTRL_ATTR_FAMILY_ID && mnl_attr_get_payload_len(a) >= sizeof(uint16_t))
		*(uint16_t *)family = mnl_attr_get_u16(a);
	return MNL_CB_OK;
}

static int take_device(const struct nlattr *a, void *arg)
{
	struct xdp_features *f = arg;
	const size_t len = mnl_attr_get_payload_len(a);

	if (mnl_attr_get_type(a) == NETDEV_DEV_XDP_FEATURES && len >= sizeof(uint64_t))
		f->flags = mnl_attr_get_u64(a);
	if (mnl_attr_get_type(a) == NETDEV_DEV_XDP_ZC_MAX_SEGS && len >= sizeof(uint32_t))
		f->zerocopy_segments = mnl_attr_get_u32(a);
	return MNL_CB_OK;
}

static int each_family(const struct nlmsghdr *nlh, void *arg)
{
	return mnl_attr_parse(nlh, sizeof(struct genlmsghdr), take_family, arg);
}

static int each_device(const struct nlmsghdr *nlh, void *arg)
{
	return mnl_attr_parse(nlh, sizeof(struct genlmsghdr), take_device, arg);
}

static struct nlmsghdr *request_of(char *buffer, uint16_t family, uint8_t command, unsigned int seq)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct genlmsghdr *msg;

	request->nlmsg_type = family;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	request->nlmsg_seq = seq;
	msg = mnl_nlmsg_put_extra_header(request, sizeof(*msg));
	msg->cmd = command;
	msg->version = 1;
	return request;
}

static int ask(struct mnl_socket *s, const struct nlmsghdr *request, mnl_cb_t each, void *arg)
{
	if (mnl_socket_sendto(s, request, request->nlmsg_len) < 0)
		return -errno;
	return netlink_collect(mnl_socket_get_fd(s), request->nlmsg_seq, mnl_socket_get_portid(s), each, arg);
}

int xdp_features(int ifindex, struct xdp_features *out)
{
	const struct timeval patience = { .tv_sec = 2 };
	struct mnl_socket *s = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	char buffer[NETLINK_REQUEST_MAX] __attribute__((aligned(8)));
	struct nlmsghdr *request;
	uint16_t family = 0;
	int rc;

	memset(out, 0, sizeof(*out));
	if (s == NULL)
		return -errno;
	if (mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    setsockopt(mnl_socket_get_fd(s), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0) {
		rc = -errno;
		goto close;
	}
	request = request_of(buffer, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1);
	mnl_attr_put_strz(request, CTRL_ATTR_FAMILY_NAME, "netdev");
	rc = ask(s, request, each_family, &family);
	if (rc == 0 && family == 0)
		rc = -ENOENT;
	if (rc < 0)
		goto close;
	request = request_of(buffer, family, NETDEV_DEV_GET, 2);
	mnl_attr_put_u32(request, NETDEV_DEV_IFINDEX, (uint32_t)ifindex);
	rc = ask(s, request, each_device, out);
close:
	mnl_socket_close(s);
	return rc;
}
