#include "client/patience.h"

#include <catch2/catch.hpp>

using namespace sheafline;

TEST_CASE("the time limit starts with the first failure and again after a success") {
    const Error lost(ErrorClass::transient, "SERVER_UNREACHABLE", "lost");
    Patience patience(std::chrono::milliseconds(0));
    CHECK_NOTHROW(patience.wait(lost));
    CHECK_THROWS_AS(patience.wait(lost), Error);
    patience.renew();
    CHECK_NOTHROW(patience.wait(lost));
}
