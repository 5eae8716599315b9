#include <utility>

#include <sheafline/redis/connection.h>

#include "link.h"

namespace sheafline::redis {

Connection::Connection(ConnectionOptions options) : options_(std::move(options)) {}
Connection::~Connection() = default;
Connection::Connection(Connection&&) noexcept = default;

void Connection::connect() {
    if (!link_) link_ = std::make_unique<Link>(options_);
}

void Connection::close() { link_.reset(); }

std::vector<Reply> Connection::exchange(std::span<const Command> commands,
                                        std::chrono::milliseconds wait) {
    connect();
    std::string bytes;
    for (const Command& command : commands) encode(command, bytes);
    std::vector<Reply> replies;
    replies.reserve(commands.size());
    try {
        link_->setDeadline(options_.reply_timeout + wait);
        link_->send(bytes);
        while (replies.size() < commands.size()) replies.push_back(link_->read());
    } catch (...) {
        // Late replies must not be taken for those of the next command.
        link_.reset();
        throw;
    }
    return replies;
}

const Reply& Connection::checked(const Reply& reply) {
    if (!reply.isError()) return reply;
    const ErrorKind kind = kindOf(reply.text);
    // The next connection may lead to another server, which is primary or knows the user.
    if (kind == ErrorKind::readonly || kind == ErrorKind::auth) link_.reset();
    throw RedisError(kind, answered(reply.text));
}

Reply Connection::run(const Command& command) { return run(command, {}); }

Reply Connection::run(const Command& command, std::chrono::milliseconds wait) {
    return checked(exchange({&command, 1}, wait).front());
}

std::vector<Reply> Connection::pipeline(std::span<const Command> commands) {
    return exchange(commands, {});
}

Reply Connection::eval(const Script& script, const ScriptCall& call) {
    return checked(evalAll(script, {&call, 1}).front());
}

std::vector<Reply> Connection::evalAll(const Script& script, std::span<const ScriptCall> calls) {
    std::vector<Command> commands;
    commands.reserve(calls.size());
    for (const ScriptCall& call : calls) commands.push_back(script.command(call));
    std::vector<Reply> replies = exchange(commands, {});
    const auto forgotten = [](const Reply& reply) {
        return reply.isError() && reply.text.starts_with("NOSCRIPT");
    };
    std::vector<std::size_t> again;
    for (std::size_t i = 0; i < replies.size(); ++i) {
        if (forgotten(replies[i])) again.push_back(i);
    }
    if (again.empty()) return replies;
    std::vector<Command> missing{{"SCRIPT", "LOAD", script.text()}};
    for (const std::size_t i : again) missing.push_back(std::move(commands[i]));
    std::vector<Reply> late = exchange(missing, {});
    static_cast<void>(checked(late.front()));
    for (std::size_t i = 0; i < again.size(); ++i) replies[again[i]] = std::move(late[i + 1]);
    return replies;
}

}  // namespace sheafline::redis
