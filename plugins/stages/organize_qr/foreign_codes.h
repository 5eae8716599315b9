// Other codes on a sheet, in addition to its own. The report needs them after all sheets are read,
// also those from runs before a restart. A sheet that has its code is never read again, so these
// codes become durable before the sheets' codes. One thread. Throws Error.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sheafline/durable_file.h>

namespace sheafline::organize_qr {

class ForeignCodes {
 public:
    // Reads what earlier runs left in these folders (see StageRun::epochFolders()), and continues
    // the file in the last one.
    explicit ForeignCodes(const std::vector<std::filesystem::path>& folders);

    void note(int sheet, const std::vector<std::string>& codes);
    void sync();  // everything added so far is durable when it returns

    // In the order in which they were found; may be empty.
    const std::vector<std::string>& of(int sheet) const;

 private:
    std::map<int, std::vector<std::string>> codes_{};
    const std::filesystem::path path_;
    std::optional<DurableFile> file_{};  // made for the first code: most batches have none

    std::uint64_t load(const std::filesystem::path& file);
};

}  // namespace sheafline::organize_qr
