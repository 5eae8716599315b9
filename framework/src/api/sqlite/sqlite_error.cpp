#include <cstring>
#include <sqlite3.h>
#include <string>
#include <string_view>

#include <sheafline/sqlite/sqlite_error.h>

#include "api/system_error_code.h"

namespace sheafline::sqlite {

namespace {

// SQLite reports "disk I/O error" for every failed system call; errno says which error it was.
std::string codeOfErrno(int error_number) {
    const std::string_view code = systemErrorCode(error_number);
    return std::string(code == "SYSTEM" || code == "NOT_FOUND" ? "DISK_IO" : code);
}

std::string sqliteCodeOf(int result, int error_number) {
    switch (result & 0xFF) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return "DATABASE_BUSY";
        case SQLITE_FULL:
            return "DISK_FULL";
        case SQLITE_IOERR:
        case SQLITE_CANTOPEN:  // also of a journal in the middle of a transaction
            return codeOfErrno(error_number);
        case SQLITE_READONLY:
            return "DISK_READONLY";
        case SQLITE_PERM:
        case SQLITE_AUTH:
            return "NOT_PERMITTED";
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return "DATABASE_CORRUPT";
        default:
            return "DATABASE";
    }
}

bool isBusy(int result) {
    return (result & 0xFF) == SQLITE_BUSY || (result & 0xFF) == SQLITE_LOCKED;
}

std::string messageOf(int result, int error_number, const std::string& file,
                      const std::string& reason) {
    const bool on_disk = (result & 0xFF) == SQLITE_IOERR || (result & 0xFF) == SQLITE_CANTOPEN;
    if (!on_disk || error_number == 0) return file + ": " + reason;
    return file + ": " + reason + " (" + std::strerror(error_number) + ")";
}

}  // namespace

SqliteError::SqliteError(int result, int error_number, const std::string& file,
                         const std::string& reason)
    : Error(isBusy(result) ? ErrorClass::transient : ErrorClass::permanent,
            sqliteCodeOf(result, error_number), messageOf(result, error_number, file, reason)),
      result_(result),
      error_number_(error_number),
      reason_(reason) {}

SqliteError::~SqliteError() = default;

}  // namespace sheafline::sqlite
