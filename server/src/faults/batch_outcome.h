// The result of a batch as one readable text. Two runs of one pipeline on one input have the same
// result exactly if their texts are equal. Times and paths are left out.
#pragma once

#include <string>
#include <string_view>

#include "base/data_folder.h"

namespace sheafline::faults {

// State, counts, sheets, rows, artifacts, and the tables of every SQLite file in the batch's
// folder. The progress of a load is not part of it.
std::string outcomeOf(const DataFolder& folder, std::string_view batch_id);

// What is wrong with the events of a batch, one per line; empty if nothing is. Checks that seq has
// no gap, no count falls, there is one final event, and every .jsonl in its folder has the same
// bytes.
std::string eventFaults(const DataFolder& folder, std::string_view batch_id);

// The first line in which two texts differ, from both texts; empty if they are equal.
std::string firstDifference(const std::string& expected, const std::string& found);

}  // namespace sheafline::faults
