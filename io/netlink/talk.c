/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two traps that peers fell into, and how they are avoided:
 *  - NLMSG_DONE may share a datagram with the last entries (zmap#949: a reader that waits for one more datagram hangs
 *    for ever). mnl_cb_run() walks every message of a datagram; a receive time-out backs it.
 *  - a datagram may be larger than any fixed buffer (zmap#925). Its length is asked for first (MSG_PEEK | MSG_TRUNC)
 *    and the buffer grown.
 */
#include "io/netlink/talk.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>

#define BUFFER_START \
	32768 /* the most the kernel puts into one datagram of a dump; single answers may be longer */
#define DUMP_TRIES 8 /* a table that changes under eight dumps in a row is not going to stand still */

static int negative_errno(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK ? -ETIMEDOUT : -errno;
}

/* Bytes read into *buffer, which grows as needed. */
static ssize_t receive(int fd, void **buffer, size_t *size)
{
	ssize_t len;

	do
		len = recv(fd, *buffer, 0, MSG_PEEK | MSG_TRUNC);
	while (len < 0 && errno == EINTR);
	if (len < 0)
		return negative_errno();
	if ((size_t)len > *size) {
		void *larger = realloc(*buffer, (size_t)len);
		if (larger == NULL)
			return -ENOMEM;
		*buffer = larger;
		*size = (size_t)len;
	}
	do
		len = recv(fd, *buffer, *size, 0);
	while (len < 0 && errno == EINTR);
	return len < 0 ? negative_errno() : len;
}

int netlink_collect(int fd, unsigned int seq, unsigned int portid, mnl_cb_t each, void *arg)
{
	size_t size = BUFFER_START;
	void *buffer = malloc(size);
	int rc = buffer != NULL ? MNL_CB_OK : -ENOMEM;

	while (rc > MNL_CB_STOP) {
		ssize_t len = receive(fd, &buffer, &size);
		if (len <= 0) { /* an empty datagram would be no answer at all */
			rc = len < 0 ? (int)len : -EPROTO;
			break;
		}
		rc = mnl_cb_run(buffer, (size_t)len, seq, portid, each, arg);
		if (rc < 0)
			rc = errno != 0 ? -errno : -EPROTO;
	}
	free(buffer);
	return rc;
}

static int ask_once(int protocol, struct nlmsghdr *request, mnl_cb_t each, void *arg)
{
	const struct timeval patience = { .tv_sec = 2 };
	struct mnl_socket *socket = mnl_socket_open2(protocol, SOCK_CLOEXEC);
	int rc;

	if (socket == NULL)
		return -errno;
	request->nlmsg_seq = 1;
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0 ||
	    mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		rc = -errno;
	else
		rc = netlink_collect(mnl_socket_get_fd(socket), request->nlmsg_seq,
				     mnl_socket_get_portid(socket), each, arg);
	mnl_socket_close(socket);
	return rc;
}

int netlink_ask_on(int protocol, struct nlmsghdr *request, mnl_cb_t each, void (*reset)(void *arg), void *arg)
{
	int rc = -EINTR;

	for (int i = 0; i < DUMP_TRIES && rc == -EINTR; i++) {
		if (i > 0 && reset != NULL)
			reset(arg);
		rc = ask_once(protocol, request, each, arg);
	}
	return rc;
}

int netlink_ask(struct nlmsghdr *request, mnl_cb_t each, void (*reset)(void *arg), void *arg)
{
	return netlink_ask_on(NETLINK_ROUTE, request, each, reset, arg);
}
