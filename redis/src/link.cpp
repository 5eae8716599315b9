#include "link.h"

#include <array>
#include <cerrno>
#include <poll.h>
#include <string>
#include <sys/socket.h>

#include <Poco/Net/NetException.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocketImpl.h>
#include <Poco/Redis/RedisStream.h>

#include "reply_reader.h"

namespace sheafline::redis {

namespace {

using Clock = std::chrono::steady_clock;

// A socket with one deadline for sending and receiving. It reports the end of the connection as an
// error, because Poco's streams take it for the end of a line.
class DeadlineSocket : public Poco::Net::StreamSocketImpl {
 public:
    using StreamSocketImpl::receiveBytes;
    using StreamSocketImpl::sendBytes;

    void setDeadline(Clock::time_point deadline) { deadline_ = deadline; }

    int receiveBytes(void* buffer, int length, int /*flags*/ = 0) override {
        while (true) {
            const ssize_t count =
                ::recv(sockfd(), buffer, static_cast<std::size_t>(length), MSG_DONTWAIT);
            if (count > 0) return static_cast<int>(count);
            if (count == 0) throw Poco::Net::ConnectionResetException("it closed the connection");
            waitOrThrow(POLLIN);
        }
    }

    int sendBytes(const void* buffer, int length, int /*flags*/ = 0) override {
        while (true) {
            const ssize_t count = ::send(sockfd(), buffer, static_cast<std::size_t>(length),
                                         MSG_DONTWAIT | MSG_NOSIGNAL);
            if (count > 0) return static_cast<int>(count);
            waitOrThrow(POLLOUT);
        }
    }

 private:
    // After a call that failed with errno.
    void waitOrThrow(short event) {
        if (errno == EINTR) return;
        if (errno != EAGAIN && errno != EWOULDBLOCK) error(errno);
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline_ - Clock::now()).count();
        pollfd one{.fd = sockfd(), .events = event, .revents = 0};
        if (left <= 0 || ::poll(&one, 1, static_cast<int>(left)) == 0)
            throw Poco::TimeoutException("no answer");
    }

    Clock::time_point deadline_ = Clock::now();
};

Poco::Net::SocketAddress addressOf(const RedisUrl& url) {
    try {
        return {url.host, url.port};
    } catch (const Poco::Exception& error) {
        throw RedisError(Trouble::refused, "cannot find " + url.shown() + ": " +
                                               error.displayText() + "; check the host name");
    }
}

}  // namespace

struct Link::Streams {
    Poco::AutoPtr<DeadlineSocket> impl{new DeadlineSocket};
    Poco::Net::StreamSocket socket{impl.duplicate()};
    Poco::Redis::RedisInputStream input{socket};
};

Link::Link(const ConnectionOptions& options)
    : url_(options.url), streams_(std::make_unique<Streams>()) {
    const auto address = addressOf(url_);
    try {
        streams_->socket.connect(
            address, Poco::Timespan(std::chrono::microseconds(options.connect_timeout).count()));
        streams_->socket.setNoDelay(true);
        streams_->socket.setKeepAlive(true);
    } catch (const Poco::TimeoutException&) {
        throw RedisError(Trouble::timeout, "no connection to " + url_.shown() + " in time");
    } catch (const Poco::Exception& error) {
        throw RedisError(Trouble::refused,
                         "cannot connect to " + url_.shown() + ": " + error.displayText());
    }
    // Without this, reading a stream hides the exception of the socket.
    streams_->input.exceptions(std::ios::badbit);
    setDeadline(options.reply_timeout);
    greet(options);
}

Link::~Link() = default;

void Link::greet(const ConnectionOptions& options) {
    std::string bytes;
    int replies = 0;
    const auto add = [&](const Command& command) {
        encode(command, bytes);
        ++replies;
    };
    if (!url_.password.empty()) {
        if (url_.user.empty())
            add({"AUTH", url_.password});
        else
            add({"AUTH", url_.user, url_.password});
    }
    if (url_.database != 0) add({"SELECT", std::to_string(url_.database)});
    if (!options.name.empty()) add({"CLIENT", "SETNAME", options.name});
    if (replies == 0) return;
    send(bytes);
    Reply refusal;
    for (; replies > 0; --replies) {
        Reply reply = read();
        if (reply.isError() && !refusal.isError()) refusal = std::move(reply);
    }
    // A user without the permission for CLIENT may still be allowed to write.
    if (!refusal.isError() || refusal.text.starts_with("NOPERM")) return;
    throw RedisError(troubleOf(refusal.text),
                     url_.shown() + " rejects the connection: " + refusal.text);
}

void Link::setDeadline(std::chrono::milliseconds from_now) {
    streams_->impl->setDeadline(Clock::now() + from_now);
}

template <typename Action>
auto Link::named(const Action& action) {
    try {
        return action();
    } catch (const Poco::TimeoutException&) {
        throw RedisError(Trouble::timeout, url_.shown() + " does not answer in time");
    } catch (const Poco::Net::NetException& error) {
        throw RedisError(Trouble::lost,
                         "the connection to " + url_.shown() + " was lost: " + error.displayText());
    } catch (const Poco::IOException& error) {
        throw RedisError(Trouble::lost,
                         "the connection to " + url_.shown() + " was lost: " + error.displayText());
    } catch (const Poco::Exception& error) {
        throw RedisError(Trouble::other, url_.shown() + " does not answer like Redis: " +
                                             error.displayText() + "; check host and port");
    }
}

void Link::send(std::string_view bytes) {
    named([&] {
        while (!bytes.empty()) {
            const auto length = static_cast<int>(std::min<std::size_t>(bytes.size(), 1U << 20U));
            bytes.remove_prefix(
                static_cast<std::size_t>(streams_->impl->sendBytes(bytes.data(), length)));
        }
    });
}

Reply Link::read() {
    return named([&] { return readReply(streams_->input); });
}

bool Link::buffered() const { return streams_->input.RedisIOS::rdbuf()->in_avail() > 0; }

int Link::fd() const { return streams_->impl->sockfd(); }

void encode(const Command& command, std::string& bytes) {
    const auto count = [&](char mark, std::size_t number) {
        bytes += mark;
        bytes += std::to_string(number);
        bytes += "\r\n";
    };
    count('*', command.size());
    for (const std::string& word : command) {
        count('$', word.size());
        bytes += word;
        bytes += "\r\n";
    }
}

}  // namespace sheafline::redis
