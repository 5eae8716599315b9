// `backup` and `restore`: copies of a data folder that is in use, and what is rejected.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <sys/stat.h>
#include <vector>

#include <catch2/catch.hpp>

#include "backup_site.h"
#include "running_server.h"

namespace fs = std::filesystem;
using namespace sheafline;
using namespace sheafline::test;

namespace {

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

unsigned modeOf(const fs::path& file) {
    struct stat status {};
    return ::stat(file.c_str(), &status) == 0 ? status.st_mode & 0777U : 0;
}

}  // namespace

TEST_CASE("a backup that is taken at any moment of a batch continues elsewhere") {
    const BackupSite site(30);
    for (const char* moment :
         {"extract.entry:10", "organize_qr.sheet:20", "collect.chunk:1", "csv.chunk:1",
          "artifact.moved:1", "db_load.commit:1", "db_load.committed:1", "cleanup.remove:1"}) {
        CAPTURE(moment);
        const std::string fault = moment;
        const std::string point = fault.substr(0, fault.find(':'));
        const std::string live = "live-" + point;
        fs::create_directory(site.folder / ("passes-" + point));
        auto arguments = site.runArguments();
        arguments.insert(arguments.end(), {"--data-dir", live});
        // The batch waits there, and is killed at the end of this block.
        const Program run(
            site.folder.path(), arguments,
            {{"SHEAFLINE_FAULT", "batch/" + fault + ":sleep"},
             {"SHEAFLINE_FAULT_COUNT", (site.folder / ("passes-" + point)).string()}});
        const fs::path passes = site.folder / ("passes-" + point + "/batch." + point);
        REQUIRE(eventually([&] {
            std::error_code missing;
            const auto size = fs::file_size(passes, missing);
            return !missing && size >= std::stoul(fault.substr(point.size() + 1));
        }));
        const auto backup =
            runProgram(site.folder.path(), {"backup", "backup-" + point, "--data-dir", live});
        INFO(backup.err);
        REQUIRE(backup.status == 0);
        CHECK(backup.err.empty());
        REQUIRE(site.restore("backup-" + point, "restored-" + point).status == 0);
        CHECK(site.continues("restored-" + point));
    }
}

TEST_CASE("backups do not disturb a batch, and each continues elsewhere with the same result") {
    const BackupSite site(100);
    Program run(site.folder.path(), site.runArguments());
    REQUIRE(eventually([&] { return fs::exists(site.folder / "sheafline-data/history.db"); }));
    std::vector<std::string> made;
    for (bool ended = false; !ended;) {
        ended = holds(runProgram(site.folder.path(), {"batches", "--json"}).out,
                      "\"state\":\"completed\"");
        const std::string name = std::to_string(made.size());
        const auto backup = site.backup("backup-" + name);
        INFO(backup.err);
        REQUIRE(backup.status == 0);
        if (!holds(backup.out, "backed up 0 batches")) made.push_back(name);
    }
    CHECK(run.wait().status == 0);
    CHECK((site.folder.read("sheafline-data/batches/b/artifacts/math.csv") == site.expected));
    CHECK(made.size() > 1);
    for (std::size_t i = 0; i < made.size(); i += 1 + made.size() / 4) {
        CAPTURE(made[i]);
        REQUIRE(site.restore("backup-" + made[i], "restored-" + made[i]).status == 0);
        CHECK(site.continues("restored-" + made[i]));
    }
}

TEST_CASE("a backup holds the accounts and keys of a server, with their modes") {
    const Site site;
    std::string password;
    {
        RunningServer server(site);
        password = server.firstPassword();
        const Headers admin = server.signIn("admin", password);
        server.addUser("alice", admin);
        const std::string id = server.create("squares", admin);
        server.stream(id, admin);
        const std::string upload = server.openUpload(100, admin);
        REQUIRE(server.patch(upload, 0, "0123456789", admin).status == 204);
        REQUIRE(runProgram(site.folder.path(), {"backup", "backup"}).status == 0);
        CHECK(modeOf(site.folder / "backup") == 0700);
        server.program().signal(SIGTERM);
        CHECK(server.program().wait().status == 0);
    }
    const fs::path data = site.folder / "sheafline-data";
    fs::rename(data, site.folder / "lost");
    REQUIRE(runProgram(site.folder.path(), {"restore", "backup"}).status == 0);
    CHECK(modeOf(data) == 0750);
    for (const char* name : {"secret.key", "accounts.db"}) {
        CAPTURE(name);
        CHECK(modeOf(data / name) == 0600);
    }
    CHECK(site.folder.read("sheafline-data/secret.key") == site.folder.read("lost/secret.key"));
    for (const char* name : {"owner.lock", "owner.sock", "reserve", "work"}) {
        CAPTURE(name);
        CHECK_FALSE(fs::exists(data / name));
    }
    const RunningServer server(site);
    const Headers admin = server.signIn("admin", password);
    const std::string listed = server.client().get("/api/batches", admin).body;
    CHECK(holds(listed, "\"pipeline\":\"squares\""));
    CHECK(holds(server.client().get("/api/users", admin).body, "\"alice\""));
}

TEST_CASE("a damaged backup is rejected with the name of the file, and nothing is restored") {
    const BackupSite site(6);
    REQUIRE(runProgram(site.folder.path(), site.runArguments()).status == 0);
    REQUIRE(site.backup("good").status == 0);
    struct Damage {
        std::string file;
        std::string kind;
        std::string said;
    };
    for (const Damage& damage : std::vector<Damage>{
             {"data/history.db", "byte", "its digest differs"},
             {"data/batches/b/archive.zip", "byte", "its digest differs"},
             {"data/batches/b/artifacts/math.csv", "cut", "it has another size"},
             {"data/batches/b/results.db", "longer", "it has another size"},
             {"data/batches/b/archive.zip", "removed", "it is missing"},
             {"data/batches/b/artifacts/math.csv", "link", "it is missing"},
             {"manifest.json", "byte", "it is not the list of a backup"},
             {"manifest.json", "cut", "it is not the list of a backup"},
             {"manifest.json", "removed", "is not a complete backup"},
         }) {
        CAPTURE(damage.file, damage.kind);
        fs::remove_all(site.folder / "bad");
        fs::copy(site.folder / "good", site.folder / "bad", fs::copy_options::recursive);
        const std::string name = "bad/" + damage.file;
        std::string bytes = site.folder.read(name);
        REQUIRE_FALSE(bytes.empty());
        fs::remove(site.folder / name);
        if (damage.kind == "byte")
            bytes[damage.file == "manifest.json" ? 0 : bytes.size() / 2] ^= 1;
        if (damage.kind == "cut") bytes.resize(bytes.size() - 4);
        if (damage.kind == "longer") bytes += "x";
        if (damage.kind == "link")
            fs::create_symlink("/etc/passwd", site.folder / name);
        else if (damage.kind != "removed")
            site.folder.write(name, bytes);
        const auto result = site.restore("bad", "restored");
        CHECK(result.status == 1);
        INFO(result.err);
        CHECK(holds(result.err, damage.kind == "removed" && damage.file == "manifest.json"
                                    ? "manifest.json"
                                    : damage.file));
        CHECK(holds(result.err, damage.said));
        CHECK_FALSE(fs::exists(site.folder / "restored"));
        CHECK_FALSE(fs::exists(site.folder / "restored.partial"));
    }
}

TEST_CASE("a manifest cannot name files outside the data folder") {
    const BackupSite site(1);
    REQUIRE(runProgram(site.folder.path(), site.runArguments()).status == 0);
    REQUIRE(site.backup("backup").status == 0);
    const std::string good = site.folder.read("backup/manifest.json");
    for (const std::string path : {"../evil", "/tmp/evil", "a/../../evil", "./history.db"}) {
        CAPTURE(path);
        std::string manifest = good;
        manifest.replace(manifest.find("batches/b/archive.zip"), 21, path);
        site.folder.write("backup/manifest.json", manifest);
        const auto result = site.restore("backup", "restored");
        CHECK(result.status == 1);
        CHECK(holds(result.err, "leads out of it"));
        CHECK_FALSE(fs::exists(site.folder / "restored"));
    }
}

TEST_CASE("backup and restore overwrite nothing") {
    const BackupSite site(1);
    REQUIRE(runProgram(site.folder.path(), site.runArguments()).status == 0);
    REQUIRE(site.backup("backup").status == 0);
    const auto again = site.backup("backup");
    CHECK(again.status == 2);
    CHECK(holds(again.err, "exists and is not an empty folder"));
    const auto inside = site.backup("sheafline-data/backup");
    CHECK(inside.status == 2);
    CHECK(holds(inside.err, "is inside the data folder"));
    const auto over = site.restore("backup", "sheafline-data");
    CHECK(over.status == 2);
    CHECK(holds(over.err, "exists and is not an empty folder"));
    const auto nothing = runProgram(site.folder.path(), {"backup", "b", "--data-dir", "missing"});
    CHECK(nothing.status == 2);
    CHECK(holds(nothing.err, "there is no history"));
    // An empty folder, such as one that a package made, is filled.
    fs::create_directory(site.folder / "empty");
    CHECK(site.restore("backup", "empty/").status == 0);
    CHECK(site.continues("empty"));
}

TEST_CASE("of two backups to one folder at the same time, one is rejected") {
    const BackupSite site(1);
    REQUIRE(runProgram(site.folder.path(), site.runArguments()).status == 0);
    const Program first(site.folder.path(), {"backup", "backup"},
                        {{"SHEAFLINE_FAULT", "backup.copied:1:sleep"}});
    REQUIRE(eventually([&] { return fs::exists(site.folder / "backup.partial/data"); }));
    const auto second = site.backup("backup");
    CHECK(second.status == 2);
    CHECK(holds(second.err, "another process writes to"));
    first.signal(SIGKILL);  // what it leaves does not block the next one
    REQUIRE(eventually([&] { return site.backup("backup").status == 0; }));
    CHECK(site.restore("backup", "restored").status == 0);
}

TEST_CASE("a backup warns about an artifact that somebody removed or changed") {
    const BackupSite site(1);
    REQUIRE(runProgram(site.folder.path(), site.runArguments()).status == 0);
    fs::remove(site.folder / "sheafline-data/batches/b/artifacts/codes.csv");
    site.folder.write("sheafline-data/batches/b/artifacts/math.csv", "changed");
    const auto result = site.backup("backup");
    CHECK(result.status == 0);
    CHECK(holds(result.err, "codes.csv is missing in the data folder"));
    CHECK(holds(result.err, "math.csv was changed after its batch wrote it"));
}

TEST_CASE("10 kills during backup and restore lose nothing") { killEverywhere(10); }
