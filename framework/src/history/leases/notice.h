// What a writer tells the other servers of its database in the transaction of a group of changes:
// NOTIFY delivers it after the commit. A value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sheafline {

// A change of a batch, as others of the process or of other servers hear of it.
struct Committed {
    std::string batch_id{};
    bool removed = false;
    bool shares = false;  // who may see the batch
    bool waits = false;   // a server may claim it now
    bool cancelling = false;
    std::vector<std::string> ended_stages{};  // ids of those that completed or failed
    bool elsewhere = false;                   // another server made it
};

struct Notice {
    std::string owner{};  // who wrote it
    std::int64_t last_event_id = 0;
    bool many = false;  // more batches than a message can name
    std::vector<Committed> changes{};

    std::string text() const;                 // at most 7,900 bytes: NOTIFY takes less than 8,000
    static Notice of(std::string_view text);  // of an unreadable one: `many`
};

}  // namespace sheafline
