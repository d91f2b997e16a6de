/* SPDX-License-Identifier: Apache-2.0 */
/* Each attempt in a child of its own, as there is no way back; a child's exit status is what it found. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/netlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "stages/confine.h"
#include "tests/unit/pipeline_rig.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FILTERED false
#else
#define FILTERED true
#endif

static int status_of(int (*child)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(child());
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	return status;
}

/* Of /proc/self/status. */
static unsigned long long own_status(const char *key)
{
	unsigned long long value = 77;
	char line[256];
	FILE *file = fopen("/proc/self/status", "r");

	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, key, strlen(key)) == 0)
			value = strtoull(line + strlen(key) + 1, NULL, 16);
	if (file != NULL)
		fclose(file);
	return value;
}

static int drop_rights(void)
{
	if (confine_rights(NULL) != 0)
		return 1;
	return own_status("CapEff") != 0 || own_status("CapPrm") != 0 || own_status("CapInh") != 0 ||
	       own_status("CapAmb") != 0 || own_status("NoNewPrivs") != 1;
}

Test(confine, no_capability_is_left)
{
	cr_expect_eq(status_of(drop_rights), 0);
}

static bool confined(enum confine_answer answer, bool files)
{
	return confine_rights(NULL) == 0 &&
	       confine_calls(&(struct confine_options){ .answer = answer, .files = files }, NULL) ==
		       (FILTERED ? 0 : -ENOSYS);
}

static bool refused(long result)
{
	return result == -1 && errno == EPERM;
}

static int attempts(void)
{
	char *const nothing[] = { NULL };
	void *code;

	if (!confined(CONFINE_REFUSE, false))
		return 1;
	if (!FILTERED)
		return 0;
	if (!refused(execve("/bin/true", nothing, nothing)))
		return 2;
	if (!refused(open("/tmp/confined", O_WRONLY | O_CREAT, 0600)) ||
	    !refused(open("/etc/hostname", O_RDONLY)))
		return 3;
	if (!refused(fork()))
		return 4;
	if (!refused(socket(AF_INET, SOCK_STREAM, 0)) || !refused(socket(AF_PACKET, SOCK_RAW, 0)) ||
	    !refused(socket(AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT)))
		return 5;
	code = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (code != MAP_FAILED || errno != EPERM)
		return 6;
	if (!refused(kill(getppid(), 0)) || !refused(ptrace(PTRACE_TRACEME, 0, NULL, NULL)))
		return 7;
	return 0;
}

Test(confine, what_a_scan_does_not_need_is_refused)
{
	cr_expect_eq(status_of(attempts), 0);
}

static void *set_flag(void *flag)
{
	*(bool *)flag = true;
	return NULL;
}

static int needs(void)
{
	char name[] = "/tmp/confine.XXXXXX";
	bool ran = false;
	pthread_t thread;
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	struct ifreq request = { .ifr_name = "lo", .ifr_data = (char *)&info };
	const int open_before = socket(AF_INET, SOCK_DGRAM, 0);
	int fd;

	if (!confined(CONFINE_KILL, true))
		return 1;
	if (ioctl(open_before, SIOCETHTOOL, &request) != 0 && errno == EPERM)
		return 5;
	if (pthread_create(&thread, NULL, set_flag, &ran) != 0 || pthread_join(thread, NULL) != 0 || !ran)
		return 2;
	if (socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE) < 0)
		return 3;
	fd = mkstemp(name);
	if (fd < 0 || write(fd, "x", 1) != 1 || fsync(fd) != 0 || rename(name, name) != 0 ||
	    unlink(name) != 0)
		return 4;
	return 0;
}

Test(confine, what_a_scan_needs_is_allowed)
{
	cr_expect_eq(status_of(needs), 0);
}

static int start_program(void)
{
	char *const nothing[] = { NULL };

	if (!confined(CONFINE_KILL, true))
		return 1;
	execve("/bin/true", nothing, nothing);
	return 2;
}

Test(confine, kill_ends_the_process)
{
	const int status = status_of(start_program);

	if (FILTERED)
		cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS, "status %#x", status);
	else
		cr_expect_eq(status, 0);
}

static int before_threads(struct error *e)
{
	(void)e;
	return confined(CONFINE_KILL, false) ? 0 : -EPERM;
}

static void change_rate(struct pipeline *p, void *arg)
{
	double *rate = arg;

	pipeline_set_rate(p, *rate = *rate < 400000 ? 1.5 * *rate : *rate);
}

/* One forbidden call, and the child dies of it. */
static int whole_scan(void)
{
	struct pipeline_stats s;
	struct rig rig;
	double rate = 50000;

	if (rig_init(&rig, &sim_ops, 2, "10.0.0.0/16", "80", "seed=3,open=0.1,closed=0.3,dup=0.2,rtt=1ms") <
	    0)
		return 1;
	rig.opt.rate = rate;
	rig.before_threads = before_threads;
	if (plan_parse("gen=2,build=2,tx=2,rx=2", &rig.opt.plan, &rig.error) < 0 ||
	    rig_run(&rig, &s, change_rate, &rate) < 0)
		return 2;
	rig_fini(&rig);
	return s.sent != 1 << 16 || s.results == 0 || s.output.written != s.results;
}

Test(confine, a_scan_makes_no_other_call)
{
	const int status = status_of(whole_scan);

	cr_expect_eq(status, 0, "status %#x", status);
}
