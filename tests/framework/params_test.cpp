#include <string>

#include <catch2/catch.hpp>

#include <sheafline/error.h>
#include <sheafline/params.h>

using namespace sheafline;  // NOLINT(google-build-using-namespace)

namespace {

struct Options {
    std::filesystem::path archive;
    std::uint64_t max_bytes;
    std::chrono::milliseconds timeout;
    double share;
    bool strict;
    std::vector<std::string> kinds;
    std::string mode;
    ProcessorUse processor;

    explicit Options(Params& p)
        : archive(p.path("archive", {.help = "ZIP of sheets", .required = true})),
          max_bytes(p.size("max_bytes", {.default_value = "20GiB", .min = "1KiB"})),
          timeout(p.duration("timeout", {.default_value = "1m"})),
          share(p.percent("share", {.default_value = "2%"})),
          strict(p.boolean("strict", {.default_value = "true"})),
          kinds(p.list("kinds", {.default_value = "jpg,png"})),
          mode(p.choice("mode", {.default_value = "a", .choices = {"a", "b"}})),
          processor(p.processor("processor", {})) {}
};

}  // namespace

TEST_CASE("a describing run gives the specs of all params") {
    const auto specs = paramsOf<Options>();
    REQUIRE(specs.size() == 8);
    CHECK(specs[0].name == "archive");
    CHECK(specs[0].type == ParamType::path);
    CHECK(specs[0].help == "ZIP of sheets");
    CHECK(specs[0].required);
    CHECK(specs[1].default_value == "20GiB");
}

TEST_CASE("params are read typed, with their defaults") {
    Params params({{"archive", {.text = "in/a.zip"}},
                   {"max_bytes", {.text = "4MB"}},
                   {"kinds", {.list = {"tif"}, .is_list = true}},
                   {"processor", {.text = "omr"}},
                   {"template", {.text = "t.yaml"}}},
                  "/base");
    const Options options(params);
    params.requireAllRead();
    CHECK(options.archive == "/base/in/a.zip");
    CHECK(options.max_bytes == 4'000'000);
    CHECK(options.timeout == std::chrono::minutes(1));
    CHECK(options.share == 0.02);
    CHECK(options.strict);
    CHECK(options.kinds == std::vector<std::string>{"tif"});
    CHECK(options.processor.name == "omr");
    CHECK(options.processor.params == ParamValues{{"template", {.text = "t.yaml"}}});
}

TEST_CASE("an invalid secret value is not shown in the error") {
    Params params({{"archive", {.text = "a.zip"}}, {"max_bytes", {.text = "s3cret"}}});
    CHECK_THROWS_WITH(
        Options(params),
        "max_bytes: its value is not a size; write a size such as 512, 20KiB, 4MB or 1.5GiB");
    Params empty{ParamValues{}};
    CHECK_THROWS_WITH(Options(empty), "archive: it is missing; write a path");
}

TEST_CASE("a param that no code reads is an error") {
    Params params({{"file", {.text = "a"}}, {"fil", {.text = "b"}}});
    params.string("file", {});
    CHECK_THROWS_WITH(params.requireAllRead(), "unknown option 'fil'; did you mean 'file'?");
}
