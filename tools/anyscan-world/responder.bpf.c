/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The lab's internet: answers TCP SYNs or ICMP echoes to a range of addresses by
 * include/anyscan/world.h, in XDP, in the frame that brought the probe.
 *
 * Answers leave by redirect to the ingress interface, never by XDP_TX: on veth
 * that needs an XDP program on the peer too, and fails silently without one.
 */
#include "responder_frames.h"

#include "responder.h"

#define FORGED_DELTA 0x5a5a5a5a /* far from any ack that a scanner may take for its own */

/* Set by the loader before the program runs. Not const: clang would fold the zeros. */
struct world world SEC(".data");
__u32 area_first SEC(".data"), area_last SEC(".data"); /* host order, inclusive */
__u32 area_ports SEC(".data");
__u32 area_echo SEC(".data"); /* 1: ICMP echo alone is answered, with one port, 0 */
__u32 times_room SEC(".data"); /* entries of `times`; 0: no clock is read */
__u32 times_next SEC(".data");
__u16 port_index[65536] SEC(".data.ports"); /* by port, host order */

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct counts);
} counters SEC(".maps");

/* One bit per target: (address - first) * ports + index of the port. Sized by the loader. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} seen SEC(".maps");

/* When each of the first times_room frames came, CLOCK_MONOTONIC ns. Sized by the loader. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} times SEC(".maps");

/* The interface twice: broadcasting to it is how one answer becomes two. */
struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u32);
} twice SEC(".maps");

static __always_inline void forge_echo(const struct probe *p, struct answer *a)
{
	switch (world_forgery(&world, p->daddr, 0)) {
	case WORLD_FORGED_SYNACK:
		a->seq += FORGED_DELTA;
		break;
	case WORLD_FORGED_RST:
		a->seq ^= 0x100; /* no number of a probe */
		break;
	case WORLD_FORGED_PORT:
		a->from ^= 1;
		break;
	default:
		a->icmp = true;
		a->quote_delta = FORGED_DELTA;
	}
}

/* What the target sends by its fate; false = nothing. Counts the fate. */
static __always_inline bool decide(const struct probe *p, struct counts *count, struct answer *a)
{
	*a = (struct answer){ .flags = SYN_ACK,
			      .port = p->dport,
			      .ack = p->seq + 1,
			      .from = p->daddr,
			      .seq = p->echo ? p->seq : world_isn(&world, p->daddr, p->dport),
			      .code = world_icmp_code(&world, p->daddr, p->dport) };
	switch (p->echo ? world_echo_fate(&world, p->daddr) : world_fate(&world, p->daddr, p->dport)) {
	case WORLD_OPEN:
		count->open++;
		return true;
	case WORLD_CLOSED:
		count->closed++;
		a->flags = RST_ACK;
		a->seq = 0; /* RFC 9293 3.10.7.1: the SYN had no ack */
		return true;
	case WORLD_UNREACH:
		count->unreach++;
		a->icmp = true;
		return true;
	case WORLD_FORGED:
		count->forged++;
		break;
	default:
		count->silent++;
		return false;
	}
	if (p->echo) {
		forge_echo(p, a);
		return true;
	}
	switch (world_forgery(&world, p->daddr, p->dport)) {
	case WORLD_FORGED_SYNACK:
		a->ack += FORGED_DELTA;
		break;
	case WORLD_FORGED_RST:
		a->flags = RST_ACK;
		a->seq = 0;
		a->ack += FORGED_DELTA;
		break;
	case WORLD_FORGED_PORT:
		a->port ^= 0x8000;
		break;
	default:
		a->icmp = true;
		a->quote_delta = FORGED_DELTA;
	}
	return true;
}

/* Marks the target; counts a repeat if it was marked. */
static __always_inline void mark(const struct probe *p, __u16 index, struct counts *count)
{
	const __u64 bit = (__u64)(p->daddr - area_first) * area_ports + index;
	const __u32 key = (__u32)(bit >> 6);
	__u64 *word = bpf_map_lookup_elem(&seen, &key);

	if (word && __sync_fetch_and_or(word, 1ULL << (bit & 63)) >> (bit & 63) & 1)
		count->repeats++;
}

/* One count for all CPUs, so that the order is that of arrival whatever CPU the sender is on. */
static __always_inline void record(void)
{
	const __u32 n = times_room ? __sync_fetch_and_add(&times_next, 1) : 0;
	__u64 *time = times_room ? bpf_map_lookup_elem(&times, &n) : NULL;

	if (time)
		*time = bpf_ktime_get_ns();
}

SEC("xdp")
int respond(struct xdp_md *ctx)
{
	const __u32 zero = 0;
	struct counts *count = bpf_map_lookup_elem(&counters, &zero);
	struct probe p;
	struct answer a;
	bool good;

	if (!count)
		return XDP_PASS;
	if (!parse(ctx, &p, &good)) {
		count->other++;
		return XDP_PASS;
	}

	const __u16 index = port_index[p.dport];

	if (p.echo != area_echo || index == NO_PORT || p.daddr < area_first || p.daddr > area_last) {
		count->outside++;
		return XDP_PASS;
	}
	if (p.reset) {
		if (good)
			count->resets++;
		else
			count->other++;
		return XDP_DROP;
	}
	if ((count->frames & 31) == 0) { /* a clock for each would cost what the answer costs */
		count->last_ns = bpf_ktime_get_ns();
		if (count->first_ns == 0)
			count->first_ns = count->last_ns;
	}
	count->frames++;
	record();
	if (!good) {
		count->bad_checksum++;
		return XDP_DROP;
	}
	mark(&p, index, count);
	if (!decide(&p, count, &a))
		return XDP_DROP;

	const unsigned int path = world_path(&world, p.daddr, p.dport, p.sport, p.seq);

	if (path & WORLD_LOST) {
		count->lost++;
		return XDP_DROP;
	}
	if (!(a.icmp ? answer_icmp(ctx, &p, &a) :
	      p.echo ? answer_echo(ctx, &p, &a) :
		       answer_tcp(ctx, &p, &a))) {
		count->failed++;
		return XDP_DROP;
	}
	if (path & WORLD_DUPLICATED) {
		count->duplicated++;
		return bpf_redirect_map(&twice, 0, BPF_F_BROADCAST);
	}
	return bpf_redirect(ctx->ingress_ifindex, 0);
}

char _license[] SEC("license") = "Dual BSD/GPL";
