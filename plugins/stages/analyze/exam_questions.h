// The questions of an exam: the columns of the rows that are analyzed, with their keys.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <sheafline/sheets/template.h>

namespace sheafline::analyze {

struct Question {
    std::string name{};
    std::size_t column = 0;              // in the rows of the batch
    std::vector<std::string> choices{};  // the values of its bubbles, if it has one field
    // For each version of the exam, owned by the template; null if it does not have the question.
    // Empty without a key.
    std::vector<const sheets::KeyedAnswer*> keys{};
    double most_points = 0;  // of the version in which it counts most

    const sheets::KeyedAnswer* keyOf(std::size_t version) const {
        return version < keys.size() ? keys[version] : nullptr;
    }
};

// With a key, the questions of the key; without one, the columns of a single field. `pattern`
// chooses among the columns of the template by their whole names; empty: all. Throws an Error of
// class permanent if there are none, or if a column is missing in `columns`. `sheet` must outlive
// the result.
std::vector<Question> questionsOf(const sheets::Template& sheet, const std::string& pattern,
                                  const std::vector<std::string>& columns);

// The place of a column; throws an Error of class permanent that lists the columns.
std::size_t columnNamed(const std::string& name, const std::vector<std::string>& columns);

}  // namespace sheafline::analyze
