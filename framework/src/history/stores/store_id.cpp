// store.id = ID LF
#include "history/stores/store_id.h"

#include <cerrno>
#include <fstream>
#include <unistd.h>

#include <Poco/UUIDGenerator.h>

#include <sheafline/durable_file.h>
#include <sheafline/error.h>

#include "base/url_password.h"
#include "history/stores/shared_settings.h"

namespace sheafline {

namespace {

namespace fs = std::filesystem;

constexpr const char* kIdKey = "store";
constexpr const char* kPathKey = "store_path";

fs::path fileOf(const DataFolder& folder) { return folder.store() / "store.id"; }

std::string idOf(const DataFolder& folder) {
    std::string id;
    std::ifstream in(fileOf(folder));
    std::getline(in, id);
    return id;
}

// link() keeps the file of another server that was faster.
std::string makeId(const DataFolder& folder) {
    if (std::string id = idOf(folder); !id.empty()) return id;
    const std::string id = Poco::UUIDGenerator::defaultGenerator().createRandom().toString();
    const fs::path made = fileOf(folder).string() + "." + id;
    DurableFile file(made);
    file.write(id + "\n");
    file.publish();
    const bool linked = ::link(made.c_str(), fileOf(folder).c_str()) == 0;
    const int error = errno;
    fs::remove(made);
    if (!linked && error != EEXIST)
        throwSystemError(error, "cannot create " + fileOf(folder).string());
    syncFolder(folder.store());
    return idOf(folder);
}

[[noreturn]] void reject(const DataFolder& folder, const std::string& there,
                         const std::string& why) {
    throw Error(ErrorClass::permanent, "STORE",
                "the history (" + withoutPasswords(folder.history().url) +
                    ") belongs to the store " + there + ", not to " + folder.store().string() +
                    ": " + why);
}

}  // namespace

void requireStore(const DataFolder& folder) {
    const std::string url = folder.history().url;
    if (url.empty()) return;
    SharedSettings settings(url);
    const std::string path = folder.store().string();
    if (!settings.value(kIdKey)) {
        // The path first: with the id, it is complete.
        settings.valueOr(kPathKey, path);
        settings.valueOr(kIdKey, makeId(folder));
    }
    const std::string id = settings.value(kIdKey).value();
    const std::string there = settings.valueOr(kPathKey, path);
    const std::string here = idOf(folder);
    if (here.empty()) {
        reject(
            folder, there,
            "it has no file store.id; mount the file system of the store, or name the store with "
            "--store");
    }
    if (here != id) {
        reject(folder, there,
               "its store.id is another one; give all servers of the database the same --store");
    }
    // Batches name their archives by path.
    if (there != path)
        reject(folder, there, "it is the same store at another path; mount it at the same path");
}

std::string storeError(const DataFolder& folder, std::string_view owner) {
    if (idOf(folder).empty())
        return "the store " + folder.store().string() + " has no store.id: it is not mounted";
    try {
        const fs::path file = folder.store() / ("probe-" + std::string(owner));
        DurableFile probe(file);
        probe.write(std::string(4096, '.'));
        probe.publish();
        fs::remove(file);
        return {};
    } catch (const std::exception& error) {
        return std::string("the store cannot be written: ") + error.what();
    }
}

}  // namespace sheafline
