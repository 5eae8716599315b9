// Who watches a stream: the principal of its client in the hub. A value.
//
//     principal = session LF opened_at [ LF batch_id LF user ]
//
// The second part is there if the watcher sees the batch only because it is shared. No part
// contains a line feed.
#pragma once

#include <cstdint>
#include <string>

namespace sheafline {

struct Watcher {
    std::string session{};
    std::int64_t opened_at = 0;  // seconds since 1970
    std::string shared_batch{};  // empty: the watcher owns the batch, or sees all
    std::string user{};          // with whom it is shared

    std::string principal() const;
    static Watcher ofPrincipal(const std::string& text);
};

}  // namespace sheafline
