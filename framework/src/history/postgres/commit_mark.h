// Tells whether a transaction was committed whose connection was lost during COMMIT. After a crash,
// PostgreSQL may give the id of a transaction that it had not written down to another one, so the
// status of the id does not tell. Each transaction that changes something therefore also stores its
// number in the row of its connection. One thread.
#pragma once

#include <string>

#include "history/postgres/postgres_link.h"

namespace sheafline::postgres {

class CommitMark {
 public:
    explicit CommitMark(Link& link);

    void put();  // at the end of a transaction; waits for its other statements, too
    // After connecting again. Waits while the old connection may still commit.
    bool wasCommitted();

    // Of connections that have long ended.
    static constexpr const char* kForget =
        "DELETE FROM commits WHERE at < clock_timestamp() - interval '1 day'";

 private:
    int count(const std::string& sql);

    Link& link_;
    const std::string connection_;
    std::string transaction_{};  // empty if it changed nothing
    std::string number_{};
};

}  // namespace sheafline::postgres
