// Who runs next, as a value: the batch of the user who has the fewest running; among those, of the
// one who was served longest ago; of a user's own, the one that waits for longest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

namespace sheafline {

struct WaitingBatch {
    std::string batch_id{};
    std::string user{};
    std::string resumed_because{};
};

class FairQueue {
 public:
    void push(WaitingBatch batch);
    bool remove(const std::string& batch_id);
    bool contains(const std::string& batch_id) const;
    std::size_t size() const { return waiting_.size(); }

    // Takes the next one out, and counts it as running until ended(); the same batch, which may be
    // reopened before its process is gone, does not run twice at once.
    std::optional<WaitingBatch> next();
    void ended(const std::string& batch_id);
    std::size_t running() const { return running_.size(); }

 private:
    std::deque<WaitingBatch> waiting_{};                  // the oldest first
    std::map<std::string, std::string> running_{};        // batch to user
    std::map<std::string, std::uint64_t> last_served_{};  // of a user that waits or runs
    std::uint64_t turn_ = 0;
};

}  // namespace sheafline
