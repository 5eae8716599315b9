// The keys for the progress of a batch in Redis. `current` is the newest event. `log` is the list
// of all kept events, oldest first; its last event has the `seq` in `meta`. Every event is
// published on `channel`. The other fields of `meta`: owner (the user), state, pipeline, execution
// and status (JSON, as the API answers it).
#pragma once

#include <string>
#include <string_view>

namespace sheafline::redis {

struct ProgressKeys {
    std::string current;
    std::string log;
    std::string channel;
    std::string started_at;
    std::string meta;

    explicit ProgressKeys(std::string_view batch_id)
        : current(key(batch_id, "progress:current")),
          log(key(batch_id, "progress:log")),
          channel(key(batch_id, "progress")),
          started_at(key(batch_id, "started_at")),
          meta(key(batch_id, "meta")) {}

 private:
    static std::string key(std::string_view batch_id, std::string_view what) {
        return "batch:" + std::string(batch_id) + ":" + std::string(what);
    }
};

}  // namespace sheafline::redis
