#include "process/sandbox.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <linux/landlock.h>
#include <memory>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <sheafline/file_descriptor.h>

namespace sheafline {

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kFilters = false;  // the sanitizers start threads, trace and write reports
#else
constexpr bool kFilters = true;
#endif

constexpr auto kAllowed = std::to_array<int>({
    // what is open already
    SCMP_SYS(read),
    SCMP_SYS(readv),
    SCMP_SYS(pread64),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(sendto),
    SCMP_SYS(sendmsg),
    SCMP_SYS(recvfrom),
    SCMP_SYS(recvmsg),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(close),
    SCMP_SYS(lseek),
    SCMP_SYS(fcntl),
    SCMP_SYS(fadvise64),
    // looking at files
    SCMP_SYS(fstat),
    SCMP_SYS(stat),
    SCMP_SYS(lstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(statx),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(getxattr),
    SCMP_SYS(fgetxattr),
    SCMP_SYS(getdents64),
    SCMP_SYS(getcwd),
    SCMP_SYS(chdir),
    SCMP_SYS(umask),
    // memory, threads of this process, time, signals to itself
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(brk),
    SCMP_SYS(futex),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(getrandom),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(getppid),
    SCMP_SYS(getrlimit),
    SCMP_SYS(getrusage),
    SCMP_SYS(times),
    SCMP_SYS(sysinfo),
    SCMP_SYS(uname),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
});

using Filter = std::unique_ptr<void, void (*)(scmp_filter_ctx)>;

// The macros SCMP_A0_64 and so on are not C++.
scmp_arg_cmp argument(unsigned number, scmp_compare compare, scmp_datum_t first,
                      scmp_datum_t second) {
    return {.arg = number, .op = compare, .datum_a = first, .datum_b = second};
}

bool allowSome(scmp_filter_ctx filter) {
    constexpr scmp_datum_t kWrites = O_ACCMODE | O_CREAT | O_TRUNC;
    const auto self = static_cast<scmp_datum_t>(::getpid());
    const auto allow = [&](int call, const scmp_arg_cmp& rule) {
        return seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1, rule) == 0;
    };
    return allow(SCMP_SYS(open), argument(1, SCMP_CMP_MASKED_EQ, kWrites, 0)) &&
           allow(SCMP_SYS(openat), argument(2, SCMP_CMP_MASKED_EQ, kWrites, 0)) &&
           // No memory becomes code.
           allow(SCMP_SYS(mmap), argument(2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) &&
           allow(SCMP_SYS(mprotect), argument(2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) &&
           allow(SCMP_SYS(kill), argument(0, SCMP_CMP_EQ, self, 0)) &&
           allow(SCMP_SYS(tgkill), argument(0, SCMP_CMP_EQ, self, 0)) &&
           // Only the limits of this process, and only to read them.
           allow(SCMP_SYS(prlimit64), argument(2, SCMP_CMP_EQ, 0, 0));
}

bool filterCalls() {
    const Filter filter(seccomp_init(SCMP_ACT_ERRNO(EPERM)), seccomp_release);
    if (!filter) return false;
    for (const int call : kAllowed) {
        if (seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 0) != 0) return false;
    }
    return allowSome(filter.get()) && seccomp_load(filter.get()) == 0;
}

// As in linux/landlock.h of newer kernels than those whose headers the build needs.
struct LandlockRules {
    std::uint64_t files = 0;
    std::uint64_t network = 0;  // since version 4
    std::uint64_t scopes = 0;   // since version 6
};

LandlockRules everything(long version) {
    constexpr std::array<int, 3> kFileRights{13, 14, 15};  // of versions 1, 2 and 3
    constexpr int kFileRightsOf5 = 16;
    const auto below = [](int bits) {
        return (std::uint64_t{1} << static_cast<unsigned>(bits)) - 1;
    };
    if (version >= 5)
        return {.files = below(kFileRightsOf5),
                .network = below(2),
                .scopes = version >= 6 ? below(2) : 0};
    if (version == 4) return {.files = below(kFileRights.back()), .network = below(2)};
    return {.files = below(kFileRights.at(static_cast<std::size_t>(version - 1)))};
}

void allowReading(int ruleset, const std::string& folder) {
    const FileDescriptor opened(::open(folder.c_str(), O_PATH | O_CLOEXEC));
    if (!opened) return;  // there is nothing to read
    landlock_path_beneath_attr rule{};
    rule.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
    rule.parent_fd = opened.get();
    ::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}

bool restrictFiles(std::span<const std::string> readable) {
    const long version =
        ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1) return false;
    const LandlockRules rules = everything(version);
    const std::size_t size = version >= 6   ? sizeof(rules)
                             : version >= 4 ? 2 * sizeof(std::uint64_t)
                                            : sizeof(std::uint64_t);
    const FileDescriptor ruleset(
        static_cast<int>(::syscall(SYS_landlock_create_ruleset, &rules, size, 0)));
    if (!ruleset) return false;
    for (const std::string& folder : readable) allowReading(ruleset.get(), folder);
    return ::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) == 0;
}

}  // namespace

void forbidNewPrivileges() { ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }

Sandbox enterSandbox(std::span<const std::string> readable) {
    forbidNewPrivileges();  // both require it
    Sandbox sandbox;
    sandbox.restricts_files = restrictFiles(readable);
    sandbox.filters_calls = kFilters && filterCalls();
    return sandbox;
}

}  // namespace sheafline
