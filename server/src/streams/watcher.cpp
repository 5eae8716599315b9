#include "streams/watcher.h"

#include <cstdlib>
#include <sstream>

namespace sheafline {

std::string Watcher::principal() const {
    std::string text = session + '\n' + std::to_string(opened_at);
    if (!shared_batch.empty()) text += '\n' + shared_batch + '\n' + user;
    return text;
}

Watcher Watcher::ofPrincipal(const std::string& text) {
    std::istringstream lines(text);
    Watcher watcher;
    std::string opened_at;
    std::getline(lines, watcher.session);
    std::getline(lines, opened_at);
    watcher.opened_at = std::strtoll(opened_at.c_str(), nullptr, 10);
    std::getline(lines, watcher.shared_batch);
    std::getline(lines, watcher.user);
    return watcher;
}

}  // namespace sheafline
