/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Marks are made in a shared mapping, so they are the kernel's as soon as the
 * instruction retires: nothing has to be written at exit. The bits of a port
 * are found through a table of pointers, filled when a port is first met.
 *
 * A new slot is made under a mutex (our threads) and flock(2) (other
 * processes): first the file grows, then the port appears in the table, so a
 * table entry always has its bits, whenever the writer is killed.
 */
#include "io/sim/seen.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEEN_TABLE 16 /* offset of port[] */
#define SEEN_READ 65536 /* bytes that seen_count() reads at once */

struct seen {
	int fd;
	uint8_t *header; /* mapped */
	pthread_mutex_t growing;
	uint64_t unkept;
	uint8_t *slot[SEEN_PORTS]; /* mapped, or NULL */
	uint8_t *bits[65536]; /* by port: its slot, NULL = not looked up yet, or NOT_KEPT */
};

#define NOT_KEPT ((uint8_t *)MAP_FAILED) /* a port that got no slot */

static uint32_t *table_entry(const struct seen *s, unsigned int k)
{
	return (uint32_t *)(void *)(s->header + SEEN_TABLE) + k;
}

static off_t slot_offset(unsigned int k)
{
	return (off_t)(SEEN_HEADER + k * SEEN_SLOT);
}

/* Writes the header of an empty file, or checks what is there. Under flock. */
static int check_header(int fd, const char *path, struct error *error)
{
	char magic[SEEN_TABLE] = { 0 };
	struct stat st;

	if (fstat(fd, &st) != 0)
		goto failed;
	if (!S_ISREG(st.st_mode))
		return error_set(error, -EINVAL, "%s: a map of targets seen must be a regular file", path);
	if (st.st_size == 0) {
		if (ftruncate(fd, SEEN_HEADER) != 0 ||
		    pwrite(fd, SEEN_MAGIC, sizeof(magic), 0) != sizeof(magic))
			goto failed;
		return 0;
	}
	if (pread(fd, magic, sizeof(magic), 0) != sizeof(magic) ||
	    memcmp(magic, SEEN_MAGIC, sizeof(magic)) != 0 || st.st_size < SEEN_HEADER)
		return error_set(error, -EINVAL, "%s exists and is no map of targets seen: name another file",
				 path);
	return 0;
failed:;
	const int e = errno;
	return error_set(error, -e, "cannot write %s: %s", path, strerror(e));
}

int seen_open(const char *path, struct seen **out, struct error *error)
{
	struct seen *s = calloc(1, sizeof(*s));
	void *header;
	int r;

	if (s == NULL)
		return error_set(error, -ENOMEM, "%s: out of memory", path);
	s->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (s->fd < 0) {
		r = error_set(error, -errno, "cannot open %s: %s", path, strerror(errno));
		goto free_seen;
	}
	if (flock(s->fd, LOCK_EX) != 0) {
		r = error_set(error, -errno, "cannot lock %s: %s", path, strerror(errno));
		goto close_fd;
	}
	r = check_header(s->fd, path, error);
	flock(s->fd, LOCK_UN);
	if (r < 0)
		goto close_fd;
	header = mmap(NULL, SEEN_HEADER, PROT_READ | PROT_WRITE, MAP_SHARED, s->fd, 0);
	if (header == MAP_FAILED) {
		r = error_set(error, -errno, "cannot map %s: %s", path, strerror(errno));
		goto close_fd;
	}
	s->header = header;
	pthread_mutex_init(&s->growing, NULL);
	*out = s;
	return 0;

close_fd:
	close(s->fd);
free_seen:
	free(s);
	return r;
}

void seen_close(struct seen *s)
{
	if (s == NULL)
		return;
	for (unsigned int k = 0; k < SEEN_PORTS; k++)
		if (s->slot[k] != NULL)
			munmap(s->slot[k], SEEN_SLOT);
	munmap(s->header, SEEN_HEADER);
	pthread_mutex_destroy(&s->growing);
	close(s->fd);
	free(s);
}

/* The slot of the port, or -1: it has none. */
static int find_slot(const struct seen *s, uint16_t port)
{
	for (unsigned int k = 0; k < SEEN_PORTS; k++) {
		const uint32_t entry = le32toh(__atomic_load_n(table_entry(s, k), __ATOMIC_ACQUIRE));

		if (entry == (uint32_t)port + 1)
			return (int)k;
		if (entry == 0)
			return -1; /* slots are filled in order */
	}
	return -1;
}

/* Gives the port a slot. Under both locks. -1: no slot is free, or the file cannot grow. */
static int make_slot(struct seen *s, uint16_t port)
{
	unsigned int k = 0;
	struct stat st;

	while (k < SEEN_PORTS && __atomic_load_n(table_entry(s, k), __ATOMIC_RELAXED) != 0)
		k++;
	if (k == SEEN_PORTS || fstat(s->fd, &st) != 0)
		return -1;
	if (st.st_size < slot_offset(k + 1) && ftruncate(s->fd, slot_offset(k + 1)) != 0)
		return -1;
	__atomic_store_n(table_entry(s, k), htole32((uint32_t)port + 1), __ATOMIC_RELEASE);
	return (int)k;
}

/* The slow path of a port's first use: its bits, NULL when it has no slot and none is wanted, or NOT_KEPT. */
static uint8_t *attach(struct seen *s, uint16_t port, bool create)
{
	uint8_t *bits = NOT_KEPT;
	int k;

	pthread_mutex_lock(&s->growing);
	k = find_slot(s, port);
	if (k < 0 && create && flock(s->fd, LOCK_EX) == 0) {
		k = find_slot(s, port); /* another process may have been faster */
		if (k < 0)
			k = make_slot(s, port);
		flock(s->fd, LOCK_UN);
	}
	if (k < 0 && !create) {
		pthread_mutex_unlock(&s->growing);
		return NULL;
	}
	if (k >= 0 && s->slot[k] == NULL) {
		void *map = mmap(NULL, SEEN_SLOT, PROT_READ | PROT_WRITE, MAP_SHARED, s->fd,
				 slot_offset((unsigned int)k));
		s->slot[k] = map != MAP_FAILED ? map : NULL;
	}
	if (k >= 0 && s->slot[k] != NULL)
		bits = s->slot[k];
	__atomic_store_n(&s->bits[port], bits, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&s->growing);
	return bits;
}

bool seen_mark(struct seen *s, uint32_t addr, uint16_t port)
{
	uint8_t *bits = __atomic_load_n(&s->bits[port], __ATOMIC_ACQUIRE);
	const uint8_t bit = (uint8_t)(1u << (addr & 7));

	if (bits == NULL)
		bits = attach(s, port, true);
	if (bits == NOT_KEPT) {
		__atomic_fetch_add(&s->unkept, 1, __ATOMIC_RELAXED);
		return true;
	}
	return (__atomic_fetch_or(&bits[addr >> 3], bit, __ATOMIC_RELAXED) & bit) == 0;
}

uint64_t seen_unkept(const struct seen *s)
{
	return __atomic_load_n(&s->unkept, __ATOMIC_RELAXED);
}

bool seen_test(struct seen *s, uint32_t addr, uint16_t port)
{
	uint8_t *bits = __atomic_load_n(&s->bits[port], __ATOMIC_ACQUIRE);

	if (bits == NULL)
		bits = attach(s, port, false);
	if (bits == NULL || bits == NOT_KEPT)
		return false;
	return (__atomic_load_n(&bits[addr >> 3], __ATOMIC_RELAXED) >> (addr & 7) & 1) != 0;
}

/* Bits set in file bytes [at, end). */
static uint64_t count_bytes(int fd, off_t at, off_t end)
{
	uint64_t word[SEEN_READ / sizeof(uint64_t)], count = 0;

	while (at < end) {
		const size_t want = (size_t)(end - at < SEEN_READ ? end - at : SEEN_READ);
		ssize_t n;

		memset(word, 0, sizeof(word));
		n = pread(fd, word, want, at);
		if (n <= 0)
			break;
		for (unsigned int i = 0; i < (size_t)(n + 7) / 8; i++)
			count += (uint64_t)__builtin_popcountll(word[i]);
		at += n;
	}
	return count;
}

uint64_t seen_count(struct seen *s, uint16_t port)
{
	const int k = find_slot(s, port);
	uint64_t count = 0;
	off_t at, end, hole;

	if (k < 0)
		return 0;
	at = slot_offset((unsigned int)k);
	end = slot_offset((unsigned int)k + 1);
	/* Holes are skipped, not read: on tmpfs a read through the mapping would fill them with pages. */
	for (; (at = lseek(s->fd, at, SEEK_DATA)) >= 0 && at < end; at = hole) {
		hole = lseek(s->fd, at, SEEK_HOLE);
		if (hole < 0 || hole > end)
			hole = end;
		count += count_bytes(s->fd, at, hole);
	}
	return count;
}
