/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The TCP options of a SYN as the stacks of the world send them. What a SYN
 * offers decides who answers: middleboxes drop SYNs without options, and a
 * probe that looks like an operating system reaches more hosts than the
 * smallest one. Names and frame lengths are ZMap's.
 */
#ifndef PROBES_TCP_OPTIONS_H
#define PROBES_TCP_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#define TCP_OPTIONS_MAX 40 /* RFC 9293 3.1: a data offset of 15 words */

struct tcp_options {
	const char *name; /* as in --probe-args */
	uint16_t window;
	uint8_t len; /* bytes, a multiple of 4 */
	uint8_t ts_val; /* offset of the timestamp's value, which varies per probe; 0: no timestamps */
	uint8_t bytes[TCP_OPTIONS_MAX];
};

extern const struct tcp_options tcp_options[]; /* the first is the default; ends with name NULL */

const struct tcp_options *tcp_options_find(const char *name); /* or NULL */

#endif
