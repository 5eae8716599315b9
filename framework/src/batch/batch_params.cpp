#include "batch/batch_params.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/stat.h>
#include <vector>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <sheafline/durable_file.h>
#include <sheafline/error.h>

#include "base/url_password.h"

namespace sheafline {

namespace {

constexpr mode_t kForOneUser = 0600;

std::filesystem::path fileOf(const DataFolder& folder, const std::string& batch_id) {
    return folder.batch(batch_id) / "params.json";
}

std::string paramsJson(const ParamValues& params) {
    Poco::JSON::Object object;
    for (const auto& [name, value] : params) {
        if (!value.is_list) {
            object.set(name, value.text);
            continue;
        }
        Poco::JSON::Array list;
        for (const std::string& item : value.list) list.add(item);
        object.set(name, list);
    }
    std::ostringstream out;
    object.stringify(out);
    return out.str();
}

ParamValues parseParams(const std::string& json) {
    ParamValues params;
    const auto object = Poco::JSON::Parser().parse(json).extract<Poco::JSON::Object::Ptr>();
    for (const auto& [name, value] : *object) {
        ParamValue& param = params[name];
        if (value.type() == typeid(Poco::JSON::Array::Ptr)) {
            param.is_list = true;
            for (const auto& item : *value.extract<Poco::JSON::Array::Ptr>())
                param.list.push_back(item.convert<std::string>());
        } else {
            param.text = value.convert<std::string>();
        }
    }
    return params;
}

}  // namespace

std::string storedParams(const DataFolder& folder, const std::string& batch_id,
                         const ParamValues& params) {
    ParamValues masked = params;
    for (auto& [name, value] : masked) {
        value.text = withoutPasswords(value.text);
        for (std::string& item : value.list) item = withoutPasswords(item);
    }
    if (masked == params) return paramsJson(params);
    // The history is about to reject an id that is taken: the params of that batch must stay.
    if (HistoryReader(folder.history()).batch(batch_id)) return paramsJson(masked);
    const std::filesystem::path file = fileOf(folder, batch_id);
    std::filesystem::create_directories(file.parent_path());
    DurableFile full(file);
    std::filesystem::path temporary = file;
    temporary += ".tmp";
    // While it is empty.
    if (::chmod(temporary.c_str(), kForOneUser) != 0)
        throwSystemError(errno, "cannot restrict the access to " + temporary.string());
    full.write(paramsJson(params));
    full.publish();
    return paramsJson(masked);
}

ParamValues shownParams(const BatchRow& batch) { return parseParams(batch.params); }

ParamValues fullParams(const DataFolder& folder, const BatchRow& batch, Redactor& redactor) {
    std::ifstream in(fileOf(folder, batch.batch_id), std::ios::binary);
    if (!in) return parseParams(batch.params);
    std::ostringstream text;
    text << in.rdbuf();
    ParamValues params = parseParams(text.str());
    for (const auto& [name, value] : params) {
        std::vector<std::string> texts = value.list;
        texts.push_back(value.text);
        for (const std::string& one : texts) {
            for (const std::string& password : passwordsIn(one)) redactor.learn(password);
        }
    }
    return params;
}

}  // namespace sheafline
