#include "client/patience.h"

#include <catch2/catch.hpp>

using namespace sheafline;

TEST_CASE("patience begins with the first failure, and anew after a success") {
    const Error lost(ErrorClass::transient, "SERVER_UNREACHABLE", "lost");
    Patience patience(std::chrono::milliseconds(0));
    CHECK_NOTHROW(patience.wait(lost));
    CHECK_THROWS_AS(patience.wait(lost), Error);
    patience.renew();
    CHECK_NOTHROW(patience.wait(lost));
}
