// The unsent bytes of one batch, shared by all of its clients: a chain of blocks, one for each turn
// of the loop. A client holds its current block, so a block lives exactly as long as a client needs
// it. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace sheafline::sse {

struct LogBlock {
    std::string bytes{};           // empty in the last block, which is filled next
    std::uint64_t begin_byte = 0;  // bytes of the log before this block
    std::uint64_t begin_event = 0;
    std::shared_ptr<LogBlock> next{};
};

class BroadcastLog {
 public:
    const std::shared_ptr<LogBlock>& end() const { return end_; }

    void append(std::string bytes, std::size_t events) {
        auto next = std::make_shared<LogBlock>();
        next->begin_byte = end_->begin_byte + bytes.size();
        next->begin_event = end_->begin_event + events;
        end_->bytes = std::move(bytes);
        end_->next = next;
        end_ = std::move(next);
    }
    // Ends the chain: its clients find no further block, and new clients start a new chain.
    void seal() { end_ = std::make_shared<LogBlock>(); }

 private:
    std::shared_ptr<LogBlock> end_ = std::make_shared<LogBlock>();
};

}  // namespace sheafline::sse
