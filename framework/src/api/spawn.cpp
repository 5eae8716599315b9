#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <sheafline/error.h>
#include <sheafline/file_descriptor.h>
#include <sheafline/spawn.h>

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX requires it

namespace sheafline {

namespace {

constexpr int kFirstOther = STDERR_FILENO + 1;

// Frees the two structures of posix_spawn at the end of the block.
class Setup {
 public:
    explicit Setup(const SpawnSpec& spec) {
        posix_spawn_file_actions_init(&actions_);
        posix_spawnattr_init(&attributes_);
        place(spec);
        if (!spec.folder.empty())
            posix_spawn_file_actions_addchdir_np(&actions_, spec.folder.c_str());
        sigset_t none;
        sigset_t all;
        sigemptyset(&none);
        sigfillset(&all);
        posix_spawnattr_setsigmask(&attributes_, &none);
        posix_spawnattr_setsigdefault(&attributes_, &all);
        posix_spawnattr_setpgroup(&attributes_, 0);
        const int group = spec.own_group ? POSIX_SPAWN_SETPGROUP : 0;
        posix_spawnattr_setflags(&attributes_, static_cast<short>(POSIX_SPAWN_SETSIGMASK |
                                                                  POSIX_SPAWN_SETSIGDEF | group));
    }
    ~Setup() {
        posix_spawn_file_actions_destroy(&actions_);
        posix_spawnattr_destroy(&attributes_);
    }
    Setup(const Setup&) = delete;
    Setup& operator=(const Setup&) = delete;

    const posix_spawn_file_actions_t* actions() const { return &actions_; }
    const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
    void place(const SpawnSpec& spec) {
        const std::array<int, 3> given{spec.output, spec.errors, spec.socket};
        for (std::size_t i = 0; i < given.size(); ++i) {
            if (given[i] < 0) continue;
            // Out of the way of the numbers 0 to 3, which the actions below overwrite in turn.
            moved_[i] = FileDescriptor(::fcntl(given[i], F_DUPFD_CLOEXEC, kFirstOther + 1));
            if (!moved_[i]) throwSystemError(errno, "cannot start a program");
            posix_spawn_file_actions_adddup2(&actions_, moved_[i].get(),
                                             static_cast<int>(i) + STDOUT_FILENO);
        }
        posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_addclosefrom_np(&actions_,
                                                 spec.socket < 0 ? kFirstOther : kFirstOther + 1);
    }

    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
    std::array<FileDescriptor, 3> moved_{};
};

std::vector<char*> pointersTo(const std::vector<std::string>& texts) {
    std::vector<char*> all;
    all.reserve(texts.size() + 1);
    for (const std::string& text : texts)
        all.push_back(const_cast<char*>(text.c_str()));  // NOLINT(*-const-cast): C's signature
    all.push_back(nullptr);
    return all;
}

}  // namespace

int spawn(const SpawnSpec& spec) {
    const std::string program = spec.program.empty() ? spec.arguments.at(0) : spec.program.string();
    const Setup setup(spec);
    const std::vector<char*> arguments = pointersTo(spec.arguments);
    const std::vector<char*> own =
        spec.environment ? pointersTo(*spec.environment) : std::vector<char*>{};
    pid_t pid = -1;
    const int code = ::posix_spawnp(&pid, program.c_str(), setup.actions(), setup.attributes(),
                                    arguments.data(), spec.environment ? own.data() : environ);
    if (code != 0) {
        const std::string where = spec.folder.empty() ? "" : " in " + spec.folder.string();
        throwSystemError(code, "cannot start '" + program + "'" + where);
    }
    return pid;
}

}  // namespace sheafline
