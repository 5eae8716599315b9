#include "base/redactor.h"

#include <algorithm>

namespace sheafline {

void Redactor::learn(const std::string& secret) {
    const std::lock_guard lock(mutex_);
    if (secret.empty() || std::find(secrets_.begin(), secrets_.end(), secret) != secrets_.end())
        return;
    secrets_.push_back(secret);
    // A secret may contain another one, so longer ones are masked first.
    std::sort(secrets_.begin(), secrets_.end(),
              [](const auto& a, const auto& b) { return a.size() > b.size(); });
}

std::string Redactor::masked(std::string text) const {
    const std::lock_guard lock(mutex_);
    for (const std::string& secret : secrets_) {
        for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + 3)) {
            text.replace(at, secret.size(), "***");
        }
    }
    return text;
}

}  // namespace sheafline
