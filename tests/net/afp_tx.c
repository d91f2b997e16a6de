/* SPDX-License-Identifier: Apache-2.0 */
/*
 * afp_tx IF NETNS FAR_IF: both ways of sending of af_packet, over a veth pair. Every frame submitted arrives exactly
 * once; what can never be sent is given up and counted; a link that is down loses nothing.
 */
#include "io/af_packet/port.h"
#include "io/engines.h"
#include "tests/net/far_end.h"

#define FRAMES 100000
#define ETHERTYPE 0x88b5 /* IEEE 802.1: local experiments; no stack answers it */
#define LEN 64

static const struct io_ops *const ops = &af_packet_ops;
static uint8_t seen[FRAMES];
static uint64_t others;

static void compose(uint8_t *frame, uint32_t number)
{
	memset(frame, 0xff, 6);
	memset(frame + 6, 2, 6);
	put16(frame + 12, ETHERTYPE);
	put32(frame + 14, number);
	memset(frame + 18, (uint8_t)number, 128 - 18);
}

static uint64_t drain(int far, int timeout_ms)
{
	struct pollfd wait = { .fd = far, .events = POLLIN };
	uint8_t frame[256];
	uint64_t count = 0;

	while (poll(&wait, 1, timeout_ms) > 0) {
		const ssize_t len = recv(far, frame, sizeof(frame), 0);
		const uint32_t number = (uint32_t)frame[14] << 24 | frame[15] << 16 | frame[16] << 8 |
					frame[17];
		if (len < LEN || frame[12] != ETHERTYPE >> 8 || frame[13] != (ETHERTYPE & 0xff) ||
		    number >= FRAMES || frame[LEN - 1] != (uint8_t)number) {
			others++;
			continue;
		}
		seen[number]++;
		count++;
	}
	return count;
}

static struct io_txq *open_queue(const struct io_link *link, const struct tx_method *method,
				 struct io_port **port)
{
	struct error error = { 0 };
	struct io_txq *q;

	*port = open_port(ops, link, 1, 0);
	((struct packet_port *)*port)->method = method;
	if (ops->tx_open(*port, 0, &q, &error) < 0) {
		fprintf(stderr, "%s\n", error.text);
		exit(1);
	}
	return q;
}

static void exactly_once(const struct io_link *link, const struct tx_method *method, int far)
{
	uint8_t *frame[128], *blank[1024];
	struct io_port *port;
	struct io_txq *q = open_queue(link, method, &port);
	unsigned int blanks = 0, held = 0, size = 1, batches = 0;
	uint64_t arrived = 0, wrong = 0;
	uint32_t next = 0;
	uint16_t len[128];

	printf("-- %s: %d frames\n", method->name, FRAMES);
	memset(seen, 0, sizeof(seen));
	for (unsigned int i = 0; i < 128; i++)
		len[i] = LEN;
	for (unsigned int i = 0; i < q->nframes; i++)
		blank[blanks++] = q->frames + i * q->stride;
	while (next < FRAMES || held > 0) {
		unsigned int taken;

		size = size % 128 + 1; /* batches of every size */
		while (held < size && next < FRAMES) {
			frame[held] = blank[--blanks];
			compose(frame[held++], next++);
		}
		taken = ops->tx_submit(q, frame, len, held);
		ops->tx_kick(q);
		held -= taken;
		memmove(frame, frame + taken, held * sizeof(frame[0]));
		blanks += ops->tx_reclaim(q, blank + blanks, 1024 - blanks);
		if (held > 0 ||
		    ++batches % 64 == 0) /* bursts of up to 4000: more than a lagging far end has room for */
			arrived += drain(far, held > 0);
	}
	while (ops->tx_flush(q) > 0)
		arrived += drain(far, 0);
	while (arrived < FRAMES) {
		const uint64_t more = drain(far, 1000);
		if (more == 0)
			break;
		arrived += more;
	}
	for (uint32_t i = 0; i < FRAMES; i++)
		wrong += seen[i] != 1;
	expect("frames that arrived", arrived, FRAMES);
	expect("frames not seen exactly once", wrong, 0);
	expect("frames back in our hands", blanks, q->nframes);
	expect("send_lost", reading(ops, port, "send_lost"), 0);
	printf("   refused for now: %" PRIu64 " times\n", reading(ops, port, "send_nobufs"));
	/* What the device refused and was given again is no drop, however often it counted it. */
	expect("interface_tx_dropped", reading(ops, port, "interface_tx_dropped"), 0);
	ops->close(port);
}

static void set_mtu(const char *ifname, int mtu)
{
	struct ifreq request = { .ifr_mtu = mtu };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	memcpy(request.ifr_name, ifname, IFNAMSIZ);
	if (ioctl(fd, SIOCSIFMTU, &request) < 0)
		die("SIOCSIFMTU");
	close(fd);
}

static void set_up(const char *ifname, int up)
{
	struct ifreq request = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	memcpy(request.ifr_name, ifname, IFNAMSIZ);
	if (ioctl(fd, SIOCGIFFLAGS, &request) < 0)
		die("SIOCGIFFLAGS");
	request.ifr_flags = (short)(up ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP);
	if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		die("SIOCSIFFLAGS");
	close(fd);
}

/* The MTU shrinks under us: two of six frames can never be sent, the others must not wait for them. */
static void too_long(const struct io_link *link, const struct tx_method *method, int far)
{
	uint16_t len[6] = { LEN, 128, LEN, LEN, LEN, 128 };
	uint8_t *frame[6];
	struct io_port *port;
	struct io_txq *q = open_queue(link, method, &port);
	unsigned int taken = 0;

	printf("-- %s: frames longer than the MTU\n", method->name);
	memset(seen, 0, sizeof(seen));
	for (unsigned int i = 0; i < 6; i++) {
		frame[i] = q->frames + i * q->stride;
		compose(frame[i], i);
	}
	set_mtu(link->name, 68);
	for (int i = 0; i < 8; i++) {
		taken += ops->tx_submit(q, frame + taken, len + taken, 6 - taken);
		ops->tx_kick(q);
	}
	while (ops->tx_flush(q) > 0)
		;
	set_mtu(link->name, (int)link->mtu);
	expect("frames taken", taken, 6);
	expect("frames that arrived", drain(far, 200), 4);
	expect("each of them once", seen[0] == 1 && seen[2] == 1 && seen[3] == 1 && seen[4] == 1, 1);
	expect("send_too_long", reading(ops, port, "send_too_long"), 2);
	expect("send_lost", reading(ops, port, "send_lost"), 2);
	ops->close(port);
}

/* Nothing is sent, nothing is lost, and it goes on when the link is back. */
static void link_down(const struct io_link *link, const struct tx_method *method, int far)
{
	uint16_t len[4] = { LEN, LEN, LEN, LEN };
	uint8_t *frame[4];
	struct io_port *port;
	struct io_txq *q = open_queue(link, method, &port);
	unsigned int taken = 0;

	printf("-- %s: the link goes down and comes back\n", method->name);
	memset(seen, 0, sizeof(seen));
	for (unsigned int i = 0; i < 4; i++) {
		frame[i] = q->frames + i * q->stride;
		compose(frame[i], i);
	}
	set_up(link->name, 0);
	taken = ops->tx_submit(q, frame, len, 4);
	ops->tx_kick(q);
	expect("send_link_down", reading(ops, port, "send_link_down"), 1);
	set_up(link->name, 1);
	taken += ops->tx_submit(q, frame + taken, len + taken, 4 - taken);
	ops->tx_kick(q);
	while (ops->tx_flush(q) > 0)
		;
	expect("frames taken", taken, 4);
	expect("frames that arrived", drain(far, 200), 4);
	expect("each of them once", seen[0] == 1 && seen[1] == 1 && seen[2] == 1 && seen[3] == 1, 1);
	expect("send_lost", reading(ops, port, "send_lost"), 0);
	ops->close(port);
}

int main(int argc, char **argv)
{
	static const struct tx_method *const methods[] = { &tx_sendmmsg, &tx_ring };
	struct error error = { 0 };
	struct io_link link;
	int far;

	if (argc != 4)
		return 2;
	if (ops->find_link(argv[1], &link, &error) < 0) {
		fprintf(stderr, "%s\n", error.text);
		return 1;
	}
	far = far_socket(argv[2], argv[3]);
	for (size_t i = 0; i < 2; i++) {
		exactly_once(&link, methods[i], far);
		too_long(&link, methods[i], far);
		link_down(&link, methods[i], far);
	}
	expect("frames that nobody sent", others, 0);
	return failures != 0;
}
