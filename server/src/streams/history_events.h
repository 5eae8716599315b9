// Reads the history for the hub of the event streams. Thread-safe.
#pragma once

#include <sheafline/streams/stream_hub.h>

#include "batches/reader_pool.h"

namespace sheafline {

class HistoryEvents : public EventSource {
 public:
    explicit HistoryEvents(ReaderPool& readers) : readers_(readers) {}

    std::vector<StreamEvent> read(std::string_view batch_id, std::uint64_t after_seq,
                                  std::size_t max) override;

 private:
    ReaderPool& readers_;
};

}  // namespace sheafline
