// Closes the streams of callers who lost their rights: their session ended, or the share of the
// batch did. Used by one thread; the hub calls back on its own.
#pragma once

#include <cstdint>

#include "accounts/account_store.h"
#include "accounts/sign_in.h"
#include "batches/reader_pool.h"
#include "owner/owner.h"
#include "streams/list/list_streams.h"

namespace sheafline {

class StreamRights {
 public:
    struct Parts {
        StreamHub& hub;
        ListStreams& list;
        ReaderPool& readers;
        SignIn& sign_in;
        Owner& owner;
        AccountStore& accounts;
    };
    explicit StreamRights(const Parts& parts);

    // Call it every second. `sweep`: now and then, also for streams that are too old.
    void look(bool sweep);

 private:
    std::int64_t shareRevision();
    void closeEnded(bool aged_too);
    void closeUnshared();
    void dropSharesOfRemovedUsers();

    const Parts parts_;
    std::int64_t sessions_;  // revisions that are checked already
    std::int64_t shares_;
};

}  // namespace sheafline
