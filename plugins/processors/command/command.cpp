// Calls a program for each sheet, so that a reader can be written in any language: an argument list
// without a shell, the path in, one JSON object out. A program that fails, hangs, writes too much
// or gives a wrong answer quarantines that sheet, and the batch continues. A missing program fails
// the batch before the first sheet.
//
//     answer     := JSON object; a key for each of `columns`, and optionally:
//     confidence := number from 0 to 1
//     flags      := text "q7:faint;q9:multiple"
#include <array>
#include <memory>
#include <utility>

#include <Poco/Exception.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <sheafline/error.h>
#include <sheafline/plugin.h>
#include <sheafline/run_program.h>

namespace {

using sheafline::Params;
using sheafline::Reading;
using sheafline::SheetTask;

struct Options {
    std::vector<std::string> command;
    std::vector<std::string> columns;
    std::vector<std::string> env;
    std::chrono::milliseconds timeout;
    std::uint64_t max_output;
    std::filesystem::path folder;

    explicit Options(Params& p)
        : command(p.list(
              "command",
              {.help =
                   "program and arguments; {path} {page} {qr} {group} {number} are replaced. The "
                   "program starts in the folder of the pipeline file",
               .required = true,
               .min = "1",
               .scope = sheafline::ParamScope::operator_only})),
          columns(p.list("columns", {.help = "keys of the program's answer, in the order of the "
                                             "result's columns",
                                     .required = true,
                                     .min = "1"})),
          env(p.list("env", {.help = "names of environment variables that the program gets besides "
                                     "PATH, HOME, LANG and TMPDIR",
                             .default_value = ""})),
          timeout(p.duration("timeout", {.help = "longest time for one sheet",
                                         .default_value = "20s",
                                         .min = "10ms",
                                         .max = "1d"})),
          max_output(p.size("max_output", {.help = "most bytes that the program may write",
                                           .default_value = "1MiB",
                                           .min = "1",
                                           .max = "64MiB"})),
          folder(p.folder()) {}
};

// Whether the argument begins with text from a printed code, which anybody can print.
bool isFromSheet(std::string_view argument) {
    return argument.starts_with("{qr}") || argument.starts_with("{group}");
}

// Why the arguments must not go to the program; empty if they may.
std::string argumentFinding(const std::vector<std::string>& command,
                            const std::vector<std::string>& arguments) {
    for (std::size_t i = 0; i < command.size(); ++i) {
        if (arguments[i].find('\0') != std::string::npos) return "its code has a NUL byte";
        if (isFromSheet(command[i]) && arguments[i].starts_with('-')) {
            return "its code begins with '-', so the program would take it for an option; write "
                   "an argument such as --code={qr} in `command`";
        }
    }
    return {};
}

std::string withTask(std::string_view argument, const SheetTask& task) {
    const std::array<std::pair<std::string_view, std::string>, 5> values{
        {{"{path}", task.path.string()},
         {"{page}", std::to_string(task.page)},
         {"{qr}", task.qr},
         {"{group}", task.group},
         {"{number}", std::to_string(task.number)}}};
    return sheafline::withPlaceholders(argument, values);
}

std::string textOf(const Poco::Dynamic::Var& value) {
    if (value.isEmpty()) return "";
    if (value.isBoolean()) return value.convert<bool>() ? "true" : "false";
    return value.convert<std::string>();
}

// Throws Poco::Exception if the text is not a JSON object.
Reading readAnswer(const std::string& output, const std::vector<std::string>& columns) {
    const auto answer = Poco::JSON::Parser().parse(output).extract<Poco::JSON::Object::Ptr>();
    Reading reading;
    for (const std::string& column : columns) {
        if (!answer->has(column))
            return {.reason = "the program's answer has no '" + column +
                              "'; add it or take it out of columns"};
        if (answer->isObject(column) || answer->isArray(column))
            return {.reason = "'" + column + "' in the program's answer is not a single value"};
        reading.values.push_back(textOf(answer->get(column)));
    }
    if (answer->has("flags")) reading.flags = textOf(answer->get("flags"));
    if (answer->has("confidence")) reading.confidence = answer->getValue<double>("confidence");
    if (!(reading.confidence >= 0 && reading.confidence <= 1))
        return {.reason = "confidence in the program's answer is not from 0 to 1"};
    return reading;
}

class Command : public sheafline::Processor {
 public:
    explicit Command(Params& params) : options_(params) {
        const std::string& program = options_.command.front();
        for (const char* from_sheet : {"{qr}", "{group}"}) {
            if (program.find(from_sheet) != std::string::npos) {
                throw sheafline::ConfigError(
                    "command: the program's name must not come from a sheet's code; write it out");
            }
        }
        sheafline::requireProgram(program, options_.folder);
    }

    std::vector<std::string> columns() const override { return options_.columns; }

    Reading process(const SheetTask& task) override {
        std::vector<std::string> arguments;
        for (const std::string& argument : options_.command)
            arguments.push_back(withTask(argument, task));
        if (std::string finding = argumentFinding(options_.command, arguments); !finding.empty())
            return {.reason = std::move(finding)};
        const sheafline::ProgramEnd end =
            sheafline::runProgram({.arguments = arguments,
                                   .folder = options_.folder,
                                   .environment = sheafline::plainEnvironment(options_.env),
                                   .timeout = options_.timeout,
                                   .max_output = options_.max_output});
        if (!end.error.empty()) return {.reason = end.error};
        try {
            return readAnswer(end.output, options_.columns);
        } catch (const Poco::Exception& error) {
            return {.reason = "the program's answer is not a JSON object (" + error.displayText() +
                              "); print one object on standard output and nothing else"};
        }
    }

 private:
    const Options options_;
};

}  // namespace

const sheafline::PluginDescriptor sheafline_plugin{
    .kind = sheafline::PluginKind::processor,
    .name = "command",
    .version = "1.0.0",
    .summary = "calls a program for each sheet, which gets the path and prints JSON",
    .params = sheafline::paramsOf<Options>,
    .make_processor = sheafline::makeProcessor<Command>};
