// Errors in HTTP: a Problem is an answer of RFC 9457 (application/problem+json), and HttpError
// throws one. A handler may throw HttpError until it has sent something. `detail` is shown to the
// client, so it must not contain a path of the host or the text of another exception.
//
//     throw HttpError(409, "OFFSET_MISMATCH", "the upload is at byte 512");
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sheafline::http {

using Fields = std::vector<std::pair<std::string, std::string>>;

struct FieldProblem {
    std::string pointer{};  // JSON pointer: "/params/key"
    std::string detail{};
    std::string member{};  // the name of a further member, or empty
    std::string json{};    // its value
};

struct Problem {
    int status = 500;
    std::string code{};  // stable, upper case: "BODY_TOO_LARGE"
    std::string detail{};
    std::vector<FieldProblem> errors{};
    Fields fields{};  // header fields of the answer, such as Allow or Retry-After
};

std::string toJson(const Problem& problem);
std::string_view reasonOf(int status);  // "Not Found"

class HttpError : public std::runtime_error {
 public:
    explicit HttpError(Problem problem);
    HttpError(int status, std::string code, std::string detail);

    const Problem& problem() const { return problem_; }

 private:
    Problem problem_;
};

}  // namespace sheafline::http
