/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flood NETNS IF NEAR_MAC NET COUNT RATE
 *
 * Sends COUNT frames at RATE a second from IF, on which a world answers a scan of NET's port 80: all to the scanner's
 * MAC, none a reply to a probe, though most come close. Prints "ready", waits until the first probe is on IF, so that
 * the scanner's sockets are open, and says at the end what should be counted: a line "CAUSE FRAMES" for each cause.
 */
#include <time.h>

#include "tests/net/far_end.h"

#define BURST 32 /* frames between looks at the clock */
#define PORT 80

struct near {
	uint8_t mac[6];
	uint32_t net, mask;
};

/* Whose answer frame i pretends to be. Every kind comes from all over the net. */
static uint32_t target_of(const struct near *n, uint32_t i)
{
	return n->net | (i * 2654435761U & ~n->mask);
}

static uint16_t port_of(uint32_t i)
{
	return (uint16_t)(PORT_FIRST + i % (PORT_LAST - PORT_FIRST + 1));
}

static size_t answer(const struct near *n, uint8_t *f, uint32_t i, uint32_t over, uint8_t flags)
{
	const uint32_t t = target_of(n, i);

	return put_tcp(f, n->mac, 0, 5, t, LOCAL_ADDR, PORT, port_of(i),
		       probe_cookie(t, PORT, port_of(i)) + over, flags);
}

static size_t wrong_number(const struct near *n, uint8_t *f, uint32_t i)
{
	return answer(n, f, i, 2 + i, SYN_ACK);
}

static size_t wrong_reset(const struct near *n, uint8_t *f, uint32_t i)
{
	return answer(n, f, i, 2 + i, RST);
}

static size_t of_another_host(const struct near *n, uint8_t *f, uint32_t i)
{
	const uint32_t t = target_of(n, i);

	return put_tcp(f, n->mac, 0, 5, t ^ 1, LOCAL_ADDR, PORT, port_of(i),
		       probe_cookie(t, PORT, port_of(i)) + 1, SYN_ACK);
}

static size_t of_another_port(const struct near *n, uint8_t *f, uint32_t i)
{
	const uint32_t t = target_of(n, i);

	return put_tcp(f, n->mac, 0, 5, t, LOCAL_ADDR, 443, port_of(i), probe_cookie(t, PORT, port_of(i)) + 1,
		       SYN_ACK);
}

static size_t plain_ack(const struct near *n, uint8_t *f, uint32_t i)
{
	return answer(n, f, i, 1, 0x10);
}

static size_t syn(const struct near *n, uint8_t *f, uint32_t i)
{
	return answer(n, f, i, 1, 0x02);
}

static size_t below_our_ports(const struct near *n, uint8_t *f, uint32_t i)
{
	const uint32_t t = target_of(n, i);

	return put_tcp(f, n->mac, 0, 5, t, LOCAL_ADDR, PORT, PORT_FIRST - 1,
		       probe_cookie(t, PORT, PORT_FIRST - 1) + 1, SYN_ACK);
}

static size_t to_another_address(const struct near *n, uint8_t *f, uint32_t i)
{
	const uint32_t t = target_of(n, i);

	return put_tcp(f, n->mac, 0, 5, t, LOCAL_ADDR + 256, PORT, port_of(i),
		       probe_cookie(t, PORT, port_of(i)) + 1, SYN_ACK);
}

static size_t udp(const struct near *n, uint8_t *f, uint32_t i)
{
	uint8_t *at = put_ip(f, n->mac, 0, 5, IPPROTO_UDP, target_of(n, i), LOCAL_ADDR, 20);

	put16(at, PORT);
	put16(at + 2, port_of(i));
	put16(at + 4, 20);
	return (size_t)(at + 20 - f);
}

static size_t echo_reply(const struct near *n, uint8_t *f, uint32_t i)
{
	return (size_t)(put_ip(f, n->mac, 0, 5, IPPROTO_ICMP, target_of(n, i), LOCAL_ADDR, 36) + 36 - f);
}

static size_t unreachable(const struct near *n, uint8_t *f, uint32_t i)
{
	return put_icmp_error(f, n->mac, 3, target_of(n, i), LOCAL_ADDR, port_of(i), i);
}

static size_t cut_off(const struct near *n, uint8_t *f, uint32_t i)
{
	answer(n, f, i, 1, SYN_ACK);
	return 40; /* within the TCP header */
}

static const struct {
	const char *cause; /* as in the metadata's rejects */
	size_t (*put)(const struct near *, uint8_t *frame, uint32_t i);
} kinds[] = {
	{ "cookie", wrong_number },
	{ "cookie", wrong_reset },
	{ "cookie", of_another_host },
	{ "cookie", of_another_port },
	{ "cookie", unreachable },
	{ "flags", plain_ack },
	{ "flags", syn },
	{ "port", below_our_ports },
	{ "address", to_another_address },
	{ "protocol", udp },
	{ "icmp_type", echo_reply },
	{ "short", cut_off },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void say(unsigned long count)
{
	static const char *const causes[] = { "cookie",	  "flags",     "port", "address",
					      "protocol", "icmp_type", "short" };

	for (size_t c = 0; c < sizeof(causes) / sizeof(causes[0]); c++) {
		unsigned long frames = 0;

		for (unsigned long k = 0; k < KINDS; k++)
			if (strcmp(kinds[k].cause, causes[c]) == 0)
				frames += count / KINDS + (k < count % KINDS);
		printf("%s %lu\n", causes[c], frames);
	}
}

static unsigned long long arrived(FILE *f)
{
	unsigned long long n = 0;

	rewind(f);
	if (fflush(f) != 0 || fscanf(f, "%llu", &n) != 1)
		die("rx_packets");
	return n;
}

static void await_first_probe(const char *interface)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	unsigned long long before;
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "/sys/class/net/%s/statistics/rx_packets", interface);
	f = fopen(path, "re");
	if (f == NULL)
		die(path);
	setvbuf(f, NULL, _IONBF, 0);
	before = arrived(f);
	puts("ready");
	fflush(stdout);
	while (arrived(f) == before)
		nanosleep(&pause, NULL);
	fclose(f);
}

static void send_all(const struct near *n, int fd, unsigned long count, double rate)
{
	struct timespec start, due;
	uint8_t frame[256];

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (unsigned long i = 0; i < count; i++) {
		if (i % BURST == 0) {
			const uint64_t ns = (uint64_t)start.tv_nsec + (uint64_t)((double)i / rate * 1e9);

			due = (struct timespec){ start.tv_sec + (time_t)(ns / 1000000000),
						 (long)(ns % 1000000000) };
			clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
		}
		far_send(fd, frame, kinds[i % KINDS].put(n, frame, (uint32_t)i));
	}
}

int main(int argc, char **argv)
{
	unsigned int prefix;
	struct in_addr net;
	struct near n;
	char text[16];
	int fd;

	if (argc != 7 ||
	    sscanf(argv[3], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &n.mac[0], &n.mac[1], &n.mac[2], &n.mac[3],
		   &n.mac[4], &n.mac[5]) != 6 ||
	    sscanf(argv[4], "%15[0-9.]/%u", text, &prefix) != 2 || inet_pton(AF_INET, text, &net) != 1 ||
	    prefix < 1 || prefix > 31)
		return 2;
	n.net = ntohl(net.s_addr);
	n.mask = ~0U << (32 - prefix);
	fd = far_socket(argv[1], argv[2]);
	await_first_probe(argv[2]);
	send_all(&n, fd, strtoul(argv[5], NULL, 10), atof(argv[6]));
	say(strtoul(argv[5], NULL, 10));
	return 0;
}
