#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/redis/redis_error.h>

using namespace sheafline::redis;

TEST_CASE("the error in a reply is reported, also from inside scripts") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"NOAUTH Authentication required.", "auth"},
        {"WRONGPASS invalid username-password pair or user is disabled.", "auth"},
        {"NOPERM this user has no permissions", "auth"},
        {"ERR AUTH <password> called without any password configured", "auth"},
        {"READONLY You can't write against a read only replica.", "readonly"},
        {"MASTERDOWN Link with MASTER is down", "loading"},
        {"LOADING Redis is loading the dataset in memory", "loading"},
        {"BUSY Redis is busy running a script.", "loading"},
        {"OOM command not allowed when used memory > 'maxmemory'.", "oom"},
        {"ERR Error running script (call to f_9d): @user_script:7: -OOM command not allowed",
         "oom"},
        {"ERR Error running script (call to f_9d): @user_script:7: @user_script: 7: -READONLY You",
         "readonly"},
        {"ERR unknown command 'FOO'", "other"},
        {"BUSYGROUP Consumer Group name already exists", "other"},
        {"NOGROUP No such key 's' or consumer group 'g'", "other"}};
    for (const auto& [reply, trouble] : cases) {
        CAPTURE(reply);
        CHECK(toString(kindOf(reply)) == trouble);
    }
}

TEST_CASE("a Redis error has a code, and is transient if waiting can help") {
    const RedisError lost(ErrorKind::lost, "gone");
    CHECK(lost.code() == "REDIS_LOST");
    CHECK(lost.errorClass() == sheafline::ErrorClass::transient);
    CHECK(RedisError(ErrorKind::auth, "no").errorClass() == sheafline::ErrorClass::permanent);
}
