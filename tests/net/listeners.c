/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listeners PORT[,PORT...]: listens on all addresses, says "ready", and sleeps
 * until it is killed. Nothing is accepted: with syncookies a SYN leaves no state.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: listeners PORT[,PORT...]\n");
		return 1;
	}
	for (char *port = strtok(argv[1], ","); port != NULL; port = strtok(NULL, ",")) {
		const struct sockaddr_in any = { .sin_family = AF_INET,
						 .sin_port = htons((uint16_t)atoi(port)) };
		const int fd = socket(AF_INET, SOCK_STREAM, 0);

		if (fd < 0 || bind(fd, (const struct sockaddr *)&any, sizeof(any)) != 0 ||
		    listen(fd, 4096) != 0) {
			perror(port);
			return 1;
		}
	}
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}
