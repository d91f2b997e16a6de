/* SPDX-License-Identifier: Apache-2.0 */
#include "io/send_errors.h"

#include <errno.h>
#include <stddef.h>

const char *const send_cause_names[SEND_CAUSES] = {
	[SEND_AGAIN] = "send_again",	 [SEND_NOBUFS] = "send_nobufs",	 [SEND_NOMEM] = "send_nomem",
	[SEND_DOWN] = "send_link_down",	 [SEND_GONE] = "send_link_gone", [SEND_TOO_LONG] = "send_too_long",
	[SEND_REFUSED] = "send_refused",
};

static const struct {
	int errnum;
	enum send_cause cause;
	enum send_verdict verdict;
} meaning[] = {
	{ EAGAIN, SEND_AGAIN, SEND_LATER },	 { EINTR, SEND_AGAIN, SEND_LATER },
	{ ENOBUFS, SEND_NOBUFS, SEND_LATER },	 { EBUSY, SEND_NOBUFS, SEND_LATER },
	{ ENOMEM, SEND_NOMEM, SEND_LATER },	 { ENETDOWN, SEND_DOWN, SEND_LATER },
	{ ENXIO, SEND_GONE, SEND_LATER },	 { ENODEV, SEND_GONE, SEND_LATER },
	{ EMSGSIZE, SEND_TOO_LONG, SEND_NEVER },
};

enum send_verdict send_failed(struct send_errors *errors, int errnum)
{
	for (size_t i = 0; i < sizeof(meaning) / sizeof(meaning[0]); i++)
		if (meaning[i].errnum == errnum) {
			counter_add(&errors->count[meaning[i].cause], 1);
			if (meaning[i].verdict == SEND_NEVER)
				counter_add(&errors->lost, 1);
			return meaning[i].verdict;
		}
	counter_add(&errors->count[SEND_REFUSED], 1);
	counter_add(&errors->lost, 1);
	return SEND_NEVER;
}
