// A work order as it is stored in Redis: lines of "name value" are its fields, "file:NAME value"
// its files.
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>

#include <sheafline/error.h>
#include <sheafline/work/work_order.h>

#include "fuzz_input.h"

using namespace sheafline;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::map<std::string, std::string> fields;
    std::map<std::string, std::string> files;
    std::string_view rest = fuzz::textOf(data, size);
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        const auto space = line.find(' ');
        if (space == std::string_view::npos) continue;
        const std::string name(line.substr(0, space));
        const std::string value(line.substr(space + 1));
        if (name.starts_with("file:"))
            files[name.substr(5)] = value;
        else
            fields[name] = value;
    }
    // Signed, because an unsigned order is not parsed further.
    static const work::WorkKey key = [] {
        std::string folder = "/tmp/sheafline-fuzz-XXXXXX";
        if (::mkdtemp(folder.data()) == nullptr) std::abort();
        work::WorkKey made(folder + "/work.key");
        std::filesystem::remove_all(folder);
        return made;
    }();
    const std::string run = fields["batch"] + ".1.fuzz";
    work::signFields(run, fields, key);
    try {
        work::readOrder(run, fields, files, "0.1.0", key);
    } catch (const Error&) {  // rejected
    }
    return 0;
}
