// The keys of work in Redis. All keys of a run expire unless its stage renews them.
//
//   sheafline:work:runs             set     the open runs: BATCH.EXECUTION.RANDOM
//   sheafline:work:RUN              hash    its order: processor, params, lease …
//   sheafline:work:RUN:files        hash    files of the params, by name
//   sheafline:work:RUN:sheets       stream  the window, with the group `workers`; never trimmed
//   sheafline:work:RUN:outcomes     stream  what became of them, until the stage has taken it
//   sheafline:work:offer:BATCH      string  where and with which token its sheets can be fetched
//   sheafline:work:dead             list    sheets that no worker could read, the newest last
//   sheafline:workers               hash    worker → "MS JSON", MS being when it was last heard of
//
// An entry of :sheets has sheet, attempt, path, bytes, page, qr, group and signature; one of
// :outcomes has sheet, attempt, kind, reading and signature. The worker that holds a sheet's entry
// answers it (see work_scripts). Orders, entries and offers are signed (see work_key.h).
#pragma once

#include <string>

namespace sheafline::work {

inline const std::string kRunsKey = "sheafline:work:runs";
inline const std::string kDeadKey = "sheafline:work:dead";
inline const std::string kWorkersKey = "sheafline:workers";
inline const std::string kGroup = "workers";

inline std::string orderKey(const std::string& run) { return "sheafline:work:" + run; }
inline std::string filesKey(const std::string& run) { return orderKey(run) + ":files"; }
inline std::string sheetsKey(const std::string& run) { return orderKey(run) + ":sheets"; }
inline std::string outcomesKey(const std::string& run) { return orderKey(run) + ":outcomes"; }
inline std::string offerKey(const std::string& batch) { return "sheafline:work:offer:" + batch; }

}  // namespace sheafline::work
