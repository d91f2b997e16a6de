/* SPDX-License-Identifier: Apache-2.0 */
/* What the manual page says beside the options. */
#include <stdio.h>

#include "tools/anyscan-pipe/options.h"
#include "tools/anyscan-pipe/scan.h"

void man_fields(FILE *out)
{
	roff_section(out, "OUTPUT FIELDS");
	fputs("For \\fB\\-\\-output\\-fields\\fR and \\fB\\-\\-output\\-filter\\fR.\n", out);
	for (const struct field *f = record_fields; f->name != NULL; f++) {
		fputs(".TP\n", out);
		roff_font(out, 'B', f->name);
		fputc('\n', out);
		roff_text(out, f->help);
		fputs(f->nullable ? " (may have no value).\n" : ".\n", out);
	}
}

void man_rest(FILE *out)
{
	fputs(".SH SIGNALS\n"
	      ".TP\n\\fBSIGINT\\fR, \\fBSIGTERM\\fR\n"
	      "Stop sending, await replies, write everything, exit 5. A second one does not await replies.\n"
	      ".TP\n\\fBSIGUSR1\\fR, \\fBSIGUSR2\\fR\n"
	      "Rate up, rate down by 5 percent; \\fB\\-\\-rate auto\\fR goes on from there.\n"
	      ".TP\n\\fBSIGHUP\\fR\n"
	      "Open \\fB\\-\\-log\\-file\\fR and \\fB\\-\\-status\\-updates\\-file\\fR again by their names, after "
	      "they were renamed away; without either, as SIGINT.\n"
	      ".TP\n\\fBSIGSTOP\\fR, \\fBSIGCONT\\fR\n"
	      "A scan that was stopped goes on at its rate, without a burst; a cooldown that was running is longer by the "
	      "time it stood still. Time does not pass for a scan while the machine is suspended, and steps of the clock "
	      "change only the times that are written down.\n"
	      ".SH CONTROL\n"
	      "A scan with \\fB\\-\\-control\\-socket\\fR \\fISOCKET\\fR is told what to do by "
	      "\\fBanyscan\\-pipe ctl\\fR \\fISOCKET VERB\\fR, by its owner or root. An answer means that it is in effect.\n"
	      ".TP\n\\fBrate\\fR \\fIPPS\\fR\nAs \\fB\\-\\-rate\\fR. \\fBauto\\fR without a range takes that of the command line, "
	      "and begins at its floor; a number ends it.\n"
	      ".TP\n\\fBpause\\fR, \\fBresume\\fR\n"
	      "Send no probe; go on, without a burst. The time counts for no rule that ends a scan.\n"
	      ".TP\n\\fBexclude\\fR \\fILIST\\fR\n"
	      "Addresses, prefixes and ranges that no probe goes to any more. They are in the metadata, with the time; "
	      "replies to earlier probes are still results.\n"
	      ".TP\n\\fBstatus\\fR\nA row of \\fB\\-\\-status\\-format json\\fR of this moment.\n"
	      ".TP\n\\fBcheckpoint\\fR\nWrite one now.\n"
	      ".TP\n\\fBstop\\fR\nAs SIGINT.\n"
	      ".PP\nExits 1 where the request is wrong, 3 where nobody listens or the scan cannot.\n"
	      ".SH FILES\n"
	      ".TP\n\\fIFILE.000001\\fR ...\n"
	      "Results with \\fB\\-\\-rotate\\-size\\fR or \\fB\\-\\-rotate\\-interval\\fR. A file that has such a name "
	      "is complete, on disk, and not touched again; the one being written is FILE.000002.partial, which is also what "
	      "a killed scan leaves, with whole records. Numbers go on after the highest there is. With "
	      "\\fB\\-\\-checkpoint\\-file\\fR a complete file appears only once the checkpoint vouches for all that is in it, "
	      "the cooldown and an interval later, so that it may be taken away at once; a resumed scan reads the "
	      "\\fI.partial\\fR files, and completes them.\n"
	      ".TP\n\\fI/etc/anyscan\\-pipe/blocklist.conf\\fR, \\fI/etc/anyscan\\-pipe/allowlist.conf\\fR\n"
	      "What the owner of the host never lets be scanned, and all that may be. No option widens it.\n"
	      ".SH PRIVILEGES\n"
	      "Sending and --show-plan need CAP_NET_RAW; dry runs and the engines sim, null and pcap need nothing:\n"
	      ".PP\n.nf\n.RS\n"
	      "setcap cap_net_raw+ep $(command \\-v anyscan\\-pipe)\n"
	      ".RE\n.fi\n"
	      ".SH EXAMPLES\n"
	      ".nf\n.RS\n"
	      "anyscan\\-pipe 192.0.2.0/24 \\-p 80,443 \\-o results \\-m metadata.json\n"
	      "anyscan\\-pipe \\-w targets.txt \\-b exclude.txt \\-p 443 \\-r 50k \\-O json \\-f \\(aq*\\(aq\n"
	      "anyscan\\-pipe \\-\\-icmp \\-w targets.txt \\-o alive.txt\n"
	      "anyscan\\-pipe \\-w targets.txt \\-p 443 \\-e 7 \\-\\-shards 4 \\-\\-shard 2\n"
	      ".RE\n.fi\n",
	      out);
}
