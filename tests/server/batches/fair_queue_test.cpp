#include "batches/fair_queue.h"

#include <string>

#include <catch2/catch.hpp>

using namespace sheafline;

namespace {

std::string next(FairQueue& queue, std::size_t most_per_user = 100) {
    const auto batch = queue.next(most_per_user);
    return batch ? batch->batch_id : "none";
}

}  // namespace

TEST_CASE("a user's hundred batches do not delay another user's single batch") {
    FairQueue queue;
    for (int i = 1; i <= 100; ++i) queue.push({.batch_id = "a" + std::to_string(i), .user = "a"});
    queue.push({.batch_id = "b1", .user = "b"});
    CHECK(next(queue) == "a1");
    CHECK(next(queue) == "b1");
    CHECK(next(queue) == "a2");
}

TEST_CASE("users take turns with one place between them") {
    FairQueue queue;
    for (const char* id : {"a1", "a2", "b1", "b2", "c1"})
        queue.push({.batch_id = id, .user = std::string(1, *id)});
    std::string order;
    for (std::string id = next(queue); id != "none"; id = next(queue)) {
        order += id + ' ';
        queue.ended(id);
    }
    CHECK(order == "a1 b1 c1 a2 b2 ");
}

TEST_CASE("a batch that is reopened waits until its last execution has ended") {
    FairQueue queue;
    queue.push({.batch_id = "a1", .user = "a"});
    CHECK(next(queue) == "a1");
    queue.push({.batch_id = "a1", .user = "a"});
    CHECK(next(queue) == "none");
    queue.ended("a1");
    CHECK(next(queue) == "a1");
}

TEST_CASE("a batch that is removed from the queue never runs") {
    FairQueue queue;
    queue.push({.batch_id = "a1", .user = "a"});
    CHECK(queue.remove("a1"));
    CHECK_FALSE(queue.remove("a1"));
    CHECK(next(queue) == "none");
}

TEST_CASE("a user at the limit of running batches leaves the free places to others") {
    FairQueue queue;
    for (const char* id : {"a1", "a2", "a3", "b1"})
        queue.push({.batch_id = id, .user = std::string(1, *id)});
    CHECK(next(queue, 2) == "a1");
    CHECK(next(queue, 2) == "b1");
    CHECK(next(queue, 2) == "a2");
    CHECK(next(queue, 2) == "none");
    queue.ended("b1");  // the place of another user does not count
    CHECK(next(queue, 2) == "none");
    queue.ended("a1");
    CHECK(next(queue, 2) == "a3");
}
