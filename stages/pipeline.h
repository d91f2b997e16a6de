/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pipeline: builds the graph of stages and edges from a plan, runs its
 * threads, and walks it through its states:
 *
 *   SENDING -> COOLDOWN (the last probe is on the wire) -> DRAINING (rx ends, END marks flow) -> DONE
 *
 * tx ends with its last probe, but where replies are answered (RSTs): then it lives through the cooldown and ends
 * after rx.
 *
 * All calls belong to the set-up thread, which must call pipeline_advance() when pipeline_fd() is readable or at the
 * time that pipeline_advance() returned.
 */
#ifndef STAGES_PIPELINE_H
#define STAGES_PIPELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "anyscan/counters.h"
#include "anyscan/error.h"
#include "anyscan/io.h"
#include "anyscan/probe.h"
#include "anyscan/record.h"
#include "anyscan/stage.h"
#include "io/netlink/neighbours.h"
#include "stages/classify/filter.h"
#include "stages/gen/domain.h"
#include "stages/gen/walk.h"
#include "stages/plan.h"
#include "stages/sink/sink.h"

#define PIPELINE_PORTS_MAX 64

enum dedup_method {
	DEDUP_FULL,
	DEDUP_WINDOW,
	DEDUP_NONE
};

struct pipeline_port { /* one NIC */
	const struct io_ops *ops;
	struct io_link link; /* identity, overrides applied */
	const struct neighbours *neighbours; /* or NULL */
};

struct pipeline_options {
	/* what */
	const struct domain *domain;
	uint64_t seed;
	uint32_t shard, shards; /* 0-based */
	const struct interval *remaining; /* of the shard, from a checkpoint; NULL: all of it */
	size_t nremaining;
	uint64_t max_targets; /* of this run; UINT64_MAX: all */
	uint32_t probes; /* per target */
	uint64_t spacing_ns; /* from one of them to the next, at least; 0: at once */
	uint64_t spaced_ns; /* how long ago the last probe to `remaining` of a later pass was at the latest */
	const struct probe_module *module;
	const char *probe_args; /* or NULL */
	struct cookie_key key;
	uint16_t sport_first, sport_last;
	uint8_t ttl;
	bool rst; /* close what SYN-ACKs have opened; nothing for a module or an engine that has none to close */
	uint16_t vlan; /* tag of every probe; 0: none */
	/* how */
	double rate; /* probes/s; RATE_MAX */
	double cooldown_s;
	const struct pipeline_port *ports;
	unsigned int nports;
	/*
	 * Called when all queues are open, before anything is composed: fills in of ports[i] what only the open port can
	 * ask for, link.gateway_mac and neighbours. NULL: they are known. 0, or negative errno and *error.
	 */
	int (*meet)(void *arg, unsigned int port, struct io_port *, struct error *);
	void *meet_arg;
	const struct world *world; /* sim */
	const char *world_seen;
	const char *xdp_mode; /* af_xdp: what must be granted; NULL: the best there is */
	struct plan_request plan;
	/* results */
	enum dedup_method dedup;
	size_t dedup_memory, result_buffer; /* bytes */
	const struct filter *filter;
	uint64_t max_results; /* UINT64_MAX: no limit; records that pass the filter */
	struct sink_options output; /* in/ins are filled by the pipeline */
};

enum pipeline_state {
	PIPELINE_SENDING,
	PIPELINE_COOLDOWN,
	PIPELINE_DRAINING,
	PIPELINE_DONE
};

struct pipeline;

/* The plan that pipeline_open() will choose here. 0, then plan_free() it; or negative errno. */
int pipeline_plan_make(const struct pipeline_options *, struct plan *, struct error *);

/*
 * Opens ports and queues and builds the graph: all that needs rights. No thread runs yet, so that rights dropped now
 * are dropped for all of them.
 */
int pipeline_open(const struct pipeline_options *, struct pipeline **, struct error *);
/* Starts the threads, once. After a failure only pipeline_destroy() is left. */
int pipeline_run(struct pipeline *, struct error *);

int pipeline_fd(const struct pipeline *); /* readable: something changed */
/* Moves the state on. *next_ns: CLOCK_MONOTONIC time of the next deadline, or UINT64_MAX. */
enum pipeline_state pipeline_advance(struct pipeline *, uint64_t *next_ns);

/* A thread could not start its stages: 0, or the negative errno. The scan is over then. */
int pipeline_failed(const struct pipeline *);

/*
 * For checkpoints. What no probe has left for, as ledger_remaining() fills it: up to pipeline_parts_max() parts in
 * order. Returns how many, or -EAGAIN: ask again.
 */
int pipeline_remaining(const struct pipeline *, struct interval *part, uint64_t *probes);
size_t pipeline_parts_max(const struct pipeline *);
struct interval pipeline_shard(const struct pipeline *);
uint64_t pipeline_exponent(const struct pipeline *, uint64_t ahead); /* as ledger_exponent() */

/*
 * Whether what had arrived when pipeline_flush_start() was called is in the output: ask every few milliseconds. A
 * record that was lost counts as arrived; pipeline_stats() tells of it. No mark flows through the rings: the counters
 * of each stage tell when it is through with what the stage before had pushed.
 */
void pipeline_flush_start(struct pipeline *);
bool pipeline_flushed(struct pipeline *);

/* No record was lost so far, and none was left out for max_results. */
bool pipeline_results_whole(const struct pipeline *);

/*
 * Between pipeline_open() and pipeline_run(): this target has answered in an earlier run. False: it is not in the
 * domain.
 */
bool pipeline_mark_answered(struct pipeline *, uint32_t addr, uint16_t port, bool success);

/* What became of the results so far; pipeline_fd() tells when the output fails. */
struct sink_state pipeline_output(const struct pipeline *);
struct sink_position
pipeline_written(const struct pipeline *); /* whole records; nothing where there is no sink */

void pipeline_set_rate(struct pipeline *, double rate);
double pipeline_rate(const struct pipeline *);

/*
 * A pause holds every probe; answers to replies go on. It is over as if it had not been: no burst, no debt, and its time
 * is none of sending. 0 or -ENOMEM: nothing has changed.
 */
int pipeline_pause(struct pipeline *);
int pipeline_resume(struct pipeline *);
bool pipeline_paused(const struct pipeline *);
uint64_t pipeline_paused_ns(const struct pipeline *); /* of the time of sending so far */

/*
 * Addresses that no probe goes to from now on; replies to earlier probes are still results. Their probes count as
 * pipeline_stats.excluded and are settled in the ledger as if sent. In effect when pipeline_policy_taken() says so: no
 * probe to them is handed to an engine after that. Between pipeline_open() and pipeline_run() too.
 */
#define EXCLUSIONS_MAX 4096 /* calls' ranges, all together: each policy carries them */
struct exclusion { /* closed range, host order */
	uint32_t first, last;
	uint64_t since_ns; /* CLOCK_REALTIME */
};
/* set: normalised. 0, -ENOSPC or -ENOMEM with *e: nothing has changed. */
int pipeline_exclude(struct pipeline *, const struct ranges *set, uint64_t since_ns, struct error *);
/* In the order they came, but for calls that named nothing new. Valid until the next pipeline_exclude(). */
const struct exclusion *pipeline_exclusions(const struct pipeline *, size_t *count);

/* Every tx has stepped with the last change of rate, pause, exclusions or stop, or has ended. */
bool pipeline_policy_taken(const struct pipeline *);

void pipeline_stop(struct pipeline *); /* ends gen; what is in flight is sent, then cooldown */
void pipeline_skip_cooldown(
	struct pipeline *); /* ends sending and waiting; everything received is still written */

/*
 * The process stood still for so long, as SIGSTOP makes it, and nobody took replies: a cooldown that runs is that much
 * longer. While a machine is suspended CLOCK_MONOTONIC stands still too, and there is nothing to make up for.
 */
void pipeline_stood_still(struct pipeline *, uint64_t ns);

/* Ends every thread after its current step, whatever is on the edges: for an engine that takes no more frames. */
void pipeline_abort(struct pipeline *);

/* Joins the threads, if any run (state DONE), and frees everything. */
void pipeline_destroy(struct pipeline *);

/* One consistent look for status and metadata. Strings stay valid until pipeline_destroy(). */
struct stage_stats {
	const char *name; /* "gen", ... */
	unsigned int index;
	uint64_t items, stalled, starved;
	double busy; /* share of the time since start, 0..1 */
};
struct edge_stats {
	const char *name;
	uint64_t items, blocks, stalled, starved;
	unsigned int pool;
};
struct pipeline_stats {
	enum pipeline_state state;
	uint64_t now_ns, start_ns, send_end_ns; /* CLOCK_MONOTONIC; send_end 0 while sending */
	uint64_t receive_end_ns; /* the same: rx was told to end; 0 before */
	uint64_t paused_ns; /* of the time of sending */
	bool paused;
	double rate; /* probes/s; RATE_MAX */
	uint64_t targets_total; /* of this shard (about), or max_targets */
	uint64_t progress, progress_total; /* exponents leased of the interval */
	uint64_t sent, refused, unresolved;
	uint64_t excluded; /* probes to addresses that were excluded while it ran: not sent */
	uint64_t abandoned; /* probes that a stop did not wait for */
	uint64_t spared; /* probes to targets that an earlier one had found: not sent */
	uint64_t rst_sent,
		rst_dropped; /* answers to SYN-ACKs; those that found no room, or no time before the end */
	uint64_t pressed; /* steps of tx that waited for the result path */
	uint64_t received; /* frames looked at */
	uint64_t valid; /* replies that validate */
	uint64_t success, results; /* unique successes; records that passed the filter */
	uint64_t duplicates;
	uint64_t class[REPLY_CLASSES]; /* valid replies, first of their target */
	uint64_t rejects[REJECT_CAUSES];
	uint64_t
		send_lost; /* of sent: refused by the kernel for good, sum of READING_SEND_LOST; among the drops */
	uint64_t drops; /* outside the process, sum of READING_DROP */
	uint64_t results_lost;
	struct sink_state output;
	bool dedup_exact;
	const char *
		limit; /* what holds the scan back: a stage's name, "rate", "output", "pause", "spacing"; "none" after the last probe */
};
void pipeline_stats(struct pipeline *, struct pipeline_stats *);
/* The same without a limit, which is about the time since pipeline_stats() was called last. */
void pipeline_counters(struct pipeline *, struct pipeline_stats *);

/* How long it has been sending, pauses left out. */
static inline uint64_t pipeline_sending_ns(const struct pipeline_stats *s)
{
	const uint64_t end = s->send_end_ns != 0 ? s->send_end_ns : s->now_ns;

	return end > s->start_ns + s->paused_ns ? end - s->start_ns - s->paused_ns : 0;
}

/* For metadata: fill up to max, return how many there are. */
size_t pipeline_stage_stats(struct pipeline *, struct stage_stats *, size_t max);
size_t pipeline_edge_stats(struct pipeline *, struct edge_stats *, size_t max);
/* Counters of port i, below pipeline_ports(), now (0 = how many ports have none); `before` = those taken at start. */
unsigned int pipeline_ports(const struct pipeline *);
size_t pipeline_readings(struct pipeline *, unsigned int port, struct reading *, size_t max);
size_t pipeline_readings_before(struct pipeline *, unsigned int port, struct reading *, size_t max);
/* False: the engine sees the link of that port down. */
bool pipeline_link_up(struct pipeline *, unsigned int port);
const char *pipeline_io_mode(struct pipeline *, unsigned int port);
/* "transparent huge pages", of the port's first queue; NULL: the engine does not tell. */
const char *pipeline_frame_memory(struct pipeline *, unsigned int port);
const struct plan *pipeline_plan(const struct pipeline *);

#endif
