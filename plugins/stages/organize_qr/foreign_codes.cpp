// One line is appended for each sheet; if a sheet was read again, its last line counts.
//
//     notes = *( sheet SP array LF )      ; array: a JSON array of texts
//
// A line without an end was cut off by a crash; its sheet has no code yet.
#include "foreign_codes.h"

#include <fstream>
#include <sstream>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Parser.h>

namespace sheafline::organize_qr {

namespace {

constexpr const char* kName = "foreign-codes";

std::vector<std::string> textsIn(const std::string& json) {
    const auto array = Poco::JSON::Parser().parse(json).extract<Poco::JSON::Array::Ptr>();
    std::vector<std::string> texts;
    for (unsigned i = 0; i < array->size(); ++i) texts.push_back(array->getElement<std::string>(i));
    return texts;
}

}  // namespace

ForeignCodes::ForeignCodes(const std::vector<std::filesystem::path>& folders)
    : path_(folders.back() / kName) {
    for (const auto& folder : folders) {
        const std::filesystem::path left = (folder / kName).string() + ".tmp";
        if (!std::filesystem::exists(left)) continue;
        const std::uint64_t whole_bytes = load(left);
        if (folder == folders.back()) file_.emplace(path_, whole_bytes);
    }
}

std::uint64_t ForeignCodes::load(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::uint64_t whole_bytes = 0;
    for (std::string line; std::getline(in, line) && !in.eof();) {
        whole_bytes += line.size() + 1;
        std::istringstream fields(line);
        int sheet = 0;
        std::string json;
        fields >> sheet;
        std::getline(fields, json);
        codes_[sheet] = textsIn(json);
    }
    return whole_bytes;
}

void ForeignCodes::note(int sheet, const std::vector<std::string>& codes) {
    Poco::JSON::Array array;
    for (const auto& code : codes) array.add(code);
    std::ostringstream line;
    line << sheet << ' ';
    array.stringify(line);
    line << '\n';
    if (!file_) file_.emplace(path_);
    file_->write(line.str());
    codes_[sheet] = codes;
}

void ForeignCodes::sync() {
    if (file_) file_->sync();
}

const std::vector<std::string>& ForeignCodes::of(int sheet) const {
    static const std::vector<std::string> kNone;
    const auto found = codes_.find(sheet);
    return found == codes_.end() ? kNone : found->second;
}

}  // namespace sheafline::organize_qr
