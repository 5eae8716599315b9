// An error of SQLite, as an Error whose class and code say what to do: DATABASE_BUSY (transient),
// DISK_FULL, DISK_READONLY, DISK_IO, DATABASE_CORRUPT, NOT_PERMITTED, and DATABASE for the rest.
// Its text names the file and repeats SQLite's own reason.
#pragma once

#include <string>

#include <sheafline/error.h>
#include <sheafline/export.h>

namespace sheafline::sqlite {

class SHEAFLINE_API SqliteError : public Error {
 public:
    // `result` is an extended result code of SQLite; `error_number` is the errno of the failed
    // system call, or 0 if there was none.
    SqliteError(int result, int error_number, const std::string& file, const std::string& reason);
    ~SqliteError() override;

    int result() const { return result_; }
    int primaryResult() const { return result_ & 0xFF; }
    int errorNumber() const { return error_number_; }
    const std::string& reason() const { return reason_; }

 private:
    int result_;
    int error_number_;
    std::string reason_;
};

}  // namespace sheafline::sqlite
