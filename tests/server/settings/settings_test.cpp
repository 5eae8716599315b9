// The settings: their file, their environment, and the docs that list them.
#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/error.h>

#include "settings/config_file.h"
#include "settings/config_sample.h"
#include "settings/cors_origin.h"
#include "settings/serve_settings.h"
#include "settings/setting_table.h"
#include "settings/setting_values.h"
#include "temporary_folder.h"

using namespace sheafline;

namespace {

std::string parsed(const std::string& text) {
    try {
        std::string all;
        for (const ConfigLine& line : parseConfig(text, "s.conf"))
            all += std::to_string(line.line) + " " + line.key + "=[" + line.value + "] ";
        return all;
    } catch (const ConfigError& error) {
        return error.what();
    }
}

std::string valueOf(const std::string& key, const std::string& file,
                    std::vector<const char*> environment = {},
                    const std::map<std::string, std::string>& given = {}) {
    const TemporaryFolder folder;
    folder.write("s.conf", file);
    environment.push_back(nullptr);
    try {
        const SettingValues values(given, (folder.path() / "s.conf").string(), environment.data());
        return key == "max-running" ? std::to_string(values.integer(key, 1)) : values.text(key);
    } catch (const ConfigError& error) {
        const std::string what = error.what();
        const auto at = what.find("s.conf:");
        return at == std::string::npos ? what : what.substr(at);
    }
}

std::string contents(const std::string& file) {
    std::ostringstream text;
    text << std::ifstream(std::string(SHEAFLINE_SOURCE_DIR "/") + file).rdbuf();
    return text.str();
}

}  // namespace

TEST_CASE("a configuration file is read line by line, and every error names its line") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"a = 1\n\n# note\n  b-c=2  \n", "1 a=[1] 4 b-c=[2] "},
        {"a = x # note\nb = x#y\nc = \" x # y \" # note\nd =\n",
         "1 a=[x] 2 b=[x#y] 3 c=[ x # y ] 4 d=[] "},
        {"\xEF\xBB\xBF"
         "a = 1\r\nb = k=v",
         "1 a=[1] 2 b=[k=v] "},
        {"a = 1\nmax-running 4\n", "s.conf:2: expected 'key = value', not 'max-running 4'"},
        {"= 4", "s.conf:1: expected 'key = value', not '= 4'"},
        {"[serve]\n", "s.conf:1: expected 'key = value', not '[serve]'"},
        {"a b = 1", "s.conf:1: expected 'key = value', not 'a b = 1'"},
        {"a = 1\nb = 2\na = 1", "s.conf:3: 'a' is already set in line 1; remove one of the two"},
        {"a = \"x", "s.conf:1: the value has no closing quote"},
        {"a = \"x\" y", "s.conf:1: unexpected text after the closing quote"}};
    for (const auto& [text, result] : cases) CHECK(parsed(text) == result);
}

TEST_CASE("a setting comes from the command line, else the environment, else the file") {
    CHECK(valueOf("listen", "") == "127.0.0.1:8000");
    CHECK(valueOf("listen", "listen = a") == "a");
    CHECK(valueOf("listen", "listen = a", {"SHEAFLINE_LISTEN=b"}) == "b");
    CHECK(valueOf("listen", "listen = a", {"SHEAFLINE_LISTEN=b"}, {{"listen", "c"}}) == "c");
    CHECK(valueOf("redis", "redis = a", {"SHEAFLINE_REDIS="}).empty());
}

TEST_CASE("a wrong setting is named with its line or variable") {
    CHECK(valueOf("max-running", "\nmax-running = many") ==
          "s.conf:2: max-running: must be a whole number of at least 1, not 'many'");
    CHECK(valueOf("max-running", "", {"SHEAFLINE_MAX_RUNNING=0"}) ==
          "SHEAFLINE_MAX_RUNNING: max-running: must be a whole number of at least 1, not '0'");
    CHECK(valueOf("max-running", "max-runing = 3") ==
          "s.conf:1: unknown key 'max-runing'; did you mean 'max-running'?");
    CHECK(valueOf("max-running", "", {"SHEAFLINE_MAX_RUNING=3"}) ==
          "unknown environment variable SHEAFLINE_MAX_RUNING; did you mean "
          "'SHEAFLINE_MAX_RUNNING'?");
    CHECK(valueOf("max-running", "",
                  {"SHEAFLINE_SECRET_X=1", "SHEAFLINE_TOKEN=t", "SHEAF=1", "SHEAFLINE_FAULT=x:kill",
                   "SHEAFLINE_URL=http://a", "SHEAFLINE_SCAN_QUIET=1"}) == "2");
}

TEST_CASE("a setting of an earlier version is rejected with its replacement") {
    CHECK(valueOf("worker-url", "\nserver-url = http://a") ==
          "s.conf:2: the setting 'server-url' was removed: it is now 'worker-url'");
    CHECK(valueOf("worker-url", "", {"SHEAFLINE_SERVER_URL=http://a"}) ==
          "SHEAFLINE_SERVER_URL: the setting 'server-url' was removed: it is now 'worker-url'");
    CHECK(valueOf("history", "servers = http://a http://b")
              .starts_with("s.conf:1: the setting 'servers' was removed: "));
    CHECK(valueOf("history", "", {"SHEAFLINE_ACCOUNTS_URL=http://a"})
              .starts_with("SHEAFLINE_ACCOUNTS_URL: the setting 'accounts-url' was removed: "));
}

TEST_CASE("an origin is written as browsers send it") {
    const auto fault = [](const std::string& text) -> std::string {
        try {
            requireOrigin(text);
        } catch (const ConfigError& error) {
            return error.what();
        }
        return "";
    };
    for (const char* origin :
         {"https://app.example", "http://localhost:3000", "http://[::1]:8080", "https://a.b:8443"})
        CHECK(fault(origin).empty());
    CHECK(fault("https://app.example/") ==
          "browsers do not send the origin 'https://app.example/'; write 'https://app.example'");
    CHECK(fault("https://App.example:443/x?y") ==
          "browsers do not send the origin 'https://App.example:443/x?y'; write "
          "'https://app.example'");
    for (const char* text : {"app.example", "*", "null", "ftp://a", "https://", "a b"})
        CHECK_FALSE(fault(text).empty());
}

TEST_CASE("a user's batches leave one place for other users unless the setting says otherwise") {
    const TemporaryFolder folder;
    const auto user_running = [&](const char* text) {
        folder.write("s.conf", text);
        const std::array<const char*, 1> none{nullptr};
        return serveSettingsOf(SettingValues({}, (folder.path() / "s.conf").string(), none.data()))
            .user_running;
    };
    CHECK(user_running("") == 1);
    CHECK(user_running("max-running = 1\n") == 1);
    CHECK(user_running("max-running = 8\n") == 7);
    CHECK(user_running("max-running = 8\nuser-running = 3\n") == 3);
    CHECK(user_running("max-running = 8\nuser-running = 8\n") == 8);
}

TEST_CASE("the configuration sample has every setting as a comment with its default") {
    const std::string sample = configSample({});
    std::string defaults;
    for (const SettingSpec& spec : settingTable()) {
        const std::string key(spec.key);
        CAPTURE(key);
        const std::string start = "\n#" + key + " =";
        const auto at = sample.find(start);
        REQUIRE(at != std::string::npos);
        CHECK(sample.find(environmentName(spec.key) + ".") < at);
        if (!spec.fallback.empty())
            defaults += sample.substr(at + 2, sample.find('\n', at + 2) - at - 1);
    }
    CHECK(sample.find("](") == std::string::npos);  // no Markdown
    const TemporaryFolder folder;
    const std::array<const char*, 1> none{nullptr};
    folder.write("sample.conf", sample);
    folder.write("defaults.conf", defaults);
    const SettingValues plain({}, (folder / "sample.conf").string(), none.data());
    const SettingValues uncommented({}, (folder / "defaults.conf").string(), none.data());
    for (const std::string& key : settingKeys()) {
        CAPTURE(key);
        CHECK(plain.text(key) == uncommented.text(key));
    }
}

TEST_CASE("the configuration sample sets what it is asked to set") {
    const std::string sample = configSample({{"data-dir", "/srv/a b#c"}, {"max-running", "4"}});
    const auto lines = parseConfig(sample, "sample.conf");
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].key + "=" + lines[0].value == "data-dir=/srv/a b#c");
    CHECK(lines[1].key + "=" + lines[1].value == "max-running=4");
    CHECK_THROWS_WITH(
        configSample({{"max-runing", "4"}}),
        Catch::Matchers::Contains("max-runing") && Catch::Matchers::Contains("max-running"));
}

TEST_CASE("docs/operate/configure.md has the tables of settings that the program prints") {
    const std::string page = contents("docs/operate/configure.md");
    INFO("print the tables with: sheafline settings --format markdown");
    CHECK(page.find("\n" + settingTables()) != std::string::npos);
    std::size_t rows = 0;
    for (auto at = page.find("` | `SHEAFLINE_"); at != std::string::npos;
         at = page.find("` | `SHEAFLINE_", at + 1))
        ++rows;
    CHECK(rows == settingTable().size());
}
