// The params of a plugin as a test writes them. Relative paths start at the trial's folder.
//
//     GivenParams{{"file", "all.txt"}, {"columns", {"name", "age"}}, {"rounds", 3}}
#pragma once

#include <concepts>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <sheafline/params.h>

namespace sheafline::testing {

// Written without a name of the type, so its constructors convert.
// NOLINTBEGIN(google-explicit-constructor,hicpp-explicit-conversions)
struct GivenParam {
    ParamValue value{};

    GivenParam() = default;
    GivenParam(const char* text) : value{.text = text} {}
    GivenParam(std::string text) : value{.text = std::move(text)} {}
    GivenParam(const std::filesystem::path& path) : value{.text = path.string()} {}
    GivenParam(std::vector<std::string> items) : value{.list = std::move(items), .is_list = true} {}
    GivenParam(std::initializer_list<const char*> items)
        : value{.list = {items.begin(), items.end()}, .is_list = true} {}
    template <std::integral Number>
    GivenParam(Number number) : value{.text = std::to_string(number)} {}
    GivenParam(bool yes) : value{.text = yes ? "true" : "false"} {}
};
// NOLINTEND(google-explicit-constructor,hicpp-explicit-conversions)

using GivenParams = std::map<std::string, GivenParam, std::less<>>;

}  // namespace sheafline::testing
