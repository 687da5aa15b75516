/* SPDX-License-Identifier: Apache-2.0 */
/* sandbox: gives up, for good, every right that a process does not need. */
#include "common/sandbox.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <pwd.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef SEKISHO_SANITIZED
enum { IS_SANITIZED = 1 };
#else
enum { IS_SANITIZED = 0 };
#endif

bool
sandbox_user_exists(const char *user)
{
	return getpwnam(user) != NULL;
}

int
sandbox_become(const char *user, bool keeps_net_raw, struct error *err)
{
	const struct passwd *who = NULL;
	int result;

	if (user != NULL && (who = getpwnam(user)) == NULL)
		return error_set(err, "there is no user \"%s\"", user);
	bool is_root = geteuid() == 0;
	bool keeps =
		keeps_net_raw && capng_have_capability(CAPNG_PERMITTED, CAP_NET_RAW);
	capng_clear(CAPNG_SELECT_BOTH);
	if (keeps)
		capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_NET_RAW);
	if (is_root && who != NULL)
		result = capng_change_id((int)who->pw_uid, (int)who->pw_gid,
					 CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING);
	else
		result = capng_apply(is_root ? CAPNG_SELECT_BOTH : CAPNG_SELECT_CAPS);
	if (result != 0)
		return error_set(err, "cannot give up rights (libcap-ng: %d)", result);
	/* after setuid nobody may look inside, the leak checker neither */
	if (IS_SANITIZED)
		prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	return 0;
}

/* A file system's rights that a directory gets; all others are refused everywhere. */
static const uint64_t landlock_all =
	LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |
	LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
	LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
	LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |
	LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
	LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
	LANDLOCK_ACCESS_FS_MAKE_SYM;
static const uint64_t landlock_granted =
	LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE |
	LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
	LANDLOCK_ACCESS_FS_MAKE_REG;

static int
allow_directory(int rules, const char *directory, struct error *err)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = landlock_granted };
	long result;

	rule.parent_fd = open(directory, O_PATH | O_CLOEXEC);
	if (rule.parent_fd == -1)
		return error_errno(err, "cannot open directory %s", directory);
	result = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH,
			 &rule, 0);
	if (result == -1)
		error_errno(err, "Landlock refuses directory %s", directory);
	close(rule.parent_fd);
	return (int)result;
}

/* 1 = done, 0 = the kernel has no Landlock, -1 = it has and refuses. */
static int
confine_files(const char *const *directories, struct error *err)
{
	struct landlock_ruleset_attr all = { .handled_access_fs = landlock_all };
	int result = 1;

	if (IS_SANITIZED) /* the leak checker reads /proc */
		return 1;
	int rules = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof(all), 0);

	if (rules == -1)
		return 0;
	for (; directories != NULL && *directories != NULL && result == 1;
	     directories++)
		if (allow_directory(rules, *directories, err) == -1)
			result = -1;
	if (result == 1 && syscall(SYS_landlock_restrict_self, rules, 0) == -1)
		result = error_errno(err, "Landlock cannot be entered");
	close(rules);
	return result;
}

enum {
	W = 1 << SANDBOX_WORKER,
	S = 1 << SANDBOX_SPOOL,
	P = 1 << SANDBOX_PARENT,
	U = 1 << SANDBOX_UPLINK
};

/* Children fork under the parent's list, so it holds all that theirs do. */
/* clang-format off */
static const struct {
	const char *call;
	int kinds;
} allowed[] = {
	/* memory, time, ends */
	{ "brk", W|S|P }, { "munmap", W|S|P }, { "mremap", W|S|P }, { "madvise", W|S|P },
	{ "futex", W|S|P }, { "rseq", W|S|P }, { "membarrier", W|S|P }, { "sched_yield", W|S|P },
	{ "clock_gettime", W|S|P }, { "gettimeofday", W|S|P }, { "time", W|S|P },
	{ "nanosleep", W|S|P }, { "clock_nanosleep", W|S|P }, { "restart_syscall", W|S|P },
	{ "getrandom", W|S|P }, { "getpid", W|S|P }, { "getppid", W|S|P }, { "gettid", W|S|P },
	{ "rt_sigreturn", W|S|P }, { "rt_sigprocmask", W|S|P }, { "rt_sigaction", W|S|P }, { "rt_sigtimedwait", P },
	{ "tgkill", W|S|P }, { "exit", W|S|P }, { "exit_group", W|S|P },
	/* what is open */
	{ "read", W|S|P }, { "write", W|S|P }, { "readv", W|S|P }, { "writev", W|S|P },
	{ "pread64", W|S|P }, { "lseek", W|S|P }, { "fstat", W|S|P }, { "close", W|S|P },
	{ "poll", W|S|P }, { "ppoll", W|S|P },
	{ "getsockopt", W|S|P },     /* losses of a capture */
	{ "recvfrom", W|S|P },       /* libpcap asks so why a poll failed */
	/* files and the correlator's socket */
	{ "open", S|P }, { "openat", S|P }, { "stat", S|P }, { "lstat", S|P }, { "newfstatat", S|P },
	{ "access", S|P }, { "faccessat", S|P }, { "faccessat2", S|P }, { "statx", S|P },
	{ "readlink", S|P }, { "readlinkat", S|P }, { "getcwd", S|P }, { "fcntl", S|P },
	{ "flock", S|P }, { "pwrite64", S|P }, { "fsync", S|P }, { "fdatasync", S|P },
	{ "ftruncate", S|P }, { "fallocate", S|P }, { "unlink", S|P }, { "unlinkat", S|P },
	{ "fchmod", S|P }, { "fchown", S|P }, { "geteuid", S|P }, { "getuid", S|P },
	{ "connect", S|P }, { "sendto", S|P }, { "sendmsg", S|P }, { "recvmsg", S|P },
	{ "shutdown", S|P }, { "sigaltstack", S|P },
	/* children, captures, and the way into the sandbox */
	{ "fork", P }, { "vfork", P }, { "clone", P }, { "clone3", P }, { "wait4", P }, { "waitid", P },
	{ "sched_setaffinity", P }, { "kill", P }, { "set_robust_list", P }, { "set_tid_address", P }, { "prlimit64", P },
	{ "prctl", P }, { "seccomp", P }, { "capget", P }, { "capset", P },
	{ "landlock_create_ruleset", P }, { "landlock_add_rule", P }, { "landlock_restrict_self", P },
	{ "pipe2", P }, { "eventfd2", P }, { "bind", P }, { "accept4", P }, { "setsockopt", P }, { "getsockname", P },
	{ "ioctl", P }, { "getdents64", P }, { "uname", P }, { "getegid", P }, { "getgid", P },
	{ "getresuid", P }, { "getresgid", P }, { "sysinfo", P },
};

/* What no kind may do, when sanitizers need everything else. */
static const char *const never[] = {
	"execve", "execveat", "mount", "umount2", "bpf", "kexec_load", "init_module",
	"finit_module", "process_vm_writev", "reboot", "swapon", "pivot_root", "setns",
};

static const struct {
	int family, kinds;
} families[] = {
	{ AF_UNIX, S|P }, { AF_PACKET, P }, { AF_NETLINK, P }, { AF_INET, P|U },
	{ AF_INET6, P|U },
};
/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int
allow(scmp_filter_ctx filter, const char *call)
{
	int number = seccomp_syscall_resolve_name(call);

	/* another architecture may not have it */
	return number == __NR_SCMP_ERROR
		       ? 0
		       : seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
}

/* Memory that can be written and run is how a taken-over process runs its own code. */
static int
allow_memory(scmp_filter_ctx filter)
{
	struct scmp_arg_cmp no_exec = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);

	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, no_exec) ||
	       seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, no_exec);
}

/* The rows of the lists that hold for a kind. */
static const int rights[] = { [SANDBOX_WORKER] = W,
			      [SANDBOX_SPOOL] = S,
			      [SANDBOX_PARENT] = P,
			      [SANDBOX_UPLINK] = S | U };

static int
allow_kind(scmp_filter_ctx filter, int kind)
{
	int result = allow_memory(filter);

	for (size_t i = 0; i < COUNT(allowed) && result == 0; i++)
		if (allowed[i].kinds & kind)
			result = allow(filter, allowed[i].call);
	for (size_t i = 0; i < COUNT(families) && result == 0; i++)
		if (families[i].kinds & kind)
			result = seccomp_rule_add(
				filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
				SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)families[i].family,
					0));
	return result;
}

static int
refuse_never(scmp_filter_ctx filter)
{
	int result = 0;

	for (size_t i = 0; i < COUNT(never) && result == 0; i++)
		result = seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS,
					  seccomp_syscall_resolve_name(never[i]), 0);
	return result;
}

static int
confine_calls(enum sandbox_kind kind, struct error *err)
{
	scmp_filter_ctx filter =
		seccomp_init(IS_SANITIZED ? SCMP_ACT_ALLOW : SCMP_ACT_KILL_PROCESS);
	int result = -ENOMEM;

	if (filter != NULL)
		result = IS_SANITIZED ? refuse_never(filter)
				      : allow_kind(filter, rights[kind]);
	if (result == 0)
		result = seccomp_load(filter);
	seccomp_release(filter);
	if (result == 0)
		return 0;
	errno = -result;
	return error_errno(err, "seccomp cannot be entered");
}

static int
drop_capabilities(struct error *err)
{
	capng_clear(CAPNG_SELECT_CAPS);
	if (capng_apply(CAPNG_SELECT_CAPS) != 0)
		return error_set(err, "cannot give up capabilities");
	return 0;
}

int
sandbox_enter(enum sandbox_kind kind, const char *const *directories,
	      bool *has_landlock, struct error *err)
{
	int landlock = 0;

	if (kind != SANDBOX_PARENT && drop_capabilities(err) == -1)
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return error_errno(err, "no_new_privs cannot be set");
	if (kind != SANDBOX_PARENT)
		landlock = confine_files(directories, err);
	if (landlock == -1)
		return -1;
	if (has_landlock != NULL)
		*has_landlock = landlock == 1;
	return confine_calls(kind, err);
}
