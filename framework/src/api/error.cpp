#include <cerrno>
#include <cstring>
#include <utility>

#include <sheafline/error.h>

namespace sheafline {

namespace {

std::string_view codeOf(int error_number) {
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

std::string joined(const std::vector<Mistake>& mistakes) {
    std::string text;
    for (const Mistake& mistake : mistakes) {
        if (!text.empty()) text += '\n';
        text += toString(mistake);
    }
    return text;
}

}  // namespace

Error::Error(ErrorClass error_class, std::string code, const std::string& message)
    : std::runtime_error(message), class_(error_class), code_(std::move(code)) {}

Error::~Error() = default;

void throwSystemError(int error_number, const std::string& what) {
    throw Error(classOf(error_number), std::string(codeOf(error_number)),
                what + ": " + std::strerror(error_number));
}

std::string toString(const Mistake& mistake) {
    if (mistake.line == 0)
        return mistake.file.empty() ? mistake.message : mistake.file + ": " + mistake.message;
    return mistake.file + ":" + std::to_string(mistake.line) + ":" +
           std::to_string(mistake.column) + ": " + mistake.message;
}

ConfigError::ConfigError(std::vector<Mistake> mistakes)
    : std::runtime_error(joined(mistakes)), mistakes_(std::move(mistakes)) {}

ConfigError::ConfigError(std::string message)
    : ConfigError(
          std::vector<Mistake>{Mistake{.file = {}, .key = {}, .message = std::move(message)}}) {}

ConfigError::~ConfigError() = default;

}  // namespace sheafline
