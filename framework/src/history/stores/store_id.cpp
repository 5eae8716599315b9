// store.id = ID LF
#include "history/stores/store_id.h"

#include <fstream>

#include <Poco/UUIDGenerator.h>

#include <sheafline/durable_file.h>
#include <sheafline/error.h>

#include "history/stores/shared_settings.h"

namespace sheafline {

namespace {

namespace fs = std::filesystem;

constexpr const char* kIdKey = "store";
constexpr const char* kPathKey = "store_path";

fs::path fileIn(const fs::path& store) { return store / "store.id"; }

std::string idIn(const fs::path& store) {
    std::string id;
    std::ifstream in(fileIn(store));
    std::getline(in, id);
    return id;
}

std::string makeId(const fs::path& store) {
    std::string id = Poco::UUIDGenerator::defaultGenerator().createRandom().toString();
    DurableFile file(fileIn(store));
    file.write(id + "\n");
    file.publish();
    return id;
}

// One server at a time.
void joinFirst(SharedSettings& settings, const fs::path& store) {
    if (settings.value(kIdKey)) return;
    if (!idIn(store).empty()) {
        throw Error(ErrorClass::permanent, "STORE",
                    "the store " + store.string() + " belongs to another history than (" +
                        settings.place() +
                        "), as its store.id says; name another folder with "
                        "--store, or remove store.id if no database uses the folder any more");
    }
    settings.valueOr(kPathKey, store.string());
    settings.valueOr(kIdKey, makeId(store));
}

}  // namespace

void requireStore(const DataFolder& folder) {
    if (const std::string url = folder.history().url; !url.empty())
        requireStore(url, folder.store());
}

void requireStore(const std::string& url, const fs::path& store) {
    SharedSettings settings(url);
    if (!settings.value(kIdKey)) settings.alone([&] { joinFirst(settings, store); });
    const std::string there = settings.value(kPathKey).value_or("");
    const auto reject = [&](const std::string& why) {
        throw Error(ErrorClass::permanent, "STORE",
                    "the history (" + settings.place() + ") belongs to the store " + there +
                        ", not to " + store.string() + ": " + why);
    };
    const std::string here = idIn(store);
    if (here.empty())
        reject(
            "it has no file store.id; mount the file system of the store, or name the store with "
            "--store");
    if (here != settings.value(kIdKey))
        reject("its store.id is another one; give all servers of the database the same --store");
    // Batches name their archives by path.
    if (there != store.string())
        reject("it is the same store at another path; mount it at the same path");
}

std::string storeError(const DataFolder& folder, std::string_view owner) {
    if (idIn(folder.store()).empty())
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
