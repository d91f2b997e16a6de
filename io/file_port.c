/* SPDX-License-Identifier: Apache-2.0 */
#include "io/file_port.h"

#include <errno.h>
#include <stdlib.h>

int file_port_open(size_t size, const struct io_ops *ops, const struct io_port_options *options,
		   struct file_port **out, struct error *error)
{
	struct file_port *p;
	int r;

	if (options->tx_queues != 1)
		return error_set(error, -EINVAL, "%s: a file has one tx queue, not %u: use tx=1 in --stages",
				 ops->name, options->tx_queues);
	p = calloc(1, size);
	if (p == NULL)
		return error_set(error, -ENOMEM, "%s: out of memory", ops->name);
	p->link = *options->link;
	p->options = *options;
	p->port = (struct io_port){ .ops = ops, .link = &p->link, .match = options->match };
	r = stream_open(&p->out, p->link.name, error);
	if (r < 0) {
		free(p);
		return r;
	}
	*out = p;
	return 0;
}

void file_port_close(struct file_port *p)
{
	stream_close(&p->out);
	departed_fini(&p->queue);
	free(p);
}

size_t file_port_stats(struct io_port *port, struct reading *reading, size_t max)
{
	struct file_port *p = (struct file_port *)port;

	if (max < 1)
		return 0;
	reading[0] = (struct reading){ .name = "write_errors",
				       .kind = READING_COUNT,
				       .value = stream_errors(&p->out) };
	return 1;
}

int file_port_tx_open(struct io_port *port, unsigned int index, struct io_txq **out, struct error *error)
{
	struct file_port *p = (struct file_port *)port;
	int r;

	if (index != 0)
		return error_set(error, -EINVAL, "%s: there is no tx queue %u", port->ops->name, index);
	r = departed_init(&p->queue, port, index, &p->options, error);
	if (r == 0)
		*out = &p->queue.txq;
	return r;
}
