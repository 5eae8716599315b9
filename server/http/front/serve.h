// Runs one request's handler under Poco's session, request and response, on a handler thread. The
// connection is the caller's again when it returns; close_after says whether it can go on.
#pragma once

#include <Poco/Net/HTTPServerParams.h>

#include <sheafline/log.h>

#include "http/message/exchange.h"

namespace sheafline::http {

struct ServeSettings {
    ExchangeSettings exchange;
    Poco::Net::SocketAddress local;
    Poco::Net::HTTPServerParams::Ptr poco;
    const std::atomic<bool>& stopping;
    Log& log;
};

void serve(Connection& connection, const ServeSettings& settings);

// Answers from the loop, without a handler: a problem, and the one for an EventSource that is to
// come again.
std::string streamLater(const RequestHead& head, const Fields& always,
                        const std::string& request_id, std::uint64_t retry_ms);
std::string earlyReply(const Problem& problem, const RequestHead& head, bool close,
                       const Fields& always, const std::string& request_id);

}  // namespace sheafline::http
