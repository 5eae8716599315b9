#include "zip_error.h"

#include <sheafline/error.h>

#include "zip_name.h"

namespace sheafline::extract {

void rejectArchive(const std::string& archive, const char* code, const std::string& reason) {
    throw Error(ErrorClass::permanent, code, archive + " " + reason);
}

void rejectEntry(const std::string& archive, const char* code, std::string_view entry_name,
                 const std::string& reason) {
    rejectArchive(archive, code, "is rejected: its entry " + quotedName(entry_name) + " " + reason);
}

}  // namespace sheafline::extract
