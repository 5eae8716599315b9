// How the points of a question are computed, as a key says it for all questions, for a section or
// for one question. What a narrower place does not say comes from the wider one. One thread.
#pragma once

#include <optional>
#include <string>

#include <sheafline/sheets/template.h>

#include "scores/key_check.h"
#include "templates/node_reader.h"

namespace sheafline::sheets {

inline constexpr NumberLimits kPointLimits{.low = -10'000, .high = 10'000};

struct Marking {
    double right = 1;
    double wrong = 0;
    double blank = 0;
    std::string formula{};
    KeyPlace formula_place{};
    std::optional<double> lowest{};
    double weight = 1;
    Bonus bonus = Bonus::none;
    bool cancelled = false;
};

// Reads the keys of a marking and leaves the others to the caller.
Marking readMarking(NodeReader& reader, Marking wider);

// Puts the marking into the key of a question: its points, and the table of its formula. Answers
// without points of their own have NaN. `field` is null if the question has several fields.
void applyMarking(const Marking& marking, KeyedAnswer& key, const Field* field, KeyPlace place,
                  FindingList& findings);

}  // namespace sheafline::sheets
