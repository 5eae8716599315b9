// The errors that cross Sheafline's boundaries. An Error stops a batch: its class says whether
// another attempt can help, its code is stable and upper case (`DISK_FULL`), and its text names the
// cause and the remedy. A ConfigError holds the findings of a check of a file or a command line,
// with their places. A bad sheet is data, not an error: see SheetTable::quarantine.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/export.h>

namespace sheafline {

enum class ErrorClass {
    transient,  // another attempt may succeed: a connection lost, a lock held
    permanent,  // it will fail again: a truncated archive, a wrong password
    cancelled,  // the stage stopped because it was asked to
};

class SHEAFLINE_API Error : public std::runtime_error {
 public:
    Error(ErrorClass error_class, std::string code, const std::string& message);
    ~Error() override;

    ErrorClass errorClass() const { return class_; }
    const std::string& code() const { return code_; }

 private:
    ErrorClass class_;
    std::string code_;
};

// Throws an Error whose code and text name the errno of a failed system call:
// throwSystemError(ENOSPC, "cannot write results.csv") has the code DISK_FULL. Its class is
// permanent, or transient if there are temporarily not enough descriptors, processes or memory
// (TOO_MANY_FILES).
[[noreturn]] SHEAFLINE_API void throwSystemError(int error_number, const std::string& what);

// One line of a check of a file: "omr.yaml:31:18: unknown option 'max_byte' of extract; did you
// mean 'max_bytes'?"
struct Finding {
    std::string file;
    int line = 0;     // 1-based; 0 if it concerns no line of a file
    int column = 0;   // 1-based
    std::string key;  // the key that is wrong, such as "stages.extract.with.max_byte"
    std::string message;
};

SHEAFLINE_API std::string toString(const Finding& finding);

// All findings of one file or command line; a check reports them together.
class SHEAFLINE_API ConfigError : public std::runtime_error {
 public:
    explicit ConfigError(std::vector<Finding> findings);
    explicit ConfigError(std::string message);
    ~ConfigError() override;

    const std::vector<Finding>& findings() const { return findings_; }

 private:
    std::vector<Finding> findings_;
};

}  // namespace sheafline
