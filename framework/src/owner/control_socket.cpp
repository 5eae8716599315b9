#include "owner/control_socket.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

#include <sheafline/error.h>

namespace sheafline {

namespace {

constexpr std::size_t kMaxLineBytes = std::size_t{64} << 20U;  // of many decisions
constexpr std::size_t kPieceBytes = 65'536;
constexpr std::chrono::seconds kPatience{10};  // of a client
using Clock = std::chrono::steady_clock;

// An address is at most 107 bytes long, a folder's path may be longer: so it is named by an open
// folder.
class Address {
 public:
    explicit Address(const std::filesystem::path& path)
        : folder_(openFile(path.parent_path(), O_PATH | O_DIRECTORY)) {
        address_.sun_family = AF_UNIX;
        const std::string text =
            "/proc/self/fd/" + std::to_string(folder_.get()) + "/" + path.filename().string();
        text.copy(address_.sun_path, sizeof address_.sun_path - 1);
    }

    const sockaddr* get() const {
        return reinterpret_cast<const sockaddr*>(&address_);
    }  // NOLINT: the socket API's own cast
    static socklen_t size() { return sizeof(sockaddr_un); }

 private:
    const FileDescriptor folder_;
    sockaddr_un address_{};
};

// The time is that of the whole line: a peer that sends one byte after another gets no more.
std::optional<std::string> readLine(int socket, Clock::time_point deadline) {
    std::string line;
    std::array<char, kPieceBytes> piece{};
    while (line.size() < kMaxLineBytes) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
        pollfd one{.fd = socket, .events = POLLIN, .revents = 0};
        if (left <= 0 || ::poll(&one, 1, static_cast<int>(left)) == 0) return std::nullopt;
        const ssize_t count = ::recv(socket, piece.data(), piece.size(), MSG_DONTWAIT);
        if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (count <= 0) return std::nullopt;
        line.append(piece.data(), static_cast<std::size_t>(count));
        // A connection has one line, so nothing follows it.
        if (line.back() == '\n') {
            line.pop_back();
            return line;
        }
    }
    return std::nullopt;
}

// Lines fit into the buffer of a socket. A client also waits this long for an owner that is
// stopped.
void limitSending(int socket, std::chrono::milliseconds patience) {
    const timeval limit{.tv_sec = patience.count() / 1000,
                        .tv_usec = patience.count() % 1000 * 1000};
    ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

bool sendLine(int socket, std::string line) {
    line += '\n';
    return ::send(socket, line.data(), line.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(line.size());
}

}  // namespace

ControlSocket::ControlSocket(std::filesystem::path path,
                             std::function<std::string(const std::string&)> answer,
                             std::chrono::milliseconds patience)
    : path_(std::move(path)),
      answer_(std::move(answer)),
      patience_(patience),
      listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const Address address(path_);
    ::unlink(path_.c_str());  // of an owner that was killed: the lock is ours, so it is unused
    const mode_t mask = ::umask(0177);
    const bool bound = ::bind(listener_.get(), address.get(), Address::size()) == 0 &&
                       ::listen(listener_.get(), 16) == 0;
    const int error_number = errno;
    ::umask(mask);
    if (!bound) throwSystemError(error_number, "cannot listen on " + path_.string());
    thread_ = std::jthread([this](const std::stop_token& stop) { serveLoop(stop); });
}

ControlSocket::~ControlSocket() {
    thread_.request_stop();
    ::shutdown(listener_.get(), SHUT_RDWR);  // wakes accept
    thread_.join();
    ::unlink(path_.c_str());
}

void ControlSocket::serveLoop(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        const FileDescriptor connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!connection) {
            if (errno == EINTR || errno == ECONNABORTED) continue;
            if (stop.stop_requested() || errno == EINVAL) return;
            ::poll(nullptr, 0, 100);  // out of descriptors: a moment later there may be one
            continue;
        }
        serve(connection.get());
    }
}

void ControlSocket::serve(int connection) {
    limitSending(connection, patience_);
    const auto request = readLine(connection, Clock::now() + patience_);
    if (!request) return;
    std::string answer;
    try {
        const std::string error = answer_(*request);
        answer = error.empty() ? "ok" : "error " + error;
    } catch (const ConfigError& error) {
        answer = std::string("error ") + error.what();
    } catch (const Error& error) {
        answer = "failed " + error.code() + " " + error.what();
    } catch (const std::exception& error) {
        answer = std::string("failed OWNER ") + error.what();
    }
    std::ranges::replace(answer, '\n', ' ');
    sendLine(connection, std::move(answer));
}

void askOwner(const std::filesystem::path& socket, const std::string& request) {
    const FileDescriptor connection(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    limitSending(connection.get(), kPatience);
    const Address address(socket);
    std::optional<std::string> answer;
    if (::connect(connection.get(), address.get(), Address::size()) == 0 &&
        sendLine(connection.get(), request))
        answer = readLine(connection.get(), Clock::now() + kPatience);
    if (answer == "ok") return;
    constexpr std::string_view kError = "error ";
    constexpr std::string_view kFailed = "failed ";
    if (answer && answer->starts_with(kError)) throw ConfigError(answer->substr(kError.size()));
    if (answer && answer->starts_with(kFailed)) {
        const std::size_t end = std::min(answer->find(' ', kFailed.size()), answer->size() - 1);
        throw Error(ErrorClass::permanent, answer->substr(kFailed.size(), end - kFailed.size()),
                    answer->substr(end + 1));
    }
    throw Error(
        ErrorClass::permanent, "OWNER",
        "the owner of the data folder does not answer; it may still do this later, so look at "
        "the batch before you repeat it");
}

}  // namespace sheafline
