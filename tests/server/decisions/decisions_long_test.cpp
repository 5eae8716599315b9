// What takes minutes.
#include <catch2/catch.hpp>

#include "decisions/review_site.h"

TEST_CASE("300 hard sheets that are decided from the truth give a CSV without a wrong answer") {
    const sheafline::test::ReviewSite review(300, "hard");
    decideAllFromTruth(review);
}
