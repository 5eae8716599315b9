#include "base/login_name.h"

#include <array>
#include <pwd.h>
#include <unistd.h>

namespace sheafline {

std::string loginName() {
    constexpr std::size_t kMost = 16'384;
    std::array<char, kMost> texts{};
    ::passwd account{};
    ::passwd* found = nullptr;
    ::getpwuid_r(::geteuid(), &account, texts.data(), texts.size(), &found);
    return found != nullptr ? account.pw_name : std::to_string(::geteuid());
}

}  // namespace sheafline
