/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One question to the kernel over rtnetlink (RFC 3549), and all of its answer.
 * Set-up only; any thread.
 */
#ifndef NETLINK_TALK_H
#define NETLINK_TALK_H

#include <libmnl/libmnl.h>

#define NETLINK_REQUEST_MAX 512 /* bytes: a header, a family struct and a name */

/*
 * Reads datagrams from fd and runs each of their messages through each(), until NLMSG_DONE, an acknowledgement or
 * an error. 0, or the kernel's negative errno; -EINTR = the kernel says that the dump changed under way: ask again;
 * -ETIMEDOUT = the receive time-out of fd has passed.
 */
int netlink_collect(int fd, unsigned int seq, unsigned int portid, mnl_cb_t each, void *arg);

/*
 * Sends *request on a socket of its own and collects the answer; a dump that changed under way is asked for again,
 * with reset(arg) (may be NULL) called before. A request that is no dump must carry NLM_F_ACK, which ends its answer.
 */
int netlink_ask(struct nlmsghdr *request, mnl_cb_t each, void (*reset)(void *arg), void *arg);
/* The same of another protocol: NETLINK_GENERIC. */
int netlink_ask_on(int protocol, struct nlmsghdr *request, mnl_cb_t each, void (*reset)(void *arg),
		   void *arg);

#endif
