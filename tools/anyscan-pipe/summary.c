/* SPDX-License-Identifier: Apache-2.0 */
/* What is said when a scan begins and when it is over. */
#include <errno.h>
#include <string.h>

#include "stages/classify/dedup.h"
#include "stages/sink/status.h"
#include "tools/anyscan-pipe/report.h"
#include "tools/anyscan-pipe/screen.h"

/* What may be taken, by the largest: only the targets are there from the start, the rest comes with replies. */
static void announce_memory(const struct scan *s)
{
	const struct pipeline_options *o = &s->options;
	const double mega = 1e6;
	const double targets = (double)domain_memory(s->domain);
	const double replies = o->dedup == DEDUP_NONE ? 0 :
			       o->dedup == DEDUP_FULL ? (double)dedup_full_bytes(domain_size(s->domain)) :
							(double)o->dedup_memory;

	screen_say(
		LEVEL_NOTICE,
		"memory: %.1f MB for targets, and with replies up to %.1f MB for duplicates (%s), %.1f MB for "
		"results that wait",
		targets / mega, replies / mega,
		o->dedup == DEDUP_NONE ? "none" :
		o->dedup == DEDUP_FULL ? "full" :
					 "window",
		(double)o->result_buffer / mega);
}

static void announce_spacing(const struct scan *s)
{
	const struct pipeline_options *o = &s->options;

	if (o->spacing_ns > 0 && s->ops->rx_receive != NULL)
		screen_say(
			LEVEL_NOTICE,
			"spacing: %g s from one probe of a target to the next, of which who has been found gets %s",
			(double)o->spacing_ns / 1e9,
			o->dedup == DEDUP_FULL ? "no further one" :
						 "all, as only --dedup-method full keeps exact account");
}

void report_announce(const struct scan *s)
{
	char pairs[64] = "";

	screen_say(LEVEL_NOTICE, "seed: %llu%s", (unsigned long long)s->options.seed,
		   option_given(s->config, "seed") ? "" : " (random; --seed repeats the order)");
	if (domain_pairs(s->domain) > 0)
		snprintf(pairs, sizeof(pairs), ", and %llu pairs",
			 (unsigned long long)domain_pairs(s->domain));
	if (s->options.module->needs_ports)
		screen_say(LEVEL_NOTICE, "targets: %llu (%llu addresses, %u ports%s), %llu excluded",
			   (unsigned long long)domain_size(s->domain),
			   (unsigned long long)domain_addresses(s->domain), domain_ports(s->domain), pairs,
			   (unsigned long long)s->excluded);
	else
		screen_say(LEVEL_NOTICE, "targets: %llu addresses, %llu excluded",
			   (unsigned long long)domain_size(s->domain), (unsigned long long)s->excluded);
	if (s->config->rate.range.ceiling > 0)
		screen_say(LEVEL_NOTICE, "rate: auto, from %.10g to at most %.10g probes/s",
			   s->config->rate.range.floor, s->config->rate.range.ceiling);
	announce_memory(s);
	announce_spacing(s);
	if (option_given(s->config, "validation-key"))
		screen_say(LEVEL_WARNING, "the validation key is given: who knows it can forge replies");
	screen_say(LEVEL_DETAIL, "rst: %s",
		   s->options.rst		     ? "on: we reset what a SYN-ACK opens" :
		   s->options.module->answer == NULL ? "off: this probe opens nothing" :
		   s->ops->rx_receive == NULL	     ? "off: this engine receives nothing" :
		   s->config->rst == CHOICE_RST_OFF  ? "off" :
						       "off: the kernel sees the SYN-ACKs");
	screen_say(LEVEL_DETAIL, "plan:\n%s", s->plan);
}

/* "12 cookie, 3 port", what is not zero. */
static void list_counts(char *buf, size_t size, const uint64_t *count, const char *const *name,
			unsigned int first, unsigned int n)
{
	size_t used = 0;

	snprintf(buf, size, "none");
	for (unsigned int i = first; i < n && used < size; i++)
		if (count[i] != 0)
			used += (size_t)snprintf(buf + used, size - used, "%s%llu %s", used > 0 ? ", " : "",
						 (unsigned long long)count[i], name[i]);
}

static void summarise_replies(const struct report *r)
{
	const struct pipeline_stats *n = &r->now;
	char list[512];

	list_counts(list, sizeof(list), n->class, reply_class_names, 0, REPLY_CLASSES);
	screen_say(LEVEL_NOTICE, "replies: %s; %llu duplicates%s", list, (unsigned long long)n->duplicates,
		   n->dedup_exact ? "" : " (duplicate detection was not exact)");
	list_counts(list, sizeof(list), n->rejects, reject_names, REJECT_NONE + 1, REJECT_CAUSES);
	screen_say(LEVEL_NOTICE, "rejected: %s; drops: %llu", list, (unsigned long long)n->drops);
	if (r->scan->options.rst)
		screen_say(n->rst_dropped > 0 ? LEVEL_NOTICE : LEVEL_DETAIL,
			   "closed: %llu RSTs sent, %llu not sent for want of room or time",
			   (unsigned long long)n->rst_sent, (unsigned long long)n->rst_dropped);
	screen_say(LEVEL_NOTICE, "results: %llu to %s", (unsigned long long)n->output.written,
		   scan_output_name(r->scan));
}

static void summarise_stages(struct report *r)
{
	struct stage_stats stage[64];
	const size_t n = pipeline_stage_stats(r->pipeline, stage, 64);

	for (size_t i = 0; i < n; i++)
		screen_say(LEVEL_DETAIL, "%s%u: %llu items, %.1f%% busy, %llu stalls, %llu starves",
			   stage[i].name, stage[i].index, (unsigned long long)stage[i].items,
			   100 * stage[i].busy, (unsigned long long)stage[i].stalled,
			   (unsigned long long)stage[i].starved);
}

void report_opened(const struct scan *s, struct pipeline *p)
{
	for (unsigned int i = 0; i < s->options.nports; i++) {
		const char *memory = pipeline_frame_memory(p, i);

		screen_say(LEVEL_DETAIL, "%s: %s, %s%s%s", s->port[i].link.name, s->ops->name,
			   pipeline_io_mode(p, i), memory != NULL ? ", frames in " : "",
			   memory != NULL ? memory : "");
	}
}

void report_summary(struct report *r)
{
	const struct pipeline_stats *n = &r->now;
	const double seconds = (double)pipeline_sending_ns(n) / 1e9;
	char rate[STATUS_RATE_MAX];

	screen_say(LEVEL_NOTICE, "sent: %llu probes in %.2f s (%s), %llu refused sends repeated",
		   (unsigned long long)n->sent, seconds,
		   status_rate(seconds > 0 ? (double)n->sent / seconds : 0, rate),
		   (unsigned long long)n->refused);
	if (n->spared > 0)
		screen_say(LEVEL_NOTICE, "not sent: %llu probes to what an earlier one had found",
			   (unsigned long long)n->spared);
	if (n->excluded > 0)
		screen_say(LEVEL_NOTICE, "not sent: %llu probes to what was excluded while it ran",
			   (unsigned long long)n->excluded);
	if (n->abandoned > 0)
		screen_say(LEVEL_NOTICE, "not sent: %llu probes that the wire did not take before the stop",
			   (unsigned long long)n->abandoned);
	if (n->unresolved > 0)
		screen_say(LEVEL_NOTICE,
			   "not sent: %llu probes to targets on the link that do not answer ARP",
			   (unsigned long long)n->unresolved);
	if (r->scan->ops->rx_receive != NULL)
		summarise_replies(r);
	summarise_stages(r);
}

void report_losses(const struct report *r)
{
	const struct pipeline_stats *n = &r->now;
	const unsigned long long written = n->output.written, lost = n->results_lost;

	if (r->output_error != 0)
		screen_say(LEVEL_ERROR, "anyscan-pipe: %s: %s: %llu results are written, %llu are lost%s",
			   scan_output_name(r->scan), strerror(-r->output_error), written, lost,
			   r->scan->output_named && r->output_error == -ENOENT ?
				   ", and the file was removed with them" :
			   r->scan->options.output.own_file && lost == 0 ?
				   ", and the disk may not have kept all" :
				   "");
	else if (lost > 0)
		screen_say(LEVEL_ERROR,
			   "anyscan-pipe: %s is too slow: %llu results are written, %llu had no room in "
			   "--result-buffer and are lost",
			   scan_output_name(r->scan), written, lost);
}
