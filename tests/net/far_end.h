/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The far end of a veth pair for the programs that test engines: a plain packet socket in another network namespace,
 * frames to send from it, and checks that say what was expected.
 */
#ifndef TESTS_FAR_END_H
#define TESTS_FAR_END_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "anyscan/io.h"

#define LOCAL_ADDR 0xc6120001U /* 198.18.0.1 */
#define PORT_FIRST 40000
#define PORT_LAST 40015
#define SYN_ACK 0x12
#define RST 0x04

static const struct cookie_key test_key = { 0x0706050403020100ULL, 0x0f0e0d0c0b0a0908ULL };

static int failures;

static inline void expect(const char *what, uint64_t got, uint64_t wanted)
{
	const int ok = got == wanted;

	printf("%s %s: %" PRIu64, ok ? "ok    " : "NOT OK", what, got);
	if (!ok)
		printf(", expected %" PRIu64, wanted);
	printf("\n");
	failures += !ok;
}

static inline void die(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

/* A packet socket on ifname within /run/netns/NAME; this process stays where it is. */
static inline int far_socket(const char *netns, const char *ifname)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	const int room = 64 << 20, on = 1;
	int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), there, fd;
	char path[256];

	snprintf(path, sizeof(path), "/run/netns/%s", netns);
	there = open(path, O_RDONLY | O_CLOEXEC);
	if (here < 0 || there < 0 || setns(there, CLONE_NEWNET) < 0)
		die(path);
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	address.sll_ifindex = (int)if_nametoindex(ifname);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		die(ifname);
	if (setns(here, CLONE_NEWNET) < 0)
		die("back to our own namespace");
	close(here);
	close(there);
	return fd;
}

/* Every frame goes out once: ENOBUFS means that it did not. */
static inline void far_send(int fd, const uint8_t *frame, size_t len)
{
	while (send(fd, frame, len, 0) < 0)
		if (errno != ENOBUFS && errno != EAGAIN && errno != EINTR)
			die("far end: send");
}

static inline uint64_t reading(const struct io_ops *ops, struct io_port *port, const char *name)
{
	struct reading list[64];
	const size_t n = ops->stats(port, list, 64);

	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].name, name) == 0)
			return list[i].value;
	printf("NOT OK no reading named %s\n", name);
	failures++;
	return UINT64_MAX;
}

static inline struct io_port *open_port(const struct io_ops *ops, const struct io_link *link,
					unsigned int txqs, unsigned int rxqs)
{
	const struct io_port_options options = {
		.link = link,
		.tx_queues = txqs,
		.rx_queues = rxqs,
		.frames = 1024,
		.frame_len = 128,
		.match = { .key = test_key,
			   .local_addr = LOCAL_ADDR,
			   .port_first = PORT_FIRST,
			   .port_last = PORT_LAST,
			   .ip_proto = IPPROTO_TCP },
	};
	struct error error = { 0 };
	struct io_port *port;

	if (ops->open(&options, &port, &error) < 0) {
		fprintf(stderr, "%s\n", error.text);
		exit(1);
	}
	return port;
}

static inline void put16(uint8_t *to, uint16_t v)
{
	to[0] = (uint8_t)(v >> 8);
	to[1] = (uint8_t)v;
}

static inline void put32(uint8_t *to, uint32_t v)
{
	put16(to, (uint16_t)(v >> 16));
	put16(to + 2, (uint16_t)v);
}

/* Ethernet, `tags` VLAN tags and an IPv4 header of ihl words, total 20 + options; returns where the payload begins. */
static inline uint8_t *put_ip(uint8_t *frame, const uint8_t dst_mac[6], unsigned int tags, unsigned int ihl,
			      uint8_t protocol, uint32_t saddr, uint32_t daddr, uint16_t payload)
{
	static const uint8_t src_mac[6] = { 2, 0, 0, 0, 0, 2 };
	uint8_t *at = frame + 12;

	memset(frame, 0, 256);
	memcpy(frame, dst_mac, 6);
	memcpy(frame + 6, src_mac, 6);
	for (unsigned int i = 0; i < tags; i++, at += 4) {
		put16(at, i + 1 < tags ? ETH_P_8021AD : ETH_P_8021Q);
		put16(at + 2, (uint16_t)(100 + i));
	}
	put16(at, ETH_P_IP);
	at += 2;
	at[0] = (uint8_t)(0x40 | ihl);
	memset(at + 20, 1, (ihl - 5) * 4); /* IP option: no operation */
	put16(at + 2, (uint16_t)(ihl * 4 + payload));
	at[8] = 64;
	at[9] = protocol;
	put32(at + 12, saddr);
	put32(at + 16, daddr);
	return at + ihl * 4;
}

/* The frame is the payload's end long; nothing checks its checksums. */
static inline size_t put_tcp(uint8_t *frame, const uint8_t dst_mac[6], unsigned int tags, unsigned int ihl,
			     uint32_t saddr, uint32_t daddr, uint16_t sport, uint16_t dport, uint32_t ack,
			     uint8_t flags)
{
	uint8_t *at = put_ip(frame, dst_mac, tags, ihl, IPPROTO_TCP, saddr, daddr, 20);

	put16(at, sport);
	put16(at + 2, dport);
	put32(at + 4, 12345);
	put32(at + 8, ack);
	at[12] = 0x50;
	at[13] = flags;
	return (size_t)(at + 20 - frame);
}

/* From a router, about a probe of quoted_saddr's to port 443 of the target: its header and 8 bytes of TCP. */
static inline size_t put_icmp_error(uint8_t *frame, const uint8_t dst_mac[6], uint8_t type, uint32_t target,
				    uint32_t quoted_saddr, uint16_t sport, uint32_t seq)
{
	uint8_t *at = put_ip(frame, dst_mac, 0, 5, IPPROTO_ICMP, 0x0a010201, LOCAL_ADDR, 36), *inner = at + 8;

	at[0] = type;
	at[1] = 1;
	inner[0] = 0x45;
	put16(inner + 2, 40);
	inner[9] = IPPROTO_TCP;
	put32(inner + 12, quoted_saddr);
	put32(inner + 16, target);
	put16(inner + 20, sport);
	put16(inner + 22, 443);
	put32(inner + 24, seq);
	return (size_t)(inner + 28 - frame);
}

static inline uint32_t probe_cookie(uint32_t target, uint16_t port, uint16_t sport)
{
	return cookie(&test_key, LOCAL_ADDR, target, port, sport);
}

#endif
