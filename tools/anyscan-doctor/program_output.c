/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/anyscan-doctor/program_output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void child(const char *const argv[], const char *variable, int to)
{
	/* dup2() takes FD_CLOEXEC off */
	if (dup2(to, STDOUT_FILENO) < 0 || dup2(to, STDERR_FILENO) < 0)
		_exit(126);
	if (variable != NULL)
		putenv((char *)(uintptr_t)variable);
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(126);
}

int program_output(const char *const argv[], const char *variable, char output[OUTPUT_MAX])
{
	char rest[512];
	size_t len = 0;
	int ends[2], status;
	ssize_t n;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		child(argv, variable, ends[1]);
	close(ends[1]);
	/* to its end, lest the program waits for a reader for ever */
	do {
		n = len < OUTPUT_MAX - 1 ? read(ends[0], output + len, OUTPUT_MAX - 1 - len) :
					   read(ends[0], rest, sizeof(rest));
		if (n > 0 && len < OUTPUT_MAX - 1)
			len += (size_t)n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	output[len] = '\0';
	close(ends[0]);
	if (pid < 0)
		return -EAGAIN;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (!WIFEXITED(status))
		return -EINTR;
	return WEXITSTATUS(status) == 126 && len == 0 ? -ENOENT : WEXITSTATUS(status);
}
