// Every `code` that an error of the API can have, with its status, meaning and remedy. The
// description at /api/openapi.json is made from this table, and a test compares it with the code.
#pragma once

#include <span>
#include <string_view>

#include "http/message/problem.h"

namespace sheafline::api {

struct ProblemCode {
    std::string_view code{};  // stable, upper case
    int status = 0;
    std::string_view meaning{};  // what happened
    std::string_view remedy{};   // what the client can do; after "; " in `detail`
};

// Throws std::logic_error for one that is not in the table.
const ProblemCode& problemCode(std::string_view code);

// The same problem with a detail that says what to do: the remedy of its code is added where the
// detail has none of its own.
http::Problem withRemedy(http::Problem problem);

// Errors that the front and the table of routes may answer to any request.
std::span<const std::string_view> commonProblems();

}  // namespace sheafline::api
