/* SPDX-License-Identifier: Apache-2.0 */
/* ARP over a wire that is a script: what is asked, how often, and which answers are believed. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "io/arp.h"
#include "io/arp_frame.h"

#define ME 0xc6120001u
#define GATEWAY 0xc6120002u

static const struct io_link link_ = { .name = "wire0", .mac = { 2, 0, 0, 0, 0, 1 }, .addr = ME };

static struct {
	struct arp_frame asked;
	unsigned int sent, heard;
	int send_rc, listen_rc;
	unsigned int answer_from; /* the listening, from 1 on, in which the gateway answers; 0: never */
} script;

static int send_frame(const struct arp_wire *wire, const struct arp_frame *frame)
{
	(void)wire;
	script.asked = *frame;
	script.sent++;
	return script.send_rc;
}

static int listen_until(const struct arp_wire *wire, uint64_t until_ns, arp_taker *take, void *arg)
{
	const uint8_t other[6] = { 2, 0, 0, 0, 9, 9 }, gateway[6] = { 2, 0, 0, 0, 0, 2 };

	(void)wire, (void)until_ns;
	script.heard++;
	cr_assert(!take(arg, ME, other), "nobody asked for our own");
	cr_assert(!take(arg, GATEWAY + 1, other), "another address");
	if (script.heard == script.answer_from)
		cr_assert(take(arg, GATEWAY, gateway), "that is enough");
	return script.listen_rc;
}

static const struct arp_wire wire = { .link = &link_, .send = send_frame, .listen = listen_until };

static int resolve(uint8_t mac[6], struct error *e)
{
	memset(mac, 0, 6);
	return arp_resolve(&wire, GATEWAY, mac, e);
}

Test(arp, request_is_broadcast)
{
	static const uint8_t golden[42] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2,	 0,  0, 0, 0, 1, 0x08, 0x06, /* Ethernet */
		0,    1,    0x08, 0,	6,    4,    0,	 1, /* Ethernet, IPv4, request */
		2,    0,    0,	  0,	0,    1,    198, 18, 0, 1, /* from */
		0,    0,    0,	  0,	0,    0,    198, 18, 0, 2, /* who has */
	};

	cr_assert_eq(arp_ask(&wire, GATEWAY), 0);
	cr_assert_arr_eq(&script.asked, golden, sizeof(golden));
}

Test(arp, only_the_right_sender_is_believed)
{
	uint8_t mac[6];

	script.answer_from = 1;
	cr_assert_eq(resolve(mac, NULL), 0);
	cr_assert_arr_eq(mac, ((uint8_t[]){ 2, 0, 0, 0, 0, 2 }), 6);
	cr_assert_eq(script.sent, 1);
}

Test(arp, asked_again_and_not_for_ever)
{
	struct error e = { .code = 0 };
	uint8_t mac[6];

	script.answer_from = ARP_TRIES;
	cr_assert_eq(resolve(mac, NULL), 0, "the last try counts");
	cr_assert_eq(script.sent, ARP_TRIES);
	script.sent = script.heard = script.answer_from = 0;
	cr_assert_eq(resolve(mac, &e), -ETIMEDOUT);
	cr_assert_eq(script.sent, ARP_TRIES);
	cr_assert(strstr(e.text, "198.18.0.2") != NULL && strstr(e.text, "wire0") != NULL &&
			  strstr(e.text, "--gateway-mac") != NULL,
		  "%s", e.text);
	cr_assert_arr_eq(mac, ((uint8_t[6]){ 0 }), 6);
}

Test(arp, a_full_queue_costs_a_try_and_a_broken_one_all)
{
	uint8_t mac[6];

	script.send_rc = -EAGAIN;
	cr_assert_eq(resolve(mac, NULL), -ETIMEDOUT);
	cr_assert_eq(script.heard, ARP_TRIES);
	script.sent = 0;
	script.send_rc = -ENETDOWN;
	cr_assert_eq(resolve(mac, NULL), -ENETDOWN);
	cr_assert_eq(script.sent, 1);
	script.sent = 0;
	script.send_rc = 0;
	script.listen_rc = -EIO;
	cr_assert_eq(resolve(mac, NULL), -EIO);
	cr_assert_eq(script.sent, 1);
}
