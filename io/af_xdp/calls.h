/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What set-up asks of the kernel, as a table: tests replace single calls to see what a refusal at each step leaves
 * behind. All return a negative errno where they fail. Set-up thread.
 */
#ifndef AF_XDP_CALLS_H
#define AF_XDP_CALLS_H

#include <linux/if_xdp.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

struct reply_redirect; /* the skeleton */

struct xdp_attached { /* program on an interface; id 0: none */
	uint32_t id;
	uint8_t mode; /* XDP_ATTACHED_DRV, ... */
	char name[16]; /* "" = not known: its name is for CAP_SYS_ADMIN only */
};

struct xdp_calls {
	int (*attached)(int ifindex, struct xdp_attached *);
	int (*features)(int ifindex,
			uint64_t *); /* XDP_FEATURE_...; -EOPNOTSUPP: this kernel does not tell */
	int (*load)(struct reply_redirect *);
	int (*attach)(int program, int ifindex, uint32_t flags); /* fd of a bpf_link */
	int (*put)(int map, uint32_t queue, int socket);
	int (*socket)(void);
	int (*set)(int socket, int option, const void *value, socklen_t size); /* level SOL_XDP */
	int (*get)(int socket, int option, void *value, socklen_t size);
	int (*map)(int socket, uint64_t offset, size_t bytes, void **out);
	int (*bind)(int socket, const struct sockaddr_xdp *);
	void (*wait)(uint64_t ns);
};

extern const struct xdp_calls xdp_calls_kernel;

#endif
