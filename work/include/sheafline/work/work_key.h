// The key that signs what a batch's host and its workers read from Redis: orders, sheets, outcomes
// and offers. Redis itself is not trusted: without the key, access to Redis cannot start anything
// on a worker. All hosts have the same key file; the first program that needs it creates it.
// Immutable; any thread.
#pragma once

#include <array>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>

namespace sheafline::work {

class WorkKey {
 public:
    // Reads `file`, or creates it with random bytes. Throws Error (WORK_KEY), with the remedy, if
    // it is not a key or if other users can read it.
    explicit WorkKey(const std::filesystem::path& file);

    // $SHEAFLINE_WORK_KEY, or sheafline/work.key in the user's configuration folder.
    static std::filesystem::path defaultFile();

    // An HMAC-SHA-256 of the parts, in hexadecimal. The first part is the kind of the data.
    std::string sign(std::initializer_list<std::string_view> parts) const;
    bool verifies(std::string_view signature, std::initializer_list<std::string_view> parts) const;

 private:
    std::array<unsigned char, 32> bytes_{};
};

}  // namespace sheafline::work
