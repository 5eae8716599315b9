#include "backup/backup_manifest.h"

#include <algorithm>
#include <charconv>
#include <set>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <sheafline/error.h>

#include "base/file_digest.h"
#include "batches/batch_json.h"

namespace sheafline {

namespace {

constexpr int kFormat = 1;

using Poco::JSON::Object;

[[noreturn]] void damaged(const std::filesystem::path& file, const std::string& why) {
    throw Error(ErrorClass::permanent, "BACKUP_DAMAGED",
                file.string() + " is damaged: " + why + "; restore another backup");
}

std::string octal(unsigned mode) {
    std::string text(8, '\0');
    const auto end = std::to_chars(text.data(), text.data() + text.size(), mode, 8);
    text.resize(static_cast<std::size_t>(end.ptr - text.data()));
    return text;
}

// A path that leads out of the data folder would overwrite other files.
bool isBelow(const std::filesystem::path& path) {
    if (path.empty() || path.is_absolute() || path != path.lexically_normal()) return false;
    return std::ranges::none_of(path, [](const auto& part) { return part == ".." || part == "."; });
}

BackupFile fileOf(const Object& object) {
    BackupFile file{.path = object.getValue<std::string>("path"),
                    .size = object.getValue<Poco::UInt64>("size"),
                    .sha256 = object.getValue<std::string>("sha256")};
    const auto mode = object.getValue<std::string>("mode");
    const char* const end = mode.data() + mode.size();
    const auto parsed = std::from_chars(mode.data(), end, file.mode, 8);
    if (parsed.ec != std::errc() || parsed.ptr != end || file.mode > 0777)
        throw Poco::DataFormatException("mode");
    return file;
}

}  // namespace

std::string toJson(const BackupManifest& manifest) {
    Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("format", kFormat);
    object.set("program", manifest.program);
    object.set("made", manifest.made);
    object.set("from", manifest.from);
    Poco::JSON::Array files;
    for (const BackupFile& file : manifest.files) {
        Object entry(Poco::JSON_PRESERVE_KEY_ORDER);
        entry.set("path", file.path);
        entry.set("size", Poco::UInt64{file.size});
        entry.set("mode", octal(file.mode));
        entry.set("sha256", file.sha256);
        files.add(entry);
    }
    object.set("files", files);
    return compactJson(object) + "\n";
}

BackupManifest readManifest(const std::filesystem::path& backup) {
    const std::filesystem::path file = backup / kManifestFile;
    if (!std::filesystem::exists(file)) {
        throw Error(ErrorClass::permanent, "BACKUP_INCOMPLETE",
                    backup.string() + " is not a complete backup: it has no " + kManifestFile +
                        "; name the folder that `sheafline backup` made");
    }
    BackupManifest manifest;
    int format = 0;
    try {
        const auto object = Poco::JSON::Parser().parse(fileText(file)).extract<Object::Ptr>();
        format = object->getValue<int>("format");
        manifest.program = object->getValue<std::string>("program");
        manifest.made = object->getValue<std::string>("made");
        manifest.from = object->getValue<std::string>("from");
        const auto files = object->getArray("files");
        if (files.isNull()) throw Poco::DataFormatException("files");
        for (unsigned i = 0; i < files->size(); ++i)
            manifest.files.push_back(fileOf(*files->getObject(i)));
    } catch (const Poco::Exception&) {
        if (format <= kFormat) damaged(file, "it is not the list of a backup");
    }
    if (format > kFormat) {
        throw Error(ErrorClass::permanent, "BACKUP_TOO_NEW",
                    file.string() + " has format " + std::to_string(format) +
                        ", but this program knows format " + std::to_string(kFormat) +
                        " at most; restore with a newer program");
    }
    std::set<std::string> paths;
    for (const BackupFile& entry : manifest.files) {
        if (!isBelow(entry.path)) damaged(file, "the path '" + entry.path + "' leads out of it");
        if (!paths.insert(entry.path).second) damaged(file, entry.path + " is listed twice");
    }
    if (!paths.contains("history.db")) damaged(file, "it lists no history.db");
    return manifest;
}

}  // namespace sheafline
