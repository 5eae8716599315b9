// What a batch left behind, as one readable text: two runs of one pipeline on one input came to the
// same exactly where their texts are equal. Times and places are left out.
#pragma once

#include <string>
#include <string_view>

#include "base/data_folder.h"

namespace sheafline::faults {

// State, counts, sheets, rows, artifacts, and the tables of every SQLite file in the batch's
// folder. How far a load has come is not part of it.
std::string outcomeOf(const DataFolder& folder, std::string_view batch_id);

// What is wrong with the events of a batch, a line each; empty where all is well: seq without a
// hole, no count that falls, one final event, and the same bytes in every .jsonl of its folder.
std::string eventFaults(const DataFolder& folder, std::string_view batch_id);

// The first line in which two texts differ, both ways; empty where they are equal.
std::string firstDifference(const std::string& expected, const std::string& found);

}  // namespace sheafline::faults
