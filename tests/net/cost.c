/* SPDX-License-Identifier: Apache-2.0 */
/*
 *   cost SECONDS COMMAND...
 *
 * Runs a command, kills it after so many seconds, and prints last on standard error: cost CPU-SECONDS MAX-RSS-KB.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t pid;

static void kill_it(int signal)
{
	(void)signal;
	kill(pid, SIGKILL);
}

int main(int argc, char **argv)
{
	struct rusage use;
	int status;

	if (argc < 3)
		return 2;
	pid = fork();
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	signal(SIGALRM, kill_it); /* wait4() goes on after it */
	alarm((unsigned int)atoi(argv[1]));
	if (pid < 0 || wait4(pid, &status, 0, &use) != pid)
		return 2;
	fprintf(stderr, "\ncost %.6f %ld\n",
		(double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
			(double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6,
		use.ru_maxrss);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
