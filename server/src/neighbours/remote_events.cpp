#include "neighbours/remote_events.h"

namespace sheafline {

std::vector<StreamEvent> RemoteEvents::read(std::string_view batch_id, std::uint64_t after_seq,
                                            std::size_t max) {
    const std::string id(batch_id);
    auto page = batches_.read(id, after_seq, max);
    if (page && page->newest_seq <= after_seq) return {};
    if (page && !page->events.empty() && page->events.front().seq == after_seq + 1)
        return std::move(page->events);
    auto events = homes_.eventsFromHome(id, after_seq);
    if (events.size() > max) events.resize(max);
    if (!events.empty()) return events;
    return page ? std::move(page->events) : std::vector<StreamEvent>();
}

}  // namespace sheafline
