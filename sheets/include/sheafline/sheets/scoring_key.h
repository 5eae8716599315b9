// What an exam's answers are worth: right answers, points, versions of the exam and grades. Plain
// values, made by loadTemplate() and readScoringKey(). docs/scoring.md describes the file.
#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sheafline/text_pattern.h>

namespace sheafline::sheets {

// Who gets the points of a question whatever the answer is.
enum class Bonus { none, attempted, all };

// The points of a question. A column without one has no points.
struct KeyedAnswer {
    std::string column{};
    std::vector<std::pair<std::string, double>> right{};  // values that count, each with its points
    double wrong = 0;
    double blank = 0;
    // The choices that must all be marked, in the place of `right`, and the points by how many of
    // them and how many others are marked: by_marks[right][wrong].
    std::vector<std::string> all{};
    std::vector<std::vector<double>> by_marks{};
    std::size_t field = 0;                                     // of `all`, into Template::fields
    double lowest = -std::numeric_limits<double>::infinity();  // before the weight
    double weight = 1;
    Bonus bonus = Bonus::none;
    double points = 1;       // of a bonus
    bool cancelled = false;  // the question counts for nobody
};

// The answers to one version of an exam. A sheet has the first version that fits.
struct KeyVersion {
    std::string name{};  // empty: the exam has only this one
    std::string form{};  // a text with {column}, {qr} or {group}; empty: fits every sheet
    // What the filled form must match; null: the name. Shared by the copies of a template.
    std::shared_ptr<const TextPattern> match{};
    std::vector<KeyedAnswer> answers{};
};

struct Grade {
    double from = 0;  // points, or with `percent` a share of the most points in percent
    bool percent = false;
    std::string name{};
};

struct ScoringKey {
    std::vector<KeyVersion> versions{};
    std::optional<double> lowest{};  // of the whole exam
    std::optional<double> out_of{};  // the score that a sheet without a mistake has
    double step = 0;                 // to which scores are rounded; 0: they are not
    std::vector<Grade> grades{};     // the highest first

    bool empty() const { return versions.empty(); }
};

}  // namespace sheafline::sheets
