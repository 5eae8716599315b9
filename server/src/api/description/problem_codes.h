// Every `code` that an error of the API can have, with its status and meaning. /api/openapi.json
// describes the errors from this table, and a test compares the sources with it.
#pragma once

#include <span>
#include <string_view>

namespace sheafline::api {

struct ProblemCode {
    std::string_view code{};  // stable, upper case
    int status = 0;
    std::string_view meaning{};
};

// Throws std::logic_error for one that is not in the table.
const ProblemCode& problemCode(std::string_view code);

// Errors that the front and the table of routes may answer to any request.
std::span<const std::string_view> commonProblems();

}  // namespace sheafline::api
