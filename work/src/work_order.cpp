#include <algorithm>
#include <charconv>
#include <random>

#include <sheafline/error.h>
#include <sheafline/work/work_order.h>

#include "base/file_digest.h"
#include "history/text_list.h"
#include "workers/processor_wire.h"

namespace sheafline::work {

namespace {

const std::string kSignature = "signature";

[[noreturn]] void broken(const std::string& what) {
    throw Error(ErrorClass::permanent, "WORK_ORDER", "the batch's order in Redis " + what);
}

class Fields {
 public:
    explicit Fields(const std::map<std::string, std::string>& fields) : fields_(fields) {}

    const std::string& text(const std::string& name) const {
        const auto found = fields_.find(name);
        if (found == fields_.end()) broken("has no '" + name + "'");
        return found->second;
    }

    std::int64_t number(const std::string& name) const {
        const std::string& digits = text(name);
        std::int64_t value = 0;
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (error != std::errc() || end != digits.data() + digits.size())
            broken("has '" + digits + "' as its '" + name + "'");
        return value;
    }

    std::vector<std::string> texts(const std::string& name) const {
        try {
            return textsOf(text(name));
        } catch (const Error& error) {
            if (error.code() != "TEXT_LIST") throw;
            broken("has a wrong '" + name + "': " + error.what());
        }
    }

    std::chrono::milliseconds time(const std::string& name) const {
        return std::chrono::milliseconds(number(name));
    }

 private:
    const std::map<std::string, std::string>& fields_;
};

std::string textOf(const ParamValues& params) {
    WireWriter out;
    writeParams(out, params);
    return out.bytes();
}

std::string textOf(const std::map<std::string, std::string>& fields) {
    std::string text;
    for (const auto& [name, value] : fields) {
        for (const std::string& part : {name, value})
            text += std::to_string(part.size()) + ":" + part;
    }
    return text;
}

void requireSignature(const std::string& run, std::map<std::string, std::string> fields,
                      const WorkKey& key) {
    const auto signature = fields.extract(kSignature);
    if (signature.empty()) {
        broken("is not signed; run the batch with a program of this version");
    }
    if (fields["batch"] != batchOf(run)) broken("belongs to another batch");
    if (!key.verifies(signature.mapped(), {"order", run, textOf(fields)})) {
        broken(
            "is signed with another work key; copy the file of the setting work-key from the "
            "batch's host");
    }
}

// Unpacking a parcel must not write outside its folder.
bool isSafeName(const std::string& name) {
    if (name.empty() || name.front() == '/' || name.find('\0') != std::string::npos) return false;
    const std::string parts = "/" + name + "/";
    return parts.find("/../") == std::string::npos && parts.find("/./") == std::string::npos &&
           parts.find("//") == std::string::npos;
}

std::vector<ParcelFile> checkedFiles(const std::vector<std::string>& names_and_digests,
                                     const std::map<std::string, std::string>& files) {
    std::vector<ParcelFile> checked;
    for (std::size_t i = 0; i + 1 < names_and_digests.size(); i += 2) {
        const std::string& name = names_and_digests[i];
        const auto found = files.find(name);
        if (!isSafeName(name)) broken("has a file with the name '" + name + "'");
        if (found == files.end() || sha256Of(found->second) != names_and_digests[i + 1])
            broken("has a file '" + name + "' whose content does not match its checksum");
        checked.push_back({.name = name, .bytes = found->second});
    }
    return checked;
}

}  // namespace

std::string_view toString(SheetWay way) {
    switch (way) {
        case SheetWay::either:
            return "either";
        case SheetWay::shared:
            return "shared";
        case SheetWay::http:
            return "http";
    }
    return "unknown";
}

SheetWay sheetWay(std::string_view text) {
    for (const SheetWay way : {SheetWay::either, SheetWay::shared, SheetWay::http}) {
        if (toString(way) == text) return way;
    }
    broken("has '" + std::string(text) + "' as its way to the sheets");
}

std::string newRun(const std::string& batch_id, int execution) {
    constexpr std::string_view kHex = "0123456789abcdef";
    std::random_device chance;
    std::string run = batch_id + "." + std::to_string(execution) + ".";
    for (int i = 0; i < 12; ++i) run += kHex[chance() % kHex.size()];
    return run;
}

std::string batchOf(const std::string& run) { return run.substr(0, run.find('.')); }

std::vector<std::string> fieldsOf(const WorkOrder& order, const WorkKey& key) {
    std::vector<std::string> files;
    for (const ParcelFile& file : order.parcel.files) {
        files.push_back(file.name);
        files.push_back(sha256Of(file.bytes));
    }
    std::vector<std::string> fields{"batch",
                                    order.batch,
                                    "program",
                                    order.parcel.program,
                                    "processor",
                                    order.parcel.processor.name,
                                    "version",
                                    order.parcel.version,
                                    "params",
                                    textOf(order.parcel.processor.params),
                                    "columns",
                                    jsonArray(order.columns),
                                    "files",
                                    jsonArray(files),
                                    "sheet_timeout_ms",
                                    std::to_string(order.sheet_timeout.count()),
                                    "memory_bytes",
                                    std::to_string(order.memory_bytes),
                                    "lease_ms",
                                    std::to_string(order.lease.count()),
                                    "sheets",
                                    std::string(toString(order.sheets))};
    std::map<std::string, std::string> named;
    for (std::size_t i = 0; i + 1 < fields.size(); i += 2) named[fields[i]] = fields[i + 1];
    signFields(order.run, named, key);
    fields.insert(fields.end(), {kSignature, named[kSignature]});
    return fields;
}

std::vector<std::string> fileFieldsOf(const WorkOrder& order) {
    std::vector<std::string> fields;
    for (const ParcelFile& file : order.parcel.files) {
        fields.push_back(file.name);
        fields.push_back(file.bytes);
    }
    return fields;
}

void signFields(const std::string& run, std::map<std::string, std::string>& fields,
                const WorkKey& key) {
    fields.erase(kSignature);
    fields[kSignature] = key.sign({"order", run, textOf(fields)});
}

WorkOrder readOrder(const std::string& run, const std::map<std::string, std::string>& fields,
                    const std::map<std::string, std::string>& files, std::string_view program,
                    const WorkKey& key) {
    const Fields read(fields);
    WorkOrder order{.run = run,
                    .batch = read.text("batch"),
                    .parcel = {.processor = {.name = read.text("processor"), .params = {}},
                               .version = read.text("version"),
                               .program = read.text("program")}};
    if (order.parcel.program != program) return order;
    requireSignature(run, fields, key);
    WireReader params(read.text("params"));
    order.parcel.processor.params = readParams(params);
    order.parcel.files = checkedFiles(read.texts("files"), files);
    order.columns = read.texts("columns");
    order.sheet_timeout = read.time("sheet_timeout_ms");
    order.memory_bytes = static_cast<std::uint64_t>(read.number("memory_bytes"));
    order.lease = std::max(read.time("lease_ms"), std::chrono::milliseconds(30));
    order.sheets = sheetWay(read.text("sheets"));
    return order;
}

}  // namespace sheafline::work
