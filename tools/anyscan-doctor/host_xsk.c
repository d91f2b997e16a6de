/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sys/socket.h>

#include "tools/anyscan-doctor/host.h"
#include "tools/anyscan-doctor/xsk.h"

#ifndef SO_PREFER_BUSY_POLL
#define SO_PREFER_BUSY_POLL 69 /* include/uapi/asm-generic/socket.h, Linux 5.11 */
#endif

static const char *remedy(int rc)
{
	switch (rc) {
	case -EAFNOSUPPORT:
		return "use a kernel with CONFIG_XDP_SOCKETS";
	case -ENOBUFS:
	case -ENOMEM:
		return "ulimit -l unlimited, or run as root: frames are locked memory";
	default:
		return GRANT_BPF;
	}
}

static void probe_busy_poll(struct json_object *kernel, const struct xsk *x)
{
	const int one = 1;

	if (setsockopt(x->fd, SOL_SOCKET, SO_PREFER_BUSY_POLL, &one, sizeof(one)) == 0)
		can(kernel, "busy_poll");
	else
		cannot(kernel, "busy_poll",
		       errno == EPERM ? GRANT_BPF : "use Linux 5.11 or later; a scan does without, too",
		       "SO_PREFER_BUSY_POLL: %s", because(-errno));
}

void probe_af_xdp(struct json_object *kernel)
{
	struct xsk x;
	const int rc = xsk_open(&x);

	if (rc == 0)
		can(kernel, "af_xdp");
	else
		cannot(kernel, "af_xdp", remedy(rc), "%s: %s", x.step, because(rc));
	if (x.fd >= 0)
		probe_busy_poll(kernel, &x);
	else
		cannot(kernel, "busy_poll", remedy(rc), "there is no AF_XDP socket to set it on: %s",
		       because(rc));
	xsk_close(&x);
}
