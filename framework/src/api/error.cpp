#include <cerrno>
#include <cstring>
#include <utility>

#include <sheafline/error.h>

#include "api/system_error_code.h"

namespace sheafline {

namespace {

// Another program may give back what is missing now.
ErrorClass classOf(int error_number) {
    switch (error_number) {
        case EMFILE:
        case ENFILE:
        case EAGAIN:
        case ENOMEM:
            return ErrorClass::transient;
        default:
            return ErrorClass::permanent;
    }
}

std::string joined(const std::vector<Finding>& findings) {
    std::string text;
    for (const Finding& finding : findings) {
        if (!text.empty()) text += '\n';
        text += toString(finding);
    }
    return text;
}

}  // namespace

std::string_view systemErrorCode(int error_number) {
    switch (error_number) {
        case ENOSPC:
        case EDQUOT:
            return "DISK_FULL";
        case EROFS:
            return "DISK_READONLY";
        case EIO:
            return "DISK_IO";
        case EACCES:
        case EPERM:
            return "NOT_PERMITTED";
        case ENOENT:
            return "NOT_FOUND";
        case EMFILE:
        case ENFILE:
            return "TOO_MANY_FILES";
        default:
            return "SYSTEM";
    }
}

Error::Error(ErrorClass error_class, std::string code, const std::string& message)
    : std::runtime_error(message), class_(error_class), code_(std::move(code)) {}

Error::~Error() = default;

void throwSystemError(int error_number, const std::string& what) {
    throw Error(classOf(error_number), std::string(systemErrorCode(error_number)),
                what + ": " + std::strerror(error_number));
}

std::string toString(const Finding& finding) {
    if (finding.line == 0)
        return finding.file.empty() ? finding.message : finding.file + ": " + finding.message;
    return finding.file + ":" + std::to_string(finding.line) + ":" +
           std::to_string(finding.column) + ": " + finding.message;
}

ConfigError::ConfigError(std::vector<Finding> findings)
    : std::runtime_error(joined(findings)), findings_(std::move(findings)) {}

ConfigError::ConfigError(std::string message)
    : ConfigError(
          std::vector<Finding>{Finding{.file = {}, .key = {}, .message = std::move(message)}}) {}

ConfigError::~ConfigError() = default;

}  // namespace sheafline
