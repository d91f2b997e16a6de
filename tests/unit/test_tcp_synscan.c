/* SPDX-License-Identifier: Apache-2.0 */
/* The sending face: what is in the frames. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "anyscan/probe.h"
#include "stages/probes/tcp_synscan_frame.h"

#define ROOM PROBE_FRAME_MAX /* what compose() may touch of a frame */

static const struct probe_identity identity = {
	.src_mac = { 0x02, 0x00, 0x00, 0x00, 0x00, 0x01 },
	.dst_mac = { 0x02, 0x00, 0x00, 0x00, 0x00, 0xfe },
	.saddr = 0xc0000201, /* 192.0.2.1 */
	.sport_first = 32768,
	.sport_last = 61000,
	.ttl = 64,
	.key = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 },
};

static const char *const profile[] = { "smallest-probes", "windows", "linux", "bsd" };
static const uint16_t profile_len[] = { 58, 66, 74, 78 };
#define PROFILES 4

static struct target_block targets;
static uint8_t room[BLOCK_ITEMS][ROOM];
static uint8_t *frame[BLOCK_ITEMS];
static uint16_t len[BLOCK_ITEMS];

static const struct probe_module *module(void)
{
	const struct probe_module *m = probe_find("tcp_synscan");

	cr_assert_not_null(m);
	for (unsigned int i = 0; i < BLOCK_ITEMS; i++)
		frame[i] = room[i];
	memset(room, 0xa5, sizeof(room));
	return m;
}

static struct probe_template template_of(const struct probe_identity *id, const char *args)
{
	struct probe_template t;
	struct error e = { 0 };

	cr_assert_eq(module()->prepare(id, args, &t, &e), 0, "%s", e.text);
	return t;
}

static uint32_t draw(uint64_t *state)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(*state >> 32);
}

static unsigned int at16(const uint8_t *f, unsigned int at)
{
	return (unsigned int)f[at] << 8 | f[at + 1];
}

static uint32_t at32(const uint8_t *f, unsigned int at)
{
	return (uint32_t)at16(f, at) << 16 | at16(f, at + 2);
}

/* One's-complement sum of f[from..to) plus start: 0xffff when a checksum in it is right. */
static unsigned int ones_sum(const uint8_t *f, unsigned int from, unsigned int to, uint32_t start)
{
	for (unsigned int i = from; i < to; i += 2)
		start += at16(f, i);
	while (start > 0xffff)
		start = (start & 0xffff) + (start >> 16);
	return start;
}

static void hex_of(const uint8_t *f, unsigned int n, char *out)
{
	for (unsigned int i = 0; i < n; i++)
		sprintf(out + 2 * i, "%02x", f[i]);
}

/* Decoded and found right, checksums too, by tshark. */
static const char *const golden[PROFILES] = {
	"0200000000fe0200000000010800"
	"4500002c6d1c000040062174c0000201c6336407"
	"da3401bbf0ae2c10000000006002ffffb33b0000"
	"020405b4",
	"0200000000fe0200000000010800"
	"450000346d1c00004006216cc0000201c6336407"
	"da3401bbf0ae2c10000000008002faf08f340000"
	"020405b40103030801010402",
	"0200000000fe0200000000010800"
	"4500003c6d1c000040062164c0000201c6336407"
	"da3401bbf0ae2c1000000000a002faf0a6f50000"
	"020405b40402080affecc1410000000001030307",
	"0200000000fe0200000000010800"
	"450000406d1c000040062160c0000201c6336407"
	"da3401bbf0ae2c1000000000b002ffff90e20000"
	"020405b4010303060101080affecc1410000000004020000",
};

Test(tcp_synscan, golden_frames)
{
	for (unsigned int p = 0; p < PROFILES; p++) {
		const struct probe_template t = template_of(&identity, profile[p]);
		char hex[2 * ROOM + 1];

		targets.daddr[0] = 0xc6336407; /* 198.51.100.7 */
		targets.dport[0] = 443;
		targets.probe = 0;
		module()->compose(&t, &targets, 0, 1, frame, len);
		cr_assert_eq(len[0], profile_len[p], "%s", profile[p]);
		hex_of(frame[0], len[0], hex);
		cr_assert_str_eq(hex, golden[p], "%s", profile[p]);
	}
}

static const struct tcp_synscan_form *plain_form(void)
{
	const struct tcp_synscan_form *form = tcp_synscan_forms;

	while (form[1].name != NULL)
		form++;
	return form;
}

/* Words of all ones and zeros as often as others: there carries and the two zeros of one's complement show. */
static uint32_t edgy(uint64_t *state)
{
	static const uint32_t edge[] = {
		0, 1, 0xffff, 0x10000, 0xffff0000, 0xfffeffff, 0x7fffffff, 0xffffffff
	};
	const uint32_t x = draw(state);

	return x % 2 != 0 ? draw(state) : edge[x >> 8 & 7];
}

/* Byte by byte, and nothing beyond the whole 16 bytes that a frame has room for. */
Test(tcp_synscan, every_form_gives_the_frames_of_the_plain_one)
{
	static uint8_t want[BLOCK_ITEMS][ROOM];
	static uint16_t want_len[BLOCK_ITEMS];
	uint8_t *want_frame[BLOCK_ITEMS];
	uint64_t state = 5;
	unsigned int tested = 0;

	for (unsigned int i = 0; i < BLOCK_ITEMS; i++)
		want_frame[i] = want[i];
	for (const struct tcp_synscan_form *form = tcp_synscan_forms; form->name != NULL; form++) {
		if (!form->supported())
			continue;
		tested++;
		for (unsigned int round = 0; round < 4000; round++) {
			struct probe_identity id = identity;
			const unsigned int n = round <= BLOCK_ITEMS ? round :
								      draw(&state) % (BLOCK_ITEMS + 1);
			const unsigned int first = draw(&state) % (BLOCK_ITEMS + 1 - n);

			id.saddr = edgy(&state);
			id.ttl = (uint8_t)draw(&state);
			id.sport_first = (uint16_t)edgy(&state);
			id.sport_last = (uint16_t)(id.sport_first + draw(&state) % (65536u - id.sport_first));
			id.key = (struct cookie_key){ (uint64_t)draw(&state) << 32 | draw(&state),
						      draw(&state) };
			const struct probe_template t = template_of(&id, profile[round % PROFILES]);

			targets.probe = edgy(&state) % (id.sport_last - id.sport_first + 2u);
			for (unsigned int i = 0; i < BLOCK_ITEMS; i++) {
				targets.daddr[i] = edgy(&state);
				targets.dport[i] = (uint16_t)edgy(&state);
			}
			memset(want, 0xa5, sizeof(want));
			memset(len, 0, sizeof(len));
			memset(want_len, 0, sizeof(want_len));
			plain_form()->fn(&t, &targets, first, n, want_frame, want_len);
			form->fn(&t, &targets, first, n, frame, len);
			cr_assert_arr_eq(len, want_len, sizeof(len), "%s: %u frames", form->name, n);
			cr_assert_arr_eq(room, want, sizeof(room), "%s: %u frames", form->name, n);
		}
	}
	cr_assert_geq(tested, 1);
}

Test(tcp_synscan, the_best_form_is_chosen)
{
	const struct probe_template t = template_of(&identity, NULL);
	const struct tcp_synscan_form *form = tcp_synscan_forms;

	while (!form->supported())
		form++;
	cr_assert_eq(t.form, form);
	cr_assert_str_eq(plain_form()->name, "plain");
	cr_assert(plain_form()->supported());
}

Test(tcp_synscan, windows_is_the_default)
{
	const struct probe_template t = template_of(&identity, NULL),
				    windows = template_of(&identity, "windows");

	cr_assert_eq(t.len, 66);
	cr_assert_arr_eq(t.frame, windows.frame, PROBE_FRAME_MAX);
	cr_assert_eq(probe_modules[0], module());
}

Test(tcp_synscan, bad_arguments_are_named)
{
	struct probe_identity id = identity;
	struct probe_template t;
	struct error e = { 0 };

	cr_assert_eq(module()->prepare(&id, "amiga", &t, &e), -22);
	cr_assert_not_null(strstr(e.text, "\"amiga\""), "%s", e.text);
	cr_assert_not_null(strstr(e.text, "windows, smallest-probes, linux, bsd"), "%s", e.text);
	id.sport_first = 61001;
	cr_assert_eq(module()->prepare(&id, NULL, &t, &e), -22);
	cr_assert_not_null(strstr(e.text, "61001-61000"), "%s", e.text);
}

static void check_frame(const struct probe_template *t, const uint8_t *f, unsigned int flen, uint32_t daddr,
			uint16_t dport)
{
	const uint32_t saddr = t->id.saddr;
	const uint16_t sport = (uint16_t)at16(f, 34);
	const uint32_t pseudo =
		(saddr >> 16) + (saddr & 0xffff) + (daddr >> 16) + (daddr & 0xffff) + 6 + (flen - 34);

	cr_assert_eq(flen, t->len);
	cr_assert_arr_eq(f, t->id.dst_mac, 6);
	cr_assert_arr_eq(f + 6, t->id.src_mac, 6);
	cr_assert_eq(at16(f, 12), 0x0800);
	cr_assert_eq(at16(f, 14), 0x4500);
	cr_assert_eq(at16(f, 16), flen - 14);
	cr_assert_eq(at16(f, 20), 0); /* no fragment, DF clear */
	cr_assert_eq(f[22], t->id.ttl);
	cr_assert_eq(f[23], 6);
	cr_assert_eq(at32(f, 26), saddr);
	cr_assert_eq(at32(f, 30), daddr);
	cr_assert_eq(at16(f, 36), dport);
	cr_assert_geq(sport, t->id.sport_first);
	cr_assert_leq(sport, t->id.sport_last);
	cr_assert_eq(at32(f, 38), cookie(&t->id.key, saddr, daddr, dport, sport));
	cr_assert_eq(at32(f, 42), 0);
	cr_assert_eq(f[46], (flen - 34) / 4 << 4);
	cr_assert_eq(f[47], 0x02); /* SYN */
	cr_assert_eq(ones_sum(f, 14, 34, 0), 0xffff, "IP checksum");
	cr_assert_eq(ones_sum(f, 34, flen, pseudo), 0xffff, "TCP checksum");
}

Test(tcp_synscan, every_frame_of_random_targets_is_whole)
{
	uint64_t state = 4;

	for (unsigned int p = 0; p < PROFILES; p++)
		for (unsigned int round = 0; round < 300; round++) {
			struct probe_identity id = identity;
			const unsigned int n = draw(&state) % (BLOCK_ITEMS + 1);
			const unsigned int first = draw(&state) % (BLOCK_ITEMS + 1 - n);

			id.saddr = draw(&state);
			id.ttl = (uint8_t)draw(&state);
			id.key = (struct cookie_key){ draw(&state), draw(&state) };
			const struct probe_template t = template_of(&id, profile[p]);

			targets.probe = draw(&state) % 3;
			for (unsigned int i = 0; i < BLOCK_ITEMS; i++) {
				targets.daddr[i] = draw(&state);
				targets.dport[i] = (uint16_t)draw(&state);
			}
			module()->compose(&t, &targets, first, n, frame, len);
			for (unsigned int i = 0; i < n; i++)
				check_frame(&t, frame[i], len[i], targets.daddr[first + i],
					    targets.dport[first + i]);
			for (unsigned int i = n; i < BLOCK_ITEMS; i++)
				cr_assert_eq(frame[i][0], 0xa5, "a frame that was not asked for");
		}
}

/* Words of all ones and all zeros, where carries and the two zeros of one's complement show. */
/* history 8 */
Test(tcp_synscan, checksum_corners)
{
	const uint32_t addr[] = { 0, 1, 0xffff, 0x10000, 0xffff0000, 0xffffffff };

	for (unsigned int p = 0; p < PROFILES; p++)
		for (unsigned int i = 0; i < 36; i++) {
			struct probe_identity id = identity;

			id.saddr = addr[i % 6];
			id.sport_first = id.sport_last = i % 2 != 0 ? 65535 : 0;
			const struct probe_template t = template_of(&id, profile[p]);

			targets.daddr[0] = addr[i / 6];
			targets.dport[0] = i % 3 == 0 ? 0 : 65535;
			targets.probe = 0;
			module()->compose(&t, &targets, 0, 1, frame, len);
			check_frame(&t, frame[0], len[0], targets.daddr[0], targets.dport[0]);
		}
}

/* One /24 after the other, as the ports of a range of that size are drawn. */
static void ports_drawn(uint16_t first, uint16_t last, uint32_t probe, unsigned int *drawn)
{
	struct probe_identity id = identity;

	id.sport_first = first;
	id.sport_last = last;
	const struct probe_template t = template_of(&id, "smallest-probes");

	memset(drawn, 0, 65536 * sizeof(*drawn));
	targets.probe = probe;
	for (uint32_t block = 0; block < 8192; block++) {
		for (unsigned int i = 0; i < BLOCK_ITEMS; i++) {
			targets.daddr[i] = 0x0a000000 + block * BLOCK_ITEMS + i;
			targets.dport[i] = 443;
		}
		module()->compose(&t, &targets, 0, BLOCK_ITEMS, frame, len);
		for (unsigned int i = 0; i < BLOCK_ITEMS; i++)
			drawn[at16(frame[i], 34)]++;
	}
}

Test(tcp_synscan, source_ports_fill_the_range_and_nothing_else)
{
	const struct {
		uint16_t first, last;
	} range[] = { { 0, 0 },		{ 65535, 65535 }, { 40000, 40000 }, { 1, 2 },	 { 65534, 65535 },
		      { 65533, 65535 }, { 32768, 32867 }, { 65436, 65535 }, { 0, 65535 } };
	static unsigned int drawn[65536];

	for (unsigned int r = 0; r < sizeof(range) / sizeof(range[0]); r++) {
		const unsigned int size = range[r].last - range[r].first + 1u;
		const double fair = 8192.0 * BLOCK_ITEMS / size;
		unsigned int least = UINT32_MAX, most = 0, inside = 0;

		ports_drawn(range[r].first, range[r].last, size - 1,
			    drawn); /* the largest probe number: wraps */
		for (unsigned int port = range[r].first; port <= range[r].last; port++) {
			least = drawn[port] < least ? drawn[port] : least;
			most = drawn[port] > most ? drawn[port] : most;
			inside += drawn[port];
		}
		cr_assert_eq(inside, 8192 * BLOCK_ITEMS, "%u-%u: a port outside", range[r].first,
			     range[r].last);
		cr_assert_geq(least, fair / 4, "%u-%u: %u", range[r].first, range[r].last, least);
		cr_assert_leq(most, fair * 4, "%u-%u: %u", range[r].first, range[r].last, most);
	}
}

/* zmap#736: the port of probe k is the next one of the range, and the first follows the last. */
Test(tcp_synscan, probes_of_a_target_take_different_ports)
{
	struct probe_identity id = identity;

	id.sport_first = 65530;
	id.sport_last = 65535;
	const struct probe_template t = template_of(&id, "smallest-probes");
	unsigned int previous[BLOCK_ITEMS] = { 0 }, wrapped = 0;

	for (unsigned int i = 0; i < BLOCK_ITEMS; i++) {
		targets.daddr[i] = 0xc6336400 + i;
		targets.dport[i] = 80;
	}
	for (targets.probe = 0; targets.probe < 6; targets.probe++) {
		module()->compose(&t, &targets, 0, BLOCK_ITEMS, frame, len);
		for (unsigned int i = 0; i < BLOCK_ITEMS; i++) {
			const unsigned int port = at16(frame[i], 34);

			if (targets.probe > 0) {
				cr_assert_eq(port, previous[i] == 65535 ? 65530 : previous[i] + 1);
				wrapped += previous[i] == 65535;
			}
			check_frame(&t, frame[i], len[i], targets.daddr[i], 80);
			previous[i] = port;
		}
	}
	cr_assert_gt(wrapped, BLOCK_ITEMS / 2);
}

/* More probes than ports is refused before it comes here; if it came, the ports would start again. */
Test(tcp_synscan, more_probes_than_ports_stay_in_range)
{
	static unsigned int drawn[65536];

	ports_drawn(40000, 40002, 7, drawn);
	cr_assert_eq(drawn[40000] + drawn[40001] + drawn[40002], 8192 * BLOCK_ITEMS);
}

Test(tcp_synscan, ip_id_and_timestamp_look_random)
{
	const struct probe_template t = template_of(&identity, "linux");
	static unsigned int ids[65536], clocks[65536];
	unsigned int distinct_ids = 0, distinct_clocks = 0;

	targets.probe = 0;
	for (uint32_t block = 0; block < 512; block++) {
		for (unsigned int i = 0; i < BLOCK_ITEMS; i++)
			targets.daddr[i] = 0x0a000000 + block * BLOCK_ITEMS + i;
		module()->compose(&t, &targets, 0, BLOCK_ITEMS, frame, len);
		for (unsigned int i = 0; i < BLOCK_ITEMS; i++) {
			distinct_ids += ids[at16(frame[i], 18)]++ == 0;
			distinct_clocks += clocks[at16(frame[i], 64)]++ == 0;
			cr_assert_eq(at16(frame[i], 62), at16(frame[0], 62), "one clock");
		}
	}
	/* 65536 draws from 65536 values meet 1 - 1/e of them: 41427, with a deviation of about 100 */
	cr_assert_geq(distinct_ids, 40900);
	cr_assert_leq(distinct_ids, 41950);
	cr_assert_geq(distinct_clocks, 40900);
	cr_assert_leq(distinct_clocks, 41950);
}

Test(registry, finds_by_name_and_names_every_cause)
{
	cr_assert_null(probe_find("tcp_syn"));
	cr_assert_null(probe_find(""));
	for (const struct probe_module *const *m = probe_modules; *m != NULL; m++)
		cr_assert_eq(probe_find((*m)->name), *m);
	for (unsigned int i = 0; i < REJECT_CAUSES; i++) {
		cr_assert_not_null(reject_names[i]);
		for (unsigned int j = 0; j < i; j++)
			cr_assert_str_neq(reject_names[i], reject_names[j]);
	}
}
