/* SPDX-License-Identifier: Apache-2.0 */
/* ARP for IPv4 over Ethernet (RFC 826), as it lies in a frame. */
#ifndef IO_ARP_FRAME_H
#define IO_ARP_FRAME_H

#include <arpa/inet.h>
#include <assert.h>
#include <net/ethernet.h>
#include <net/if_arp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct arp_frame { /* network byte order */
	uint8_t dst[6], src[6];
	uint16_t ethertype, hardware, protocol;
	uint8_t hardware_len, protocol_len;
	uint16_t operation;
	uint8_t sender_mac[6], sender_addr[4];
	uint8_t target_mac[6], target_addr[4];
} __attribute__((packed));

static_assert(sizeof(struct arp_frame) == 42, "an Ethernet header and 28 bytes");

/* ARP of our kind, with that operation, from a unicast address? */
static inline bool arp_frame_is(const struct arp_frame *frame, size_t len, uint16_t operation)
{
	static const uint8_t nobody[6];

	return len >= sizeof(*frame) && frame->ethertype == htons(ETH_P_ARP) &&
	       frame->hardware == htons(ARPHRD_ETHER) && frame->protocol == htons(ETH_P_IP) &&
	       frame->hardware_len == 6 && frame->protocol_len == 4 && frame->operation == htons(operation) &&
	       !(frame->sender_mac[0] & 1) && memcmp(frame->sender_mac, nobody, 6) != 0;
}

/* Broadcasts who-has target. Addresses in host order. */
static inline void arp_frame_ask(struct arp_frame *frame, const uint8_t mac[6], uint32_t addr,
				 uint32_t target)
{
	const uint32_t sender = htonl(addr), wanted = htonl(target);

	*frame = (struct arp_frame){
		.dst = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
		.ethertype = htons(ETH_P_ARP),
		.hardware = htons(ARPHRD_ETHER),
		.protocol = htons(ETH_P_IP),
		.hardware_len = 6,
		.protocol_len = 4,
		.operation = htons(ARPOP_REQUEST),
	};
	memcpy(frame->src, mac, 6);
	memcpy(frame->sender_mac, mac, 6);
	memcpy(frame->sender_addr, &sender, 4);
	memcpy(frame->target_addr, &wanted, 4);
}

/* Makes of a request, in place, the reply that the address it asks for is at mac. */
static inline void arp_frame_answer(struct arp_frame *frame, const uint8_t mac[6])
{
	uint8_t wanted[4];

	memcpy(wanted, frame->target_addr, 4);
	frame->operation = htons(ARPOP_REPLY);
	memcpy(frame->target_mac, frame->sender_mac, 6);
	memcpy(frame->target_addr, frame->sender_addr, 4);
	memcpy(frame->sender_mac, mac, 6);
	memcpy(frame->sender_addr, wanted, 4);
	memcpy(frame->dst, frame->target_mac, 6);
	memcpy(frame->src, mac, 6);
}

#endif
