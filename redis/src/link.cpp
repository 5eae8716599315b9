#include "link.h"

#include <string>

#include <Poco/Net/NetException.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Redis/RedisStream.h>

#include "deadline_socket.h"
#include "reply_reader.h"
#include "sentinel.h"

namespace sheafline::redis {

namespace {

using Clock = std::chrono::steady_clock;

Poco::Net::SocketAddress addressOf(const RedisUrl& url) {
    try {
        return {url.host, url.port};
    } catch (const Poco::Exception& error) {
        throw RedisError(ErrorKind::refused, std::string("cannot find Redis: ") + error.name() +
                                                 "; check the host name");
    }
}

// Clients of a replica would get READONLY for every write, and old data for every read.
bool isPrimary(const Reply& role) {
    return role.items.empty() || role.items.front().text == "master";
}

}  // namespace

struct Link::Streams {
    Poco::AutoPtr<DeadlineSocket> impl{new DeadlineSocket};
    Poco::Net::StreamSocket socket{impl.duplicate()};
    Poco::Redis::RedisInputStream input{socket};
};

template <typename Action>
auto Link::named(const Action& action) {
    try {
        return action();
    } catch (const TlsError& error) {
        throw RedisError(ErrorKind::tls,
                         std::string("no TLS connection to Redis: ") + error.what());
    } catch (const Poco::TimeoutException&) {
        throw RedisError(ErrorKind::timeout, "Redis does not answer in time");
    } catch (const Poco::Net::NetException& error) {
        const std::string why = error.message().empty() ? error.name() : error.message();
        throw RedisError(ErrorKind::lost, "the connection to Redis was lost: " + why + hint_);
    } catch (const Poco::IOException& error) {
        throw RedisError(ErrorKind::lost,
                         "the connection to Redis was lost: " + error.displayText());
    } catch (const Poco::Exception& error) {
        throw RedisError(ErrorKind::other, "the server does not answer like Redis: " +
                                               error.displayText() + "; check host and port");
    }
}

Link::Link(const ConnectionOptions& options) : streams_(std::make_unique<Streams>()) {
    if (options.url.sentinels.empty()) {
        connect(options);
        greet(options);
        return;
    }
    const ConnectionOptions primary = primaryOf(options);
    connect(primary);
    greet(primary);
    requirePrimary(options);
}

Link::~Link() = default;

void Link::connect(const ConnectionOptions& options) {
    const auto address = addressOf(options.url);
    try {
        streams_->socket.connect(
            address, Poco::Timespan(std::chrono::microseconds(options.connect_timeout).count()));
        streams_->socket.setNoDelay(true);
        streams_->socket.setKeepAlive(true);
    } catch (const Poco::TimeoutException&) {
        throw RedisError(ErrorKind::timeout, "no connection to Redis in time");
    } catch (const Poco::Exception& error) {
        throw RedisError(ErrorKind::refused,
                         std::string("cannot connect to Redis: ") + error.name());
    }
    // Without this, reading a stream hides the exception of the socket.
    streams_->input.exceptions(std::ios::badbit);
    setDeadline(options.connect_timeout);
    if (options.url.tls) startTls(options.url);
    setDeadline(options.reply_timeout);
}

void Link::startTls(const RedisUrl& url) {
    // With TLS 1.3, a server that misses the certificate ends the connection after the handshake.
    if (url.files.certificate.empty())
        hint_ = "; if Redis requires a client certificate, add cert and key to its URL";
    try {
        named([&] { streams_->impl->startTls(url.host, url.files); });
    } catch (const RedisError& error) {
        if (error.kind() != ErrorKind::timeout) throw;
        throw RedisError(ErrorKind::timeout,
                         "Redis does not answer the TLS handshake; check that "
                         "the port speaks TLS");
    }
}

void Link::greet(const ConnectionOptions& options) {
    const RedisUrl& url = options.url;
    std::string bytes;
    int replies = 0;
    const auto add = [&](const Command& command) {
        encode(command, bytes);
        ++replies;
    };
    if (!url.password.empty()) {
        if (url.user.empty())
            add({"AUTH", url.password});
        else
            add({"AUTH", url.user, url.password});
    }
    if (url.database != 0) add({"SELECT", std::to_string(url.database)});
    if (!options.name.empty()) add({"CLIENT", "SETNAME", options.name});
    if (replies == 0) return;
    send(bytes);
    Reply error_reply;
    for (; replies > 0; --replies) {
        Reply reply = read();
        if (reply.isError() && !error_reply.isError()) error_reply = std::move(reply);
    }
    // A user without permission for CLIENT may still be allowed to write.
    if (!error_reply.isError() || error_reply.text.starts_with("NOPERM")) return;
    throw RedisError(kindOf(error_reply.text), "Redis rejects the connection: " + error_reply.text);
}

// Right after a failover, a sentinel may still name the former primary.
void Link::requirePrimary(const ConnectionOptions& options) {
    std::string bytes;
    encode({"ROLE"}, bytes);
    setDeadline(options.reply_timeout);
    send(bytes);
    if (!isPrimary(read()))
        throw RedisError(ErrorKind::readonly, "the sentinels name a server that is a replica");
}

void Link::setDeadline(std::chrono::milliseconds from_now) {
    streams_->impl->setDeadline(Clock::now() + from_now);
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

bool Link::buffered() const {
    return streams_->input.RedisIOS::rdbuf()->in_avail() > 0 || streams_->impl->buffered();
}

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
