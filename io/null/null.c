/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Engine null: frames vanish. What is left to measure is everything but the
 * wire, so submit and reclaim are two copies of pointers.
 */
#include <errno.h>
#include <stdlib.h>

#include "io/departed.h"
#include "io/engines.h"
#include "io/fixed_link.h"

struct null_port {
	struct io_port port;
	struct io_link link;
	struct io_port_options options;
	struct departed queue[FIXED_LINK_QUEUES];
};

static int null_find_link(const char *name, struct io_link *link, struct error *error)
{
	return fixed_link(name[0] != '\0' ? name : "null0", "null", FIXED_LINK_QUEUES, 0, link, error);
}

static int null_open(const struct io_port_options *options, struct io_port **out, struct error *error)
{
	struct null_port *p;

	if (options->tx_queues > FIXED_LINK_QUEUES)
		return error_set(error, -EINVAL,
				 "null: %u tx queues asked, %u is the most: lower tx= in --stages",
				 options->tx_queues, FIXED_LINK_QUEUES);
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return error_set(error, -ENOMEM, "null: out of memory");
	p->link = *options->link;
	p->options = *options;
	p->port = (struct io_port){ .ops = &null_ops, .link = &p->link, .match = options->match };
	*out = &p->port;
	return 0;
}

static void null_close(struct io_port *port)
{
	struct null_port *p = (struct null_port *)port;

	for (unsigned int i = 0; i < FIXED_LINK_QUEUES; i++)
		departed_fini(&p->queue[i]);
	free(p);
}

static size_t null_stats(struct io_port *port, struct reading *reading, size_t max)
{
	(void)port, (void)reading, (void)max;
	return 0;
}

static const char *null_mode(const struct io_port *port)
{
	(void)port;
	return "discard";
}

static int null_tx_open(struct io_port *port, unsigned int index, struct io_txq **out, struct error *error)
{
	struct null_port *p = (struct null_port *)port;
	int r;

	if (index >= p->options.tx_queues)
		return error_set(error, -EINVAL, "null: there is no tx queue %u", index);
	r = departed_init(&p->queue[index], port, index, &p->options, error);
	if (r == 0)
		*out = &p->queue[index].txq;
	return r;
}

static unsigned int null_submit(struct io_txq *txq, uint8_t *const frame[], const uint16_t len[],
				unsigned int n)
{
	struct departed *d = (struct departed *)txq;

	(void)len;
	n = departed_room(d, n);
	departed_push(d, frame, n);
	return n;
}

const struct io_ops null_ops = {
	.name = "null",
	.summary = "drops every frame: measures all but the wire",
	.find_link = null_find_link,
	.open = null_open,
	.close = null_close,
	.stats = null_stats,
	.mode = null_mode,
	.tx_open = null_tx_open,
	.tx_submit = null_submit,
	.tx_reclaim = departed_reclaim,
	.tx_flush = departed_flush,
};
