/* SPDX-License-Identifier: Apache-2.0 */
/*
 * faults FILE CALL=ERRNO[@BYTES]... -- COMMAND...
 *
 * Runs COMMAND; of its calls on FILE those that are named fail: fsync=EIO, close=EDQUOT, write=EDQUOT@4096 once that
 * many bytes were written. What comes only late from a file system, or only with a quota that a kernel may lack, comes
 * here every time. Needs no root: the calls stop in a seccomp filter, and this program answers them
 * (seccomp_unotify(2)).
 */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define CALLS_MAX 4
#define STACK (256 * 1024)

static struct {
	int number, error;
	uint64_t room; /* bytes that are still written */
} calls[CALLS_MAX];
static int ncalls, listener = -1;
static char **command;
static scmp_filter_ctx filter;

static void quit(const char *what)
{
	perror(what);
	exit(125);
}

static int error_number(const char *name)
{
	for (int e = 1; e < 134; e++)
		if (strerrorname_np(e) != NULL && strcmp(strerrorname_np(e), name) == 0)
			return e;
	fprintf(stderr, "faults: there is no error %s\n", name);
	exit(125);
}

static void parse(char *text)
{
	char *error = strchr(text, '='), *room;

	if (error == NULL || ncalls == CALLS_MAX) {
		fprintf(stderr, "faults: %s is not CALL=ERRNO[@BYTES]\n", text);
		exit(125);
	}
	*error++ = '\0';
	room = strchr(error, '@');
	if (room != NULL)
		*room++ = '\0';
	calls[ncalls].number = seccomp_syscall_resolve_name(text);
	calls[ncalls].error = error_number(error);
	calls[ncalls++].room = room != NULL ? strtoull(room, NULL, 10) : 0;
}

/* Shares memory and files with its parent, which sleeps until the exec and then finds the listener open. */
static int child(void *unused)
{
	(void)unused;
	filter = seccomp_init(SCMP_ACT_ALLOW);
	for (int i = 0; i < ncalls; i++)
		if (seccomp_rule_add(filter, SCMP_ACT_NOTIFY, calls[i].number, 0) != 0)
			_exit(125);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || seccomp_load(filter) != 0)
		_exit(125);
	listener = seccomp_notify_fd(filter);
	execvp(command[0], command);
	_exit(127);
}

static int is_on(const struct seccomp_notif *n, const char *file)
{
	char link[64], path[4096];
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/%u/fd/%d", n->pid, (int)n->data.args[0]);
	len = readlink(link, path, sizeof(path) - 1);
	path[len > 0 ? len : 0] = '\0';
	return strcmp(path, file) == 0;
}

static void answer(const struct seccomp_notif *n, struct seccomp_notif_resp *r, const char *file)
{
	r->id = n->id;
	r->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	for (int i = 0; i < ncalls; i++) {
		if (calls[i].number != n->data.nr || !is_on(n, file))
			continue;
		if (calls[i].room >= n->data.args[2] && calls[i].room > 0) {
			calls[i].room -= n->data.args[2];
			continue;
		}
		r->flags = 0;
		r->error = -calls[i].error;
	}
}

int main(int argc, char **argv)
{
	struct seccomp_notif_resp *resp;
	struct seccomp_notif *notif;
	struct pollfd fd = { .events = POLLIN };
	static char stack[STACK];
	int i = 2, status;
	pid_t pid;

	while (i < argc && strcmp(argv[i], "--") != 0)
		parse(argv[i++]);
	if (i + 1 >= argc || argv[1][0] != '/') {
		fputs("faults /FILE CALL=ERRNO[@BYTES]... -- COMMAND...\n", stderr);
		return 125;
	}
	command = argv + i + 1;
	pid = clone(child, stack + STACK, CLONE_VM | CLONE_VFORK | CLONE_FILES | SIGCHLD, NULL);
	if (pid < 0 || seccomp_notify_alloc(&notif, &resp) != 0)
		quit("faults");
	fd.fd = listener;
	while (listener >= 0 && poll(&fd, 1, -1) >= 0 && (fd.revents & POLLIN) != 0) {
		memset(notif, 0, sizeof(*notif));
		memset(resp, 0, sizeof(*resp));
		if (seccomp_notify_receive(listener, notif) != 0)
			continue;
		answer(notif, resp, argv[1]);
		seccomp_notify_respond(listener, resp);
	}
	seccomp_notify_free(notif, resp);
	seccomp_release(filter);
	if (waitpid(pid, &status, 0) != pid)
		quit("waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
