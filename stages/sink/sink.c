/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sink formats into one 64 KiB buffer and writes it when it is full or when the queues run dry, so that a
 * fast scan costs a write per thousands of records, and a slow one shows each record at once.
 *
 * An output that fails (disk full, reader gone) does not end the stage: the sink keeps taking blocks and
 * counts them as lost, so that nobody upstream waits for ever; whoever watches sink_state() ends the scan.
 */
#include "stages/sink/sink.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "anyscan/clock.h"
#include "rings/lines.h"
#include "rings/waker.h"
#include "stages/classify/result_queue.h"
#include "stages/sink/output_files.h"
#include "stages/sink/sync.h"

#define SINK_BUFFER (64 * 1024)
#define SINK_BLOCKS_PER_STEP 64 /* between two looks at the other inputs */

struct sink {
	struct stage stage;
	struct sink_options options;
	bool *ended; /* one per input */
	unsigned int open; /* inputs whose END has not come */
	size_t used; /* bytes in buffer */
	uint64_t pending; /* records in buffer */
	uint64_t successes; /* of them */
	uint64_t due_ns; /* when the file being written has to be complete, of a row of files */
	pthread_mutex_t lock; /* of position: taken once for a buffer */
	struct sink_position position;
	/* read by any thread */
	counter written, bytes, lost;
	int error;
	char buffer[SINK_BUFFER + OUTPUT_RECORD_MAX];
};

/* Writes all of buf; returns bytes that got out, with *error set when that is not all. */
static size_t write_fully(int fd, const char *buf, size_t size, int *error)
{
	size_t done = 0;

	while (done < size) {
		const ssize_t n = write(fd, buf + done, size - done);

		if (n >= 0) {
			done += (size_t)n;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			struct pollfd wait = { .fd = fd, .events = POLLOUT };

			poll(&wait, 1, -1);
		} else if (errno != EINTR) {
			*error = -errno;
			break;
		}
	}
	return done;
}

/* Every module writes a record as one line, so lines that did not get out are records that did not. */
static uint64_t count_lines(const char *text, size_t size)
{
	const char *end = text + size;
	uint64_t lines = 0;

	while (text < end && (text = memchr(text, '\n', (size_t)(end - text))) != NULL) {
		lines++;
		text++;
	}
	return lines;
}

static void sink_fail(struct sink *s, int error)
{
	if (s->error != 0)
		return;
	__atomic_store_n(&s->error, error, __ATOMIC_RELEASE);
	if (s->options.failed != NULL)
		waker_notify(s->options.failed);
}

/* Bytes of the file's last line when it has no end: of what this write got out, as the one before ended with a line. */
static size_t cut_record(const char *text, size_t size)
{
	const char *newline = memrchr(text, '\n', size);

	return newline != NULL ? size - (size_t)(newline + 1 - text) : size;
}

/* Takes back the part of a record that a full disk took; returns bytes. Whoever reads the file finds whole lines. */
static size_t take_back(const struct sink *s, size_t done)
{
	const size_t cut = cut_record(s->buffer, done);
	const off_t end = lseek(s->options.fd, 0, SEEK_CUR) - (off_t)cut;

	if (cut == 0 || end < 0 || ftruncate(s->options.fd, end) != 0 ||
	    lseek(s->options.fd, end, SEEK_SET) != end)
		return 0;
	return cut;
}

static void sink_write(struct sink *s)
{
	uint64_t lost = 0;
	int error = 0;
	size_t done;

	if (s->used == 0)
		return;
	if (s->options.before_write != NULL)
		s->options.before_write(s->options.hook);
	done = write_fully(s->options.fd, s->buffer, s->used, &error);
	if (s->options.after_write != NULL)
		s->options.after_write(s->options.hook);

	if (error != 0) {
		/* the header line may be among those left: it is no record */
		lost = count_lines(s->buffer + done, s->used - done);
		lost = lost < s->pending ? lost : s->pending;
		if (s->options.own_file)
			done -= take_back(s, done);
		sink_fail(s, error);
	}
	if (s->options.files != NULL)
		output_files_wrote(s->options.files, done, s->pending - lost, s->successes);
	pthread_mutex_lock(&s->lock);
	s->position.bytes += done;
	s->position.records += s->pending - lost;
	s->position.successes += s->successes;
	pthread_mutex_unlock(&s->lock);
	counter_add(&s->bytes, done);
	counter_add(&s->written, s->pending - lost);
	counter_add(&s->lost, lost);
	s->used = 0;
	s->pending = 0;
	s->successes = 0;
}

/*
 * A row of files: the next one, its header first. It begins with its first record, so that none stays empty; in a row
 * that is held at once, so that there always is one that is locked.
 */
static bool sink_begin_file(struct sink *s)
{
	struct sink_options *o = &s->options;
	const int rc = output_files_begin(o->files);

	if (rc < 0) {
		sink_fail(s, rc);
		return false;
	}
	o->fd = output_files_fd(o->files);
	s->due_ns = UINT64_MAX;
	if (o->header)
		s->used = o->module->header(o->fields, o->nfields, s->buffer, SINK_BUFFER);
	return true;
}

/* A file that could not take all appears, too: what is in it counts as written, and is whole records. */
static void sink_end_file(struct sink *s)
{
	struct sink_options *o = &s->options;
	int rc;

	sink_write(s);
	if (o->fd < 0)
		return;
	o->fd = -1;
	s->due_ns = UINT64_MAX;
	rc = output_files_complete(o->files);
	if (rc < 0)
		sink_fail(s, rc);
	else if (output_files_held(o->files) && s->open > 0)
		sink_begin_file(s);
}

/*
 * A network file system or a quota may say no only now. Costs the disk's time once; whoever ends the process need not
 * wait for it.
 */
static void sink_sync(struct sink *s)
{
	int rc;

	if (s->options.files != NULL)
		sink_end_file(s);
	else if (s->options.own_file && (rc = file_sync(s->options.fd)) < 0)
		sink_fail(s, rc);
}

static size_t sink_format(struct sink *s, const struct record *r)
{
	const struct sink_options *o = &s->options;

	return o->module->format(o->fields, o->nfields, r, s->buffer + s->used);
}

/* Formats the record to where it belongs in a row of files; returns its bytes, 0: there is no file for it. */
static size_t sink_format_rotated(struct sink *s, const struct record *r)
{
	struct output_files *files = s->options.files;
	size_t n;

	if (s->options.fd < 0 && !sink_begin_file(s))
		return 0;
	n = sink_format(s, r);
	if (output_files_full(files, s->used + n, s->pending > 0)) {
		sink_end_file(s);
		if (s->error != 0 || (s->options.fd < 0 && !sink_begin_file(s)))
			return 0;
		n = sink_format(s, r);
	}
	if (s->due_ns == UINT64_MAX && output_files_interval(files) > 0)
		s->due_ns = clock_mono_ns() + output_files_interval(files);
	return n;
}

static void sink_block(struct sink *s, const struct record_block *b)
{
	const bool rotated = s->options.files != NULL;
	size_t n = 0;

	for (uint32_t i = 0; i < b->count; i++) {
		if (s->error == 0)
			n = rotated ? sink_format_rotated(s, &b->record[i]) : sink_format(s, &b->record[i]);
		if (s->error != 0) {
			counter_add(&s->lost, b->count - i);
			return;
		}
		s->used += n;
		s->pending++;
		s->successes += b->record[i].success;
		if (s->used >= SINK_BUFFER)
			sink_write(s);
	}
}

/* Takes what is ready on input i. Returns blocks taken. */
static size_t sink_drain(struct sink *s, unsigned int i, size_t *items)
{
	struct result_queue *q = s->options.in[i];
	struct record_block *b;
	size_t blocks = 0;

	while (blocks < SINK_BLOCKS_PER_STEP && (b = result_queue_pop(q)) != NULL) {
		blocks++;
		*items += b->count;
		sink_block(s, b);
		if ((b->flags & BLOCK_END) != 0 && !s->ended[i]) {
			s->ended[i] = true;
			s->open--;
		}
		result_queue_recycle(q, b);
	}
	return blocks;
}

static size_t sink_step(struct stage *stage)
{
	struct sink *s = (struct sink *)stage;
	size_t blocks = 0, items = 0;

	for (unsigned int i = 0; i < s->options.ins; i++)
		if (!s->ended[i])
			blocks += sink_drain(s, i, &items);
	if (blocks == 0 || s->open == 0)
		sink_write(s);
	if (s->open == 0 && !stage->done) {
		sink_sync(s);
		stage->done = true;
	}
	if (s->due_ns != UINT64_MAX && clock_mono_ns() >= s->due_ns)
		sink_end_file(s);
	stage->wake_at = s->due_ns;
	if (blocks == 0)
		counter_add(&stage->counters.starved_in, 1);
	counter_add(&stage->counters.items, items);
	/* an END block without records is work too: the caller must not sleep on it */
	return items > 0 ? items : blocks;
}

static const struct stage_ops sink_ops = {
	.name = "sink",
	.step = sink_step,
};

struct stage *sink_create(const struct sink_options *o)
{
	struct sink *s = lines_alloc(sizeof(*s));

	if (s == NULL)
		return NULL;
	memset(s, 0, sizeof(*s));
	s->ended = calloc(o->ins > 0 ? o->ins : 1, sizeof(*s->ended));
	if (s->ended == NULL)
		goto free_sink;
	s->lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
	s->stage.ops = &sink_ops;
	s->stage.fd = -1;
	s->stage.wake_at = WAKE_NEVER;
	s->options = *o;
	s->open = o->ins;
	s->due_ns = UINT64_MAX;
	if (o->files != NULL)
		s->options.fd = output_files_fd(o->files);
	if (o->header)
		s->used = o->module->header(o->fields, o->nfields, s->buffer, SINK_BUFFER);
	return &s->stage;

free_sink:
	free(s);
	return NULL;
}

void sink_destroy(struct stage *stage)
{
	struct sink *s = (struct sink *)stage;

	if (s == NULL)
		return;
	free(s->ended);
	free(s);
}

struct sink_position sink_position(struct stage *stage)
{
	struct sink *s = (struct sink *)stage;
	struct sink_position at;

	pthread_mutex_lock(&s->lock);
	at = s->position;
	pthread_mutex_unlock(&s->lock);
	return at;
}

struct sink_state sink_state(const struct stage *stage)
{
	const struct sink *s = (const struct sink *)stage;
	const struct output_files_state row = s->options.files != NULL ?
						      output_files_state(s->options.files) :
						      (struct output_files_state){ 0 };

	return (struct sink_state){
		.files = row.count,
		.first_file = row.first,
		.last_file = row.last,
		.written = counter_read(&s->written),
		.bytes = counter_read(&s->bytes),
		.lost = counter_read(&s->lost),
		.error = __atomic_load_n(&s->error, __ATOMIC_ACQUIRE),
	};
}
