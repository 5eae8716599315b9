// A batch of forty sheets that, once they are listed, waits for a file `go`.
#pragma once

namespace sheafline::faults {

inline constexpr const char* kHeldBatch = R"(
name: squares
stages:
  - {id: make, uses: probe, with: {act: sheets, count: 40}}
  - {id: hold, uses: probe, with: {act: wait_for_file}}
  - {id: process, uses: dispatch, with: {processor: probe, workers: 2}}
  - {id: collect, uses: collect}
  - {id: csv, uses: csv}
)";

}  // namespace sheafline::faults
