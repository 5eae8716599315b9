// A confined processor that tries actions which its sandbox must reject, and returns the results:
// "ok" or the name of the error.
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <string>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sheafline/file_descriptor.h>
#include <sheafline/plugin.h>

namespace {

using namespace sheafline;

std::string outcome(bool done) { return done ? "ok" : ::strerrorname_np(errno); }

std::string opened(const std::filesystem::path& path, int flags) {
    const FileDescriptor file(::open(path.c_str(), flags | O_CLOEXEC, 0600));
    return outcome(static_cast<bool>(file));
}

std::string started() {
    std::string name = "true";
    std::array<char*, 2> arguments{name.data(), nullptr};
    pid_t child = 0;
    errno = ::posix_spawn(&child, "/bin/true", nullptr, nullptr, arguments.data(), nullptr);
    return outcome(errno == 0);
}

std::string executed() {
    std::string name = "true";
    std::array<char*, 2> arguments{name.data(), nullptr};
    ::execv("/bin/true", arguments.data());
    return outcome(false);
}

std::string forked() {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(0);
    return outcome(child > 0);
}

std::string madeCode() {
    void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return outcome(page != MAP_FAILED);
}

struct Options {
    std::filesystem::path other;

    explicit Options(Params& p)
        : other(p.path("other", {.help = "a file in another folder", .required = true})) {}
};

class Confined : public Processor {
 public:
    explicit Confined(Params& params) : options_(params) {}

    std::vector<std::string> columns() const override {
        return {"own",  "other", "write", "create", "socket",
                "fork", "spawn", "exec",  "code",   "kill"};
    }

    Reading process(const SheetTask& task) override {
        const FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const std::string with_socket = outcome(static_cast<bool>(socket));
        std::filesystem::path fresh = task.path;
        fresh += ".new";
        return {.values = {opened(task.path, O_RDONLY), opened(options_.other, O_RDONLY),
                           opened(task.path, O_WRONLY), opened(fresh, O_WRONLY | O_CREAT),
                           with_socket, forked(), started(), executed(), madeCode(),
                           outcome(::kill(::getppid(), 0) == 0)}};
    }

 private:
    const Options options_;
};

}  // namespace

const sheafline::PluginDescriptor sheafline_plugin{.kind = PluginKind::processor,
                                                   .name = "confined",
                                                   .version = "1.0.0",
                                                   .summary = "tries what a sandbox must refuse",
                                                   .confined = true,
                                                   .params = paramsOf<Options>,
                                                   .make_processor = makeProcessor<Confined>};
