// A server with a batch of hard sheets that waits for people: it is in the state `reviewing`.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "decisions/review_site.h"

namespace sheafline::test {

// A pipeline with the stages extract, process, collect, lines and csv, and with `more` in front of
// its stages: "review: {before: csv}". `last` is added to the stages.
std::string reviewedPipeline(const std::string& more, const std::string& last = "");

struct Waiting {
    Site site{};
    std::unique_ptr<RunningServer> server{};
    Headers admin{};
    std::string id{};

    explicit Waiting(const std::string& more, const std::string& last = "",
                     const std::vector<std::string>& arguments = {},
                     const std::map<std::string, std::string>& environment = {});

    // Starts the server, or ends it and starts it again on the same port.
    void start(const std::vector<std::string>& arguments = {},
               const std::map<std::string, std::string>& environment = {});
    std::string get(const std::string& what) const;
    std::string state() const { return value(get(""), "state"); }
    int post(const std::string& what, const std::string& json) const;
    void confirmAll() const;  // every answer in doubt
    // The first answer in doubt.
    Doubt firstDoubt() const;

 private:
    std::string password_{};
    std::string port_ = "0";
};

}  // namespace sheafline::test
