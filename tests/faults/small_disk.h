// A real file system of a few megabytes, in memory, which a test can fill. Needs the right to
// mount.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <sys/mount.h>
#include <utility>

namespace sheafline {

class SmallDisk {
 public:
    SmallDisk(std::filesystem::path folder, const std::string& size) : folder_(std::move(folder)) {
        std::filesystem::create_directories(folder_);
        mounted_ = ::mount("tmpfs", folder_.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
    }
    ~SmallDisk() {
        if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    bool mounted() const { return mounted_; }
    bool readOnly(bool wanted) const {
        return ::mount("tmpfs", folder_.c_str(), "tmpfs",
                       MS_REMOUNT | (wanted ? static_cast<unsigned long>(MS_RDONLY) : 0UL),
                       nullptr) == 0;
    }
    bool resize(const std::string& size) const {
        return ::mount("tmpfs", folder_.c_str(), "tmpfs", MS_REMOUNT, ("size=" + size).c_str()) ==
               0;
    }
    void fill() const {
        std::ofstream filler(folder_ / "filler", std::ios::binary);
        const std::string block(4096, 'x');
        while (filler.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
        }
    }
    void makeRoom() const { std::filesystem::remove(folder_ / "filler"); }

 private:
    const std::filesystem::path folder_;
    bool mounted_ = false;
};

}  // namespace sheafline
