// Every `code` that an error of the API can have, with its status: what the description at
// /api/openapi.json says of errors comes from here, and a test holds the code to it.
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

// What the front and the table of routes may answer any request with.
std::span<const std::string_view> commonProblems();

}  // namespace sheafline::api
