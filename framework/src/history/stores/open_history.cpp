#include "history/stores/open_history.h"

#include <array>
#include <dlfcn.h>
#include <filesystem>
#include <string>
#include <unistd.h>

#include <sheafline/error.h>
#include <sheafline/sqlite/database.h>

#include "history/stores/history_file.h"
#include "history/stores/postgres_library.h"

namespace sheafline {

namespace {

// In the list of connections of the database's server.
std::string nameOfThisProcess() {
    std::array<char, 65> host{};
    ::gethostname(host.data(), host.size() - 1);
    return "sheafline on " + std::string(host.data()) + ", pid " + std::to_string(::getpid());
}

// It is beside libsheafline.so. Its name alone would do, by the RUNPATH of the program, but not
// under AddressSanitizer, which calls dlopen() from a library of its own.
std::filesystem::path postgresLibraryFile() {
    Dl_info framework{};
    const bool known =
        ::dladdr(reinterpret_cast<const void*>(&sqlite::isOpenInThisProcess), &framework) != 0;
    return std::filesystem::path(known ? framework.dli_fname : "").parent_path() / kPostgresLibrary;
}

// Stays loaded: the objects that it makes have their code there.
OpenPostgres* postgresLibrary() {
    void* const library = ::dlopen(postgresLibraryFile().c_str(), RTLD_NOW | RTLD_LOCAL);
    void* const function = library == nullptr ? nullptr : ::dlsym(library, kOpenPostgres);
    if (function == nullptr) {
        throw Error(ErrorClass::permanent, "HISTORY_LIBRARY",
                    std::string("cannot load the library for a history in PostgreSQL: ") +
                        ::dlerror() + "; install the package libpq5, or Sheafline again");
    }
    return reinterpret_cast<OpenPostgres*>(function);
}

std::unique_ptr<sql::Database> openPostgres(const std::string& url, PostgresAccess access) {
    return std::unique_ptr<sql::Database>(
        postgresLibrary()(url.c_str(), nameOfThisProcess().c_str(), access));
}

}  // namespace

std::unique_ptr<sql::Database> openHistory(const sql::Place& place) {
    return place.url.empty() ? openHistoryFile(place.file)
                             : openPostgres(place.url, PostgresAccess::write);
}

std::unique_ptr<sql::Database> openTables(const std::string& url) {
    return openPostgres(url, PostgresAccess::rows);
}

std::unique_ptr<sql::Database> openHistoryToRead(const sql::Place& place) {
    return place.url.empty() ? openHistoryFileToRead(place.file)
                             : openPostgres(place.url, place.waits ? PostgresAccess::wait_to_read
                                                                   : PostgresAccess::read);
}

}  // namespace sheafline
