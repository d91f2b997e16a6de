/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Classic BPF, which any owner of a packet socket may attach: to our address, and ICMP or one of our ports. Inner
 * VLAN tags (QinQ) are not looked behind; the outermost tag is gone before a filter runs.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "io/af_packet/filter.h"

#define ALL_OF_IT 0x40000
#define ETHERTYPE 12
#define IP ETH_HLEN
#define FRAGMENT (IP + 6)
#define PROTOCOL (IP + 9)
#define DADDR (IP + 16)

int classic_filter_attach(const struct io_match *match, int fd)
{
	struct sock_filter code[] = {
		/*  0 */ BPF_STMT(BPF_LD | BPF_H | BPF_ABS, ETHERTYPE),
		/*  1 */ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 0, 12),
		/*  2 */ BPF_STMT(BPF_LD | BPF_W | BPF_ABS, DADDR),
		/*  3 */ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, match->local_addr, 0, 10),
		/*  4 */ BPF_STMT(BPF_LD | BPF_H | BPF_ABS, FRAGMENT),
		/*  5 */ BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x1fff, 8, 0),
		/*  6 */ BPF_STMT(BPF_LD | BPF_B | BPF_ABS, PROTOCOL),
		/*  7 */ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMP, 5, 0),
		/*  8 */ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, match->ip_proto, 0, 5),
		/*  9 */ BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, IP), /* x = length of the IP header */
		/* 10 */ BPF_STMT(BPF_LD | BPF_H | BPF_IND, IP + 2), /* destination port of TCP and UDP */
		/* 11 */ BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, match->port_first, 0, 2),
		/* 12 */ BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, match->port_last, 1, 0),
		/* 13 */ BPF_STMT(BPF_RET | BPF_K, ALL_OF_IT),
		/* 14 */ BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0 ? -errno : 0;
}
