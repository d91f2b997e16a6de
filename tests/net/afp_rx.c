/* SPDX-License-Identifier: Apache-2.0 */
/*
 * afp_rx IF NETNS FAR_IF [classic]: the receive side of af_packet over a veth pair: what the kernel's filter lets
 * through and what it counts, fanout over two queues, and drops of a full ring.
 */
#include <linux/capability.h>
#include <netinet/in.h>
#include <sys/syscall.h>
#include <time.h>

#include "io/af_packet/port.h"
#include "io/engines.h"
#include "tests/net/far_end.h"

#define FANOUT_FRAMES 50000
#define FLOOD_FRAMES 200000 /* twice what the ring holds */

static const struct io_ops *const ops = &af_packet_ops;
static const uint32_t target = 0x0a010203; /* 10.1.2.3 */
static uint8_t mac[6];

static struct io_rxq *open_queue(struct io_port *port, unsigned int index)
{
	struct error error = { 0 };
	struct io_rxq *q;

	if (ops->rx_open(port, index, &q, &error) < 0) {
		fprintf(stderr, "%s\n", error.text);
		exit(1);
	}
	return q;
}

/* Everything that comes until nothing has come for timeout_ms; take() may be NULL. */
static uint64_t receive(struct io_rxq *q, int timeout_ms, void (*take)(const struct frame_view *))
{
	struct pollfd wait = { .fd = q->fd, .events = POLLIN };
	struct frame_view view[50]; /* no divisor of what a block holds */
	uint64_t count = 0;
	unsigned int n;

	do {
		while ((n = ops->rx_receive(q, view, 50)) > 0) {
			for (unsigned int i = 0; i < n && take != NULL; i++)
				take(&view[i]);
			count += n;
			ops->rx_release(q);
		}
	} while (poll(&wait, 1, timeout_ms) > 0);
	return count;
}

static void check_view(const struct frame_view *view)
{
	struct timespec now;
	int64_t age;

	clock_gettime(CLOCK_REALTIME, &now);
	age = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec - (int64_t)view->time_ns;
	if (age < 0 || age > 60000000000 || memcmp(view->data, mac, 6) != 0 || view->len < 54) {
		printf("NOT OK view: %u bytes, stamped %" PRId64 " ns ago\n", view->len, age);
		failures++;
	}
}

static void filter(const struct io_link *link, int far, bool classic)
{
	const uint32_t good = probe_cookie(target, 443, PORT_FIRST);
	const uint32_t last = probe_cookie(target, 80, PORT_LAST);
	struct io_port *port = open_port(ops, link, 0, 1);
	struct io_rxq *q = open_queue(port, 0);
	uint8_t f[256];

	printf("-- filter, mode %s\n", ops->mode(port));
	expect("the filter is eBPF", strstr(ops->mode(port), "ebpf") != NULL, !classic);
	/* nine that pass */
	far_send(far, f, put_tcp(f, mac, 0, 5, target, LOCAL_ADDR, 443, PORT_FIRST, good + 1, SYN_ACK));
	far_send(far, f, put_tcp(f, mac, 0, 5, target, LOCAL_ADDR, 80, PORT_LAST, last + 1, SYN_ACK | 0x40));
	far_send(far, f, put_tcp(f, mac, 0, 15, target, LOCAL_ADDR, 443, PORT_FIRST, good + 1, SYN_ACK));
	far_send(far, f, put_tcp(f, mac, 1, 5, target, LOCAL_ADDR, 443, PORT_FIRST, good + 1, SYN_ACK));
	far_send(far, f, put_tcp(f, mac, 0, 5, target, LOCAL_ADDR, 443, PORT_FIRST, good + 1, RST | 0x10));
	far_send(far, f, put_tcp(f, mac, 0, 5, target, LOCAL_ADDR, 443, PORT_FIRST, good, RST));
	far_send(far, f, put_icmp_error(f, mac, 3, target, LOCAL_ADDR, PORT_FIRST, good));
	far_send(far, f, put_icmp_error(f, mac, 11, target, LOCAL_ADDR, PORT_FIRST, good));
	far_send(far, f, put_tcp(f, mac, 2, 5, target, LOCAL_ADDR, 443, PORT_FIRST, good + 1, SYN_ACK));
	/* rejected by the cookie: five */
	far_send(far, f, put_tcp(f, mac, 0, 5, target, LOCAL_ADDR, 443, PORT_FIRST, good, SYN_ACK));
	far_send(far, f, put_tcp(f, mac, 0, 5, target, LOCAL_ADDR, 443, PORT_FIRST, good + 2, RST));
	far_send(far, f, put_tcp(f, mac, 0, 5, target + 1, LOCAL_ADDR, 443, PORT_FIRST, good + 1, SYN_ACK));
	far_send(far, f, put_tcp(f, mac, 0, 5, target, LOCAL_ADDR, 444, PORT_FIRST, good + 1, SYN_ACK));
	far_send(far, f, put_icmp_error(f, mac, 3, target, LOCAL_ADDR, PORT_FIRST, good + 1));
	/* by the port: three, by the flags: two, by the address: two, by the type of ICMP: one */
	far_send(far, f, put_tcp(f, mac, 0, 5, target, LOCAL_ADDR, 443, PORT_FIRST - 1, good + 1, SYN_ACK));
	far_send(far, f, put_tcp(f, mac, 0, 5, target, LOCAL_ADDR, 443, PORT_LAST + 1, good + 1, SYN_ACK));
	far_send(far, f, put_icmp_error(f, mac, 3, target, LOCAL_ADDR, PORT_LAST + 1, good));
	far_send(far, f, put_tcp(f, mac, 0, 5, target, LOCAL_ADDR, 443, PORT_FIRST, good + 1, 0x10));
	far_send(far, f, put_tcp(f, mac, 0, 5, target, LOCAL_ADDR, 443, PORT_FIRST, good + 1, 0x02));
	far_send(far, f, put_tcp(f, mac, 0, 5, target, LOCAL_ADDR + 1, 443, PORT_FIRST, good + 1, SYN_ACK));
	far_send(far, f, put_icmp_error(f, mac, 3, target, LOCAL_ADDR + 1, PORT_FIRST, good));
	far_send(far, f, put_icmp_error(f, mac, 0, target, LOCAL_ADDR, PORT_FIRST, good));
	/* a later fragment, UDP, not IP, and a frame that ends within the TCP header */
	put_tcp(f, mac, 0, 5, target, LOCAL_ADDR, 443, PORT_FIRST, good + 1, SYN_ACK);
	put16(f + 20, 0x0010);
	far_send(far, f, 54);
	put_ip(f, mac, 0, 5, IPPROTO_UDP, target, LOCAL_ADDR, 20);
	far_send(far, f, 54);
	put16(f + 12, 0x88b5);
	far_send(far, f, 54);
	put_tcp(f, mac, 0, 5, target, LOCAL_ADDR, 443, PORT_FIRST, good + 1, SYN_ACK);
	far_send(far, f, 40);

	if (classic) { /* valid TCP but for the double tag, any ICMP, wrong cookies, wrong flags, the short one */
		expect("frames that pass", receive(q, 300, NULL), 6 + 6 + 4 + 2 + 1);
		expect("kernel_ring_packets", reading(ops, port, "kernel_ring_packets"), 19);
		ops->close(port);
		return;
	}
	expect("frames that pass", receive(q, 300, check_view), 9);
	expect("passed", reading(ops, port, "filter_passed"), 9);
	expect("cookie", reading(ops, port, "filter_rejected_cookie"), 5);
	expect("port", reading(ops, port, "filter_rejected_port"), 3);
	expect("flags", reading(ops, port, "filter_rejected_flags"), 2);
	expect("address", reading(ops, port, "filter_rejected_address"), 2);
	expect("ICMP type", reading(ops, port, "filter_rejected_icmp_type"), 1);
	expect("fragment", reading(ops, port, "filter_rejected_fragment"), 1);
	expect("protocol", reading(ops, port, "filter_rejected_protocol"), 1);
	expect("not IP", reading(ops, port, "filter_rejected_not_ip"), 1);
	expect("short", reading(ops, port, "filter_rejected_short"), 1);
	expect("kernel_ring_drops", reading(ops, port, "kernel_ring_drops"), 0);
	ops->close(port);
}

static uint8_t seen[FANOUT_FRAMES];

static void mark(const struct frame_view *view)
{
	const uint8_t *s = view->data + 26;
	const uint32_t i = ((uint32_t)s[0] << 24 | s[1] << 16 | s[2] << 8 | s[3]) - target;

	if (i < FANOUT_FRAMES)
		seen[i]++;
}

static void send_replies(int far, uint32_t first, uint32_t count)
{
	uint8_t f[256];

	for (uint32_t i = first; i < first + count; i++) {
		const uint32_t who = target + i;
		far_send(far, f,
			 put_tcp(f, mac, 0, 5, who, LOCAL_ADDR, 443, PORT_FIRST,
				 probe_cookie(who, 443, PORT_FIRST) + 1, SYN_ACK));
	}
}

static void fanout(const struct io_link *link, int far)
{
	struct io_port *port = open_port(ops, link, 0, 2);
	struct io_rxq *q[2] = { open_queue(port, 0), open_queue(port, 1) };
	uint64_t got[2] = { 0 }, wrong = 0;

	printf("-- fanout over two queues, %d replies\n", FANOUT_FRAMES);
	for (uint32_t i = 0; i <= FANOUT_FRAMES; i += 500) {
		if (i < FANOUT_FRAMES)
			send_replies(far, i, 500);
		for (int k = 0; k < 2; k++)
			got[k] += receive(q[k], i < FANOUT_FRAMES ? 0 : 300, mark);
	}
	for (uint32_t i = 0; i < FANOUT_FRAMES; i++)
		wrong += seen[i] != 1;
	printf("   %" PRIu64 " + %" PRIu64 "\n", got[0], got[1]);
	expect("passed", reading(ops, port, "filter_passed"), FANOUT_FRAMES);
	expect("kernel_ring_drops", reading(ops, port, "kernel_ring_drops"), 0);
	expect("replies of both queues", got[0] + got[1], FANOUT_FRAMES);
	expect("replies not seen exactly once", wrong, 0);
	expect("both queues took part", got[0] > FANOUT_FRAMES / 4 && got[1] > FANOUT_FRAMES / 4, 1);
	ops->close(port);
}

/* Nobody reads: what the ring cannot hold is counted, to the frame, and read in two instalments. */
static void slow_reader(const struct io_link *link, int far)
{
	struct io_port *port = open_port(ops, link, 0, 1);
	struct io_rxq *q = open_queue(port, 0);
	uint64_t first, drops, got;

	printf("-- a reader that sleeps through %d replies\n", FLOOD_FRAMES);
	send_replies(far, 0, FLOOD_FRAMES / 2);
	first = reading(ops, port, "kernel_ring_drops");
	send_replies(far, FLOOD_FRAMES / 2, FLOOD_FRAMES - FLOOD_FRAMES / 2);
	drops = reading(ops, port, "kernel_ring_drops");
	got = receive(q, 300, NULL);
	expect("received + dropped", got + reading(ops, port, "kernel_ring_drops"), FLOOD_FRAMES);
	expect("the ring overflowed", drops > first && drops > 0, 1);
	expect("all passed the filter", reading(ops, port, "filter_passed"), FLOOD_FRAMES);
	/* and the ring works on afterwards */
	send_replies(far, 0, 1000);
	expect("replies after the flood", receive(q, 300, NULL), 1000);
	ops->close(port);
}

/* What an ordinary user with a file capability has: packet sockets, no eBPF. */
static void keep_net_raw_only(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { .effective = 1U << CAP_NET_RAW,
						    .permitted = 1U << CAP_NET_RAW } };

	if (syscall(SYS_capset, &header, data) < 0)
		die("capset");
}

int main(int argc, char **argv)
{
	struct error error = { 0 };
	struct io_link link;
	int far;

	if (argc < 4)
		return 2;
	if (ops->find_link(argv[1], &link, &error) < 0) {
		fprintf(stderr, "%s\n", error.text);
		return 1;
	}
	memcpy(mac, link.mac, 6);
	far = far_socket(argv[2], argv[3]);
	if (argc > 4 && strcmp(argv[4], "classic") == 0) {
		keep_net_raw_only();
		filter(&link, far, true);
		return failures != 0;
	}
	filter(&link, far, false);
	fanout(&link, far);
	slow_reader(&link, far);
	return failures != 0;
}
