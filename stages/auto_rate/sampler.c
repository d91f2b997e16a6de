/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/auto_rate/sampler.h"

#include <string.h>

#define STOOD_STILL_S 1.0 /* a look over more than this is of a process that was stopped, not of a path */

/* Drops of what comes in: answers of ours among them, as far as a counter can tell. */
static const char *const inbound[] = {
	"kernel_ring_drops",	    "interface_rx_missed",	"xdp_rx_dropped", "xdp_rx_ring_full",
	"xdp_reply_without_socket", "bw_in_allowance_exceeded", "rx_missed",	  "rx_no_mbuf"
};

/* Of frames that were never for us as well, as those of protocols that the kernel does not know. */
static const char *const foreign[] = { "interface_rx_dropped", "linklocal_allowance_exceeded" };

static bool is_one_of(const char *name, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(name, list[i]) == 0)
			return true;
	return false;
}
#define IS_ONE_OF(name, list) is_one_of(name, list, sizeof(list) / sizeof((list)[0]))

static uint64_t since(uint64_t now, uint64_t before)
{
	return now > before ? now - before : 0;
}

static void add(struct sampler *s, const struct reading *r)
{
	size_t i = 0;

	while (i < s->drops && strcmp(s->drop[i].name, r->name) != 0)
		i++;
	if (i == SAMPLER_NAMES)
		return;
	if (i == s->drops)
		s->drop[s->drops++] = (struct reading){ .kind = READING_DROP };
	memcpy(s->drop[i].name, r->name, sizeof(r->name));
	s->drop[i].value += r->value;
}

static void read_drops(struct sampler *s)
{
	struct reading now[2 * SAMPLER_NAMES];

	s->drops = 0;
	for (unsigned int port = 0; port < pipeline_ports(s->pipeline); port++) {
		const size_t n = pipeline_readings(s->pipeline, port, now, sizeof(now) / sizeof(now[0]));

		for (size_t i = 0; i < n; i++)
			if (now[i].kind == READING_DROP && !IS_ONE_OF(now[i].name, foreign))
				add(s, &now[i]);
	}
}

static uint64_t value_of(const struct reading *r, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(r[i].name, name) == 0)
			return r[i].value;
	return 0;
}

static void look_at_drops(struct sampler *s, struct auto_rate_look *look)
{
	struct reading old[SAMPLER_NAMES];
	const size_t olds = s->drops;
	uint64_t most = 0;

	memcpy(old, s->drop, olds * sizeof(old[0]));
	read_drops(s);
	for (size_t i = 0; i < s->drops; i++) {
		const uint64_t n = since(s->drop[i].value, value_of(old, olds, s->drop[i].name));

		if (IS_ONE_OF(s->drop[i].name, inbound))
			look->unheard += n;
		else
			look->lost += n;
		if (n > most)
			look->counter = s->drop[i].name;
		most = n > most ? n : most;
	}
}

static uint64_t firsts(const struct pipeline_stats *s)
{
	uint64_t n = 0;

	for (int k = 0; k < REPLY_CLASSES; k++)
		n += s->class[k];
	return n;
}

void sampler_init(struct sampler *s, struct pipeline *p)
{
	*s = (struct sampler){ .pipeline = p };
	pipeline_counters(p, &s->before);
	read_drops(s);
}

void sampler_look(struct sampler *s, struct auto_rate_look *look)
{
	const struct pipeline_stats before = s->before, *now = &s->before;

	*look = (struct auto_rate_look){ .sent = 0 };
	pipeline_counters(s->pipeline, &s->before);
	look_at_drops(s, look);
	look->seconds = (double)(now->now_ns - before.now_ns) / 1e9;
	look->sent = now->sent - before.sent;
	look->frames = look->sent + now->rst_sent - before.rst_sent;
	look->replies = firsts(now) - firsts(&before);
	look->broken = now->state != PIPELINE_SENDING || now->paused || before.paused ||
		       now->pressed != before.pressed || look->seconds > STOOD_STILL_S;
}
