// Codes that stood on a sheet beside its own: for the report, which is written after all sheets are
// read and must know what runs before a restart met. So they are durable before the sheets' own
// codes are: a sheet that has its code is never read again. One thread. Throws Error.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <sheafline/durable_file.h>

namespace sheafline::organize_qr {

class ForeignCodes {
 public:
    // Goes on with what an earlier run left in `folder`.
    explicit ForeignCodes(const std::filesystem::path& folder);

    void note(int sheet, const std::vector<std::string>& codes);
    void sync() { file_.sync(); }  // all that was noted is durable when it returns

    // In the order in which they were met; none where there are none.
    const std::vector<std::string>& of(int sheet) const;

 private:
    std::map<int, std::vector<std::string>> codes_{};
    DurableFile file_;

    std::uint64_t load(const std::filesystem::path& file);
};

}  // namespace sheafline::organize_qr
