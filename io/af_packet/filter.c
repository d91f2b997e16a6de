/* SPDX-License-Identifier: Apache-2.0 */
#include "io/af_packet/filter.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "reply_filter.skel.h"

struct packet_filter {
	struct reply_filter *ebpf; /* NULL: classic */
	struct io_match match;
};

/* NULL: not permitted, or this kernel does not take it. */
static struct reply_filter *load(const struct io_match *match)
{
	/* libbpf would print why; that it falls back is said by packet_filter_kind(). */
	libbpf_print_fn_t print = libbpf_set_print(NULL);
	struct reply_filter *ebpf = reply_filter__open();

	if (ebpf != NULL) {
		ebpf->rodata->key.k0 = match->key.k0;
		ebpf->rodata->key.k1 = match->key.k1;
		ebpf->rodata->local_addr = match->local_addr;
		ebpf->rodata->port_first = match->port_first;
		ebpf->rodata->port_last = match->port_last;
		ebpf->rodata->ip_proto = match->ip_proto;
		ebpf->rodata->last_probe = match->last_probe;
		if (reply_filter__load(ebpf) < 0) {
			reply_filter__destroy(ebpf);
			ebpf = NULL;
		}
	}
	libbpf_set_print(print);
	return ebpf;
}

int packet_filter_open(const struct io_match *match, struct packet_filter **out, struct error *error)
{
	struct packet_filter *filter = calloc(1, sizeof(*filter));

	if (filter == NULL)
		return error_set(error, -ENOMEM, "no memory for the receive filter");
	filter->match = *match;
	if (match->ip_proto == IPPROTO_TCP ||
	    match->ip_proto == IPPROTO_ICMP) /* the cookie lies elsewhere in replies to other probes */
		filter->ebpf = load(match);
	*out = filter;
	return 0;
}

void packet_filter_close(struct packet_filter *filter)
{
	if (filter == NULL)
		return;
	reply_filter__destroy(filter->ebpf);
	free(filter);
}

const char *packet_filter_kind(const struct packet_filter *filter)
{
	return filter->ebpf != NULL ? "ebpf" : "classic";
}

int packet_filter_attach(const struct packet_filter *filter, int fd)
{
	int program;

	if (filter->ebpf == NULL)
		return classic_filter_attach(&filter->match, fd);
	program = bpf_program__fd(filter->ebpf->progs.reply_filter);
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_BPF, &program, sizeof(program)) < 0 ? -errno : 0;
}

bool packet_filter_counts(const struct packet_filter *filter, uint64_t count[FILTER_SLOTS])
{
	if (filter->ebpf == NULL)
		return false;
	filter_counts_sum(filter->ebpf->bss->counts, count);
	return true;
}
