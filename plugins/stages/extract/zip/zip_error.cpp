#include "zip_error.h"

#include <sheafline/error.h>

#include "zip_name.h"

namespace sheafline::extract {

void rejectArchive(const std::string& archive, const char* code, const std::string& fault) {
    throw Error(ErrorClass::permanent, code, archive + " " + fault);
}

void rejectEntry(const std::string& archive, const char* code, std::string_view entry_name,
                 const std::string& fault) {
    rejectArchive(archive, code, "is rejected: its entry " + quotedName(entry_name) + " " + fault);
}

}  // namespace sheafline::extract
