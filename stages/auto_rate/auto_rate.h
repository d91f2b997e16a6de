/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --rate auto: finds the rate that the way to the targets carries, and follows it. Pure: no clock and no I/O; it is
 * told what was counted since the last look, about AUTO_RATE_LOOK_S apart, and answers with a rate.
 *
 * It begins at the floor and doubles (RAMP) until something is lost, goes back to just below what got through, and
 * stays there (HOLD). From time to time it tries a little more (TRIAL), and looks back at a tenth less (CONTROL),
 * whose hit rate is the control sample: losses that nobody counts show as answers that are missing at the rate but not
 * below it. Three answers to three causes, never mixed up:
 *
 *   CLEAN    nothing holds it: raise
 *   CPU      the sending threads do not keep the pace that is asked for: hold. What was not sent is not lost
 *   NETWORK  probes or answers are lost: back off, in proportion to the loss. A few drops change nothing
 *
 * Backing off for missing answers is a question, too: if as many are missing at the lower rate, the targets have
 * become fewer and not the path narrower, and it goes back to where it was.
 */
#ifndef AUTO_RATE_AUTO_RATE_H
#define AUTO_RATE_AUTO_RATE_H

#include <stdbool.h>
#include <stdint.h>

#include "stages/auto_rate/hits.h"

#define AUTO_RATE_LOOK_S 0.2
#define AUTO_RATE_NAME_MAX 48 /* as struct reading's */

struct auto_rate_range { /* probes/s, 0 < floor <= ceiling: never left */
	double floor, ceiling;
};

struct auto_rate_look { /* counted since the look before */
	double seconds;
	uint64_t sent; /* probes that the engine has taken */
	uint64_t frames; /* that went at the rate: probes, and what answers replies */
	uint64_t replies; /* validated, first of their target */
	uint64_t lost; /* probes that the NIC, the kernel or the cloud says it has dropped */
	uint64_t unheard; /* frames that came and found no room at our end */
	const char *counter; /* that counted most of them; NULL: none has */
	bool broken; /* of no use: paused, held back by the output, or the process stood still */
};

enum auto_rate_state {
	AUTO_RATE_CLEAN,
	AUTO_RATE_CPU,
	AUTO_RATE_NETWORK,
	AUTO_RATE_STATES,
};
extern const char *const auto_rate_state_names[AUTO_RATE_STATES];

#define AUTO_RATE_HITRATE "hitrate" /* the cause, where answers are missing and no counter says why */

enum auto_rate_phase {
	AUTO_RATE_RAMP,
	AUTO_RATE_DRAIN, /* below what it will be, so that what has queued up leaves */
	AUTO_RATE_VERIFY, /* is it better now? */
	AUTO_RATE_HOLD,
	AUTO_RATE_TRIAL,
	AUTO_RATE_CONTROL,
};

struct auto_rate {
	struct auto_rate_range range;
	enum auto_rate_state state;
	char cause[AUTO_RATE_NAME_MAX]; /* of NETWORK: a counter's name, or AUTO_RATE_HITRATE; else "" */
	enum auto_rate_phase phase;
	double rate; /* that is asked for now */
	double settled; /* that it comes back to from a trial */
	/* the slice of time that runs, at one rate: */
	double age_s;
	double guard_s; /* that are left while answers to what was sent before may still come */
	double measured_s;
	bool suspect; /* a hold that is measured again: answers were missing in the one before */
	struct hits now;
	double frames, lost, unheard; /* of all of it */
	struct auto_rate_look last; /* the latest look */
	/* across slices: */
	struct hits reference;
	struct scatter scatter;
	double gain; /* of the next trial */
	double failed; /* the rate that was too much, in this row of trials; 0: none */
	double wait_s, waited_s; /* between trials and controls */
	bool control_next;
	bool doubted; /* the last trial was refused, and nothing proved */
	double achieved; /* frames/s, of the latest slice at what is held */
	unsigned int slow; /* slices in a row that have not kept the pace */
	double cpu_rate,
		cpu_achieved; /* what was asked for and managed until less was asked for just now; 0: it was not */
	bool cpu_kept; /* asking less was no good, since the last control */
	/* what a back-off for missing answers began from: */
	double before_rate;
	struct hits before;
};

void auto_rate_init(struct auto_rate *, struct auto_rate_range);

/* Returns the rate from now on. */
double auto_rate_step(struct auto_rate *, const struct auto_rate_look *);

/* The user's word: it goes on from there, within its range. */
void auto_rate_set(struct auto_rate *, double rate);

#endif
