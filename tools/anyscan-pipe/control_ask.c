/* SPDX-License-Identifier: Apache-2.0 */
/* anyscan-pipe ctl: the other end of --control-socket. */
#include "tools/anyscan-pipe/control_ask.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "tools/anyscan-pipe/control.h"

#define PATIENCE_S 15 /* more than a scan has with us */

static enum exit_code complain(enum exit_code code, const char *what)
{
	fprintf(stderr, "anyscan-pipe ctl: %s\n", what);
	return code;
}

/* "VERB VALUE..." as one line. False: it is none. */
static bool join(char *const *word, int words, char line[REQUEST_MAX])
{
	size_t n = 0;

	for (int i = 0; i < words; i++) {
		const size_t len = strlen(word[i]);

		if (n + len + 2 > REQUEST_MAX || strpbrk(word[i], "\r\n") != NULL)
			return false;
		if (i > 0)
			line[n++] = ' ';
		memcpy(line + n, word[i], len);
		n += len;
	}
	line[n++] = '\n';
	line[n] = '\0';
	return true;
}

static int dial(const char *path, struct error *e)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	struct sockaddr_un a;
	int fd;

	if (control_address(path, &a, e) < 0)
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0) {
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	}
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&a, sizeof(a)) == 0)
		return fd;
	if (errno == ENOENT || errno == ECONNREFUSED)
		error_set(e, -errno, "nobody listens at %s; a scan does with --control-socket %s", path,
			  path);
	else
		error_set(e, -errno, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

/* The answer, without its newline. False: none came. */
static bool ask(int fd, const char *line, char answer[ANSWER_MAX])
{
	size_t n = 0;

	/* who is turned away finds the socket shut, and the reason to be read all the same */
	(void)!send(fd, line, strlen(line), MSG_NOSIGNAL);
	while (n < ANSWER_MAX - 1 && memchr(answer, '\n', n) == NULL) {
		const ssize_t got = recv(fd, answer + n, ANSWER_MAX - 1 - n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		n += (size_t)got;
	}
	answer[n] = '\0';
	answer[strcspn(answer, "\n")] = '\0';
	return true;
}

enum exit_code control_ask(int argc, char *const *argv)
{
	char line[REQUEST_MAX + 1], answer[ANSWER_MAX];
	struct error e;
	bool answered;
	int fd;

	if (argc < 2)
		return complain(EXIT_COMMAND,
				"write anyscan-pipe ctl SOCKET VERB, as rate 2M, pause, resume, "
				"exclude 203.0.113.0/24, status, checkpoint or stop");
	if (!join(argv + 1, argc - 1, line))
		return complain(EXIT_COMMAND, "the request is no line, or too long");
	fd = dial(argv[0], &e);
	if (fd < 0)
		return complain(e.code == -ENAMETOOLONG ? EXIT_COMMAND : EXIT_HOST, e.text);
	answered = ask(fd, line, answer);
	close(fd);
	if (!answered)
		return complain(EXIT_HOST, "no answer: the scan has ended, or hangs");
	if (strncmp(answer, ANSWER_ERROR, strlen(ANSWER_ERROR)) == 0)
		return complain(EXIT_COMMAND, answer + strlen(ANSWER_ERROR));
	if (strncmp(answer, ANSWER_FAILED, strlen(ANSWER_FAILED)) == 0)
		return complain(EXIT_HOST, answer + strlen(ANSWER_FAILED));
	puts(answer);
	return fflush(stdout) == 0 ? EXIT_DONE : EXIT_RESULTS;
}
