#include <catch2/catch.hpp>

#include "backup_site.h"

TEST_CASE("50 kills during backup and restore lose nothing") {
    sheafline::test::killEverywhere(50);
}
