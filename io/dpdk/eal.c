/* SPDX-License-Identifier: Apache-2.0 */
#include "io/dpdk/eal.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <glob.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "io/dpdk/eal_args.h"
#include "io/dpdk/eal_log.h"
#include "io/dpdk/eal_park.h"
#include "io/dpdk/rte.h"

#define SERVICE_NS \
	(NS_PER_S / 10) /* between looks at timers; ena's, the only one known, is due every second */

enum service_state {
	SERVICE_ABSENT,
	SERVICE_STARTING,
	SERVICE_IDLE,
	SERVICE_CALLED,
	SERVICE_ENDED, /* the EAL has gone, or did not start */
};

static struct { /* one per process, as the EAL is */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t thread;
	enum service_state state;
	int (*fn)(void *);
	void *arg;
	int result;
	struct dpdk_argv argv;
	struct error error;
} service = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void wait_for(enum service_state state)
{
	while (service.state != state && service.state != SERVICE_ENDED)
		pthread_cond_wait(&service.changed, &service.lock);
}

static void enter_state(enum service_state state)
{
	service.state = state;
	pthread_cond_broadcast(&service.changed);
}

static const char *advice(int code)
{
	switch (code) {
	case EACCES:
		return "reserve huge pages, or --dpdk-eal --no-huge; run as root, or with access to devices";
	case EAGAIN:
		return "vfio is busy or not set up: modprobe vfio-pci";
	case EALREADY:
		return "the EAL starts once in a process";
	case EINVAL:
		return "look at --dpdk-eal; dpdk-testpmd -h explains the arguments of the EAL";
	case ENOMEM:
		return "reserve more huge pages (/proc/meminfo shows HugePages_Free), or --dpdk-eal '--no-huge -m 256'";
	case ENODEV:
		return "a device or its memory could not be set up; look at -a and --vdev of --dpdk-eal, and at huge pages";
	case ENOTSUP:
		return "a device could not be probed, or this CPU or system is not supported";
	case EPROTO:
		return "the PCI bus cannot be read; --dpdk-eal --no-pci does without";
	case ENOEXEC:
		return "a service core did not start; look at -s of --dpdk-eal";
	default:
		return "--dpdk-eal --log-level=debug shows what it does";
	}
}

/* What the EAL prints by itself, its usage among it, goes to the file meanwhile: results go to standard output. */
static int redirect(int file, int saved[2])
{
	fflush(stdout);
	for (int i = 0; i < 2; i++) {
		saved[i] = fcntl(i + 1, F_DUPFD_CLOEXEC, 3);
		if (saved[i] < 0 || dup2(file, i + 1) < 0)
			return -1;
	}
	return 0;
}

static void redirect_back(const int saved[2])
{
	fflush(stdout);
	for (int i = 0; i < 2; i++) {
		if (saved[i] >= 0) {
			dup2(saved[i], i + 1);
			close(saved[i]);
		}
	}
}

/* The first line is getopt's, or names the step that failed. */
static void first_line(int file, char *line, size_t size)
{
	const ssize_t n = pread(file, line, size - 1, 0);

	line[n > 0 ? n : 0] = '\0';
	line[strcspn(line, "\n")] = '\0';
}

static int refused(int code, const char *said)
{
	char words[256] = "", last[400];
	size_t used = 0;

	for (int i = 1; i < service.argv.argc && used < sizeof(words); i++)
		used += (size_t)snprintf(words + used, sizeof(words) - used, " %s", service.argv.argv[i]);
	dpdk_log_last(last, sizeof(last));
	return error_set(&service.error, -code, "the EAL of DPDK did not start with%s: %s%s%s\n%s", words,
			 said[0] != '\0' ? said : strerror(code), last[0] != '\0' ? "\n" : "", last,
			 advice(code));
}

/* Made by rte_eal_init(), used or not. It stays where it has files that another process shares. */
static void remove_directory(void)
{
	const char *dir = rte_eal_get_runtime_dir();

	if (dir[0] == '/')
		rmdir(dir);
}

/* rte_eal_init() moves the words of the array about and writes to it; ours stays as typed. */
static int init(void)
{
	const int file = memfd_create("eal", MFD_CLOEXEC);
	char **argv = calloc((size_t)service.argv.argc + 1, sizeof(*argv)), said[200];
	int saved[2] = { -1, -1 }, rc = -1, code = ENOMEM;

	said[0] = '\0';
	if (argv != NULL && file >= 0 && dpdk_log_open(service.argv.verbose) == 0) {
		memcpy(argv, service.argv.argv, (size_t)service.argv.argc * sizeof(*argv));
		rte_errno = 0;
		opterr = 1; /* getopt names the option that it does not know */
		if (redirect(file, saved) == 0)
			rc = rte_eal_init(service.argv.argc, argv);
		code = rc < 0 && rte_errno != 0 ? rte_errno : EIO;
		redirect_back(saved);
		first_line(file, said, sizeof(said));
	}
	if (rc < 0)
		refused(code, said);
	if (rc < 0 || !service.argv.files)
		remove_directory(); /* at once: who is killed leaves nothing */
	if (file >= 0)
		close(file);
	free(argv);
	return rc < 0 ? -code : 0;
}

/* Where nothing is on disk there is no need of rte_eal_cleanup(). */
static void fini(void)
{
	rte_timer_subsystem_finalize();
	if (service.argv.files) {
		dpdk_park_interrupts();
		rte_eal_cleanup();
	}
	dpdk_log_close();
	remove_directory();
}

/* Waits for a call and answers it. False: it was the end. */
static bool serve(void)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += SERVICE_NS;
	until.tv_sec += until.tv_nsec / (long)NS_PER_S;
	until.tv_nsec %= (long)NS_PER_S;
	if (service.state == SERVICE_IDLE)
		pthread_cond_timedwait(&service.changed, &service.lock, &until);
	if (service.state == SERVICE_CALLED) {
		if (service.fn == NULL)
			return false;
		pthread_mutex_unlock(&service.lock);
		service.result = service.fn(service.arg);
		pthread_mutex_lock(&service.lock);
		enter_state(SERVICE_IDLE);
	}
	pthread_mutex_unlock(&service.lock);
	rte_timer_manage();
	pthread_mutex_lock(&service.lock);
	return true;
}

static void *run(void *arg)
{
	int rc;

	pthread_setname_np(pthread_self(), "dpdk");
	rc = init();
	pthread_mutex_lock(&service.lock);
	service.result = rc;
	if (rc == 0) {
		rte_timer_subsystem_init();
		enter_state(SERVICE_IDLE);
		while (serve())
			;
		fini();
	}
	enter_state(SERVICE_ENDED);
	pthread_mutex_unlock(&service.lock);
	return arg;
}

static int first_cpu(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
			if (CPU_ISSET(cpu, &set))
				return cpu;
	return 0;
}

static bool enough_hugepages(void)
{
	unsigned long free_kb = 0;
	glob_t found;

	if (glob("/sys/kernel/mm/hugepages/hugepages-*kB", 0, NULL, &found) != 0)
		return false;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		unsigned long kb = 0, n = 0;
		char path[96];
		FILE *f;

		snprintf(path, sizeof(path), "%s/free_hugepages", found.gl_pathv[i]);
		f = fopen(path, "re");
		if (f != NULL && fscanf(f, "%lu", &n) == 1 &&
		    sscanf(strrchr(found.gl_pathv[i], '-'), "-%lukB", &kb) == 1)
			free_kb += n * kb;
		if (f != NULL)
			fclose(f);
	}
	globfree(&found);
	return free_kb >= DPDK_HUGE_MB * 1024UL;
}

/* With every signal blocked: they are the business of the thread that starts us. */
static int start_thread(void)
{
	pthread_condattr_t attr;
	sigset_t all, before;
	int rc;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&service.changed, &attr);
	pthread_condattr_destroy(&attr);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	service.state = SERVICE_STARTING;
	rc = pthread_create(&service.thread, NULL, run, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -rc;
}

int dpdk_eal_start(const char *args, struct error *e)
{
	const struct dpdk_host host = { .cpu = first_cpu(),
					.pid = getpid(),
					.hugepages = enough_hugepages() };
	int rc;

	if (service.state != SERVICE_ABSENT)
		return error_set(e, -EALREADY, "the EAL of DPDK starts once in a process");
	rc = dpdk_argv_make(args, &host, &service.argv, e);
	if (rc < 0)
		return rc;
	rc = start_thread();
	if (rc < 0) {
		service.state = SERVICE_ABSENT;
		dpdk_argv_free(&service.argv);
		return error_set(e, rc, "cannot start the thread of the EAL: %s", strerror(-rc));
	}
	pthread_mutex_lock(&service.lock);
	wait_for(SERVICE_IDLE);
	rc = service.result;
	pthread_mutex_unlock(&service.lock);
	if (rc < 0) {
		pthread_join(service.thread, NULL);
		dpdk_log_close();
		dpdk_argv_free(&service.argv);
		if (e != NULL)
			*e = service.error;
	}
	return rc;
}

int dpdk_call(int (*fn)(void *), void *arg)
{
	int rc;

	pthread_mutex_lock(&service.lock);
	service.fn = fn;
	service.arg = arg;
	enter_state(SERVICE_CALLED);
	wait_for(SERVICE_IDLE);
	rc = service.result;
	pthread_mutex_unlock(&service.lock);
	return rc;
}

void dpdk_eal_stop(void)
{
	if (service.state != SERVICE_IDLE)
		return;
	dpdk_call(NULL, NULL);
	pthread_join(service.thread, NULL);
	dpdk_argv_free(&service.argv);
}

const char *dpdk_eal_remark(void)
{
	return service.argv.remark;
}
