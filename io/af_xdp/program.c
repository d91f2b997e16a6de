/* SPDX-License-Identifier: Apache-2.0 */
#include "io/af_xdp/program.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reply_redirect.skel.h"

#define NATIVE_MTU 3498 /* the least of the limits that drivers have with pages of 4096 bytes */

struct xdp_program {
	const struct xdp_calls *calls;
	struct reply_redirect *skeleton;
	int link; /* fd of the bpf_link, -1: not attached */
};

static int load_once(struct xdp_program *p, const struct io_match *match, unsigned int queues, bool by_helper)
{
	int rc;

	p->skeleton = reply_redirect__open();
	if (p->skeleton == NULL)
		return -errno;
	p->skeleton->rodata->key.k0 = match->key.k0;
	p->skeleton->rodata->key.k1 = match->key.k1;
	p->skeleton->rodata->local_addr = match->local_addr;
	p->skeleton->rodata->port_first = match->port_first;
	p->skeleton->rodata->port_last = match->port_last;
	p->skeleton->rodata->ip_proto = match->ip_proto;
	p->skeleton->rodata->last_probe = match->last_probe;
	p->skeleton->rodata->by_helper = by_helper;
	rc = bpf_map__set_max_entries(p->skeleton->maps.sockets, queues);
	if (rc == 0)
		rc = p->calls->load(p->skeleton);
	if (rc < 0) {
		reply_redirect__destroy(p->skeleton);
		p->skeleton = NULL;
	}
	return rc;
}

static int load_error(int rc, struct error *e)
{
	if (rc == -EPERM || rc == -EACCES)
		return error_set(
			e, rc,
			"XDP programs need CAP_BPF and CAP_NET_ADMIN: run as root, or give them to the "
			"program once: setcap cap_net_raw,cap_net_admin,cap_bpf+ep PROGRAM");
	return error_set(
		e, rc,
		"the kernel does not take the XDP program: %s; it needs Linux 5.11 or newer with BTF, or "
		"use --io-engine af_packet",
		strerror(-rc));
}

int xdp_program_load(const struct xdp_calls *calls, const struct io_match *match, unsigned int queues,
		     struct xdp_program **out, struct error *e)
{
	struct xdp_program *p;
	int rc;

	if (match->ip_proto != IPPROTO_TCP && match->ip_proto != IPPROTO_ICMP)
		return error_set(
			e, -EOPNOTSUPP,
			"af_xdp knows replies to TCP and ICMP probes only; use --io-engine af_packet");
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return error_set(e, -ENOMEM, "no memory for an XDP program");
	p->calls = calls;
	p->link = -1;
	rc = load_once(p, match, queues, false);
	if (rc == -EACCES) /* the verifier, to whom has no CAP_PERFMON */
		rc = load_once(p, match, queues, true);
	if (rc < 0) {
		free(p);
		return load_error(rc, e);
	}
	*out = p;
	return 0;
}

void xdp_program_free(struct xdp_program *p)
{
	if (p == NULL)
		return;
	xdp_program_detach(p);
	reply_redirect__destroy(p->skeleton);
	free(p);
}

int xdp_program_foreign(const struct xdp_calls *calls, const struct io_link *link, struct error *e)
{
	struct xdp_attached found;

	if (calls->attached(link->ifindex, &found) < 0 || found.id == 0)
		return 0;
	return error_set(
		e, -EEXIST,
		"%s has an XDP program already, %s%s%s(id %u), and there can be one: end the process that "
		"holds it, or take it off yourself (`ip link set dev %s %s off`), or use --io-engine "
		"af_packet",
		link->name, found.name[0] != '\0' ? "\"" : "", found.name, found.name[0] != '\0' ? "\" " : "",
		found.id, link->name, found.mode == XDP_ATTACHED_SKB ? "xdpgeneric" : "xdp");
}

int xdp_program_attach(struct xdp_program *p, const struct io_link *link, uint32_t mode, struct error *e)
{
	int rc = p->calls->attach(bpf_program__fd(p->skeleton->progs.anyscan_replies), link->ifindex, mode);

	if (rc >= 0) {
		p->link = rc;
		return 0;
	}
	/* somebody was faster than our look */
	if ((rc == -EBUSY || rc == -EEXIST) && xdp_program_foreign(p->calls, link, e) < 0)
		return -EEXIST;
	if (mode == XDP_FLAGS_DRV_MODE && link->mtu > NATIVE_MTU)
		return error_set(
			e, rc,
			"native XDP does not attach: %s; a frame must fit a page, and the MTU is %u: `ip link "
			"set dev %s mtu %d` here, and on the peer of a veth",
			strerror(-rc), link->mtu, link->name, NATIVE_MTU);
	if (rc == -ERANGE)
		return error_set(
			e, rc,
			"native XDP does not attach: the MTU of the veth's peer is too large; set it to %d",
			NATIVE_MTU);
	return error_set(e, rc, "%s XDP does not attach: %s",
			 mode == XDP_FLAGS_DRV_MODE ? "native" : "generic", strerror(-rc));
}

void xdp_program_detach(struct xdp_program *p)
{
	if (p->link >= 0)
		close(p->link);
	p->link = -1;
}

int xdp_program_put(struct xdp_program *p, unsigned int queue, int socket)
{
	return p->calls->put(bpf_map__fd(p->skeleton->maps.sockets), queue, socket);
}

void xdp_program_counts(const struct xdp_program *p, uint64_t count[FILTER_SLOTS])
{
	filter_counts_sum(p->skeleton->bss->counts, count);
}
