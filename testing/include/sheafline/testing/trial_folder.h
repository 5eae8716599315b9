// A temporary folder that is removed with the trial. Params with relative paths start here.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace sheafline::testing {

class TrialFolder {
 public:
    TrialFolder();  // throws Error
    ~TrialFolder();
    TrialFolder(const TrialFolder&) = delete;
    TrialFolder& operator=(const TrialFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    void write(const std::filesystem::path& name, std::string_view bytes) const;
    std::string read(const std::filesystem::path& name) const;  // empty if it is missing

 private:
    std::filesystem::path path_;
};

}  // namespace sheafline::testing
