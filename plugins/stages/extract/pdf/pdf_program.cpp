#include "pdf_program.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <span>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/run_program.h>
#include <sheafline/spawn.h>
#include <sheafline/stage.h>

namespace sheafline::extract {

namespace {

constexpr std::chrono::milliseconds kStopPause{100};

}  // namespace

PdfProgram::PdfProgram(const std::vector<std::string>& arguments) {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throwSystemError(errno, "cannot make a pipe");
    output_ = FileDescriptor(ends[0]);
    const FileDescriptor written(ends[1]);
    const FileDescriptor nothing = openFile("/dev/null", O_WRONLY);
    pid_ = spawn({.arguments = arguments,
                  .environment = plainEnvironment(),
                  .output = written.get(),
                  .errors = nothing.get(),
                  .own_group = true,
                  .ends_with_caller = true});
}

PdfProgram::~PdfProgram() {
    if (pid_ > 0) end();
}

// Kills what still runs, and returns the wait status.
int PdfProgram::end() {
    ::kill(-pid_, SIGKILL);
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return status;
}

bool PdfProgram::fill(std::uint8_t* target, std::size_t length, Clock::time_point deadline,
                      const std::stop_token& stop) {
    while (length > 0) {
        throwIfStopped(stop);
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
        late_ = left.count() <= 0;
        if (late_) return false;
        pollfd ready{output_.get(), POLLIN, 0};
        if (::poll(&ready, 1, static_cast<int>(std::min(left, kStopPause).count())) <= 0) continue;
        const ssize_t count = ::read(output_.get(), target, length);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        target += count;
        length -= static_cast<std::size_t>(count);
    }
    return true;
}

std::optional<PdfFrame> PdfProgram::next(std::uint64_t max_bytes, std::chrono::milliseconds timeout,
                                         const std::stop_token& stop) {
    const auto deadline = Clock::now() + timeout;
    std::array<std::uint8_t, pdf::kPageFrameBytes> head{};
    if (!fill(head.data(), head.size(), deadline, stop)) return std::nullopt;
    const auto frame = pdf::decoded(head);
    wrong_ = !frame || frame->length > max_bytes;
    if (wrong_) return std::nullopt;
    PdfFrame whole{.head = *frame};
    whole.bytes.resize(static_cast<std::size_t>(frame->length));
    if (!fill(whole.bytes.data(), whole.bytes.size(), deadline, stop)) return std::nullopt;
    return whole;
}

std::string PdfProgram::failure() {
    if (late_) return "took too long";
    if (wrong_) return "gave a wrong answer";
    // It has closed its output, so it ends now; a signal that ended it counts, not our kill.
    int status = 0;
    pid_t waited = 0;
    while ((waited = ::waitpid(pid_, &status, 0)) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    if (waited > 0 && WIFSIGNALED(status)) {
        const char* name = ::sigabbrev_np(WTERMSIG(status));
        return "ended with SIG" + std::string(name == nullptr ? "?" : name);
    }
    return "ended with status " + std::to_string(WEXITSTATUS(status));
}

std::filesystem::path pdfProgramFile() {
    Dl_info own{};
    const bool known = ::dladdr(reinterpret_cast<const void*>(&pdfProgramFile), &own) != 0;
    std::filesystem::path file =
        std::filesystem::path(known ? own.dli_fname : "").parent_path() / "sheafline-pdf";
    if (::access(file.c_str(), X_OK) != 0)
        throw Error(ErrorClass::permanent, "PDF_PROGRAM",
                    "the program sheafline-pdf, which reads PDFs, is missing beside the plugin "
                    "extract; install Sheafline again");
    return file;
}

}  // namespace sheafline::extract
