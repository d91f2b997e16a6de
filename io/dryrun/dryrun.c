/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Engine dryrun: prints each probe, decoded, in the shape of ZMap's dry run.
 * One write(2) a chunk of probes, whole probes only; a probe is accepted when
 * its text is out, so a full disk or a closed pipe never counts as sent.
 */
#include <errno.h>
#include <stdlib.h>

#include "io/departed.h"
#include "io/dryrun/probe_text.h"
#include "io/engines.h"
#include "io/fixed_link.h"
#include "io/stream.h"

#define DRYRUN_CHUNK 128 /* probes a write: one block */

struct dryrun_port {
	struct io_port port;
	struct io_link link;
	struct io_port_options options;
	struct stream out;
	struct departed queue;
	char text[DRYRUN_CHUNK * PROBE_TEXT_MAX];
};

static int dryrun_find_link(const char *name, struct io_link *link, struct error *error)
{
	return fixed_link(name[0] != '\0' ? name : "-", "dryrun", 1, 0, link, error);
}

static int dryrun_open(const struct io_port_options *options, struct io_port **out, struct error *error)
{
	struct dryrun_port *p;
	int r;

	if (options->tx_queues != 1)
		return error_set(error, -EINVAL,
				 "dryrun: there is one tx queue, not %u: use tx=1 in --stages",
				 options->tx_queues);
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return error_set(error, -ENOMEM, "dryrun: out of memory");
	p->link = *options->link;
	p->options = *options;
	p->port = (struct io_port){ .ops = &dryrun_ops, .link = &p->link, .match = options->match };
	r = stream_open(&p->out, p->link.name, error);
	if (r < 0) {
		free(p);
		return r;
	}
	*out = &p->port;
	return 0;
}

static void dryrun_close(struct io_port *port)
{
	struct dryrun_port *p = (struct dryrun_port *)port;

	stream_close(&p->out);
	departed_fini(&p->queue);
	free(p);
}

static size_t dryrun_stats(struct io_port *port, struct reading *reading, size_t max)
{
	struct dryrun_port *p = (struct dryrun_port *)port;

	if (max < 1)
		return 0;
	reading[0] = (struct reading){ .name = "write_errors",
				       .kind = READING_COUNT,
				       .value = stream_errors(&p->out) };
	return 1;
}

static const char *dryrun_mode(const struct io_port *port)
{
	(void)port;
	return "text";
}

static int dryrun_tx_open(struct io_port *port, unsigned int index, struct io_txq **out, struct error *error)
{
	struct dryrun_port *p = (struct dryrun_port *)port;
	int r;

	if (index != 0)
		return error_set(error, -EINVAL, "dryrun: there is no tx queue %u", index);
	r = departed_init(&p->queue, port, index, &p->options, error);
	if (r == 0)
		*out = &p->queue.txq;
	return r;
}

/* Prints up to DRYRUN_CHUNK probes; returns how many of them are out in whole. */
static unsigned int print_chunk(struct dryrun_port *p, uint8_t *const frame[], const uint16_t len[],
				unsigned int n)
{
	size_t end[DRYRUN_CHUNK], used = 0, written;
	unsigned int whole = n;

	for (unsigned int i = 0; i < n; i++)
		end[i] = used += probe_text(frame[i], len[i], p->text + used);
	written = stream_write(&p->out, p->text, used);
	if (written == used)
		return n;
	while (whole > 0 && end[whole - 1] > written)
		whole--;
	stream_cut(&p->out, written - (whole > 0 ? end[whole - 1] : 0));
	return whole;
}

static unsigned int dryrun_submit(struct io_txq *txq, uint8_t *const frame[], const uint16_t len[],
				  unsigned int n)
{
	struct dryrun_port *p = (struct dryrun_port *)txq->port;
	unsigned int done = 0;

	n = departed_room(&p->queue, n);
	while (done < n && p->out.error == 0) {
		const unsigned int chunk = n - done < DRYRUN_CHUNK ? n - done : DRYRUN_CHUNK;
		done += print_chunk(p, frame + done, len + done, chunk);
	}
	departed_push(&p->queue, frame, done);
	return done;
}

static unsigned int dryrun_flush(struct io_txq *txq)
{
	struct dryrun_port *p = (struct dryrun_port *)txq->port;

	stream_sync(&p->out);
	return 0;
}

const struct io_ops dryrun_ops = {
	.name = "dryrun",
	.summary = "prints every probe, decoded",
	.find_link = dryrun_find_link,
	.open = dryrun_open,
	.close = dryrun_close,
	.stats = dryrun_stats,
	.mode = dryrun_mode,
	.tx_open = dryrun_tx_open,
	.tx_submit = dryrun_submit,
	.tx_reclaim = departed_reclaim,
	.tx_flush = dryrun_flush,
};
