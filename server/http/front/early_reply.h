// Answers that the loop sends without a handler.
#pragma once

#include <cstdint>
#include <string>

#include "http/message/problem.h"
#include "http/message/request_head.h"

namespace sheafline::http {

std::string earlyReply(const Problem& problem, const RequestHead& head, bool close,
                       const Fields& always, const std::string& request_id);

// For an event stream: 200 and the time after which its EventSource reconnects.
std::string streamLater(const RequestHead& head, const Fields& always,
                        const std::string& request_id, std::uint64_t retry_ms);

}  // namespace sheafline::http
