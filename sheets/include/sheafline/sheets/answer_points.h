// The points of answers and the score of a sheet. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <sheafline/export.h>
#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

// The points of one answer; `value` is the column's value in a row of the batch.
SHEAFLINE_API double pointsFor(const KeyedAnswer& key, std::string_view value,
                               const Template& sheet);

// The most points that an answer can have.
SHEAFLINE_API double mostPoints(const KeyedAnswer& key);

// Whether the value stands for a question without an answer.
SHEAFLINE_API bool isBlank(std::string_view value, const Template& sheet);

// Where a sheet comes from, for keys with versions.
struct SheetOrigin {
    std::string_view qr{};
    std::string_view group{};
};

struct NamedValue {
    std::string_view column{};
    std::string_view value{};
};

// The version of the exam that the sheet has; null if no version fits, or if there is no key.
SHEAFLINE_API const KeyVersion* versionOf(const std::vector<NamedValue>& answers,
                                          const SheetOrigin& origin, const Template& sheet);

struct SheetScore {
    std::string score{};  // empty if no version of the exam fits
    std::string grade{};
};

SHEAFLINE_API SheetScore scoreOf(const std::vector<NamedValue>& answers, const SheetOrigin& origin,
                                 const Template& sheet);

// The sum of an exam's points as the key wants it: its floor, scale and rounding, and the grade.
// `most` is the sum of the most points of its questions.
SHEAFLINE_API SheetScore gradedScore(double points, double most, const ScoringKey& key);

}  // namespace sheafline::sheets
