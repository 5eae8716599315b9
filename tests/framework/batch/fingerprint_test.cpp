#include "pipeline/fingerprint.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <catch2/catch.hpp>

#include "plugins/plugin_files.h"
#include "temporary_folder.h"

using namespace sheafline;
using Kind = FingerprintChange::Kind;

namespace {

struct ReaderOptions {
    std::filesystem::path form;
    std::filesystem::path key;
    explicit ReaderOptions(Params& p) : form(p.path("form", {})), key(p.path("key", {})) {}
    PluginFiles files() const {
        if (form.filename() == "broken") throw std::runtime_error("cannot read the form");
        return {.result = {form, form.parent_path() / "picture.png"}, .scores = {key}};
    }
};

struct ReadOptions {
    ProcessorUse processor;
    explicit ReadOptions(Params& p) : processor(p.processor("processor", {})) {}
};

struct CopyOptions {
    std::filesystem::path input;
    explicit CopyOptions(Params& p) : input(p.path("input", {})) {}
};

struct Plugins {
    PluginDescriptor read{
        .name = "read", .version = "1", .reads_sheets = true, .params = paramsOf<ReadOptions>};
    PluginDescriptor copy{
        .name = "copy", .version = "1", .params = paramsOf<CopyOptions>, .files = noFiles};
    PluginDescriptor plain{.name = "plain", .version = "1", .params = paramsOf<CopyOptions>};
    PluginDescriptor reader{.kind = PluginKind::processor,
                            .name = "reader",
                            .version = "1",
                            .params = paramsOf<ReaderOptions>,
                            .files = filesOf<ReaderOptions>};

    PluginCatalog catalog() const {
        std::vector<PluginEntry> entries;
        for (const PluginDescriptor* plugin : {&read, &copy, &plain, &reader})
            entries.push_back({plugin, {}, plugin->params()});
        return PluginCatalog(std::move(entries));
    }
};

PipelineStage reading() {
    PipelineStage use{.id = "process", .uses = "read"};
    use.with["processor"].value.text = "reader";
    use.with["form"].value.text = "form.yaml";
    use.with["key"].value.text = "answers.csv";
    return use;
}

struct Folder : TemporaryFolder {
    Plugins plugins;

    Folder() {
        write("form.yaml", "one");
        write("answers.csv", "A");
    }
    std::string now(const PipelineStage& use) const {
        return fingerprintOf(use, plugins.catalog(), {}, *this / "p.yaml");
    }
    FingerprintChange since(const std::string& then, const PipelineStage& use) const {
        return changeSince(then, use, plugins.catalog(), {}, *this / "p.yaml");
    }
};

}  // namespace

TEST_CASE("a fingerprint changes with each file that the processor names, large ones too") {
    const Folder folder;
    folder.write("form.yaml", std::string(3U << 20U, 'x'));
    const std::string then = folder.now(reading());
    CHECK(folder.since(then, reading()).kind == Kind::none);
    std::string large(3U << 20U, 'x');
    large.back() = 'y';
    folder.write("form.yaml", large);
    CHECK(folder.since(then, reading()).kind == Kind::result);
    CHECK(folder.since(then, reading()).reason == "form.yaml has changed");
}

TEST_CASE("a changed key makes scores out of date, not readings") {
    const Folder folder;
    const std::string then = folder.now(reading());
    folder.write("answers.csv", "B");
    CHECK(folder.since(then, reading()).kind == Kind::scores);
    CHECK(folder.since(then, reading()).reason == "answers.csv has changed");
    folder.write("form.yaml", "two");
    CHECK(folder.since(then, reading()).kind == Kind::result);
}

TEST_CASE("a file that appears or disappears is a change") {
    const Folder folder;
    const std::string then = folder.now(reading());
    folder.write("picture.png", "new");
    CHECK(folder.since(then, reading()).reason == "picture.png is new");
    const std::string with = folder.now(reading());
    std::filesystem::remove(folder / "picture.png");
    CHECK(folder.since(with, reading()).reason == "picture.png is missing");
}

TEST_CASE("a newer plugin, another processor and other options are changes with their reason") {
    Folder folder;
    const std::string then = folder.now(reading());
    PipelineStage other = reading();
    other.with["form"].value.text = "other.yaml";
    CHECK(folder.since(then, other).reason == "its options have changed");
    folder.plugins.reader.version = "2";
    CHECK(folder.since(then, reading()).reason ==
          "the processor is now reader 2, before it was reader 1");
    folder.plugins.read.version = "2";
    CHECK(folder.since(then, reading()).reason == "the plugin is now read 2, before it was read 1");
}

TEST_CASE("files of path params count by default, and none with noFiles") {
    const Folder folder;
    PipelineStage use{.id = "s", .uses = "plain"};
    use.with["input"].value.text = "form.yaml";
    const std::string plain = folder.now(use);
    use.uses = "copy";
    const std::string copied = folder.now(use);
    folder.write("form.yaml", "two");
    CHECK(folder.since(copied, use).kind == Kind::none);
    use.uses = "plain";
    CHECK(folder.since(plain, use).reason == "form.yaml has changed");
}

TEST_CASE("a plugin that throws from files counts by its path params") {
    const Folder folder;
    const PluginCatalog catalog = folder.plugins.catalog();
    const PluginFiles files = pluginFiles(*catalog.find(PluginKind::processor, "reader"),
                                          {{"form", {.text = "broken"}}}, folder.path());
    CHECK(files.result == std::vector<std::filesystem::path>{folder / "broken"});
    CHECK(files.scores.empty());
}

TEST_CASE("a fingerprint that is cut off or from a newer version means that the stage runs again") {
    const Folder folder;
    const std::string then = folder.now(reading());
    for (const std::string& stored : {std::string(), std::string("3\nplugin read 1\n"),
                                      then.substr(0, then.size() / 2), std::string(64, 'a')}) {
        INFO(stored);
        CHECK(folder.since(stored, reading()).kind == Kind::result);
    }
}

TEST_CASE("a fingerprint names no folder of the host for files of the pipeline") {
    const Folder folder;
    CHECK(folder.now(reading()).find(folder.path().string()) == std::string::npos);
}
