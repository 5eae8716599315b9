// `history copy` of whole data folders: what the API shows is the same before and after.
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/sqlite/database.h>

#include "postgres_server.h"
#include "running_server.h"

namespace fs = std::filesystem;
using namespace sheafline;
using namespace sheafline::test;

namespace {

constexpr int kBatches = 1000;

bool skipped() {
    if (PostgresServer::installed()) return false;
    WARN("skipped: PostgreSQL is not installed; scripts/install.sh test installs it");
    return true;
}

// A site whose data folders have ended batches, users and entries of the audit trail.
struct CopySite {
    Site site{};
    PostgresServer database{};
    std::string admin_password{};
    std::string batch{};

    // With a user of this name besides `admin`.
    explicit CopySite(const std::string& user = "ann") {
        const RunningServer server(site);
        admin_password = server.firstPassword();
        const Headers admin = server.signInAdmin();
        server.addUser(user, admin);
        batch = server.create("squares", admin);
        server.stream(batch, admin);
    }
    fs::path data() const { return site.folder / "sheafline-data"; }
    ProgramResult copy(std::vector<std::string> words) const {
        words.insert(words.begin(), {"history", "copy"});
        return runProgram(site.folder.path(), words);
    }
    // Makes many batches of the one in the folder.
    void multiply(int batches) const {
        sqlite::Database file(data() / "history.db");
        const std::string numbers =
            "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n "
            "WHERE i < " +
            std::to_string(batches) + ") ";
        const std::string id = "printf('b%04d', n.i)";
        for (const std::string table : {"batches", "stage_runs", "events"}) {
            std::string columns;
            std::string values;
            const auto add = [&](const std::string& name, const std::string& value) {
                columns += (columns.empty() ? "\"" : ", \"") + name + '"';
                values += (values.empty() ? "" : ", ") + value;
            };
            for (const std::string& name : columnsOf(file, table)) {
                if (name == "event_id") continue;
                const std::string own = "t.\"" + name + '"';
                if (name == "batch_id")
                    add(name, id);
                else if (name == "json")
                    add(name, "replace(" + own + ", '" + batch + "', " + id + ")");
                else
                    add(name, own);
            }
            file.execute(numbers + "INSERT INTO " + table + "(" + columns + ") SELECT " + values +
                         " FROM n, " + table + " t WHERE t.batch_id = '" + batch +
                         "' ORDER BY n.i" + (table == "events" ? ", t.seq" : ""));
        }
    }
    static std::vector<std::string> columnsOf(sqlite::Database& file, const std::string& table) {
        std::vector<std::string> names;
        const std::string list =
            file.textOf("SELECT group_concat(name) FROM pragma_table_info('" + table + "')");
        for (std::size_t at = 0; at < list.size();) {
            const std::size_t end = std::min(list.find(',', at), list.size());
            names.push_back(list.substr(at, end - at));
            at = end + 1;
        }
        return names;
    }
};

std::map<std::string, std::string> streamsOf(const RunningServer& server, const Headers& who,
                                             const std::string& first, int batches) {
    std::map<std::string, std::string> streams;
    for (int i = 1; i <= batches; ++i) {
        std::string id = std::to_string(i);
        id = i == 1 ? first : "b" + std::string(4 - id.size(), '0') + id;
        // Each stream begins with a random time after which clients reconnect, and has a comment
        // every few seconds.
        std::string text = server.client().get(at(id, "/stream"), who).body;
        text.erase(0, text.find('\n') + 1);
        const std::string comment = ":\n\n";
        for (std::size_t found = 0; (found = text.find(comment)) != std::string::npos;)
            text.erase(found, comment.size());
        streams[id] = text;
    }
    return streams;
}

}  // namespace

TEST_CASE("a copied data folder has the same streams, users and audit trail, batch by batch") {
    if (skipped()) return;
    const CopySite place;
    place.multiply(kBatches);
    std::map<std::string, std::string> before;
    std::string audit;
    {
        const RunningServer server(place.site);
        const Headers admin = server.signIn("admin", place.admin_password);
        before = streamsOf(server, admin, place.batch, kBatches);
        audit = server.client().get("/api/audit?limit=3&action=user_add", admin).body;
    }
    const ProgramResult copied = place.copy({place.data().string(), place.database.url()});
    INFO(copied.err);
    REQUIRE(copied.status == 0);
    CHECK_THAT(copied.out,
               Catch::Contains("copied 1000 batches with ") && !Catch::Contains("secret@"));
    const RunningServer server(place.site);
    const Headers admin = server.signIn("admin", place.admin_password);
    CHECK(server.login("ann", kPassword).status == 200);
    const auto after = streamsOf(server, admin, place.batch, kBatches);
    CHECK(before.size() == kBatches);
    CHECK(before.at("b0007").find("\"b0007\"") != std::string::npos);
    for (const auto& [id, text] : before) {
        INFO(id);
        REQUIRE(after.at(id) == text);
    }
    CHECK_FALSE(audit.empty());
    CHECK(server.client().get("/api/audit?limit=3&action=user_add", admin).body == audit);
    CHECK_FALSE(fs::exists(place.data() / "history.db"));
}

TEST_CASE("several data folders become one history with one store") {
    if (skipped()) return;
    const CopySite one("ann");
    const CopySite two("bob");
    const std::string store = (one.site.folder / "store").string();
    const std::string url = one.database.url();
    const std::string a = one.data().string();
    const std::string b = two.data().string();

    CHECK_THAT(one.copy({a, b, url}).err, Catch::Contains("name an empty folder with --store"));
    const ProgramResult users = one.copy({a, b, url, "--store", store});
    CHECK(users.status != 0);
    CHECK_THAT(users.err, Catch::Contains("users admin") && Catch::Contains("--accounts-of") &&
                              Catch::Contains("nothing was copied"));
    CHECK_FALSE(fs::exists(store));
    CHECK(fs::exists(one.data() / "history.db"));
    CHECK(one.database.query("SELECT count(*) FROM pg_namespace WHERE nspname = 'sheafline'") ==
          "0");

    const ProgramResult copied = one.copy({a, b, url, "--store", store, "--accounts-of", b});
    INFO(copied.err);
    REQUIRE(copied.status == 0);
    CHECK_THAT(copied.out, Catch::Contains("copied 2 batches"));
    CHECK(fs::exists(fs::path(store) / "batches" / one.batch / "artifacts/out.csv"));
    CHECK(fs::exists(fs::path(store) / "batches" / two.batch / "artifacts/out.csv"));
    CHECK(fs::exists(one.data() / "batches.copied"));
    CHECK(fs::exists(one.data() / "history.db.copied"));

    const RunningServer server(one.site);
    CHECK(server.login("admin", one.admin_password).status == 401);
    const Headers admin = server.signIn("admin", two.admin_password);
    CHECK(server.login("ann", kPassword).status == 200);
    CHECK(server.login("bob", kPassword).status == 200);
    for (const std::string& id : {one.batch, two.batch}) {
        CHECK(server.client().get(at(id, "/artifacts/out.csv"), admin).status == 200);
        CHECK_FALSE(server.stream(id, admin).empty());
    }
}

TEST_CASE("batches that two data folders have are listed, and nothing is copied") {
    if (skipped()) return;
    const CopySite place;
    fs::create_directory(place.site.folder / "twin");
    for (const char* file : {"history.db", "accounts.db"})
        sqlite::Database(place.data() / file).copyTo(place.site.folder / "twin" / file);
    const std::string store = (place.site.folder / "store").string();
    const ProgramResult refused =
        place.copy({place.data().string(), (place.site.folder / "twin").string(),
                    place.database.url(), "--store", store});
    CHECK(refused.status != 0);
    CHECK_THAT(refused.err,
               Catch::Contains("batches " + place.batch) && Catch::Contains("users admin, ann"));
    CHECK_FALSE(fs::exists(store));
    CHECK(fs::exists(place.data() / "history.db"));
    CHECK(fs::exists(place.site.folder / "twin/history.db"));
}
