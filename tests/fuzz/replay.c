/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gives the files of a corpus to a fuzz target, without libFuzzer: what was found once stays found, with any compiler.
 *
 *     replay DIRECTORY
 */
#include <dirent.h>
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void replay(const char *directory, const char *name)
{
	char path[4096];
	uint8_t *data;
	size_t size;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	fprintf(stderr, "%s\n", path); /* before it crashes */
	f = fopen(path, "re");
	if (f == NULL || fseek(f, 0, SEEK_END) < 0)
		err(1, "%s", path);
	size = (size_t)ftell(f);
	rewind(f);
	data = malloc(size + (size == 0)); /* of its own, so that a read past the end is seen */
	if (data == NULL || fread(data, 1, size, f) != size)
		err(1, "%s", path);
	fclose(f);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
}

int main(int argc, char **argv)
{
	unsigned int inputs = 0;
	struct dirent *entry;
	DIR *d;

	if (argc != 2)
		errx(1, "usage: replay DIRECTORY");
	d = opendir(argv[1]);
	if (d == NULL)
		err(1, "%s", argv[1]);
	while ((entry = readdir(d)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		replay(argv[1], entry->d_name);
		inputs++;
	}
	closedir(d);
	printf("%u inputs\n", inputs);
	return inputs > 0 ? 0 : 1;
}
