/* SPDX-License-Identifier: Apache-2.0 */
#include "io/sim/sim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/engines.h"
#include "rings/lines.h"

#define SIM_RING_MIN 8192u
#define SIM_RING_MAX (1u << 20) /* 32 MiB */
#define SIM_ANSWERS_PER_MS 4096 /* of one queue: about 10 Mpps of the default world */

static const char *const sim_count_names[SIM_COUNTS] = {
	[SIM_FRAMES] = "world_frames",
	[SIM_SILENT] = "world_silent",
	[SIM_OPEN] = "world_open",
	[SIM_CLOSED] = "world_closed",
	[SIM_UNREACH] = "world_unreach",
	[SIM_FORGED] = "world_forged",
	[SIM_LOST] = "world_lost",
	[SIM_DUPLICATED] = "world_duplicated",
	[SIM_LATE] = "world_late",
	[SIM_BAD_CHECKSUM] = "bad_checksum",
	[SIM_NOT_A_PROBE] = "not_a_probe",
	[SIM_RESETS] = "world_resets",
	[SIM_BOTTLENECK] = "world_bottleneck",
	[SIM_TARGETS] = "world_targets",
	[SIM_REPEATS] = "world_repeats",
};

static int sim_find_link(const char *name, struct io_link *link, struct error *error)
{
	return fixed_link(name[0] != '\0' ? name : "sim0", "sim", FIXED_LINK_QUEUES, FIXED_LINK_QUEUES, link,
			  error);
}

/* Answers in flight are rate x delay; a ring that is too small slows the sender down, it loses nothing. */
static unsigned int ring_size_for(uint64_t delay_ns)
{
	const uint64_t ms = delay_ns / 1000000 + 1;
	unsigned int size = SIM_RING_MIN;

	while (size < SIM_RING_MAX && size < ms * SIM_ANSWERS_PER_MS)
		size *= 2;
	return size;
}

static int lane_init(struct sim_lane *lane, unsigned int size)
{
	lane->slot = aligned_alloc(CACHE_LINE, (size_t)size * sizeof(*lane->slot));
	if (lane->slot == NULL)
		return -ENOMEM;
	ck_ring_init(&lane->ring, size);
	return 0;
}

static void sim_close(struct io_port *port)
{
	struct sim_port *p = (struct sim_port *)port;

	for (unsigned int i = 0; i < FIXED_LINK_QUEUES; i++) {
		if (p->rx[i] != NULL)
			free(p->rx[i]->lane);
		free(p->rx[i]);
		if (p->tx[i] != NULL)
			departed_fini(&p->tx[i]->departed);
		free(p->tx[i]);
	}
	for (unsigned int i = 0; p->lane != NULL && i < 2 * p->options.tx_queues; i++)
		free(p->lane[i].slot);
	free(p->lane);
	seen_close(p->seen);
	free(p);
}

/* The lanes of all tx queues; without rx queues there are none, and answers vanish. */
static int open_lanes(struct sim_port *p, unsigned int ring_size)
{
	const struct world *w = &p->world;
	const unsigned int prompt = ring_size != 0 ? ring_size : ring_size_for(w->rtt_ns);
	const unsigned int late = ring_size != 0 ? ring_size : ring_size_for(w->rtt_ns + w->late_ns);
	const size_t bytes = 2 * p->options.tx_queues * sizeof(*p->lane);
	int r = 0;

	p->lane = lines_alloc(bytes);
	if (p->lane == NULL)
		return -ENOMEM;
	for (unsigned int i = 0; i < p->options.tx_queues && p->options.rx_queues > 0 && r == 0; i++) {
		r = lane_init(&p->lane[2 * i], prompt);
		if (r == 0 && w->late > 0)
			r = lane_init(&p->lane[2 * i + 1], late);
	}
	return r;
}

int sim_open_sized(const struct io_port_options *options, unsigned int ring_size, struct io_port **out,
		   struct error *error)
{
	struct sim_port *p;
	int r;

	if (options->tx_queues == 0 || options->tx_queues > FIXED_LINK_QUEUES ||
	    options->rx_queues > FIXED_LINK_QUEUES)
		return error_set(error, -EINVAL,
				 "sim: %u tx and %u rx queues asked, %u is the most: lower tx= and rx= "
				 "in --stages",
				 options->tx_queues, options->rx_queues, FIXED_LINK_QUEUES);
	if (options->world == NULL)
		return error_set(error, -EINVAL, "sim: there is no world to scan: give --world");
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return error_set(error, -ENOMEM, "sim: out of memory");
	p->link = *options->link;
	p->options = *options;
	p->world = *options->world;
	bottleneck_init(&p->bottleneck, &p->world.bottleneck);
	p->port = (struct io_port){ .ops = &sim_ops, .link = &p->link, .match = options->match };
	if (open_lanes(p, ring_size) < 0) {
		r = error_set(error, -ENOMEM, "sim: out of memory for the answers of %u queues",
			      options->tx_queues);
		goto close_port;
	}
	if (options->world_seen != NULL && options->world_seen[0] != '\0') {
		r = seen_open(options->world_seen, &p->seen, error);
		if (r < 0)
			goto close_port;
	}
	*out = &p->port;
	return 0;

close_port:
	sim_close(&p->port);
	return r;
}

static int sim_open(const struct io_port_options *options, struct io_port **out, struct error *error)
{
	return sim_open_sized(options, 0, out, error);
}

static void name_count(const struct sim_port *p, unsigned int c, struct reading *reading)
{
	/* a policer is what clouds have, and they tell of it by this name */
	const bool told = c == SIM_BOTTLENECK && p->world.bottleneck.kind == BOTTLENECK_POLICER;

	*reading = (struct reading){ .kind = told ? READING_DROP : READING_COUNT };
	snprintf(reading->name, sizeof(reading->name), "%s",
		 told ? "pps_allowance_exceeded" : sim_count_names[c]);
}

static size_t sim_stats(struct io_port *port, struct reading *reading, size_t max)
{
	struct sim_port *p = (struct sim_port *)port;
	const unsigned int counts = p->seen != NULL ? SIM_COUNTS : SIM_TARGETS;
	struct reading replies = { .name = "world_replies", .kind = READING_COUNT };
	size_t n = 0;

	for (unsigned int c = 0; c < counts && n < max; c++) {
		if (c == SIM_BOTTLENECK && p->world.bottleneck.kind == BOTTLENECK_NONE)
			continue;
		name_count(p, c, &reading[n]);
		for (unsigned int i = 0; i < p->options.tx_queues; i++)
			if (p->tx[i] != NULL)
				reading[n].value += counter_read(&p->tx[i]->count[c]);
		n++;
	}
	for (unsigned int i = 0; i < p->options.rx_queues; i++)
		if (p->rx[i] != NULL)
			replies.value += counter_read(&p->rx[i]->replies);
	if (n < max)
		reading[n++] = replies;
	if (p->seen != NULL && n < max)
		reading[n++] = (struct reading){ "world_unkept", READING_COUNT, seen_unkept(p->seen) };
	return n;
}

static const char *sim_mode(const struct io_port *port)
{
	(void)port;
	return "in-process world";
}

static int sim_tx_open(struct io_port *port, unsigned int index, struct io_txq **out, struct error *error)
{
	struct sim_port *p = (struct sim_port *)port;
	struct sim_txq *q;
	int r;

	if (index >= p->options.tx_queues)
		return error_set(error, -EINVAL, "sim: there is no tx queue %u", index);
	q = lines_alloc(sizeof(*q));
	if (q == NULL)
		return error_set(error, -ENOMEM, "sim: out of memory");
	r = departed_init(&q->departed, port, index, &p->options, error);
	if (r < 0) {
		free(q);
		return r;
	}
	q->port = p;
	q->prompt = &p->lane[2 * index];
	q->late = &p->lane[2 * index + 1];
	p->tx[index] = q;
	*out = &q->departed.txq;
	return 0;
}

static int sim_rx_open(struct io_port *port, unsigned int index, struct io_rxq **out, struct error *error)
{
	struct sim_port *p = (struct sim_port *)port;
	struct sim_rxq *q;

	if (index >= p->options.rx_queues)
		return error_set(error, -EINVAL, "sim: there is no rx queue %u", index);
	q = lines_alloc(sizeof(*q));
	if (q == NULL)
		return error_set(error, -ENOMEM, "sim: out of memory");
	q->rxq = (struct io_rxq){ .port = port, .index = index, .fd = -1 };
	q->port = p;
	q->lane = calloc(2 * p->options.tx_queues, sizeof(struct sim_lane *));
	if (q->lane == NULL) {
		free(q);
		return error_set(error, -ENOMEM, "sim: out of memory");
	}
	for (unsigned int i = index; i < p->options.tx_queues; i += p->options.rx_queues)
		for (unsigned int k = 2 * i; k < 2 * i + 2; k++)
			if (p->lane[k].slot != NULL)
				q->lane[q->lanes++] = &p->lane[k];
	p->rx[index] = q;
	*out = &q->rxq;
	return 0;
}

const struct io_ops sim_ops = {
	.name = "sim",
	.summary = "a simulated internet in this process (--world): no root, no NIC",
	.find_link = sim_find_link,
	.open = sim_open,
	.close = sim_close,
	.stats = sim_stats,
	.mode = sim_mode,
	.tx_open = sim_tx_open,
	.rx_open = sim_rx_open,
	.tx_submit = sim_submit,
	.tx_reclaim = departed_reclaim,
	.tx_flush = departed_flush,
	.rx_receive = sim_receive,
	.rx_release = sim_release,
	.rx_next = sim_next,
};
