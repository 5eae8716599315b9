// What is wrong with a command line that the parser rejects: an unknown command or option first,
// with the nearest one that exists.
#pragma once

#include <string>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace sheafline {

// One or two lines for standard error, the last one with the help to read.
std::string explain(const CLI::App& app, const CLI::ParseError& error);

}  // namespace sheafline
