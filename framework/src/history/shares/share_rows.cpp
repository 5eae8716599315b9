#include "history/shares/share_rows.h"

#include "base/clocks.h"
#include "base/sql/statement.h"
#include "history/text_list.h"

namespace sheafline {

namespace {

std::vector<std::string> firstColumn(sql::Statement& list) {
    std::vector<std::string> texts;
    while (list.step()) texts.push_back(list.text(0));
    return texts;
}

}  // namespace

void replaceShares(sql::Database& database, const std::string& batch_id, const NewShares& next) {
    std::vector<std::string> users = next.shares.users;
    if (next.shares.everybody) users.emplace_back(kEverybody);
    sql::Statement(database,
                   "DELETE FROM shares WHERE batch_id = ?1 AND \"user\" NOT IN "
                   "(SELECT value FROM json_each(?2))")
        .bind(1, batch_id)
        .bind(2, jsonArray(users))
        .run();
    sql::Statement add(database,
                       "INSERT INTO shares VALUES(?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING");
    for (const std::string& user : users)
        add.bind(1, batch_id).bind(2, user).bind(3, next.by).bind(4, utcText(wallMs())).run();
}

Shares ShareReader::of(std::string_view batch_id) {
    sql::Statement list(database_,
                        "SELECT \"user\" FROM shares WHERE batch_id = ?1 ORDER BY \"user\"");
    list.bind(1, batch_id);
    Shares shares;
    for (std::string& user : firstColumn(list)) {
        if (user == kEverybody)
            shares.everybody = true;
        else
            shares.users.push_back(std::move(user));
    }
    return shares;
}

bool ShareReader::sharedWith(std::string_view batch_id, std::string_view user) {
    sql::Statement find(
        database_, "SELECT 1 FROM shares WHERE batch_id = ?1 AND \"user\" IN (?2, ?3) LIMIT 1");
    return find.bind(1, batch_id).bind(2, user).bind(3, kEverybody).step();
}

std::int64_t ShareReader::revision() {
    return sql::integerOf(database_, "SELECT number FROM share_revision");
}

std::vector<std::string> ShareReader::users() {
    sql::Statement list(database_, "SELECT DISTINCT \"user\" FROM shares WHERE \"user\" <> ?1");
    list.bind(1, kEverybody);
    return firstColumn(list);
}

std::vector<std::string> ShareReader::batchesOf(std::string_view user) {
    sql::Statement list(database_, "SELECT batch_id FROM shares WHERE \"user\" = ?1");
    list.bind(1, user);
    return firstColumn(list);
}

}  // namespace sheafline
