// validate, schema, plugins, sample and test: for people who write pipelines, templates
// and plugins.
#include <memory>

#include <CLI/CLI.hpp>

#include "command_line/command_line.h"
#include "commands/commands.h"

namespace sheafline {

namespace {

void addValidate(CommandLine& line) {
    const auto file = std::make_shared<std::string>();
    const auto json = std::make_shared<bool>(false);
    const auto environment = std::make_shared<EnvironmentOptions>();
    const auto asked = std::make_shared<bool>(false);
    CLI::App& validate = line.add(
        line.root(), "validate", "Check a pipeline file and report every error in it",
        [=](const Settings& s) {
            environment->pipeline = *file;
            environment->json = *json;
            return *asked ? environmentCommand(*environment, s) : validateCommand(*file, *json, s);
        });
    validate
        .add_option("PIPELINE", *file,
                    "pipeline file (YAML or JSON), or the name of an installed pipeline")
        ->required();
    validate.add_flag("--json", *json, "print one JSON object per error, or per check");
    CLI::Option* check = validate.add_flag(
        "--environment", *asked,
        "also check what a batch needs here: secrets, files, programs, databases, Redis");
    validate.add_option("--input", environment->input, "with --environment: the param `input`")
        ->needs(check);
    validate
        .add_option("--set", environment->set,
                    "with --environment: KEY=VALUE, a param of the pipeline; repeatable")
        ->needs(check);
}

void addPlan(CommandLine& line) {
    const auto options = std::make_shared<EnvironmentOptions>();
    CLI::App& plan = line.add(line.root(), "plan",
                              "Show what a batch would run, how long it would take and what space "
                              "it would need",
                              [options](const Settings& s) { return planCommand(*options, s); });
    plan.add_option("PIPELINE", options->pipeline,
                    "pipeline file (YAML or JSON), or the name of an installed pipeline")
        ->required();
    plan.add_option("--input", options->input, "the param `input`")->required();
    plan.add_option("--set", options->set, "KEY=VALUE, a param; repeatable");
    plan.add_flag("--json", options->json, "print one JSON object, as `schema plan` describes it");
}

void addInit(CommandLine& line) {
    const auto options = std::make_shared<InitOptions>();
    CLI::App& init = line.add(line.root(), "init",
                              "Copy a pipeline, the files that it names and the schema for editors",
                              [options](const Settings& s) { return initCommand(*options, s); });
    init.add_option("FOLDER", options->folder, "folder to write (default: the current one)");
    init.add_option("--from", options->from,
                    "an installed pipeline, or a pipeline file (default: omr-batch)");
}

void addGraph(CommandLine& line) {
    const auto file = std::make_shared<std::string>();
    const auto format = std::make_shared<std::string>("text");
    CLI::App& graph = line.add(line.root(), "graph", "Show the stages of a pipeline as a graph",
                               [=](const Settings& s) { return graphCommand(*file, *format, s); });
    graph
        .add_option("PIPELINE", *file,
                    "pipeline file (YAML or JSON), or the name of an installed pipeline")
        ->required();
    graph
        .add_option("--format", *format,
                    "text (default), dot for Graphviz, mermaid for Markdown pages, or json")
        ->check(CLI::IsMember({"text", "dot", "mermaid", "json"}));
}

void addSchema(CommandLine& line) {
    const auto name = std::make_shared<std::string>("pipeline");
    CLI::App& schema = line.add(line.root(), "schema", "Print a JSON Schema, for editors",
                                [name](const Settings& s) { return schemaCommand(*name, s); });
    schema.add_option("NAME", *name, "pipeline (default), event, template, key or plan")
        ->check(CLI::IsMember({"pipeline", "event", "template", "key", "plan"}));
}

void addPlugins(CommandLine& line) {
    const auto json = std::make_shared<bool>(false);
    const auto name = std::make_shared<std::string>();
    const auto list_plugins = [json](const Settings& s) { return pluginsListCommand(*json, s); };
    CLI::App& plugins = line.add(line.root(), "plugins",
                                 "List the plugins; show one; check a plugin file", list_plugins);
    CLI::App& list =
        line.add(plugins, "list", "List all plugins, and the rejected files", list_plugins);
    CLI::App& show =
        line.add(plugins, "show", "Show a plugin with its params",
                 [=](const Settings& s) { return pluginsShowCommand(*name, *json, s); });
    show.add_option("NAME", *name, "name of the plugin")->required();
    for (CLI::App* command : {&plugins, &list, &show})
        command->add_flag("--json", *json, kJsonLines);
    CLI::App& doctor = line.add(plugins, "doctor", "Report what is wrong with a plugin file",
                                [name](const Settings&) { return pluginsDoctorCommand(*name); });
    doctor.add_option("FILE", *name, "the .so file")->required();
    CLI::App& reference =
        line.add(plugins, "reference", "Write a page of Markdown for each plugin",
                 [name](const Settings& s) { return pluginsReferenceCommand(*name, s); });
    reference.add_option("--out", *name, "folder to write")->required();
}

void addPlugin(CommandLine& line) {
    const auto options = std::make_shared<NewPluginOptions>();
    CLI::App& group = line.addGroup("plugin", "Start a new plugin");
    CLI::App& make =
        line.add(group, "new", "Write a folder with the code, test and build of a new plugin",
                 [options](const Settings& s) { return pluginNewCommand(*options, s); });
    make.add_option("NAME", options->name, "name of the plugin: lowercase letters, digits and _")
        ->required();
    CLI::Option* earlier = nullptr;
    for (const char* kind : {"stage", "sink", "processor"}) {
        const auto choose = [options, kind] { options->kind = kind; };
        CLI::Option* flag =
            make.add_flag_callback(std::string("--") + kind, choose, std::string("make a ") + kind);
        if (earlier != nullptr) flag->excludes(earlier);
        earlier = flag;
    }
    make.add_option("--language", options->language,
                    "c++ (default), or python for a processor that is a program")
        ->check(CLI::IsMember({"c++", "python"}));
    make.add_option("--out", options->out, "folder to write (default: ./NAME)");
}

void addSample(CommandLine& line) {
    const auto options = std::make_shared<SampleCommandOptions>();
    CLI::App& sample = line.add(line.root(), "sample", "Make a ZIP of filled-in demo sheets",
                                [options](const Settings&) { return sampleCommand(*options); });
    sample.add_option("--out", options->out, "ZIP file to write")->required();
    sample.add_option("--sheets", options->sheets, "number of sheets (default: 100)")
        ->check(CLI::Range(1, 1'000'000));
    sample
        .add_option("--pages", options->pages,
                    "pages of each student, 1 or 2 (default: 1); 2 are for demo-two-pages.yaml")
        ->check(CLI::Range(1, 2));
    sample.add_option("--truth", options->truth, "JSON file to write with the true answers");
    sample.add_option("--seed", options->seed, "the same seed gives the same bytes (default: 1)");
    sample.add_option("--profile", options->profile, "clean, typical (default) or hard")
        ->check(CLI::IsMember({"clean", "typical", "hard"}));
    sample.add_option("--dpi", options->dpi, "resolution, 100 to 300 (default: 150)")
        ->check(CLI::Range(100, 300));
    sample.add_flag("--bad-cases", options->bad_cases,
                    "add blank, damaged, truncated and foreign sheets");
}

void addTest(CommandLine& line) {
    const auto options = std::make_shared<TestOptions>();
    CLI::App& test = line.add(
        line.root(), "test",
        "Test that a pipeline survives kills: kill it everywhere, resume, compare the results",
        [options](const Settings& s) { return testCommand(*options, s); });
    test.add_option("PIPELINE", options->run.pipeline,
                    "pipeline file (YAML or JSON), or the name of an installed pipeline")
        ->required();
    test.add_flag("--kill-everywhere", options->kill_everywhere,
                  "kill -9 at each pass of each fault point, one run for each")
        ->required();
    test.add_option("--input", options->run.input, "the param `input`");
    test.add_option("--set", options->run.set, "KEY=VALUE, a param; repeatable");
    test.add_option("--random", options->random_kills,
                    "instead: this number of runs with kills at random times");
    test.add_option("--seed", options->seed, "seed of the first random kill (default: 1)");
    test.add_option("--at-most", options->at_most,
                    "most passes of one fault point, spread evenly (default: all)");
    test.add_option("--only", options->only, "run only this case, named as in a failure report");
    test.add_option("--jobs", options->jobs, "cases at a time (default: 2)");
    test.add_flag("--lose-work", options->lose_work,
                  "remove the extracted files before each resume, as if another server continued");
}

}  // namespace

void addPipelineCommands(CommandLine& line) {
    addValidate(line);
    addPlan(line);
    addInit(line);
    addGraph(line);
    addSchema(line);
    addPlugins(line);
    addPlugin(line);
    addTemplateCommands(line);
    addSample(line);
    addTest(line);
}

}  // namespace sheafline
