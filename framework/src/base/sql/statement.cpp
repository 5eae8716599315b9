#include "base/sql/statement.h"

#include <limits>

#include <sheafline/error.h>

namespace sheafline::sql {

Statement& Statement::bind(int index, std::uint64_t value) {
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        throw Error(ErrorClass::permanent, "DATABASE",
                    std::to_string(value) + " is larger than the largest integer of a database");
    }
    return bind(index, static_cast<std::int64_t>(value));
}

std::optional<std::string> Statement::optionalText(int column) const {
    if (isNull(column)) return std::nullopt;
    return text(column);
}

std::int64_t integerOf(Database& database, std::string_view sql) {
    Statement statement(database, sql);
    statement.step();
    return statement.integer(0);
}

}  // namespace sheafline::sql
