// The points of one answer. Pure; any thread.
#pragma once

#include <string_view>

#include <sheafline/export.h>
#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

// `value` is the column's value in a row of the batch.
SHEAFLINE_API double pointsFor(const KeyedAnswer& key, std::string_view value,
                               const Template& sheet);

// Whether the value stands for a question without an answer.
SHEAFLINE_API bool isBlank(std::string_view value, const Template& sheet);

}  // namespace sheafline::sheets
