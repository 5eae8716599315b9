// The errors that cross Sheafline's boundaries. Throw an Error if a batch cannot continue: its
// class says whether a retry can help, its code is stable and in upper case (`DISK_FULL`), and its
// text names what failed and the remedy. A mistake in a pipeline file or on the command line is a
// ConfigError, which has its place. A bad sheet is data, not an error: see SheetTable::quarantine.
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

// One mistake of a user: "omr.yaml:31:18: unknown option 'max_byte' of extract; did you mean
// 'max_bytes'?"
struct Mistake {
    std::string file;
    int line = 0;     // 1-based; 0 if there is no place in a file
    int column = 0;   // 1-based
    std::string key;  // the key at fault, such as "stages.extract.with.max_byte"
    std::string message;
};

SHEAFLINE_API std::string toString(const Mistake& mistake);

// All mistakes in one file or command line, found in one run.
class SHEAFLINE_API ConfigError : public std::runtime_error {
 public:
    explicit ConfigError(std::vector<Mistake> mistakes);
    explicit ConfigError(std::string message);
    ~ConfigError() override;

    const std::vector<Mistake>& mistakes() const { return mistakes_; }

 private:
    std::vector<Mistake> mistakes_;
};

}  // namespace sheafline
