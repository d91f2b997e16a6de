/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Engine pcap: writes frames to a file, in the order of submit.
 *
 * libpcap writes through stdio, which says neither how much got into the file
 * nor when. So stdio writes through a cookie into a stream that counts bytes,
 * and every submit flushes: one write(2) a batch, and a frame is accepted only
 * when all of its record is in the file. After an error the queue accepts
 * nothing; the record that got in by half is cut off again.
 */
#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "io/departed.h"
#include "io/engines.h"
#include "io/fixed_link.h"
#include "io/stream.h"

#define PCAP_RECORD_HEADER 16 /* bytes before each frame, draft-ietf-opsawg-pcap section 5 */
#define PCAP_SNAPLEN 65535
#define PCAP_BUFFER 65536 /* most batches are one write(2) */

struct pcap_port {
	struct io_port port;
	struct io_link link;
	struct io_port_options options;
	struct stream out;
	size_t written; /* bytes that reached the file since submit began */
	pcap_t *format;
	FILE *file; /* owned by dumper once that exists */
	pcap_dumper_t *dumper;
	struct departed queue;
};

static int pcap_find_link(const char *name, struct io_link *link, struct error *error)
{
	if (name[0] == '\0')
		return error_set(error, -EINVAL,
				 "pcap writes to a file: name it, as in --io-engine pcap:probes.pcap "
				 "(pcap:- is standard output)");
	return fixed_link(name, "pcap", 1, 0, link, error);
}

static ssize_t cookie_write(void *cookie, const char *data, size_t size)
{
	struct pcap_port *p = cookie;
	const size_t n = stream_write(&p->out, data, size);

	p->written += n;
	return n == size ? (ssize_t)n : 0; /* 0 is how a cookie reports an error, fopencookie(3) */
}

/* Opens the dumper over p->out and writes the file header. */
static int start_dump(struct pcap_port *p, struct error *error)
{
	const cookie_io_functions_t functions = { .write = cookie_write };

	p->format =
		pcap_open_dead_with_tstamp_precision(DLT_EN10MB, PCAP_SNAPLEN, PCAP_TSTAMP_PRECISION_NANO);
	if (p->format == NULL)
		return error_set(error, -ENOMEM, "pcap: out of memory");
	p->file = fopencookie(p, "w", functions);
	if (p->file == NULL || setvbuf(p->file, NULL, _IOFBF, PCAP_BUFFER) != 0)
		return error_set(error, -ENOMEM, "pcap: out of memory");
	p->dumper = pcap_dump_fopen(p->format, p->file);
	if (p->dumper == NULL)
		return error_set(error, -EIO, "cannot write %s: %s", p->link.name, pcap_geterr(p->format));
	if (fflush(p->file) != 0)
		return error_set(error, p->out.error, "cannot write %s: %s", p->link.name,
				 strerror(-p->out.error));
	return 0;
}

static void pcap_engine_close(struct io_port *port)
{
	struct pcap_port *p = (struct pcap_port *)port;

	if (p->dumper != NULL)
		pcap_dump_close(p->dumper);
	else if (p->file != NULL)
		fclose(p->file);
	if (p->format != NULL)
		pcap_close(p->format);
	stream_close(&p->out);
	departed_fini(&p->queue);
	free(p);
}

static int pcap_engine_open(const struct io_port_options *options, struct io_port **out, struct error *error)
{
	struct pcap_port *p;
	int r;

	if (options->tx_queues != 1)
		return error_set(error, -EINVAL,
				 "pcap: a file has one tx queue, not %u: use tx=1 in --stages",
				 options->tx_queues);
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return error_set(error, -ENOMEM, "pcap: out of memory");
	p->link = *options->link;
	p->options = *options;
	p->port = (struct io_port){ .ops = &pcap_ops, .link = &p->link, .match = options->match };
	r = stream_open(&p->out, p->link.name, error);
	if (r < 0) {
		free(p);
		return r;
	}
	r = start_dump(p, error);
	if (r < 0) {
		pcap_engine_close(&p->port);
		return r;
	}
	*out = &p->port;
	return 0;
}

static size_t pcap_engine_stats(struct io_port *port, struct reading *reading, size_t max)
{
	struct pcap_port *p = (struct pcap_port *)port;

	if (max < 1)
		return 0;
	reading[0] = (struct reading){ .name = "write_errors",
				       .kind = READING_COUNT,
				       .value = stream_errors(&p->out) };
	return 1;
}

static const char *pcap_mode(const struct io_port *port)
{
	(void)port;
	return "file";
}

static int pcap_tx_open(struct io_port *port, unsigned int index, struct io_txq **out, struct error *error)
{
	struct pcap_port *p = (struct pcap_port *)port;
	int r;

	if (index != 0)
		return error_set(error, -EINVAL, "pcap: there is no tx queue %u", index);
	r = departed_init(&p->queue, port, index, &p->options, error);
	if (r == 0)
		*out = &p->queue.txq;
	return r;
}

/* How many of n frames lie whole in the `written` bytes of a batch; the part of the next one is cut off. */
static unsigned int frames_written(struct pcap_port *p, const uint16_t len[], unsigned int n)
{
	size_t left = p->written;
	unsigned int whole = 0;

	while (whole < n && left >= PCAP_RECORD_HEADER + (size_t)len[whole])
		left -= PCAP_RECORD_HEADER + (size_t)len[whole++];
	stream_cut(&p->out, left);
	return whole;
}

static unsigned int pcap_submit(struct io_txq *txq, uint8_t *const frame[], const uint16_t len[],
				unsigned int n)
{
	struct pcap_port *p = (struct pcap_port *)txq->port;
	struct pcap_pkthdr header;
	struct timespec now;

	n = departed_room(&p->queue, n);
	if (n == 0 || p->out.error != 0)
		return 0;
	clock_gettime(CLOCK_REALTIME, &now);
	header.ts.tv_sec = now.tv_sec;
	header.ts.tv_usec = now.tv_nsec; /* nanoseconds, as the file header says */
	p->written = 0;
	for (unsigned int i = 0; i < n; i++) {
		header.caplen = header.len = len[i];
		pcap_dump((u_char *)p->dumper, &header, frame[i]);
	}
	if (fflush(p->file) != 0 || p->out.error != 0)
		n = frames_written(p, len, n);
	departed_push(&p->queue, frame, n);
	return n;
}

static unsigned int pcap_flush(struct io_txq *txq)
{
	struct pcap_port *p = (struct pcap_port *)txq->port;

	stream_sync(&p->out);
	return 0;
}

const struct io_ops pcap_ops = {
	.name = "pcap",
	.summary = "writes every frame to a file: pcap:FILE, pcap:- for standard output",
	.find_link = pcap_find_link,
	.open = pcap_engine_open,
	.close = pcap_engine_close,
	.stats = pcap_engine_stats,
	.mode = pcap_mode,
	.tx_open = pcap_tx_open,
	.tx_submit = pcap_submit,
	.tx_reclaim = departed_reclaim,
	.tx_flush = pcap_flush,
};
