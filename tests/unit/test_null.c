/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "io/engines.h"

static struct io_link link_;
static struct io_port *port;

static struct io_port_options options(unsigned int queues)
{
	struct error error;

	cr_assert_eq(null_ops.find_link("null0", &link_, &error), 0);
	return (struct io_port_options){
		.link = &link_, .tx_queues = queues, .frames = 1024, .frame_len = 74
	};
}

static struct io_txq *open_queue(unsigned int index)
{
	struct io_txq *q = NULL;
	struct error error = { 0 };

	cr_assert_eq(null_ops.tx_open(port, index, &q, &error), 0, "%s", error.text);
	return q;
}

Test(null, every_frame_comes_back_once)
{
	const struct io_port_options opt = options(1);
	uint8_t *frame[128], *back[256];
	uint16_t len[128] = { 0 };
	struct error error;
	struct io_txq *q;
	bool seen[128] = { false };

	cr_assert_eq(null_ops.open(&opt, &port, &error), 0);
	q = open_queue(0);
	cr_assert_geq(q->nframes, opt.frames + q->depth);
	cr_assert_geq(q->stride, 74);
	for (unsigned int i = 0; i < 128; i++)
		frame[i] = q->frames + i * q->stride;
	for (int round = 0; round < 3; round++) {
		memset(seen, 0, sizeof(seen));
		cr_assert_eq(null_ops.tx_submit(q, frame, len, 100), 100);
		cr_assert_eq(null_ops.tx_submit(q, frame + 100, len, 28), 28);
		cr_assert_eq(null_ops.tx_reclaim(q, back, 100), 100);
		cr_assert_eq(null_ops.tx_reclaim(q, back + 100, 156), 28);
		cr_assert_eq(null_ops.tx_reclaim(q, back, 0), 0);
		for (unsigned int i = 0; i < 128; i++) {
			const size_t k = (size_t)(back[i] - q->frames) / q->stride;

			cr_assert_eq(back[i], frame[k]);
			cr_assert_not(seen[k], "frame %zu came back twice", k);
			seen[k] = true;
		}
		cr_assert_eq(null_ops.tx_flush(q), 0);
	}
	null_ops.close(port);
}

Test(null, all_frames_of_a_queue_may_be_out)
{
	const struct io_port_options opt = options(2);
	struct error error;
	struct io_txq *q[2];

	cr_assert_eq(null_ops.open(&opt, &port, &error), 0);
	q[0] = open_queue(0);
	q[1] = open_queue(1);
	cr_assert_neq(q[0]->frames, q[1]->frames);
	for (unsigned int k = 0; k < 2; k++) {
		for (unsigned int i = 0; i < q[k]->nframes; i++) {
			uint8_t *frame = q[k]->frames + i * q[k]->stride;
			const uint16_t len = 74;

			memset(frame, 0xff, q[k]->stride); /* the memory is really there */
			cr_assert_eq(null_ops.tx_submit(q[k], &frame, &len, 1), 1);
		}
	}
	null_ops.close(port);
}

Test(null, has_no_rx_side)
{
	cr_assert_null(null_ops.rx_open);
	cr_assert_null(null_ops.rx_receive);
	cr_assert_not(null_ops.needs_interface);
	options(1);
	cr_assert_eq(link_.rx_queues, 0);
}

Test(null, refuses_queues_that_it_has_not)
{
	struct io_port_options opt = options(65);
	struct error error = { 0 };
	struct io_txq *q;

	cr_assert_eq(null_ops.open(&opt, &port, &error), -EINVAL);
	cr_assert_not_null(strstr(error.text, "65 tx queues asked, 64 is the most"), "%s", error.text);
	opt.tx_queues = 2;
	cr_assert_eq(null_ops.open(&opt, &port, &error), 0);
	cr_assert_eq(null_ops.tx_open(port, 2, &q, &error), -EINVAL);
	null_ops.close(port);
}

Test(null, a_name_that_does_not_fit_is_refused)
{
	char name[IO_NAME_MAX + 1];
	struct error error = { 0 };

	memset(name, 'a', sizeof(name));
	name[IO_NAME_MAX] = '\0';
	cr_assert_eq(null_ops.find_link(name, &link_, &error), -ENAMETOOLONG);
	name[IO_NAME_MAX - 1] = '\0';
	cr_assert_eq(null_ops.find_link(name, &link_, &error), 0);
	cr_assert_str_eq(link_.name, name);
}
