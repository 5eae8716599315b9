#include "uploads/upload_info.h"

#include <sstream>

#include <Poco/Exception.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <sheafline/durable_file.h>
#include <sheafline/error.h>

#include "base/file_digest.h"

namespace sheafline {

std::filesystem::path uploadInfoFile(const std::filesystem::path& upload) {
    return upload / "info.json";
}

void writeUploadInfo(const std::filesystem::path& file, const UploadInfo& info) {
    Poco::JSON::Object object;
    object.set("id", info.id);
    object.set("owner", info.owner);
    if (info.length) object.set("length", *info.length);
    object.set("at_most", info.at_most);
    object.set("metadata", info.metadata);
    object.set("sha256", info.sha256);
    object.set("created_at", info.created_at);
    object.set("expires_at", info.expires_at);
    object.set("gone", info.gone);
    std::ostringstream text;
    object.stringify(text);
    DurableFile durable(file);
    durable.write(text.str());
    durable.publish();
}

UploadInfo readUploadInfo(const std::filesystem::path& file) {
    try {
        const auto object =
            Poco::JSON::Parser().parse(fileText(file)).extract<Poco::JSON::Object::Ptr>();
        UploadInfo info{.id = object->getValue<std::string>("id"),
                        .owner = object->getValue<std::string>("owner"),
                        .at_most = object->getValue<std::uint64_t>("at_most"),
                        .metadata = object->getValue<std::string>("metadata"),
                        .sha256 = object->getValue<std::string>("sha256"),
                        .created_at = object->getValue<std::int64_t>("created_at"),
                        .expires_at = object->getValue<std::int64_t>("expires_at"),
                        .gone = object->getValue<bool>("gone")};
        if (object->has("length")) info.length = object->getValue<std::uint64_t>("length");
        return info;
    } catch (const Poco::Exception&) {
        throw Error(ErrorClass::permanent, "UPLOAD_DAMAGED",
                    "the description of the upload " + file.parent_path().filename().string() +
                        " cannot be read");
    }
}

}  // namespace sheafline
