// The bubbles of a template in one list, and the rows and columns that they form. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <sheafline/sheets/template.h>

#include "align/ring_probe.h"

namespace sheafline::sheets {

// In the order of the fields, moved by `moves`.
std::vector<Outline> outlinesOf(const Template& sheet, const BubbleMoves& moves,
                                const RingStyle& style);

// Bubbles that lie on one line of a block: one field, or one value of all fields of a block.
struct BubbleLine {
    std::size_t first_field = 0;
    std::size_t last_field = 0;
    std::size_t value = 0;               // index into the bubbles of each field, if it has several
    std::vector<std::size_t> bubbles{};  // into outlinesOf()
};

// "q7", or "value E of q1 to q20".
std::string nameOf(const BubbleLine& line, const Template& sheet);

// A block is a run of fields of the same kind at even distances.
struct BubbleBlock {
    std::vector<std::size_t> bubbles{};
    std::vector<BubbleLine> lines{};
    Point step{};        // from one field to the next; (0, 0) where there is one
    Point value_step{};  // from one bubble to the next
};

std::vector<BubbleBlock> blocksOf(const Template& sheet);

}  // namespace sheafline::sheets
