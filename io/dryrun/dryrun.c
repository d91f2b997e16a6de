/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Engine dryrun: prints each probe, decoded, in the shape of ZMap's dry run.
 * One write(2) a chunk of probes, whole probes only; a probe is accepted when
 * its text is out, so a full disk or a closed pipe never counts as sent.
 */
#include <stdlib.h>

#include "io/dryrun/probe_text.h"
#include "io/engines.h"
#include "io/file_port.h"
#include "io/fixed_link.h"

#define DRYRUN_CHUNK 128 /* probes a write: one block */

struct dryrun_port {
	struct file_port file;
	char text[DRYRUN_CHUNK * PROBE_TEXT_MAX];
};

static int dryrun_find_link(const char *name, struct io_link *link, struct error *error)
{
	return fixed_link(name[0] != '\0' ? name : "-", "dryrun", 1, 0, link, error);
}

static int dryrun_open(const struct io_port_options *options, struct io_port **out, struct error *error)
{
	struct file_port *p;
	int r = file_port_open(sizeof(struct dryrun_port), &dryrun_ops, options, &p, error);

	if (r == 0)
		*out = &p->port;
	return r;
}

static void dryrun_close(struct io_port *port)
{
	file_port_close((struct file_port *)port);
}

static const char *dryrun_mode(const struct io_port *port)
{
	(void)port;
	return "text";
}

/* Prints up to DRYRUN_CHUNK probes; returns how many of them are out in whole. */
static unsigned int print_chunk(struct dryrun_port *p, uint8_t *const frame[], const uint16_t len[],
				unsigned int n)
{
	size_t end[DRYRUN_CHUNK], used = 0, written;
	unsigned int whole = n;

	for (unsigned int i = 0; i < n; i++)
		end[i] = used += probe_text(frame[i], len[i], p->text + used);
	written = stream_write(&p->file.out, p->text, used);
	if (written == used)
		return n;
	while (whole > 0 && end[whole - 1] > written)
		whole--;
	stream_cut(&p->file.out, written - (whole > 0 ? end[whole - 1] : 0));
	return whole;
}

static unsigned int dryrun_submit(struct io_txq *txq, uint8_t *const frame[], const uint16_t len[],
				  unsigned int n)
{
	struct dryrun_port *p = (struct dryrun_port *)txq->port;
	unsigned int done = 0;

	n = departed_room(&p->file.queue, n);
	while (done < n && p->file.out.error == 0) {
		const unsigned int chunk = n - done < DRYRUN_CHUNK ? n - done : DRYRUN_CHUNK;
		done += print_chunk(p, frame + done, len + done, chunk);
	}
	departed_push(&p->file.queue, frame, done);
	return done;
}

static unsigned int dryrun_flush(struct io_txq *txq)
{
	struct dryrun_port *p = (struct dryrun_port *)txq->port;

	stream_sync(&p->file.out);
	return 0;
}

const struct io_ops dryrun_ops = {
	.name = "dryrun",
	.summary = "prints every probe, decoded",
	.find_link = dryrun_find_link,
	.open = dryrun_open,
	.close = dryrun_close,
	.stats = file_port_stats,
	.mode = dryrun_mode,
	.tx_open = file_port_tx_open,
	.tx_submit = dryrun_submit,
	.tx_reclaim = departed_reclaim,
	.tx_flush = dryrun_flush,
};
