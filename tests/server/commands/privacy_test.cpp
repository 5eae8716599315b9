// What other users of the machine, and a person's terminal, get from a batch: no access to its
// files, no password, no escape sequence.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <grp.h>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include <catch2/catch.hpp>

#include "base/url_password.h"
#include "program.h"
#include "temporary_folder.h"

using namespace sheafline;

namespace {

constexpr const char* kUnpack =
    "name: unpack\nparams:\n  input: {type: path, required: true}\n"
    "stages:\n  - {id: extract, uses: extract, with: {archive: \"${{ params.input }}\"}}\n";
constexpr const char* kArchives = SHEAFLINE_SOURCE_DIR "/tests/data/security/";

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

// "1777 name" of each file or folder below `folder` that others can reach.
std::string openTo(mode_t bits, const std::filesystem::path& folder) {
    std::string open;
    const auto check = [&](const std::filesystem::path& path) {
        struct stat status {};
        REQUIRE(::lstat(path.c_str(), &status) == 0);
        const bool socket_or_link = S_ISSOCK(status.st_mode) || S_ISLNK(status.st_mode);
        if (!socket_or_link && (status.st_mode & bits) != 0) open += path.filename().string() + " ";
    };
    check(folder);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
        check(entry.path());
    return open;
}

class Umask {
 public:
    explicit Umask(mode_t mask) : before_(::umask(mask)) {}
    ~Umask() { ::umask(before_); }
    Umask(const Umask&) = delete;
    Umask& operator=(const Umask&) = delete;

 private:
    const mode_t before_;
};

}  // namespace

TEST_CASE("a data folder is closed to other users, whatever the umask") {
    const TemporaryFolder folder;
    const Umask open(0);
    folder.write("p.yaml",
                 "name: p\nstages:\n  - {id: a, uses: probe, with: {act: note_artifact, note: x}}\n"
                 "sinks:\n  - {uses: jsonl, with: {file: '${{ batch.data_dir }}/events.jsonl'}}\n");
    REQUIRE(runProgram(folder.path(), {"run", "p.yaml", "--batch-id", "b"}).status == 0);
    CHECK(openTo(S_IRWXO | S_IWGRP, folder / "sheafline-data").empty());
    Program server(folder.path(), {"serve", "--listen", "127.0.0.1:0"});
    REQUIRE(server.waitForOutput("listening on "));
    CHECK(openTo(S_IRWXO | S_IWGRP, folder / "sheafline-data").empty());
    server.signal(SIGTERM);
    CHECK(server.wait().status == 0);
}

TEST_CASE("an existing data folder is closed at the start, but not what its links name") {
    const TemporaryFolder folder;
    folder.write(
        "p.yaml",
        "name: p\nstages:\n  - {id: a, uses: probe, with: {act: note_artifact, note: x}}\n");
    REQUIRE(runProgram(folder.path(), {"run", "p.yaml", "--batch-id", "b"}).status == 0);
    folder.write("outside", "");
    const auto data = folder / "sheafline-data";
    for (const auto& entry : std::filesystem::recursive_directory_iterator(data))
        std::filesystem::permissions(entry.path(), std::filesystem::perms::all);
    std::filesystem::permissions(data, std::filesystem::perms::all);
    std::filesystem::permissions(folder / "outside", std::filesystem::perms::all);
    std::filesystem::create_symlink(folder / "outside", data / "link");
    REQUIRE(runProgram(folder.path(), {"run", "p.yaml", "--batch-id", "c"}).status == 0);
    CHECK(openTo(S_IRWXO | S_IWGRP, data).empty());
    CHECK(std::filesystem::status(folder / "outside").permissions() == std::filesystem::perms::all);
}

TEST_CASE("a folder that holds other things keeps its mode") {
    const TemporaryFolder folder;
    folder.write("p.yaml", "name: p\nstages:\n  - {id: a, uses: probe}\n");
    std::filesystem::create_directory(folder / "shared");
    folder.write("shared/notes.txt", "of somebody else");
    std::filesystem::permissions(folder / "shared", std::filesystem::perms::all);
    REQUIRE(runProgram(folder.path(), {"run", "p.yaml", "--data-dir", "shared"}).status == 0);
    CHECK(std::filesystem::status(folder / "shared").permissions() == std::filesystem::perms::all);
}

TEST_CASE("file-group may read the data folder, existing files and new ones") {
    if (::geteuid() != 0) return;  // only root can give files to a group that it is not in
    const ::group* group = ::getgrnam("daemon");
    REQUIRE(group != nullptr);
    const gid_t id = group->gr_gid;
    const TemporaryFolder folder;
    folder.write(
        "p.yaml",
        "name: p\nstages:\n  - {id: a, uses: probe, with: {act: note_artifact, note: x}}\n");
    REQUIRE(runProgram(folder.path(), {"run", "p.yaml", "--batch-id", "b"}).status == 0);
    const std::map<std::string, std::string> shared{{"SHEAFLINE_FILE_GROUP", "daemon"}};
    REQUIRE(runProgram(folder.path(), {"run", "p.yaml", "--batch-id", "c"}, shared).status == 0);
    for (const char* name : {"", "history.db", "batches/b", "batches/b/notes", "batches/c/notes"}) {
        struct stat status {};
        REQUIRE(::stat((folder / "sheafline-data" / name).c_str(), &status) == 0);
        INFO(name);
        CHECK(status.st_gid == id);
        CHECK((status.st_mode & S_IRGRP) != 0);
    }
    const auto unknown =
        runProgram(folder.path(), {"run", "p.yaml"}, {{"SHEAFLINE_FILE_GROUP", "no-such-group"}});
    CHECK(holds(unknown.err, "file-group: there is no group 'no-such-group'"));
    CHECK(unknown.status == 78);
}

TEST_CASE("a password in a param is masked where params are stored or shown, and still used") {
    const TemporaryFolder folder;
    folder.write("p.yaml",
                 "name: p\nparams:\n  database: {type: string}\nstages:\n"
                 "  - {id: a, uses: probe, with: {act: note, note: '${{ params.database }}'}}\n"
                 "  - {id: b, uses: probe, with: {act: secret, note: '${{ params.database }}'}}\n");
    const std::string url = "postgresql://u:hunt%40er2@h/db";
    const auto run = runProgram(folder.path(), {"run", "p.yaml", "--batch-id", "b", "--log-level",
                                                "debug", "--set", "database=" + url});
    CHECK(run.status == 1);
    const auto retry = runProgram(folder.path(), {"retry", "b", "--json"});
    CHECK(retry.status == 1);
    const std::string data = "sheafline-data/";
    for (const std::string& text :
         {run.out, run.err, retry.out, retry.err, folder.read(data + "history.db"),
          folder.read(data + "history.db-wal"),
          runProgram(folder.path(), {"batches", "show", "b", "--json"}).out}) {
        CHECK_FALSE(holds(text, "hunt%40er2"));
        CHECK_FALSE(holds(text, "hunt@er2"));
    }
    CHECK(holds(retry.out, "postgresql://u:***@h/db"));
    CHECK(holds(folder.read(data + "batches/b/notes"), url));
    struct stat status {};
    REQUIRE(::stat((folder / (data + "batches/b/params.json")).c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);

    const auto taken = runProgram(folder.path(), {"run", "p.yaml", "--batch-id", "b", "--set",
                                                  "database=postgresql://u:other@h/db"});
    CHECK(taken.status == 2);
    CHECK_FALSE(holds(folder.read(data + "batches/b/params.json"), "other"));
}

TEST_CASE("passwords are found in every form of a database address") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"postgresql://u:pw@h:5432/db?x=1", "postgresql://u:***@h:5432/db?x=1"},
        {"redis://:pw@h", "redis://:***@h"},
        {"postgresql://h/db?user=u&password=pw&sslmode=require",
         "postgresql://h/db?user=u&password=***&sslmode=require"},
        {"host=h password = 'p w' user=u", "host=h password = '***' user=u"},
        {"cannot reach postgresql://u:a@b@h/db: refused",
         "cannot reach postgresql://u:***@h/db: refused"},
        {"a://u:x@h and b://v:y@i", "a://u:***@h and b://v:***@i"},
        {"https://h:8000/a@b", "https://h:8000/a@b"},
        {"postgresql://u@h/db", "postgresql://u@h/db"},
        {"my_password=pw", "my_password=pw"},
        {"password: none", "password: none"},
        {"", ""}};
    for (const auto& [text, masked] : cases) CHECK(withoutPasswords(text) == masked);
}

TEST_CASE("escape sequences in names of an archive do not reach the terminal") {
    const TemporaryFolder folder;
    folder.write("p.yaml", kUnpack);
    std::string seen;
    for (const std::string& name : std::vector<std::string>{"name_escape", "name_escape_refused"}) {
        const auto run = runProgram(folder.path(), {"run", "p.yaml", "--batch-id", name, "--input",
                                                    kArchives + name + ".zip"});
        seen += run.out + run.err;
        for (const std::vector<std::string>& arguments :
             {std::vector<std::string>{"sheets", name},
              {"sheets", name, "--json"},
              {"batches", "show", name},
              {"batches", "show", name, "--json"},
              {"batches", "events", name},
              {"watch", name},
              {"run", "p.yaml", "--input", "\x1b[2Jx.zip"},
              {"\x1b[2J"}}) {
            const auto result = runProgram(folder.path(), arguments);
            seen += result.out + result.err;
        }
    }
    CHECK(holds(seen, "\\x1b]0;owned\\x07\\x1b[2J"));  // shown, so that a person can find the file
    for (const char* control : {"\x1b", "\x07", "\xc2\x9b"}) CHECK_FALSE(holds(seen, control));
}

TEST_CASE("a secret may be a file or a credential of systemd") {
    const TemporaryFolder folder;
    std::filesystem::create_directory(folder / "secrets");
    std::filesystem::create_directory(folder / "credentials");
    folder.write("secrets/FILE", "from-file\n");
    folder.write("credentials/CRED", "from-systemd");
    folder.write("p1.yaml",
                 "name: p\nstages:\n  - {id: a, uses: probe, with: {note: '${{ secrets.FILE }} "
                 "${{ secrets.CRED }}'}}\n");
    const auto run = runProgram(folder.path(), {"run", "p1.yaml", "--batch-id", "b"},
                                {{"SHEAFLINE_SECRETS_DIR", "secrets"},
                                 {"CREDENTIALS_DIRECTORY", (folder / "credentials").string()}});
    CHECK(run.status == 0);
    CHECK(holds(folder.read("sheafline-data/batches/b/notes"), "from-file from-systemd"));
    const auto none = runProgram(folder.path(), {"run", "p1.yaml"},
                                 {{"SHEAFLINE_SECRETS_DIR", "no-such-folder"}});
    CHECK(holds(none.err, "SHEAFLINE_SECRETS_DIR: secrets-dir: there is no folder "));
    CHECK(none.status == 2);
    folder.write(
        "key.yaml",
        "name: p\nstages:\n  - {id: a, uses: probe, with: {note: '${{ secrets.KEY }}'}}\n");
    CHECK(
        runProgram(folder.path(), {"run", "key.yaml"}, {{"SHEAFLINE_SECRET_KEY", "file"}}).status ==
        2);  // the variable is the setting secret-key
}

TEST_CASE("a process that reads sheets has no secret in its environment") {
    const TemporaryFolder folder;
    folder.write("p.yaml",
                 "name: p\nstages:\n  - {id: make, uses: probe, with: {act: sheets, count: 1}}\n"
                 "  - {id: read, uses: dispatch, with: {processor: probe, workers: 1, hang: 1}}\n");
    Program run(folder.path(), {"run", "p.yaml", "--batch-id", "b"},
                {{"SHEAFLINE_SECRET_DOOR", "open-sesame"}, {"SHEAFLINE_TOKEN", "open-sesame"}});
    std::string worker;
    REQUIRE(eventually([&] {
        for (const auto& process : std::filesystem::directory_iterator("/proc")) {
            std::ostringstream words;
            words << std::ifstream(process.path() / "cmdline", std::ios::binary).rdbuf();
            std::ostringstream environment;
            environment << std::ifstream(process.path() / "environ", std::ios::binary).rdbuf();
            std::error_code error;
            const auto cwd = std::filesystem::read_symlink(process.path() / "cwd", error);
            if (holds(words.str(), "worker-process") && !error &&
                cwd.string().starts_with(folder.path().string()))
                worker = environment.str() + ";";
        }
        return !worker.empty();
    }));
    CHECK_FALSE(holds(worker, "open-sesame"));
    run.signal(SIGINT);
    run.wait();
}
