// Workers in network namespaces, as on separate hosts: one silently loses its network, one is
// killed, one is stopped. Needs root and a kernel with namespaces; otherwise it prints that and
// passes.
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <memory>
#include <sched.h>
#include <stdexcept>
#include <string>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "history/history_reader.h"
#include "program.h"
#include "redis_server.h"
#include "temporary_folder.h"

using namespace sheafline;
using sheafline::test::RedisServer;

namespace {

bool shell(const std::string& command) {
    return std::system((command + " > /dev/null 2>&1").c_str()) == 0;
}

// A bridge for this process, and hosts on it. Interfaces have names of at most 15 letters.
class Network {
 public:
    Network()
        : name_("sf" + std::to_string(::getpid())),
          subnet_("10.213." + std::to_string(::getpid() % 250 + 1) + ".") {
        usable_ = ::geteuid() == 0 && shell("ip link add " + name_ + " type bridge") &&
                  shell("ip addr add " + address() + "/24 dev " + name_) &&
                  shell("ip link set " + name_ + " up");
    }
    ~Network() {
        for (int host = 1; host <= hosts_; ++host) shell("ip netns del " + nameOf(host));
        shell("ip link del " + name_);
    }
    Network(const Network&) = delete;
    Network& operator=(const Network&) = delete;

    bool usable() const { return usable_; }
    std::string address() const { return subnet_ + "254"; }  // ours

    int addHost() {
        const std::string host = nameOf(++hosts_);
        const std::string inside = "ip -n " + host + " ";
        usable_ = usable_ && shell("ip netns add " + host) &&
                  shell("ip link add " + host + "e type veth peer name eth0 netns " + host) &&
                  shell("ip link set " + host + "e master " + name_ + " up") &&
                  shell(inside + "addr add " + subnet_ + std::to_string(hosts_) + "/24 dev eth0") &&
                  shell(inside + "link set eth0 up") && shell(inside + "link set lo up");
        return hosts_;
    }
    bool setLink(int host, const std::string& state) const {
        return shell("ip link set " + nameOf(host) + "e " + state);
    }

    std::unique_ptr<Program> start(int host, const std::filesystem::path& folder,
                                   const std::vector<std::string>& words,
                                   const std::map<std::string, std::string>& environment) const {
        const int home = ::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
        const int there = ::open(("/var/run/netns/" + nameOf(host)).c_str(), O_RDONLY | O_CLOEXEC);
        if (there < 0 || ::setns(there, CLONE_NEWNET) != 0)
            throw std::runtime_error("cannot enter the namespace of a host");
        auto program = std::make_unique<Program>(folder, words, environment);
        ::setns(home, CLONE_NEWNET);
        ::close(home);
        ::close(there);
        return program;
    }

 private:
    std::string nameOf(int host) const { return name_ + "h" + std::to_string(host); }

    const std::string name_;
    const std::string subnet_;
    bool usable_ = false;
    int hosts_ = 0;
};

}  // namespace

TEST_CASE("hosts that vanish, die or freeze in mid-batch lose no sheet", "[F34]") {
    Network network;
    const int vanishing = network.addHost();
    const int dying = network.addHost();
    const int standing = network.addHost();
    const int fresh = network.addHost();
    if (!network.usable()) {
        WARN("skipped: this machine gives no network namespaces; run as root where it does");
        return;
    }
    const RedisServer redis({"--bind", "127.0.0.1 " + network.address(), "--protected-mode", "no"});
    const TemporaryFolder folder;
    const std::map<std::string, std::string> environment{
        {"SHEAFLINE_REDIS",
         "redis://" + network.address() + ":" + std::to_string(redis.port()) + "/0"},
        {"SHEAFLINE_WORK_KEY", (folder / "work.key").string()}};
    const auto worker = [&](int host) {
        auto started =
            network.start(host, folder.path(),
                          {"worker", "--concurrency", "2", "--heartbeat", "200ms"}, environment);
        REQUIRE(started->waitForOutput("takes 2 sheets at a time"));
        return started;
    };
    const auto one = worker(vanishing);
    const auto two = worker(dying);
    const auto three = worker(standing);
    folder.write("p.yaml",
                 "name: far\nstages:\n"
                 "  - {id: make, uses: probe, with: {act: sheets, count: 90}}\n"
                 "  - {id: process, uses: dispatch, with: {processor: probe, executor: redis, "
                 "lease: 1s, pause: 60ms}}\n");
    Program batch(folder.path(), {"run", "p.yaml", "--batch-id", "b", "--json"}, environment);
    REQUIRE(eventually([&] {
        try {
            const auto row = HistoryReader(folder / "sheafline-data/history.db").batch("b");
            return row && row->sheets_read > 0;
        } catch (const std::exception&) {
            return false;  // there is no history yet
        }
    }));
    REQUIRE(network.setLink(vanishing, "down"));
    two->signal(SIGKILL);
    three->signal(SIGSTOP);
    const auto four = worker(fresh);
    CHECK(batch.wait().status == 0);

    HistoryReader history(folder / "sheafline-data/history.db");
    CHECK(history.batch("b")->sheets_read == 90);
    for (const Sheet& sheet : history.sheets("b")) {
        INFO("sheet " << sheet.number);
        CHECK(sheet.attempt == 0);
        CHECK(history.reading("b", sheet.number)->values ==
              std::vector<std::string>{std::to_string(sheet.number * sheet.number)});
    }
    // Those that return leave a batch that has ended, and end when they are asked.
    REQUIRE(network.setLink(vanishing, "up"));
    three->signal(SIGCONT);
    for (const auto& back : {&one, &three}) {
        (*back)->signal(SIGTERM);
        CHECK((*back)->wait().status == 0);
    }
    CHECK(redis.cli("KEYS 'sheafline:work:*'") == "");
}
