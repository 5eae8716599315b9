#include "accounts/shared_key.h"

#include <filesystem>
#include <string>

#include <catch2/catch.hpp>

#include <sheafline/error.h>

#include "accounts/secret_key.h"
#include "history_place.h"

namespace fs = std::filesystem;
using namespace sheafline;
using namespace sheafline::test;

namespace {

struct KeySite {
    TemporaryFolder folder{};
    std::string url = historyServer().url();

    KeySite() { historyServer().query("DROP SCHEMA IF EXISTS sheafline CASCADE"); }
    std::string reasonOf(const std::string& file) const {
        try {
            requireSharedKey(url, folder / file);
        } catch (const Error& error) {
            return error.code() + ": " + error.what();
        }
        return "";
    }
    void copy(const std::string& from, const std::string& to) const {
        fs::copy_file(folder / from, folder / to, fs::copy_options::overwrite_existing);
    }
};

}  // namespace

TEST_CASE("the first server decides the key, and one with another key is rejected",
          "[postgresql]") {
    const KeySite site;
    CHECK(site.reasonOf("a").empty());
    CHECK(site.reasonOf("a").empty());
    CHECK_THAT(site.reasonOf("b"),
               Catch::Contains("SECRET_KEY: there is no key") && Catch::Contains("copy the file"));
    CHECK_FALSE(fs::exists(site.folder / "b"));  // a key that nobody accepts is not made
    secretKeyOf(site.folder / "b");
    CHECK_THAT(site.reasonOf("b"), Catch::Contains("is not the one of the other servers") &&
                                       Catch::Contains("secret-key") &&
                                       !Catch::Contains("secret@"));
    site.copy("a", "b");
    CHECK(site.reasonOf("b").empty());
}

TEST_CASE("a rotated key replaces the one that the database knows", "[postgresql]") {
    const KeySite site;
    CHECK(site.reasonOf("a").empty());
    site.copy("a", "stale");
    rotateSecretKey(site.folder / "a");
    CHECK(site.reasonOf("a").empty());
    CHECK(site.reasonOf("a").empty());
    CHECK_THAT(site.reasonOf("stale"), Catch::Contains("is not the one"));
    rotateSecretKey(site.folder / "a");
    rotateSecretKey(site.folder / "a");  // twice without a start: the known key is lost
    CHECK_THAT(site.reasonOf("a"), Catch::Contains("is not the one"));
}

TEST_CASE("a server with its history in a file has its own key") {
    const TemporaryFolder folder;
    requireSharedKey("", folder / "key");
    CHECK_FALSE(fs::exists(folder / "key"));
}
