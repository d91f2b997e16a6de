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

#include "io/engines.h"
#include "io/file_port.h"
#include "io/fixed_link.h"

#define PCAP_RECORD_HEADER 16 /* bytes before each frame, draft-ietf-opsawg-pcap section 5 */
#define PCAP_SNAPLEN 65535
#define PCAP_BUFFER 65536 /* most batches are one write(2) */

struct pcap_port {
	struct file_port file;
	size_t written; /* bytes that reached the file since submit began */
	pcap_t *format;
	FILE *stdio; /* owned by dumper once that exists */
	pcap_dumper_t *dumper;
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
	const size_t n = stream_write(&p->file.out, data, size);

	p->written += n;
	return n == size ? (ssize_t)n : 0; /* 0 is how a cookie reports an error, fopencookie(3) */
}

/* Opens the dumper over p->file.out and writes the file header. */
static int start_dump(struct pcap_port *p, struct error *error)
{
	const cookie_io_functions_t functions = { .write = cookie_write };

	p->format =
		pcap_open_dead_with_tstamp_precision(DLT_EN10MB, PCAP_SNAPLEN, PCAP_TSTAMP_PRECISION_NANO);
	if (p->format == NULL)
		return error_set(error, -ENOMEM, "pcap: out of memory");
	p->stdio = fopencookie(p, "w", functions);
	if (p->stdio == NULL || setvbuf(p->stdio, NULL, _IOFBF, PCAP_BUFFER) != 0)
		return error_set(error, -ENOMEM, "pcap: out of memory");
	p->dumper = pcap_dump_fopen(p->format, p->stdio);
	if (p->dumper == NULL)
		return error_set(error, -EIO, "cannot write %s: %s", p->file.link.name,
				 pcap_geterr(p->format));
	if (fflush(p->stdio) != 0)
		return error_set(error, p->file.out.error, "cannot write %s: %s", p->file.link.name,
				 strerror(-p->file.out.error));
	return 0;
}

static void pcap_engine_close(struct io_port *port)
{
	struct pcap_port *p = (struct pcap_port *)port;

	if (p->dumper != NULL)
		pcap_dump_close(p->dumper);
	else if (p->stdio != NULL)
		fclose(p->stdio);
	if (p->format != NULL)
		pcap_close(p->format);
	file_port_close(&p->file);
}

static int pcap_engine_open(const struct io_port_options *options, struct io_port **out, struct error *error)
{
	struct file_port *file;
	int r = file_port_open(sizeof(struct pcap_port), &pcap_ops, options, &file, error);

	if (r < 0)
		return r;
	r = start_dump((struct pcap_port *)file, error);
	if (r < 0) {
		pcap_engine_close(&file->port);
		return r;
	}
	*out = &file->port;
	return 0;
}

static const char *pcap_mode(const struct io_port *port)
{
	(void)port;
	return "file";
}

/* How many of n frames lie whole in the `written` bytes of a batch; the part of the next one is cut off. */
static unsigned int frames_written(struct pcap_port *p, const uint16_t len[], unsigned int n)
{
	size_t left = p->written;
	unsigned int whole = 0;

	while (whole < n && left >= PCAP_RECORD_HEADER + (size_t)len[whole])
		left -= PCAP_RECORD_HEADER + (size_t)len[whole++];
	stream_cut(&p->file.out, left);
	return whole;
}

static unsigned int pcap_submit(struct io_txq *txq, uint8_t *const frame[], const uint16_t len[],
				unsigned int n)
{
	struct pcap_port *p = (struct pcap_port *)txq->port;
	struct pcap_pkthdr header;
	struct timespec now;

	n = departed_room(&p->file.queue, n);
	if (n == 0 || p->file.out.error != 0)
		return 0;
	clock_gettime(CLOCK_REALTIME, &now);
	header.ts.tv_sec = now.tv_sec;
	header.ts.tv_usec = now.tv_nsec; /* nanoseconds, as the file header says */
	p->written = 0;
	for (unsigned int i = 0; i < n; i++) {
		header.caplen = header.len = len[i];
		pcap_dump((u_char *)p->dumper, &header, frame[i]);
	}
	if (fflush(p->stdio) != 0 || p->file.out.error != 0)
		n = frames_written(p, len, n);
	departed_push(&p->file.queue, frame, n);
	return n;
}

static unsigned int pcap_flush(struct io_txq *txq)
{
	struct pcap_port *p = (struct pcap_port *)txq->port;

	stream_sync(&p->file.out);
	return 0;
}

const struct io_ops pcap_ops = {
	.name = "pcap",
	.summary = "writes every frame to a file: pcap:FILE, pcap:- for standard output",
	.find_link = pcap_find_link,
	.open = pcap_engine_open,
	.close = pcap_engine_close,
	.stats = file_port_stats,
	.mode = pcap_mode,
	.tx_open = file_port_tx_open,
	.tx_submit = pcap_submit,
	.tx_reclaim = departed_reclaim,
	.tx_flush = pcap_flush,
};
