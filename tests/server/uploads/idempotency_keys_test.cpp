#include "uploads/keys/idempotency_keys.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "history_place.h"
#include "temporary_folder.h"

using namespace sheafline;

TEST_CASE(
    "a repeated request gets the batch of the first, another one is rejected, also after a "
    "restart") {
    const TemporaryFolder folder;
    {
        IdempotencyKeys keys(test::databasePlace(folder, "keys.db"));
        const KeyClaim first = keys.claim("ann", "k", "hash", "batch-1", 10);
        CHECK(first.outcome == KeyOutcome::first);
        CHECK(first.batch_id == "batch-1");
    }
    IdempotencyKeys keys(test::databasePlace(folder, "keys.db"));
    const KeyClaim again = keys.claim("ann", "k", "hash", "batch-2", 11);
    CHECK(again.outcome == KeyOutcome::repeated);
    CHECK(again.batch_id == "batch-1");
    CHECK(keys.claim("ann", "k", "other", "batch-3", 12).outcome == KeyOutcome::conflict);
    CHECK(keys.claim("bob", "k", "other", "batch-4", 12).outcome == KeyOutcome::first);
    keys.release("bob", "k");
    CHECK(keys.claim("bob", "k", "third", "batch-5", 12).outcome == KeyOutcome::first);
    keys.forgetBefore(11);
    CHECK(keys.claim("ann", "k", "other", "batch-6", 13).outcome == KeyOutcome::first);
}

TEST_CASE("exactly one of many equal simultaneous requests is the first") {
    const TemporaryFolder folder;
    IdempotencyKeys keys(test::databasePlace(folder, "keys.db"));
    std::atomic<int> firsts{0};
    std::atomic<int> wrong{0};
    std::vector<std::jthread> threads;
    threads.reserve(8);
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&, i] {
            for (int n = 0; n < 10; ++n) {
                const KeyClaim claim = keys.claim("ann", "k" + std::to_string(n), "hash",
                                                  std::to_string(n) + "-" + std::to_string(i), 1);
                if (claim.outcome == KeyOutcome::first) ++firsts;
                if (!claim.batch_id.starts_with(std::to_string(n) + "-")) ++wrong;
            }
        });
    }
    threads.clear();
    CHECK(firsts == 10);
    CHECK(wrong == 0);
}

TEST_CASE("a key is printable ASCII of at most 255 characters") {
    CHECK(isIdempotencyKey("8e03978e-40d5-43dd-bc93-6894a57f9324"));
    CHECK(isIdempotencyKey(std::string(255, '~')));
    for (const std::string& text : {std::string(), std::string(256, 'k'), std::string("a b"),
                                    std::string("a\n"), std::string("\xC3\xA4")}) {
        CHECK_FALSE(isIdempotencyKey(text));
    }
}
