// Looks whether a history can be trusted, before anybody writes to it.
#pragma once

#include <filesystem>

namespace sheafline {

// Sets a damaged file aside, as history.db.corrupt-TIME, and throws Error (DATABASE_CORRUPT) that
// says so: an empty history never takes its place in silence. Nothing where there is no file yet.
void checkHistory(const std::filesystem::path& file);

}  // namespace sheafline
