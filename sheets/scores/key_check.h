// Whether the answers of a key fit their template: an answer that no sheet can have would cost
// everyone its points in silence. One thread.
#pragma once

#include <sheafline/sheets/template.h>

#include "language/finding_list.h"

namespace sheafline::sheets {

struct KeyPlace {
    int line = 1;
    int column = 1;
};

// Reports a question without a column, and right answers that its column cannot have. Returns the
// column, or null after a finding about it.
const OutputColumn* checkAnswer(const KeyedAnswer& key, KeyPlace place, const Template& sheet,
                                FindingList& findings);

}  // namespace sheafline::sheets
