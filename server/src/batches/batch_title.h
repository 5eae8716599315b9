// What people call a batch: its name, its labels, and the name of the file that was sent. Plain
// checks without I/O; any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sheafline {

using Labels = std::map<std::string, std::string>;

struct BatchTitle {
    std::string name{};       // empty: the file's name
    std::string file_name{};  // as it was on the sender's machine, without folders
    Labels labels{};
};

// The name to store: that of the file unless another one is given.
std::string nameOf(const BatchTitle& title);

// What is wrong with it: "at most 200 characters"; empty if it is valid.
std::optional<std::string> problemOfName(std::string_view name);
std::optional<std::string> problemOfLabel(std::string_view key, std::string_view value);
std::optional<std::string> problemOfLabels(const Labels& labels);  // of their number

// The last part of a path of any system, without control characters; at most 255 bytes.
std::string fileNameOf(std::string_view path);

// "key=value" for each. Throws ConfigError that names the wrong one.
Labels labelsOf(const std::vector<std::string>& given);

// The stored form: a JSON object of texts.
std::string labelsJson(const Labels& labels);
Labels labelsIn(const std::string& json);

}  // namespace sheafline
