// Three servers with one history, and a user of them. One thread.
#pragma once

#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "running_server.h"

namespace sheafline::test {

struct ServerGroup {
    Site site{};
    RunningServer any;  // its client asks the proxy
    Headers admin;

    // `pipelines` are more files of the site: their texts by their names.
    explicit ServerGroup(const SharedServers::Environment& environment = {},
                         const std::map<std::string, std::string>& pipelines = {})
        : any(started(site, environment, pipelines)), admin(any.signInAdmin()) {}

    SharedServers& servers() const { return *any.shared(); }
    HttpClient client(std::size_t index) const { return HttpClient(servers().urlOf(index)); }
    // What each server answers; only one answer if all are the same.
    std::vector<std::string> answers(const std::string& path, const Headers& who) const {
        std::vector<std::string> all;
        for (std::size_t i = 0; i < servers().count(); ++i) {
            const Reply reply = client(i).get(path, who);
            std::string answer = std::to_string(reply.status) + " " + reply.body;
            if (all.empty() || all.front() != answer) all.push_back(std::move(answer));
        }
        return all;
    }

 private:
    static RunningServer started(const Site& site, const SharedServers::Environment& environment,
                                 const std::map<std::string, std::string>& pipelines) {
        for (const auto& [name, text] : pipelines) site.folder.write("pipelines/" + name, text);
        ::setenv("SHEAFLINE_TEST_SERVERS", "3", 1);
        return RunningServer(site, "0", environment);
    }
};

}  // namespace sheafline::test
