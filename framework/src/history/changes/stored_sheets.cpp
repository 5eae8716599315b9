#include "history/changes/stored_sheets.h"

#include <algorithm>
#include <iterator>
#include <vector>

namespace sheafline {

namespace {

// Subqueries, because a join lets PostgreSQL read all rows of the batch in the joined table, as
// long as it believes that there are few. Doubts have the format of flags.
std::string selectOf(std::size_t count) {
    std::string numbers;
    for (std::size_t i = 0; i < count; ++i)
        numbers += (i == 0 ? "?" : ",?") + std::to_string(i + 2);
    const std::string of_sheet = " x WHERE x.batch_id = s.batch_id AND x.number = s.number), ";
    return "SELECT s.number, s.state, (SELECT x.flags FROM readings" + of_sheet +
           "(SELECT x.flags FROM settled" + of_sheet +
           "(SELECT group_concat(x.field || ':' || x.flag, ';') FROM doubts" + of_sheet +
           "(SELECT count(*) FROM applies a WHERE a.batch_id = ?1) FROM sheets s "
           "WHERE s.batch_id = ?1 AND s.number IN (" +
           numbers + ")";
}

std::set<Flag> setOf(std::vector<Flag> flags) {
    return {std::make_move_iterator(flags.begin()), std::make_move_iterator(flags.end())};
}

}  // namespace

std::set<Flag> StoredSheet::doubtsOfReading() const {
    if (!isRead()) return {};
    return setOf(doubtsIn(settled_flags ? *settled_flags : *read_flags));
}

StoredSheets::StoredSheets(sql::Database& database)
    : one_(database, selectOf(1)), many_(database, selectOf(kMost)) {}

void StoredSheets::read(const std::string& batch_id, std::span<const int> numbers) {
    sheets_.clear();
    applying_ = false;
    if (numbers.empty()) return;
    sql::Statement& select = numbers.size() == 1 ? one_ : many_;
    const std::size_t places = numbers.size() == 1 ? 1 : kMost;
    select.bind(1, batch_id);
    // The last sheet fills the places that are left.
    for (std::size_t i = 0; i < places; ++i)
        select.bind(static_cast<int>(i + 2), numbers[std::min(i, numbers.size() - 1)]);
    while (select.step()) {
        StoredSheet& sheet = sheets_[static_cast<int>(select.integer(0))];
        sheet.state = sheetState(select.text(1));
        sheet.read_flags = select.optionalText(2);
        sheet.settled_flags = select.optionalText(3);
        if (!select.isNull(4)) sheet.doubts = setOf(flagsIn(select.text(4)));
        applying_ = select.integer(5) > 0;
    }
}

const StoredSheet* StoredSheets::find(int number) const {
    const auto found = sheets_.find(number);
    return found == sheets_.end() ? nullptr : &found->second;
}

}  // namespace sheafline
