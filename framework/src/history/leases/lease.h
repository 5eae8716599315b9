// A lease: the right of one server to run a batch or to feed a sink, for a time. Values.
#pragma once

#include <chrono>
#include <string>

namespace sheafline {

inline constexpr std::chrono::seconds kLease{10};

inline std::string batchLease(const std::string& batch_id) { return "batch/" + batch_id; }
inline std::string sinkLease(const std::string& sink) { return "sink/" + sink; }

}  // namespace sheafline
