/* SPDX-License-Identifier: Apache-2.0 */
/* A tag stands behind the addresses of all that we send, and changes nothing else. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "anyscan/probe.h"

#define ROOM 256

static const char *const profiles[] = { "smallest-probes", "windows", "linux", "bsd" };
static const uint8_t tag[4] = { 0x81, 0x00, 0x0f, 0xfe }; /* 802.1Q, priority 0, ID 4094 */

static struct probe_template template_of(const char *profile, uint16_t vlan)
{
	const struct probe_identity id = { .src_mac = { 2, 0, 0, 0, 0, 1 },
					   .dst_mac = { 2, 0, 0, 0, 0, 2 },
					   .saddr = 0xc6120001,
					   .sport_first = 32768,
					   .sport_last = 61000,
					   .ttl = 64,
					   .vlan = vlan,
					   .key = { 1, 2 } };
	struct probe_template t;

	cr_assert_eq(probe_find("tcp_synscan")->prepare(&id, profile, &t, NULL), 0);
	return t;
}

static void same_but_for_the_tag(const uint8_t *tagged, const uint8_t *plain, size_t len)
{
	cr_assert_arr_eq(tagged, plain, 12);
	cr_assert_arr_eq(tagged + 12, tag, 4);
	cr_assert_arr_eq(tagged + 16, plain + 12, len - 12);
}

Test(vlan, every_probe_has_it)
{
	static struct target_block targets;
	static uint8_t plain[BLOCK_ITEMS][ROOM], tagged[BLOCK_ITEMS][ROOM];
	uint8_t *a[BLOCK_ITEMS], *b[BLOCK_ITEMS];
	uint16_t a_len[BLOCK_ITEMS], b_len[BLOCK_ITEMS];
	const struct probe_module *module = probe_find("tcp_synscan");

	for (unsigned int i = 0; i < BLOCK_ITEMS; i++) {
		a[i] = plain[i];
		b[i] = tagged[i];
		targets.daddr[i] = 0x08080808 + i * 2654435761u;
		targets.dport[i] = (uint16_t)(i * 40503);
	}
	for (size_t p = 0; p < sizeof(profiles) / sizeof(profiles[0]); p++)
		for (unsigned int n = 0; n <= BLOCK_ITEMS; n++) {
			const struct probe_template x = template_of(profiles[p], 0),
						    y = template_of(profiles[p], 4094);

			cr_assert_eq(probe_frame_len(&y), probe_frame_len(&x) + 4);
			module->compose(&x, &targets, BLOCK_ITEMS - n, n, a, a_len);
			module->compose(&y, &targets, BLOCK_ITEMS - n, n, b, b_len);
			for (unsigned int i = 0; i < n; i++) {
				cr_assert_eq(b_len[i], probe_frame_len(&y));
				same_but_for_the_tag(b[i], a[i], a_len[i]);
			}
		}
}

Test(vlan, what_closes_a_connection_has_it)
{
	const struct control c = {
		.kind = CONTROL_RST, .daddr = 0x08080808, .dport = 443, .sport = 40000, .seq = 0xfffffffe
	};
	const struct probe_template x = template_of("windows", 0), y = template_of("windows", 4094);
	const struct probe_module *module = probe_find("tcp_synscan");
	uint8_t plain[ROOM], tagged[ROOM];
	const uint16_t len = module->answer(&x, &c, plain);

	cr_assert_eq(module->answer(&y, &c, tagged), len + 4);
	cr_assert_leq(len + 4, probe_frame_len(&y));
	same_but_for_the_tag(tagged, plain, len);
}
