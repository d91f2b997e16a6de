/* SPDX-License-Identifier: Apache-2.0 */
#include "io/sim/world_spec.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "io/sim/bottleneck_spec.h"
#include "io/sim/spec_value.h"

#define KEYS \
	"seed, open, closed, unreach, forged, loss, dup, late, late-by, rtt, bottleneck, capacity, queue, " \
	"seen"

enum value_kind {
	VALUE_SEED,
	VALUE_SHARE,
	VALUE_TIME,
	VALUE_BOTTLENECK,
	VALUE_CAPACITY,
};

static const struct {
	const char *name;
	enum value_kind kind;
	size_t offset; /* in struct world: of a __u64, or of the bottleneck */
} keys[] = {
	{ "seed", VALUE_SEED, offsetof(struct world, seed) },
	{ "open", VALUE_SHARE, offsetof(struct world, open) },
	{ "closed", VALUE_SHARE, offsetof(struct world, closed) },
	{ "unreach", VALUE_SHARE, offsetof(struct world, unreach) },
	{ "forged", VALUE_SHARE, offsetof(struct world, forged) },
	{ "loss", VALUE_SHARE, offsetof(struct world, loss) },
	{ "dup", VALUE_SHARE, offsetof(struct world, dup) },
	{ "late", VALUE_SHARE, offsetof(struct world, late) },
	{ "late-by", VALUE_TIME, offsetof(struct world, late_ns) },
	{ "rtt", VALUE_TIME, offsetof(struct world, rtt_ns) },
	{ "bottleneck", VALUE_BOTTLENECK, offsetof(struct world, bottleneck) },
	{ "capacity", VALUE_CAPACITY, offsetof(struct world, bottleneck) },
	{ "queue", VALUE_TIME, offsetof(struct world, bottleneck.queue_ns) },
};
#define KEY_COUNT (sizeof(keys) / sizeof(keys[0]))

/* What an (address, port) is: it is one of these, or silent. */
static bool is_fate(size_t k)
{
	return keys[k].offset == offsetof(struct world, open) ||
	       keys[k].offset == offsetof(struct world, closed) ||
	       keys[k].offset == offsetof(struct world, unreach) ||
	       keys[k].offset == offsetof(struct world, forged);
}

static int parse_value(size_t k, char *text, struct world *w, struct error *error)
{
	__u64 *out = (__u64 *)(void *)((char *)w + keys[k].offset);

	switch (keys[k].kind) {
	case VALUE_SEED:
		if (spec_seed(text, out))
			return 0;
		return error_set(error, -EINVAL, "--world: seed=%s is not a number of 64 bits, as in seed=1",
				 text);
	case VALUE_SHARE:
		if (spec_share(text, out))
			return 0;
		return error_set(error, -EINVAL,
				 "--world: %s=%s is not a share from 0 to 1, as in %s=0.02 or %s=2%%",
				 keys[k].name, text, keys[k].name, keys[k].name);
	case VALUE_BOTTLENECK:
		return bottleneck_parse_kind(text, &w->bottleneck, error);
	case VALUE_CAPACITY:
		return bottleneck_parse_capacity(text, &w->bottleneck, error);
	default:
		if (spec_time(text, out))
			return 0;
		return error_set(error, -EINVAL,
				 "--world: %s=%s is not a time up to 3600s with its unit, as in %s=5ms "
				 "(ns, us, ms or s)",
				 keys[k].name, text, keys[k].name);
	}
}

struct spec_state {
	struct world *world;
	char *seen_path;
	size_t seen_size;
	unsigned int given; /* bits: keys, and KEY_COUNT for seen */
};

/* One "key=value". */
static int parse_item(struct spec_state *s, char *item, struct error *error)
{
	char *value = strchr(item, '=');
	size_t k = 0;

	if (value == NULL)
		return error_set(error, -EINVAL, "--world: \"%s\" is not KEY=VALUE; the keys are " KEYS,
				 item);
	*value++ = '\0';
	while (k < KEY_COUNT && strcmp(item, keys[k].name) != 0)
		k++;
	if (k == KEY_COUNT && strcmp(item, "seen") != 0)
		return error_set(error, -EINVAL, "--world: there is no key \"%s\"; the keys are " KEYS, item);
	if (s->given >> k & 1)
		return error_set(error, -EINVAL, "--world: %s is given twice", item);
	s->given |= 1u << k;
	if (k < KEY_COUNT)
		return parse_value(k, value, s->world, error);
	if (*value == '\0')
		return error_set(error, -EINVAL, "--world: seen= needs a file name");
	if (strlen(value) >= s->seen_size)
		return error_set(error, -ENAMETOOLONG, "--world: seen=%s is longer than %zu bytes", value,
				 s->seen_size - 1);
	memcpy(s->seen_path, value, strlen(value) + 1);
	return 0;
}

/* Walks the items of spec, which it takes apart. */
static int parse_items(struct spec_state *s, char *spec, struct error *error)
{
	for (char *item = spec, *comma; item != NULL; item = comma) {
		int r;

		comma = strchr(item, ',');
		if (comma != NULL)
			*comma++ = '\0';
		r = parse_item(s, item, error);
		if (r < 0)
			return r;
	}
	return 0;
}

/* "open=1" means it: defaults of what was not given are cut to what is left of all, in the order of the keys. */
static void give_way(const struct spec_state *s)
{
	__u64 left = (__u64)SHARE_ONE;

	for (int given = 1; given >= 0; given--) {
		for (size_t k = 0; k < KEY_COUNT; k++) {
			__u64 *share = (__u64 *)(void *)((char *)s->world + keys[k].offset);

			if (!is_fate(k) || (int)(s->given >> k & 1) != given)
				continue;
			if (!given && *share > left)
				*share = left;
			left -= *share < left ? *share : left;
		}
	}
}

static int check_sum(const struct world *w, struct error *error)
{
	if (w->open + w->closed + w->unreach + w->forged <= (__u64)SHARE_ONE)
		return 0;
	return error_set(error, -EINVAL,
			 "--world: open=%g + closed=%g + unreach=%g + forged=%g is more than 1: lower one "
			 "of them",
			 (double)w->open / SHARE_ONE, (double)w->closed / SHARE_ONE,
			 (double)w->unreach / SHARE_ONE, (double)w->forged / SHARE_ONE);
}

int world_parse(const char *spec, struct world *out, char *seen_path, size_t seen_size, struct error *error)
{
	struct spec_state state = { .world = out, .seen_path = seen_path, .seen_size = seen_size };
	char defaults[] = WORLD_SPEC_DEFAULTS, *copy;
	int r;

	*out = (struct world){ 0 };
	seen_path[0] = '\0';
	r = parse_items(&state, defaults, error);
	if (r < 0 || spec == NULL || spec[0] == '\0')
		return r;
	copy = strdup(spec);
	if (copy == NULL)
		return error_set(error, -ENOMEM, "--world: out of memory");
	state.given = 0;
	r = parse_items(&state, copy, error);
	free(copy);
	if (r < 0)
		return r;
	give_way(&state);
	r = check_sum(out, error);
	return r == 0 ? bottleneck_check(&out->bottleneck, error) : r;
}
