/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of system calls, by who needs them. A call that glibc makes under another name on another architecture or
 * in a later version stands beside its twin. Costs 50 to 150 ns a call: the filter is a binary tree, and the hot path
 * makes one call for a block of frames.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/sockios.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "stages/confine.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

/* clang-format off */
static const int allowed[] = {
	/* sending and receiving, and the reading of the sockets' counters */
	SCMP_SYS(sendto), SCMP_SYS(sendmsg), SCMP_SYS(sendmmsg), SCMP_SYS(recvfrom), SCMP_SYS(recvmsg),
	SCMP_SYS(getsockopt), SCMP_SYS(setsockopt), SCMP_SYS(bind), SCMP_SYS(getsockname),
	/* what is open: results, status rows, probes to a file, the map of targets seen */
	SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(pread64), SCMP_SYS(pwrite64), SCMP_SYS(lseek),
	SCMP_SYS(_llseek), SCMP_SYS(fstat), SCMP_SYS(fstat64), SCMP_SYS(newfstatat), SCMP_SYS(fstatat64),
	SCMP_SYS(statx), SCMP_SYS(ftruncate), SCMP_SYS(ftruncate64), SCMP_SYS(fsync), SCMP_SYS(fdatasync),
	SCMP_SYS(flock), SCMP_SYS(close),
	/* waiting and time; without a vDSO the clock is a system call */
	SCMP_SYS(futex), SCMP_SYS(futex_time64), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(ppoll_time64),
	SCMP_SYS(clock_gettime), SCMP_SYS(clock_gettime64), SCMP_SYS(gettimeofday), SCMP_SYS(clock_nanosleep),
	SCMP_SYS(clock_nanosleep_time64), SCMP_SYS(nanosleep), SCMP_SYS(timerfd_settime),
	SCMP_SYS(timerfd_settime64), SCMP_SYS(restart_syscall),
	/* memory; mmap and mprotect below */
	SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(getrandom),
	/* threads start, pin themselves and end */
	SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(gettid), SCMP_SYS(getpid), SCMP_SYS(sched_yield),
	SCMP_SYS(sched_getaffinity), SCMP_SYS(sched_setaffinity), SCMP_SYS(getcpu), SCMP_SYS(membarrier),
	SCMP_SYS(exit), SCMP_SYS(exit_group),
	/* signals */
	SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),
};

/* metadata, which have the host's name, and checkpoints: a file beside the old one takes its name */
static const int file_calls[] = {
	SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(stat), SCMP_SYS(stat64), SCMP_SYS(lstat), SCMP_SYS(lstat64),
	SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(getcwd), SCMP_SYS(rename), SCMP_SYS(renameat),
	SCMP_SYS(renameat2), SCMP_SYS(unlink), SCMP_SYS(unlinkat), SCMP_SYS(fcntl), SCMP_SYS(fcntl64),
	SCMP_SYS(uname), SCMP_SYS(link), SCMP_SYS(linkat), SCMP_SYS(dup3),
};

/* one who asks by the control socket, which goes with the scan, and is made again where somebody has removed it */
static const int control_calls[] = {
	SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(lstat), SCMP_SYS(lstat64), SCMP_SYS(unlink), SCMP_SYS(unlinkat),
	SCMP_SYS(fchmod), SCMP_SYS(listen),
};
/* clang-format on */

static int add_list(scmp_filter_ctx filter, const int *list, size_t n)
{
	int r = 0;

	/* a name that this architecture does not have has no number to allow */
	for (size_t i = 0; i < n && r == 0; i++)
		r = list[i] < 0 ? 0 : seccomp_rule_add(filter, SCMP_ACT_ALLOW, list[i], 0);
	return r;
}

/* Calls that do harmless and harmful things, told apart by an argument. */
static int add_narrow(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp rtnetlink[] = { SCMP_A0_32(SCMP_CMP_EQ, AF_NETLINK),
						  SCMP_A2_32(SCMP_CMP_EQ, NETLINK_ROUTE) };
	const unsigned int thread = CLONE_VM | CLONE_THREAD;
	const struct {
		int call;
		struct scmp_arg_cmp arg;
	} rule[] = {
		/* no code is made at run time */
		{ SCMP_SYS(mmap), SCMP_A2_32(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0) },
		{ SCMP_SYS(mmap2), SCMP_A2_32(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0) },
		{ SCMP_SYS(mprotect), SCMP_A2_32(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0) },
		/* a thread, not a process */
		{ SCMP_SYS(clone), SCMP_A0_64(SCMP_CMP_MASKED_EQ, thread, thread) },
		{ SCMP_SYS(prctl), SCMP_A0_32(SCMP_CMP_EQ, PR_SET_TIMERSLACK) },
		{ SCMP_SYS(prctl), SCMP_A0_32(SCMP_CMP_EQ, PR_SET_NAME) },
		/* a thread's own time slice: stages/slice.c */
		{ SCMP_SYS(sched_getattr), SCMP_A0_32(SCMP_CMP_EQ, 0) },
		{ SCMP_SYS(sched_setattr), SCMP_A0_32(SCMP_CMP_EQ, 0) },
		/* the width of the terminal */
		{ SCMP_SYS(ioctl), SCMP_A1_32(SCMP_CMP_EQ, TIOCGWINSZ) },
		{ SCMP_SYS(ioctl), SCMP_A1_32(SCMP_CMP_EQ, TCGETS) },
		/* the allowance counters of the interface (io/allowance.c); to set anything takes rights that are gone */
		{ SCMP_SYS(ioctl), SCMP_A1_32(SCMP_CMP_EQ, SIOCETHTOOL) },
		/* abort() */
		{ SCMP_SYS(tgkill), SCMP_A0_32(SCMP_CMP_EQ, (uint32_t)getpid()) },
	};
	/* the counters of the interface: io/netlink/talk.c */
	int r = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 2, rtnetlink);

	for (size_t i = 0; i < sizeof(rule) / sizeof(rule[0]) && r == 0; i++)
		r = rule[i].call < 0 ?
			    0 :
			    seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, rule[i].call, 1, &rule[i].arg);
	/* its flags lie in memory, where a filter cannot look; glibc then takes clone() */
	return r == 0 ? seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) : r;
}

static int load(const struct confine_options *o)
{
	scmp_filter_ctx filter =
		seccomp_init(o->answer == CONFINE_KILL ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_ERRNO(EPERM));
	int r;

	if (filter == NULL)
		return -ENOMEM;
	r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a binary tree */
	if (r == 0)
		r = seccomp_attr_set(filter, SCMP_FLTATR_API_SYSRAWRC,
				     1); /* what the kernel says, not ECANCELED */
	if (r == 0)
		r = add_list(filter, allowed, sizeof(allowed) / sizeof(allowed[0]));
	if (r == 0 && o->control)
		r = add_list(filter, control_calls, sizeof(control_calls) / sizeof(control_calls[0]));
	if (r == 0 && o->files)
		r = add_list(filter, file_calls, sizeof(file_calls) / sizeof(file_calls[0]));
	if (r == 0 && o->control)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
				     SCMP_A0_32(SCMP_CMP_EQ, AF_UNIX));
	if (r == 0)
		r = add_narrow(filter);
	if (r == 0)
		r = seccomp_load(filter);
	seccomp_release(filter);
	return r;
}

int confine_calls(const struct confine_options *o, struct error *e)
{
	int r;

#ifdef SANITIZED
	if (SANITIZED)
		return error_set(e, -ENOSYS, "no filter of system calls: a sanitizer makes calls of its own");
#endif
	tzset(); /* gmtime_r() opens /etc/localtime the first time it is called */
	r = load(o);
	if (r == -EINVAL || r == -ENOSYS || r == -EOPNOTSUPP)
		return error_set(e, -ENOSYS, "no filter of system calls: this kernel has no seccomp");
	return r < 0 ? error_set(e, r, "cannot filter system calls: %s", strerror(-r)) : 0;
}
