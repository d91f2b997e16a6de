/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/anyscan-pipe/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "anyscan/clock.h"
#include "tools/anyscan-pipe/screen.h"

#define PATIENCE_NS (10 * NS_PER_S) /* for a whole line, and for an answer to be taken */
#define SETTLE_NS NS_PER_S /* a change is in effect by then, or a thread hangs */
#define SETTLE_LOOK_NS 1000000ULL
#define NO_FILES_NS NS_PER_S /* until the next accept(), where there were no descriptors left */

struct client {
	int fd; /* -1: free */
	bool eof; /* says nothing any more, but may still listen */
	bool last; /* nothing is read after the answer on its way */
	uint64_t until_ns;
	uint64_t
		settle_ns; /* the answer is held back until the change is in effect, this long at most; 0: it is not */
	size_t got; /* of line */
	size_t answered, length; /* [answered, length) of answer is to be sent */
	char line[REQUEST_MAX], answer[ANSWER_MAX];
};

struct control {
	struct control_socket socket;
	struct control_actor actor;
	uint64_t accept_ns; /* not before */
	bool unreachable; /* and it was said */
	struct client client[CONTROL_CLIENTS];
};

int control_open(const char *path, const struct control_actor *actor, struct control **out, struct error *e)
{
	struct control *c = calloc(1, sizeof(*c));
	int r;

	if (c == NULL)
		return error_set(e, -ENOMEM, "out of memory");
	c->actor = *actor;
	for (size_t i = 0; i < CONTROL_CLIENTS; i++)
		c->client[i].fd = -1;
	r = control_socket_open(&c->socket, path, e);
	if (r < 0)
		free(c);
	else
		*out = c;
	return r;
}

void control_keep(struct control *c)
{
	struct error e;
	int r;

	if (c == NULL)
		return;
	r = control_socket_keep(&c->socket, &e);
	if (r < 0 && !c->unreachable)
		screen_say(LEVEL_WARNING, "%s", e.text);
	if (r > 0)
		screen_say(LEVEL_WARNING, "--control-socket %s: its file was removed, and is there again",
			   c->socket.path);
	c->unreachable = r < 0;
}

static void put_out(struct client *k)
{
	close(k->fd);
	k->fd = -1;
}

/* What the socket takes of the answer; the rest later. */
static void send_answer(struct client *k)
{
	while (k->settle_ns == 0 && k->answered < k->length) {
		const ssize_t n = send(k->fd, k->answer + k->answered, k->length - k->answered,
				       MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n < 0) {
			put_out(k);
			return;
		}
		k->answered += (size_t)n;
		k->until_ns = clock_mono_ns() + PATIENCE_NS;
	}
}

/* The answer that lies in k->answer is a line from now on. */
static void finish_answer(struct client *k)
{
	for (char *c = k->answer; *c != '\0'; c++)
		*c = *c == '\n' ? ' ' : *c;
	k->length = strnlen(k->answer, ANSWER_MAX - 1);
	k->answer[k->length++] = '\n';
	k->answered = 0;
}

__attribute__((format(printf, 2, 3))) static void say(struct client *k, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(k->answer, ANSWER_MAX, format, args);
	va_end(args);
	finish_answer(k);
}

static bool busy(const struct client *k)
{
	return k->answered < k->length;
}

/* Bytes of the first line, its newline included; 0: there is no whole one. */
static size_t whole_line(const struct client *k)
{
	const char *end = memchr(k->line, '\n', k->got);

	return end != NULL ? (size_t)(end - k->line) + 1 : 0;
}

static void answer_line(struct control *c, struct client *k, size_t line)
{
	struct request request;
	struct error error;

	if (request_parse(k->line, line - 1, &request, &error) != 0) {
		say(k, ANSWER_ERROR "%s", error.text);
	} else {
		k->answer[0] = '\0';
		if (c->actor.answer(c->actor.arg, &request, k->answer, ANSWER_MAX))
			k->settle_ns = clock_mono_ns() + SETTLE_NS;
		finish_answer(k);
		request_free(&request);
	}
	k->got -= line;
	memmove(k->line, k->line + line, k->got);
	k->until_ns = clock_mono_ns() + PATIENCE_NS;
}

static void receive(struct client *k)
{
	const ssize_t n = recv(k->fd, k->line + k->got, REQUEST_MAX - k->got, MSG_DONTWAIT);

	if (n > 0)
		k->got += (size_t)n;
	else if (n == 0)
		k->eof = true;
	else if (errno != EAGAIN && errno != EINTR)
		put_out(k);
}

/* A change that is asked for is answered when it is in effect. */
static void settle(struct control *c, struct client *k)
{
	if (c->actor.settled(c->actor.arg))
		k->settle_ns = 0;
	else if (clock_mono_ns() >= k->settle_ns) {
		k->settle_ns = 0;
		say(k, ANSWER_FAILED "it is set, but a sending thread has not taken it for a second");
	}
}

static void serve_client(struct control *c, struct client *k, bool ready)
{
	size_t line;

	if (k->settle_ns != 0)
		settle(c, k);
	if (!busy(k) && !k->eof && ready && k->got < REQUEST_MAX)
		receive(k);
	if (k->fd < 0)
		return;
	line = busy(k) ? 0 : whole_line(k);
	if (line > 0) {
		answer_line(c, k, line);
	} else if (!busy(k) && k->got == REQUEST_MAX) {
		say(k, ANSWER_ERROR "the line is longer than %d bytes; write several", REQUEST_MAX - 1);
		k->last = true;
	}
	if (busy(k))
		send_answer(k);
	if (k->fd >= 0 && !busy(k) && (k->last || (k->eof && whole_line(k) == 0)))
		put_out(k);
	if (k->fd >= 0 && clock_mono_ns() >= k->until_ns)
		put_out(k);
}

/* One who is not served is told why; what a new socket holds of an answer is more than this. */
static void turn_away(int fd, const char *why)
{
	(void)!send(fd, why, strlen(why), MSG_NOSIGNAL | MSG_DONTWAIT);
	close(fd);
}

static void take_in(struct control *c, int fd)
{
	if (!control_socket_trusts(fd)) {
		turn_away(fd, ANSWER_FAILED "this scan is another user's\n");
		return;
	}
	for (size_t i = 0; i < CONTROL_CLIENTS; i++) {
		struct client *k = &c->client[i];

		if (k->fd >= 0)
			continue;
		k->fd = fd;
		k->eof = k->last = false;
		k->got = k->answered = k->length = 0;
		k->settle_ns = 0;
		k->until_ns = clock_mono_ns() + PATIENCE_NS;
		return;
	}
	turn_away(fd, ANSWER_FAILED "too many connections; try again in a moment\n");
}

static void accept_clients(struct control *c)
{
	for (size_t i = 0; i < CONTROL_CLIENTS; i++) { /* a round; who is behind them comes next */
		const int fd = accept4(c->socket.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd >= 0)
			take_in(c, fd);
		else if (errno != ECONNABORTED && errno != EINTR) {
			if (errno != EAGAIN)
				c->accept_ns = clock_mono_ns() + NO_FILES_NS;
			return;
		}
	}
}

static void no_later(uint64_t *until_ns, uint64_t ns)
{
	if (ns < *until_ns)
		*until_ns = ns;
}

void control_fds(const struct control *c, struct pollfd *fd, uint64_t *until_ns)
{
	const uint64_t now = clock_mono_ns();

	fd[0] = (struct pollfd){ .fd = now >= c->accept_ns ? c->socket.fd : -1, .events = POLLIN };
	if (now < c->accept_ns)
		no_later(until_ns, c->accept_ns);
	for (size_t i = 0; i < CONTROL_CLIENTS; i++) {
		const struct client *k = &c->client[i];

		fd[1 + i] = (struct pollfd){ .fd = -1 };
		if (k->fd < 0)
			continue;
		no_later(until_ns, k->until_ns);
		if (k->settle_ns != 0)
			no_later(until_ns, now + SETTLE_LOOK_NS);
		else if (busy(k))
			fd[1 + i] = (struct pollfd){ .fd = k->fd, .events = POLLOUT };
		else if (k->eof || whole_line(k) > 0)
			no_later(until_ns, now);
		else
			fd[1 + i] = (struct pollfd){ .fd = k->fd, .events = POLLIN };
	}
}

void control_serve(struct control *c, const struct pollfd *fd)
{
	for (size_t i = 0; i < CONTROL_CLIENTS; i++)
		if (c->client[i].fd >= 0)
			serve_client(c, &c->client[i], fd[1 + i].revents != 0);
	if (fd[0].revents != 0)
		accept_clients(c);
}

void control_close(struct control *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < CONTROL_CLIENTS; i++) {
		struct client *k = &c->client[i];

		if (k->fd < 0)
			continue;
		k->settle_ns = 0; /* nothing is sent any more, so it is in effect */
		send_answer(k);
		if (k->fd >= 0)
			put_out(k);
	}
	control_socket_close(&c->socket);
	free(c);
}
